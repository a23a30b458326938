"""Calls a school's provider, or its directory: listed origins, public addresses, few bytes, an end to all of it."""

import json
import socket
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from ssl import SSLContext
from time import monotonic
from typing import Any, Final, Self

import httpcore2
import httpx2

from rightsdesk.verification.loopback import is_public
from rightsdesk.verification.school.errors import AnswerRefused, ProviderDown, Why
from rightsdesk.verification.school.provider import origin_of

PATIENCE: Final = 5.0  # seconds for everything that one step asks of a provider
LARGEST: Final = 256 * 1024  # bytes of one answer, as they come over the wire
_UNPACKED: Final = (b"", b"identity")


class Caller(httpx2.BaseTransport):
    """Every call of one step, within one deadline. httpx2's own timeout is for each read: a drip never trips it.

    ``on_loopback`` says that what is called may lie inside a network: the portal's own public address is this machine,
    or its operator said so. ``trusting`` is whom certificates are believed from, where it is not everybody's list.
    """

    def __init__(
        self,
        origins: frozenset[str],
        *,
        on_loopback: bool,
        patience: float = PATIENCE,
        trusting: SSLContext | None = None,
    ) -> None:
        self._origins = origins
        network = _Network(monotonic() + patience, on_loopback=on_loopback)
        context = trusting or httpx2.create_ssl_context(trust_env=False)
        self._pool = httpcore2.ConnectionPool(ssl_context=context, network_backend=network, max_connections=4)

    def get(self, address: str, bearer: str = "") -> Mapping[str, Any]:
        """Return the JSON object at an address.

        Raises:
            ProviderDown: it cannot be had.
            AnswerRefused: the address is not to be called.
        """
        headers = {"Accept": "application/json"} | ({"Authorization": f"Bearer {bearer}"} if bearer else {})
        response = self.handle_request(httpx2.Request("GET", address, headers=headers))
        if response.status_code != httpx2.codes.OK:
            raise ProviderDown(Why.UNREACHABLE, detail=f"status_{response.status_code}")
        return json_object(response.content)

    def handle_request(self, request: httpx2.Request) -> httpx2.Response:
        """Send one request and read its whole answer; nothing is followed, nothing is unpacked."""
        if origin_of(str(request.url)) not in self._origins:
            raise AnswerRefused(Why.ADDRESS)
        request.headers["Accept-Encoding"] = "identity"
        with _in_our_words():
            response = self._pool.handle_request(_plain(request))
            try:
                return httpx2.Response(response.status, headers=response.headers, content=_read(response))
            finally:
                response.close()

    def close(self) -> None:
        """Give the connections back."""
        self._pool.close()

    def __enter__(self) -> Self:
        """Return the caller; its connections end with the block."""
        return self

    def __exit__(self, *_: object) -> None:
        """Give the connections back."""
        self.close()


def json_object(content: bytes) -> Mapping[str, Any]:
    """Return a JSON object.

    Raises:
        ProviderDown: it is something else, like the page of a gateway.
    """
    try:
        value = json.loads(content)
    except (ValueError, RecursionError) as error:
        raise ProviderDown(Why.DOCUMENT, detail="not_json") from error
    if not isinstance(value, dict):
        raise ProviderDown(Why.DOCUMENT, detail="not_json")
    return value


def _plain(request: httpx2.Request) -> httpcore2.Request:
    url = request.url
    address = httpcore2.URL(scheme=url.raw_scheme, host=url.raw_host, port=url.port, target=url.raw_path)
    return httpcore2.Request(method=request.method, url=address, headers=request.headers.raw, content=request.read())


def _read(response: httpcore2.Response) -> bytes:
    if 300 <= response.status < 400:
        raise AnswerRefused(Why.REDIRECT)
    packed = {name.lower(): value.lower() for name, value in response.headers}.get(b"content-encoding", b"")
    if packed not in _UNPACKED:  # a few bytes unpack to more than this machine has
        raise AnswerRefused(Why.TOO_LARGE, detail="packed")
    body = bytearray()
    for part in response.iter_stream():
        body += part
        if len(body) > LARGEST:
            raise AnswerRefused(Why.TOO_LARGE)
    return bytes(body)


@contextmanager
def _in_our_words() -> Iterator[None]:
    try:
        yield
    except httpcore2.TimeoutException as error:
        raise ProviderDown(Why.SLOW) from error
    except (httpcore2.NetworkError, httpcore2.ProtocolError, httpcore2.UnsupportedProtocol) as error:
        raise ProviderDown(Why.UNREACHABLE) from error


class _Network(httpcore2.NetworkBackend):
    """Connects to public addresses only; the address that was looked at is the one that is connected to."""

    def __init__(self, deadline: float, *, on_loopback: bool) -> None:
        self._deadline = deadline
        self._on_loopback = on_loopback
        self._plain = httpcore2.SyncBackend()

    def left(self) -> float:
        """Return the seconds that are left.

        Raises:
            ReadTimeout: none are.
        """
        left = self._deadline - monotonic()
        if left <= 0:
            raise httpcore2.ReadTimeout
        return left

    def connect_tcp(
        self,
        host: str,
        port: int,
        timeout: float | None = None,  # noqa: ARG002 - ours is for all calls together
        local_address: str | None = None,
        socket_options: Iterable[Any] | None = None,
    ) -> httpcore2.NetworkStream:
        """Connect to the first address of a host, none of which may lie inside a network."""
        address = self._looked_up(host, port)
        stream = self._plain.connect_tcp(address, port, self.left(), local_address, socket_options or ())
        return _Stream(stream, self)

    def _looked_up(self, host: str, port: int) -> str:
        try:
            found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
        except OSError as error:
            raise httpcore2.ConnectError from error
        addresses = [str(one[4][0]) for one in found]
        if not self._on_loopback and not all(is_public(one) for one in addresses):
            raise AnswerRefused(Why.ADDRESS, detail="inside")
        return addresses[0]


class _Stream(httpcore2.NetworkStream):
    """A connection whose every read and write ends with the deadline of them all."""

    def __init__(self, stream: httpcore2.NetworkStream, network: _Network) -> None:
        self._stream = stream
        self._network = network

    def read(self, max_bytes: int, timeout: float | None = None) -> bytes:  # noqa: ARG002 - see connect_tcp
        """Return what came."""
        return self._stream.read(max_bytes, self._network.left())

    def write(self, buffer: bytes, timeout: float | None = None) -> None:  # noqa: ARG002 - see connect_tcp
        """Send all of it."""
        self._stream.write(buffer, self._network.left())

    def close(self) -> None:
        """Hang up."""
        self._stream.close()

    def start_tls(
        self,
        ssl_context: Any,
        server_hostname: str | None = None,
        timeout: float | None = None,  # noqa: ARG002 - see connect_tcp
    ) -> httpcore2.NetworkStream:
        """Return the connection sealed, to the host by its name."""
        return _Stream(self._stream.start_tls(ssl_context, server_hostname, self._network.left()), self._network)

    def get_extra_info(self, info: str) -> Any:
        """Return what the connection knows of itself."""
        return self._stream.get_extra_info(info)
