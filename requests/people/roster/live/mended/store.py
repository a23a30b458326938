"""The SQL by which a source takes over what was corrected: its schools, and numbers that become its own."""

from dataclasses import dataclass
from typing import Final
from uuid import UUID

from sqlmodel import Session, col, select, update

from rightsdesk.requests.agencies.tables import SchoolRow
from rightsdesk.requests.people.roster.live.scope import Scope
from rightsdesk.requests.people.roster.tables import StagedRoleRow
from rightsdesk.requests.people.tables import ContactRow, OverlayRow, SourceRecordRow

_CHANNELS: Final = {"mobile": "text", "email": "mail"}


@dataclass(frozen=True, slots=True)
class Mended:
    """The corrections of one agency, as far as one source has taken them over."""

    session: Session
    scope: Scope

    def school_said(self, person: UUID) -> str | None:
        """Return the name of the school where the package enrols somebody first; None when none is on record."""
        theirs = (col(SchoolRow.sourced_id) == col(StagedRoleRow.org)) & (col(StagedRoleRow.run) == self.scope.run)
        said = col(SourceRecordRow.source_key) == col(StagedRoleRow.source_key)
        same = said & (col(SourceRecordRow.source) == self.scope.source)
        wanted = (
            select(SchoolRow.name)
            .join(StagedRoleRow, theirs)
            .join(SourceRecordRow, same)
            .where(SchoolRow.agency == self.scope.agency, SourceRecordRow.person == person)
            .order_by(col(StagedRoleRow.is_primary).desc(), (col(SchoolRow.kind) == "school").desc(), col(SchoolRow.id))
        )
        return self.session.exec(wanted.limit(1)).first()

    def adopt(self, overlay: UUID) -> None:
        """Let the source have the number or address that a correction set: it may replace or remove it again."""
        found = select(OverlayRow.person, OverlayRow.element).where(OverlayRow.agency == self.scope.agency)
        person, element = self.session.exec(found.where(OverlayRow.id == overlay)).one()
        mine = update(ContactRow).where(col(ContactRow.agency) == self.scope.agency, col(ContactRow.person) == person)
        set_by_hand = mine.where(
            col(ContactRow.channel) == _CHANNELS.get(element, ""), col(ContactRow.source).is_(None)
        )
        self.session.exec(set_by_hand.values(source=self.scope.source))
