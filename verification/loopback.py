"""Is it this very machine, or a network of ours? What may happen only there asks this."""

from ipaddress import IPv4Address, IPv6Address, IPv6Network, ip_address
from typing import Final

# An IPv4 address, private ones too, in other clothes: behind a translator (RFC 6052, RFC 2765) or as RFC 4291 had it.
_TRANSLATED: Final = tuple(map(IPv6Network, ("64:ff9b::/96", "::ffff:0:0:0/96", "::/96")))
# Of one site alone (RFC 8215, RFC 3879), though Python calls them global.
_OF_A_SITE: Final = tuple(map(IPv6Network, ("64:ff9b:1::/48", "fec0::/10")))


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
        if any(read in one for one in _OF_A_SITE):
            return False
        inner = IPv4Address(int(read) & 0xFFFFFFFF) if any(read in one for one in _TRANSLATED) else None
        read = read.ipv4_mapped or read.sixtofour or inner or read
    return read.is_global and not read.is_multicast
