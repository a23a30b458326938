"""What an agency's administrators settle: what students may ask alone, whose word is enough, when the office works."""

from dataclasses import dataclass

from starlette.responses import Response

from rightsdesk.requests.agencies.errors import BadAgency, BadBlock
from rightsdesk.requests.agencies.policies import Policies, change_policies, read_blocks, read_days
from rightsdesk.requests.agencies.store import Agencies
from rightsdesk.web.desk.shown import Fault
from rightsdesk.web.office.shells import OfficeShell, actor, office_shell
from rightsdesk.web.visits import Visit


@dataclass(frozen=True, slots=True)
class PoliciesPage:
    """The agency's policies as they stand, or as they were typed."""

    shell: OfficeShell
    student_kinds: tuple[str, ...]
    roster_suffices: bool
    office_phone: str
    office_hours: str
    holidays: str
    own_blocks: str
    laws: tuple[str, ...]
    error: Fault | None = None


def policies(visit: Visit) -> Response:
    """Show the policies."""
    here = visit.here
    days = "\n".join(day.isoformat() for day in sorted(here.holidays))
    return visit.render(
        "office/policies.html",
        PoliciesPage(
            office_shell(visit, "office.policies"),
            here.student_kinds,
            here.roster_suffices,
            here.office_phone,
            here.office_hours,
            days,
            "\n".join(here.own_blocks),
            _laws(visit),
        ),
    )


def save_policies(visit: Visit) -> Response:
    """Store the policies; every change stands in the ledger."""
    form = visit.form
    try:
        wanted = Policies(
            student_kinds=form.texts("student_kinds"),
            roster_suffices=form.text("roster_suffices") != "no",
            office_phone=form.text("office_phone")[:40],
            office_hours=form.text("office_hours")[:120],
            holidays=read_days(form.text("holidays").splitlines()),
            own_blocks=read_blocks(form.text("own_blocks").splitlines()),
        )
        change_policies(Agencies(visit.tx), visit.docket.record, visit.here, wanted, actor(visit))
    except BadAgency as problem:
        field = "own_blocks" if isinstance(problem, BadBlock) else "holidays"
        return visit.render("office/policies.html", _typed(visit, Fault(visit.say(str(problem)), field)), status=422)
    return visit.see(f"{visit.url('office.policies')}?said=saved")


def _typed(visit: Visit, error: Fault) -> PoliciesPage:
    form = visit.form
    return PoliciesPage(
        office_shell(visit, "office.policies"),
        form.texts("student_kinds"),
        form.text("roster_suffices") != "no",
        form.text("office_phone"),
        form.text("office_hours"),
        form.text("holidays"),
        form.text("own_blocks"),
        _laws(visit),
        error,
    )


def _laws(visit: Visit) -> tuple[str, ...]:
    return tuple(visit.docket.rulebook.law(code).short for code in visit.here.laws)
