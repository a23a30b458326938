"""The chain of entries: every tampering is named."""

from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest
from ledger_books_given import COPY, ENTRIES, Books, open_books
from ledger_given import AGENCY, NOON, OTHER_AGENCY, main_engine
from sqlmodel import Session

from rightsdesk.requests.ledger.audit import Event, Kind, Ledger
from rightsdesk.requests.ledger.checkpoints import Checkpoints
from rightsdesk.requests.ledger.errors import CheckpointBroken
from rightsdesk.requests.ledger.signing import Signer
from rightsdesk.requests.ledger.verify import Verdict, verify


@pytest.fixture
def books(data_folder: Path) -> Iterator[Books]:
    yield from open_books(data_folder)


def test_an_untouched_ledger_is_in_order(books: Books) -> None:
    assert books.verdict() == Verdict(ENTRIES, ok=True, first_bad=None, why="")


def test_an_empty_ledger_is_in_order(data_folder: Path) -> None:
    engine = main_engine(data_folder)
    with Session(engine) as session:
        assert verify(session, OTHER_AGENCY, Checkpoints(data_folder / "none", Signer.new())).ok
    engine.dispose()


@pytest.mark.parametrize(
    "change",
    [
        "at = '2026-03-02 12:00:00.000001'", "kind = 'undone'", "actor = 'system'", "case_reference = ''",
        "subject = NULL", "facts = '[]'", "previous = x'01'", "digest = zeroblob(32)", "kind = 7",
        "previous = 'text'", "digest = x''", "agency = '22222222222242228222222222222222'",
    ],
)  # fmt: skip
@pytest.mark.parametrize("seq", [1, 5, ENTRIES])
def test_one_changed_column_is_named(books: Books, change: str, seq: int) -> None:
    books.tamper(f"UPDATE audit_events SET {change} WHERE seq = :seq", seq=seq)  # noqa: S608 - our own words
    verdict = books.verdict()
    assert (verdict.ok, verdict.first_bad) == (False, seq)


@pytest.mark.files
def test_bytes_where_text_should_be_are_named(books: Books) -> None:
    books.tamper("UPDATE audit_events SET facts = x'00' WHERE seq = 5")  # SQLite takes any type in any column
    assert books.verdict().first_bad == 5


@pytest.mark.parametrize("seq", [1, 4, ENTRIES - 1, ENTRIES])
def test_a_removed_entry_is_named(books: Books, seq: int) -> None:
    books.tamper("DELETE FROM audit_events WHERE seq = :seq", seq=seq)
    assert books.verdict().first_bad == seq


def test_a_removed_entry_is_named_even_when_the_rest_closes_up(books: Books) -> None:
    books.tamper(
        "DELETE FROM audit_events WHERE seq = 4",
        "UPDATE audit_events SET seq = -seq WHERE seq > 4",
        "UPDATE audit_events SET seq = -seq - 1 WHERE seq < 0",
    )
    assert books.verdict().first_bad == 4


def test_an_inserted_entry_is_named(books: Books) -> None:
    books.tamper(
        "UPDATE audit_events SET seq = -seq WHERE seq >= 5",
        "UPDATE audit_events SET seq = -seq + 1 WHERE seq < 0",
        COPY.format(new=5, old=6),
    )
    books.rehash(5, 5)
    verdict = books.verdict()
    assert verdict.first_bad == 5
    assert "inserted" in verdict.why


def test_an_entry_before_the_first_is_named(books: Books) -> None:
    books.tamper(COPY.format(new=0, old=1))
    assert books.verdict().first_bad == 0


def test_an_entry_behind_the_end_is_named(books: Books) -> None:
    books.write(1)
    books.tamper("UPDATE audit_heads SET seq = seq - 1")
    verdict = books.verdict()
    assert (verdict.ok, verdict.first_bad) == (False, ENTRIES + 1)


def test_two_exchanged_entries_are_named_by_the_first(books: Books) -> None:
    books.tamper(
        "UPDATE audit_events SET seq = -3 WHERE seq = 3",
        "UPDATE audit_events SET seq = 3 WHERE seq = 6",
        "UPDATE audit_events SET seq = 6 WHERE seq = -3",
    )
    assert books.verdict().first_bad == 3


def test_a_cut_tail_is_seen_though_the_database_agrees_with_itself(books: Books) -> None:
    books.tamper(
        "DELETE FROM audit_events WHERE seq > 6",
        "UPDATE audit_heads SET seq = 6, digest = (SELECT digest FROM audit_events WHERE seq = 6)",
    )
    verdict = books.verdict()
    assert (verdict.first_bad, verdict.entries) == (7, 6)
    assert "cut off" in verdict.why


def test_a_ledger_taken_away_whole_is_seen(books: Books) -> None:
    books.tamper("DELETE FROM audit_events", "DELETE FROM audit_heads")
    assert books.verdict().first_bad == 1


@pytest.mark.parametrize("seq", [1, 5, ENTRIES - 1])
def test_an_entry_rewritten_with_its_digest_is_named(books: Books, seq: int) -> None:
    books.tamper("UPDATE audit_events SET actor = 'system' WHERE seq = :seq", seq=seq)
    books.rehash(seq, seq)
    assert books.verdict().first_bad == seq


def test_a_wholly_rewritten_chain_contradicts_the_signed_log(books: Books) -> None:
    for _ in range(6):
        books.write(100)
    books.tamper("UPDATE audit_events SET actor = 'system' WHERE seq = 400")
    last = ENTRIES + 600
    books.rehash(399, last)
    books.tamper("UPDATE audit_heads SET digest = (SELECT digest FROM audit_events WHERE seq = :seq)", seq=last)
    verdict = books.verdict()
    marks = [mark.seq for mark in books.checkpoints.log(AGENCY)]
    assert len(marks) == 6
    assert verdict.first_bad is not None
    assert marks[0] < verdict.first_bad <= 400
    assert "rewritten" in verdict.why


def test_a_forged_checkpoint_is_reported(books: Books) -> None:
    forged = Checkpoints(books.checkpoints.folder, Signer.new())
    (forged.folder / f"{AGENCY}.head").unlink()
    forged.keep(AGENCY, ENTRIES, bytes(32), NOON)
    verdict = books.verdict()
    assert (verdict.ok, verdict.first_bad) == (False, None)
    assert "not signed" in verdict.why


@pytest.mark.parametrize("content", [b"", b"{}", b"\xff", b"[]"])
def test_a_damaged_checkpoint_is_reported_and_not_overwritten(books: Books, content: bytes) -> None:
    head = books.checkpoints.folder / f"{AGENCY}.head"
    head.write_bytes(content)
    assert not books.verdict().ok
    with pytest.raises(CheckpointBroken):
        books.write(1)
    assert head.read_bytes() == content


def test_missing_checkpoints_are_reported(books: Books) -> None:
    (books.checkpoints.folder / f"{AGENCY}.head").unlink()
    verdict = books.verdict()
    assert (verdict.ok, verdict.first_bad) == (False, None)
    assert "no signed checkpoint" in verdict.why


@pytest.mark.parametrize("line", [0, 1])
def test_a_line_taken_from_the_signed_log_is_reported(books: Books, line: int) -> None:
    books.write(256)
    books.write(256)
    log = books.checkpoints.folder / f"{AGENCY}.log"
    lines = log.read_bytes().splitlines(keepends=True)
    assert len(lines) == 2
    log.write_bytes(b"".join(lines[:line] + lines[line + 1 :]))
    assert not books.verdict().ok
    log.unlink()
    assert "cut off" in books.verdict().why


def cut_to_fit(books: Books, head: bytes, last: int) -> None:
    """Put an older signed head back and cut the ledger, so that it ends where that head says."""
    books.tamper(
        f"DELETE FROM audit_events WHERE seq > {last}",  # noqa: S608 - our own number
        f"UPDATE audit_heads SET seq = {last}, digest = (SELECT digest FROM audit_events WHERE seq = {last})",  # noqa: S608
    )
    (books.checkpoints.folder / f"{AGENCY}.head").write_bytes(head)


def test_an_older_signed_head_with_a_ledger_cut_to_fit_is_seen_also_after_new_entries(books: Books) -> None:
    older = (books.checkpoints.folder / f"{AGENCY}.head").read_bytes()
    books.write(16)
    books.write(3)
    cut_to_fit(books, older, ENTRIES)
    verdict = books.verdict()
    assert (verdict.ok, verdict.first_bad) == (False, ENTRIES + 1)
    for count in (5, 16, 16):  # other entries than those that were cut off
        books.write(count)
    assert "rewritten" in books.verdict().why


def test_after_a_minute_even_one_entry_gets_its_line_in_the_signed_log(books: Books) -> None:
    head = books.checkpoints.head(AGENCY)
    assert head is not None
    for number, seconds in enumerate((59, 60, 61, 121), start=1):
        books.checkpoints.keep(AGENCY, ENTRIES + number, bytes(32), head.at + timedelta(seconds=seconds))
    assert [mark.seq - ENTRIES for mark in books.checkpoints.log(AGENCY)] == [1, 4]


def test_a_cut_log_stays_visible_when_entries_follow(books: Books) -> None:
    books.write(16)
    (books.checkpoints.folder / f"{AGENCY}.log").unlink()
    books.write(16)
    assert "cut off" in books.verdict().why


def test_half_a_line_left_by_a_crash_is_no_tampering(books: Books) -> None:
    books.write(256)
    log = books.checkpoints.folder / f"{AGENCY}.log"
    with log.open("ab") as file:
        file.write(b'{"agency": "11')
    assert books.verdict().ok
    books.write(256)
    assert books.verdict().ok
    assert len(list(books.checkpoints.log(AGENCY))) == 2


def test_a_checkpoint_never_goes_backwards(books: Books) -> None:
    books.checkpoints.keep(AGENCY, 2, bytes(32), NOON)
    head = books.checkpoints.head(AGENCY)
    assert head is not None
    assert head.seq == ENTRIES


def test_entries_after_the_last_checkpoint_are_no_fault(books: Books) -> None:
    with Session(books.engine) as session:
        Ledger(session, AGENCY, NOON)(Event(Kind.FILED, "system"))
        session.commit()
    assert books.verdict() == Verdict(ENTRIES + 1, ok=True, first_bad=None, why="")
