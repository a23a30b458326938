"""A package is complete, the same each time, signed, and harmless whatever a system holds."""

import csv
import json
import re
import tomllib
from base64 import b64decode
from collections.abc import Callable, Iterator, Mapping
from dataclasses import replace
from datetime import UTC, datetime
from hashlib import sha256
from html.parser import HTMLParser
from io import StringIO
from pathlib import Path
from typing import Final

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey
from cryptography.hazmat.primitives.serialization import load_pem_public_key
from package_given import FACTS, HOLDINGS, SIGNER, packed, unpacked

from rightsdesk.requests.agencies.catalogue import CATALOGUE, Erasure
from rightsdesk.requests.fulfilment.package.contents import Disclosed, Statement
from rightsdesk.requests.fulfilment.package.wording import LANGUAGES, words
from rightsdesk.requests.fulfilment.systems.port import Holding

GOLDEN: Final = Path(__file__).parents[1] / "golden" / "package"
HOSTILE: Final = (
    "<script>alert(1)</script>",
    "</td></tr></table><img src=x onerror=alert(1)>",
    "\"><svg/onload=alert(1)>'",
    "&lt;b&gt; &amp; <!-- --> ]]> <![CDATA[",
    "=1+1",
    "+1",
    "-1",
    "@SUM(A1)",
    "\t=1",
    "\r=1",
    "a;=1+1",
    "＝1",  # noqa: RUF001 - a full-width sign, which Excel takes for a formula too
    "\x1e<b>\x1f\x1d\x00",
    "\u202egnp.exe",
    "{agency} %s {0.__class__}",
    "",
)


class Tags(HTMLParser):
    """Notes each tag with the names of its attributes, and the text in between."""

    def __init__(self) -> None:
        super().__init__()
        self.tags: list[tuple[str, tuple[str, ...]]] = []
        self.texts: list[str] = []
        self.odd: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """Note an opening tag."""
        self.tags.append((tag, tuple(name for name, _ in attrs)))

    def handle_endtag(self, tag: str) -> None:
        """Note a closing tag."""
        self.tags.append((f"/{tag}", ()))

    def handle_data(self, data: str) -> None:
        """Note text."""
        self.texts.append(data)

    def handle_comment(self, data: str) -> None:
        """Note a comment: the template has none."""
        self.odd.append(data)

    def unknown_decl(self, data: str) -> None:
        """Note a marked section: the template has none."""
        self.odd.append(data)


def read_page(text: str) -> Tags:
    page = Tags()
    page.feed(text)
    page.close()
    return page


def everything(values: Iterator[str]) -> Mapping[str, bytes]:
    """Return a package in which each text that comes from outside is the next of these values."""
    several = [
        Holding("files", ((next(values), next(values)), (next(values), next(values)))) for _ in range(len(HOSTILE))
    ]
    one_shape = [Holding("signins", (("app", next(values)), ("at", next(values)))) for _ in range(len(HOSTILE))]
    holdings = [
        Holding("name.given", (("value", next(values)),)),
        *several,
        *one_shape,
        Holding("credentials", (("resource", next(values)),)),
        Holding(next(values), (("what", next(values)),)),
    ]
    facts = replace(
        FACTS,
        agency=next(values),
        contact=next(values),
        student=next(values),
        disclosed=(Disclosed(next(values), next(values), (next(values),), FACTS.made_at),),
        statements=(Statement("grade", next(values)),),
    )
    return unpacked(packed(holdings, facts))


def numbered(word: str) -> Iterator[str]:
    return (f"{word} {number}" for number in range(10_000))


def hostile() -> Iterator[str]:
    return (HOSTILE[number % (len(HOSTILE) - 1)] + f" {number}" for number in range(10_000))


def hostile_and_printable() -> Iterator[str]:
    """Yield only what the page escapes a whole batch at a time."""
    return (value for value in hostile() if value.isprintable())


def cells(files: Mapping[str, bytes]) -> list[str]:
    tables = (text for name, text in files.items() if name.endswith(".csv"))
    return [cell for text in tables for row in csv.reader(StringIO(text.decode("utf-8-sig"), "")) for cell in row]


@pytest.mark.parametrize("values", [hostile, hostile_and_printable])
def test_no_value_of_any_system_becomes_markup(values: Callable[[], Iterator[str]]) -> None:
    plain, nasty = (read_page(everything(one)["index.html"].decode()) for one in (numbered("word"), values()))
    assert nasty.tags == plain.tags
    assert nasty.odd == []
    assert {tag for tag, _ in nasty.tags}.isdisjoint({"script", "img", "svg", "b"})


def test_every_value_is_still_there_to_be_read() -> None:
    text = "".join(read_page(everything(hostile())["index.html"].decode()).texts)
    for value in HOSTILE[:12]:
        assert value.strip() in text.replace("\r", ""), value


def test_no_attribute_carries_a_handler_an_address_or_a_style() -> None:
    names = {name for _, attrs in read_page(everything(hostile())["index.html"].decode()).tags for name in attrs}
    assert names <= {
        *("lang", "dir", "charset", "http-equiv", "content", "name", "id", "href", "class", "role", "tabindex"),
        *("aria-label", "aria-labelledby", "scope"),
    }


def test_no_cell_of_a_table_is_a_formula() -> None:
    found = cells(everything(hostile()))
    assert any("SUM" in cell for cell in found)
    assert [cell for cell in found if re.match(r"[=+\-@\t\r\n＝＋－＠]", cell)] == []  # noqa: RUF001 - the wide ones too
    assert [cell for cell in found if re.search(r";[=+\-@]", cell)] == []


def test_values_that_open_no_formula_are_left_as_they_are() -> None:
    holdings = [Holding("files", (("name", "2+2=4; e-mail @ home"), ("size", "10")))]
    assert "2+2=4; e-mail @ home" in cells(unpacked(packed(holdings)))


def test_programs_get_each_value_as_it_was() -> None:
    holdings = [Holding("files", tuple((f"field {number}", value) for number, value in enumerate(HOSTILE)))]
    read = json.loads(unpacked(packed(holdings))["data.json"])
    assert read["records"] == [{"element": "files", "fields": dict(holdings[0].fields)}]


def test_half_a_surrogate_pair_stops_nothing() -> None:
    assert b"cut ?" in unpacked(packed([Holding("files", (("name", "cut \ud83d"),))]))["index.html"]


def test_no_file_is_named_by_what_a_system_holds() -> None:
    files = everything(hostile())
    assert [name for name in files if not re.fullmatch(r"(csv/\d\d-)?[A-Za-z.]+", name)] == []


def test_the_same_input_gives_the_same_bytes() -> None:
    assert packed() == packed(list(HOLDINGS))


def test_names_are_sorted_and_the_manifest_comes_behind_what_it_lists() -> None:
    names = list(unpacked(packed()))
    assert names == sorted(names)
    assert names[-3:] == ["manifest.json", "manifest.pub", "manifest.sig"]


def test_the_manifest_vouches_for_every_file_and_the_key_for_the_manifest() -> None:
    files = unpacked(packed())
    listed = {one["name"]: (one["size"], one["sha256"]) for one in json.loads(files["manifest.json"])["files"]}
    others = {name: text for name, text in files.items() if not name.startswith("manifest.")}
    assert listed == {name: (len(text), sha256(text).hexdigest()) for name, text in others.items()}
    key = load_pem_public_key(files["manifest.pub"])
    assert isinstance(key, Ed25519PublicKey)
    key.verify(b64decode(files["manifest.sig"]), files["manifest.json"])
    assert SIGNER.key_id in files["README.txt"].decode()


def test_of_a_stored_password_only_the_resource_is_told() -> None:
    everywhere = b"".join(unpacked(packed()).values())
    assert b"Museum Online" in everywhere
    assert b"hunter2" not in everywhere
    assert b"lucia.d" not in everywhere


def test_statements_of_disagreement_show_only_where_there_are_any() -> None:
    said = replace(FACTS, statements=(Statement("grade", "She finished grade eight."),))
    without, with_one = (unpacked(packed(facts=facts)) for facts in (FACTS, said))
    assert b"statements" not in without["index.html"] + without["data.json"]
    assert b"She finished grade eight." in with_one["index.html"]
    assert json.loads(with_one["data.json"])["statements"] == [{"element": "grade", "text": said.statements[0].text}]


def test_a_student_of_whom_nothing_is_held_gets_a_package_that_says_so() -> None:
    files = unpacked(packed([]))
    assert words("en")["nothing"] in files["index.html"].decode()
    assert json.loads(files["data.json"])["records"] == []
    assert [name for name in files if name.startswith("csv/")] == []


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("name", ["index.html", "data.json", "README.txt", "csv/01-record.csv", "csv/02-apps.csv"])
def test_a_package_reads_as_it_was_approved(language: str, name: str) -> None:
    files = unpacked(packed(facts=replace(FACTS, language=language)))
    approved = GOLDEN / f"{language}-{name.replace('/', '-')}"
    assert files[name] == approved.read_bytes()


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_page_has_a_language_one_heading_and_named_columns(language: str) -> None:
    text = unpacked(packed(facts=replace(FACTS, language=language)))["index.html"].decode()
    tags = [tag for tag, _ in read_page(text).tags]
    assert f'<html lang="{language}" dir="ltr">' in text
    assert (tags.count("h1"), tags.count("main"), tags.count("title")) == (1, 1, 1)
    assert tags.count("caption") == tags.count("table") == text.count('role="region" tabindex="0" aria-label=')
    assert tags.count("th") == text.count('scope="col"') + text.count('scope="row"')


def test_a_language_we_do_not_speak_is_answered_in_english() -> None:
    assert words("tl") is words("en")
    assert words("es-419") is words("es")


def test_every_language_has_every_word_and_the_catalogue_is_named_in_each() -> None:
    folder = Path(__file__).parents[2] / "requests" / "fulfilment" / "words"
    english, *others = (tomllib.loads((folder / f"package.{one}.toml").read_text("utf-8")) for one in LANGUAGES)
    for other in others:
        assert {part: list(found) for part, found in other.items()} == {
            part: list(found) for part, found in english.items()
        }
        for part, found in english.items():
            assert [re.findall(r"{\w+}", found[key]) for key in found] == [
                re.findall(r"{\w+}", other[part][key]) for key in found
            ]
    assert set(english["elements"]) == set(CATALOGUE)
    assert set(english["kept"]) == set(Erasure)


def test_a_value_with_a_mark_of_ours_in_it_splits_no_row_and_no_cell() -> None:
    odd, plain = (Holding("files", (("name", name), ("size", "10"))) for name in ("one\x1ftwo\x1ethree", "plain"))
    files, others = unpacked(packed([odd, plain])), unpacked(packed([plain, plain]))
    rows = list(csv.reader(StringIO(files["csv/01-files.csv"].decode("utf-8-sig"), "")))
    assert rows[1:] == [["one\x1ftwo\x1ethree", "10"], ["plain", "10"]]
    assert read_page(files["index.html"].decode()).tags == read_page(others["index.html"].decode()).tags


def test_half_a_surrogate_pair_leaves_the_other_records_as_they_are_for_programs() -> None:
    cut, whole = (Holding("files", (("name", name),)) for name in ("cut \ud83d", "whole"))
    records = json.loads(unpacked(packed([cut, whole]))["data.json"])["records"]
    assert [one["fields"]["name"] for one in records] == ["cut ?", "whole"]


def test_days_are_those_of_the_agency() -> None:
    late = Disclosed("school", "transfer", ("grade",), datetime(2026, 9, 2, 3, tzinfo=UTC))
    there = FACTS.made_at.astimezone(datetime.fromisoformat("2026-11-23T07:00:00-05:00").tzinfo)
    files = unpacked(packed(facts=replace(FACTS, made_at=there, disclosed=(late,))))
    assert b'"2026-09-01"' in files["disclosures.csv"]
