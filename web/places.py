"""Where on the network something listens: an address of this machine and a port."""

from dataclasses import dataclass
from ipaddress import ip_address
from urllib.parse import urlsplit

from rightsdesk.verification.loopback import is_loopback

__all__ = ["Place", "is_loopback", "place_of"]


@dataclass(frozen=True, slots=True)
class Place:
    """An address and a port, like 127.0.0.1 and 9464."""

    host: str
    port: int


def place_of(written: str) -> Place:
    """Return the place written like 127.0.0.1:9464 or [::1]:9464.

    Raises:
        ValueError: it is not an address and a port. A name other than localhost is none: it could lead elsewhere.
    """
    parts = urlsplit(f"//{written}")
    if not parts.hostname or not parts.port or parts.netloc != written:
        raise ValueError(written)
    if parts.hostname != "localhost":
        ip_address(parts.hostname)
    return Place(parts.hostname, parts.port)
