"""Copies the rows of one request and its family, in few statements, until a portal holds as many as wanted."""

from collections.abc import Iterator, Mapping
from datetime import date, timedelta
from hashlib import blake2b
from typing import Any, Final
from uuid import UUID

from bench.crowds import FAMILIES, file, filing, named
from sqlalchemy import (
    Column,
    ColumnElement,
    Connection,
    Date,
    FromClause,
    Integer,
    MetaData,
    String,
    Table,
    Uuid,
    select,
    true,
    update,
)
from sqlmodel import SQLModel, col

from rightsdesk.requests.cases.tables import CaseCountRow
from rightsdesk.web.portal import Portal

_BATCH: Final = 50_000
_CASES_EACH: Final = 10  # requests of one copied family
_DAYS: Final = 300
_FAMILIES: Final = Table(
    "bench_families",
    MetaData(),
    Column("number", Integer, primary_key=True),
    *(Column(kind, Uuid) for kind in ("guardian", "student")),
    *(Column(f"{kind}_word", String(48)) for kind in ("guardian", "student")),
)
_CASES: Final = Table(
    "bench_cases",
    _FAMILIES.metadata,
    Column("number", Integer, primary_key=True),
    Column("family", Integer),
    *(Column(name, Uuid) for name in ("id", "element")),
    *(Column(name, String(64)) for name in ("reference", "once")),
    Column("due_on", Date),
)
_OF_ITS_FAMILY: Final = _CASES.c.family == _FAMILIES.c.number


def fill(portal: Portal, cases: int) -> None:
    """File one request for each family, then copy the last one, with its people, until there are so many.

    What is sealed is copied as it is: the copies are due later than what was filed, so no page opens them.
    """
    filed = [file(portal, filing(portal, number, "Delgado")) for number in range(FAMILIES)]
    wanted = cases - FAMILIES
    engine = portal.storage.engine
    tables = [SQLModel.metadata.tables[name] for name in ("people_index", "people", "cases", "case_elements")]
    indexes = [index for table in tables for index in table.indexes]
    with engine.begin() as link:
        _FAMILIES.metadata.create_all(link)
        for index in indexes:  # built at once afterwards: a tenth of the time
            index.drop(link)
    for start in range(0, wanted, _BATCH):
        with engine.begin() as link:
            _enter(link, filed[-1], range(start, min(start + _BATCH, wanted)))
    with engine.begin() as link:
        for index in indexes:
            index.create(link)
        counted = update(CaseCountRow).where(col(CaseCountRow.view).in_(("decision", "lang:en")))
        link.execute(counted.values(number=col(CaseCountRow.number) + wanted))
        _FAMILIES.metadata.drop_all(link)
        link.exec_driver_sql("ANALYZE")


def _enter(link: Connection, model: UUID, numbers: range) -> None:
    """Enter what differs from copy to copy, then let the database put it together with what does not."""
    if (
        link.dialect.name == "postgresql"
    ):  # copies refer to what their models refer to: half of the time goes into asking
        link.exec_driver_sql("SET LOCAL session_replication_role = replica")
    families = range(numbers.start // _CASES_EACH, -(-numbers.stop // _CASES_EACH))
    for table, rows in ((_FAMILIES, _families(families)), (_CASES, _cases(link, model, numbers))):
        link.execute(table.delete())
        link.execute(table.insert(), list(rows))
    for kind in ("guardian", "student"):
        _copy_person(link, kind)
    _copy_case(link, model)


def _families(numbers: range) -> Iterator[Mapping[str, Any]]:
    for number in numbers:
        guardian, student = _id("guardian", number), _id("student", number)
        words = {"guardian_word": f"00000000:{guardian.hex[::-1]}", "student_word": f"00000000:{student.hex[::-1]}"}
        yield {"number": number, "guardian": guardian, "student": student, **words}


def _cases(link: Connection, model: UUID, numbers: range) -> Iterator[Mapping[str, Any]]:
    cases = SQLModel.metadata.tables["cases"]
    due: date = link.execute(select(cases.c.due_on).where(cases.c.id == model)).scalar_one()
    for number in numbers:
        yield {
            "number": number,
            "family": number // _CASES_EACH,
            "id": _id("case", number),
            "element": _id("element", number),
            "reference": f"BNC-{number:08}-0",
            "once": f"copy-{number}",
            "due_on": due + timedelta(days=1 + number % _DAYS),
        }


def _copy_person(link: Connection, kind: str) -> None:
    people, words = (SQLModel.metadata.tables[name] for name in ("people", "people_index"))
    theirs, model = _FAMILIES.c[kind], named(kind, 0)
    _copy(link, people, _FAMILIES, people.c.id == model, {"id": theirs})
    is_name = (words.c.person == model) & (words.c.purpose == "name")
    _copy(link, words, _FAMILIES, is_name, {"person": theirs, "value": _FAMILIES.c[f"{kind}_word"]})


def _copy_case(link: Connection, model: UUID) -> None:
    cases, elements, clocks = (SQLModel.metadata.tables[name] for name in ("cases", "case_elements", "case_clocks"))
    people = {"requester": _FAMILIES.c.guardian, "subject": _FAMILIES.c.student}
    own = {name: _CASES.c[name] for name in ("id", "reference", "once", "due_on")}
    _copy(link, cases, _CASES.join(_FAMILIES, _OF_ITS_FAMILY), cases.c.id == model, people | own)
    _copy(link, elements, _CASES, elements.c.case == model, {"id": _CASES.c.element, "case": _CASES.c.id})
    _copy(link, clocks, _CASES, clocks.c.case == model, {"case": _CASES.c.id})


def _copy(
    link: Connection,
    table: Table,
    copies: FromClause,
    model: ColumnElement[bool],
    changed: Mapping[str, Column[Any]],
) -> None:
    columns = [one for one in table.columns if table.name != "people_index" or one.name != "id"]  # that one is counted
    rows = select(*(changed.get(one.name, one) for one in columns)).select_from(table.join(copies, true())).where(model)
    link.execute(table.insert().from_select([one.name for one in columns], rows))


def _id(kind: str, number: int) -> UUID:
    """Return the id of a copy, spread like random ones."""
    return UUID(bytes=blake2b(f"{kind} {number}".encode(), digest_size=16).digest())
