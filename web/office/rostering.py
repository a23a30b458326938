"""Add a roster file by hand, and decide about a run on hold; the worker does both."""

from dataclasses import replace
from typing import Final
from uuid import UUID

from starlette.responses import Response

from rightsdesk.requests.ledger.audit import Event
from rightsdesk.requests.ledger.journal.store import Journal
from rightsdesk.requests.people.roster.outcome import State
from rightsdesk.requests.people.roster.releasing import Use
from rightsdesk.verification.assurance import Act
from rightsdesk.web.desk.shown import Fault
from rightsdesk.web.guards import lacks
from rightsdesk.web.office import uploads
from rightsdesk.web.office.roster import found_run, roster_page, run_page
from rightsdesk.web.office.shells import actor
from rightsdesk.web.visits import Visit

_ZIP: Final = b"PK\x03\x04"
_HOW: Final = {"keep": Use.KEEP_EVERYBODY.value, "all": Use.REMOVE_MISSING.value, "drop": uploads.DISCARD}


def upload(visit: Visit) -> Response:
    """Keep the file sealed and let the worker read it."""
    file = visit.form.file("package")
    if file is None or not file.content.startswith(_ZIP):
        words = visit.say("Choose a ZIP file." if file is None else "This is not a ZIP file. Choose another one.")
        return visit.render("office/roster.html", roster_page(visit, Fault(words, "package")), status=422)
    uploads.keep(visit.portal, visit.tx, visit.here, file.content, visit.me.id)
    return visit.see(f"{visit.url('office.roster')}?said=uploaded")


def decide(visit: Visit) -> Response:
    """Use a held file without removing anybody, throw it away, or remove all: the last takes two administrators."""
    run, act = found_run(visit), visit.form.text("do")
    if run.state is not State.HELD or act not in _HOW:
        return visit.see(visit.url("office.run", run=str(run.id)))
    if act == "all" and lacks(visit, Act.REMOVE_MANY):
        return visit.see(f"{visit.url('desk.second_factor')}?next={visit.url('office.run', run=str(run.id))}")
    if act == "all" and not _somebody_else_asked(visit, run.id):
        visit.docket.record(Event("roster_held", actor(visit), facts=(("run", str(run.id)), ("act", "remove_asked"))))
        words = visit.say("Noted. Another administrator must press the same button before anybody is removed.")
        page = replace(run_page(visit, run, None), error=Fault(words, "main"))
        return visit.render("office/run.html", page)
    how = _HOW[act]
    ids = (str(visit.here.id), str(run.id), how, str(visit.me.id))
    visit.portal.jobs.submit(visit.tx, uploads.USE, f"{uploads.USE}:{run.id}:{how}", *ids)
    return visit.see(f"{visit.url('office.roster')}?said=uploaded")


def _somebody_else_asked(visit: Visit, run: UUID) -> bool:
    wanted = {("run", str(run)), ("act", "remove_asked")}
    return any(
        wanted <= set(one.facts) and one.actor != actor(visit)
        for one in Journal(visit.tx, visit.here.id).entries("roster_held")
    )
