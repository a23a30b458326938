"""Whose region each place is: written into it once, and looked at before anything else is read or written there."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any, Final

from sqlalchemy import Engine, inspect, select

from rightsdesk.requests.ledger.dialects import insert_into
from rightsdesk.requests.ledger.durable import replace_file
from rightsdesk.requests.ledger.errors import ForeignPlace
from rightsdesk.requests.ledger.keyfile import MasterKey
from rightsdesk.requests.ledger.store import READS
from rightsdesk.requests.ledger.tables import KEYS_REGION
from rightsdesk.web.settings import Settings
from rightsdesk.web.storage import Storage
from rightsdesk.web.tables import OwnRegionRow

_FILE: Final = "region"
_MAIN: Final = OwnRegionRow.__table__  # type: ignore[attr-defined]  # SQLModel makes it, and does not say so


def require_folder(settings: Settings) -> None:
    """Return when the data folder is this region's, or nobody's yet.

    Raises:
        ForeignPlace: it is another region's.
    """
    _require(settings, _in_folder(settings.data), f"The data folder {settings.data}")


def require_databases(settings: Settings, main: Engine, keys: Engine) -> None:
    """Return when both databases are this region's, or nobody's yet.

    Raises:
        ForeignPlace: one is another region's. Neither was changed.
    """
    _require(settings, _in_database(main, _MAIN), "The database")
    _require(settings, _in_database(keys, KEYS_REGION), "The keys' database")


def require_key(settings: Settings, master: MasterKey) -> None:
    """Return when the master key is this region's, or was made before keys said whose they are.

    Raises:
        ForeignPlace: it is another region's.
    """
    _require(settings, master.region, f"The key file {settings.keys}" if not settings.keys_text else "The master key")


def take(settings: Settings, storage: Storage) -> None:
    """Write this region's name into its places, as far as it does not stand there.

    Raises:
        ForeignPlace: another region that began at the same moment was the first to write its own.
    """
    if not _in_folder(settings.data):
        replace_file(settings.data / _FILE, f"{settings.region}\n".encode("ascii"))
    for engine, table in _databases(storage):
        if not _in_database(engine, table):
            with engine.begin() as tx:
                tx.execute(insert_into(tx, table).on_conflict_do_nothing(), [{"id": 1, "region": settings.region}])
    require_databases(settings, storage.engine, storage.keys)


def _databases(storage: Storage) -> Iterator[tuple[Engine, Any]]:
    yield storage.engine, _MAIN
    yield storage.keys, KEYS_REGION


def _require(settings: Settings, found: str, place: str) -> None:
    if found and found != settings.region:
        raise ForeignPlace(
            f"{place} belongs to region {found}, not to {settings.region}: nothing was changed. See RIGHTSDESK_REGIONS."
        )


def _in_folder(data: Path) -> str:
    try:
        return (data / _FILE).read_text("ascii").strip()
    except FileNotFoundError:
        return ""


def _in_database(engine: Engine, table: Any) -> str:
    with engine.connect().execution_options(**{READS: True}) as tx:
        if not inspect(tx).has_table(table.name):
            return ""
        return tx.execute(select(table.c.region)).scalar() or ""
