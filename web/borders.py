"""What belongs to another region is turned away, and the region's own ledger says so."""

from dataclasses import dataclass, field
from datetime import datetime, timedelta
from threading import Lock
from typing import Final
from uuid import NAMESPACE_URL, UUID, uuid5

from rightsdesk.requests.agencies.errors import OtherRegion
from rightsdesk.requests.ledger.audit import Event, Kind

# A stranger can ask for a page of the other region as often as they like; the ledger must not grow with each.
EVERY: Final = timedelta(hours=1)


def own_ledger(region: str) -> UUID:
    """Return the id of the ledger in which a region notes what concerns none of its agencies."""
    return uuid5(NAMESPACE_URL, f"rightsdesk:region:{region}")


def refusal(what: str, error: OtherRegion) -> Event:
    """Return the entry: what was refused ("request", "query", "job", "command"), of which agency and region."""
    facts = (("what", what), ("agency", str(error.agency)), ("region", error.region or "unknown"))
    return Event(Kind.REGION_REFUSED, "system", facts=facts)


@dataclass(slots=True)
class Border:
    """Which refusals this process has noted lately. Safe to use from many threads."""

    _noted: dict[tuple[str, UUID], datetime] = field(default_factory=dict)
    _lock: Lock = field(default_factory=Lock)

    def is_news(self, what: str, agency: UUID, now: datetime) -> bool:
        """Say whether an entry is due: the first about this agency, or the first for an hour."""
        with self._lock:
            before = self._noted.get((what, agency))
            if before is not None and now - before < EVERY:
                return False
            self._noted[what, agency] = now
            return True
