"""Texts and mails: one part, sixty words, one link, nobody's name, in both languages."""

import re

import pytest
from law_words_given import HOST, given

from rightsdesk.requests.law.errors import LetterIncomplete
from rightsdesk.requests.law.filling import placeholders
from rightsdesk.requests.law.kinds import Line
from rightsdesk.requests.law.messages import NoticeKind, message, segments
from rightsdesk.requests.law.wording import Language, words

EVERY = [(kind, language) for kind in NoticeKind for language in Language]
LONG = "Springfield Consolidated Unified School District Number Twelve"
ACCENTED = "Distrito Unificado de Educación Pública de San José y María"


@pytest.mark.parametrize(("kind", "language"), EVERY)
@pytest.mark.parametrize("agency", ["Marigold Schools", LONG, ACCENTED])
def test_each_text_fits_one_part_with_a_long_name_and_a_long_host(
    kind: NoticeKind, language: Language, agency: str
) -> None:
    assert len(HOST) - len("https://") >= 40
    made = message(kind, language, {**given(language), "agency": agency})
    assert segments(made.text) == 1, made.text
    assert made.text.split()[0].rstrip(":") == agency.split(maxsplit=1)[0]
    assert made.text.endswith(given(language)["link"])


@pytest.mark.parametrize(("kind", "language"), EVERY)
def test_each_mail_is_short_has_one_link_and_names_nobody(kind: NoticeKind, language: Language) -> None:
    made = message(kind, language, {**given(language), "agency": LONG}, Line.CLOCK_RUNS)
    assert len(made.body.split()) <= 60
    assert made.body.count("https://") == 1
    asked = placeholders(*words(language).messages[kind].body, words(language).messages[kind].text)
    assert not {"student", "requester", "person", "officer", "reason", "questions", "elements"} & set(asked)
    assert made.subject.count("MGD-7K3F-92QX") == 1
    assert not re.search(r"[{}]|\b\d{6}\b", made.subject + made.body + made.text)


@pytest.mark.parametrize("kind", NoticeKind)
def test_both_languages_ask_for_the_same_values(kind: NoticeKind) -> None:
    english, spanish = (words(language).messages[kind] for language in Language)
    for form in ("text", "subject"):
        assert placeholders(getattr(english, form)) == placeholders(getattr(spanish, form))
    assert set(placeholders(*english.body)) == set(placeholders(*spanish.body))


@pytest.mark.parametrize("language", Language)
def test_each_notice_kind_has_its_words(language: Language) -> None:
    assert list(words(language).messages) == list(NoticeKind)


@pytest.mark.parametrize("kind", NoticeKind)
def test_each_missing_value_stops_the_message(kind: NoticeKind) -> None:
    template = words(Language.EN).messages[kind]
    for name in {*placeholders(template.text, template.subject, *template.body)} - {"clock_line"}:
        with pytest.raises(LetterIncomplete, match=name):
            message(kind, Language.EN, {**given(Language.EN), name: ""})


def test_the_clock_line_of_a_question_is_there_only_when_it_is_so() -> None:
    values = given(Language.EN)
    assert "does not stop" in message(NoticeKind.QUESTION, Language.EN, values, Line.CLOCK_RUNS).body
    assert "Our time" not in message(NoticeKind.QUESTION, Language.EN, values).body


def test_a_subject_stays_on_one_line() -> None:
    made = message(NoticeKind.DENIED, Language.EN, {**given(Language.EN), "reference": "MGD-1\r\nBcc: x@example.org"})
    assert "\n" not in made.subject
    assert "\r" not in made.subject


def test_a_long_name_loses_its_last_words_and_a_short_one_none() -> None:
    values = given(Language.EN)
    assert message(NoticeKind.DENIED, Language.EN, values).text.startswith("Marigold Schools: ")
    assert message(NoticeKind.RECEIPT, Language.EN, {**values, "agency": LONG}).text.startswith("Springfield")


def test_a_text_that_cannot_fit_keeps_the_first_word_of_the_name() -> None:
    values = {**given(Language.EN), "link": "https://example.org/" + "x" * 200}
    assert message(NoticeKind.DENIED, Language.EN, values).text.startswith("Marigold: ")


def test_accents_outside_gsm_seven_leave_the_name_and_n_with_tilde_stays() -> None:
    values = {**given(Language.ES), "agency": "Peña José María"}
    assert message(NoticeKind.DENIED, Language.ES, values).text.startswith("Peña José Maria: ")


@pytest.mark.parametrize(
    ("text", "parts"),
    [
        ("", 1),
        ("a" * 160, 1),
        ("a" * 161, 2),
        ("a" * 306, 2),
        ("a" * 307, 3),
        ("ñ" * 160, 1),
        ("é" * 160, 1),
        ("á" * 70, 1),
        ("á" * 71, 2),
        ("€" * 80, 1),
        ("€" * 81, 2),
        ("a" * 152 + "€" * 77, 3),
        ("🎒" * 35, 1),
        ("🎒" * 36, 2),
    ],
)
def test_a_text_costs_as_many_parts_as_the_carrier_counts(text: str, parts: int) -> None:
    assert segments(text) == parts
