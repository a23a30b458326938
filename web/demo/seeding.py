"""Fill an empty portal with the demo: an agency, its roster, its staff, what its directory holds, fifty requests."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from pathlib import Path
from typing import Final
from uuid import UUID

from sqlmodel import Session, col, select

from rightsdesk.requests.agencies.agency import Agency
from rightsdesk.requests.agencies.store import Agencies
from rightsdesk.requests.cases import effects
from rightsdesk.requests.fulfilment.systems.port import Holding
from rightsdesk.requests.ledger.vault import AgencyVault
from rightsdesk.requests.people.restricting import Clerk, Guardrails, Order, RestrictionKind, set_restriction
from rightsdesk.requests.people.roster.importing import import_package
from rightsdesk.requests.people.tables import GuardianshipRow, PersonRow, SourceRecordRow
from rightsdesk.web.casework import directory
from rightsdesk.web.demo import district
from rightsdesk.web.demo.cast import STORY
from rightsdesk.web.demo.script import Desk, Family, Step, steps
from rightsdesk.web.demo.words import CAST
from rightsdesk.web.portal import Portal
from rightsdesk.web.rosters import terms

MARIGOLD: Final = "marigold"
LAWS: Final = ("us-ferpa", "us-ny-2d")
STUDENTS: Final = 300
SEED: Final = 7
_MORNING: Final = timedelta(hours=2)


@dataclass(frozen=True, slots=True)
class Story:
    """The people of the story by their ids on the record; the made-up requests leave them alone."""

    restricted: UUID
    everybody: frozenset[UUID]


def _quiet(phase: str, done: int, total: int) -> None:
    """Say nothing: the demo's roster is read in a second."""


def agency(portal: Portal) -> Agency:
    """Enter the demo's agency and return it."""
    made = Agency(
        id=portal.fresh_id(),
        slug=MARIGOLD,
        name="Marigold Unified School District",
        short_name="Marigold Schools",
        prefix="MGD",
        zone="America/New_York",
        region=portal.settings.region,
        laws=LAWS,
        town="Marigold, New York",
        office_phone="(212) 555-0134",
        office_hours="Monday to Friday, 8 am to 4 pm",
    )
    with portal.storage.write() as tx:
        Agencies(tx).add(made, portal.now())
    return made


def roster(portal: Portal, made: Agency, folder: Path) -> None:
    """Write the district's OneRoster package and import it as any agency would."""
    package = folder / "marigold-roster.zip"
    # Dated before everything that follows, so that nobody's number looks new when the first family comes.
    past = _at(portal, portal.now() - timedelta(days=60))
    district.write_package(package, students=STUDENTS, seed=SEED, today=past.now().date())
    import_package(package, terms(past, made, "operator", _quiet))


def story(portal: Portal, made: Agency) -> Story:
    """Return who is who on the record that the roster made."""
    vault = portal.vault.agency(made.id)
    with portal.storage.read() as tx:
        ids = {member.sourced_id: _on_record(tx, vault, member.sourced_id) for member in STORY}
    return Story(ids[district.people().restricted.sourced_id], frozenset(ids.values()))


def holdings(portal: Portal, made: Agency) -> None:
    """Give every student what a sign-on vendor would hold about them."""
    now = portal.now()
    with portal.storage.write() as tx:
        system = directory(tx, made, portal.vault.agency(made.id), portal)
        held = [(student, one) for number, student in enumerate(_students(tx, made)) for one in _held(number)]
        system.holdings.add(held, now, portal.draw)


def restriction(portal: Portal, made: Agency, guardian: UUID, clerk: UUID) -> None:
    """Stop one guardian, as an office does when a court order comes in."""
    past = _at(portal, portal.now() - timedelta(days=50))
    with past.storage.write() as tx:
        docket = past.docket(tx, made, past.now())
        rails = Guardrails(
            docket.people,
            docket.record,
            lambda students, at: effects.look_again(docket, students, at),
            portal.draw,
        )
        began = made.today(past.now())
        order = Order(guardian, None, RestrictionKind.COURT_ORDER, began, paper="FC-2026-0417")
        set_restriction(rails, order, Clerk(clerk), past.now())


def cases(portal: Portal, made: Agency, desk: Desk, avoided: frozenset[UUID]) -> int:
    """Play the fifty requests in the order of time and return how many steps that took."""
    now = portal.now()
    with portal.storage.read() as tx:
        families = _families(tx, made, avoided, now)
    played = sorted((step for step in _script(families, desk, now)), key=lambda step: step.at)
    for step in played:
        _play(_at(portal, step.at), made, step)
    return len(played)


def _play(portal: Portal, made: Agency, step: Step) -> None:
    with portal.storage.write() as tx:
        step.act(portal.docket(tx, made, step.at), step.at)


def _script(families: Sequence[Family], desk: Desk, now: datetime) -> Iterator[Step]:
    for family, (_, _, ending) in zip(families, CAST, strict=True):
        yield from steps(family, ending, desk, now)


def _families(tx: Session, made: Agency, avoided: frozenset[UUID], now: datetime) -> list[Family]:
    wanted = (
        select(GuardianshipRow.guardian, GuardianshipRow.student)
        .where(GuardianshipRow.agency == made.id, GuardianshipRow.authority == "roster_asserted")
        .where(col(GuardianshipRow.guardian).not_in(avoided), col(GuardianshipRow.student).not_in(avoided))
        .order_by(col(GuardianshipRow.id))
    )
    pairs: dict[UUID, UUID] = {}
    for guardian, student in tx.exec(wanted).all():
        if student not in pairs.values():
            pairs.setdefault(guardian, student)
    found = list(pairs.items())
    return [
        Family(number, *found[number], plea, now - timedelta(days=days) - _MORNING)
        for number, (plea, days, _) in enumerate(CAST)
    ]


def _students(tx: Session, made: Agency) -> Sequence[UUID]:
    wanted = select(PersonRow.id).where(PersonRow.agency == made.id, col(PersonRow.is_student))
    return tx.exec(wanted.order_by(col(PersonRow.id))).all()


def _held(number: int) -> Iterator[Holding]:
    yield Holding("picture", (("name", f"portrait-{number:04}.jpg"), ("added", "2025-08-28")))
    for app in ("Reading Room", "Math Steps", "Library Shelf", "Code Garden")[: 2 + number % 3]:
        yield Holding("apps", (("app", app), ("account", "active"), ("since", "2025-09-02")))
    for month in ("2026-09", "2026-10", "2026-11"):
        yield Holding("signins", (("month", month), ("times", str(11 + number % 9)), ("from", "school network")))
    yield Holding("enrolments", (("class", "Homeroom"), ("term", "2026-2027")))
    yield Holding("enrolments", (("class", "Science"), ("term", "2026-2027")))
    for name in ("volcano-report.pdf", "drawing.png")[: number % 3]:
        yield Holding("files", (("name", name), ("kept in", "cloud drive"), ("added", "2026-10-14")))
    if number % 2:
        yield Holding("credentials", (("resource", "Museum Online"),))


def _on_record(tx: Session, vault: AgencyVault, sourced_id: str) -> UUID:
    keys = vault.indexes("source", sourced_id)
    return tx.exec(select(SourceRecordRow.person).where(col(SourceRecordRow.source_key).in_(keys))).one()


def _at(portal: Portal, moment: datetime) -> Portal:
    return replace(portal, now=lambda: moment)
