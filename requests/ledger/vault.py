"""Seals personal data so that destroying one small key erases it everywhere, old backups included."""

from collections.abc import Callable, Hashable, Iterable, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Final, TypeAlias, TypeVar
from uuid import UUID

from rightsdesk.requests.ledger import batches
from rightsdesk.requests.ledger.batches import Sealed, by_scope, chunks, live, text_or_nothing
from rightsdesk.requests.ledger.errors import KeyGone, Unreadable
from rightsdesk.requests.ledger.keyring import Keyring
from rightsdesk.requests.ledger.keysets import IndexKeys, SealingKeys, key_id
from rightsdesk.requests.ledger.sealing import NONCE_BYTES, Field, close, close_each, disclose
from rightsdesk.requests.ledger.store import DESTROYED, Keysets, KeyStore, Wrapped

__all__ = ["AgencyVault", "Draw", "KeyGone", "KeyStore", "Sealed", "Unreadable", "Vault"]

Draw: TypeAlias = Callable[[int], bytes]
Clock: TypeAlias = Callable[[], datetime]
Made = TypeVar("Made")
Name = TypeVar("Name", bound=Hashable)

_KEY_BYTES: Final = 32
_CALLS_TRUSTED: Final = 64  # then another look at the generation, so that a long-lived vault notices erasures too


@dataclass(frozen=True, slots=True, repr=False)
class Vault:
    """All agencies' keys in one process. ``draw`` gives random bytes, ``clock`` the time a key is dated with."""

    store: KeyStore
    draw: Draw
    clock: Clock
    ring: Keyring = field(default_factory=Keyring)

    def agency(self, agency: UUID) -> "AgencyVault":
        """Return the vault of one agency; make one for each unit of work, they share what is open."""
        return AgencyVault(agency, self.store, self.draw, self.clock, self.ring)

    def rotate(self, agency: UUID) -> int:
        """Give the agency new keys while everybody goes on working; return how many subject keys were re-wrapped.

        What was sealed stays readable, what was indexed stays findable. The caller then writes each blind index anew
        and calls ``retire_index_key``.
        """
        sealing = self.store.change_sealing(agency, SealingKeys.rotated).sealing
        self.store.change_index(agency, IndexKeys.rotated)
        self.ring.see(agency, self.store.generation(agency))
        done = 0
        for batch in self.store.live_keys(agency):
            self.store.rewrap([(key, batches.rewrapped(sealing, agency, key)) for key in batch])
            done += len(batch)
        return done

    def retire_index_key(self, agency: UUID) -> None:
        """Drop the older index keys; what was not indexed anew is no longer found."""
        self.store.change_index(agency, IndexKeys.newest_only)
        self.ring.see(agency, self.store.generation(agency))

    def rotate_master(self) -> int:
        """Give the portal a new master key, rewriting the key file; return how many keysets were sealed anew.

        Raises:
            KeyFileFixed: the master key is given by a setting.
        """
        return self.store.master.rotate(self.store.reseal_keysets)


@dataclass(slots=True, repr=False)
class AgencyVault:
    """Seals and opens for one agency. Nobody else's keys can be reached from here."""

    agency: UUID
    _store: KeyStore
    _draw: Draw
    _clock: Clock
    _ring: Keyring
    _trusted: int = 0

    def seal(self, subject: UUID, scope: str, place: str, text: str) -> bytes:
        """Return the text sealed under the subject's key, readable only at this place; refused as ``seal_bytes`` is."""
        return self.seal_bytes(subject, scope, place, text.encode())

    def unseal(self, subject: UUID, scope: str, place: str, sealed: bytes) -> str:
        """Return the text; refused as ``unseal_bytes`` is."""
        return self.unseal_bytes(subject, scope, place, sealed).decode()

    def seal_bytes(self, subject: UUID, scope: str, place: str, clear: bytes) -> bytes:
        """Return the bytes sealed as ``seal`` does.

        Raises:
            KeyGone: this key was destroyed; it is never made again.
        """
        self._look()
        key = self._ring.key(self.agency, subject, scope) or self._made([subject], scope).get(subject)
        return close(live(key, subject), self._draw(NONCE_BYTES), place, clear)

    def unseal_bytes(self, subject: UUID, scope: str, place: str, sealed: bytes) -> bytes:
        """Return the bytes.

        Raises:
            KeyGone: the key was destroyed.
            Unreadable: the bytes were altered or belong elsewhere.
        """
        self._look()
        key = self._ring.key(self.agency, subject, scope) or self._known([subject], scope).get(subject)
        return disclose(live(key, subject), place, sealed)

    def seal_each(self, scope: str, rows: Sequence[tuple[UUID, Sequence[Field]]]) -> list[list[bytes]]:
        """Return for each subject the texts of their places sealed: a record is sealed as one, not field by field.

        Raises:
            KeyGone: one of the keys was destroyed.
        """
        self._refresh()
        keys = self._made([subject for subject, _ in rows], scope)
        drawn = self._draw(NONCE_BYTES * sum(len(fields) for _, fields in rows))
        nonces = (drawn[at : at + NONCE_BYTES] for at in range(0, len(drawn), NONCE_BYTES))
        return [close_each(live(keys.get(subject), subject), nonces, fields) for subject, fields in rows]

    def unseal_many(self, rows: Iterable[Sealed]) -> list[str | None]:
        """Return the texts in their order, nothing where the key was destroyed.

        Raises:
            Unreadable: one was altered or belongs elsewhere.
        """
        self._refresh()
        texts: list[str | None] = []
        for some in chunks(rows):
            keys = {scope: self._known(subjects, scope) for scope, subjects in by_scope(some).items()}
            texts += [text_or_nothing(keys[row.scope].get(row.subject), row) for row in some]
        return texts

    def ensure_keys(self, subjects: Iterable[UUID], scope: str) -> frozenset[UUID]:
        """Make the missing keys of all these subjects in one transaction; return those whose key was destroyed."""
        self._refresh()
        return frozenset(subject for subject, key in self._made(list(subjects), scope).items() if key == DESTROYED)

    def prepare(self, subject: UUID, scope: str) -> None:
        """Make a subject's key now if there is none, for whoever is about to seal while others wait."""
        self._look()
        if self._ring.key(self.agency, subject, scope) is None:
            self._made([subject], scope)

    def new_keys(self, subjects: Sequence[UUID], scope: str) -> None:
        """Make the keys of subjects whose ids were drawn a moment ago, in one transaction: nobody has any yet."""
        if not subjects:
            return
        self._refresh()
        generation, sealing = self._ring.generation(self.agency), self._keysets().sealing
        drawn = self._draw(_KEY_BYTES * len(subjects))
        pairs = [(one, drawn[at * _KEY_BYTES : (at + 1) * _KEY_BYTES]) for at, one in enumerate(subjects)]
        wrapped = [Wrapped(one, scope, sealing.seal(key, batches.owner(self.agency, one, scope))) for one, key in pairs]
        self._store.add_new(self.agency, wrapped, self._clock())
        self._ring.put(self.agency, scope, pairs, generation)

    def warm(self, subjects: Iterable[UUID], scope: str) -> None:
        """Fetch the keys of a page of rows at once, before they are opened one by one."""
        self._look()
        if wanted := list(subjects):
            self._known(wanted, scope)

    def kept(self, name: Hashable, make: Callable[[], Made]) -> Made:
        """Return what ``make`` gave for this name before, as long as no key of the agency was destroyed or rotated.

        The name holds everything that ``make`` reads, the sealed bytes among it: what changed is made anew.
        """
        return self.kept_each([name], lambda _: make())[0]

    def kept_each(self, names: Sequence[Name], make: Callable[[Name], Made]) -> list[Made]:
        """Return what ``kept`` does for each of these names, in their order: one look is enough for all of them."""
        self._look()
        generation = self._ring.generation(self.agency)
        held: list[Made] = self._ring.opened(self.agency, names)
        for at, name in enumerate(names):
            if held[at] is None:
                held[at] = make(name)
                self._ring.put_opened(self.agency, name, held[at], generation)
        return held

    def seal_agency(self, place: str, text: str) -> bytes:
        """Return a secret of nobody in particular, sealed under the agency's own key."""
        self._look()
        return self._keysets().sealing.seal(text.encode(), self._about(place))

    def seal_agency_many(self, place: str, texts: Iterable[str]) -> list[bytes]:
        """Return many secrets of one place, each sealed as ``seal_agency`` does."""
        self._refresh()
        seal, about = self._keysets().sealing.seal, self._about(place)
        return [seal(text.encode(), about) for text in texts]

    def unseal_agency(self, place: str, sealed: bytes) -> str:
        """Return the secret, however often the agency's key was rotated since.

        Raises:
            Unreadable: it was altered or belongs elsewhere.
        """
        self._look()
        return self._sealing(sealed).open(sealed, self._about(place)).decode()

    def unseal_agency_many(self, place: str, sealed: Sequence[bytes]) -> list[str]:
        """Return many secrets of one place, as ``unseal_agency`` does."""
        self._refresh()
        about = self._about(place)
        return [self._sealing(one).open(one, about).decode() for one in sealed]

    def index(self, purpose: str, value: str) -> str:
        """Return the blind index under the newest key, ``<key id, 8 hex>:<32 hex>``."""
        self._look()
        return self._keysets().index.newest(batches.indexed(purpose, value))

    def index_many(self, purpose: str, values: Iterable[str]) -> dict[str, str]:
        """Return for each value what ``index`` says of it; a value that comes twice is keyed once."""
        self._refresh()
        every = list(dict.fromkeys(values))
        keyed = self._keysets().index.newest_of([batches.indexed(purpose, value) for value in every])
        return dict(zip(every, keyed, strict=True))

    def indexes_many(self, purpose: str, values: Iterable[str]) -> dict[str, tuple[str, ...]]:
        """Return for each value what ``indexes`` says of it."""
        self._refresh()
        every = self._keysets().index.every
        return {value: every(batches.indexed(purpose, value)) for value in dict.fromkeys(values)}

    def indexes(self, purpose: str, value: str) -> tuple[str, ...]:
        """Return the blind index under every live key, newest first: what a search looks for."""
        self._look()
        return self._keysets().index.every(batches.indexed(purpose, value))

    def destroy(self, subject: UUID, scope: str) -> None:
        """Destroy a subject's key for good, in every copy we hold; doing it twice does no harm."""
        self.destroy_many([subject], scope)

    def destroy_many(self, subjects: Iterable[UUID], scope: str) -> None:
        """Destroy the keys of many subjects in one transaction."""
        gone = list(subjects)
        generation = self._store.destroy(self.agency, scope, gone, self._clock())
        self._ring.forget(self.agency, scope, gone, generation)
        self._store.scrub()

    def _look(self) -> None:
        """Ask for the generation now and then only: it costs as much as opening a hundred fields."""
        if self._trusted <= 0:
            self._refresh()
        self._trusted -= 1

    def _refresh(self) -> None:
        self._ring.see(self.agency, self._store.generation(self.agency))
        self._trusted = _CALLS_TRUSTED

    def _known(self, subjects: Sequence[UUID], scope: str) -> dict[UUID, bytes]:
        """Return the opened keys that exist, empty where destroyed."""
        generation = self._ring.generation(self.agency)
        held = {subject: self._ring.key(self.agency, subject, scope) for subject in subjects}
        known = {subject: key for subject, key in held.items() if key is not None}
        missing = [subject for subject, key in held.items() if key is None]
        if missing:
            read = {key.subject: self._opened(key) for key in self._store.wrapped(self.agency, scope, missing)}
            self._ring.put(self.agency, scope, [(one, key) for one, key in read.items() if key], generation)
            known |= read
        return known

    def _made(self, subjects: Sequence[UUID], scope: str) -> dict[UUID, bytes]:
        """Return the opened keys, making what is missing; a new key is committed before anybody uses it."""
        known = self._known(subjects, scope)
        missing = [subject for subject in dict.fromkeys(subjects) if subject not in known]
        if missing:
            generation, seal = self._ring.generation(self.agency), self._keysets().sealing.seal
            drawn = [(one, self._draw(_KEY_BYTES)) for one in missing]
            wrapped = [Wrapped(one, scope, seal(key, batches.owner(self.agency, one, scope))) for one, key in drawn]
            if self._store.add(self.agency, wrapped, self._clock()):
                self._ring.put(self.agency, scope, drawn, generation)
            # Read back unless we hold them: where two made the same key at once, the first one counts.
            known |= self._known(missing, scope)
        return known

    def _opened(self, key: Wrapped) -> bytes:
        if key.wrapped == DESTROYED:
            return DESTROYED
        return self._sealing(key.wrapped).open(key.wrapped, batches.owner(self.agency, key.subject, key.scope))

    def _sealing(self, sealed: bytes) -> SealingKeys:
        """Return keys that know the one which sealed this, read again if another program rotated them."""
        keys = self._keysets().sealing
        if key_id(sealed) not in keys.ids:
            self._refresh()
            keys = self._keysets().sealing
        return keys

    def _keysets(self) -> Keysets:
        held = self._ring.keysets(self.agency)
        if held is None:
            generation = self._ring.generation(self.agency)
            held = self._store.keysets(self.agency)
            self._ring.put_keysets(self.agency, held, generation)
        return held

    def _about(self, place: str) -> bytes:
        return f"{self.agency.hex}|{place}".encode()
