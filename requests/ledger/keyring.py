"""Opened keys, and what they opened, in memory: bounded, and forgotten when the keys database says that a key went."""

from collections import OrderedDict
from collections.abc import Hashable, Iterable
from dataclasses import dataclass, field
from threading import Lock
from typing import Any, Final
from uuid import UUID

from rightsdesk.requests.ledger.store import Keysets

_ROOM: Final = 20_000  # keys, about 6 MB
_SHELF: Final = 4_000  # opened values and lines made of them, about 4 MB


@dataclass(slots=True, repr=False)
class Keyring:
    """What one process holds open, for all agencies. Safe to use from many threads."""

    room: int = _ROOM
    shelf: int = _SHELF
    _opened: OrderedDict[tuple[UUID, Hashable], Any] = field(default_factory=OrderedDict)
    _keys: OrderedDict[bytes, bytes] = field(default_factory=OrderedDict)
    _keysets: dict[UUID, Keysets] = field(default_factory=dict)
    _generations: dict[UUID, int] = field(default_factory=dict)
    _lock: Lock = field(default_factory=Lock)

    def generation(self, agency: UUID) -> int:
        """Return the generation of the agency's keys held here; take it before reading keys to ``put``."""
        return self._generations.get(agency, 0)

    def see(self, agency: UUID, generation: int) -> None:
        """Forget everything of the agency unless this generation is the one we hold."""
        with self._lock:
            if self._generations.get(agency, 0) != generation:
                self._drop(agency, generation)

    def key(self, agency: UUID, subject: UUID, scope: str) -> bytes | None:
        """Return an opened key, or nothing if it is not held here."""
        name = _name(agency, subject, scope)
        with self._lock:
            found = self._keys.get(name)
            if found is not None:
                self._keys.move_to_end(name)
            return found

    def put(self, agency: UUID, scope: str, keys: Iterable[tuple[UUID, bytes]], generation: int) -> None:
        """Hold opened keys that were read while this generation was current."""
        with self._lock:
            # A key read before an erasure and put after it would outlive the erasure.
            if self._generations.get(agency, 0) != generation:
                return
            for subject, key in keys:
                self._keys[_name(agency, subject, scope)] = key
            while len(self._keys) > self.room:
                self._keys.popitem(last=False)

    def opened(self, agency: UUID, names: Iterable[Hashable]) -> list[Any]:
        """Return what was opened under each of these names, in their order; nothing where it is not held here."""
        opened, found = self._opened, []
        with self._lock:
            for name in [(agency, name) for name in names]:
                one = opened.get(name)
                if one is not None:
                    opened.move_to_end(name)
                found.append(one)
        return found

    def put_opened(self, agency: UUID, name: Hashable, value: object, generation: int) -> None:
        """Hold something that was opened with keys of this generation; it goes with them."""
        with self._lock:
            if self._generations.get(agency, 0) == generation:
                self._opened[agency, name] = value
            while len(self._opened) > self.shelf:
                self._opened.popitem(last=False)

    def keysets(self, agency: UUID) -> Keysets | None:
        """Return the agency's opened keysets, or nothing if they are not held here."""
        return self._keysets.get(agency)

    def put_keysets(self, agency: UUID, keysets: Keysets, generation: int) -> None:
        """Hold keysets that were read while this generation was current."""
        with self._lock:
            if self._generations.get(agency, 0) == generation:
                self._keysets[agency] = keysets

    def forget(self, agency: UUID, scope: str, subjects: Iterable[UUID], generation: int) -> None:
        """Drop destroyed keys; the destruction made this generation."""
        with self._lock:
            if self._generations.get(agency, 0) != generation - 1:
                self._drop(agency, generation)
                return
            self._generations[agency] = generation
            self._forget_opened(agency)
            for subject in subjects:
                self._keys.pop(_name(agency, subject, scope), None)

    def _drop(self, agency: UUID, generation: int) -> None:
        self._generations[agency] = generation
        self._keysets.pop(agency, None)
        self._forget_opened(agency)
        for name in [name for name in self._keys if name.startswith(agency.bytes)]:
            del self._keys[name]

    def _forget_opened(self, agency: UUID) -> None:
        for name in [name for name in self._opened if name[0] == agency]:
            del self._opened[name]


def _name(agency: UUID, subject: UUID, scope: str) -> bytes:
    return agency.bytes + subject.bytes + scope.encode()
