"""A file of worked dates is checked row by row, and a broken one is refused by line and column."""

from pathlib import Path

import pytest
from law_given import BOOK

from rightsdesk.requests.law.errors import ExamplesUnreadable
from rightsdesk.requests.law.examples import check_examples

HEAD = "case,rule_id,received_at,agency_tz,events,holidays_assumed,due_date"
GOOD = "F01,us-ferpa.access,2026-11-23T10:00:00-05:00,America/New_York,,,2027-01-07"


def lines(folder: Path, *rows: str, head: str = HEAD) -> list[str]:
    file = folder / "dates.csv"
    file.write_text("\n".join([head, *rows]) + "\n", encoding="utf-8")
    return [result.line() for result in check_examples(file, BOOK)]


def test_a_right_date_is_ok_and_a_wrong_one_shows_both(tmp_path: Path) -> None:
    wrong = GOOD.replace("F01", "F02").replace("2027-01-07", "2027-01-08")
    assert lines(tmp_path, GOOD, wrong) == ["F01 ok 2027-01-07", "F02 FAIL expected 2027-01-08 got 2027-01-07"]


def test_an_instant_is_compared_as_an_instant_and_shown_in_the_agencys_zone(tmp_path: Path) -> None:
    row = "E1,eu-gdpr.breach_notice,2026-12-24T16:45:00+00:00,Europe/Berlin,,,2026-12-27T16:45:00+00:00"
    assert lines(tmp_path, row) == ["E1 ok 2026-12-27T17:45:00+01:00"]


def test_a_school_may_close_more_than_once(tmp_path: Path) -> None:
    events = "closed=2026-12-21/2027-01-01;closed=2027-01-18"
    row = f"I1,us-il-issra.correction,2026-12-18T12:00:00-06:00,America/Chicago,{events},,2027-01-25"
    assert lines(tmp_path, row) == ["I1 ok 2027-01-25"]


@pytest.mark.parametrize(
    ("old", "new", "column"),
    [
        ("us-ferpa.access", "us-mars.access", "rule_id"),
        ("us-ferpa.access", "us-cipa.access", "rule_id"),
        ("2026-11-23T10:00:00-05:00", "yesterday", "received_at"),
        ("2026-11-23T10:00:00-05:00", "2026-11-23T10:00:00", "received_at"),
        ("America/New_York", "America", "agency_tz"),
        ("America/New_York", "../etc/passwd", "agency_tz"),
        ("America/New_York", "America/Springfield", "agency_tz"),
        ("York,,", "York,party=2026-12-01,", "events"),
        ("York,,", "York,meeting,", "events"),
        ("York,,,", "York,,Christmas,", "holidays_assumed"),
        ("2027-01-07", "7 January", "due_date"),
    ],
)
def test_a_cell_that_cannot_be_read_is_named(tmp_path: Path, old: str, new: str, column: str) -> None:
    with pytest.raises(ExamplesUnreadable, match=f"Line 3, column {column}"):
        lines(tmp_path, GOOD, GOOD.replace(old, new))


def test_a_short_or_long_row_is_named(tmp_path: Path) -> None:
    for row in ("F01,us-ferpa.access", GOOD + ",more"):
        with pytest.raises(ExamplesUnreadable, match="Line 2: it has not as many cells"):
            lines(tmp_path, row)


def test_a_missing_column_is_named(tmp_path: Path) -> None:
    with pytest.raises(ExamplesUnreadable, match="Line 1: these columns are missing: due_date"):
        lines(tmp_path, head=HEAD.replace(",due_date", ""))


def test_an_empty_file_lacks_its_columns(tmp_path: Path) -> None:
    (tmp_path / "empty.csv").touch()
    with pytest.raises(ExamplesUnreadable, match="Line 1"):
        list(check_examples(tmp_path / "empty.csv", BOOK))


def test_a_file_that_is_missing_binary_or_broken_is_refused(tmp_path: Path) -> None:
    (tmp_path / "binary.csv").write_bytes(b"\xff\xfe\x00")
    (tmp_path / "broken.csv").write_text(f'{HEAD}\n"F01"x,{GOOD}\n', encoding="utf-8")
    for name in ("missing.csv", "binary.csv", "broken.csv"):
        with pytest.raises(ExamplesUnreadable, match=name):
            list(check_examples(tmp_path / name, BOOK))


def test_a_spreadsheets_byte_order_mark_is_read_over(tmp_path: Path) -> None:
    assert lines(tmp_path, GOOD, head="\ufeff" + HEAD) == ["F01 ok 2027-01-07"]
