"""The ledger as the office reads it: filtered, checked, exported."""

import re
from dataclasses import dataclass
from typing import Final
from urllib.parse import urlencode
from uuid import UUID

from starlette.responses import Response

from rightsdesk.requests.agencies.agency import Colleague
from rightsdesk.requests.agencies.store import Staff
from rightsdesk.requests.ledger.audit import Event
from rightsdesk.requests.ledger.journal.store import PAGE, Journal, Written
from rightsdesk.requests.ledger.verify import verify
from rightsdesk.web.office.csv_files import as_csv
from rightsdesk.web.office.shells import OfficeShell, actor, office_shell
from rightsdesk.web.visits import Visit

_KIND: Final = re.compile(r"[a-z_]{0,40}")
_CASE: Final = re.compile(r"[A-Z0-9-]{0,24}")
_HEAD: Final = ("number", "at", "kind", "actor", "case", "subject", "facts")
MOST_EXPORTED: Final = 50_000


@dataclass(frozen=True, slots=True)
class Checked:
    """What came of checking the whole chain; ``first_bad`` is 0 when no single entry can be named."""

    entries: int
    is_whole: bool
    first_bad: int
    why: str


@dataclass(frozen=True, slots=True)
class AuditPage:
    """One page of the ledger; actors by name where they are staff. ``checked`` is None until somebody asks for it."""

    shell: OfficeShell
    kind: str
    case: str
    length: int
    rows: tuple[Written, ...]
    older_href: str
    checked: Checked | None


def audit(visit: Visit) -> Response:
    """Show the newest entries, of one kind or one request when asked."""
    return visit.render("office/audit.html", _page(visit, _filter(visit.query("kind"), visit.query("case")), None))


def check(visit: Visit) -> Response:
    """Read the whole chain and say whether it is as it was written."""
    with visit.looking():
        verdict = verify(visit.tx, visit.here.id, visit.portal.checkpoints)
        checked = Checked(verdict.entries, verdict.ok, verdict.first_bad or 0, visit.say(verdict.why))
        return visit.render("office/audit.html", _page(visit, ("", ""), checked))


def export(visit: Visit) -> Response:
    """Hand out what the filter shows as a file, and write down that it was taken."""
    kind, case = _filter(visit.form.text("kind"), visit.form.text("case"))
    rows = [
        one for _, one in zip(range(MOST_EXPORTED), Journal(visit.tx, visit.here.id).every(kind, case), strict=False)
    ]
    # What found nothing is only something that somebody typed, and may be a name.
    kind, case = (kind, case) if rows else ("", "")
    facts = (("rows", str(len(rows))), ("kind", kind))
    visit.docket.record(Event("exported", actor(visit), case, facts=facts))
    body = as_csv(_HEAD, (_cells(one) for one in rows))
    headers = {
        "Content-Disposition": f'attachment; filename="audit-{visit.here.slug}.csv"',
        "X-Content-Type-Options": "nosniff",
        "Cache-Control": "no-store",
    }
    return Response(body, media_type="text/csv; charset=utf-8", headers=headers)


def _page(visit: Visit, wanted: tuple[str, str], checked: Checked | None) -> AuditPage:
    kind, case = wanted
    journal = Journal(visit.tx, visit.here.id)
    before = visit.query("before")
    found = journal.entries(
        kind, case, int(before) if before.isascii() and before.isdigit() and len(before) < 18 else 0
    )
    staff = Staff(visit.tx, visit.here.id, visit.vault).names()
    query = urlencode({"kind": kind, "case": case, "before": found[-1].number}) if len(found) == PAGE else ""
    return AuditPage(
        shell=office_shell(visit, "office.audit"),
        kind=kind,
        case=case,
        length=journal.length(),
        rows=tuple(_named(one, staff) for one in found),
        older_href=f"{visit.url('office.audit')}?{query}" if query else "",
        checked=checked,
    )


def _filter(kind: str, case: str) -> tuple[str, str]:
    case = case.upper()
    return (kind if _KIND.fullmatch(kind) else ""), (case if _CASE.fullmatch(case) else "")


def _named(one: Written, staff: dict[UUID, Colleague]) -> Written:
    who, _, number = one.actor.partition(":")
    known = staff.get(UUID(number)) if who == "staff" and number else None
    name = known.name if known else who
    return Written(one.number, one.at, one.kind, name, one.case, one.subject, one.facts)


def _cells(one: Written) -> tuple[str, ...]:
    facts = " ".join(f"{name}={value}" for name, value in one.facts)
    subject = str(one.subject) if one.subject else ""
    return (str(one.number), one.at.isoformat(), one.kind, one.actor, one.case, subject, facts)
