"""Seals personal data so that destroying one small key erases it everywhere, old backups included."""

from collections.abc import Callable, Hashable, Iterable, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Final, TypeAlias, TypeVar
from uuid import UUID

from rightsdesk.requests.ledger.batches import Clear, Sealed, by_scope, chunks
from rightsdesk.requests.ledger.errors import KeyGone, KeyLost, Unreadable
from rightsdesk.requests.ledger.keyring import Keyring
from rightsdesk.requests.ledger.keysets import IndexKeys, SealingKeys, key_id
from rightsdesk.requests.ledger.sealing import NONCE_BYTES, close, disclose
from rightsdesk.requests.ledger.store import DESTROYED, Keysets, KeyStore, Wrapped

__all__ = ["AgencyVault", "Clear", "Draw", "KeyGone", "KeyStore", "Sealed", "Unreadable", "Vault"]

Draw: TypeAlias = Callable[[int], bytes]
Clock: TypeAlias = Callable[[], datetime]
Made = TypeVar("Made")

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
            self.store.rewrap([(key, _rewrapped(sealing, agency, key)) for key in batch])
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
        """Return the text sealed under the subject's key, readable only at this place.

        Raises:
            KeyGone: this key was destroyed; it is never made again.
        """
        return self.seal_bytes(subject, scope, place, text.encode())

    def unseal(self, subject: UUID, scope: str, place: str, sealed: bytes) -> str:
        """Return the text.

        Raises:
            KeyGone: the key was destroyed.
            Unreadable: the bytes were altered or belong elsewhere.
        """
        return self.unseal_bytes(subject, scope, place, sealed).decode()

    def seal_bytes(self, subject: UUID, scope: str, place: str, clear: bytes) -> bytes:
        """Return the bytes sealed as ``seal`` does.

        Raises:
            KeyGone: this key was destroyed; it is never made again.
        """
        self._look()
        key = self._ring.key(self.agency, subject, scope) or self._made([subject], scope).get(subject)
        return close(_live(key, subject), self._draw(NONCE_BYTES), place, clear)

    def unseal_bytes(self, subject: UUID, scope: str, place: str, sealed: bytes) -> bytes:
        """Return the bytes.

        Raises:
            KeyGone: the key was destroyed.
            Unreadable: the bytes were altered or belong elsewhere.
        """
        self._look()
        key = self._ring.key(self.agency, subject, scope) or self._known([subject], scope).get(subject)
        return disclose(_live(key, subject), place, sealed)

    def seal_many(self, rows: Iterable[Clear]) -> list[bytes]:
        """Return the texts sealed, in their order; keys are made and read in batches.

        Raises:
            KeyGone: one of the keys was destroyed; ask ``ensure_keys`` first which.
        """
        self._refresh()
        sealed: list[bytes] = []
        for some in chunks(rows):
            keys = {scope: self._made(subjects, scope) for scope, subjects in by_scope(some).items()}
            for row in some:
                key = _live(keys[row.scope].get(row.subject), row.subject)
                sealed.append(close(key, self._draw(NONCE_BYTES), row.place, row.text.encode()))
        return sealed

    def unseal_many(self, rows: Iterable[Sealed]) -> list[str | None]:
        """Return the texts in their order, nothing where the key was destroyed.

        Raises:
            Unreadable: one was altered or belongs elsewhere.
        """
        self._refresh()
        texts: list[str | None] = []
        for some in chunks(rows):
            keys = {scope: self._known(subjects, scope) for scope, subjects in by_scope(some).items()}
            texts += [_text_or_nothing(keys[row.scope].get(row.subject), row) for row in some]
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

    def warm(self, subjects: Iterable[UUID], scope: str) -> None:
        """Fetch the keys of a page of rows at once, before they are opened one by one."""
        self._look()
        if wanted := list(subjects):
            self._known(wanted, scope)

    def kept(self, name: Hashable, make: Callable[[], Made]) -> Made:
        """Return what ``make`` gave for this name before, as long as no key of the agency was destroyed or rotated.

        The name holds everything that ``make`` reads, the sealed bytes among it: what changed is made anew.
        """
        if self._trusted <= 0:
            self._refresh()
        held: Made | None = self._ring.opened(self.agency, name)
        if held is None:
            generation = self._ring.generation(self.agency)
            held = make()
            self._ring.put_opened(self.agency, name, held, generation)
        return held

    def seal_agency(self, place: str, text: str) -> bytes:
        """Return a secret of nobody in particular, sealed under the agency's own key."""
        self._look()
        return self._keysets().sealing.seal(text.encode(), self._about(place))

    def unseal_agency(self, place: str, sealed: bytes) -> str:
        """Return the secret, however often the agency's key was rotated since.

        Raises:
            Unreadable: it was altered or belongs elsewhere.
        """
        self._look()
        return self._sealing(sealed).open(sealed, self._about(place)).decode()

    def index(self, purpose: str, value: str) -> str:
        """Return the blind index under the newest key, ``<key id, 8 hex>:<32 hex>``."""
        self._look()
        return self._keysets().index.newest(_indexed(purpose, value))

    def indexes(self, purpose: str, value: str) -> tuple[str, ...]:
        """Return the blind index under every live key, newest first: what a search looks for."""
        self._look()
        return self._keysets().index.every(_indexed(purpose, value))

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
            sealing = self._keysets().sealing
            drawn = [(one, sealing.seal(self._draw(_KEY_BYTES), _owner(self.agency, one, scope))) for one in missing]
            self._store.add(self.agency, [Wrapped(one, scope, key) for one, key in drawn], self._clock())
            # Read back: where two made the same key at once, the first one counts.
            known |= self._known(missing, scope)
        return known

    def _opened(self, key: Wrapped) -> bytes:
        if key.wrapped == DESTROYED:
            return DESTROYED
        return self._sealing(key.wrapped).open(key.wrapped, _owner(self.agency, key.subject, key.scope))

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


def _owner(agency: UUID, subject: UUID, scope: str) -> bytes:
    return f"{agency.hex}|{subject.hex}|{scope}".encode()


def _indexed(purpose: str, value: str) -> bytes:
    return f"{purpose}\0{value}".encode()


def _live(key: bytes | None, subject: UUID) -> bytes:
    if key is None:
        raise KeyLost(f"There is no key for {subject}. Does the keys database belong to this one?")
    if key == DESTROYED:
        raise KeyGone(f"The key of {subject} was destroyed by an erasure.")
    return key


def _text_or_nothing(key: bytes | None, row: Sealed) -> str | None:
    return None if key == DESTROYED else disclose(_live(key, row.subject), row.place, row.sealed).decode()


def _rewrapped(sealing: SealingKeys, agency: UUID, key: Wrapped) -> bytes:
    about = _owner(agency, key.subject, key.scope)
    return sealing.seal(sealing.open(key.wrapped, about), about)
