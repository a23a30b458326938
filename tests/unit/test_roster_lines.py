"""One broken line costs that line, and every line keeps its true number."""

from io import BytesIO

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from rightsdesk.requests.people.roster.lines import LONGEST_LINE, BadLine, GoodLine, Line, header, records
from rightsdesk.requests.people.roster.portions import portions


def _read(body: bytes, width: int = 3) -> list[Line]:
    return list(records(BytesIO(body), width, lambda _size: None))


def _codes(body: bytes) -> list[tuple[int, str]]:
    return [(line.number, line.code if isinstance(line, BadLine) else "") for line in _read(body)]


def test_lines_count_from_the_header_whatever_they_end_with() -> None:
    assert _read(b"a,b,c\r\nd,e,f\ng,h,i") == [
        GoodLine(2, ["a", "b", "c"]),
        GoodLine(3, ["d", "e", "f"]),
        GoodLine(4, ["g", "h", "i"]),
    ]


def test_a_stray_quotation_mark_does_not_swallow_the_rows_that_follow() -> None:
    assert _codes(b'a,"b,c\nd,e,f\ng,h,i\n') == [(2, "stray_quote"), (3, ""), (4, "")]


def test_a_line_break_in_a_field_costs_its_two_lines_only() -> None:
    assert _codes(b'a,"b\nb",c\nd,e,f\n') == [(2, "embedded_newline"), (3, "embedded_newline"), (4, "")]


def test_an_even_number_of_quotation_marks_can_still_be_wrong() -> None:
    assert _codes(b'a"b,"c,d\ne,f,g\n') == [(2, "stray_quote"), (3, "")]


def test_quoted_commas_and_doubled_quotation_marks_are_read() -> None:
    assert _read(b'a,"b,b","say ""c"""\n') == [GoodLine(2, ["a", "b,b", 'say "c"'])]


@pytest.mark.parametrize(
    ("body", "code"),
    [
        (b"a,b\n", "short_row"),
        (b"a,b,c,d\n", "long_row"),
        (b"a,b\xe9,c\n", "invalid_utf8"),
        (b"a,b\rb,c\n", "embedded_newline"),
        (b"a,b\0,c\n", "control_character"),
        (b"a," + b"b" * LONGEST_LINE + b",c\n", "line_too_long"),
    ],
)
def test_what_is_no_record_is_named(body: bytes, code: str) -> None:
    assert _codes(body + b"d,e,f\n") == [(2, code), (3, "")]


def test_the_id_of_a_broken_row_is_still_read_so_that_nobody_is_taken_for_gone() -> None:
    assert [line.sourced_id for line in _read(b's-1,b\n"s-2",\xe9,c\n,b\n') if isinstance(line, BadLine)] == [
        "s-1",
        "s-2",
        "",
    ]


def test_every_byte_is_counted() -> None:
    sizes: list[int] = []
    list(records(BytesIO(b"a,b,c\n" + b"d" * (LONGEST_LINE + 5) + b"\n"), 3, sizes.append))
    assert sum(sizes) == 6 + LONGEST_LINE + 6


def test_a_byte_order_mark_is_no_part_of_the_header() -> None:
    assert header(BytesIO(b'\xef\xbb\xbf"sourcedId",status\r\n'), lambda _size: None) == ("sourcedId", "status")


_PIECES = (
    b"a,b,c",
    b'a,"b,b",c',
    b'a,"b',
    b'c",d',
    b"a,b",
    b"",
    b"a,\xff,c",
    b"a,b,c,d",
    b'a"b,"c,d',
    b"\0,b,c",
    b"a\r,b,c",
)


@given(
    st.lists(st.tuples(st.sampled_from([1, 3, 200]), st.sampled_from(_PIECES)), max_size=12),
    st.sampled_from([b"\n", b"\r\n"]),
    st.sampled_from([7, 900, 70_000]),
)
@settings(deadline=None)
def test_portions_say_what_line_by_line_says(runs: list[tuple[int, bytes]], end: bytes, at_once: int) -> None:
    body = end.join(piece for good, bad in runs for piece in (*[_PIECES[0]] * good, bad))
    slow = list(records(BytesIO(body), 3, lambda _size: None))
    parts = list(portions(_Slowly(body, at_once), 3, lambda _size: None))
    good = [(at, row) for one in parts for at, row in zip(one.numbers, one.rows, strict=True)]
    assert good == [(line.number, line.fields) for line in slow if isinstance(line, GoodLine)]
    assert [line for one in parts for line in one.bad] == [line for line in slow if isinstance(line, BadLine)]


def test_portions_cut_a_line_without_end_and_count_it_whole() -> None:
    sizes: list[int] = []
    body = b"a,b,c\n" + b"d" * (9 * LONGEST_LINE) + b"\ne,f,g\n"
    parts = list(portions(_Slowly(body, 900), 3, sizes.append))
    assert [line.code for one in parts for line in one.bad] == ["line_too_long"]
    assert [at for one in parts for at in one.numbers] == [2, 4]
    assert sum(sizes) == len(body)


class _Slowly(BytesIO):
    """Gives less than is asked for, as a zip may."""

    def __init__(self, body: bytes, at_once: int) -> None:
        super().__init__(body)
        self._at_once = at_once

    def read(self, _size: int | None = None) -> bytes:
        return super().read(self._at_once)
