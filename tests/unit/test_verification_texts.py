"""The words of a code, their price, and the senders for developers."""

import io
import json
import stat
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime
from pathlib import Path
from typing import Final

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rightsdesk.verification.sms.console_texts import ConsoleTexts
from rightsdesk.verification.sms.file_texts import FileTexts
from rightsdesk.verification.sms.port import Accepted, Text, TextKind
from rightsdesk.verification.sms.words import SEGMENT, code_text, septets

NOON: Final = datetime(2026, 11, 23, 17, tzinfo=UTC)
A_TEXT: Final = Text("+12125550142", "482100 is your code.", TextKind.CODE, NOON)
LONG_NAME: Final = "The Consolidated Independent Unified School District of Upper Saint Croix and Neighboring Townships"
LANGUAGES: Final = pytest.mark.parametrize("language", ["en", "es"])


def test_the_text_reads_as_agreed() -> None:
    assert code_text("Marigold Schools", "482100", "requests.example.org", "en") == (
        "Marigold Schools: 482100 is your code. It works for 10 minutes. Do not share it."
        "\n\n@requests.example.org #482100"
    )


def test_an_unknown_language_reads_in_english() -> None:
    assert code_text("M", "482100", "h", "xx") == code_text("M", "482100", "h", "en")


@LANGUAGES
@pytest.mark.parametrize("host", ["a.example", "student-data-requests.region-7.example.org"])
@pytest.mark.parametrize(
    "name", [LONG_NAME, "Cañada Unified", "Ángel Córdova \u2019s School", "市立学校", "", "X" * 200]
)
def test_every_text_is_one_segment_and_ends_with_the_line_phones_read(language: str, host: str, name: str) -> None:
    text = code_text(name, "048210", host, language)
    length = septets(text)
    assert length is not None
    assert length <= SEGMENT
    assert text.endswith(f"\n\n@{host} #048210")


@given(st.text(max_size=120))
def test_no_name_makes_a_text_dearer(name: str) -> None:
    assert (septets(code_text(name, "482100", "requests.example.org", "es")) or SEGMENT + 1) <= SEGMENT


def test_a_long_name_is_cut_between_words_and_accents_fit_the_alphabet() -> None:
    assert code_text(LONG_NAME, "1", "requests.example.org", "en").split(": ")[0] in LONG_NAME
    assert code_text("Escuela Córdova-Peña", "1", "h", "es").startswith("Escuela Cordova-Peña: ")


def test_dear_signs_are_counted_as_dear() -> None:
    assert [septets(text) for text in ("abc", "[€]", "ó", "\u201cno\u201d")] == [3, 6, None, None]


def test_a_file_holds_one_object_a_line_for_its_owner_only(tmp_path: Path) -> None:
    file = tmp_path / "texts.jsonl"
    sending = FileTexts(file)
    with ThreadPoolExecutor(8) as pool:
        assert set(pool.map(sending.send, [A_TEXT] * 200)) == {Accepted("file")}
    lines = [json.loads(line) for line in file.read_text().splitlines()]
    wanted = {"to": A_TEXT.to, "body": A_TEXT.body, "at": "2026-11-23T17:00:00+00:00", "kind": "code"}
    assert lines == [wanted] * 200
    assert stat.S_IMODE(file.stat().st_mode) == 0o600


def test_the_console_shows_the_text() -> None:
    stream = io.StringIO()
    assert ConsoleTexts(stream).send(A_TEXT) == Accepted("console")
    assert "482100 is your code." in stream.getvalue()
