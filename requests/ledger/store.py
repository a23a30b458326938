"""Every statement to the keys database: wrapped keys, kept apart from what they open."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Final
from uuid import UUID

from sqlalchemy import Connection, Engine, Uuid, bindparam, literal, select, tuple_, update
from sqlalchemy.sql.expression import Select

from rightsdesk.requests.ledger.bulk import add_many
from rightsdesk.requests.ledger.dialects import insert_into, one_at_a_time, upsert
from rightsdesk.requests.ledger.errors import KeyLost
from rightsdesk.requests.ledger.keyfile import MasterKey
from rightsdesk.requests.ledger.keysets import IndexKeys, SealingKeys, key_id
from rightsdesk.requests.ledger.tables import AGENCY_KEYSETS, KEY_GENERATIONS, KEYS, SUBJECT_KEYS

# An engine that opens write transactions by itself (BEGIN IMMEDIATE) looks at this option and lets a reader read.
READS: Final = "rightsdesk_reads"
# The same for one that asks a single thing: such a look needs no transaction around it.
GLANCES: Final = "rightsdesk_glances"
DESTROYED: Final = b""
_MANY: Final = 500  # SQLite's older limit on bound values is 999
_BATCH: Final = 1000

_keyset = AGENCY_KEYSETS.c
_key = SUBJECT_KEYS.c
_GENERATION: Final = select(KEY_GENERATIONS.c.generation).where(KEY_GENERATIONS.c.agency == bindparam("agency"))
_KEYSET: Final = select(_keyset.sealed).where(
    _keyset.agency == bindparam("agency"), _keyset.purpose == bindparam("purpose")
)
_WRAPPED: Final = select(_key.subject, _key.wrapped).where(
    _key.agency == bindparam("agency"),
    _key.scope == bindparam("scope"),
    _key.subject.in_(bindparam("subjects", expanding=True)),
)
_ADD: Final = upsert(SUBJECT_KEYS, lambda row: row.on_conflict_do_nothing())
_REWRAP: Final = (
    update(SUBJECT_KEYS)
    # Only what we read is replaced: a key destroyed meanwhile must not come back.
    .where(_key.subject == bindparam("b_subject"), _key.scope == bindparam("b_scope"), _key.wrapped == bindparam("old"))
    .values(wrapped=bindparam("new"))
)


@dataclass(frozen=True, slots=True)
class Keysets:
    """One agency's keys: those that seal and those that index."""

    sealing: SealingKeys
    index: IndexKeys


@dataclass(frozen=True, slots=True)
class Wrapped:
    """A data subject's key, sealed by the agency's; ``wrapped`` is empty when it was destroyed."""

    subject: UUID
    scope: str
    wrapped: bytes


@dataclass(frozen=True, slots=True)
class KeyStore:
    """The keys database and the master key that opens it. Each call is a short transaction of its own."""

    engine: Engine
    master: MasterKey

    def create(self) -> None:
        """Make the tables that are missing."""
        with self.engine.begin() as tx:
            one_at_a_time(tx)
            KEYS.create_all(tx)

    def generation(self, agency: UUID) -> int:
        """Return how often keys of this agency were destroyed or rotated."""
        with self.engine.connect().execution_options(**{READS: True, GLANCES: True}) as tx:
            return tx.execute(_GENERATION, {"agency": agency}).scalar() or 0

    def keysets(self, agency: UUID) -> Keysets:
        """Return the agency's keys; they are made when first asked for."""
        with self._reading() as tx:
            found = self._opened(tx, agency)
        if found:
            return found
        # A program that rotated the master key may have dropped the one we hold in memory.
        self.master.refresh()
        with self.engine.begin() as tx:
            self._add_keyset(tx, agency, "aead", SealingKeys.new().write())
            self._add_keyset(tx, agency, "prf", IndexKeys.new().write())
        return self.keysets(agency)

    def check(self, limit: int | None = None) -> int:
        """Open the keys of up to ``limit`` agencies, of all by default, and return how many; none is made.

        Raises:
            KeyLost: the master key in use does not open them.
        """
        with self._reading() as tx:
            wanted = select(_keyset.agency, _keyset.purpose, _keyset.sealed).where(_keyset.purpose == "aead")
            rows = tx.execute(wanted.limit(limit)).all()
        for agency, purpose, sealed in rows:
            self._open(agency, purpose, sealed)
        return len(rows)

    def wrapped(self, agency: UUID, scope: str, subjects: Sequence[UUID]) -> list[Wrapped]:
        """Return the keys that exist for these subjects, destroyed ones as tombstones."""
        found: list[Wrapped] = []
        with self._reading().execution_options(**{GLANCES: len(subjects) <= _MANY}) as tx:
            for start in range(0, len(subjects), _MANY):
                bound = {"agency": agency, "scope": scope, "subjects": subjects[start : start + _MANY]}
                found += [Wrapped(subject, scope, key) for subject, key in tx.execute(_WRAPPED, bound)]
        return found

    def add(self, agency: UUID, keys: Sequence[Wrapped], at: datetime) -> bool:
        """Keep these new keys; False where somebody was faster with one: theirs stays, so read all back before use."""
        rows = [
            {"subject": key.subject, "scope": key.scope, "agency": agency, "wrapped": key.wrapped, "made_at": at}
            for key in keys
        ]
        with self.engine.begin() as tx:
            added = tx.execute(_ADD.on(tx), rows, execution_options={"preserve_rowcount": True})
        return added.rowcount == len(rows)

    def add_new(self, agency: UUID, keys: Sequence[Wrapped], at: datetime) -> None:
        """Keep the keys of subjects who cannot have any yet: without a look, many at once."""
        rows = [(key.subject, key.scope, key.wrapped) for key in keys]
        with self.engine.begin() as tx:
            add_many(tx, SUBJECT_KEYS, ("subject", "scope", "wrapped"), rows, {"agency": agency, "made_at": at})

    def destroy(self, agency: UUID, scope: str, subjects: Sequence[UUID], at: datetime) -> int:
        """Overwrite these keys with tombstones and return the agency's new generation."""
        tombstones = [
            {"subject": one, "scope": scope, "agency": agency, "wrapped": DESTROYED, "made_at": at} for one in subjects
        ]
        with self.engine.begin() as tx:
            if tombstones:  # nobody's key: SQLAlchemy would insert one row of nothing
                tx.execute(insert_into(tx, SUBJECT_KEYS).on_conflict_do_nothing(), tombstones)
            for start in range(0, len(subjects), _MANY):
                some = _key.subject.in_(subjects[start : start + _MANY])
                mine = update(SUBJECT_KEYS).where(_key.agency == agency, _key.scope == scope, some)
                tx.execute(mine.values(wrapped=DESTROYED))
            return _next_generation(tx, agency)

    def scrub(self) -> bool:
        """Empty SQLite's write-ahead log, where a destroyed key may still lie; say whether it worked.

        It does not while another program reads; ask again then. PostgreSQL recycles its log by itself.
        """
        if self.engine.dialect.name != "sqlite":
            return True
        raw = self.engine.raw_connection()
        try:
            cursor = raw.cursor()
            cursor.execute("PRAGMA wal_checkpoint(TRUNCATE)")
            row = cursor.fetchone()
            cursor.close()
            return row is not None and row[0] == 0
        finally:
            raw.close()

    def change_sealing(self, agency: UUID, change: Callable[[SealingKeys], SealingKeys]) -> Keysets:
        """Replace the agency's sealing keys by what ``change`` makes of them."""
        return self._change(agency, "aead", lambda clear: change(SealingKeys.read(clear)).write())

    def change_index(self, agency: UUID, change: Callable[[IndexKeys], IndexKeys]) -> Keysets:
        """Replace the agency's index keys by what ``change`` makes of them."""
        return self._change(agency, "prf", lambda clear: change(IndexKeys.read(clear)).write())

    def live_keys(self, agency: UUID) -> Iterator[list[Wrapped]]:
        """Yield all keys of the agency that were not destroyed, in batches."""
        last = (UUID(int=0), "")
        while True:
            with self._reading() as tx:
                batch = [Wrapped(*row) for row in tx.execute(_page_after(agency, *last)).all()]
            if not batch:
                return
            yield batch
            last = (batch[-1].subject, batch[-1].scope)

    def rewrap(self, pairs: Sequence[tuple[Wrapped, bytes]]) -> None:
        """Replace wrapped keys by their newly wrapped form, unless they changed since they were read."""
        rows = [{"b_subject": was.subject, "b_scope": was.scope, "old": was.wrapped, "new": new} for was, new in pairs]
        with self.engine.begin() as tx:
            tx.execute(_REWRAP, rows)

    def reseal_keysets(self) -> int:
        """Seal every agency's keysets under the newest master key; return how many there are."""
        with self.engine.begin() as tx:
            rows = tx.execute(select(_keyset.agency, _keyset.purpose, _keyset.sealed).with_for_update()).all()
            for agency, purpose, sealed in rows:
                self._put_keyset(tx, agency, purpose, self._open(agency, purpose, sealed))
        return len(rows)

    def take_over(self, older: SealingKeys) -> None:
        """Seal anew what only an older master key opens: a keys database from a backup."""
        with self.engine.begin() as tx:
            for agency, purpose, sealed in tx.execute(select(_keyset.agency, _keyset.purpose, _keyset.sealed)).all():
                if key_id(sealed) not in self.master.sealing.ids:
                    self._put_keyset(tx, agency, purpose, older.open(sealed, _about(agency, purpose)))

    def take_index(self, agency: UUID, sealed: bytes, older: SealingKeys) -> None:
        """Hold these index keys of the agency again, behind its own; an older master key may have sealed them."""
        clear = older.open(sealed, _about(agency, "prf"))
        found = IndexKeys.read(clear)
        if set(found.ids) - set(self.keysets(agency).index.ids):
            self.change_index(agency, lambda keys: keys.with_older(found))

    def _reading(self) -> Connection:
        return self.engine.connect().execution_options(**{READS: True})

    def _change(self, agency: UUID, purpose: str, change: Callable[[bytes], bytes]) -> Keysets:
        self.keysets(agency)
        self.master.refresh()
        with self.engine.begin() as tx:
            bound = {"agency": agency, "purpose": purpose}
            sealed = tx.execute(_KEYSET.with_for_update(), bound).scalar_one()
            self._put_keyset(tx, agency, purpose, change(self._open(agency, purpose, sealed)))
            _next_generation(tx, agency)
        return self.keysets(agency)

    def _put_keyset(self, tx: Connection, agency: UUID, purpose: str, clear: bytes) -> None:
        mine = update(AGENCY_KEYSETS).where(_keyset.agency == agency, _keyset.purpose == purpose)
        sealed = self.master.sealing.seal(clear, _about(agency, purpose))
        tx.execute(mine.values(sealed=sealed, version=_keyset.version + 1))

    def _add_keyset(self, tx: Connection, agency: UUID, purpose: str, clear: bytes) -> None:
        sealed = self.master.sealing.seal(clear, _about(agency, purpose))
        row = {"agency": agency, "purpose": purpose, "sealed": sealed, "version": 1}
        tx.execute(insert_into(tx, AGENCY_KEYSETS).on_conflict_do_nothing(), [row])

    def _opened(self, tx: Connection, agency: UUID) -> Keysets | None:
        sealed = tx.execute(_KEYSET, {"agency": agency, "purpose": "aead"}).scalar()
        index = tx.execute(_KEYSET, {"agency": agency, "purpose": "prf"}).scalar()
        if sealed is None or index is None:
            return None
        sealing = SealingKeys.read(self._open(agency, "aead", sealed))
        return Keysets(sealing, IndexKeys.read(self._open(agency, "prf", index)))

    def _open(self, agency: UUID, purpose: str, sealed: bytes) -> bytes:
        if key_id(sealed) not in self.master.sealing.ids:
            self.master.refresh()
        if key_id(sealed) not in self.master.sealing.ids:
            raise KeyLost(f"The keys of agency {agency} belong to another master key. Put back the key file they need.")
        return self.master.sealing.open(sealed, _about(agency, purpose))


def _about(agency: UUID, purpose: str) -> bytes:
    return f"{agency.hex}|{purpose}".encode("ascii")


def _next_generation(tx: Connection, agency: UUID) -> int:
    tx.execute(insert_into(tx, KEY_GENERATIONS).on_conflict_do_nothing(), [{"agency": agency, "generation": 0}])
    counters = update(KEY_GENERATIONS).where(KEY_GENERATIONS.c.agency == agency)
    grown = counters.values(generation=KEY_GENERATIONS.c.generation + 1)
    generation: int = tx.execute(grown.returning(KEY_GENERATIONS.c.generation)).scalar_one()
    return generation


def _page_after(agency: UUID, subject: UUID, scope: str) -> Select[UUID, str, bytes]:
    return (
        select(_key.subject, _key.scope, _key.wrapped)
        .where(_key.agency == agency, _key.wrapped != DESTROYED)
        .where(tuple_(_key.subject, _key.scope) > tuple_(literal(subject, Uuid), literal(scope)))
        .order_by(_key.subject, _key.scope)
        .limit(_BATCH)
    )
