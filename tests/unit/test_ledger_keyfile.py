"""The key file is checked before it is trusted."""

from pathlib import Path
from threading import Thread

import pytest

from rightsdesk.requests.ledger.errors import KeyFileDamaged, KeyFileFixed, KeyFileMissing, KeyFileUnsafe
from rightsdesk.requests.ledger.keyfile import MasterKey, from_text, open_or_create


def test_a_new_key_file_can_be_read_by_its_owner_only(data_folder: Path) -> None:
    open_or_create(data_folder / "keys.json")
    assert (data_folder / "keys.json").stat().st_mode & 0o777 == 0o600


def test_the_same_file_gives_the_same_keys(data_folder: Path) -> None:
    first, second = (open_or_create(data_folder / "keys.json") for _ in range(2))
    assert second.sealing.open(first.sealing.seal(b"x", b"about"), b"about") == b"x"
    assert first.signer.public_key() == second.signer.public_key()


@pytest.mark.parametrize("rights", [0o640, 0o604, 0o620, 0o602])
def test_a_file_that_others_may_use_is_refused(data_folder: Path, rights: int) -> None:
    path = data_folder / "keys.json"
    open_or_create(path)
    path.chmod(rights)
    with pytest.raises(KeyFileUnsafe, match="chmod 600"):
        open_or_create(path)


def test_a_folder_in_place_of_the_file_is_refused(data_folder: Path) -> None:
    with pytest.raises((KeyFileUnsafe, IsADirectoryError)):
        open_or_create(data_folder)


def test_a_missing_file_is_not_replaced_when_a_database_needs_it(data_folder: Path) -> None:
    with pytest.raises(KeyFileMissing, match="missing"):
        open_or_create(data_folder / "keys.json", expected=True)
    assert not (data_folder / "keys.json").exists()


@pytest.mark.parametrize("at", [3, 60, 150, 300])
def test_one_changed_character_is_noticed(data_folder: Path, at: int) -> None:
    path = data_folder / "keys.json"
    open_or_create(path)
    content = bytearray(path.read_bytes())
    content[at] = ord("B") if content[at] == ord("A") else ord("A")
    path.write_bytes(content)
    with pytest.raises(KeyFileDamaged, match="Put back the copy"):
        open_or_create(path)


@pytest.mark.parametrize("content", ["", "{}", "[]", "null", '{"format": "rightsdesk-keys-1"}', "\xff"])
def test_what_is_no_key_file_is_refused_in_words(data_folder: Path, content: str) -> None:
    path = data_folder / "keys.json"
    path.write_text(content, "latin-1")
    path.chmod(0o600)
    with pytest.raises(KeyFileDamaged):
        open_or_create(path)


def test_two_starts_at_once_agree_on_one_key(data_folder: Path) -> None:
    found: list[MasterKey] = []
    starts = [Thread(target=lambda: found.append(open_or_create(data_folder / "keys.json"))) for _ in range(8)]
    for start in starts:
        start.start()
    for start in starts:
        start.join()
    assert len({master.signer.key_id for master in found}) == 1
    assert len(found) == 8


def test_keys_from_a_setting_open_the_same_and_are_not_rotated_by_us(data_folder: Path) -> None:
    from_file = open_or_create(data_folder / "keys.json")
    given = from_text((data_folder / "keys.json").read_text())
    assert given.sealing.open(from_file.sealing.seal(b"x", b""), b"") == b"x"
    with pytest.raises(KeyFileFixed, match="setting"):
        given.rotate(lambda: 0)


def test_a_signature_holds_for_the_signed_words_only(data_folder: Path) -> None:
    signer = open_or_create(data_folder / "keys.json").signer
    signature = signer.sign(b"entry 7")
    assert signer.verify(b"entry 7", signature)
    assert not signer.verify(b"entry 8", signature)


def test_no_key_shows_in_a_representation(data_folder: Path) -> None:
    master = open_or_create(data_folder / "keys.json")
    seed = master.signer.write()
    assert repr(seed) not in f"{master!r}{master.signer!r}{master.sealing!r}"
    assert "_clear" not in repr(master.sealing)
