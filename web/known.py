"""The agencies this process has seen: each request needs one, and they hardly ever change."""

from contextlib import suppress
from dataclasses import dataclass, field
from time import monotonic
from typing import Any, Final
from uuid import UUID

from sqlmodel import Session

from rightsdesk.requests.agencies.agency import Agency
from rightsdesk.requests.agencies.errors import NoSuchAgency
from rightsdesk.requests.agencies.store import VERSION, Agencies

TRUSTED: Final = 2.0  # seconds until a page shows another program's change of an agency


@dataclass(slots=True)
class Known:
    """Agencies by slug. A change by this process makes it look again at once.

    What others commit is seen two seconds later by who only looks, and at once by who acts: nobody files or decides by
    policies that were changed elsewhere.
    """

    _seen: dict[str, tuple[float, tuple[Any, ...], Agency]] = field(default_factory=dict)
    _slugs: dict[UUID, str] = field(default_factory=dict)

    def named(self, tx: Session, slug: str) -> Agency:
        """Return the agency of this slug, for a page.

        Raises:
            NoSuchAgency: none has it; that is asked anew each time.
        """
        at, _, agency = self._seen.get(slug, (0.0, (), None))
        return agency if agency is not None and monotonic() - at <= TRUSTED else self._read(tx, slug)

    def current(self, tx: Session, slug: str) -> Agency:
        """Return the agency of this slug as it stands, for an act; costs one small read where it did not change.

        Raises:
            NoSuchAgency: none has it.
        """
        _, version, agency = self._seen.get(slug, (0.0, (), None))
        if agency is None or _version(tx, slug) != version:
            return self._read(tx, slug)
        return agency

    def numbered(self, tx: Session, agency: UUID) -> Agency:
        """Return the agency of this id as it stands, for a job; costs as little.

        Raises:
            OtherRegion: none of this region has it.
        """
        slug = self._slugs.get(agency)
        with suppress(NoSuchAgency):  # it went, or another one bears its slug now: the id decides
            if slug is not None and (held := self.current(tx, slug)).id == agency:
                return held
        found = Agencies(tx).numbered(agency)
        self._slugs[agency] = found.slug
        return found

    def forget(self) -> None:
        """Look again at the next request."""
        self._seen.clear()
        self._slugs.clear()

    def _read(self, tx: Session, slug: str) -> Agency:
        version = _version(tx, slug)  # first: a change in between makes it look again
        agency = Agencies(tx).named(slug)
        _, held, _ = self._seen.get(slug, (0.0, (), None))
        if version[:1] >= held[:1]:  # a transaction from before a change must not bring the older policies back
            self._seen[slug] = (monotonic(), version, agency)
        return agency


def _version(tx: Session, slug: str) -> tuple[Any, ...]:
    return tuple(tx.connection().execute(VERSION, {"slug": slug}).first() or ())
