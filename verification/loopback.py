"""Is it this very machine? What may happen only here asks this."""

from ipaddress import ip_address


def is_loopback(host: str | None) -> bool:
    """Say whether a host name or address never leaves this machine."""
    if host == "localhost":
        return True
    try:
        return ip_address(host or "").is_loopback
    except ValueError:
        return False
