"""Roster imports: what each run found, what is on hold, and a file that was added by hand."""

from dataclasses import dataclass
from datetime import datetime
from typing import Final
from uuid import UUID

from starlette.responses import Response

from rightsdesk.requests.agencies.store import Staff
from rightsdesk.requests.people.errors import NotOnFile
from rightsdesk.requests.people.roster.outcome import State
from rightsdesk.requests.people.roster.problems import Problem
from rightsdesk.requests.people.roster.runs.store import Run, Runs
from rightsdesk.web.desk.shown import Fault
from rightsdesk.web.desk.typed import identity
from rightsdesk.web.office.csv_files import as_csv
from rightsdesk.web.office.shells import OfficeShell, office_shell
from rightsdesk.web.visits import Visit

SHOWN_PROBLEMS: Final = 200
_HEAD: Final = ("file", "line", "column", "problem", "kind", "first_line")


@dataclass(frozen=True, slots=True)
class RunLine:
    """One import in the list."""

    id: UUID
    started_at: datetime
    state: str
    started_by: str


@dataclass(frozen=True, slots=True)
class RosterPage:
    """The newest imports, and the form for another file."""

    shell: OfficeShell
    runs: tuple[RunLine, ...]
    error: Fault | None = None


@dataclass(frozen=True, slots=True)
class CountLine:
    """How many of a kind are new, differ and are gone; ``is_over`` when that is why it is on hold."""

    part: str
    now: int
    added: int
    changed: int
    removed: int
    is_over: bool


@dataclass(frozen=True, slots=True)
class RunPage:
    """One import in full."""

    shell: OfficeShell
    id: UUID
    state: str
    reason: str
    started_at: datetime
    started_by: str
    counts: tuple[CountLine, ...]
    under_13: int
    age_unknown: int
    problems: tuple[Problem, ...]
    error: Fault | None = None


def roster(visit: Visit) -> Response:
    """Show the newest imports."""
    return visit.render("office/roster.html", roster_page(visit, None))


def roster_page(visit: Visit, error: Fault | None) -> RosterPage:
    """Return the list of imports."""
    lines = [
        RunLine(one.id, one.started_at, str(one.state), _who(visit, one))
        for one in Runs(visit.tx, visit.here.id).latest()
    ]
    return RosterPage(office_shell(visit, "office.roster"), tuple(lines), error)


def run(visit: Visit) -> Response:
    """Show one import: counts, left-out numbers, rows that could not be used."""
    return visit.render("office/run.html", run_page(visit, found_run(visit), None))


def problems(visit: Visit) -> Response:
    """Hand out every finding of one import as a file: places and codes, never what stands there."""
    rows = Runs(visit.tx, visit.here.id).problems(found_run(visit).id)
    cells = (
        (one.file, str(one.line), one.column, one.code, one.severity.value, str(one.other_line or "")) for one in rows
    )
    headers = {
        "Content-Disposition": f'attachment; filename="roster-{visit.here.slug}.csv"',
        "X-Content-Type-Options": "nosniff",
        "Cache-Control": "no-store",
    }
    return Response(as_csv(_HEAD, cells), media_type="text/csv; charset=utf-8", headers=headers)


def found_run(visit: Visit) -> Run:
    """Return the run that the path names.

    Raises:
        NotOnFile: unknown, or another agency's.
    """
    found = Runs(visit.tx, visit.here.id).run(identity(visit.part("run")))
    if found is None:
        raise NotOnFile("No import of this agency has this id.")
    return found


def run_page(visit: Visit, found: Run, error: Fault | None) -> RunPage:
    """Return the page of one import."""
    is_held = found.state is State.HELD
    counts = tuple(
        CountLine(name, one.now, one.added, one.changed, one.removed, is_held and one.removed * 10 > one.now)
        for name, one in found.counts.kinds()
    )
    return RunPage(
        shell=office_shell(visit, "office.roster"),
        id=found.id,
        state=str(found.state),
        reason=found.reason,
        started_at=found.started_at,
        started_by=_who(visit, found),
        counts=counts,
        under_13=found.dropped.under_13,
        age_unknown=found.dropped.age_unknown,
        problems=tuple(Runs(visit.tx, visit.here.id).problems(found.id, SHOWN_PROBLEMS)),
        error=error,
    )


def _who(visit: Visit, one: Run) -> str:
    kind, _, number = one.started_by.partition(":")
    if kind != "staff":
        return one.started_by
    known = Staff(visit.tx, visit.here.id, visit.vault).names().get(UUID(number))
    return known.name if known else ""
