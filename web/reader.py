"""Reads the variables an operator set, one after the other, and remembers what is wrong with each."""

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from ipaddress import IPv4Network, IPv6Network, ip_network
from pathlib import Path
from typing import Final, TypeAlias
from urllib.parse import urlsplit

from rightsdesk.web.places import Place, is_loopback, place_of
from rightsdesk.web.texting import Texting, texting_of
from rightsdesk.web.variables import KEYS_FILE, SETTINGS

Network: TypeAlias = IPv4Network | IPv6Network

_MAIL: Final = re.compile(r"[^@\s,;<>]+@[^@\s,;<>]+")
LOCAL_URL: Final = "http://127.0.0.1:8000"
_TEXTING: Final = {
    "countries": "RIGHTSDESK_COUNTRIES",
    "texts_a_day": "RIGHTSDESK_TEXTS_A_DAY",
    "text_price": "RIGHTSDESK_TEXT_PRICE",
    "call_price": "RIGHTSDESK_CALL_PRICE",
    "spend_a_day": "RIGHTSDESK_SPEND_A_DAY",
    "agency_spend_a_day": "RIGHTSDESK_AGENCY_SPEND_A_DAY",
    "operator": "RIGHTSDESK_OPERATOR_MAIL",
}
MEANINGS: Final = {setting.name: setting.meaning for setting in SETTINGS}


@dataclass(frozen=True, slots=True)
class Outlet:
    """Where messages leave: ``kind`` is console, file, twilio or smtp; ``place`` a path or an address."""

    kind: str
    place: str = field(default="", repr=False)

    @property
    def shows_codes(self) -> bool:
        """Say whether whoever sits at this machine reads every message in clear."""
        return self.kind in {"console", "file"}


@dataclass(frozen=True, slots=True)
class Carrier:
    """The account that sends texts. ``sender`` or ``service`` is set; those of notices and calls may be empty."""

    account: str
    token: str = field(repr=False)
    sender: str = ""
    service: str = ""
    notices_sender: str = ""
    notices_service: str = ""
    calls_sender: str = ""
    api_url: str = ""

    @property
    def has_notices_apart(self) -> bool:
        """Say whether STOP on a notice leaves the codes alone."""
        return bool(self.notices_sender or self.notices_service)


@dataclass(slots=True)
class Reader:
    """Reads one variable after the other and remembers what is wrong, so that the operator mends it all at once."""

    environ: Mapping[str, str]
    problems: list[str] = field(default_factory=list)

    def text(self, name: str) -> str:
        """Return the variable without the space around it, "" when it is not set."""
        return self.environ.get(name, "").strip()

    def attempt(self, name: str, read: Callable[[str], object], rule: str) -> object | None:
        """Return what ``read`` makes of the variable, or None after noting that it breaks ``rule``."""
        try:
            return read(self.text(name))
        except ValueError:
            self.problems.append(f"{name}: {rule}")
            return None

    def public_url(self) -> str:
        """Return the address of the portal, without a slash at its end."""
        url = (self.text("RIGHTSDESK_PUBLIC_URL") or LOCAL_URL).rstrip("/")
        parts = self.attempt(
            "RIGHTSDESK_PUBLIC_URL", lambda _: _origin(url), "write it like https://requests.example.org."
        )
        if parts is None:
            return LOCAL_URL
        if not url.startswith("https://") and not is_loopback(urlsplit(url).hostname):
            self.problems.append("RIGHTSDESK_PUBLIC_URL: it must begin with https:// unless it is this machine only.")
        return url

    def outlet(self, name: str, far: set[str], public_url: str) -> Outlet:
        """Return where messages leave; ``far`` are the kinds that reach other machines."""
        written = self.text(name) or "console"
        kind, _, place = written.partition(":")
        if kind == "file" and not place:
            self.problems.append(f"{name}: say which file, like file:./data/messages.jsonl.")
        if kind not in {"console", "file", *far}:
            choices = " or ".join(sorted(far))
            self.problems.append(f"{name}: choose {choices}, console or file:PATH.")
        outlet = Outlet(kind, place if kind == "file" else written)
        if self.text(name) and outlet.shows_codes and not is_loopback(urlsplit(public_url).hostname):
            self.problems.append(
                f"{name}: console and file: show codes in clear; they need a RIGHTSDESK_PUBLIC_URL on this machine."
            )
        return outlet

    def carrier(self) -> Carrier | None:
        """Return the account that sends texts, or nothing where texts are only shown."""
        if self.text("RIGHTSDESK_SMS") != "twilio":
            return None
        needed = ("TWILIO_ACCOUNT_SID", "TWILIO_AUTH_TOKEN")
        self.problems += [f"Set {name}: {MEANINGS[name]}." for name in needed if not self.text(name)]
        if not (self.text("TWILIO_FROM") or self.text("TWILIO_MESSAGING_SERVICE_SID")):
            self.problems.append("Set TWILIO_FROM or TWILIO_MESSAGING_SERVICE_SID: one of them sends the texts.")
        api = self.text("TWILIO_API_URL")
        if api and not is_loopback(urlsplit(api).hostname):
            self.problems.append("TWILIO_API_URL: only a loopback address is allowed, it is for tests.")
        return Carrier(
            self.text("TWILIO_ACCOUNT_SID"),
            self.text("TWILIO_AUTH_TOKEN"),
            self.text("TWILIO_FROM"),
            self.text("TWILIO_MESSAGING_SERVICE_SID"),
            self.text("TWILIO_NOTICES_FROM"),
            self.text("TWILIO_NOTICES_MESSAGING_SERVICE_SID"),
            self.text("TWILIO_CALLS_FROM"),
            api,
        )

    def texting(self) -> Texting:
        """Return which countries get codes, how many leave in a day and what they may cost."""
        written = {what: self.text(name) for what, name in _TEXTING.items()}
        if written["operator"] and not _MAIL.fullmatch(written["operator"]):
            self.problems.append("RIGHTSDESK_OPERATOR_MAIL: write one mail address, like duty@example.org.")
        return texting_of(written, self.attempt, _TEXTING)

    def networks(self) -> tuple[Network, ...]:
        """Return the networks of the proxies that are believed."""
        written = [part.strip() for part in self.text("RIGHTSDESK_TRUSTED_PROXIES").split(",") if part.strip()]
        try:
            return tuple(ip_network(part) for part in written)
        except ValueError:
            self.problems.append("RIGHTSDESK_TRUSTED_PROXIES: write networks divided by commas, like 10.0.0.0/8.")
            return ()

    def metrics(self) -> Place | None:
        """Return where figures are shown, or nothing."""
        rule = "write an address of this machine and a port, like 127.0.0.1:9464."
        place = self.attempt("RIGHTSDESK_METRICS", place_of, rule) if self.text("RIGHTSDESK_METRICS") else None
        return place if isinstance(place, Place) else None

    def keys(self, data: Path) -> tuple[Path, str]:
        """Return the key file, and its text where a secret store hands that over instead."""
        given = self.text("RIGHTSDESK_KEYS")
        if given.startswith("{"):  # the content of a key file, as a secret store hands it over
            return data / KEYS_FILE, given
        return Path(given or data / KEYS_FILE).expanduser().absolute(), ""

    def keys_database(self, data: Path) -> str:
        """Return the URL of the second database, the one of the keys."""
        named, main = self.text("RIGHTSDESK_KEYS_DATABASE"), self.text("RIGHTSDESK_DATABASE")
        is_shared, is_apart = (bool(one) and not one.startswith("sqlite") for one in (main, named))
        if is_shared and not is_apart:
            self.problems.append(
                "Set RIGHTSDESK_KEYS_DATABASE to PostgreSQL: several machines share the keys as they share the data."
            )
        if is_apart and not is_shared:
            self.problems.append(
                "RIGHTSDESK_KEYS_DATABASE: while the data lie in a file, a backup copies the keys from a file too. "
                "Set RIGHTSDESK_DATABASE to PostgreSQL as well, or leave this one out."
            )
        if named and named == main:
            self.problems.append("RIGHTSDESK_KEYS_DATABASE: keys must lie apart from the data they open.")
        return named or f"sqlite:///{data / 'subject-keys.sqlite3'}"


def _origin(url: str) -> str:
    parts = urlsplit(url)
    if parts.scheme not in {"http", "https"} or not parts.hostname or parts.path or parts.query or parts.port == 0:
        raise ValueError(url)
    return url
