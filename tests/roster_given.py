"""An agency on a real database, and small packages to import into it."""

import zipfile
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Final
from uuid import UUID

from ledger_given import a_vault, counted_draw, main_engine
from sqlalchemy import Engine, func
from sqlmodel import Session, SQLModel, col, select

from rightsdesk.requests.agencies.agency import Agency
from rightsdesk.requests.agencies.store import Agencies
from rightsdesk.requests.ledger.audit import Ledger
from rightsdesk.requests.ledger.vault import AgencyVault, Vault
from rightsdesk.requests.people.roster.importing import Wish, import_package
from rightsdesk.requests.people.roster.outcome import Outcome
from rightsdesk.requests.people.roster.terms import Changes, Terms
from rightsdesk.requests.people.roster.turns import FolderTurns
from rightsdesk.requests.people.tables import ContactRow, PersonIndexRow, PersonRow
from rightsdesk.web.demo.cast import Member, Relation
from rightsdesk.web.demo.district import District, Plan, pack

NOW: Final = datetime(2026, 11, 23, 17, tzinfo=UTC)
TODAY: Final = date(2026, 11, 23)
AGENCY: Final = Agency(
    id=UUID("44444444-4444-4444-8444-444444444444"),
    slug="marigold",
    name="Marigold Unified School District",
    short_name="Marigold",
    prefix="MGD",
    zone="America/New_York",
    region="us",
    laws=("us-ferpa",),
)
CHILD: Final = Member("s-1", "student", "Ana", "Ruiz", age=9, grade="04", student_number="771", username="ana")
TEEN: Final = Member("s-2", "student", "Bo", "Ruiz", age=15, grade="10", username="bo", number="+12125550121")
PARENT: Final = Member("p-1", "parent", "Eva", "Ruiz", username="eva", email="Eva@Home.example", number="+12125550120")
FAMILY: Final = (CHILD, TEEN, replace(PARENT, relations=(Relation("s-1"), Relation("s-2"))))


@dataclass(slots=True)
class Desk:
    """One agency with its database, keys and what the import told to others."""

    folder: Path
    engine: Engine
    keys: Vault
    now: datetime = NOW
    told: list[Changes] = field(default_factory=list)
    upset: Callable[[], None] = lambda: None

    @property
    def vault(self) -> AgencyVault:
        """Return the agency's vault."""
        return self.keys.agency(AGENCY.id)

    @contextmanager
    def begin(self) -> Iterator[Session]:
        """Open one transaction."""
        with Session(self.engine, expire_on_commit=False) as tx:
            yield tx
            tx.commit()

    def terms(self) -> Terms:
        """Return what an import works with."""
        return Terms(
            agency=AGENCY,
            vault=self.vault,
            begin=self.begin,
            draw=_DRAW,
            recorder=lambda tx: Ledger(tx, AGENCY.id, self.now),
            on_applied=self._on_applied,
            turn=FolderTurns(self.folder),
            alone=lambda _: None,
            progress=lambda _phase, _done, _total: None,
            now=self.now,
        )

    def take(self, path: Path, wish: Wish | None = None) -> Outcome:
        """Import a package."""
        return import_package(path, self.terms(), wish or Wish())

    def import_members(
        self, *members: Member, version: str = "1.2", edit: Callable[[District], None] | None = None
    ) -> Outcome:
        """Import a package of exactly these people."""
        return self.take(package_of(self.folder, members, version=version, edit=edit))

    def person(self, given: str) -> PersonRow:
        """Return the one person of this given name."""
        with Session(self.engine) as tx:
            found = tx.exec(
                select(PersonRow)
                .join(PersonIndexRow, col(PersonIndexRow.person) == col(PersonRow.id))
                .where(
                    PersonIndexRow.purpose == "name", PersonIndexRow.value == self.vault.index("name", given.lower())
                )
            )
            return found.one()

    def opened(self, person: PersonRow, column: str) -> str:
        """Return one of a person's sealed columns."""
        sealed = getattr(person, column)
        return self.vault.unseal(person.id, "identity", f"people:{person.id}:{column}", sealed) if sealed else ""

    def contacts(self, person: UUID) -> dict[str, ContactRow]:
        """Return the usable contact points of a person by channel."""
        with Session(self.engine) as tx:
            rows = tx.exec(select(ContactRow).where(ContactRow.person == person, col(ContactRow.is_usable))).all()
            return {row.channel: row for row in rows}

    def number(self, person: UUID) -> str:
        """Return the number for texts of a person, in E.164; empty when there is none."""
        row = self.contacts(person).get("text")
        return self.vault.unseal(person, "identity", f"contacts:{row.id}:value", row.value) if row else ""

    def count(self, table: type[SQLModel]) -> int:
        """Return how many rows a table has."""
        with Session(self.engine) as tx:
            return tx.exec(select(func.count()).select_from(table)).one()

    def _on_applied(self, tx: Session, agency: UUID, changes: Changes) -> None:
        assert tx.in_transaction()
        assert agency == AGENCY.id
        self.upset()
        self.told.append(changes)


_DRAW: Final = counted_draw("roster")


def a_desk(folder: Path) -> Desk:
    """Return an agency that has no roster yet."""
    desk = Desk(folder, main_engine(folder), a_vault(folder))
    with desk.begin() as tx:
        Agencies(tx).add(AGENCY, NOW)
    return desk


def package_of(
    folder: Path,
    members: Sequence[Member],
    *,
    version: str = "1.2",
    secrets: bool = False,
    edit: Callable[[District], None] | None = None,
) -> Path:
    """Return a package of exactly these people and the demo's schools; ``edit`` may spoil it."""
    district = District(Plan(TODAY, version=version, secrets=secrets))
    orgs = district.sheets["orgs"]
    orgs.add(["mgd", "", "", "Marigold", "district", "", ""])
    for school in ("mgd-elementary", "mgd-middle", "mgd-high"):
        orgs.add([school, "", "", school, "school", "", "mgd"])
    for member in members:
        district.member(member)
    if edit:
        edit(district)
    path = folder / "roster.zip"
    filled = [sheet for sheet in district.sheets.values() if len(sheet.lines) > 1 or edit]
    pack(path, district.plan, filled)
    return path


def zip_of(path: Path, **files: str) -> Path:
    """Return a zip of these files, named without their ending; ``manifest`` is written when it is not given."""
    if "manifest" not in files:
        listed = "".join(f"file.{name},bulk\n" for name in files)
        files["manifest"] = f"propertyName,value\nmanifest.version,1.0\noneroster.version,1.2\n{listed}"
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as package:
        for name, text in files.items():
            package.writestr(f"{name}.csv", text)
    return path
