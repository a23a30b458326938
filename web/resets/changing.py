"""The change itself: written down, then done in the directory, then written down again; nobody waits for a lock."""

from datetime import datetime
from typing import Final
from uuid import UUID
from zoneinfo import ZoneInfo

from rightsdesk.requests.agencies.agency import Role
from rightsdesk.requests.agencies.store import Staff
from rightsdesk.requests.cases.docket import Docket
from rightsdesk.requests.ledger.audit import Event
from rightsdesk.requests.people.fields.store import Fields
from rightsdesk.verification.counting.store import Counts
from rightsdesk.verification.directories.port import Account, Changed, Down, Elsewhere, Outcome, Unsure
from rightsdesk.verification.directories.store import Directories
from rightsdesk.verification.passwords import Passwords
from rightsdesk.verification.reading import read_name
from rightsdesk.verification.students.signing_in import StudentMeans, forget_failures
from rightsdesk.verification.students.store import Held, Reset, Resets, StudentPasswords
from rightsdesk.verification.students.tables import Stage
from rightsdesk.web.directories import directory_of
from rightsdesk.web.portal import Portal
from rightsdesk.web.proof import Recorder
from rightsdesk.web.sessions import Sessions
from rightsdesk.web.visits import Visit

SETTLE_JOB: Final = "password_settle"
MAIL_JOB: Final = "password_mail"
TEXT_JOB: Final = "text_password"
NAMES: Final = ("username", "email")  # the elements of a record that somebody may sign in with


def student_means(docket: Docket, passwords: Passwords, now: datetime) -> StudentMeans:
    """Return what signing students of an agency in needs, inside one unit of work."""
    tx, agency = docket.session, docket.agency
    counts = Counts(tx, agency.id, ZoneInfo(agency.zone))
    return StudentMeans(
        kept=StudentPasswords(tx, agency.id),
        counts=counts,
        seal=docket.vault,
        record=Recorder(docket.record, counts, now),
        passwords=passwords,
        jobs=docket.jobs,
    )


def change(visit: Visit, held: Held, password: str) -> Outcome | None:
    """Let the agency's directory change the password; None if the grant is used up or over.

    The try is written down first, with a job that settles it should this process die: then the person is told that the
    password may have changed. The password itself is in no job.
    """
    with visit.unit():
        reset = Resets(visit.tx, visit.here.id).take(held, visit.now)
        if reset is None:
            return None
        account = Account(reset.person, Fields(visit.tx, visit.here, visit.vault).read(reset.person, "username"))
        terms = Directories(visit.tx, visit.here.id, visit.vault).terms()
        ids = (str(visit.here.id), str(reset.id), str(reset.tries))
        visit.portal.jobs.submit(visit.tx, SETTLE_JOB, f"{reset.id}:{reset.tries}", *ids)
        _note(visit.docket, reset.person, "attempted", str(terms.kind))
    outcome = directory_of(visit.portal, visit.here, terms).set_password(account, password)
    visit.now = visit.portal.now()
    with visit.unit():
        return _ended(visit, reset, outcome)


def settle(portal: Portal, docket: Docket, reset: Reset, stage: Stage) -> bool:
    """Write down that the password changed, or may have: sessions end, and everybody is told. True for one caller."""
    if not Resets(docket.session, docket.agency.id).conclude(reset, stage):
        return False
    seats = Sessions(docket.session, docket.agency.id, docket.vault, portal.now(), portal.draw)
    ended, actor = seats.end_all(person=reset.person), f"requester:{reset.person}"
    docket.record(Event("password_changed", actor, subject=reset.person, facts=(("reason", f"reset_{stage}"),)))
    docket.record(Event("session_ended", actor, subject=reset.person, facts=(("count", str(ended)),)))
    _forget_failures(docket, portal, reset.person)
    _tell(docket, reset)
    return True


def _ended(visit: Visit, reset: Reset, outcome: Outcome) -> Outcome:
    """Write down what the directory said; a try that was given up for lost meanwhile stays unsure."""
    if isinstance(outcome, Changed | Unsure):
        stage = Stage.CHANGED if isinstance(outcome, Changed) else Stage.UNSURE
        return outcome if settle(visit.portal, visit.docket, reset, stage) else Unsure()
    if not Resets(visit.tx, visit.here.id).give_back(reset):
        return Unsure()
    why = outcome.why if isinstance(outcome, Down) else "elsewhere" if isinstance(outcome, Elsewhere) else "not_taken"
    _note(visit.docket, reset.person, "not_changed", why)
    return outcome


def _note(docket: Docket, person: UUID, reason: str, about: str) -> None:
    facts = (("reason", reason), ("about", about))
    docket.record(Event("password_reset", f"requester:{person}", subject=person, facts=facts))


def _forget_failures(docket: Docket, portal: Portal, person: UUID) -> None:
    means = student_means(docket, portal.passwords, portal.now())
    fields = Fields(docket.session, docket.agency, docket.vault)
    for name in filter(None, (fields.read(person, element) for element in NAMES)):
        forget_failures(means, read_name(name))


def _tell(docket: Docket, reset: Reset) -> None:
    ids, key = (str(docket.agency.id), str(reset.id)), f"{reset.id}:{reset.tries}"
    docket.jobs.submit(docket.session, MAIL_JOB, key, *ids, str(reset.person))
    docket.jobs.submit(docket.session, TEXT_JOB, key, *ids)
    for one in Staff(docket.session, docket.agency.id, docket.vault).every():
        if Role.ADMINISTRATOR in one.roles and one.is_here:
            docket.jobs.submit(docket.session, MAIL_JOB, f"{key}:{one.id}", *ids, str(one.id))
