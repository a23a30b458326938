"""Every statement about which directory one agency uses."""

import json
from dataclasses import asdict, dataclass
from datetime import datetime
from typing import Final
from uuid import UUID

from sqlalchemy import bindparam
from sqlalchemy import select as columns_of
from sqlmodel import Session, col

from rightsdesk.verification.dialects import insert_into, run
from rightsdesk.verification.directories.port import Kind
from rightsdesk.verification.directories.tables import DirectoryRow
from rightsdesk.verification.directories.terms import Dialect, Terms
from rightsdesk.verification.protocols import Seal

_ONE: Final = columns_of(col(DirectoryRow.kind), col(DirectoryRow.terms)).where(
    col(DirectoryRow.agency) == bindparam("agency")
)


@dataclass(frozen=True, slots=True)
class Directories:
    """The directory of one agency, as it was said to be."""

    session: Session
    agency: UUID
    seal: Seal

    def kind(self) -> Kind:
        """Return where the agency keeps its students' passwords; in the built-in directory unless it says otherwise."""
        row = run(self.session, _ONE, {"agency": self.agency}).one_or_none()
        return Kind(row.kind) if row else Kind.BUILT_IN

    def terms(self) -> Terms:
        """Return what the agency says about its directory, secrets open."""
        row = run(self.session, _ONE, {"agency": self.agency}).one_or_none()
        if row is None:
            return Terms()
        said = json.loads(self.seal.unseal_agency(self._place(), row.terms))
        return Terms(**{**said, "kind": Kind(row.kind), "dialect": Dialect(said["dialect"])})

    def keep(self, terms: Terms, now: datetime) -> None:
        """Keep what the agency says about its directory, in place of what it said before."""
        sealed = self.seal.seal_agency(self._place(), json.dumps(asdict(terms)))
        values = {"kind": terms.kind, "terms": sealed, "changed_at": now}
        row = insert_into(self.session, DirectoryRow).values(agency=self.agency, **values)
        run(self.session, row.on_conflict_do_update(index_elements=["agency"], set_=values), {})

    def _place(self) -> str:
        return f"password_directories:{self.agency}:terms"
