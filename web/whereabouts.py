"""Whether a region's database lies where its settings say, and whether one ever did."""

from pathlib import Path

from sqlalchemy.engine import make_url

from rightsdesk.requests.ledger.checkpoints import signed_ledgers
from rightsdesk.requests.ledger.errors import DatabaseLost
from rightsdesk.web import schema
from rightsdesk.web.backups.manifest import NOTES
from rightsdesk.web.settings import Settings
from rightsdesk.web.storage import open_engine


def notes_of(settings: Settings) -> Path:
    """Return the folder of the signed notes of where the ledgers end."""
    return settings.data / NOTES


def file_of(url: str) -> Path | None:
    """Return the file of a database, None for one on a server."""
    parsed = make_url(url)
    return Path(str(parsed.database)) if parsed.get_backend_name() == "sqlite" else None


def is_there(settings: Settings) -> bool:
    """Say whether there is anything to open; a server's database is taken to be there."""
    file = file_of(settings.database)
    return file is None or (file.is_file() and file.stat().st_size > 0)


def refuse_lost(settings: Settings) -> None:
    """Return when there is a database, or none was ever signed for: an empty one in its place would look well.

    Raises:
        DatabaseLost: there was one. No file was made in its place.
    """
    notes = notes_of(settings)
    if signed_ledgers(notes) and not (is_there(settings) and _has_tables(settings.database)):
        raise DatabaseLost(notes)


def _has_tables(address: str) -> bool:
    engine = open_engine(address)
    try:
        return schema.is_there(engine)
    finally:
        engine.dispose()
