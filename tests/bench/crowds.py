"""Fills a portal with an agency and families whose names can be opened, and signs two people in."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from typing import Any, Final
from uuid import UUID, uuid5

from sqlmodel import Session

from rightsdesk.requests.agencies.agency import Agency, Colleague, Role
from rightsdesk.requests.agencies.store import Agencies, Staff
from rightsdesk.requests.agencies.tables import SchoolRow
from rightsdesk.requests.cases.case import Delivery, Kind
from rightsdesk.requests.cases.filing import Filing, file_case
from rightsdesk.requests.cases.routing import Wanted
from rightsdesk.requests.ledger.vault import AgencyVault
from rightsdesk.requests.people.names import words_of
from rightsdesk.requests.people.store import place
from rightsdesk.requests.people.tables import ContactRow, GuardianshipRow, PersonIndexRow, PersonRow
from rightsdesk.web import schema
from rightsdesk.web.portal import Portal
from rightsdesk.web.seats import REQUESTER, STAFF, Seat
from rightsdesk.web.sessions import Sessions

FAMILIES: Final = 120  # whose names can be opened: more than a page of the desk shows
AGENCY: Final = Agency(
    id=UUID("bbbbbbbb-0000-4000-8000-000000000001"),
    slug="bench",
    name="Bench Unified School District",
    short_name="Bench Unified",
    prefix="BNC",
    zone="America/New_York",
    region="us",
    laws=("us-ferpa", "us-ny-2d"),
    office_phone="(212) 555-0134",
)
_SPACE: Final = UUID("bbbbbbbb-0000-5000-8000-000000000002")
_LONG_AGO: Final = timedelta(days=400)


def named(kind: str, number: int) -> UUID:
    """Return the same id for the same kind and number."""
    return uuid5(_SPACE, f"{kind}/{number}")


def phone_of(number: int) -> str:
    """Return the number of a family's guardian, each in a prefix of its own: those are limited too."""
    return f"+1212{300 + number + (number % 100 == 11)}{1000 + number * 7:04}"


def settle(portal: Portal) -> None:
    """Enter the agency, its school, its families and an approver into an empty portal."""
    schema.migrate(portal.storage.engine)
    now = portal.now()
    with portal.storage.write() as tx:
        Agencies(tx).add(AGENCY, now - _LONG_AGO)
        tx.add(SchoolRow(id=named("school", 1), agency=AGENCY.id, sourced_id="s1", name="Poppy Hill", kind="school"))
        tx.flush()
        vault = portal.vault.agency(AGENCY.id)
        for number in range(FAMILIES):
            _family(tx, vault, number, now)
        for number, name in enumerate(("Priya Nair", "Omar Reyes"), start=1):
            mail = f"{name.split()[0].lower()}@bench.example"
            approver = Colleague(named("staff", number), name, mail, frozenset({Role.APPROVER}))
            Staff(tx, AGENCY.id, vault).add(approver, now)


def _family(tx: Session, vault: AgencyVault, number: int, now: datetime) -> None:
    guardian, student = named("guardian", number), named("student", number)
    _person(tx, vault, guardian, f"Guardian{number}", None, now)
    _person(tx, vault, student, f"Student{number}", date(now.year - 9, 1, 1), now)
    tx.flush()
    tx.add(
        GuardianshipRow(
            id=named("link", number),
            agency=AGENCY.id,
            student=student,
            guardian=guardian,
            relation="parent",
            authority="roster_asserted",
            since=now - _LONG_AGO,
        )
    )
    contact = named("contact", number)
    sealed = vault.seal(guardian, "identity", place("contacts", contact, "value"), phone_of(number))
    old = {"confirmed_at": now - timedelta(days=30), "added_at": now - _LONG_AGO}
    tx.add(ContactRow(id=contact, agency=AGENCY.id, person=guardian, channel="text", value=sealed, **old))
    tx.flush()
    value = vault.index("number", phone_of(number))
    tx.add(PersonIndexRow(agency=AGENCY.id, purpose="number", value=value, person=guardian, contact=contact))


def _person(tx: Session, vault: AgencyVault, person: UUID, given: str, born: date | None, now: datetime) -> None:
    def sealed(column: str, text: str) -> bytes:
        return vault.seal(person, "identity", place("people", person, column), text)

    tx.add(
        PersonRow(
            id=person,
            agency=AGENCY.id,
            is_student=born is not None,
            given=sealed("given", given),
            family=sealed("family", f"Of{given}"),
            birth_date=sealed("birth_date", born.isoformat()) if born else None,
            grade="03" if born else "",
            school=named("school", 1) if born else None,
            first_seen=now - _LONG_AGO,
        )
    )
    tx.flush()
    for word in words_of(f"{given} Of{given}"):
        tx.add(PersonIndexRow(agency=AGENCY.id, purpose="name", value=vault.index("name", word), person=person))


def filing(portal: Portal, number: int, last_name: str = "") -> Filing:
    """Return what the guardian of a family sends: a wish to see the data, or to mend the last name."""
    return Filing(
        requester=named("guardian", number),
        subject=named("student", number),
        kind=Kind.CORRECTION if last_name else Kind.ACCESS,
        wanted=(Wanted("name.family", last_name),) if last_name else (),
        details="Her last name is spelled wrong on the class list." if last_name else "",
        language="en",
        once=portal.draw(16).hex(),
        channel="portal",
        means="text_code",
        received_at=portal.now(),
        delivery=Delivery.ELECTRONIC,
    )


def file(portal: Portal, sent: Filing) -> UUID:
    """File a request in a unit of work of its own and return its id."""
    with portal.storage.write() as tx:
        return file_case(portal.docket(tx, AGENCY, portal.now()), sent, portal.now())[0].id


@dataclass(frozen=True, slots=True)
class Signed:
    """The cookies of two people who have shown who they are: an approver and the guardian of the first family."""

    approver: str
    guardian: str


def signed_in(portal: Portal) -> Signed:
    """Sign both in and return their cookies."""
    return Signed(approver_in(portal, 1), guardian_in(portal, 0))


def approver_in(portal: Portal, number: int) -> str:
    """Sign one of the two approvers in and return the cookie."""
    now = portal.now()
    proved = {"staff": named("staff", number), "password_at": now, "second_at": now}
    return f"rightsdesk-desk={_cookie(portal, STAFF, proved)}"


def guardian_in(portal: Portal, number: int) -> str:
    """Sign the guardian of a family in and return the cookie."""
    return f"rightsdesk={_cookie(portal, REQUESTER, {'person': named('guardian', number), 'proved_at': portal.now()})}"


def _cookie(portal: Portal, kind: str, proved: Mapping[str, Any]) -> str:
    with portal.storage.write() as tx:
        sessions = Sessions(tx, AGENCY.id, portal.vault.agency(AGENCY.id), portal.now(), portal.draw, kind)
        seat: Seat = replace(sessions.fresh(), kind=kind, **proved)
        return sessions.store(seat).token
