"""What an operator can set: environment variables, read once at start, refused all together when something is wrong."""

import os
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from urllib.parse import urlsplit

from rightsdesk.web.places import Place, is_loopback
from rightsdesk.web.reader import MEANINGS, Carrier, Network, Outlet, Reader
from rightsdesk.web.region_tables import BadRegions, RegionTables, read_tables
from rightsdesk.web.texting import Texting
from rightsdesk.web.variables import SERVING, SETTINGS, Setting

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
    "read_regions",
    "regions_from_environment",
]


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
    texting: Texting = field(default_factory=Texting)
    region: str = "us"
    regions: tuple[str, ...] = ("us",)
    control: str = field(default="", repr=False)  # the control store, where there are several regions
    addresses: tuple[tuple[str, str], ...] = ()
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
    """Return the names without which the portal cannot be served, as far as they are not set for every region."""
    tables, _ = _tables(environ)
    each = [Reader(tables.environ_of(region, environ)) for region in tables.tables]
    return tuple(sorted(name for name in SERVING if not all(reader.text(name) for reader in each)))


def from_environment(region: str = "", needs: frozenset[str] = SERVING) -> Settings:
    """Return the settings of this process, for one region.

    Raises:
        BadSettings: see ``read``.
    """
    return read(os.environ, region, needs)


def regions_from_environment(region: str = "", needs: frozenset[str] = SERVING) -> tuple[Settings, ...]:
    """Return the settings of this process for each region, or for the one that is named.

    Raises:
        BadSettings: see ``read``.
    """
    return read_regions(os.environ, region, needs)


def read(environ: Mapping[str, str], region: str = "", needs: frozenset[str] = SERVING) -> Settings:
    """Return the settings written in these variables, for one region (the first one when none is named).

    Args:
        environ: The variables.
        region: The region this process serves.
        needs: Names that must be set; commands that send nothing need none.

    Raises:
        BadSettings: something is missing or wrong; all of it is named at once.
    """
    return _read(environ, lambda tables: [region or next(iter(tables.tables))], needs)[0]


def read_regions(environ: Mapping[str, str], region: str = "", needs: frozenset[str] = SERVING) -> tuple[Settings, ...]:
    """Return the settings written in these variables for each region, or for the one that is named.

    Raises:
        BadSettings: something is missing or wrong, or two regions share a place; all of it is named at once.
    """
    return _read(environ, lambda tables: [region] if region else list(tables.tables), needs)


def _read(
    environ: Mapping[str, str], wanted: Callable[[RegionTables], Sequence[str]], needs: frozenset[str]
) -> tuple[Settings, ...]:
    tables, problems = _tables(environ)
    known, names = tables.tables, wanted(tables)
    problems += [f"There is no region {name}; there are {', '.join(known)}." for name in names if name not in known]
    readers = {name: Reader(tables.environ_of(name, environ)) for name in names if name in known}
    found = tuple(_settings(reader, name, tables, environ, needs) for name, reader in readers.items())
    problems += [*_told({name: reader.problems for name, reader in readers.items()}), *_common_places(found)]
    if problems:
        raise BadSettings(tuple(problems))
    return found


def _tables(environ: Mapping[str, str]) -> tuple[RegionTables, list[str]]:
    try:
        return read_tables(environ.get("RIGHTSDESK_REGIONS", "").strip()), []
    except BadRegions as bad:
        return read_tables(""), [f"RIGHTSDESK_REGIONS: {bad}"]


def _settings(
    reader: Reader, region: str, tables: RegionTables, environ: Mapping[str, str], needs: frozenset[str]
) -> Settings:
    missing = sorted(name for name in needs if not reader.text(name))
    reader.problems += [f"Set {name}: {MEANINGS[name]}." for name in missing]
    public_url = reader.public_url()
    data = Path(reader.text("RIGHTSDESK_DATA") or "data").expanduser().absolute()
    keys, keys_text = reader.keys(data)
    return Settings(
        public_url=public_url,
        data=data,
        database=reader.text("RIGHTSDESK_DATABASE") or f"sqlite:///{data / 'rightsdesk.sqlite3'}",
        keys_database=reader.keys_database(data),
        keys=keys,
        keys_text=keys_text,
        sms=reader.outlet("RIGHTSDESK_SMS", {"twilio"}, public_url),
        mail=reader.outlet("RIGHTSDESK_MAIL", {"smtp", "smtps"}, public_url),
        mail_from=reader.text("RIGHTSDESK_MAIL_FROM") or f"no-reply@{urlsplit(public_url).hostname}",
        carrier=reader.carrier(),
        texting=reader.texting(),
        region=region,
        regions=tuple(tables.tables),
        control=tables.control(environ),
        addresses=tables.addresses,
        trusted_proxies=reader.networks(),
        metrics=reader.metrics(),
    )


def _told(problems: Mapping[str, Sequence[str]]) -> list[str]:
    """Return each problem once, with the name of its region where it is not one of them all."""
    each = dict.fromkeys(line for lines in problems.values() for line in lines)
    where = {line: [name for name, lines in problems.items() if line in lines] for line in each}
    return [line if len(names) == len(problems) else f"{', '.join(names)}: {line}" for line, names in where.items()]


def _common_places(found: Sequence[Settings]) -> list[str]:
    """Name what two regions would write into both; nothing of the one may come into the other's."""
    owners = {one.control: "the control store" for one in found if one.control}
    problems = []
    for one in found:
        for kind, place in _places(one):
            owner = owners.setdefault(place, one.region)
            if owner != one.region:
                problems.append(f"{one.region}: its {kind} must be its own, not that of {owner}.")
    return problems


def _places(one: Settings) -> Iterator[tuple[str, str]]:
    yield "data", str(one.data)
    yield "database", one.database
    yield "keys_database", one.keys_database
    yield "keys", one.keys_text or str(one.keys)
    yield from (
        (kind, f"{kind} {out.place}") for kind, out in (("sms", one.sms), ("mail", one.mail)) if out.kind == "file"
    )
