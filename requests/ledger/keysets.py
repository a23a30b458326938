"""Sets of keys that change over the years while what older keys sealed stays readable."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Final, Protocol, Self

from tink import (  # type: ignore[import-untyped]
    KeysetHandle,
    TinkError,
    aead,
    new_keyset_handle,
    prf,
    proto_keyset_format,
    secret_key_access,
)
from tink.proto import tink_pb2  # type: ignore[import-untyped]

from rightsdesk.requests.ledger.errors import Unreadable

_PREFIX: Final = 5  # Tink puts one version byte and the key's id, big-endian, before each ciphertext
_INDEX_BYTES: Final = 16

aead.register()
prf.register()


class _Aead(Protocol):
    def encrypt(self, plaintext: bytes, associated_data: bytes) -> bytes: ...
    def decrypt(self, ciphertext: bytes, associated_data: bytes) -> bytes: ...


class _Prf(Protocol):
    def compute(self, input_data: bytes, output_length: int) -> bytes: ...


def key_id(sealed: bytes) -> int:
    """Return the id of the key that sealed these bytes, as Tink writes it in front."""
    return int.from_bytes(sealed[1:_PREFIX], "big")


@dataclass(frozen=True, slots=True, repr=False)
class SealingKeys:
    """Keys that seal and open (AES-256-GCM, NIST SP 800-38D); the newest seals, all open."""

    ids: tuple[int, ...]  # newest first
    _clear: bytes
    _aead: _Aead

    @classmethod
    def new(cls) -> Self:
        """Return a set with one fresh key."""
        return cls.read(serialise(new_keyset_handle(aead.aead_key_templates.AES256_GCM)))

    @classmethod
    def read(cls, clear: bytes) -> Self:
        """Return the set that ``write`` gave.

        Raises:
            Unreadable: these bytes are no keyset.
        """
        handle = parse(clear)
        return cls(_ids(clear), clear, handle.primitive(aead.Aead))

    def write(self) -> bytes:
        """Return the keys in clear: for the owner-only key file, or to be sealed at once."""
        return self._clear

    def rotated(self, keep: int | None = None) -> Self:
        """Return the set with a fresh key in front, and of the older ones the newest ``keep``."""
        fresh = serialise(new_keyset_handle(aead.aead_key_templates.AES256_GCM))
        return self.read(_joined(self._clear, fresh, keep))

    def seal(self, clear: bytes, about: bytes) -> bytes:
        """Return the bytes sealed by the newest key and bound to what they are about."""
        return self._aead.encrypt(clear, about)

    def open(self, sealed: bytes, about: bytes) -> bytes:
        """Return the clear bytes.

        Raises:
            Unreadable: altered, about something else, or sealed by a key that is not in this set.
        """
        try:
            return self._aead.decrypt(sealed, about)
        except TinkError as error:
            raise Unreadable("A sealed value cannot be opened with the keys at hand.") from error


@dataclass(frozen=True, slots=True, repr=False)
class IndexKeys:
    """Keys that turn a value into a fixed fingerprint (HMAC-SHA-256), so that equal values can be found unread."""

    ids: tuple[int, ...]  # newest first
    _clear: bytes
    _prfs: tuple[_Prf, ...]

    @classmethod
    def new(cls) -> Self:
        """Return a set with one fresh key."""
        return cls.read(serialise(new_keyset_handle(prf.prf_key_templates.HMAC_SHA256)))

    @classmethod
    def read(cls, clear: bytes) -> Self:
        """Return the set that ``write`` gave.

        Raises:
            Unreadable: these bytes are no keyset.
        """
        every = parse(clear).primitive(prf.PrfSet).all()
        ids = _ids(clear)
        return cls(ids, clear, tuple(every[one] for one in ids))

    def write(self) -> bytes:
        """Return the keys in clear, to be sealed at once."""
        return self._clear

    def rotated(self) -> Self:
        """Return the set with a fresh key in front; the older ones still find what they indexed."""
        return self.read(_joined(self._clear, serialise(new_keyset_handle(prf.prf_key_templates.HMAC_SHA256)), None))

    def newest_only(self) -> Self:
        """Return the set without its older keys."""
        keyset = tink_pb2.Keyset.FromString(self._clear)
        return self.read(_joined(b"", _only(keyset, keyset.primary_key_id), 0))

    def with_older(self, older: "IndexKeys") -> Self:
        """Return this set with the keys of an older one that it lacks, so that what those indexed is found again."""
        mine, theirs = tink_pb2.Keyset.FromString(self._clear), tink_pb2.Keyset.FromString(older.write())
        joined = tink_pb2.Keyset(primary_key_id=mine.primary_key_id)
        joined.key.extend([*(key for key in theirs.key if key.key_id not in self.ids), *mine.key])
        return self.read(joined.SerializeToString())

    def newest(self, value: bytes) -> str:
        """Return ``<key id, 8 hex>:<32 hex>`` under the newest key."""
        return f"{self.ids[0]:08x}:{self._prfs[0].compute(value, _INDEX_BYTES).hex()}"

    def newest_of(self, values: Iterable[bytes]) -> list[str]:
        """Return what ``newest`` says of each of many values, in their order."""
        front, compute = f"{self.ids[0]:08x}:", self._prfs[0].compute
        return [front + compute(value, _INDEX_BYTES).hex() for value in values]

    def every(self, value: bytes) -> tuple[str, ...]:
        """Return the fingerprints under all keys, newest first: what a search looks for."""
        pairs = zip(self.ids, self._prfs, strict=True)
        return tuple(f"{one:08x}:{keyed.compute(value, _INDEX_BYTES).hex()}" for one, keyed in pairs)


def serialise(handle: KeysetHandle) -> bytes:
    """Return the keys in clear, to be sealed at once."""
    clear: bytes = proto_keyset_format.serialize(handle, secret_key_access.TOKEN)
    return clear


def parse(clear: bytes) -> KeysetHandle:
    """Return the keys that ``serialise`` wrote.

    Raises:
        Unreadable: these bytes are no keyset.
    """
    try:
        return proto_keyset_format.parse(clear, secret_key_access.TOKEN)
    except TinkError as error:
        raise Unreadable("These bytes are no keyset.") from error


def _ids(clear: bytes) -> tuple[int, ...]:
    return tuple(key.key_id for key in reversed(tink_pb2.Keyset.FromString(clear).key))


def _only(keyset: tink_pb2.Keyset, wanted: int) -> bytes:
    kept = tink_pb2.Keyset(primary_key_id=wanted)
    kept.key.extend(key for key in keyset.key if key.key_id == wanted)
    clear: bytes = kept.SerializeToString()
    return clear


def _joined(older: bytes, fresh: bytes, keep: int | None) -> bytes:
    """Append the fresh key as primary: Tink for Python has no keyset manager of its own."""
    keyset, added = tink_pb2.Keyset.FromString(older), tink_pb2.Keyset.FromString(fresh)
    kept: Sequence[tink_pb2.Keyset.Key] = list(keyset.key)
    if keep is not None:
        kept = kept[len(kept) - min(keep, len(kept)) :]
    joined = tink_pb2.Keyset(primary_key_id=added.primary_key_id)
    joined.key.extend([*kept, *added.key])
    clear: bytes = joined.SerializeToString()
    return clear
