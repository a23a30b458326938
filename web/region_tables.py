"""The file of regions: one table each, whose values take the place of the variables of the same meaning."""

import re
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Final, TypeAlias
from urllib.parse import urlsplit

Table: TypeAlias = Mapping[str, str]

ONLY: Final = "us"
CONTROL: Final = "control.sqlite3"
ADDRESS: Final = "address"
_APART: Final = ("data", "database", "keys_database", "keys")  # what no two regions may share
_CARRIER: Final = (
    *("twilio_account_sid", "twilio_auth_token", "twilio_from"),
    *("twilio_messaging_service_sid", "twilio_notices_from", "twilio_notices_messaging_service_sid"),
    *("twilio_calls_from", "twilio_api_url"),
)
_TEXTING: Final = (
    *("countries", "texts_a_day", "text_price", "call_price", "spend_a_day", "agency_spend_a_day", "operator_mail"),
)
_VARIABLES: Final = {
    **{key: f"RIGHTSDESK_{key.upper()}" for key in (*_APART, *_TEXTING, "sms", "mail", "mail_from")},
    **{key: key.upper() for key in _CARRIER},
}
_KEYS: Final = frozenset({*_VARIABLES, ADDRESS})
_NAME: Final = re.compile(r"[a-z][a-z0-9-]{1,11}")


class BadRegions(ValueError):
    """The file cannot be used; the words say why."""


@dataclass(frozen=True, slots=True)
class RegionTables:
    """The regions of a portal by name, in the order of the file; without a file there is one, ``us``."""

    tables: Mapping[str, Table]

    @property
    def are_several(self) -> bool:
        """Say whether there is more than one region, so that a control store says which agency lives where."""
        return len(self.tables) > 1

    @property
    def addresses(self) -> tuple[tuple[str, str], ...]:
        """Return the regions for which an address was written down where their families find them."""
        return tuple((name, table[ADDRESS].rstrip("/")) for name, table in self.tables.items() if table.get(ADDRESS))

    def environ_of(self, region: str, environ: Mapping[str, str]) -> dict[str, str]:
        """Return the variables as they hold for one region.

        Of several, each has places of its own, below the data folder where none are written. One that sets anything
        about the text carrier takes nothing of the carrier that the others share: half an account sends nothing.
        """
        table = self.tables[region]
        own = {_VARIABLES[key]: value for key, value in table.items() if key in _VARIABLES}
        hidden = {_VARIABLES[key] for key in _CARRIER} if any(key in table for key in _CARRIER) else set()
        if self.are_several:
            hidden |= {_VARIABLES[key] for key in _APART}
            own = {"RIGHTSDESK_DATA": str(_data(environ) / region), **own}
        return {name: value for name, value in environ.items() if name not in hidden} | own

    def control(self, environ: Mapping[str, str]) -> str:
        """Return the URL of the control store; "" where one region's own database knows every agency."""
        if not self.are_several:
            return ""
        named = environ.get("RIGHTSDESK_DATABASE", "").strip()
        return named or f"sqlite:///{_data(environ).expanduser().absolute() / CONTROL}"


def read_tables(path: str) -> RegionTables:
    """Return the regions written in this file; "" is no file.

    Raises:
        BadRegions: it cannot be read, or says something that no region may set.
    """
    if not path:
        return RegionTables({ONLY: {}})
    try:
        content = tomllib.loads(Path(path).read_text("utf-8"))
        tables = {name: {key: str(value) for key, value in table.items()} for name, table in content.items()}
    except (OSError, ValueError, AttributeError) as error:
        raise BadRegions("the file cannot be read as TOML with one table a region.") from error
    strange = {key for table in tables.values() for key in table} - _KEYS
    if strange or not tables:
        raise BadRegions(f"a region may set {', '.join(sorted(_KEYS))} and nothing else.")
    if not all(_NAME.fullmatch(name) for name in tables):
        raise BadRegions("the name of a region is 2 to 12 small letters, digits or dashes.")
    if not all(urlsplit(table.get(ADDRESS, "https://x")).scheme == "https" for table in tables.values()):
        raise BadRegions("the address of a region begins with https://.")
    return RegionTables(tables)


def _data(environ: Mapping[str, str]) -> Path:
    return Path(environ.get("RIGHTSDESK_DATA", "").strip() or "data")
