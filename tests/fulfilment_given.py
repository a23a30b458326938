"""A district whose roster was imported for real, with what its vendor holds, and a hand that works off its jobs."""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from pathlib import Path
from typing import Final
from uuid import UUID

from given import MARIGOLD, Clock, clock_of, given_agency, given_portal, given_settings
from roster_given import package_of

from rightsdesk.requests.agencies.agency import Agency, Colleague, Role
from rightsdesk.requests.agencies.store import Staff
from rightsdesk.requests.cases.case import Approver, Case, Kind, Outcome
from rightsdesk.requests.cases.deciding import decide
from rightsdesk.requests.cases.docket import Docket
from rightsdesk.requests.cases.filing import Filing, file_case
from rightsdesk.requests.cases.routing import Wanted
from rightsdesk.requests.cases.ruling import Ruling
from rightsdesk.requests.fulfilment.erasing import Eraser
from rightsdesk.requests.fulfilment.systems.directory import Directory
from rightsdesk.requests.fulfilment.systems.port import Holding
from rightsdesk.requests.people.phones.store import Numbers
from rightsdesk.requests.people.register.store import Register
from rightsdesk.requests.people.roster.importing import import_package
from rightsdesk.requests.people.roster.outcome import Outcome as Imported
from rightsdesk.web import casework
from rightsdesk.web.demo.cast import Member, Relation
from rightsdesk.web.effects import EFFECTS, Effect
from rightsdesk.web.jobs import Queue
from rightsdesk.web.portal import Portal
from rightsdesk.web.rosters import terms

ANA: Final = Member("s-1", "student", "Anabel", "Quillfeather", 9, "04", "771345", "anabelq", "anabelq@pupils.example")
BO: Final = Member(
    "s-2", "student", "Bogdan", "Quillfeather", 15, "10", "771346", "bogdanq", "bogdanq@pupils.example", "+12125550121"
)
CLEO: Final = Member(
    "s-3", "student", "Cleopha", "Marchbanks", 18, "12", "771347", "cleopham", "cleopham@pupils.example", "+12125550123"
)
CHILDREN: Final = (Relation("s-1"), Relation("s-2"))
EVA: Final = Member(
    "p-1", "parent", "Evadne", "Quillfeather", username="evadne", email="evadne@home.example", number="+12125550120"
)
LEO: Final = Member("p-2", "parent", "Leopold", "Ashgrove", username="leopold", number="+12125550122")
# A roster of three students would be held whenever one of them changed.
CLASS: Final = tuple(
    Member(f"s-{number}", "student", f"Pupil{number}", "Classmate", 12, "07", f"8800{number}", f"pupil{number}")
    for number in range(10, 30)
)
ROSTER: Final = (ANA, BO, CLEO, replace(EVA, relations=CHILDREN), replace(LEO, relations=CHILDREN), *CLASS)

PRIYA, DANA = (UUID(f"dddddddd-0000-4000-8000-00000000010{number}") for number in (1, 2))
STAFF: Final = (
    Colleague(PRIYA, "Priya Nair", "priya@marigold.example", frozenset({Role.APPROVER})),
    Colleague(DANA, "Dana Wu", "dana@marigold.example", frozenset({Role.APPROVER})),
)
PICTURE: Final = "cHVwaWwtcGljdHVyZS1ieXRlcw=="
ESSAY: Final = "essay-about-my-grandmother.odt"
HELD: Final = (
    Holding("picture", (("content", PICTURE),)),
    Holding("apps", (("name", "Fraction Garden"),)),
    Holding("signins", (("at", "2026-11-02T08:01Z"), ("device", "violet-tablet"))),
    Holding("files", (("name", ESSAY),)),
    Holding("credentials", (("resource", "Reader's Nook"),)),
)


@dataclass(slots=True)
class District:
    """A portal with one agency whose people are known by their given names."""

    portal: Portal
    folder: Path
    agency: Agency = MARIGOLD

    @property
    def now(self) -> datetime:
        """Return what the clock shows."""
        return self.portal.now()

    def wait(self, **span: float) -> None:
        """Let time pass."""
        clock_of(self.portal).advance(**span)

    @contextmanager
    def at(self) -> Iterator[Docket]:
        """Yield a docket in a unit of work that is committed at the end."""
        with self.portal.storage.write() as tx:
            yield self.portal.docket(tx, self.agency, self.now)

    @contextmanager
    def looking(self) -> Iterator[Docket]:
        """Yield a docket that can only look."""
        with self.portal.storage.read() as tx:
            yield self.portal.docket(tx, self.agency, self.now)

    def directory(self, docket: Docket) -> Directory:
        """Return the built-in directory on this docket's unit of work."""
        return casework.directory(docket.session, docket.agency, docket.vault, self.portal)

    def eraser(self, docket: Docket) -> Eraser:
        """Return what an erasure needs."""
        return Eraser(self.directory(docket), self.portal.erasures, self.portal.signer)

    def take(self, *members: Member) -> Imported:
        """Import a roster of exactly these people, as the command line would."""
        path = package_of(self.folder, members)
        return import_package(path, terms(self.portal, self.agency, "operator"))

    def named(self, name: str) -> Sequence[UUID]:
        """Return whom a search by name or student number finds."""
        with self.looking() as docket:
            return Register(docket.session, docket.agency, docket.vault).found(name)

    def one(self, member: Member) -> UUID:
        """Return the id of a person who is found by both names."""
        (found,) = self.named(f"{member.given} {member.family}")
        return found

    def holders(self, number: str) -> Sequence[UUID]:
        """Return whom a typed number would let in."""
        with self.looking() as docket:
            store = Numbers(docket.session, docket.agency, docket.vault)
            found = store.holders(docket.vault.indexes("number", number), docket.agency.today(self.now))
            return [holder.person for holder in found]

    def live(self, person: UUID, element: str) -> str:
        """Return what the directory holds."""
        with self.looking() as docket:
            return self.directory(docket).read(person, element)

    def hold(self, person: UUID, *held: Holding) -> list[UUID]:
        """Let the vendor hold these records about a student."""
        with self.at() as docket:
            store = self.directory(docket).holdings
            return store.add([(person, one) for one in held or HELD], self.now, self.portal.draw)

    def ask(self, kind: Kind, requester: UUID, subject: UUID, *elements: str, **proposed: str) -> tuple[Case, ...]:
        """File a request; ``proposed`` holds a correction's values, with ``__`` for the dot of an element."""
        wanted = [Wanted(element) for element in elements]
        wanted += [Wanted(element.replace("__", "."), value) for element, value in proposed.items()]
        with self.at() as docket:
            filing = Filing(
                requester=requester,
                subject=subject,
                kind=kind,
                wanted=tuple(wanted),
                details="",
                language="en",
                once=self.portal.draw(16).hex(),
                channel="portal",
                means="text_code",
                received_at=self.now,
            )
            return file_case(docket, filing, self.now)

    def grant(self, case: Case) -> Case:
        """Let two people grant everything, and the ten minutes pass."""
        for staff in (PRIYA, DANA) if case.kind is Kind.ERASURE else (PRIYA,):
            with self.at() as docket:
                now_at = docket.cases.numbered(case.id)
                approver = Approver(staff, frozenset({Role.APPROVER}), None, self.now)
                decide(docket, approver, Ruling(case.reference, now_at.version, Outcome.APPROVE), self.now)
        self.wait(minutes=11)
        return self.effect("take_effect", case)

    def effect(self, kind: str, case: Case) -> Case:
        """Have one effect of a case, and return the case."""
        EFFECTS[kind](self.portal, (str(self.agency.id), str(case.id)))
        return self.found(case)

    def found(self, case: Case) -> Case:
        """Return a case as it stands now."""
        with self.looking() as docket:
            return docket.cases.numbered(case.id)

    def work_off(self) -> list[str]:
        """Do every job that waits, and what they submit; return their kinds in order."""
        done: list[str] = []
        while True:
            with self.portal.storage.quietly() as tx:
                jobs = [*Queue(tx, "hand").claim(50), *Queue(tx, "hand").claim(50, texts="only")]
            if not jobs:
                return done
            for job in jobs:
                effect: Effect = EFFECTS[job.kind]
                effect(self.portal, job.ids)
                with self.portal.storage.quietly() as tx:
                    Queue(tx, "hand").finish(job)
                done.append(job.kind)

    def erase(self, case: Case) -> Case:
        """Let the waiting end and everything run to its end; return the case."""
        self.wait(days=8)
        for duty in ("effects_due", "look_again"):
            EFFECTS[duty](self.portal, ())
        self.work_off()
        return self.found(case)

    def files(self) -> dict[str, bytes]:
        """Return every file of the portal but what it sent and the rosters it was given."""
        left_out = {"texts.jsonl", "mail.jsonl", "roster.zip"}
        return {
            str(file.relative_to(self.folder)): file.read_bytes()
            for file in self.folder.rglob("*")
            if file.is_file() and file.name not in left_out
        }

    def holding(self, *texts: str) -> dict[str, str]:
        """Return which files hold any of these texts in clear, in any usual coding."""
        coded = [text.encode(coding) for text in texts for coding in ("utf-8", "utf-16-le", "utf-16-be")]
        return {name: str(one) for name, content in self.files().items() for one in coded if one in content}


def a_district(folder: Path, *members: Member) -> District:
    """Return a district whose roster is in use, with two approvers and nothing held by the vendor yet."""
    portal = given_portal(folder)
    given_agency(portal)
    with portal.storage.write() as tx:
        for colleague in STAFF:
            Staff(tx, MARIGOLD.id, portal.vault.agency(MARIGOLD.id)).add(colleague, portal.now())
    district = District(portal, folder)
    outcome = district.take(*(members or ROSTER))
    assert outcome.state == "applied", outcome
    return district


def a_second_portal(district: District) -> Portal:
    """Return another program's portal on the same files."""
    from rightsdesk.web.app import wire  # noqa: PLC0415 - only this builder wires

    return wire(given_settings(district.folder), Clock(district.now))


WEEK: Final = timedelta(days=7)
