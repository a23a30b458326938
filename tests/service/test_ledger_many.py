"""Many at once says the same as one at a time: keys, sealed values, fingerprints and rows."""

from datetime import UTC, datetime, timedelta, timezone
from pathlib import Path
from traceback import format_exception
from uuid import UUID

import pytest
from ledger_given import a_vault, engine_of, key_store
from sqlalchemy import Column, Date, Integer, LargeBinary, MetaData, String, Table, Uuid, event, insert, select
from sqlalchemy.exc import IntegrityError, OperationalError

from rightsdesk.requests.ledger.bulk import add_many
from rightsdesk.requests.ledger.columns import UtcDateTime
from rightsdesk.requests.ledger.vault import KeyGone

AGENCY = UUID(int=11)
PEOPLE = [UUID(int=number) for number in range(1, 1500)]
NOTES = Table(
    "notes",
    MetaData(),
    Column("id", Integer, primary_key=True),
    Column("person", Uuid, nullable=False),
    Column("at", UtcDateTime),
    Column("day", Date),
    Column("column", String(60)),
    Column("sealed", LargeBinary),
)


def test_a_record_sealed_as_one_opens_field_by_field(data_folder: Path) -> None:
    vault = a_vault(data_folder).agency(AGENCY)
    rows = [(one, [(f"people:{one}:given", f"Ana {one}"), (f"people:{one}:family", "Ruiz")]) for one in PEOPLE]
    vault.new_keys(PEOPLE[:1000], "identity")  # the others have none yet
    for (person, fields), sealed in zip(rows, vault.seal_each("identity", rows), strict=True):
        opened = [vault.unseal(person, "identity", place, one) for (place, _), one in zip(fields, sealed, strict=True)]
        assert opened == [text for _, text in fields]
    nonces = [one[1:13] for sealed in vault.seal_each("identity", rows) for one in sealed]
    assert len(set(nonces)) == len(nonces)


def test_new_keys_are_on_the_disk_before_they_seal(data_folder: Path) -> None:
    vault = a_vault(data_folder).agency(AGENCY)
    vault.new_keys(PEOPLE, "identity")
    sealed = vault.seal_each("identity", [(PEOPLE[0], [("people:1:given", "Ana")])])[0][0]
    elsewhere = a_vault(data_folder, "another program").agency(AGENCY)
    assert elsewhere.unseal(PEOPLE[0], "identity", "people:1:given", sealed) == "Ana"
    assert len(key_store(data_folder).wrapped(AGENCY, "identity", PEOPLE)) == len(PEOPLE)


def test_a_record_of_somebody_erased_is_not_sealed_anew(data_folder: Path) -> None:
    vault = a_vault(data_folder).agency(AGENCY)
    vault.new_keys(PEOPLE[:2], "identity")
    vault.destroy(PEOPLE[1], "identity")
    with pytest.raises(KeyGone):
        vault.seal_each("identity", [(one, [("people:1:given", "Ana")]) for one in PEOPLE[:2]])


def test_many_fingerprints_and_secrets_are_those_of_one_at_a_time(data_folder: Path) -> None:
    keys = a_vault(data_folder)
    vault = keys.agency(AGENCY)
    keys.rotate(AGENCY)
    assert vault.index_many("name", ["ana", "bo", "ana"]) == {one: vault.index("name", one) for one in ("ana", "bo")}
    sealed = vault.seal_agency_many("staged:1", ["Ana", "Łucja"])
    assert [vault.unseal_agency("staged:1", one) for one in sealed] == ["Ana", "Łucja"]
    assert vault.unseal_agency_many("staged:1", sealed) == ["Ana", "Łucja"]


def test_rows_written_at_once_are_what_one_at_a_time_would_be(data_folder: Path) -> None:
    engine = engine_of(data_folder, "blank")
    NOTES.create(engine)
    noon = datetime(2026, 11, 23, 12, tzinfo=timezone(timedelta(hours=-5)))
    awkward = 'a\tb\\N\n"c"'
    row = {"person": PEOPLE[0], "at": noon, "day": noon.date(), "column": awkward, "sealed": b"\0\xff\\x"}
    with engine.begin() as tx:
        tx.execute(insert(NOTES), [row, {**row, "day": None, "column": None, "sealed": None}])
        names = ("day", "column", "sealed")
        add_many(
            tx,
            NOTES,
            names,
            [tuple(row[name] for name in names), (None, None, None)],
            {"person": PEOPLE[0], "at": noon},
        )
        add_many(tx, NOTES, names, [], {"person": PEOPLE[0]})
        found = [tuple(one)[1:] for one in tx.execute(select(NOTES).order_by(NOTES.c.id))]
    assert found[:2] == found[2:]
    assert found[0] == (PEOPLE[0], noon.astimezone(UTC), noon.date(), awkward, b"\0\xff\\x")


def test_rows_that_the_database_refuses_are_told_without_a_word_of_them(data_folder: Path) -> None:
    engine = engine_of(data_folder, "blank")
    NOTES.create(engine)
    rows = [(None, "Ana Ruiz")]
    with pytest.raises((OperationalError, IntegrityError)) as told, engine.begin() as tx:
        add_many(tx, NOTES, ("person", "column"), rows)
    seen = "".join(format_exception(told.value))
    assert "Ana Ruiz" not in seen
    if engine.dialect.name == "postgresql":
        assert isinstance(told.value, OperationalError)
        assert getattr(told.value.orig, "sqlstate", "") == "23502"  # by it the page tells a server that takes nothing
    with engine.begin() as tx:
        assert tx.execute(select(NOTES)).all() == []


def test_many_rows_are_one_statement(data_folder: Path) -> None:
    engine = engine_of(data_folder, "blank")
    NOTES.create(engine)
    told: list[str] = []
    event.listen(engine, "before_cursor_execute", lambda *called: told.append(called[2]))
    with engine.begin() as tx:
        add_many(tx, NOTES, ("person",), [(one,) for one in PEOPLE])
        assert tx.execute(select(NOTES.c.id)).all()[-1].id == len(PEOPLE)
    assert sum("INSERT" in one for one in told) <= 1
