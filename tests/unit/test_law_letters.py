"""Letters: whole, plain, in both languages, and with every word their laws ask for."""

import re

import pytest
from law_given import BOOK
from law_words_given import GOLDEN, VALUES, asked_by_law, given, letter_text

from rightsdesk.requests.law.errors import LetterIncomplete
from rightsdesk.requests.law.filling import fill, placeholders
from rightsdesk.requests.law.kinds import LetterKind, Line, Step, kind_of, refusal_kind
from rightsdesk.requests.law.letters import compose, needed, reason
from rightsdesk.requests.law.notices import Notice, Outcome, notice_codes
from rightsdesk.requests.law.precedence import governing
from rightsdesk.requests.law.rows import Ground
from rightsdesk.requests.law.terms import RequesterKind, Right
from rightsdesk.requests.law.wording import Language, words

EVERY_LETTER = [(kind, language) for kind in LetterKind for language in Language]
EVERY_CODE = tuple(
    Notice("FERPA", notice.code, must=True, citation="34 CFR 99.10", only_if_so=notice.only_if_so)
    for notice in BOOK.notices
)


def without(*names: str) -> dict[str, str]:
    return {name: value for name, value in VALUES.items() if name not in names}


def letter(
    kind: LetterKind, *notices: Notice, values: dict[str, str] | None = None, lines: tuple[Line, ...] = ()
) -> str:
    return compose(kind, Language.EN, notices, VALUES if values is None else values, lines).text()


@pytest.mark.parametrize(("kind", "language"), EVERY_LETTER)
def test_each_letter_reads_as_it_was_approved(kind: LetterKind, language: Language) -> None:
    assert letter_text(kind, language) == (GOLDEN / f"{kind}.{language}.txt").read_text(encoding="utf-8")


@pytest.mark.parametrize(("kind", "language"), EVERY_LETTER)
def test_no_brace_and_no_blank_gap_reaches_a_family(kind: LetterKind, language: Language) -> None:
    text = letter_text(kind, language)
    assert not re.search(r"[{}]|\n\n\n|  | \n|^\s|: ?\.", text)


def test_every_golden_letter_belongs_to_a_kind() -> None:
    assert {file.name for file in GOLDEN.iterdir()} == {f"{kind}.{language}.txt" for kind, language in EVERY_LETTER}


@pytest.mark.parametrize("field", ["letters", "messages", "lines", "blocks", "grounds"])
def test_both_languages_have_the_same_entries(field: str) -> None:
    english, spanish = (getattr(words(language), field) for language in Language)
    assert list(english) == list(spanish)


@pytest.mark.parametrize("kind", LetterKind)
def test_both_languages_ask_for_the_same_values(kind: LetterKind) -> None:
    english, spanish = (words(language).letters[kind] for language in Language)
    assert set(placeholders(*english.paragraphs, *english.closing)) == set(
        placeholders(*spanish.paragraphs, *spanish.closing)
    )
    assert (english.takes_blocks, english.says, bool(english.lead)) == (
        spanish.takes_blocks,
        spanish.says,
        bool(spanish.lead),
    )


@pytest.mark.parametrize("field", ["lines", "blocks"])
def test_lines_and_blocks_ask_for_the_same_values_in_both_languages(field: str) -> None:
    english, spanish = (getattr(words(language), field) for language in Language)
    assert {name: set(placeholders(text)) for name, text in english.items()} == {
        name: set(placeholders(text)) for name, text in spanish.items()
    }


@pytest.mark.parametrize("language", Language)
def test_every_line_notice_and_shown_ground_has_words(language: Language) -> None:
    spoken = words(language)
    assert set(spoken.letters) == set(LetterKind)
    assert set(spoken.lines) == set(Line)
    assert {notice.code for notice in BOOK.notices} | {"STATEMENT_AFTER_HEARING"} == set(spoken.blocks)
    assert {BOOK.shown(ground.code).code for ground in BOOK.grounds} == set(spoken.grounds)


def test_the_english_grounds_are_the_rulebooks_own_words() -> None:
    assert dict(words(Language.EN).grounds) == {one.code: one.text for one in BOOK.grounds if not one.shown_as}


@pytest.mark.parametrize("kind", LetterKind)
def test_each_value_a_letter_needs_stops_it_when_missing_or_blank(kind: LetterKind) -> None:
    notices = tuple(notice for notice in asked_by_law(kind) if not notice.only_if_so)
    for name in needed(kind, Language.EN, notices):
        for values in (without(name), {**VALUES, name: " \n"}):
            with pytest.raises(LetterIncomplete) as stopped:
                compose(kind, Language.EN, notices, values)
            assert stopped.value.missing == (name,)


def test_all_that_is_missing_is_named_at_once() -> None:
    with pytest.raises(LetterIncomplete, match="Missing: student, reason, sppo_address"):
        letter(LetterKind.DENIED_ACCESS, *EVERY_CODE, values=without("student", "reason", "sppo_address"))


def test_every_notice_of_every_law_can_be_printed() -> None:
    whole = compose(LetterKind.DENIED_ACCESS, Language.ES, EVERY_CODE, given(Language.ES))
    assert [(block.code, block.must, block.citation) for block in whole.blocks] == [
        (notice.code, True, "34 CFR 99.10") for notice in EVERY_CODE
    ]


@pytest.mark.parametrize("outcome", Outcome)
@pytest.mark.parametrize("right", [Right.ACCESS, Right.CORRECTION, Right.ERASURE])
def test_every_law_gets_its_letter(right: Right, outcome: Outcome) -> None:
    for law in BOOK.laws:
        notices = notice_codes(governing(BOOK, (law.code,), right, set(RequesterKind)), outcome, BOOK)
        made = compose(LetterKind.PARTIAL, Language.EN, notices, VALUES)
        assert [(one.law, one.code, one.must) for one in notices] == [(b.law, b.code, b.must) for b in made.blocks]


def test_what_did_not_happen_is_not_printed_although_the_law_names_it() -> None:
    fee = next(notice for notice in EVERY_CODE if notice.code == "FEE_NOTICE")
    assert "cost $2" in letter(LetterKind.READY, fee)
    assert "cost" not in letter(LetterKind.READY, fee, values=without("fee"))


def test_half_of_what_happened_stops_the_letter() -> None:
    kept = next(notice for notice in EVERY_CODE if notice.code == "RETENTION_LAW")
    with pytest.raises(LetterIncomplete, match="retention_law"):
        letter(LetterKind.DENIED_ERASURE, kept, values=without("retention_law"))


def test_a_notice_without_words_stops_the_letter() -> None:
    with pytest.raises(LetterIncomplete, match="A_NEW_DUTY"):
        letter(LetterKind.DENIED_ACCESS, Notice("FERPA", "A_NEW_DUTY", must=True, citation="x"))


def test_the_reason_is_said_once_and_still_counts_as_a_block() -> None:
    denied = compose(LetterKind.DENIED_ACCESS, Language.EN, EVERY_CODE[:1], VALUES)
    assert denied.text().count(VALUES["reason"]) == 1
    assert [(block.code, block.in_body) for block in denied.blocks] == [("REASON", True)]


def test_the_lead_stands_only_above_blocks() -> None:
    lead = "You can also do the things listed here."
    hearing = next(notice for notice in EVERY_CODE if notice.code == "RIGHT_TO_HEARING")
    assert lead in letter(LetterKind.DENIED_ACCESS, hearing)
    assert lead not in letter(LetterKind.DENIED_ACCESS, EVERY_CODE[0])


def test_each_law_heads_its_own_blocks() -> None:
    text = letter_text(LetterKind.DENIED_CORRECTION, Language.EN)
    ferpa, hearing = text.index("\nFERPA\n"), text.index("ask for a hearing")
    illinois, appeal = text.index("\nIllinois School Student Records Act\n"), text.index("20 school days")
    assert ferpa < hearing < illinois < appeal


def test_a_statement_after_a_hearing_does_not_speak_of_one_to_come() -> None:
    text = letter_text(LetterKind.HEARING_LOST, Language.EN)
    assert "You can write down why you do not agree." in text
    assert "If we still do not change it after that" not in text


def test_an_optional_line_goes_with_its_blank_line() -> None:
    told = letter(LetterKind.DENIED_ERASURE, lines=(Line.LATER_RETENTION, Line.NO_RIGHT, Line.OWN_MINOR))
    assert "You can ask again after June 30, 2031.\n\n" in told
    assert "until you are 18. The school chose to look at your request all the same. The law does not say" in told
    assert "\n\n\n" not in letter(LetterKind.DENIED_ERASURE)


def test_a_line_that_has_no_place_in_a_letter_is_left_out() -> None:
    assert letter(LetterKind.WITHDRAWN, lines=(Line.KEPT,), values=without("reason")) == letter(LetterKind.WITHDRAWN)


@pytest.mark.parametrize("language", Language)
def test_the_neutral_refusal_is_one_text_whatever_stands_behind_it(language: Language) -> None:
    grounds = ("NO_AUTHORITY", "COURT_ORDER", "PROTECTION_ORDER")
    kinds = {refusal_kind(right, ground, BOOK) for right in Right for ground in grounds}
    assert kinds == {LetterKind.NEUTRAL_REFUSAL}
    plain = compose(LetterKind.NEUTRAL_REFUSAL, language, (), given(language))
    assert compose(LetterKind.NEUTRAL_REFUSAL, language, EVERY_CODE, given(language)) == plain
    assert not re.search(r"order|court|orden|juez|Mia", plain.text(), re.IGNORECASE)


@pytest.mark.parametrize("ground", [one for one in BOOK.grounds if one.shown_as], ids=lambda ground: ground.code)
@pytest.mark.parametrize("language", Language)
def test_a_hidden_ground_speaks_with_another_ones_words_alone(ground: Ground, language: Language) -> None:
    told = reason([ground.code], "The father has an order.", language, BOOK)
    assert told == words(language).grounds[ground.shown_as]


def test_a_reason_is_the_ground_and_then_the_deciders_own_words() -> None:
    told = reason(["NOT_HELD"], " We looked twice. ", Language.EN, BOOK)
    assert told == "The agency does not hold the information you asked for. We looked twice."


@pytest.mark.parametrize(
    ("step", "right", "kind"),
    [
        (Step.APPROVED, Right.ACCESS, LetterKind.APPROVED_ACCESS),
        (Step.APPROVED, Right.OBJECTION, LetterKind.APPROVED_OTHER),
        (Step.DENIED, Right.PORTABILITY, LetterKind.DENIED_ACCESS),
        (Step.DENIED, Right.COMPLAINT, LetterKind.DENIED_OTHER),
        (Step.DONE, Right.ERASURE, LetterKind.ERASED),
        (Step.DONE, Right.RESTRICTION, LetterKind.DONE_OTHER),
    ],
)
def test_a_decision_finds_its_letter(step: Step, right: Right, kind: LetterKind) -> None:
    assert kind_of(step, right) is kind


def test_a_refusal_on_the_facts_is_not_neutral() -> None:
    assert refusal_kind(Right.ERASURE, "NOT_HELD", BOOK) is LetterKind.DENIED_ERASURE


@pytest.mark.parametrize("sneaky", ["{a.b}", "{a[0]}", "{a!r}", "{a:>9}", "{}", "{A}", "{a", "a}", "{{a}}"])
def test_a_template_takes_plain_names_only(sneaky: str) -> None:
    with pytest.raises(ValueError, match="no plain placeholder"):
        fill(sneaky, {"a": "x"})


@pytest.mark.parametrize(("value", "told"), [("it is old", "Why: it is old."), ("It is old.", "Why: It is old.")])
def test_a_sentence_gets_one_full_stop(value: str, told: str) -> None:
    assert fill("Why: {reason}.", {"reason": value}) == told


def test_what_the_body_says_in_its_own_words_is_not_asked_for_again() -> None:
    done = next(notice for notice in EVERY_CODE if notice.code == "ACTION_CONFIRMED")
    erased = compose(LetterKind.ERASED, Language.EN, [done], without("changes"))
    assert [(block.code, block.in_body) for block in erased.blocks] == [("ACTION_CONFIRMED", True)]


def test_braces_in_a_value_are_words_and_are_not_filled() -> None:
    assert fill("Why: {reason}", {"reason": "{student}", "student": "Mia"}) == "Why: {student}"


def syllables(word: str, vowels: str) -> int:
    groups = len(re.findall(f"[{vowels}]+", word.lower()))
    silent = vowels == "aeiouy" and re.search(r"[^aeiouyl]e$|[^aeiouytd]ed$", word.lower())
    return max(1, groups - bool(silent))


def measured(text: str, vowels: str) -> tuple[float, float, float]:
    """Return sentences, words and syllables of a text whose placeholders count as one word of one syllable."""
    plain = re.sub(r"\{\w+\}", "it", text)
    read = re.findall(r"[^\W\d_]+(?:'[^\W\d_]+)?|\d+", plain)
    sentences = len(re.findall(r"[.?!:](?:\s|$)", plain)) or 1
    return sentences, len(read), sum(syllables(word, vowels) for word in read)


def flesch_kincaid(text: str) -> float:
    sentences, read, spoken = measured(text, "aeiouy")
    return 0.39 * read / sentences + 11.8 * spoken / read - 15.59


def crawford(text: str) -> float:
    """Return the school grade of a Spanish text (Crawford 1984)."""
    sentences, read, spoken = measured(text, "aeiouáéíóúü")
    return -0.205 * 100 * sentences / read + 0.049 * 100 * spoken / read - 3.407


GRADE = {Language.EN: flesch_kincaid, Language.ES: crawford}


@pytest.mark.parametrize(("kind", "language"), EVERY_LETTER)
def test_each_body_reads_at_grade_six_or_lower(kind: LetterKind, language: Language) -> None:
    template = words(language).letters[kind]
    assert GRADE[language](" ".join([*template.paragraphs, template.lead, *template.closing])) <= 6


@pytest.mark.parametrize("language", Language)
def test_each_block_and_line_reads_at_grade_six_or_lower(language: Language) -> None:
    spoken = words(language)
    grades = {name: GRADE[language](text) for name, text in {**spoken.blocks, **spoken.lines}.items()}
    assert {name: round(grade, 1) for name, grade in grades.items() if grade > 6} == {}


def test_the_measure_knows_a_hard_text_from_an_easy_one() -> None:
    hard = "Notwithstanding the aforementioned regulations, educational institutions necessarily retain documentation."
    assert flesch_kincaid(hard) > 12
    assert flesch_kincaid("You can see it here. Ask us if it is not clear.") < 3
