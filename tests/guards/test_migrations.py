"""An older database becomes a current one, and the models are what the steps make."""

from collections.abc import Iterator
from pathlib import Path

import databases
import pytest
from sqlalchemy import Engine, inspect

from rightsdesk.web import schema
from rightsdesk.web.storage import open_engine


@pytest.fixture
def engine(backend: str, tmp_path: Path) -> Iterator[Engine]:
    yield open_engine(databases.blank(tmp_path))
    if backend == "server":
        databases.free(tmp_path)


def test_there_is_one_newest_step_and_the_files_are_numbered_without_a_gap() -> None:
    steps = sorted((schema.MIGRATIONS / "versions").glob("[0-9]*_*.py"))
    assert [step.name[:4] for step in steps] == [f"{number:04}" for number in range(1, len(steps) + 1)]
    assert schema.head() == f"{len(steps):04}"


def test_the_steps_lead_to_exactly_what_the_models_say(engine: Engine) -> None:
    assert schema.migrate(engine) == schema.head()
    assert schema.drift(engine) == []


@pytest.mark.postgres
def test_a_server_before_17_takes_every_step() -> None:
    # Until then a value that was added to a type cannot be used before the transaction that added it ends.
    with databases.older() as address:
        engine = open_engine(address)
        schema.migrate(engine)
        schema.check(engine)
        assert schema.drift(engine) == []
        engine.dispose()


def test_a_changed_model_is_noticed(engine: Engine) -> None:
    schema.migrate(engine)
    with engine.begin() as tx:
        tx.exec_driver_sql("ALTER TABLE jobs DROP COLUMN error")
    assert any("error" in line for line in schema.drift(engine))


def test_the_steps_can_be_taken_back_and_taken_again(engine: Engine) -> None:
    schema.migrate(engine)
    tables = inspect(engine).get_table_names()
    with engine.begin() as tx:  # as a killed import leaves it
        for name in ("people", "contacts", "claims", "links"):
            tx.exec_driver_sql(f"DROP INDEX ix_roster_staged_{name}_key")
    schema.go_back(engine)
    assert inspect(engine).get_table_names() == ["alembic_version"]
    schema.migrate(engine)
    assert sorted(inspect(engine).get_table_names()) == sorted(tables)


def test_a_database_of_another_release_is_refused_in_words(engine: Engine) -> None:
    with pytest.raises(schema.SchemaBehind, match="rightsdesk migrate"):
        schema.check(engine)
    schema.migrate(engine)
    schema.check(engine)


def test_the_keys_lie_in_no_table_of_the_main_database() -> None:
    assert not {"subject_keys", "agency_keysets", "key_generations"} & schema.metadata().tables.keys()
