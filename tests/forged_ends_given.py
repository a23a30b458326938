"""How each lie of a forging provider must end: the reason that the ledger keeps, and the status of the page.

400 where something is not to be believed, 503 where the provider is down or answers as none does.
"""

from typing import Final, TypeAlias

from forged_given import DOWN, IN_EXCHANGES, IN_KEYS
from forging_lies_given import Lie

End: TypeAlias = tuple[str, int]

ANSWERS: Final[dict[str, Lie]] = DOWN | {f"{name} among keys": lie for name, lie in IN_KEYS.items()} | IN_EXCHANGES

OF_TOKENS: Final[dict[str, End]] = {
    name: (reason, 400)
    for reason, names in {
        "token": (
            "no signature",
            "no signature, announced",
            "no signature, spelled otherwise",
            "the public key as a shared secret",
            "the client's secret as the key",
            "the client's secret as the key, announced",
            "changed after it was signed",
            "a key that nobody published",
            "another key under the same name",
            "a key in the header",
            "a key in the header, under the name of the true one",
            "an address of keys in the header",
            "an address of a certificate in the header",
            "a header nobody knows, marked as critical",
            "three words that are no token",
            "an empty token",
            "a hash of another access token",
            "a hash that is no text",
        ),
        "issuer": (
            "another issuer",
            "the issuer with a slash behind it",
            "no issuer",
        ),
        "audience": (
            "another audience",
            "no audience",
            "another audience, and we are the authorized party",
            "an audience of two",
            "an audience of two, ours first",
            "an empty audience",
            "our audience, and somebody else is the authorized party",
        ),
        "subject": (
            "an empty subject",
            "a blank subject",
            "no subject",
            "a subject that is no text",
            "a subject without an end",
        ),
        "time": (
            "issued a month ago",
            "issued tomorrow",
            "never issued",
            "issued at a word",
            "good from tomorrow",
            "over",
            "without an end",
        ),
        "nonce": (
            "another number used once",
            "no number used once",
        ),
        "tenant": (
            "another tenant",
            "no tenant",
            "an empty tenant",
            "a tenant with blanks",
            "a list of tenants",
            "a list of two tenants",
            "a tenant that is true",
            "a tenant that is nothing",
            "a tenant in other digits",
            "a tenant in wide digits",
            "a tenant with a fraction",
            "a tenant with a leading zero",
            "a tenant with a hidden end",
            "a tenant that holds another",
        ),
    }.items()
    for name in names
}

OF_RETURNS: Final[dict[str, End]] = {
    name: (reason, 400)
    for reason, names in {
        "issuer": (
            "sent back by another server",
            "sent back by nobody, though it always says who",
            "sent back by a server with a slash behind it",
        ),
        "denied": (
            "a refusal with markup in it",
            "a refusal that is markup",
            "a refusal and a code",
            "neither refusal nor code",
            "an empty code",
        ),
        "state": (
            "another state",
            "no state",
        ),
    }.items()
    for name in names
}

OF_DOCUMENTS: Final[dict[str, End]] = {
    "another issuer": ("issuer", 400),
    "another issuer, and the token follows it": ("issuer", 400),
    "no issuer": ("issuer", 400),
    "no issuer, and none in the token": ("issuer", 400),
    "an issuer with a slash behind it": ("issuer", 400),
    "unsigned tokens alone": ("document", 400),
    "shared secrets alone": ("document", 400),
    "no place for keys": ("address", 400),
    "keys on another server": ("address", 400),
    "tokens from another server": ("address", 400),
    "a sign-in page on another server": ("address", 400),
    "a sign-in page that is a script": ("address", 400),
    "keys in a file": ("address", 400),
    "keys at a number": ("address", 400),
    "a list": ("document", 503),
    "a word": ("document", 503),
    "no json": ("document", 503),
    "no text": ("document", 503),
    "lists in lists in lists": ("document", 503),
}

_DOWN: Final[dict[str, End]] = {
    "a redirect instead": ("redirect", 400),
    "a fault instead": ("unreachable", 503),
    "fifty megabytes instead": ("too_large", 400),
    "fifty announced megabytes instead": ("too_large", 400),
    "fifty packed megabytes instead": ("too_large", 400),
    "half instead": ("unreachable", 503),
}
OF_ANSWERS: Final[dict[str, End]] = {name: _DOWN[name.partition(" of the ")[0]] for name in DOWN} | {
    "no keys among keys": ("keys", 503),
    "keys that are words among keys": ("keys", 503),
    "no list of keys among keys": ("document", 503),
    "a shared secret among the keys among keys": ("keys", 503),
    "a refusal with markup in it": ("exchange", 400),
    "an answer that is no json": ("exchange", 400),
    "no token at all": ("exchange", 400),
    "an access token alone": ("exchange", 400),
    "a token that is a number": ("exchange", 400),
}

OF_SECOND_CALLS: Final[dict[str, End]] = {
    "another person": ("userinfo", 400),
    "another person by number": ("userinfo", 400),
    "nobody": ("userinfo", 400),
    "a list of persons": ("userinfo", 400),
    "another tenant": ("tenant", 400),
    "no tenant": ("tenant", 400),
    "a tenant that the token denies": ("tenant", 400),
    "a page": ("document", 503),
    "a list": ("document", 503),
    "a fault": ("unreachable", 503),
    "a redirect": ("redirect", 400),
    "fifty megabytes": ("too_large", 400),
}
