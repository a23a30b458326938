"""The lies of a forging provider by name: each must end on a plain page, and open nothing.

Those of identity providers and libraries that were believed somewhere are all among them: tokens without a signature
(CVE-2026-28802), a key in the header (CVE-2026-27962), a hash that nobody compared (CVE-2026-28498), the public key as
a shared secret (CVE-2024-37568), tenants confused at one issuer, and the answer of one server sent to another.
"""

import hashlib
import json
from datetime import timedelta
from typing import Final

from forging_given import (
    CLIENT,
    DISCOVERY,
    GONE,
    SECRET,
    cut_short,
    dripping,
    huge,
    leading_to,
    packed,
    saying,
    silent,
    unpadded,
)
from forging_lies_given import (
    Lie,
    aged,
    all_of,
    answering,
    claiming,
    documenting,
    headed,
    keyed_by,
    own_key,
    returning,
    signing_with,
    spoiled,
    telling,
    tokened,
    unsigned,
)

MARKUP: Final = "<img src=x onerror=alert(1)>"
_DAYS_OLD: Final = timedelta(days=30)

# What a token may not say, or how it may not be made.
IN_TOKENS: Final[dict[str, Lie]] = {
    "no signature": tokened(unsigned("none")),
    "no signature, announced": all_of(
        documenting(id_token_signing_alg_values_supported=["none", "RS256"]), tokened(unsigned("none"))
    ),
    "no signature, spelled otherwise": tokened(unsigned("nOnE")),
    "the public key as a shared secret": tokened(keyed_by(lambda forger: forger.published[0].as_pem(private=False))),
    "the client's secret as the key": tokened(keyed_by(lambda _: SECRET.encode())),
    "the client's secret as the key, announced": all_of(
        documenting(id_token_signing_alg_values_supported=["HS256", "RS256"]),
        tokened(keyed_by(lambda _: SECRET.encode())),
    ),
    "changed after it was signed": tokened(spoiled),
    "a key that nobody published": signing_with(2, "k-unknown"),
    "another key under the same name": signing_with(2),
    "a key in the header": tokened(headed(2, jwk=own_key)),
    "a key in the header, under the name of the true one": tokened(headed(2, kid="k-1", jwk=own_key)),
    "an address of keys in the header": tokened(headed(2, kid="k-2", jku=lambda forger: f"{forger.inside}/keys")),
    "an address of a certificate in the header": tokened(
        headed(2, kid="k-2", x5u=lambda forger: f"{forger.inside}/keys")
    ),
    "a header nobody knows, marked as critical": tokened(headed(1, kid="k-1", crit=["b64"], b64=False)),
    "three words that are no token": tokened(lambda *_: "not.a.token"),
    "an empty token": tokened(lambda *_: ""),
    "another issuer": claiming(iss="https://elsewhere.example"),
    "the issuer with a slash behind it": lambda forger: forger.claims.update(iss=f"{forger.issuer}/"),
    "no issuer": claiming(iss=GONE),
    "another audience": claiming(aud="somebody-else"),
    "no audience": claiming(aud=GONE),
    "another audience, and we are the authorized party": claiming(aud=["somebody-else"], azp=CLIENT),
    "an audience of two": claiming(aud=["somebody-else", CLIENT], azp=CLIENT),
    "an audience of two, ours first": claiming(aud=[CLIENT, "somebody-else"]),
    "an empty audience": claiming(aud=[]),
    "our audience, and somebody else is the authorized party": claiming(azp="somebody-else"),
    "an empty subject": claiming(sub=""),
    "a blank subject": claiming(sub="   "),
    "no subject": claiming(sub=GONE),
    "a subject that is no text": claiming(sub=["parent"]),
    "a subject without an end": claiming(sub="p" * 256),
    "issued a month ago": aged(iat=-_DAYS_OLD, auth_time=-_DAYS_OLD),
    "issued tomorrow": aged(iat=timedelta(days=1), exp=timedelta(days=2)),
    "never issued": claiming(iat=GONE),
    "issued at a word": claiming(iat="now"),
    "good from tomorrow": aged(nbf=timedelta(days=1)),
    "over": aged(exp=timedelta(minutes=-2)),
    "without an end": claiming(exp=GONE),
    "another number used once": claiming(nonce="another"),
    "no number used once": claiming(nonce=GONE),
    "a hash of another access token": claiming(at_hash=unpadded(hashlib.sha256(b"another").digest()[:16])),
    "a hash that is no text": claiming(at_hash=7),
}

# Who is in the token, where the agency's row says TenantId 2001.
ABOUT_TENANTS: Final[dict[str, Lie]] = {
    "another tenant": claiming(TenantId=2002),
    "no tenant": claiming(TenantId=GONE),
    "an empty tenant": claiming(TenantId=""),
    "a tenant with blanks": claiming(TenantId=" 2001 "),
    "a list of tenants": claiming(TenantId=[2001]),
    "a list of two tenants": claiming(TenantId=[2001, 2002]),
    "a tenant that is true": claiming(TenantId=True),
    "a tenant that is nothing": claiming(TenantId=None),
    "a tenant in other digits": claiming(TenantId="٢٠٠١"),
    "a tenant in wide digits": claiming(TenantId="２００１"),  # noqa: RUF001 - the point
    "a tenant with a fraction": claiming(TenantId=2001.5),
    "a tenant with a leading zero": claiming(TenantId="02001"),
    "a tenant with a hidden end": claiming(TenantId="2001\u200b"),
    "a tenant that holds another": claiming(TenantId={"id": 2001}),
}

# Where people come back.
ON_RETURN: Final[dict[str, Lie]] = {
    "sent back by another server": returning(iss="https://elsewhere.example"),
    "sent back by nobody, though it always says who": returning(iss=GONE),
    "sent back by a server with a slash behind it": lambda forger: forger.returned.update(iss=f"{forger.issuer}/"),
    "a refusal with markup in it": returning(code=GONE, error="access_denied", error_description=MARKUP),
    "a refusal that is markup": returning(code=GONE, error=MARKUP, error_uri="https://elsewhere.example"),
    "a refusal and a code": returning(error="server_error"),
    "neither refusal nor code": returning(code=GONE),
    "an empty code": returning(code=""),
    "another state": returning(state="another"),
    "no state": returning(state=GONE),
}

# Documents that cannot be used.
IN_DOCUMENTS: Final[dict[str, Lie]] = {
    "another issuer": documenting(issuer="https://elsewhere.example"),
    "another issuer, and the token follows it": all_of(
        documenting(issuer="https://elsewhere.example"), claiming(iss="https://elsewhere.example")
    ),
    "no issuer": documenting(issuer=GONE),
    "no issuer, and none in the token": all_of(documenting(issuer=GONE), claiming(iss=GONE)),
    "an issuer with a slash behind it": lambda forger: forger.document.update(issuer=f"{forger.issuer}/"),
    "unsigned tokens alone": documenting(id_token_signing_alg_values_supported=["none"]),
    "shared secrets alone": documenting(id_token_signing_alg_values_supported=["HS256"]),
    "no place for keys": documenting(jwks_uri=GONE),
    "keys on another server": lambda forger: forger.document.update(jwks_uri=f"{forger.inside}/keys"),
    "tokens from another server": lambda forger: forger.document.update(token_endpoint=f"{forger.inside}/token"),
    "a sign-in page on another server": lambda forger: forger.document.update(
        authorization_endpoint=f"{forger.inside}/auth"
    ),
    "a sign-in page that is a script": documenting(authorization_endpoint="javascript:alert(1)"),
    "keys in a file": documenting(jwks_uri="file:///etc/passwd"),
    "keys at a number": documenting(jwks_uri=7),
    "a list": answering(DISCOVERY, saying(b"[]")),
    "a word": answering(DISCOVERY, saying(b'"issuer"')),
    "no json": answering(DISCOVERY, saying(MARKUP.encode(), kind="text/html")),
    "no text": answering(DISCOVERY, saying(b"\xff\xfe\x00")),
    "lists in lists in lists": answering(DISCOVERY, saying(b"[" * 100_000)),
}

# The paths at which a provider is down, or wants us to be. Each is asked by our server, none by a browser.
PLACES: Final = {"the document": DISCOVERY, "the keys": "/keys", "the tokens": "/token"}


def _to_the_inside(path: str) -> Lie:
    return lambda forger: forger.answers.update({path: leading_to(f"{forger.inside}{path}")})


DOWN: Final[dict[str, Lie]] = {
    f"{what} of {where}": lie
    for where, path in PLACES.items()
    for what, lie in {
        "a redirect instead": _to_the_inside(path),
        "a fault instead": answering(path, saying(MARKUP.encode(), 500, "text/html")),
        "fifty megabytes instead": answering(path, huge(announced=False)),
        "fifty announced megabytes instead": answering(path, huge(announced=True)),
        "fifty packed megabytes instead": answering(path, packed),
        "half instead": answering(path, cut_short),
    }.items()
}
SLOW: Final[dict[str, Lie]] = {
    f"{what} of {where}": answering(path, answer)
    for where, path in PLACES.items()
    for what, answer in {"drops instead": dripping, "silence instead": silent}.items()
}
IN_KEYS: Final[dict[str, Lie]] = {
    "no keys": lambda forger: forger.published.clear(),
    "keys that are words": answering("/keys", saying(b'{"keys": ["k-1"]}')),
    "no list of keys": answering("/keys", saying(b"[]")),
    "a shared secret among the keys": answering(
        "/keys", saying(json.dumps({"keys": [{"kty": "oct", "kid": "k-1", "k": "c2VjcmV0"}]}).encode())
    ),
}
IN_EXCHANGES: Final[dict[str, Lie]] = {
    "a refusal with markup in it": answering(
        "/token", saying(json.dumps({"error": MARKUP, "error_description": MARKUP}).encode(), 400)
    ),
    "an answer that is no json": answering("/token", saying(MARKUP.encode(), kind="text/html")),
    "no token at all": answering("/token", saying(b"{}")),
    "an access token alone": answering("/token", saying(b'{"access_token": "a", "token_type": "Bearer"}')),
    "a token that is a number": answering("/token", saying(b'{"access_token": "a", "id_token": 7}')),
}

# What ClassLink is asked beside the token, where it tells the district.
IN_SECOND_CALLS: Final[dict[str, Lie]] = {
    "another person": telling(sub="somebody-else"),
    "another person by number": telling(sub=GONE, UserId=99),
    "nobody": telling(sub=GONE),
    "a list of persons": telling(sub=["parent"]),
    "another tenant": telling(TenantId=2002),
    "no tenant": telling(TenantId=GONE),
    "a tenant that the token denies": claiming(TenantId=2002),
    "a page": answering("/info", saying(MARKUP.encode(), kind="text/html")),
    "a list": answering("/info", saying(b"[]")),
    "a fault": answering("/info", saying(MARKUP.encode(), 500, "text/html")),
    "a redirect": _to_the_inside("/info"),
    "fifty megabytes": answering("/info", huge(announced=False)),
}
