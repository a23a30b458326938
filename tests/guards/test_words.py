"""Every text is in every shipped language, plain, and easy to read."""

import re
from pathlib import Path
from typing import Final

import pytest
from babel.messages.catalog import Catalog
from babel.messages.pofile import read_po
from words_given import LOCALES, by_template, grade, phrases, plain, syllables

from rightsdesk.web.words import LANGUAGES

TEMPLATES: Final = Path(__file__).parent.parent.parent / "web" / "templates"
BANNED: Final = re.compile(r"\b(users?|invalid|please|simply)\b", re.IGNORECASE)
# Words that Spanish writes as English does, and names.
ALIKE: Final = {"Error", "No", "Cookies"}
SPANISH_FORMS: Final = 2
FOLDERS: Final = ("family", "errors", "desk", "office", "parts")


def catalogue(language: str) -> Catalog:
    with (LOCALES / language / "LC_MESSAGES" / "messages.po").open("rb") as file:
        return read_po(file, locale=language)


def forms(text: object) -> tuple[str, ...]:
    return text if isinstance(text, tuple) else (str(text),)


@pytest.mark.parametrize("language", [one for one in LANGUAGES if one != "en"])
def test_every_text_is_translated_with_all_its_forms(language: str) -> None:
    known = {forms(one.id)[0]: forms(one.string) for one in catalogue(language) if one.id}
    missing = sorted({phrase.forms[0] for phrase in phrases() if not all(known.get(phrase.forms[0], ("",)))})
    assert missing == []
    thin = [one.forms[0] for one in phrases() if len(one.forms) > 1 and len(known[one.forms[0]]) != SPANISH_FORMS]
    assert thin == []


@pytest.mark.parametrize("language", [one for one in LANGUAGES if one != "en"])
def test_no_translation_is_left_in_english_or_loses_a_placeholder(language: str) -> None:
    wanted = re.compile(r"%\(\w+\)s|\{\w+\}|</?\w+")
    for one in catalogue(language):
        if not one.id:
            continue
        for source, translated in zip(forms(one.id), forms(one.string), strict=True):
            if re.search(r"[A-Za-z]{2}", plain(source).replace("Ana", "")):
                assert source != translated or source in ALIKE, source
            assert sorted(wanted.findall(source)) == sorted(wanted.findall(translated)), source


@pytest.mark.parametrize("language", [one for one in LANGUAGES if one != "en"])
def test_no_translation_is_marked_as_a_guess_or_is_out_of_use(language: str) -> None:
    found = catalogue(language)
    used = {phrase.forms[0] for phrase in phrases()}
    assert [one.id for one in found if one.id and (one.fuzzy or forms(one.id)[0] not in used)] == []
    assert not found.obsolete


def test_no_text_uses_a_word_that_talks_down_or_means_nothing_to_families() -> None:
    assert [phrase for phrase in phrases() if any(BANNED.search(form) for form in phrase.forms)] == []


def test_each_page_reads_like_a_sixth_grade_text_or_easier() -> None:
    grades = {place: round(grade(text), 1) for folder in FOLDERS for place, text in by_template(folder).items()}
    assert len(grades) > 40
    assert {place: value for place, value in grades.items() if value > 6} == {}


def test_the_measure_of_reading_tells_easy_from_hard() -> None:
    hard = (
        "Notwithstanding institutional considerations, educational authorities are obligated to respond expeditiously."
    )
    assert grade("We will send one text with a code. You can ask for a new one.") < 3
    assert grade(hard) > 12
    assert [syllables(word) for word in ("code", "wanted", "number", "deleted", "free")] == [1, 2, 2, 3, 1]


@pytest.mark.parametrize("template", sorted(TEMPLATES.rglob("*.html")), ids=lambda one: f"{one.parent.name}/{one.name}")
def test_no_template_holds_a_word_outside_the_catalogue(template: Path) -> None:
    source = template.read_text(encoding="utf-8")
    source = re.sub(r"\{#.*?#\}", " ", source, flags=re.DOTALL)
    source = re.sub(r"\{%-?\s*trans\b.*?\bendtrans\s*-?%\}", " ", source, flags=re.DOTALL)
    source = re.sub(r"\{% block bodyattr %\}.*?$", " ", source, flags=re.MULTILINE)
    source = re.sub(r"\{% block frame %\}.*?\{% endblock %\}", " ", source)
    source = re.sub(r"\{%.*?%\}|\{\{.*?\}\}", " ", source, flags=re.DOTALL)
    assert not re.findall(r'(?:aria-label|placeholder|title|alt)="[^"]*[A-Za-z]{3}', source)
    source = re.sub(r"<(kbd|path)\b[^>]*>[^<]*(?:</\1>)?", " ", source)
    bare = re.sub(r"<[^>]*>", " ", source, flags=re.DOTALL)
    words = set(re.findall(r"[A-Za-z]{3,}", bare)) - {"Rightsdesk"}
    assert words == set()
