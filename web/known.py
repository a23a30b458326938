"""The agencies this process has seen: each request needs one, and they hardly ever change."""

from dataclasses import dataclass, field
from time import monotonic
from typing import Final

from sqlmodel import Session

from rightsdesk.requests.agencies.agency import Agency
from rightsdesk.requests.agencies.store import Agencies

TRUSTED: Final = 2.0  # seconds until another program's change of an agency is seen here


@dataclass(slots=True)
class Known:
    """Agencies by slug. A change by this process makes it look again; one by others is seen two seconds later."""

    _seen: dict[str, tuple[float, Agency]] = field(default_factory=dict)

    def named(self, tx: Session, slug: str) -> Agency:
        """Return the agency of this slug.

        Raises:
            NoSuchAgency: none has it; that is asked anew each time.
        """
        at, agency = self._seen.get(slug, (0.0, None))
        if agency is None or monotonic() - at > TRUSTED:
            agency = Agencies(tx).named(slug)
            self._seen[slug] = (monotonic(), agency)
        return agency

    def forget(self) -> None:
        """Look again at the next request."""
        self._seen.clear()
