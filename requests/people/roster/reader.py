"""Opens a OneRoster package, refuses what is not one, and hands out its files line by line."""

import hashlib
import io
import zipfile
import zlib
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from operator import itemgetter
from pathlib import Path
from typing import BinaryIO, Final, cast

from rightsdesk.requests.people.roster.errors import PackageRefused
from rightsdesk.requests.people.roster.layout import COLUMNS, FILES, NEEDED, PICKED, READ, V1_1, V1_2
from rightsdesk.requests.people.roster.lines import GoodLine, header, records
from rightsdesk.requests.people.roster.portions import Portion, portions

MOST_ENTRIES: Final = 25
MOST_BYTES: Final = 4 << 30
MOST_RATIO: Final = 200
_SMALL: Final = 1 << 20  # a megabyte of zeros harms nobody: the ratio counts from here
_MANIFEST: Final = "manifest.csv"
_ENCRYPTED: Final = 0x1
_READ_PACKED: Final = frozenset({zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED})
_BUFFER: Final = 1 << 18
_MODES: Final = frozenset({"absent", "bulk", "delta"})
_VERSIONS: Final = {"1.1": V1_1, "1.2": V1_2, "1.2.1": V1_2}


@dataclass(slots=True)
class Meter:
    """Counts what comes out of the zip: the sizes its directory claims may be lies."""

    packed: int
    unpacked: int = 0

    def __call__(self, size: int) -> None:
        """Add the bytes of one line.

        Raises:
            PackageRefused: more than four gigabytes, or more than 200 times the file's own size.
        """
        self.unpacked += size
        if self.unpacked > MOST_BYTES:
            raise PackageRefused("too_large", "The package unpacks to more than 4 GiB.")
        if self.unpacked > _SMALL and self.unpacked > MOST_RATIO * self.packed:
            raise PackageRefused("zip_bomb", "The package unpacks to more than 200 times its size.")


@dataclass(frozen=True, slots=True)
class Manifest:
    """What the package says about itself; ``files`` names those that are present.

    ``unannounced`` are present though the manifest calls them absent: where they disagree, the data wins.
    """

    version: str
    system: str
    files: frozenset[str]
    unannounced: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Package:
    """A package that can be read. ``written`` is the newest clock time in the zip, empty when it says none."""

    archive: zipfile.ZipFile
    manifest: Manifest
    headers: dict[str, tuple[str, ...]]
    written: str
    meter: Meter = field(repr=False)

    @property
    def size(self) -> int:
        """Return how many bytes the files claim to be, for the progress bar only."""
        return sum(entry.file_size for entry in self.archive.infolist())

    def has(self, name: str) -> bool:
        """Say whether this file is in the package."""
        return name in self.manifest.files

    def portions(self, name: str) -> Iterator[Portion]:
        """Yield the lines of a file after its header, many at a time.

        Raises:
            PackageRefused: the zip is damaged, or unpacks to more than is allowed.
        """
        with _opened(self.archive, name) as stream:
            stream.readline()
            yield from portions(stream, len(self.headers[name]), self.meter)

    def picked(self, name: str) -> Callable[[list[str]], Iterator[str]]:
        """Return what takes from a row of this file the values that are read, in their order, without spaces around.

        A column that is not there reads as empty: it is looked for behind the last field.
        """
        header = self.headers[name]
        places = {column: where for where, column in enumerate(header)}
        take = itemgetter(*(places.get(column, len(header)) for column in PICKED[name]))
        return lambda row: map(str.strip, take([*row, ""]))


@contextmanager
def opened(path: Path) -> Iterator[Package]:
    """Open a package and check its form: zip, manifest, names of files, headers.

    Raises:
        PackageRefused: with a code for programs and words for the office.
    """
    try:
        with zipfile.ZipFile(path) as archive:
            yield _checked(archive, Meter(path.stat().st_size))
    except (zipfile.BadZipFile, zlib.error, EOFError, NotImplementedError) as damage:
        raise PackageRefused("not_a_zip", "The file is not a zip, or it is damaged or cut off.") from damage


def digest(path: Path) -> str:
    """Return the SHA-256 of the file, in hexadecimal."""
    with path.open("rb") as stream:
        return hashlib.file_digest(stream, "sha256").hexdigest()


def unknown_columns(package: Package, name: str) -> tuple[str, ...]:
    """Return the columns of a file that are neither of the format nor ``metadata.*``."""
    known = COLUMNS[package.manifest.version, name]
    return tuple(one for one in package.headers[name] if one not in known and not one.startswith("metadata."))


def _checked(archive: zipfile.ZipFile, meter: Meter) -> Package:
    names = _checked_names(archive)
    manifest = _manifest(archive, meter, names)
    headers = {
        name: _header(archive, meter, manifest, name) for name in READ[manifest.version] if name in manifest.files
    }
    if manifest.version == V1_2 and "users" in manifest.files and "roles" not in manifest.files:
        raise PackageRefused("roles_missing", "users.csv comes without roles.csv: nobody can say who is a student.")
    times = [entry.date_time for entry in archive.infolist() if entry.date_time[0] > 1980]  # 1980: no clock was set
    written = "{:04d}-{:02d}-{:02d}T{:02d}:{:02d}:{:02d}".format(*max(times)) if times else ""
    return Package(archive, manifest, headers, written, meter)


def _checked_names(archive: zipfile.ZipFile) -> frozenset[str]:
    entries = archive.infolist()
    names = [entry.filename for entry in entries]
    if len(entries) > MOST_ENTRIES:
        raise PackageRefused("too_many_entries", f"The zip holds more than {MOST_ENTRIES} files.")
    if any("/" in name or "\\" in name or name in {"", ".", ".."} for name in names):
        raise PackageRefused("nested_path", "All files must lie at the root of the zip, without folders.")
    if any(entry.flag_bits & _ENCRYPTED for entry in entries):
        raise PackageRefused("encrypted", "The zip is protected by a password.")
    # The format asks for DEFLATE; what else Python can unpack takes memory by the packer's will and breaks otherwise.
    if any(entry.compress_type not in _READ_PACKED for entry in entries):
        raise PackageRefused("unknown_packing", "The zip is packed in a way that OneRoster does not use. Use DEFLATE.")
    if len(set(names)) != len(names):
        raise PackageRefused("file_twice", "A file name stands in the zip twice.")
    if _MANIFEST not in names:
        raise PackageRefused(
            "manifest_missing", "There is no manifest.csv. This is OneRoster 1.0 or no OneRoster; 1.1 and 1.2 are read."
        )
    return frozenset(names) - {_MANIFEST}


def _manifest(archive: zipfile.ZipFile, meter: Meter, names: frozenset[str]) -> Manifest:
    properties = _properties(archive, meter)
    version = _VERSIONS.get(properties.get("oneroster.version", ""))
    if version is None or properties.get("manifest.version") != "1.0":
        raise PackageRefused("unknown_version", "The manifest must say version 1.0 and OneRoster 1.1 or 1.2.")
    modes = {key.removeprefix("file."): mode for key, mode in properties.items() if key.startswith("file.")}
    if not set(modes) <= FILES[version] or not set(modes.values()) <= _MODES:
        raise PackageRefused("manifest_unreadable", "The manifest names a file or a mode that OneRoster does not know.")
    there = frozenset(name for name in modes if f"{name}.csv" in names)
    promised = frozenset(name for name, mode in modes.items() if mode != "absent")
    _match(promised, promised | there, names)
    present = promised | there
    if any(modes[name] == "delta" for name in present & set(READ[version])):
        raise PackageRefused("delta_package", "This package holds only changes. Send the full (bulk) files.")
    return Manifest(version, properties.get("source.systemName", "")[:120], present, tuple(sorted(there - promised)))


def _match(promised: frozenset[str], listed: frozenset[str], names: frozenset[str]) -> None:
    there = frozenset(name.removesuffix(".csv") if name.endswith(".csv") else name + "?" for name in names)
    if missing := sorted(promised - there):
        raise PackageRefused("file_missing", f"The manifest lists {missing[0]}.csv, but it is not in the zip.")
    if there - listed:
        raise PackageRefused("file_unlisted", "The zip holds a file that the manifest does not list.")


def _properties(archive: zipfile.ZipFile, meter: Meter) -> dict[str, str]:
    with _opened(archive, "manifest") as stream:
        if header(stream, meter) != ("propertyName", "value"):
            raise PackageRefused("manifest_unreadable", "manifest.csv must begin with propertyName,value.")
        lines = list(records(stream, 2, meter))
    if not all(isinstance(line, GoodLine) for line in lines):
        raise PackageRefused("manifest_unreadable", "A line of manifest.csv cannot be read.")
    return {line.fields[0]: line.fields[1] for line in lines if isinstance(line, GoodLine)}


def _header(archive: zipfile.ZipFile, meter: Meter, manifest: Manifest, name: str) -> tuple[str, ...]:
    with _opened(archive, name) as stream:
        found = header(stream, meter)
    if not found or not all(found):
        raise PackageRefused("header_blank", f"{name}.csv has a header that is missing, unreadable or blank in places.")
    if len(set(found)) != len(found):
        raise PackageRefused("header_twice", f"{name}.csv has a column name twice.")
    if missing := [one for one in NEEDED[manifest.version, name] if one not in found]:
        raise PackageRefused("header_missing", f"{name}.csv has no column {missing[0]}.")
    return found


def _opened(archive: zipfile.ZipFile, name: str) -> BinaryIO:
    # Through a C buffer: the zip module's own readline is several times as slow.
    return cast("BinaryIO", io.BufferedReader(cast("io.RawIOBase", archive.open(f"{name}.csv")), _BUFFER))
