"""The list of erasures outlives crashes and shows tampering."""

from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from pathlib import Path

import pytest
from ledger_given import AGENCY, NOON, SUBJECT

from rightsdesk.requests.ledger.erasures import Erasure, Erasures
from rightsdesk.requests.ledger.errors import ErasureLedgerBroken
from rightsdesk.requests.ledger.signing import Signer

ERASED = Erasure(AGENCY, SUBJECT, "picture", NOON, "MGD-7K3F-92QX")
FIVE = tuple(replace(ERASED, case=f"MGD-7K3F-92Q{number}") for number in range(5))


@pytest.fixture
def erasures(data_folder: Path) -> Erasures:
    made = Erasures(data_folder / "kept" / "erasures.jsonl", Signer.new())
    for one in FIVE:
        made.append(one)
    return made


def test_erasures_are_read_back_in_their_order(erasures: Erasures) -> None:
    assert tuple(erasures.entries()) == FIVE


def test_no_file_means_nothing_was_erased(data_folder: Path) -> None:
    assert list(Erasures(data_folder / "none" / "erasures.jsonl", Signer.new()).entries()) == []


def test_only_the_owner_reads_the_file(erasures: Erasures) -> None:
    assert erasures.path.stat().st_mode & 0o777 == 0o600


@pytest.mark.parametrize("line", [1, 3, 5])
@pytest.mark.parametrize("old", [b"picture", b"MGD-7K3F", b"2026-03", str(SUBJECT)[:8].encode(), b'"signature": "'])
def test_an_altered_line_is_named(erasures: Erasures, line: int, old: bytes) -> None:
    lines = erasures.path.read_bytes().splitlines(keepends=True)
    new = old + b"AAAA" if old.endswith(b'"') else old[:-1] + (b"4" if old[-1:] != b"4" else b"5")
    lines[line - 1] = lines[line - 1].replace(old, new)
    erasures.path.write_bytes(b"".join(lines))
    with pytest.raises(ErasureLedgerBroken) as broken:
        list(erasures.entries())
    assert broken.value.line == line


@pytest.mark.parametrize("line", [1, 3, 5])
def test_a_removed_line_is_named(erasures: Erasures, line: int) -> None:
    lines = erasures.path.read_bytes().splitlines(keepends=True)
    erasures.path.write_bytes(b"".join(lines[: line - 1] + lines[line:]))
    with pytest.raises(ErasureLedgerBroken) as broken:
        list(erasures.entries())
    assert broken.value.line == line


def test_nothing_is_written_behind_a_cut_end(erasures: Erasures) -> None:
    lines = erasures.path.read_bytes().splitlines(keepends=True)
    erasures.path.write_bytes(b"".join(lines[:3]))
    with pytest.raises(ErasureLedgerBroken):
        erasures.append(ERASED)
    erasures.path.unlink()
    with pytest.raises(ErasureLedgerBroken):
        erasures.append(ERASED)


@pytest.mark.parametrize("half", [b"{", b'{"number": 6, "agency": "1111', b"\x00\x00\x00"])
def test_half_a_line_left_by_a_crash_is_dropped_and_the_rest_kept(erasures: Erasures, half: bytes) -> None:
    with erasures.path.open("ab") as file:
        file.write(half)
    assert tuple(erasures.entries()) == FIVE
    with erasures.path.open("ab") as file:
        file.write(half)
    erasures.append(ERASED)
    assert tuple(erasures.entries()) == (*FIVE, ERASED)


def test_a_whole_line_that_lost_only_its_end_is_kept(erasures: Erasures) -> None:
    erasures.path.write_bytes(erasures.path.read_bytes()[:-1])
    assert tuple(erasures.entries()) == FIVE
    erasures.append(ERASED)
    assert tuple(erasures.entries()) == (*FIVE, ERASED)


def test_a_crash_before_the_count_was_written_loses_nothing(erasures: Erasures) -> None:
    head = erasures.path.with_name("erasures.jsonl.head")
    old = head.read_bytes()
    erasures.append(ERASED)
    head.write_bytes(old)
    assert tuple(erasures.entries()) == (*FIVE, ERASED)
    erasures.append(ERASED)
    assert tuple(erasures.entries()) == (*FIVE, ERASED, ERASED)


def test_another_signature_is_refused(erasures: Erasures) -> None:
    with pytest.raises(ErasureLedgerBroken):
        list(Erasures(erasures.path, Signer.new()).entries())


def test_parallel_erasures_are_all_there(erasures: Erasures) -> None:
    twin = Erasures(erasures.path, erasures.signer)
    with ThreadPoolExecutor(8) as pool:
        list(pool.map(lambda number: (erasures, twin)[number % 2].append(ERASED), range(40)))
    assert len(list(erasures.entries())) == 45


@pytest.mark.parametrize(("scope", "case"), [("Maria Lopez", "MGD"), ("picture", "Maria Lopez"), ("", "MGD")])
def test_a_personal_value_does_not_fit(scope: str, case: str) -> None:
    with pytest.raises(ValueError, match="lower-case word"):
        Erasure(AGENCY, SUBJECT, scope, NOON, case)
