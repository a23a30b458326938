"""The signed first page of a backup: what is in it, and where each ledger ended."""

import json
import re
from base64 import b64decode, b64encode
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from datetime import datetime
from pathlib import Path
from typing import Any, Final
from uuid import UUID

from rightsdesk.requests.ledger.signing import Signer
from rightsdesk.requests.ledger.streams import Part
from rightsdesk.web.backups.errors import Damaged, WrongKeys

NAME: Final = "manifest.json"
DATA: Final = "data.sealed"
KEYS: Final = "keys.sealed"
NOTES: Final = "checkpoints"  # the folder of the signed checkpoints, as in the data folder
_FORMAT: Final = "rightsdesk-backup-1"
_FILE: Final = re.compile(rf"{re.escape(DATA)}|{re.escape(KEYS)}|{NOTES}/[0-9a-f-]{{36}}\.(?:head|log)")


@dataclass(frozen=True, slots=True)
class File:
    """One file of the backup, by its name below the folder."""

    name: str
    size: int
    digest: str


@dataclass(frozen=True, slots=True)
class Ending:
    """Where the ledger of an agency ended, and its index keys, sealed by the master key; bytes as hex."""

    agency: str
    seq: int
    digest: str
    index: str


@dataclass(frozen=True, slots=True)
class Manifest:
    """What a backup is. ``made_at`` is UTC, ``step`` the database's form, ``envelope`` the sealed key of its files."""

    made_at: datetime
    region: str
    step: str
    erasures: int
    envelope: bytes
    files: tuple[File, ...]
    endings: tuple[Ending, ...]

    def signed(self, signer: Signer) -> bytes:
        """Return the page as it lies in the backup."""
        content = self._content()
        signature = b64encode(signer.sign(_to_sign(content))).decode("ascii")
        page = {"format": _FORMAT, "content": content, "key": signer.key_id, "signature": signature}
        return json.dumps(page, indent=1).encode("ascii")

    def _content(self) -> dict[str, Any]:
        parts = asdict(self)
        return parts | {"made_at": self.made_at.isoformat(), "envelope": b64encode(self.envelope).decode("ascii")}


def files_of(parts: Sequence[tuple[str, Part]]) -> tuple[File, ...]:
    """Return these parts by name."""
    return tuple(File(name, part.size, part.digest) for name, part in parts)


def read(folder: Path, signer: Signer) -> Manifest:
    """Return the manifest of the backup in this folder.

    Raises:
        WrongKeys: another key file signed it.
        Damaged: it was altered or cut off.
    """
    try:
        page = json.loads((folder / NAME).read_bytes())
        content, signature, key = page["content"], b64decode(page["signature"]), page["key"]
        if key != signer.key_id:
            raise WrongKeys(f"{folder} was made with another key file. Put back the key file that belongs to it.")
        if page["format"] != _FORMAT or not signer.verify(_to_sign(content), signature):
            raise Damaged(f"{folder / NAME} was altered. Use another backup.")
        return _manifest(content)
    except (ValueError, KeyError, TypeError) as error:
        raise Damaged(f"{folder / NAME} cannot be read. Use another backup.") from error


def _manifest(content: dict[str, Any]) -> Manifest:
    files = tuple(File(**one) for one in content["files"])
    endings = tuple(Ending(**one) for one in content["endings"])
    if not all(_FILE.fullmatch(one.name) for one in files) or not all(UUID(one.agency) for one in endings):
        raise ValueError("A name in the manifest is none of ours.")
    return Manifest(
        made_at=datetime.fromisoformat(content["made_at"]),
        region=content["region"],
        step=content["step"],
        erasures=content["erasures"],
        envelope=b64decode(content["envelope"]),
        files=files,
        endings=endings,
    )


def _to_sign(content: dict[str, Any]) -> bytes:
    return f"{_FORMAT}|{json.dumps(content, sort_keys=True)}".encode("ascii")
