"""Every SQL statement about agencies, schools and staff."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final
from uuid import UUID

from sqlalchemy import ColumnElement, Row, Select, bindparam, func
from sqlalchemy import select as columns_of
from sqlmodel import Session, col, delete, or_, select, true

from rightsdesk.requests.agencies.agency import Agency, Colleague, Role
from rightsdesk.requests.agencies.errors import NoSuchAgency, NoSuchStaff, OtherRegion, SlugTaken
from rightsdesk.requests.agencies.tables import AgencyRow, HolidayRow, SchoolRow, StaffRoleRow, StaffRow
from rightsdesk.requests.ledger.dialects import run
from rightsdesk.requests.ledger.vault import AgencyVault

CHANGED: Final = "rightsdesk_agencies"  # set on a session in which an agency was entered or changed
REGION: Final = "rightsdesk_region"  # in a session's ``info``: whose database it is on
_STANDING: Final = (col(AgencyRow.version), col(AgencyRow.region), col(AgencyRow.id))  # how often changed, whose, which
VERSION: Final = select(*_STANDING).where(col(AgencyRow.slug) == bindparam("slug"))


@dataclass(frozen=True, slots=True)
class Agencies:
    """All agencies of a region, nothing personal. Work for one begins here: a row of another region is refused."""

    session: Session

    def named(self, slug: str) -> Agency:
        """Return the agency of this slug.

        Raises:
            NoSuchAgency: none has it.
            OtherRegion: it is another region's.
        """
        row = self.session.exec(select(AgencyRow).where(AgencyRow.slug == slug)).first()
        if row is None:
            raise NoSuchAgency("No agency has this address.")
        return self._value(row)

    def numbered(self, agency: UUID) -> Agency:
        """Return the agency of this id.

        Raises:
            OtherRegion: none of this region has it.
        """
        row = self.session.get(AgencyRow, agency)
        if row is None:
            raise OtherRegion(agency)
        return self._value(row)

    def every(self) -> Sequence[Agency]:
        """Return all agencies of this region, by name."""
        wanted = select(AgencyRow).where(self._ours()).order_by(col(AgencyRow.name), col(AgencyRow.id))
        return [self._value(row) for row in self.session.exec(wanted).all()]

    def strays(self) -> Sequence[tuple[str, str]]:
        """Return slug and region of the rows that are another region's: somebody put them here by hand."""
        wanted = select(AgencyRow.slug, AgencyRow.region).where(~self._ours())
        return self.session.exec(wanted.order_by(col(AgencyRow.slug))).all()

    def add(self, agency: Agency, now: datetime) -> None:
        """Enter a new agency.

        Raises:
            SlugTaken: another one has the slug.
            OtherRegion: this is not the database of its region.
        """
        self._require_own(agency.id, agency.region)
        if self.session.exec(select(AgencyRow.id).where(AgencyRow.slug == agency.slug)).first() is not None:
            raise SlugTaken(f"There is an agency with the slug {agency.slug} already.")
        self.session.add(
            AgencyRow(
                **{name: getattr(agency, name) for name in _PLAIN},
                laws=" ".join(agency.laws),
                student_kinds=",".join(agency.student_kinds),
                own_blocks=" ".join(agency.own_blocks),
                created_at=now,
            )
        )
        self.session.flush()
        self.session.add_all(HolidayRow(agency=agency.id, day=day) for day in sorted(agency.holidays))
        self.session.info[CHANGED] = True

    def change(self, agency: Agency) -> None:
        """Store the settings of an agency that exists; slug and id stay."""
        row = self.session.get_one(AgencyRow, agency.id)
        changed = {name: getattr(agency, name) for name in _CHANGEABLE} | {"laws": " ".join(agency.laws)}
        changed |= {"student_kinds": ",".join(agency.student_kinds), "own_blocks": " ".join(agency.own_blocks)}
        # Counted by the database: two processes that change the same row never write the same version.
        for name, value in (changed | {"version": col(AgencyRow.version) + 1}).items():
            setattr(row, name, value)
        self.session.add(row)
        self.session.exec(delete(HolidayRow).where(col(HolidayRow.agency) == agency.id))
        self.session.add_all(HolidayRow(agency=agency.id, day=day) for day in sorted(agency.holidays))
        self.session.info[CHANGED] = True

    def found(self, words: str, limit: int = 20) -> Sequence[tuple[str, str, str, tuple[str, ...]]]:
        """Return slug, name, town and school names of the agencies that a family may mean by these words."""
        like = f"%{words.strip().lower().replace('%', '').replace('_', '')}%"
        schools = select(SchoolRow.agency).where(func.lower(SchoolRow.name).like(like), col(SchoolRow.is_active))
        names = or_(
            func.lower(AgencyRow.name).like(like),
            func.lower(AgencyRow.town).like(like),
            col(AgencyRow.id).in_(schools),
        )
        wanted = select(AgencyRow.id, AgencyRow.slug, AgencyRow.name, AgencyRow.town).where(self._ours(), names)
        rows = self.session.exec(wanted.order_by(col(AgencyRow.name)).limit(limit)).all()
        return [(slug, name, town, self.school_names(key)) for key, slug, name, town in rows]

    def school_names(self, agency: UUID) -> tuple[str, ...]:
        """Return the names of an agency's schools, in order."""
        wanted = select(SchoolRow.name).where(
            SchoolRow.agency == agency, SchoolRow.kind == "school", col(SchoolRow.is_active)
        )
        return tuple(self.session.exec(wanted.order_by(col(SchoolRow.name))).all())

    def _ours(self) -> ColumnElement[bool]:
        region = self.session.info.get(REGION)
        return col(AgencyRow.region) == region if region else true()

    def _require_own(self, agency: UUID, region: str) -> None:
        if self.session.info.get(REGION, region) != region:
            raise OtherRegion(agency, region)

    def _value(self, row: AgencyRow) -> Agency:
        self._require_own(row.id, row.region)
        days = self.session.exec(select(col(HolidayRow.day)).where(HolidayRow.agency == row.id)).all()
        return Agency(
            **{name: getattr(row, name) for name in _PLAIN},
            laws=tuple(row.laws.split()),
            student_kinds=tuple(kind for kind in row.student_kinds.split(",") if kind),
            holidays=frozenset(days),
            own_blocks=tuple(row.own_blocks.split()),
        )


_CHANGEABLE = ("name", "short_name", "zone", "town", "office_phone", "office_hours", "theme", "roster_suffices")
_PLAIN = ("id", "slug", "prefix", "region", *_CHANGEABLE)
_SCHOOLS: Final = columns_of(col(SchoolRow.id), col(SchoolRow.name)).where(
    col(SchoolRow.agency) == bindparam("agency"), col(SchoolRow.id).in_(bindparam("schools", expanding=True))
)


@dataclass(frozen=True, slots=True)
class Schools:
    """The schools of one agency."""

    session: Session
    agency: UUID

    def names(self, schools: Iterable[UUID]) -> dict[UUID, str]:
        """Return the name of each school asked for that is this agency's."""
        found = run(self.session, _SCHOOLS, {"agency": self.agency, "schools": tuple(schools)})
        return {row.id: row.name for row in found}

    def every(self) -> Sequence[tuple[UUID, str]]:
        """Return id and name of each school in use, by name."""
        wanted = select(SchoolRow.id, SchoolRow.name).where(
            SchoolRow.agency == self.agency, SchoolRow.kind == "school", col(SchoolRow.is_active)
        )
        return self.session.exec(wanted.order_by(col(SchoolRow.name))).all()


# Columns and built once; a row for each role, so that no second query asks for them.
_EVER: Final = (
    columns_of(
        col(StaffRow.id),
        col(StaffRow.name),
        col(StaffRow.email),
        col(StaffRow.person),
        col(StaffRow.keys_on),
        col(StaffRow.added_by),
        col(StaffRow.reset_by),
        col(StaffRow.removed_at),
        col(StaffRoleRow.role),
    )
    .join_from(StaffRow, StaffRoleRow, col(StaffRoleRow.staff) == col(StaffRow.id), isouter=True)
    .where(col(StaffRow.agency) == bindparam("agency"))
    .order_by(col(StaffRow.added_at), col(StaffRow.id), col(StaffRoleRow.role))
)
_HERE: Final = _EVER.where(col(StaffRow.removed_at).is_(None))
_NUMBERED: Final = _HERE.where(col(StaffRow.id) == bindparam("staff"))
_ADDRESSED: Final = _HERE.where(col(StaffRow.email_index).in_(bindparam("indexes", expanding=True)))


@dataclass(frozen=True, slots=True)
class Staff:
    """The people who work at one agency's desk."""

    session: Session
    agency: UUID
    vault: AgencyVault

    def add(self, colleague: Colleague, now: datetime) -> None:
        """Enter a member of staff with their roles; their name and address are sealed."""
        self.session.add(
            StaffRow(
                id=colleague.id,
                agency=self.agency,
                name=self.vault.seal(colleague.id, "identity", _place(colleague.id, "name"), colleague.name),
                email=self.vault.seal(colleague.id, "identity", _place(colleague.id, "email"), colleague.email),
                email_index=self.vault.index("staff", colleague.email.casefold()),
                person=colleague.person,
                keys_on=colleague.keys_on,
                added_by=colleague.added_by,
                reset_by=colleague.reset_by,
                added_at=now,
            )
        )
        self.session.flush()
        self.set_roles(colleague.id, colleague.roles)

    def set_roles(self, staff: UUID, roles: Iterable[Role]) -> None:
        """Give a member of staff exactly these roles."""
        self.session.exec(delete(StaffRoleRow).where(col(StaffRoleRow.staff) == staff))
        self.session.add_all(StaffRoleRow(staff=staff, role=role) for role in sorted(set(roles)))

    def addressed(self, email: str) -> Colleague | None:
        """Return who signs in with this address, or nobody."""
        indexes = self.vault.indexes("staff", email.strip().casefold())
        return next(iter(self._values(_ADDRESSED, {"indexes": indexes})), None)

    def numbered(self, staff: UUID) -> Colleague | None:
        """Return the member of staff of this id, or nobody when they are another agency's or were removed."""
        return next(iter(self._values(_NUMBERED, {"staff": staff})), None)

    def every(self) -> Sequence[Colleague]:
        """Return the staff in the order they were added."""
        return self._values(_HERE, {})

    def names(self) -> dict[UUID, Colleague]:
        """Return everybody who ever worked here, so that the history keeps its names."""
        return {one.id: one for one in self._values(_EVER, {})}

    def remove(self, staff: UUID, now: datetime) -> None:
        """Take a member of staff off the desk; what they decided keeps their name.

        Raises:
            NoSuchStaff: nobody of this agency has the id.
        """
        row = self.session.get(StaffRow, staff)
        if row is None or row.agency != self.agency or row.removed_at is not None:
            raise NoSuchStaff("Nobody on the desk of this agency has this id.")
        row.removed_at, row.email_index = now, f"removed:{staff.hex}"
        self.session.add(row)

    def set_person(self, staff: UUID, person: UUID | None) -> None:
        """Say who they are on the roster, or that they are not on it."""
        self._row(staff).person = person

    def set_reset_by(self, staff: UUID, by: UUID | None) -> None:
        """Remember who last gave them a new password or let them set up a new second factor."""
        self._row(staff).reset_by = by

    def set_keys(self, staff: UUID, *, on: bool) -> None:
        """Switch the single-key shortcuts of one person on or off (WCAG 2.1.4)."""
        self._row(staff).keys_on = on

    def renew_index(self) -> None:
        """Enter the address of everybody at the desk under the newest index key."""
        for colleague in self.every():
            self._row(colleague.id).email_index = self.vault.index("staff", colleague.email.casefold())

    def _row(self, staff: UUID) -> StaffRow:
        row = self.session.get_one(StaffRow, staff)
        self.session.add(row)
        return row

    def _values(self, wanted: Select[*tuple[Any, ...]], bound: Mapping[str, object]) -> tuple[Colleague, ...]:
        # One query however many work here, and nothing is opened again that stayed as it was: each page asks this.
        rows = run(self.session, wanted, {"agency": self.agency, **bound}).all()
        return self.vault.kept(("staff", *map(tuple, rows)), lambda: self._opened(rows))

    def _opened(self, rows: Sequence[Row[*tuple[Any, ...]]]) -> tuple[Colleague, ...]:
        roles: dict[UUID, set[Role]] = {}
        for row in rows:
            roles.setdefault(row.id, set()).update(() if row.role is None else (Role(row.role),))
        self.vault.warm(roles, "identity")
        first = {row.id: row for row in reversed(rows)}
        return tuple(self._value(first[one], frozenset(held)) for one, held in roles.items())

    def _value(self, row: Row[*tuple[Any, ...]], roles: frozenset[Role]) -> Colleague:
        return Colleague(
            id=row.id,
            name=self.vault.unseal(row.id, "identity", _place(row.id, "name"), row.name),
            email=self.vault.unseal(row.id, "identity", _place(row.id, "email"), row.email),
            roles=roles,
            person=row.person,
            keys_on=row.keys_on,
            added_by=row.added_by,
            reset_by=row.reset_by,
            is_here=row.removed_at is None,
        )


def _place(staff: UUID, column: str) -> str:
    return f"staff:{staff}:{column}"
