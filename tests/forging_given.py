"""A provider of our own that lies as it is told: a server on this machine, with joserfc. Untold it says the truth.

What a lie changes stands in the fields of ``Forger``; how an address answers instead of the truth, in the functions
below it. ``forged_given`` holds the lies by name.
"""

import base64
import hashlib
import json
import threading
import zlib
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from datetime import datetime
from functools import cache
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any, Final, TypeAlias
from urllib.parse import parse_qs, urlencode, urlsplit

from joserfc import jwt
from joserfc.jwk import KeySet, RSAKey

Claims: TypeAlias = Mapping[str, Any]
Answer: TypeAlias = "Callable[[Forger, BaseHTTPRequestHandler], None]"

CLIENT: Final = "rightsdesk-at-marigold"
SECRET: Final = "a-secret-of-the-forger-alone-0123456789"
TENANT: Final = 2001
GONE: Final = object()  # a claim with this value is left out
KEY: Final = "k-1"
ACCESS_TOKEN: Final = "an-access-token"
DISCOVERY: Final = "/.well-known/openid-configuration"
PIECE: Final = bytes(64 * 1024)
HUGE: Final = 50 * 1024 * 1024
_PATIENCE: Final = 30.0  # seconds after which a handler gives up whatever happens
_DROP: Final = 0.2  # seconds between two of them


@cache
def key(number: int = 1, name: str = KEY) -> RSAKey:
    """Return a key; the same number is the same key in one run, whatever its name."""
    if name != KEY:
        return RSAKey.import_key(key(number).as_dict(private=True) | {"kid": name})
    return RSAKey.generate_key(2048, {"kid": KEY, "alg": "RS256", "use": "sig"})


def without_gone(claims: Claims) -> dict[str, Any]:
    """Return the claims less those that are left out."""
    return {name: value for name, value in claims.items() if value is not GONE}


def part_of(said: Claims) -> str:
    """Return one part of a token, as it is written."""
    return unpadded(json.dumps(said).encode())


def unpadded(content: bytes) -> str:
    """Return bytes in base64 for addresses, without the padding."""
    return base64.urlsafe_b64encode(content).rstrip(b"=").decode()


def signed(forger: "Forger", claims: Claims) -> str:
    """Return an honest token."""
    return jwt.encode({"alg": "RS256", "kid": forger.signing.kid}, dict(claims), forger.signing, algorithms=["RS256"])


@dataclass(slots=True)
class Forger:
    """What a lying provider says.

    ``claims``, ``document``, ``info`` and ``returned`` stand over the truth of the token, the discovery document, the
    second call and the address that people are sent back to.

    ``published`` are the keys in its list and ``signing`` the one it signs with; ``token`` makes the token. ``answers``
    says by path how it answers instead. ``asked`` are the paths that were asked, ``sent`` the bytes that long answers
    got rid of. ``inside`` is the address of a server that nobody may be led to.
    """

    now: Callable[[], datetime]
    issuer: str = ""
    inside: str = ""
    claims: dict[str, Any] = field(default_factory=dict)
    document: dict[str, Any] = field(default_factory=dict)
    info: dict[str, Any] = field(default_factory=dict)
    returned: dict[str, Any] = field(default_factory=dict)
    published: list[RSAKey] = field(default_factory=lambda: [key()])
    signing: RSAKey = field(default_factory=key)
    token: Callable[["Forger", Claims], str] = signed
    answers: dict[str, Answer] = field(default_factory=dict)
    asked: list[str] = field(default_factory=list)
    sent: int = 0
    over: threading.Event = field(default_factory=threading.Event)
    _nonces: dict[str, str] = field(default_factory=dict)

    def said_of(self, nonce: str) -> dict[str, Any]:
        """Return the claims of a token."""
        at = int(self.now().timestamp())
        half = hashlib.sha256(ACCESS_TOKEN.encode()).digest()[:16]
        truth = {
            "iss": self.issuer,
            "aud": CLIENT,
            "sub": "parent",
            "TenantId": TENANT,
            "iat": at,
            "exp": at + 300,
            "nonce": nonce,
        }
        truth |= {"auth_time": at, "amr": ["pwd"], "at_hash": unpadded(half)}
        return without_gone(truth | self.claims)

    def discovery(self) -> dict[str, Any]:
        """Return the discovery document."""
        places = {"authorization_endpoint": "/auth", "token_endpoint": "/token", "jwks_uri": "/keys"}
        truth: dict[str, Any] = {name: f"{self.issuer}{path}" for name, path in places.items()}
        truth |= {"issuer": self.issuer, "userinfo_endpoint": f"{self.issuer}/info"}
        truth |= {"response_types_supported": ["code"], "subject_types_supported": ["public"]}
        truth |= {"id_token_signing_alg_values_supported": ["RS256"], "code_challenge_methods_supported": ["S256"]}
        return without_gone(truth | {"authorization_response_iss_parameter_supported": True} | self.document)

    def keys(self) -> dict[str, Any]:
        """Return the public keys."""
        return dict(KeySet(self.published).as_dict(private=False))

    def second_call(self) -> dict[str, Any]:
        """Return what is said of the person beside the token."""
        return without_gone({"sub": self.said_of("")["sub"]} | self.info)

    def back(self, asked: Mapping[str, list[str]]) -> str:
        """Return the address that somebody who was sent here is sent back to, signed in."""
        code = f"code-{len(self._nonces) + 1}"
        self._nonces[code] = asked.get("nonce", [""])[0]
        said = without_gone({"code": code, "state": asked["state"][0], "iss": self.issuer} | self.returned)
        return f"{asked['redirect_uri'][0]}?{urlencode(said)}"

    def bought(self, form: Mapping[str, list[str]]) -> dict[str, Any]:
        """Return what a code buys; a code is bought once."""
        nonce = self._nonces.pop(form["code"][0])
        token = self.token(self, self.said_of(nonce))
        return {"access_token": ACCESS_TOKEN, "token_type": "Bearer", "expires_in": 300, "id_token": token}

    def forget(self) -> None:
        """Say the truth again, and forget what was asked."""
        fresh = Forger(self.now)
        for name in (
            "claims",
            "document",
            "info",
            "returned",
            "published",
            "signing",
            "token",
            "answers",
            "asked",
            "sent",
        ):
            setattr(self, name, getattr(fresh, name))


@contextmanager
def forging(now: Callable[[], datetime]) -> Iterator[Forger]:
    """Let a provider lie on a free port of this machine while the block runs."""
    forger = Forger(now)

    class Handler(_Handler):
        provider = forger

    with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server:
        forger.issuer = f"http://127.0.0.1:{server.server_address[1]}"
        thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02})
        thread.start()
        try:
            yield forger
        finally:
            forger.over.set()
            server.shutdown()
            thread.join()


class _Handler(BaseHTTPRequestHandler):
    provider: Forger

    def do_GET(self) -> None:
        place = urlsplit(self.path)
        self.provider.asked.append(place.path)
        told = self.provider.answers.get(place.path)
        if told:
            self._tell(told)
        elif place.path == "/auth":
            leading_to(self.provider.back(parse_qs(place.query)))(self.provider, self)
        else:
            self._truth(place.path)

    def do_POST(self) -> None:
        self.provider.asked.append(self.path)
        form = parse_qs(self.rfile.read(int(self.headers["content-length"])).decode())
        told = self.provider.answers.get(self.path)
        if told:
            self._tell(told)
        else:
            saying(json.dumps(self.provider.bought(form)).encode())(self.provider, self)

    def _truth(self, path: str) -> None:
        made = {DISCOVERY: self.provider.discovery, "/keys": self.provider.keys, "/info": self.provider.second_call}
        if path in made:
            saying(json.dumps(made[path]()).encode())(self.provider, self)
        else:
            saying(b"{}", 404)(self.provider, self)

    def _tell(self, told: Answer) -> None:
        self.close_connection = True
        with suppress(ConnectionError):  # who asked has hung up, as it should
            told(self.provider, self)

    def log_message(self, *_: object) -> None:
        pass


def saying(content: bytes, status: int = 200, kind: str = "application/json", **headers: str) -> Answer:
    """Answer with these bytes."""

    def answer(_: Forger, handler: BaseHTTPRequestHandler) -> None:
        handler.send_response(status)
        told = {"content-type": kind, "content-length": str(len(content))} | headers
        for name, value in told.items():
            handler.send_header(name.replace("_", "-"), value)
        handler.end_headers()
        handler.wfile.write(content)

    return answer


def leading_to(address: str) -> Answer:
    """Answer with a redirect."""
    return saying(b"", 302, location=address)


def huge(*, announced: bool) -> Answer:
    """Answer with fifty megabytes that look like the beginning of a document; their length may be announced."""

    def answer(forger: Forger, handler: BaseHTTPRequestHandler) -> None:
        handler.send_response(200)
        handler.send_header("content-type", "application/json")
        if announced:
            handler.send_header("content-length", str(HUGE))
        handler.end_headers()
        for _ in range(HUGE // len(PIECE)):
            forger.sent += handler.wfile.write(PIECE)

    return answer


@cache
def bomb() -> bytes:
    """Return fifty kilobytes that unpack to fifty megabytes, made piece by piece."""
    packer = zlib.compressobj(wbits=zlib.MAX_WBITS | 16)  # 16: as gzip writes it
    return b"".join([*(packer.compress(PIECE) for _ in range(HUGE // len(PIECE))), packer.flush()])


def packed(forger: Forger, handler: BaseHTTPRequestHandler) -> None:
    """Answer with those."""
    saying(bomb(), content_encoding="gzip")(forger, handler)


def dripping(forger: Forger, handler: BaseHTTPRequestHandler) -> None:
    """Answer with one blank after another, each in time for itself, until who asked hangs up."""
    handler.send_response(200)
    handler.send_header("content-type", "application/json")
    handler.end_headers()
    for _ in range(int(_PATIENCE / _DROP)):
        if forger.over.wait(_DROP):
            break
        forger.sent += handler.wfile.write(b" ")


def silent(forger: Forger, _: BaseHTTPRequestHandler) -> None:
    """Answer nothing until the test is over."""
    forger.over.wait(_PATIENCE)


def cut_short(_: Forger, handler: BaseHTTPRequestHandler) -> None:
    """Announce more than is sent, and hang up."""
    saying(b'{"issuer":', content_length="4096")(_, handler)
