"""What an operator can set: environment variables, read once at start, refused all together when something is wrong."""

import os
import tomllib
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from ipaddress import IPv4Network, IPv6Network, ip_network
from pathlib import Path
from typing import Final, TypeAlias
from urllib.parse import urlsplit

from rightsdesk.web.places import Place, is_loopback, place_of
from rightsdesk.web.variables import KEYS_FILE, SERVING, SETTINGS, Setting

__all__ = [
    "SERVING",
    "SETTINGS",
    "BadSettings",
    "Carrier",
    "Network",
    "Outlet",
    "Setting",
    "Settings",
    "from_environment",
    "is_loopback",
    "read",
]

Network: TypeAlias = IPv4Network | IPv6Network

LOCAL_URL: Final = "http://127.0.0.1:8000"


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
    """The account that sends texts. ``sender`` or ``service`` is set; ``notices_sender`` may be empty."""

    account: str
    token: str = field(repr=False)
    sender: str = ""
    service: str = ""
    notices_sender: str = ""
    api_url: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Settings:
    """Everything that was set, checked. Paths are absolute; ``public_url`` has no slash at its end."""

    public_url: str
    data: Path
    database: str = field(repr=False)
    keys_database: str = field(repr=False)
    keys: Path
    keys_text: str = field(default="", repr=False)
    sms: Outlet
    mail: Outlet
    mail_from: str = "no-reply@localhost"
    carrier: Carrier | None = None
    region: str = "us"
    regions: tuple[str, ...] = ("us",)
    trusted_proxies: tuple[Network, ...] = ()
    metrics: Place | None = None
    embedded: bool = True

    @property
    def host(self) -> str:
        """Return the host name of the public address, in small letters, without a port."""
        return urlsplit(self.public_url).hostname or ""

    @property
    def is_secure(self) -> bool:
        """Say whether browsers reach the portal over https."""
        return self.public_url.startswith("https://")

    @property
    def packages(self) -> Path:
        """Return the folder of the sealed access packages."""
        return self.data / "packages"

    @property
    def needs_own_worker(self) -> bool:
        """Say whether the worker thread runs inside the serving process."""
        return self.embedded and self.database.startswith("sqlite")


class BadSettings(SystemExit):
    """The portal cannot start like this; ``problems`` names everything that is wrong, one sentence each."""

    def __init__(self, problems: tuple[str, ...]) -> None:
        super().__init__("\n".join(("Rightsdesk cannot start:", *(f"  {line}" for line in problems))))
        self.problems = problems


def unset(environ: Mapping[str, str]) -> tuple[str, ...]:
    """Return the names without which the portal cannot be served, as far as they are not set."""
    return tuple(sorted(name for name in SERVING if not environ.get(name, "").strip()))


def from_environment(region: str = "", needs: frozenset[str] = SERVING) -> Settings:
    """Return the settings of this process.

    Raises:
        BadSettings: see ``read``.
    """
    return read(os.environ, region, needs)


def read(environ: Mapping[str, str], region: str = "", needs: frozenset[str] = SERVING) -> Settings:
    """Return the settings written in these variables, for one region (the first one when none is named).

    Args:
        environ: The variables.
        region: The region this process serves.
        needs: Names that must be set; commands that send nothing need none.

    Raises:
        BadSettings: something is missing or wrong; all of it is named at once.
    """
    reader = _Reader(environ)
    missing = sorted(name for name in needs if not reader.text(name))
    reader.problems += [f"Set {name}: {_MEANINGS[name]}." for name in missing]
    regions = reader.regions()
    ours = reader.region(regions, region)
    public_url = reader.public_url()
    data = Path(ours.get("data") or reader.text("RIGHTSDESK_DATA") or "data").expanduser().absolute()
    keys, keys_text = reader.keys(ours, data)
    settings = Settings(
        public_url=public_url,
        data=data,
        database=ours.get("database")
        or reader.text("RIGHTSDESK_DATABASE")
        or f"sqlite:///{data / 'rightsdesk.sqlite3'}",
        keys_database=reader.keys_database(ours, data),
        keys=keys,
        keys_text=keys_text,
        sms=reader.outlet("RIGHTSDESK_SMS", {"twilio"}, public_url),
        mail=reader.outlet("RIGHTSDESK_MAIL", {"smtp", "smtps"}, public_url),
        mail_from=reader.text("RIGHTSDESK_MAIL_FROM") or f"no-reply@{urlsplit(public_url).hostname}",
        carrier=reader.carrier(),
        region=region or next(iter(regions)),
        regions=tuple(regions),
        trusted_proxies=reader.networks(),
        metrics=reader.metrics(),
    )
    if reader.problems:
        raise BadSettings(tuple(reader.problems))
    return settings


_MEANINGS: Final = {setting.name: setting.meaning for setting in SETTINGS}
_REGIONAL: Final = frozenset({"data", "database", "keys_database", "keys"})


@dataclass(slots=True)
class _Reader:
    """Reads one variable after the other and remembers what is wrong, so that the operator mends it all at once."""

    environ: Mapping[str, str]
    problems: list[str] = field(default_factory=list)

    def text(self, name: str) -> str:
        return self.environ.get(name, "").strip()

    def attempt(self, name: str, read: Callable[[str], object], rule: str) -> object | None:
        """Return what ``read`` makes of the variable, or None after noting that it breaks ``rule``."""
        try:
            return read(self.text(name))
        except ValueError:
            self.problems.append(f"{name}: {rule}")
            return None

    def public_url(self) -> str:
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
        if self.text("RIGHTSDESK_SMS") != "twilio":
            return None
        needed = ("TWILIO_ACCOUNT_SID", "TWILIO_AUTH_TOKEN")
        self.problems += [f"Set {name}: {_MEANINGS[name]}." for name in needed if not self.text(name)]
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
            api,
        )

    def networks(self) -> tuple[Network, ...]:
        written = [part.strip() for part in self.text("RIGHTSDESK_TRUSTED_PROXIES").split(",") if part.strip()]
        try:
            return tuple(ip_network(part) for part in written)
        except ValueError:
            self.problems.append("RIGHTSDESK_TRUSTED_PROXIES: write networks divided by commas, like 10.0.0.0/8.")
            return ()

    def metrics(self) -> Place | None:
        rule = "write an address of this machine and a port, like 127.0.0.1:9464."
        place = self.attempt("RIGHTSDESK_METRICS", place_of, rule) if self.text("RIGHTSDESK_METRICS") else None
        return place if isinstance(place, Place) else None

    def regions(self) -> dict[str, dict[str, str]]:
        path = self.text("RIGHTSDESK_REGIONS")
        if not path:
            return {"us": {}}
        try:
            tables = tomllib.loads(Path(path).read_text("utf-8"))
            found = {name: {key: str(value) for key, value in table.items()} for name, table in tables.items()}
        except (OSError, ValueError, AttributeError):
            self.problems.append("RIGHTSDESK_REGIONS: the file cannot be read as TOML with one table a region.")
            return {"us": {}}
        strange = {key for table in found.values() for key in table} - _REGIONAL
        if strange or not found:
            self.problems.append(
                f"RIGHTSDESK_REGIONS: a region may set {', '.join(sorted(_REGIONAL))} and nothing else."
            )
        return found or {"us": {}}

    def region(self, regions: Mapping[str, Mapping[str, str]], wanted: str) -> Mapping[str, str]:
        if wanted and wanted not in regions:
            self.problems.append(f"There is no region {wanted}; there are {', '.join(regions)}.")
        return regions.get(wanted or next(iter(regions)), {})

    def keys(self, ours: Mapping[str, str], data: Path) -> tuple[Path, str]:
        given = ours.get("keys") or self.text("RIGHTSDESK_KEYS")
        if given.startswith("{"):  # the content of a key file, as a secret store hands it over
            return data / KEYS_FILE, given
        return Path(given or data / KEYS_FILE).expanduser().absolute(), ""

    def keys_database(self, ours: Mapping[str, str], data: Path) -> str:
        named = ours.get("keys_database") or self.text("RIGHTSDESK_KEYS_DATABASE")
        main = ours.get("database") or self.text("RIGHTSDESK_DATABASE")
        if not named and main and not main.startswith("sqlite"):
            self.problems.append(
                "Set RIGHTSDESK_KEYS_DATABASE: several machines must share the keys as they share the data."
            )
        if named and named == main:
            self.problems.append("RIGHTSDESK_KEYS_DATABASE: keys must lie apart from the data they open.")
        return named or f"sqlite:///{data / 'subject-keys.sqlite3'}"


def _origin(url: str) -> str:
    parts = urlsplit(url)
    if parts.scheme not in {"http", "https"} or not parts.hostname or parts.path or parts.query or parts.port == 0:
        raise ValueError(url)
    return url
