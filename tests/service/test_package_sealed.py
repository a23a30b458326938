"""The sealed file of a package: nothing of it can be read, changed, moved or cut off without being noticed."""

import errno
from collections.abc import Iterator
from pathlib import Path
from uuid import UUID

import pytest
from ledger_given import AGENCY, a_vault

from rightsdesk.requests.fulfilment.package.sealed import PIECE, SCOPE, read_sealed, write_sealed
from rightsdesk.requests.ledger.errors import KeyGone, Unreadable
from rightsdesk.requests.ledger.vault import AgencyVault

PACKAGE = UUID("44444444-4444-4444-8444-444444444444")
OTHER = UUID("55555555-5555-4555-8555-555555555555")
CONTENT = b"Delgado " * 30_000  # three pieces and a half


@pytest.fixture
def vault(data_folder: Path) -> AgencyVault:
    """Return the vault of an agency."""
    return a_vault(data_folder).agency(AGENCY)


@pytest.fixture
def file(data_folder: Path, vault: AgencyVault) -> Path:
    """Return a sealed file."""
    path = data_folder / "one.sealed"
    write_sealed(path, vault, PACKAGE, [CONTENT[:100], CONTENT[100:]])
    return path


def read(path: Path, vault: AgencyVault, package: UUID = PACKAGE) -> bytes:
    return b"".join(read_sealed(path, vault, package))


def pieces(file: Path) -> list[bytes]:
    """Return the sealed pieces with their lengths before them."""
    content, found = file.read_bytes(), []
    while content:
        end = 4 + int.from_bytes(content[:4], "big")
        found.append(content[:end])
        content = content[end:]
    return found


def test_what_was_sealed_comes_back(file: Path, vault: AgencyVault) -> None:
    assert read(file, vault) == CONTENT
    assert len(pieces(file)) == 4


@pytest.mark.parametrize("size", [0, 1, PIECE - 1, PIECE, PIECE + 1, 2 * PIECE])
def test_any_length_comes_back(data_folder: Path, vault: AgencyVault, size: int) -> None:
    path = data_folder / "any.sealed"
    write_sealed(path, vault, PACKAGE, [CONTENT[:size]])
    assert read(path, vault) == CONTENT[:size]


def test_only_the_owner_may_read_it_and_it_holds_nothing_readable(file: Path) -> None:
    assert file.stat().st_mode & 0o777 == 0o600
    assert b"Delgado" not in file.read_bytes()


def test_a_file_cut_anywhere_is_refused(file: Path, vault: AgencyVault) -> None:
    whole = file.read_bytes()
    first = len(pieces(file)[0])
    for length in (0, 1, 3, 4, 100, first, first + 2, len(whole) - len(pieces(file)[-1]), len(whole) - 1):
        file.write_bytes(whole[:length])
        with pytest.raises(Unreadable):
            read(file, vault)


def test_a_changed_byte_is_refused_wherever_it_stands(file: Path, vault: AgencyVault) -> None:
    whole = file.read_bytes()
    for place in (0, 3, 4, 5, 20, len(whole) // 2, len(whole) - 1):
        file.write_bytes(whole[:place] + bytes([whole[place] ^ 1]) + whole[place + 1 :])
        with pytest.raises(Unreadable):
            read(file, vault)


def test_pieces_in_another_order_or_twice_or_behind_the_last_are_refused(file: Path, vault: AgencyVault) -> None:
    one, two, three, last = pieces(file)
    for forged in ([two, one, three, last], [one, one, two, three, last], [one, two, three, last, last], [last]):
        file.write_bytes(b"".join(forged))
        with pytest.raises(Unreadable):
            read(file, vault)


def test_a_length_that_was_altered_makes_nobody_read_a_gigabyte(file: Path, vault: AgencyVault) -> None:
    file.write_bytes(b"\x40\x00\x00\x00" + file.read_bytes()[4:])
    with pytest.raises(Unreadable, match="altered"):
        read(file, vault)


def test_the_file_of_one_package_does_not_open_as_another(file: Path, vault: AgencyVault) -> None:
    write_sealed(file.with_name("two.sealed"), vault, OTHER, [b"x"])
    with pytest.raises(Unreadable):
        read(file, vault, OTHER)


def test_a_destroyed_key_destroys_every_copy(file: Path, vault: AgencyVault) -> None:
    vault.destroy(PACKAGE, SCOPE)
    with pytest.raises(KeyGone):
        read(file, vault)


def test_a_full_disk_leaves_nothing_behind_and_is_not_hidden(data_folder: Path, vault: AgencyVault) -> None:
    def until_full() -> Iterator[bytes]:
        yield CONTENT
        raise OSError(errno.ENOSPC, "No space left on device")

    with pytest.raises(OSError, match="No space"):
        write_sealed(data_folder / "full.sealed", vault, PACKAGE, until_full())
    assert list(data_folder.glob("full*")) == []


def test_what_a_crash_left_half_written_is_written_anew(data_folder: Path, vault: AgencyVault) -> None:
    (data_folder / "one.sealed.part").write_bytes(b"half")
    write_sealed(data_folder / "one.sealed", vault, PACKAGE, [b"whole"])
    assert read(data_folder / "one.sealed", vault) == b"whole"
    assert list(data_folder.glob("*.part")) == []
