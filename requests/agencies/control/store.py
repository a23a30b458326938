"""Every statement to the control store."""

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from typing import Final
from uuid import UUID

from sqlalchemy import Connection, Engine, Select, func, select

from rightsdesk.requests.agencies.control.tables import CONTROL, HOMES
from rightsdesk.requests.agencies.errors import NoSuchAgency, SlugTaken
from rightsdesk.requests.ledger.dialects import insert_into
from rightsdesk.requests.ledger.store import READS

_home: Final = HOMES.c
_COLUMNS: Final = select(_home.slug, _home.id, _home.name, _home.region)


@dataclass(frozen=True, slots=True)
class Home:
    """Where an agency lives. ``name`` is the one it was entered with; its region knows today's."""

    slug: str
    id: UUID
    name: str
    region: str


@dataclass(frozen=True, slots=True)
class Control:
    """The agencies of all regions. Each call is a short transaction of its own.

    It can be made anew from what the regions know, so that losing it loses nothing.
    """

    engine: Engine

    def create(self) -> None:
        """Make the table when it is missing."""
        CONTROL.create_all(self.engine)

    def home(self, slug: str) -> Home:
        """Return where the agency of this slug lives.

        Raises:
            NoSuchAgency: none has it in any region.
        """
        found = self._found(_COLUMNS.where(_home.slug == slug))
        if not found:
            raise NoSuchAgency("No agency has this address.")
        return found[0]

    def every(self) -> Sequence[Home]:
        """Return all agencies, by name."""
        return self._found(_COLUMNS.order_by(_home.name, _home.slug))

    def named(self, words: str, outside: Collection[str], limit: int = 20) -> Sequence[Home]:
        """Return the agencies with these words in their names that live in none of these regions."""
        like = f"%{words.strip().lower().replace('%', '').replace('_', '')}%"
        wanted = _COLUMNS.where(func.lower(_home.name).like(like), _home.region.not_in(outside))
        return self._found(wanted.order_by(_home.name).limit(limit))

    def settle(self, home: Home) -> Home:
        """Give a new agency its place before its region knows of it, and return that place.

        An entry that broke off between the two is found again with the id it had, so that it can be finished.

        Raises:
            SlugTaken: the slug belongs to another region's agency.
        """
        with self.engine.begin() as tx:
            self._add(tx, [home])
        there = self.home(home.slug)
        if there.region != home.region:
            raise SlugTaken(f"There is an agency with the slug {home.slug} already, in region {there.region}.")
        return there

    def take_in(self, homes: Iterable[Home]) -> None:
        """Enter the agencies that a region knows and this store does not; what stands here stays."""
        known = {one.slug for one in self.every()}
        missing = [one for one in homes if one.slug not in known]
        if missing:
            with self.engine.begin() as tx:
                self._add(tx, missing)

    def _add(self, tx: Connection, homes: Sequence[Home]) -> None:
        rows = [{"slug": one.slug, "id": one.id, "name": one.name, "region": one.region} for one in homes]
        tx.execute(insert_into(tx, HOMES).on_conflict_do_nothing(), rows)

    def _found(self, wanted: Select[str, UUID, str, str]) -> list[Home]:
        with self.engine.connect().execution_options(**{READS: True}) as tx:
            return [Home(*row) for row in tx.execute(wanted)]
