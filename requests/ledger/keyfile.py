"""The master key: the one file that opens everything else, so it is checked before it is trusted."""

import binascii
import json
import os
import stat
from base64 import b64decode, b64encode
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from hashlib import sha256
from pathlib import Path
from threading import Lock
from typing import Final, Self

from rightsdesk.requests.ledger.durable import alone, replace_file
from rightsdesk.requests.ledger.errors import (
    KeyFileDamaged,
    KeyFileFixed,
    KeyFileMissing,
    KeyFileUnsafe,
    Unreadable,
)
from rightsdesk.requests.ledger.keysets import SealingKeys
from rightsdesk.requests.ledger.signing import Signer

_FORMAT: Final = "rightsdesk-keys-1"
# The key before stays, so that a keys backup made before the rotation can still be restored; it goes with the next.
_OLDER_KEPT: Final = 1


@dataclass(frozen=True, slots=True, repr=False)
class Keys:
    """What the key file holds: the set that seals the agencies' keys, the signature, and whose region it is."""

    sealing: SealingKeys
    signer: Signer
    region: str = ""

    @classmethod
    def new(cls, region: str = "") -> Self:
        """Return fresh keys."""
        return cls(SealingKeys.new(), Signer.new(), region)

    @classmethod
    def from_text(cls, text: str) -> Self:
        """Return the keys written in this text.

        Raises:
            KeyFileDamaged: the text was cut, altered, or is something else.
        """
        try:
            parts = json.loads(text)
            region = str(parts.get("region", ""))
            if parts["format"] != _FORMAT or parts["sum"] != _sum(parts["master"], parts["signing"], region):
                raise KeyFileDamaged(
                    "The master key is damaged: its checksum is wrong. Put back the copy you keep safe."
                )
            return cls(SealingKeys.read(b64decode(parts["master"])), Signer.read(b64decode(parts["signing"])), region)
        except (AttributeError, ValueError, KeyError, TypeError, binascii.Error, Unreadable) as error:
            raise KeyFileDamaged("The master key cannot be read. Put back the copy you keep safe.") from error

    def to_text(self) -> str:
        """Return the keys in clear, as one line of JSON."""
        master = b64encode(self.sealing.write()).decode("ascii")
        signing = b64encode(self.signer.write()).decode("ascii")
        named = {"region": self.region} if self.region else {}
        parts = {"format": _FORMAT, "master": master, "signing": signing, **named}
        return json.dumps(parts | {"sum": _sum(master, signing, self.region)})


@dataclass(slots=True, repr=False)
class MasterKey:
    """The keys in use, and the file they are read from again when another program rotated them."""

    _keys: Keys
    _path: Path | None = None
    _read_at: tuple[int, int] = (0, 0)
    _lock: Lock = field(default_factory=Lock)

    @property
    def sealing(self) -> SealingKeys:
        """The set that seals the agencies' keys."""
        return self._keys.sealing

    @property
    def signer(self) -> Signer:
        """The signature for checkpoints, certificates and manifests."""
        return self._keys.signer

    @property
    def region(self) -> str:
        """The region whose keys these are; "" when nobody ever said."""
        return self._keys.region

    def refresh(self) -> None:
        """Read the key file again if it was replaced since; costs one look at its date."""
        with self._lock:
            if self._path is not None and _mark(self._path) != self._read_at:
                self._read_at = _mark(self._path)
                self._keys = _read(self._path)

    def rotate(self, reseal: Callable[[], int]) -> int:
        """Put a fresh key in front and write the file; the key before stays, older ones go.

        Args:
            reseal: Seals under the newest key whatever the master key seals; says how much that was.

        Raises:
            KeyFileFixed: the keys come from settings; the operator must change the setting.
        """
        if self._path is None:
            raise KeyFileFixed("The master key is given by a setting. Change the setting to rotate it.")
        with alone(_lock_of(self._path)):
            self.refresh()
            # First too: a rotation that broke off half-way left things under the key that is dropped now.
            reseal()
            fresh = replace(self._keys, sealing=self._keys.sealing.rotated(keep=_OLDER_KEPT))
            replace_file(self._path, fresh.to_text().encode("ascii"))
            self.refresh()
            return reseal()


def from_text(text: str) -> MasterKey:
    """Return the master key given by a setting, in the same form as the key file.

    Raises:
        KeyFileDamaged: the text was cut, altered, or is something else.
    """
    return MasterKey(Keys.from_text(text))


def open_or_create(path: Path, *, expected: bool = False, region: str = "") -> MasterKey:
    """Return the master key in this file; a missing file is made, unless a database already needs the old one.

    Args:
        path: Where the key file is.
        expected: There is a database already, so a new key would open nothing.
        region: Whose keys a new file holds.

    Raises:
        KeyFileMissing: the file should be there and is not.
        KeyFileUnsafe: others may read or write it, or it belongs to somebody else.
        KeyFileDamaged: it cannot be read.
    """
    if not path.exists():
        if expected:
            raise KeyFileMissing(
                f"{path} is missing, but there is a database it must open. Put back the copy you keep."
            )
        _create(path, region)
    master = MasterKey(_read(path), path, _mark(path))
    master.refresh()
    return master


def _create(path: Path, region: str) -> None:
    path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    with alone(_lock_of(path)):
        if not path.exists():  # another program may have made it while we waited
            replace_file(path, Keys.new(region).to_text().encode("ascii"))


def _read(path: Path) -> Keys:
    opened = os.open(path, os.O_RDONLY | os.O_CLOEXEC)
    with os.fdopen(opened, "rb") as file:
        # The rights of the file that is open, not of the name: the name could be exchanged in between.
        _check_rights(path, os.fstat(file.fileno()))
        content = file.read()
    try:
        return Keys.from_text(content.decode("ascii"))
    except (UnicodeDecodeError, KeyFileDamaged) as error:
        raise KeyFileDamaged(f"{path} is damaged. Put back the copy you keep safe.") from error


def _check_rights(path: Path, found: os.stat_result) -> None:
    if not stat.S_ISREG(found.st_mode):
        raise KeyFileUnsafe(f"{path} is not a plain file.")
    if found.st_uid != os.geteuid():
        raise KeyFileUnsafe(
            f"{path} belongs to another account. Run this as the account of the portal, which must own it."
        )
    if stat.S_IMODE(found.st_mode) & 0o077:
        raise KeyFileUnsafe(f"Others may use {path}. Run: chmod 600 {path}")


def _mark(path: Path) -> tuple[int, int]:
    found = path.stat()
    return found.st_mtime_ns, found.st_ino


def _lock_of(path: Path) -> Path:
    return path.with_name(f"{path.name}.lock")


def _sum(master: str, signing: str, region: str) -> str:
    return sha256("|".join([_FORMAT, master, signing, *([region] if region else [])]).encode()).hexdigest()
