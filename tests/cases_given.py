"""A New York agency and another one, with families, a clock, real tables, and a queue that only remembers."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any
from uuid import UUID

from cases_people_given import (
    AT_AWAY,
    AT_HOME,
    AWAY,
    BEN,
    ELENA,
    ENOUGH,
    HOME,
    LINKS,
    LUCIA,
    PROVED,
    ROSA,
    RUTH,
    SCHOOL,
    STAFF,
    START,
    Clock,
    Remembered,
    Someone,
    number,
)
from law_given import BOOK
from ledger_given import counted_draw, engine_of
from sqlmodel import Session, col, select
from tables_given import make_tables

from rightsdesk.requests.agencies.agency import Agency
from rightsdesk.requests.agencies.store import Agencies, Staff
from rightsdesk.requests.agencies.tables import SchoolRow
from rightsdesk.requests.cases.case import Approver, Case, Delivery, Kind, Outcome
from rightsdesk.requests.cases.docket import Docket, Draw, Jobs
from rightsdesk.requests.cases.filing import Filing, file_case
from rightsdesk.requests.cases.routing import Wanted
from rightsdesk.requests.cases.ruling import ElementRuling, Ruling
from rightsdesk.requests.cases.store import Cases
from rightsdesk.requests.fulfilment.systems.directory import Directory
from rightsdesk.requests.fulfilment.systems.holdings import Holdings
from rightsdesk.requests.fulfilment.systems.port import Holding
from rightsdesk.requests.ledger.audit import Ledger
from rightsdesk.requests.ledger.keyfile import open_or_create
from rightsdesk.requests.ledger.store import KeyStore
from rightsdesk.requests.ledger.tables import AuditEventRow
from rightsdesk.requests.ledger.vault import Vault
from rightsdesk.requests.people.fields.store import Fields
from rightsdesk.requests.people.names import words_of
from rightsdesk.requests.people.store import People, place
from rightsdesk.requests.people.tables import (
    ContactRow,
    GuardianshipRow,
    PersonIndexRow,
    PersonRow,
    RestrictionRow,
)
from rightsdesk.web.storage import Storage


@dataclass(slots=True)
class World:
    """Two agencies on real SQLite files, seen through their dockets. ``jobs`` is what the queue remembers."""

    folder: Path
    storage: Storage
    vault: Vault
    clock: Clock
    draw: Draw
    jobs: Remembered
    queue: Jobs

    @property
    def now(self) -> datetime:
        """Return what the clock shows."""
        return self.clock.at

    def docket(self, tx: Session, agency: Agency) -> Docket:
        """Return an agency's docket on this session, with the built-in directory as what systems hold now."""
        self.storage.take_turn(tx, agency.id)
        vault = self.vault.agency(agency.id)
        people = People(tx, agency, vault)
        fields, holdings = Fields(tx, agency, vault), Holdings(tx, agency.id, vault)
        return Docket(
            agency=agency,
            session=tx,
            vault=vault,
            people=people,
            cases=Cases(tx, agency.id, vault),
            rulebook=BOOK,
            record=Ledger(tx, agency.id, self.now),
            jobs=self.queue,
            live=Directory(people, fields, holdings, self.draw),
            draw=self.draw,
            public_url="https://rights.example",
        )

    @contextmanager
    def at(self, agency: Agency = HOME) -> Iterator[Docket]:
        """Yield a docket in a unit of work that is committed at the end."""
        with self.storage.write() as tx:
            yield self.docket(tx, agency)

    @contextmanager
    def looking(self, agency: Agency = HOME) -> Iterator[Docket]:
        """Yield a docket that can only look."""
        with self.storage.read() as tx:
            yield self.docket(tx, agency)

    def by(self, staff: UUID, proved_ago: timedelta | None = PROVED) -> Approver:
        """Return a member of staff as they act now."""
        found = next(one for one in STAFF if one.id == staff)
        proved = None if proved_ago is None else self.now - proved_ago
        return Approver(staff, frozenset(map(str, found.roles)), found.person, proved)

    def file(self, kind: Kind = Kind.CORRECTION, *elements: str, agency: Agency = HOME, **changed: Any) -> Case:
        """File a request of Elena's about Lucía, unless told otherwise, and return its first case."""
        with self.at(agency) as docket:
            return file_case(docket, self.filing(kind, *elements, **changed), self.now)[0]

    def filing(self, kind: Kind = Kind.CORRECTION, *elements: str, **changed: Any) -> Filing:
        """Return what the form would send."""
        named = elements or {Kind.CORRECTION: ("name.family",), Kind.ERASURE: ("picture",)}.get(kind, ())
        wanted = tuple(Wanted(one, "Delgado Ruiz" if kind is Kind.CORRECTION else "") for one in named)
        plain = Filing(
            requester=ELENA,
            subject=LUCIA,
            kind=kind,
            wanted=wanted,
            details="Her last name has a second part.",
            language="es",
            once=self.draw(16).hex(),
            channel="portal",
            means="text_code",
            received_at=self.now,
            delivery=Delivery.ELECTRONIC,
        )
        return replace(plain, **changed)

    def case(self, case: Case | str, agency: Agency = HOME) -> Case:
        """Return a case as it stands now."""
        with self.looking(agency) as docket:
            return docket.cases.find(case if isinstance(case, str) else case.reference)

    def acts(self, case: Case) -> list[str]:
        """Return the kinds of the ledger's entries about a case, in order."""
        wanted = select(AuditEventRow.kind).where(AuditEventRow.case_reference == case.reference)
        with self.storage.read() as tx:
            return list(tx.exec(wanted.order_by(col(AuditEventRow.seq))).all())

    def rows(self, table: Any) -> list[Any]:
        """Return every row of a table."""
        with self.storage.read() as tx:
            return list(tx.exec(select(table)).all())

    def restrict(self, guardian: UUID, student: UUID | None = LUCIA, kind: str = "court_order") -> None:
        """Enter a restriction as a court order would, without looking at open cases."""
        with self.storage.write() as tx:
            begins = HOME.today(self.now)
            tx.add(
                RestrictionRow(
                    id=UUID(bytes=self.draw(16), version=4),
                    agency=HOME.id,
                    guardian=guardian,
                    student=student,
                    kind=kind,
                    begins=begins,
                    set_by=ROSA,
                    set_at=self.now,
                )
            )

    def lift(self) -> None:
        """Lift every restriction."""
        with self.storage.write() as tx:
            for row in tx.exec(select(RestrictionRow)).all():
                row.lifted_at, row.lifted_by = self.now, ROSA
                tx.add(row)

    def freeze(self, student: UUID, at: datetime | None) -> None:
        """Freeze a student, or with None thaw."""
        with self.at() as docket:
            docket.people.freeze(student, at)

    def hold(self, student: UUID, element: str, *values: str) -> None:
        """Give a student records of an element."""
        with self.at() as docket:
            holdings = Holdings(docket.session, docket.agency.id, docket.vault)
            held = [(student, Holding(element, (("name", value),))) for value in values]
            holdings.add(held, self.now, self.draw)

    def seen(self, student: UUID, element: str) -> list[str]:
        """Return the records of an element that are in sight."""
        with self.looking() as docket:
            found = Holdings(docket.session, docket.agency.id, docket.vault).of(student)
            return sorted(one.fields[0][1] for one in found if one.element == element)


def yes(case: Case, **changed: Any) -> Ruling:
    """Return a ruling that grants all."""
    return replace(Ruling(case.reference, case.version, Outcome.APPROVE), **changed)


def no(case: Case, ground: str = "ACCURATE", text: str = ENOUGH, **changed: Any) -> Ruling:
    """Return a ruling that refuses all."""
    return replace(Ruling(case.reference, case.version, Outcome.DENY, ground, text), **changed)


def partly(case: Case, *answers: ElementRuling, **changed: Any) -> Ruling:
    """Return a ruling element by element."""
    return replace(Ruling(case.reference, case.version, Outcome.PARTIAL, elements=answers), **changed)


def given_world(folder: Path, home: Agency = HOME, queue: Jobs | None = None) -> World:
    """Return real SQLite files with both agencies settled; ``queue`` replaces the one that remembers."""
    clock, jobs, draw = Clock(), Remembered(), counted_draw(str(folder.name == "twin"))
    keys = KeyStore(engine_of(folder, "subject-keys"), open_or_create(folder / "rightsdesk.keys"))
    keys.create()
    engine = engine_of(folder, "rightsdesk")
    make_tables(engine)
    vault = Vault(keys, draw, clock)
    world = World(folder, Storage(engine, keys.engine, lambda _: None), vault, clock, draw, jobs, queue or jobs)
    with world.storage.write() as tx:
        for agency, people in ((home, AT_HOME), (AWAY, AT_AWAY)):
            _settle(world, tx, agency, people)
        _link(tx, home, LINKS, 300)
        _link(tx, AWAY, ((RUTH, BEN),), 400)
        _reach(world, tx, home, ELENA)
        staff = Staff(tx, home.id, vault.agency(home.id))
        for colleague in STAFF:
            staff.add(colleague, START)
    return world


def _settle(world: World, tx: Session, agency: Agency, people: tuple[Someone, ...]) -> None:
    Agencies(tx).add(agency, START)
    school = UUID(int=SCHOOL.int + (agency.id != HOME.id))
    tx.add(SchoolRow(id=school, agency=agency.id, sourced_id="s1", name="Alder Creek", kind="school"))
    tx.flush()
    for someone in people:
        enter(world, tx, agency, someone, school)


def enter(world: World, tx: Session, agency: Agency, someone: Someone, school: UUID = SCHOOL) -> None:
    """Put a person on an agency's record."""
    vault = world.vault.agency(agency.id)

    def sealed(column: str, text: str) -> bytes | None:
        return vault.seal(someone.id, "identity", place("people", someone.id, column), text) if text else None

    tx.add(
        PersonRow(
            id=someone.id,
            agency=agency.id,
            is_student=someone.born is not None,
            given=sealed("given", someone.given),
            family=sealed("family", someone.family),
            birth_date=sealed("birth_date", someone.born.isoformat() if someone.born else ""),
            student_number=sealed("student_number", someone.number),
            grade="07" if someone.born else "",
            school=school if someone.born else None,
            first_seen=START,
        )
    )
    tx.flush()
    entries = [("name", word) for word in words_of(f"{someone.given} {someone.family}")]
    entries += [("student_number", someone.number)] if someone.number else []
    for purpose, value in entries:
        index = vault.index(purpose, value)
        tx.add(PersonIndexRow(agency=agency.id, purpose=purpose, value=index, person=someone.id))


def _link(tx: Session, agency: Agency, links: tuple[tuple[UUID, UUID], ...], first: int) -> None:
    tx.flush()
    for at, (guardian, student) in enumerate(links):
        tx.add(
            GuardianshipRow(
                id=number(first + at),
                agency=agency.id,
                student=student,
                guardian=guardian,
                relation="parent",
                authority="roster_asserted",
                since=START,
            )
        )


def _reach(world: World, tx: Session, agency: Agency, person: UUID) -> None:
    vault = world.vault.agency(agency.id)
    for at, (channel, value) in enumerate((("text", "+12125550142"), ("mail", "elena@home.example"))):
        contact = number(500 + at)
        sealed = vault.seal(person, "identity", place("contacts", contact, "value"), value)
        tx.add(ContactRow(id=contact, agency=agency.id, person=person, channel=channel, value=sealed, added_at=START))
