"""Is it this very machine, or a network of ours? What may happen only there asks this."""

from ipaddress import IPv4Address, IPv6Address, IPv6Network, ip_address
from typing import Final

_TRANSLATED: Final = IPv6Network("64:ff9b::/96")  # RFC 6052: an IPv4 address, private ones too, behind a translator


def is_loopback(host: str | None) -> bool:
    """Say whether a host name or address never leaves this machine."""
    if host == "localhost":
        return True
    try:
        return ip_address(host or "").is_loopback
    except ValueError:
        return False


def is_public(address: str) -> bool:
    """Say whether an address is one that anybody on the internet could reach."""
    read: IPv4Address | IPv6Address = ip_address(address.partition("%")[0])
    if isinstance(read, IPv6Address):
        inner = IPv4Address(int(read) & 0xFFFFFFFF) if read in _TRANSLATED else None
        read = read.ipv4_mapped or read.sixtofour or inner or read
    return read.is_global and not read.is_multicast
