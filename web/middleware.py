"""What surrounds every request: whose host it is, where it came from, what browsers may do, and one log line."""

import json
import logging
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from ipaddress import ip_address
from time import perf_counter
from typing import Final
from urllib.parse import urlsplit, urlunsplit

from starlette.datastructures import Headers, MutableHeaders
from starlette.responses import PlainTextResponse
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from rightsdesk.web.meter import Meter
from rightsdesk.web.problems import PORTAL, REQUEST_ID
from rightsdesk.web.settings import Network, Settings, is_loopback

CSP: Final = (
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; connect-src 'self'; "
    "form-action 'self'; base-uri 'none'; frame-ancestors 'none'"
)
_SAFE: Final = frozenset({"GET", "HEAD", "OPTIONS"})
_METHODS: Final = frozenset({*_SAFE, "DELETE", "PATCH", "POST", "PUT"})
_SECURITY: Final = {
    "Content-Security-Policy": CSP,
    "X-Content-Type-Options": "nosniff",
    # Not no-referrer: browsers would then send "Origin: null" with our own forms.
    "Referrer-Policy": "same-origin",
    "Permissions-Policy": "camera=(), geolocation=(), microphone=(), payment=(), usb=(), browsing-topics=()",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Cache-Control": "no-store",  # whatever says nothing else, the pages of refusals and failures among it
}
_SLASH_MISSING: Final = 307  # Starlette's own way on from /marigold to /marigold/
_REQUEST_ID_BYTES: Final = 8
_log: Final = logging.getLogger("rightsdesk.access")


@dataclass(frozen=True, slots=True)
class Surround:
    """The outermost layer: gives each request an id, its answer the headers, and the log its line."""

    app: ASGIApp
    settings: Settings
    draw: Callable[[int], bytes]
    meter: Meter

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass the request on when its host is ours."""
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return
        request_id = scope[REQUEST_ID] = self.draw(_REQUEST_ID_BYTES).hex()
        began = perf_counter()
        status = 500

        async def surrounded(message: Message) -> None:
            nonlocal status
            if message["type"] == "http.response.start":
                status = message["status"]
                self._dress(MutableHeaders(scope=message), status, request_id)
            await send(message)

        try:
            await self._checked(scope, request_id)(scope, receive, surrounded)
        finally:
            seconds = perf_counter() - began
            _log.info(line(scope, status, seconds))
            meter: Meter = scope[PORTAL].meter if PORTAL in scope else self.meter
            meter.request(template_of(scope), method_of(scope), status, seconds)

    def _dress(self, headers: MutableHeaders, status: int, request_id: str) -> None:
        headers["X-Request-Id"] = request_id
        for name, value in _SECURITY.items():
            headers.setdefault(name, value)
        if status == _SLASH_MISSING:
            headers["Location"] = _path_of(headers.get("location", ""))
        if self.settings.is_secure:
            headers.setdefault("Strict-Transport-Security", "max-age=31536000")

    def _checked(self, scope: Scope, request_id: str) -> ASGIApp:
        headers = Headers(scope=scope)
        # Links in texts are made from settings; a strange host is a rebinding attack or a wrong proxy.
        if not is_our_host(headers.getlist("host"), self.settings.host):
            return PlainTextResponse(f"This address does not belong to the portal. ({request_id})", 400)
        if scope["method"] not in _SAFE and not is_same_origin(scope, headers, self.settings.public_url):
            return PlainTextResponse(f"This form was sent from another site, so nothing was done. ({request_id})", 403)
        return self.app


def _path_of(location: str) -> str:
    """Return an address without scheme and host: behind a proxy they are not those that the browser speaks to."""
    parts = urlsplit(location)
    return "/" + urlunsplit(("", "", parts.path.lstrip("/"), parts.query, ""))


def line(scope: Scope, status: int, seconds: float) -> str:
    """Return the log line of a request: the template of its path, never the ids, words or names in it."""
    return json.dumps(
        {
            "method": method_of(scope),
            "route": template_of(scope),
            "status": status,
            "ms": round(seconds * 1000, 1),
            "request_id": scope.get(REQUEST_ID, ""),
        }
    )


def template_of(scope: Scope) -> str:
    """Return the template of a request's path, "" when no page has it."""
    return str(getattr(scope.get("route"), "path", ""))


def method_of(scope: Scope) -> str:
    """Return the method of a request, "OTHER" for what a stranger made up: it must not fill a log or a table."""
    return scope["method"] if scope["method"] in _METHODS else "OTHER"


def is_our_host(hosts: Iterable[str], ours: str) -> bool:
    """Say whether the one Host header names the public address or this machine."""
    named = list(hosts)
    if len(named) != 1:
        return False
    try:
        host = urlsplit(f"//{named[0]}").hostname
    except ValueError:
        return False
    return host is not None and (host == ours or is_loopback(host))


def is_same_origin(scope: Scope, headers: Headers, public_url: str) -> bool:
    """Say whether an unsafe request comes from our own pages, by Sec-Fetch-Site, else by Origin; neither is a no.

    Programs that carry a token or a signature and no cookie are asked for those instead.
    """
    # What stands below /hooks/ reads no cookie, so nobody can lend it one.
    if scope["path"].startswith("/hooks/") or (scope["path"].startswith("/api/") and "cookie" not in headers):
        return True
    site = headers.get("sec-fetch-site")
    if site is not None:
        return site in {"same-origin", "none"}
    origin = headers.get("origin")
    return origin is not None and origin == _own_origin(scope, headers, public_url)


def _own_origin(scope: Scope, headers: Headers, public_url: str) -> str:
    host = urlsplit(f"//{headers.get('host', '')}").hostname
    # A developer may come by localhost while the public address says 127.0.0.1; both are this machine.
    if is_loopback(host) and is_loopback(urlsplit(public_url).hostname):
        return f"{scope.get('scheme', 'http')}://{headers.get('host', '')}"
    return public_url


def client_address(scope: Scope, trusted: tuple[Network, ...]) -> str:
    """Return the caller's address: the right-most entry of X-Forwarded-For that no trusted proxy wrote for itself."""
    client = scope.get("client")
    address = client[0] if client else ""
    if not trusted or not _is_trusted(address, trusted):
        return address
    forwarded = ",".join(Headers(scope=scope).getlist("x-forwarded-for"))
    for entry in reversed([part.strip() for part in forwarded.split(",") if part.strip()]):
        if not _is_address(entry):
            return address
        address = entry
        if not _is_trusted(entry, trusted):
            return entry
    return address


def _is_address(text: str) -> bool:
    try:
        ip_address(text)
    except ValueError:
        return False
    return True


def _is_trusted(text: str, trusted: tuple[Network, ...]) -> bool:
    return _is_address(text) and any(ip_address(text) in network for network in trusted)
