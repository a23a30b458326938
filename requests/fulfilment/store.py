"""Every SQL statement about packages, the record of releases, and certificates."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Final
from uuid import UUID

from sqlalchemy import ColumnElement, true
from sqlmodel import Session, col, delete, select, update

from rightsdesk.requests.fulfilment.package.contents import Disclosed
from rightsdesk.requests.fulfilment.tables import CertificateRow, DisclosureRow, PackageRow

_SEPARATOR: Final = ","


@dataclass(frozen=True, slots=True)
class Kept:
    """What the record of a package says: until when and how often it can be opened, in UTC and bytes."""

    id: UUID
    case: UUID
    file: str
    size: int
    until: datetime
    openings_left: int
    removed_at: datetime | None


@dataclass(frozen=True, slots=True)
class Packages:
    """The packages of one agency. Nobody else's can be reached from here."""

    session: Session
    agency: UUID

    def of_case(self, case: UUID) -> Kept | None:
        """Return the package of a case, also when it is gone already."""
        found = self._found(col(PackageRow.case) == case)
        return found[0] if found else None

    def replace(self, row: PackageRow) -> None:
        """Enter a package; an earlier one of the same case, from before it was reopened, gives way."""
        self.session.exec(
            delete(PackageRow).where(col(PackageRow.agency) == self.agency, col(PackageRow.case) == row.case)
        )
        self.session.add(row)
        self.session.flush()

    def take_opening(self, case: UUID, now: datetime) -> Kept | None:
        """Count an opening and return the package; nothing when there is none left or its time is over.

        One statement decides: of two who open it for the last time at once, one gets nothing.
        """
        taken = (
            update(PackageRow)
            .where(col(PackageRow.agency) == self.agency, col(PackageRow.case) == case)
            .where(col(PackageRow.openings_left) > 0, col(PackageRow.ends_at) > now)
            .where(col(PackageRow.removed_at).is_(None))
            .values(openings_left=col(PackageRow.openings_left) - 1, opened_at=now)
        )
        return self.of_case(case) if self.session.exec(taken).rowcount == 1 else None

    def ended(self, now: datetime, opened_before: datetime) -> Sequence[Kept]:
        """Return what is over and not removed: too old, or opened often enough and not lately."""
        spent = (col(PackageRow.openings_left) == 0) & (col(PackageRow.opened_at) < opened_before)
        return self._there((col(PackageRow.ends_at) <= now) | spent)

    def every(self) -> Sequence[Kept]:
        """Return all packages that are not removed."""
        return self._there(true())

    def about(self, subject: UUID) -> Sequence[Kept]:
        """Return the packages about a student that are not removed."""
        return self._there(col(PackageRow.subject) == subject)

    def ending(self, now: datetime, before: datetime) -> Sequence[Kept]:
        """Return what can still be opened but ends before this instant, and nobody was told so yet."""
        soon = (col(PackageRow.ends_at) > now) & (col(PackageRow.ends_at) <= before)
        return self._there(soon & (col(PackageRow.openings_left) > 0) & col(PackageRow.told_ending_at).is_(None))

    def mark_told(self, package: UUID, now: datetime) -> bool:
        """Note that the family was told that it ends; False when somebody else just noted it."""
        done = self.session.exec(
            update(PackageRow)
            .where(col(PackageRow.id) == package, col(PackageRow.agency) == self.agency)
            .where(col(PackageRow.told_ending_at).is_(None))
            .values(told_ending_at=now)
        )
        return done.rowcount == 1

    def mark_removed(self, package: UUID, now: datetime) -> bool:
        """Note that it is gone; False when somebody else just noted it."""
        done = self.session.exec(
            update(PackageRow)
            .where(col(PackageRow.id) == package, col(PackageRow.agency) == self.agency)
            .where(col(PackageRow.removed_at).is_(None))
            .values(removed_at=now, openings_left=0)
        )
        return done.rowcount == 1

    def files(self) -> frozenset[str]:
        """Return the names of the files that packages of this agency lie in."""
        wanted = select(PackageRow.file).where(PackageRow.agency == self.agency, col(PackageRow.removed_at).is_(None))
        return frozenset(self.session.exec(wanted).all())

    def _there(self, condition: ColumnElement[bool]) -> Sequence[Kept]:
        return self._found(condition & col(PackageRow.removed_at).is_(None))

    def _found(self, condition: ColumnElement[bool]) -> Sequence[Kept]:
        wanted = (
            select(PackageRow)
            .where(col(PackageRow.agency) == self.agency, condition)
            .order_by(col(PackageRow.ends_at), col(PackageRow.id))
            # Updates go past the identity map: a row read earlier in this unit of work may be old.
            .execution_options(populate_existing=True)
        )
        return [_kept(row) for row in self.session.exec(wanted).all()]


@dataclass(frozen=True, slots=True)
class Disclosures:
    """The record of releases of one agency (34 CFR 99.32): added to, never changed."""

    session: Session
    agency: UUID

    def add(self, row: UUID, subject: UUID, disclosed: Disclosed, recipient: UUID | None, reference: str) -> None:
        """Enter a release, in the transaction that releases."""
        self.session.add(
            DisclosureRow(
                id=row,
                agency=self.agency,
                subject=subject,
                recipient_kind=disclosed.recipient_kind,
                recipient=recipient,
                purpose=disclosed.purpose,
                elements=_SEPARATOR.join(disclosed.elements),
                case_reference=reference,
                at=disclosed.at,
            )
        )
        self.session.flush()

    def about(self, subject: UUID) -> Sequence[tuple[Disclosed, UUID | None]]:
        """Return every release about a student with its recipient, oldest first."""
        wanted = (
            select(DisclosureRow)
            .where(DisclosureRow.agency == self.agency, DisclosureRow.subject == subject)
            .order_by(col(DisclosureRow.at), col(DisclosureRow.id))
        )
        return [(_disclosed(row), row.recipient) for row in self.session.exec(wanted).all()]


@dataclass(frozen=True, slots=True)
class Certificates:
    """The certificates that one agency's erasures ended with."""

    session: Session
    agency: UUID

    def of_case(self, case: UUID) -> CertificateRow | None:
        """Return the certificate of a case."""
        wanted = select(CertificateRow).where(CertificateRow.agency == self.agency, CertificateRow.case == case)
        return self.session.exec(wanted).first()

    def newest(self, limit: int = 100) -> Sequence[CertificateRow]:
        """Return the certificates issued last, newest first."""
        wanted = select(CertificateRow).where(CertificateRow.agency == self.agency)
        return self.session.exec(wanted.order_by(col(CertificateRow.made_at).desc()).limit(limit)).all()

    def replace(self, row: CertificateRow) -> CertificateRow:
        """Enter a certificate and return it; an earlier one of the same case gives way."""
        mine = delete(CertificateRow).where(col(CertificateRow.agency) == self.agency)
        self.session.exec(mine.where(col(CertificateRow.case) == row.case))
        self.session.add(row)
        self.session.flush()
        return row


def _kept(row: PackageRow) -> Kept:
    return Kept(row.id, row.case, row.file, row.size, row.ends_at, row.openings_left, row.removed_at)


def _disclosed(row: DisclosureRow) -> Disclosed:
    elements = tuple(filter(None, row.elements.split(_SEPARATOR)))
    return Disclosed(row.recipient_kind, row.purpose, elements, row.at)
