"""What is set looser than this portal is by itself: each by its name, so that it is meant and not forgotten."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final
from urllib.parse import urlsplit

from rightsdesk.web.places import is_loopback
from rightsdesk.web.settings import Settings

_WIDEST: Final = 2**24  # addresses; a whole private network of 10.0.0.0/8


@dataclass(frozen=True, slots=True)
class Loosening:
    """One setting, what it lets happen, and how it is made strict again."""

    name: str
    what: str
    fix: str


def loosened(settings: Settings) -> Iterator[Loosening]:
    """Yield what the settings loosen."""
    yield from _senders(settings)
    if not settings.is_secure:
        yield Loosening(
            "RIGHTSDESK_PUBLIC_URL", "pages travel in clear, on this machine only", "Set an https:// address."
        )
    for network in settings.trusted_proxies:
        if network.num_addresses > _WIDEST:
            what = f"whoever writes from {network} can name any address as theirs, and limits by address do not hold"
            yield Loosening("RIGHTSDESK_TRUSTED_PROXIES", what, "Name the proxy's own network alone.")
    if settings.metrics is not None and not is_loopback(settings.metrics.host):
        yield Loosening(
            "RIGHTSDESK_METRICS", "other machines can read the figures", "Set an address like 127.0.0.1:9464."
        )


def _senders(settings: Settings) -> Iterator[Loosening]:
    if settings.sms.shows_codes:
        yield Loosening(
            "RIGHTSDESK_SMS", "texts, with their codes, are shown on this machine and not sent", "Set twilio."
        )
    if settings.mail.shows_codes:
        yield Loosening("RIGHTSDESK_MAIL", "mail is shown on this machine and not sent", "Set smtps://….")
    if settings.mail.kind == "smtp" and not is_loopback(urlsplit(settings.mail.place).hostname):
        what = "mail goes out in clear when the mail server offers no encryption"
        yield Loosening("RIGHTSDESK_MAIL", what, "Write smtps:// where the server takes it.")
    if settings.carrier is not None and settings.carrier.api_url:
        yield Loosening("TWILIO_API_URL", "texts go to a stand-in and reach nobody", "Unset it.")
