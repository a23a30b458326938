"""Packages to look at, and families whose request to see their data was granted."""

import io
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Final
from uuid import UUID
from zipfile import ZipFile

from desk_given import ELENA, LUCIA, MARIGOLD, NEW, ask
from sqlmodel import col, select, update

from rightsdesk.requests.cases import effects
from rightsdesk.requests.cases.case import Case, Kind
from rightsdesk.requests.cases.docket import Docket
from rightsdesk.requests.cases.states import Move
from rightsdesk.requests.cases.tables import NoticeRow
from rightsdesk.requests.cases.timeline import timeline
from rightsdesk.requests.fulfilment.package.archive import archive
from rightsdesk.requests.fulfilment.package.contents import Disclosed, Facts
from rightsdesk.requests.fulfilment.packages import Opening, make_package, open_package, ready
from rightsdesk.requests.fulfilment.systems.port import Holding
from rightsdesk.requests.ledger.signing import Signer
from rightsdesk.requests.people.tables import GuardianshipRow
from rightsdesk.web.portal import Portal

SIGNER: Final = Signer.read(bytes(range(32)))
FACTS: Final = Facts(
    agency="Marigold Unified School District",
    contact="(555) 555-0134, Monday to Friday, 8 am to 4 pm",
    student="Lucía Delgado",
    reference="MGD-7K3F-92QX",
    made_at=datetime(2026, 11, 23, 12, tzinfo=UTC),
    language="en",
    disclosed=(Disclosed("school", "transfer", ("name.given", "grade"), datetime(2026, 9, 1, 15, tzinfo=UTC)),),
)
HOLDINGS: Final = (
    Holding("name.given", (("value", "Lucía"),)),
    Holding("name.family", (("value", "Delgado"),)),
    Holding("grade", (("value", "07"),)),
    Holding("apps", (("app", "Reading Tree"), ("since", "2025-09-02"))),
    Holding("apps", (("app", "Number Garden"), ("since", "2025-09-02"), ("account", "active"))),
    Holding("files", (("name", "My essay, final.docx"), ("kept in", "cloud drive"))),
    Holding("credentials", (("resource", "Museum Online"), ("username", "lucia.d"), ("secret", "hunter2"))),
)
TAKES_EFFECT: Final = NEW + timedelta(minutes=10)


@dataclass(frozen=True, slots=True)
class Holds:
    """A system that holds just these records about everybody."""

    holdings: Sequence[Holding]
    name: str = "The old library system"

    def collect(self, subject: UUID) -> Sequence[Holding]:  # noqa: ARG002 - the interface
        """Return the records."""
        return self.holdings

    def read(self, subject: UUID, element: str) -> str:  # noqa: ARG002 - the interface
        """Return the first value of an element."""
        return next((one.fields[0][1] for one in self.holdings if one.element == element), "")

    def write(self, subject: UUID, element: str, value: str, reference: str, now: datetime) -> None:
        """Take nothing: nobody corrects in a test of packages."""

    def count(self, subject: UUID, element: str) -> int:  # noqa: ARG002 - the interface
        """Return how many records of an element there are."""
        return sum(one.element == element for one in self.holdings)

    def erase(self, subject: UUID, element: str, case: UUID, now: datetime) -> int:  # noqa: ARG002 - the interface
        """Erase nothing."""
        return 0


def packed(holdings: Iterable[Holding] = HOLDINGS, facts: Facts = FACTS) -> bytes:
    """Return the bytes of a package."""
    return b"".join(archive(holdings, facts, SIGNER))


def unpacked(package: bytes) -> dict[str, bytes]:
    """Return the files of a package by name."""
    with ZipFile(io.BytesIO(package)) as opened:
        assert opened.testzip() is None
        return {name: opened.read(name) for name in opened.namelist()}


def granted(portal: Portal, *, requester: UUID = ELENA, refused: tuple[str, ...] = ()) -> Case:
    """Return a request to see Lucía's data after the agency's yes took effect; some elements may be refused."""
    filed = ask(portal, Kind.ACCESS, requester=requester, subject=LUCIA, wanted=(), details="")
    no = {"outcome": "deny", "ground": "OTHER_STUDENT_DATA", "text": "It shows the work of another student too."}
    elements = tuple(
        replace(one, **no) if one.element in refused else replace(one, outcome="approve") for one in filed.elements
    )
    move, outcome = (Move.APPROVE_PART, "partial") if refused else (Move.APPROVE, "approve")
    with portal.storage.write() as tx:
        docket = portal.docket(tx, MARIGOLD, NEW)
        decided = filed.move(move, elements=elements, outcome=outcome, decided_at=NEW, effective_at=TAKES_EFFECT)
        docket.cases.save(filed, decided)
        return effects.take_effect(docket, filed.id, TAKES_EFFECT)


@contextmanager
def working(portal: Portal, at: datetime = TAKES_EFFECT) -> Iterator[Docket]:
    """Yield the agency's working set in a unit of work that is kept at the end."""
    with portal.storage.write() as tx:
        yield portal.docket(tx, MARIGOLD, at)


def made(portal: Portal, folder: Path, case: Case, holdings: Sequence[Holding] = HOLDINGS) -> None:
    """Make the package of a granted request."""
    with working(portal) as docket:
        make_package(docket, [Holds(holdings)], folder, portal.signer, case.id, TAKES_EFFECT)


def files_under(folder: Path) -> list[Path]:
    """Return every file below a folder."""
    return sorted(path for path in folder.rglob("*") if path.is_file())


def opened(portal: Portal, folder: Path, case: Case, at: datetime = TAKES_EFFECT, requester: UUID = ELENA) -> Opening:
    """Open a package with a proof one minute old."""
    with working(portal, at) as docket:
        return open_package(docket, folder, requester, case.reference, at - timedelta(minutes=1), at)


def content(opening: Opening) -> dict[str, bytes]:
    """Return the files of an opened package by name."""
    return unpacked(b"".join(opening.chunks))


def kinds(portal: Portal, case: Case) -> Sequence[str]:
    """Return the kinds of what the ledger holds about a case, oldest first."""
    with working(portal) as docket:
        return [moment.kind for moment in timeline(docket, case)]


def told(portal: Portal, kind: str) -> int:
    """Return how many texts of a kind were entered."""
    with portal.storage.read() as tx:
        return len(tx.exec(select(NoticeRow.id).where(NoticeRow.kind == kind, NoticeRow.channel == "text")).all())


def left(portal: Portal, case: Case) -> int:
    """Return how many openings a package has left."""
    with working(portal) as docket:
        package = ready(docket, case)
        assert package is not None
        return package.openings_left


def end_link(portal: Portal) -> None:
    """End the guardianships of Elena."""
    with portal.storage.write() as tx:
        tx.exec(update(GuardianshipRow).where(col(GuardianshipRow.guardian) == ELENA).values(is_active=False))
