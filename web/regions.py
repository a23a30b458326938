"""The portals of one process, one for each region it serves, and which of them a path belongs to."""

from collections.abc import Iterator, Sequence
from contextlib import ExitStack
from dataclasses import dataclass, field
from time import monotonic
from typing import Final

from sqlmodel import Session

from rightsdesk.requests.agencies.agency import Agency
from rightsdesk.requests.agencies.control.store import Control, Home
from rightsdesk.requests.agencies.errors import OtherRegion
from rightsdesk.requests.agencies.store import Agencies
from rightsdesk.web.known import TRUSTED
from rightsdesk.web.meter import Meter, NoMeter
from rightsdesk.web.portal import Portal

LISTED: Final = 20


class Elsewhere(OtherRegion):
    """The agency lives in a region that this process does not serve; ``address`` is where it is, "" when not known."""

    def __init__(self, home: Home, address: str) -> None:
        super().__init__(home.id, home.region)
        self.name = home.name
        self.address = address


@dataclass(frozen=True, slots=True)
class Regions:
    """The regions that are served. ``control`` is None where there is one region: it knows all its agencies itself."""

    portals: tuple[Portal, ...]
    control: Control | None = None
    meter: Meter = field(default_factory=NoMeter)  # of what belongs to no region; of several only
    _homes: dict[str, tuple[float, Home]] = field(default_factory=dict)

    @property
    def first(self) -> Portal:
        """Return the portal of what belongs to no agency: shared pages, settings that hold for all."""
        return self.portals[0]

    @property
    def only(self) -> Portal | None:
        """Return the one portal where there is no choice, so that nothing need be asked."""
        return None if self.control else self.first

    @property
    def names(self) -> tuple[str, ...]:
        """Return the regions served here."""
        return tuple(portal.settings.region for portal in self.portals)

    def of(self, slug: str) -> Portal:
        """Return the portal of the agency with this slug. No region's own store is asked.

        Raises:
            NoSuchAgency: nobody has the slug, in no region.
            Elsewhere: it lives in a region that is not served here.
        """
        if self.control is None:
            return self.first
        home = self._home(self.control, slug)
        found = next((portal for portal in self.portals if portal.settings.region == home.region), None)
        if found is None:
            raise Elsewhere(home, self._address(home))
        return found

    def found(self, tx: Session, words: str) -> Sequence[tuple[str, str, str, tuple[str, ...]]]:
        """Return slug, name, town and schools of the agencies of all regions that these words may mean.

        ``tx`` is on the first region's database: whoever holds a connection must not wait for a second one to it.
        """
        found = list(Agencies(tx).found(words, LISTED))
        found += [one for portal in self.portals[1:] for one in _found(portal, words)]
        if self.control is not None:
            found += [(one.slug, one.name, "", ()) for one in self.control.named(words, self.names)]
        return sorted(found, key=lambda one: one[1])[:LISTED]

    def enter(self) -> None:
        """Let the control store know of every agency that a region served here has."""
        if self.control is not None:
            self.control.create()
            self.control.take_in(home_of(agency) for agency in self.agencies())

    def agencies(self) -> Iterator[Agency]:
        """Yield the agencies of the regions served here."""
        for portal in self.portals:
            with portal.storage.read() as tx:
                yield from Agencies(tx).every()

    def close(self) -> None:
        """Give all connections back to the system."""
        with ExitStack() as stack:
            for portal in self.portals:
                stack.callback(portal.storage.close)
            if self.control is not None:
                stack.callback(self.control.engine.dispose)

    def _home(self, control: Control, slug: str) -> Home:
        at, home = self._homes.get(slug, (0.0, None))
        if home is None or monotonic() - at > TRUSTED:
            home = control.home(slug)
            self._homes[slug] = (monotonic(), home)
        return home

    def _address(self, home: Home) -> str:
        address = dict(self.first.settings.addresses).get(home.region, "")
        return f"{address}/{home.slug}/" if address else ""


def home_of(agency: Agency) -> Home:
    """Return what the control store holds of an agency."""
    return Home(agency.slug, agency.id, agency.name, agency.region)


def _found(portal: Portal, words: str) -> Sequence[tuple[str, str, str, tuple[str, ...]]]:
    with portal.storage.read() as tx:
        return Agencies(tx).found(words, LISTED)
