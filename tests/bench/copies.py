"""Copies the rows of one request and its family until a portal holds as many requests as wanted."""

from collections.abc import Callable, Mapping, Sequence
from datetime import date, timedelta
from hashlib import blake2b
from typing import Any, Final, TypeAlias
from uuid import UUID

from bench.crowds import FAMILIES, file, filing, named
from sqlalchemy import Connection, update
from sqlmodel import col

from rightsdesk.requests.cases.tables import CaseCountRow
from rightsdesk.web.portal import Portal

_BATCH: Final = 10_000
_CASES_EACH: Final = 10  # requests of one copied family
_DAYS: Final = 300

Raw: TypeAlias = Mapping[str, Any]  # a row as the driver gives it: typed values would cost ten times as much


def fill(portal: Portal, cases: int) -> None:
    """File one request for each family, then copy the last one, with its people, until there are so many.

    What is sealed is copied as it is: the copies are due later than what was filed, so no page opens them.
    """
    filed = [file(portal, filing(portal, number, "Delgado")) for number in range(FAMILIES)]
    wanted = cases - FAMILIES
    with portal.storage.write() as tx:
        link = tx.connection()
        for start in range(0, wanted, _BATCH):
            _copy_families(link, range(start // _CASES_EACH, min(start + _BATCH, wanted) // _CASES_EACH))
            _copy_cases(link, filed[-1], range(start, min(start + _BATCH, wanted)))
        counted = update(CaseCountRow).where(col(CaseCountRow.view).in_(("decision", "lang:en")))
        link.execute(counted.values(number=col(CaseCountRow.number) + wanted))


def _copy_families(link: Connection, families: range) -> None:
    for kind in ("guardian", "student"):
        person = _rows(link, "people", "id", named(kind, 0))
        _write(link, "people", person, families, lambda family, kind=kind: {"id": _id(kind, family)})
        words = [row for row in _rows(link, "people_index", "person", named(kind, 0)) if row["purpose"] == "name"]
        _write(
            link,
            "people_index",
            words,
            families,
            lambda family, kind=kind: {"person": _id(kind, family), "value": f"00000000:{_id(kind, -family)}"},
        )


def _copy_cases(link: Connection, model: UUID, numbers: range) -> None:
    case = _rows(link, "cases", "id", model)
    due = date.fromisoformat(str(case[0]["due_on"]))
    later = [(due + timedelta(days=1 + day)).isoformat() for day in range(_DAYS)]

    def changed(number: int) -> Raw:
        family = number // _CASES_EACH
        return {
            "id": _id("case", number),
            "reference": f"BNC-{number:08}-0",
            "once": f"copy-{number}",
            "requester": _id("guardian", family),
            "subject": _id("student", family),
            "due_on": later[number % _DAYS],
        }

    _write(link, "cases", case, numbers, changed)
    elements = _rows(link, "case_elements", "case", model)
    _write(link, "case_elements", elements, numbers, lambda one: {"id": _id("element", one), "case": _id("case", one)})
    clocks = _rows(link, "case_clocks", "case", model)
    _write(link, "case_clocks", clocks, numbers, lambda one: {"case": _id("case", one)})


def _id(kind: str, number: int) -> str:
    """Return the id of a copy: spread like random ones, and read by both databases."""
    return blake2b(f"{kind} {number}".encode(), digest_size=16).hexdigest()


def _rows(link: Connection, table: str, column: str, wanted: UUID) -> Sequence[Raw]:
    mark = "?" if link.dialect.paramstyle == "qmark" else "%s"
    one = (wanted.hex,)
    found = link.exec_driver_sql(f'SELECT * FROM {table} WHERE "{column}" = {mark}', one).mappings()  # noqa: S608 - our own names
    return [{name: value for name, value in row.items() if not _is_counted(table, name)} for row in found]


def _is_counted(table: str, column: str) -> bool:
    return table == "people_index" and column == "id"


def _write(link: Connection, table: str, models: Sequence[Raw], numbers: range, changed: Callable[[int], Raw]) -> None:
    if not (models and numbers):
        return
    columns = list(models[0])
    mark = "?" if link.dialect.paramstyle == "qmark" else "%s"
    names, marks = ", ".join(f'"{one}"' for one in columns), ", ".join([mark] * len(columns))
    rows = [tuple({**model, **new}.values()) for new in map(changed, numbers) for model in models]
    link.exec_driver_sql(f"INSERT INTO {table} ({names}) VALUES ({marks})", rows)  # noqa: S608 - our own names
