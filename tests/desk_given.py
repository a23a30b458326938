"""An agency with a school, two families, five members of staff and open requests, through the portal's own parts."""

from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Final
from uuid import UUID

from databases import url_of
from ledger_given import counted_draw
from sqlmodel import Session
from starlette.testclient import TestClient
from tables_given import make_tables

from rightsdesk.requests.agencies.agency import Agency, Colleague, Role
from rightsdesk.requests.agencies.store import Agencies, Staff
from rightsdesk.requests.agencies.tables import SchoolRow
from rightsdesk.requests.cases.case import Case, Delivery, Kind
from rightsdesk.requests.cases.filing import Filing, file_case
from rightsdesk.requests.cases.routing import Wanted
from rightsdesk.requests.ledger.keyfile import open_or_create
from rightsdesk.requests.ledger.vault import AgencyVault
from rightsdesk.requests.people.names import words_of
from rightsdesk.requests.people.store import place
from rightsdesk.requests.people.tables import ContactRow, GuardianshipRow, PersonIndexRow, PersonRow
from rightsdesk.web.app import app_of, wire
from rightsdesk.web.portal import Portal
from rightsdesk.web.sessions import STAFF as STAFF_SEAT
from rightsdesk.web.sessions import Sessions
from rightsdesk.web.settings import Outlet, Settings

NEW: Final = datetime(2026, 11, 20, 17, tzinfo=UTC)
NOW: Final = datetime(2026, 11, 23, 17, tzinfo=UTC)  # noon in New York, the Monday after
MARIGOLD: Final = Agency(
    id=UUID("aaaaaaaa-0000-4000-8000-000000000001"),
    slug="marigold",
    name="Marigold Unified School District",
    short_name="Marigold Unified",
    prefix="MGD",
    zone="America/New_York",
    region="us",
    laws=("us-ferpa", "us-ny-2d"),
    town="Marigold, New York",
    office_phone="(555) 555-0134",
    office_hours="Monday to Friday, 8 am to 4 pm",
)
PLUM: Final = replace(MARIGOLD, id=UUID("cccccccc-0000-4000-8000-000000000001"), slug="plum", prefix="PLM")
SCHOOL: Final = UUID("aaaaaaaa-0000-4000-8000-000000000002")


def person_id(number: int) -> UUID:
    """Return the same id for the same number."""
    return UUID(int=(0xBBBBBBBB << 96) | (4 << 76) | (8 << 60) | number)


ELENA, LUCIA, MATEO, MARCUS, JORDAN = (person_id(number) for number in range(1, 6))
PRIYA, DANA, ROSA, AUDREY, SAM = (person_id(number) for number in range(101, 106))


@dataclass(frozen=True, slots=True)
class OnRoster:
    """Somebody to be entered on the roster."""

    id: UUID
    given: str
    family: str
    born: date | None = None
    grade: str = ""
    number: str = ""


PEOPLE: Final = (
    OnRoster(ELENA, "Elena", "Delgado"),
    OnRoster(LUCIA, "Lucía", "Delgado", date(2014, 5, 4), "07", "40117"),
    OnRoster(MATEO, "Mateo", "Delgado", date(2011, 2, 2), "10", "40118"),
    OnRoster(MARCUS, "Marcus", "Bell"),
    OnRoster(JORDAN, "Jordan", "Bell", date(2009, 9, 9), "11", "40200"),
)
LINKS: Final = ((ELENA, LUCIA), (ELENA, MATEO), (MARCUS, JORDAN))
STAFF: Final = (
    Colleague(PRIYA, "Priya Nair", "priya@marigold.example", frozenset({Role.APPROVER})),
    Colleague(DANA, "Dana Wu", "dana@marigold.example", frozenset({Role.APPROVER})),
    Colleague(ROSA, "Rosa Marin", "rosa@marigold.example", frozenset({Role.ADMINISTRATOR, Role.LEAD})),
    Colleague(AUDREY, "Audrey Okoro", "audrey@marigold.example", frozenset({Role.AUDITOR})),
    # Sam works at the desk and is Jordan's father: he may never decide about Jordan.
    Colleague(SAM, "Sam Bell", "sam@marigold.example", frozenset({Role.APPROVER}), person=MARCUS),
)


@dataclass(slots=True)
class Clock:
    """A clock that a test moves."""

    at: datetime = NOW

    def __call__(self) -> datetime:
        """Return the instant it was set to."""
        return self.at


def open_portal(folder: Path, clock: Clock) -> Portal:
    """Return a wired portal on an empty database in this folder, with the agency settled."""
    settings = Settings(
        public_url="http://127.0.0.1",
        data=folder,
        database=url_of(folder, "rightsdesk"),
        keys_database=url_of(folder, "subject-keys"),
        keys=folder / "rightsdesk.keys",
        sms=Outlet("file", str(folder / "texts.jsonl")),
        mail=Outlet("file", str(folder / "mails.jsonl")),
    )
    open_or_create(settings.keys)
    portal = wire(settings, clock, counted_draw())
    make_tables(portal.storage.engine)
    settle(portal)
    return portal


def cookie(portal: Portal, staff: UUID, proved_ago: timedelta = timedelta(minutes=1)) -> str:
    """Return the cookie of somebody who signed in, and showed the second factor that long ago."""
    now = portal.now()
    with portal.storage.write() as tx:
        sessions = Sessions(tx, MARIGOLD.id, portal.vault.agency(MARIGOLD.id), now, portal.draw, STAFF_SEAT)
        proved = now - proved_ago
        fresh = replace(sessions.fresh(), kind=STAFF_SEAT, staff=staff, password_at=proved, second_at=proved)
        return sessions.store(fresh).token


def at_the_desk(portal: Portal, staff: UUID, proved_ago: timedelta = timedelta(minutes=1)) -> TestClient:
    """Return a browser without script in which this person is signed in; it follows redirects."""
    client = TestClient(app_of(portal), base_url="http://127.0.0.1", headers={"sec-fetch-site": "same-origin"})
    client.cookies.set("rightsdesk-desk", cookie(portal, staff, proved_ago))
    return client


def settle(portal: Portal) -> None:
    """Enter the agency, its school, the families and the staff."""
    with portal.storage.write() as tx:
        Agencies(tx).add(MARIGOLD, NEW)
        tx.add(SchoolRow(id=SCHOOL, agency=MARIGOLD.id, sourced_id="s1", name="Alder Creek Middle", kind="school"))
        tx.flush()
        vault = portal.vault.agency(MARIGOLD.id)
        for person in PEOPLE:
            _enter(tx, vault, person)
        tx.flush()
        for number, (guardian, student) in enumerate(LINKS):
            tx.add(
                GuardianshipRow(
                    id=person_id(300 + number),
                    agency=MARIGOLD.id,
                    student=student,
                    guardian=guardian,
                    relation="parent",
                    authority="roster_asserted",
                    since=NEW,
                )
            )
        _reach(tx, vault, ELENA, "+15555550142")
        for colleague in STAFF:
            Staff(tx, MARIGOLD.id, vault).add(colleague, NEW)


def ask(
    portal: Portal,
    kind: Kind = Kind.CORRECTION,
    *,
    requester: UUID = ELENA,
    subject: UUID = LUCIA,
    wanted: tuple[Wanted, ...] = (Wanted("name.family", "Delgado"),),
    at: datetime = NEW,
    details: str = "Her last name is spelled wrong on the class list.",
    channel: str = "portal",
    means: str = "text_code",
    delivery: Delivery | None = Delivery.ELECTRONIC,
) -> Case:
    """File a request and return it."""
    with portal.storage.write() as tx:
        docket = portal.docket(tx, MARIGOLD, at)
        filing = Filing(
            requester=requester,
            subject=subject,
            kind=kind,
            wanted=wanted,
            details=details,
            language="es",
            once=portal.draw(16).hex(),
            channel=channel,
            means=means,
            received_at=at,
            delivery=delivery,
        )
        return file_case(docket, filing, at)[0]


def many(portal: Portal, count: int) -> list[Case]:
    """File that many requests to see data, each by another guardian, due on different days."""
    cases = []
    for number in range(count):
        guardian, student = person_id(1000 + 2 * number), person_id(1001 + 2 * number)
        with portal.storage.write() as tx:
            vault = portal.vault.agency(MARIGOLD.id)
            _enter(tx, vault, OnRoster(guardian, "Guardian", f"Number{number}"))
            _enter(tx, vault, OnRoster(student, "Student", f"Number{number}", date(2015, 1, 1), "05"))
            tx.flush()
            tx.add(
                GuardianshipRow(
                    id=person_id(100_000 + number),
                    agency=MARIGOLD.id,
                    student=student,
                    guardian=guardian,
                    relation="parent",
                    authority="roster_asserted",
                    since=NEW,
                )
            )
        at = NEW - timedelta(days=number % 40)
        cases.append(ask(portal, Kind.ACCESS, requester=guardian, subject=student, wanted=(), at=at, details=""))
    return cases


def found(portal: Portal, reference: str) -> Case:
    """Return a case as it stands now."""
    with portal.storage.read() as tx:
        return portal.docket(tx, MARIGOLD, NEW).cases.find(reference)


def _enter(tx: Session, vault: AgencyVault, person: OnRoster) -> None:
    def sealed(column: str, text: str) -> bytes:
        return vault.seal(person.id, "identity", place("people", person.id, column), text)

    tx.add(
        PersonRow(
            id=person.id,
            agency=MARIGOLD.id,
            is_student=person.born is not None,
            given=sealed("given", person.given),
            family=sealed("family", person.family),
            birth_date=sealed("birth_date", person.born.isoformat()) if person.born else None,
            student_number=sealed("student_number", person.number) if person.number else None,
            grade=person.grade,
            school=SCHOOL if person.born else None,
            first_seen=NEW,
        )
    )
    tx.flush()
    entries = [("name", word) for word in words_of(f"{person.given} {person.family}")]
    entries += [("student_number", person.number)] if person.number else []
    for purpose, value in entries:
        index = vault.index(purpose, value)
        tx.add(PersonIndexRow(agency=MARIGOLD.id, purpose=purpose, value=index, person=person.id))


def _reach(tx: Session, vault: AgencyVault, person: UUID, number: str) -> None:
    contact = person_id(500)
    value = vault.seal(person, "identity", place("contacts", contact, "value"), number)
    tx.add(
        ContactRow(
            id=contact,
            agency=MARIGOLD.id,
            person=person,
            channel="text",
            value=value,
            confirmed_at=NEW - timedelta(days=30),
            added_at=NEW - timedelta(days=90),
        )
    )
    tx.flush()
    index = vault.index("number", number)
    tx.add(PersonIndexRow(agency=MARIGOLD.id, purpose="number", value=index, person=person, contact=contact))
