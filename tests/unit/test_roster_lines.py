"""One broken line costs that line, and every line keeps its true number."""

from io import BytesIO

import pytest

from rightsdesk.requests.people.roster.lines import LONGEST_LINE, BadLine, GoodLine, Line, header, records


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
