"""The tables of the main database: all of them in one place, and how an older database becomes a current one."""

from importlib import import_module
from pathlib import Path
from typing import Final

from sqlalchemy import Engine, MetaData, inspect, text
from sqlmodel import SQLModel

from rightsdesk.requests.ledger.dialects import one_at_a_time
from rightsdesk.web import dispatch

MIGRATIONS: Final = Path(__file__).parent / "migrations"
# Found by their place, so that a new folder's tables cannot be forgotten.
_PACKAGES: Final = ("requests", "verification", "web")


class SchemaBehind(Exception):
    """The database has another form than this release needs; the words say what to run."""


def metadata() -> MetaData:
    """Return every table of the main database."""
    above = Path(__file__).parent.parent
    for package in _PACKAGES:
        for path in sorted((above / package).rglob("tables.py")):
            import_module(".".join(("rightsdesk", *path.relative_to(above).with_suffix("").parts)))
    return SQLModel.metadata


def is_there(engine: Engine) -> bool:
    """Say whether the database holds our tables already, so that a missing key file is noticed."""
    return inspect(engine).has_table("agencies")


def head() -> str:
    """Return the number of the newest step."""
    # By their names: importing Alembic would cost a start a third of a second.
    return max(path.name.partition("_")[0] for path in (MIGRATIONS / "versions").glob("[0-9]*_*.py"))


def at(engine: Engine) -> str:
    """Return the number of the step the database is at, "" when it has none."""
    if not inspect(engine).has_table("alembic_version"):
        return ""
    with engine.connect() as connection:
        return connection.execute(text("SELECT version_num FROM alembic_version")).scalar() or ""


def check(engine: Engine) -> None:
    """Return when the database has the form this release needs.

    Raises:
        SchemaBehind: it has another one.
    """
    if at(engine) != head() or not dispatch.is_current(engine):
        raise SchemaBehind("The database is not of this release. Run: rightsdesk migrate")


def migrate(engine: Engine, to: str = "head") -> str:
    """Bring the database to a step, the newest by default, in one transaction; return the step it is at then."""
    metadata()
    if to != "head" or at(engine) != head():  # at every start of every command there is nothing to do
        _run(engine, "upgrade", to)
    if not dispatch.is_current(engine):
        with engine.begin() as connection:
            one_at_a_time(connection)
            dispatch.set_up(connection)
    return at(engine)


def go_back(engine: Engine, to: str = "base") -> None:
    """Undo the steps after ``to``; what was in the tables that go is lost."""
    if dispatch.is_carried(engine):
        with engine.begin() as connection:
            dispatch.take_down(connection)
    _run(engine, "downgrade", to)


def write_step(engine: Engine, words: str, number: str) -> None:
    """Write the module of a new step from what the models have and the database has not, for a developer to read."""
    _run(engine, "revision", words, autogenerate=True, rev_id=number)


def drift(engine: Engine) -> list[str]:
    """Return how the models differ from the database, one line each; nothing when they agree."""
    from alembic.autogenerate import compare_metadata  # noqa: PLC0415 - see _run
    from alembic.runtime.migration import MigrationContext  # noqa: PLC0415 - see _run

    with engine.connect() as connection:
        opts = {"compare_type": True, "include_name": is_ours}
        found = compare_metadata(MigrationContext.configure(connection, opts=opts), metadata())
    return [str(one) for one in found]


def is_ours(name: str | None, kind: str, _: object) -> bool:
    """Say whether a thing of this name and kind is for our steps to make; Procrastinate has steps of its own."""
    return kind != "table" or not (name or "").startswith(dispatch.TABLES)


def _run(engine: Engine, name: str, *words: str, **options: object) -> None:
    # Serving needs no Alembic, so only those who change the database pay for its import.
    from alembic import command  # noqa: PLC0415 - as above
    from alembic.config import Config  # noqa: PLC0415 - as above

    metadata()
    config = Config()
    config.set_main_option("script_location", str(MIGRATIONS))
    config.set_main_option("path_separator", "os")
    with engine.begin() as connection:
        one_at_a_time(connection)  # several machines may start at once; the second one finds nothing left to do
        config.attributes["connection"] = connection
        getattr(command, name)(config, *words, **options)
