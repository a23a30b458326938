"""The list of erasures outlives crashes and shows tampering, in a file and in the keys' database alike."""

import subprocess
import sys
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Final

import pytest
from databases import url_of
from ledger_given import AGENCY, NOON, SUBJECT
from sqlalchemy import delete, select

from rightsdesk.requests.ledger.erasures import Erasure, Erasures, Pen
from rightsdesk.requests.ledger.errors import ErasureLedgerBroken
from rightsdesk.requests.ledger.listing.copied import CopiedErasures
from rightsdesk.requests.ledger.listing.file import ErasureFile
from rightsdesk.requests.ledger.listing.store import ErasureTable
from rightsdesk.requests.ledger.signing import Signer
from rightsdesk.requests.ledger.tables import ERASURE_HEAD, ERASURE_LINES
from rightsdesk.web.storage import open_engine

ERASED = Erasure(AGENCY, SUBJECT, "picture", NOON, "MGD-7K3F-92QX")
FIVE = tuple(replace(ERASED, case=f"MGD-7K3F-92Q{number}") for number in range(5))
TWENTY: Final = """
import sys
from dataclasses import replace
sys.path.insert(0, "tests")
from service.test_ledger_erasures import ERASED, opened_at
for number in range(20):
    opened_at(*sys.argv[1:]).append(replace(ERASED, case=f"{sys.argv[4]}-{number}"))
"""


def in_file(folder: Path, signer: Signer) -> ErasureFile:
    return ErasureFile(folder / "kept" / "erasures.jsonl", signer)


def in_table(folder: Path, signer: Signer) -> ErasureTable:
    table = ErasureTable(open_engine(url_of(folder, "keys")), signer)
    table.create()
    return table


def opened_at(kind: str, place: str, seed: str, *_: str) -> ErasureFile | ErasureTable:
    """Return the list as another program opens it."""
    signer = Signer.read(bytes.fromhex(seed))
    return ErasureFile(Path(place), signer) if kind == "file" else ErasureTable(open_engine(place), signer)


@dataclass(frozen=True, slots=True)
class Listed:
    """A list with five lines, and a hand that reaches past it to what is stored."""

    erasures: ErasureFile | ErasureTable
    folder: Path

    def lines(self) -> list[bytes]:
        """Return what is stored, line by line."""
        return list(self.erasures.after(0))

    def put(self, lines: list[bytes]) -> None:
        """Store other lines in place of those that are there."""
        if isinstance(self.erasures, ErasureFile):
            self.erasures.path.write_bytes(b"".join(line + b"\n" for line in lines))
            return
        with self.erasures.engine.begin() as tx:
            tx.execute(delete(ERASURE_LINES))
            for number, line in enumerate(lines, start=1):
                tx.execute(ERASURE_LINES.insert(), {"number": number, "text": line.decode()})

    def head(self) -> bytes:
        """Return the signed count that is stored."""
        if isinstance(self.erasures, ErasureFile):
            return self.erasures.path.with_name("erasures.jsonl.head").read_bytes()
        with self.erasures.engine.connect() as tx:
            return str(tx.execute(select(ERASURE_HEAD.c.count)).scalar_one()).encode()

    def put_head(self, text: bytes) -> None:
        """Store another count."""
        if isinstance(self.erasures, ErasureFile):
            self.erasures.path.with_name("erasures.jsonl.head").write_bytes(text)
            return
        with self.erasures.engine.begin() as tx:
            tx.execute(ERASURE_HEAD.update().values(count=text.decode()))

    def twin(self, signer: Signer | None = None) -> Erasures:
        """Return the same list as another program has it, or one with another signature."""
        make = in_file if isinstance(self.erasures, ErasureFile) else in_table
        return make(self.folder, signer or self.erasures.signer)

    def place(self) -> str:
        """Return where another program finds the list."""
        if isinstance(self.erasures, ErasureFile):
            return str(self.erasures.path)
        return self.erasures.engine.url.render_as_string(hide_password=False)


@pytest.fixture(params=[in_file, in_table], ids=["file", "table"])
def listed(request: pytest.FixtureRequest, data_folder: Path) -> Listed:
    made = request.param(data_folder, Signer.new())
    for one in FIVE:
        made.append(one)
    return Listed(made, data_folder)


def broken_at(erasures: Erasures) -> int:
    with pytest.raises(ErasureLedgerBroken) as broken:
        list(erasures.entries())
    return broken.value.line


def test_erasures_are_read_back_in_their_order_and_counted(listed: Listed) -> None:
    assert tuple(listed.erasures.entries()) == FIVE
    assert listed.erasures.count() == len(FIVE)


@pytest.mark.parametrize("make", [in_file, in_table])
def test_nothing_written_means_nothing_was_erased(data_folder: Path, make: Callable[[Path, Signer], Erasures]) -> None:
    nothing = make(data_folder, Signer.new())
    assert (list(nothing.entries()), nothing.count()) == ([], 0)


@pytest.mark.parametrize("line", [1, 3, 5])
@pytest.mark.parametrize("old", [b"picture", b"MGD-7K3F", b"2026-03", str(SUBJECT)[:8].encode(), b'"signature": "'])
def test_an_altered_line_is_named(listed: Listed, line: int, old: bytes) -> None:
    lines = listed.lines()
    new = old + b"AAAA" if old.endswith(b'"') else old[:-1] + (b"4" if old[-1:] != b"4" else b"5")
    lines[line - 1] = lines[line - 1].replace(old, new)
    listed.put(lines)
    assert broken_at(listed.erasures) == line


@pytest.mark.parametrize("line", [1, 3, 5])
def test_a_removed_line_is_named(listed: Listed, line: int) -> None:
    lines = listed.lines()
    listed.put(lines[: line - 1] + lines[line:])
    assert broken_at(listed.erasures) == line


def test_lines_that_changed_places_are_named(listed: Listed) -> None:
    first, second, *rest = listed.lines()
    listed.put([second, first, *rest])
    assert broken_at(listed.erasures) == 1


@pytest.mark.parametrize("left", [3, 0])
def test_nothing_is_written_behind_a_cut_end(listed: Listed, left: int) -> None:
    listed.put(listed.lines()[:left])
    with pytest.raises(ErasureLedgerBroken):
        listed.erasures.append(ERASED)
    assert len(listed.lines()) == left


def test_a_crash_before_the_count_was_written_loses_nothing(listed: Listed) -> None:
    old = listed.head()
    listed.erasures.append(ERASED)
    listed.put_head(old)
    assert tuple(listed.erasures.entries()) == (*FIVE, ERASED)
    listed.erasures.append(ERASED)
    assert tuple(listed.erasures.entries()) == (*FIVE, ERASED, ERASED)


def test_a_count_that_another_hand_wrote_is_refused(listed: Listed) -> None:
    listed.put_head(listed.head().replace(b'"count": 5', b'"count": 3'))
    with pytest.raises(ErasureLedgerBroken, match="not signed"):
        listed.erasures.count()


def test_another_signature_is_refused(listed: Listed) -> None:
    with pytest.raises(ErasureLedgerBroken):
        list(listed.twin(Signer.new()).entries())


def test_parallel_erasures_are_all_there(listed: Listed) -> None:
    both = (listed.erasures, listed.twin())
    with ThreadPoolExecutor(8) as pool:
        list(pool.map(lambda number: both[number % 2].append(ERASED), range(40)))
    assert len(list(listed.erasures.entries())) == 45


def test_several_programs_write_at_once_without_a_lost_or_doubled_line(listed: Listed) -> None:
    kind = "file" if isinstance(listed.erasures, ErasureFile) else "table"
    place, seed = listed.place(), listed.erasures.signer.write().hex()
    words = [sys.executable, "-c", TWENTY, kind, place, seed]
    programs = [subprocess.Popen([*words, name]) for name in ("A", "B", "C")]
    assert [program.wait(120) for program in programs] == [0, 0, 0]
    cases = [one.case for one in listed.erasures.entries()][5:]
    assert sorted(cases) == sorted(f"{name}-{number}" for name in "ABC" for number in range(20))
    assert [case for case in cases if case.startswith("B")] == [f"B-{number}" for number in range(20)]


@pytest.fixture
def file(data_folder: Path) -> ErasureFile:
    made = in_file(data_folder, Signer.new())
    for one in FIVE:
        made.append(one)
    return made


@pytest.mark.files
def test_only_the_owner_reads_the_file(file: ErasureFile) -> None:
    assert file.path.stat().st_mode & 0o777 == 0o600


@pytest.mark.files
@pytest.mark.parametrize("half", [b"{", b'{"number": 6, "agency": "1111', b"\x00\x00\x00"])
def test_half_a_line_left_by_a_crash_is_dropped_and_the_rest_kept(file: ErasureFile, half: bytes) -> None:
    with file.path.open("ab") as open_file:
        open_file.write(half)
    assert tuple(file.entries()) == FIVE
    with file.path.open("ab") as open_file:
        open_file.write(half)
    file.append(ERASED)
    assert tuple(file.entries()) == (*FIVE, ERASED)


@pytest.mark.files
def test_a_whole_line_that_lost_only_its_end_is_kept(file: ErasureFile) -> None:
    file.path.write_bytes(file.path.read_bytes()[:-1])
    assert tuple(file.entries()) == FIVE
    file.append(ERASED)
    assert tuple(file.entries()) == (*FIVE, ERASED)


@pytest.fixture
def copied(data_folder: Path) -> CopiedErasures:
    """Return a list of five lines on a server, with this machine's copy."""
    signer = Signer.new()
    made = CopiedErasures(in_table(data_folder, signer), in_file(data_folder, signer))
    for one in FIVE:
        made.append(one)
    return made


def shorten(copied: CopiedErasures, left: int) -> None:
    """Leave what an older dump of the keys' database holds: fewer lines, and the signed count of that day."""
    with copied.table.engine.begin() as tx:
        tx.execute(delete(ERASURE_LINES).where(ERASURE_LINES.c.number > left))
        tx.execute(ERASURE_HEAD.update().values(count=Pen(copied.table.signer).count(left).decode()))


def test_each_erasure_is_on_this_machine_too(copied: CopiedErasures) -> None:
    assert copied.file.path.read_bytes().splitlines() == list(copied.table.after(0))
    assert tuple(copied.file.entries()) == FIVE


@pytest.mark.parametrize("left", [4, 1, 0])
def test_a_list_that_an_older_dump_made_shorter_is_made_whole_from_the_copy(copied: CopiedErasures, left: int) -> None:
    whole = list(copied.table.after(0))
    shorten(copied, left)
    assert broken_at(copied) == left + 1  # a look alone changes nothing
    assert copied.count() == left
    copied.agree()
    assert (list(copied.table.after(0)), copied.count()) == (whole, 5)


def test_what_comes_after_an_older_dump_is_written_behind_what_was_lost(copied: CopiedErasures) -> None:
    shorten(copied, 2)
    copied.append(ERASED)
    assert tuple(copied.entries()) == (*FIVE, ERASED)


def test_a_machine_that_comes_later_copies_what_the_others_wrote(copied: CopiedErasures, tmp_path: Path) -> None:
    late = replace(copied, file=ErasureFile(tmp_path / "late" / "erasures.log", copied.file.signer))
    assert tuple(late.entries()) == FIVE
    late.agree()
    assert tuple(late.file.entries()) == FIVE


def test_lists_that_contradict_each_other_are_refused(copied: CopiedErasures, tmp_path: Path) -> None:
    """One machine wrote on behind an older dump before the machine with the longer copy came back."""
    shorten(copied, 3)
    other = replace(copied, file=ErasureFile(tmp_path / "other" / "erasures.log", copied.file.signer))
    for _ in range(3):
        other.append(ERASED)
    for act in (copied.agree, lambda: copied.append(ERASED), lambda: list(copied.entries())):
        with pytest.raises(ErasureLedgerBroken, match="is another than in this machine's copy"):
            act()


def test_a_copy_that_cannot_be_written_holds_up_no_erasure(
    copied: CopiedErasures, caplog: pytest.LogCaptureFixture
) -> None:
    copied.file.path.with_name("erasures.jsonl.head.new").mkdir()  # where the next count would be written
    copied.append(ERASED)
    assert tuple(copied.table.entries()) == (*FIVE, ERASED)
    assert "list of erasures not copied" in caplog.text


@pytest.mark.parametrize(("scope", "case"), [("Maria Lopez", "MGD"), ("picture", "Maria Lopez"), ("", "MGD")])
def test_a_personal_value_does_not_fit(scope: str, case: str) -> None:
    with pytest.raises(ValueError, match="lower-case word"):
        Erasure(AGENCY, SUBJECT, scope, NOON, case)
