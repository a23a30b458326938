"""Letters and notices of real cases: what the desk previews is what the family gets and what is kept."""

from dataclasses import replace
from pathlib import Path

import pytest
from cases_given import World, given_world, no, partly, yes
from cases_people_given import DANA, ENOUGH, HOME, LUCIA, MATEO, OMAR, PRIYA

from rightsdesk.requests.agencies.catalogue import CATALOGUE
from rightsdesk.requests.cases.case import Case, Kind, Outcome
from rightsdesk.requests.cases.deciding import decide, undo
from rightsdesk.requests.cases.effects import take_effect
from rightsdesk.requests.cases.errors import BadDecision, LetterNotReady
from rightsdesk.requests.cases.lettering import kept_letter, letter, own_words
from rightsdesk.requests.cases.ruling import ElementRuling, Ruling
from rightsdesk.requests.cases.tables import DecisionRow
from rightsdesk.requests.cases.wording import terms
from rightsdesk.requests.law.letters import Letter
from rightsdesk.requests.law.wording import Language, words

OWN = "La escuela tiene el acta de nacimiento y dice lo mismo."


@pytest.fixture
def world(tmp_path: Path) -> World:
    return given_world(tmp_path)


def shown(world: World, case: Case, ruling: Ruling | None, language: str = "en") -> Letter:
    with world.looking() as docket:
        return letter(docket, case, ruling, language, world.now)


def decided(world: World, *rulings: Ruling) -> Case:
    for staff, ruling in zip((PRIYA, DANA), rulings, strict=False):
        with world.at() as docket:
            case = decide(docket, world.by(staff), ruling, world.now)
    return case


def left(world: World, case: Case) -> Case:
    world.clock.advance(minutes=10)
    with world.at() as docket:
        return take_effect(docket, case.id, world.now)


def kept(world: World, case: Case) -> str | None:
    with world.looking() as docket:
        return kept_letter(docket, case)


def test_a_refused_correction_holds_what_both_laws_demand_in_the_familys_language(world: World) -> None:
    case = world.file()
    told = shown(world, case, no(case, text=OWN), "es")
    assert {block.code for block in told.blocks if block.must} == {"REASON", "RIGHT_TO_HEARING"}
    assert [law for law, _ in told.printed] == ["FERPA", "New York Education Law 2-d"]
    text = told.text()
    assert text.startswith("Estimado/a Elena Delgado:\n")
    assert "El 23 de noviembre de 2026" in text
    assert f"{words(Language.ES).grounds['ACCURATE']} {OWN}" in text
    for needed in ("apellido", "audiencia", "(555) 555-0134", "400 Maryland Avenue", "89 Washington", case.reference):
        assert needed in text
    assert not {"{", "}", "None"} & set(text.split())


@pytest.mark.parametrize("kind", Kind)
@pytest.mark.parametrize("language", ["en", "es", "es-419", "ES_mx"])
def test_what_is_shown_before_is_what_is_sent_and_kept_byte_for_byte(world: World, kind: Kind, language: str) -> None:
    case = world.file(kind, language=language)
    ruling = no(case, "NOT_HELD", OWN)
    before = shown(world, case, ruling, language).text()
    case = decided(world, ruling)
    assert shown(world, case, None, language).text() == before
    assert kept(world, case) is None
    case = left(world, case)
    assert kept(world, case) == before
    assert not any(OWN.encode() in row.letter for row in world.rows(DecisionRow))


def test_the_kept_letter_does_not_change_when_the_names_do(world: World) -> None:
    case = left(world, decided(world, no(world.file())))
    before = kept(world, case)
    with world.at() as docket:
        docket.live.write(LUCIA, "name.given", "Luz", "MGD-2222-2222", world.now)  # type: ignore[attr-defined]
    assert kept(world, case) == before
    assert "Luz" in shown(world, case, None).text()


def test_a_letter_that_was_taken_back_is_not_the_one_that_is_kept(world: World) -> None:
    case = decided(world, no(world.file()))
    with world.at() as docket:
        case = undo(docket, world.by(PRIYA), case.reference, case.version, world.now)
    case = left(world, decided(world, yes(case)))
    text = kept(world, case)
    assert text is not None
    assert "aceptamos" in text.lower() or "de acuerdo" in text.lower()
    assert len([row for row in world.rows(DecisionRow) if row.letter]) == 1


def test_a_granted_correction_says_what_it_will_say(world: World) -> None:
    case = world.file()
    assert "last name (Delgado Ruiz)" in shown(world, case, yes(case)).text()
    edited = replace(yes(case), elements=(ElementRuling("name.family", Outcome.APPROVE, accepted="Delgado R."),))
    assert "last name (Delgado R.)" in shown(world, case, edited).text()


def test_a_partial_letter_names_each_part_and_each_reason(world: World) -> None:
    case = world.file(Kind.CORRECTION, "name.family", "grade", "email")
    ruling = partly(
        case,
        ElementRuling("name.family", Outcome.APPROVE),
        ElementRuling("grade", Outcome.DENY, "SUBSTANTIVE_DECISION", "The teachers gave this grade in June."),
        ElementRuling("email", Outcome.DENY, "ACCURATE", "The mail we sent there came to you."),
    )
    text = shown(world, case, ruling).text()
    assert "What we say yes to: last name (Delgado Ruiz)." in text
    assert "What we say no to: e-mail address and grade." in text
    grounds = words(Language.EN).grounds
    assert f"Grade: {grounds['SUBSTANTIVE_DECISION']} The teachers gave this grade in June." in text
    assert f"E-mail address: {grounds['ACCURATE']} The mail we sent there came to you." in text
    assert f"https://rights.example/marigold/requests/{case.reference}" in text
    assert "hearing" in text


def test_parts_that_share_a_reason_share_its_words(world: World) -> None:
    case = world.file(Kind.CORRECTION, "name.family", "grade", "email")
    same = [ElementRuling(one, Outcome.DENY, "ACCURATE", ENOUGH) for one in ("grade", "email")]
    text = shown(world, case, partly(case, ElementRuling("name.family", Outcome.APPROVE), *same)).text()
    assert text.count(ENOUGH) == 1


@pytest.mark.parametrize("ground", ["COURT_ORDER", "PROTECTION_ORDER"])
@pytest.mark.parametrize("language", Language)
def test_an_order_on_file_reads_like_a_missing_link(world: World, ground: str, language: Language) -> None:
    case = world.file(Kind.ACCESS)
    secret = "The judge gave the mother an order of protection."
    plain = shown(world, case, no(case, "NO_AUTHORITY", "We have no paper that names you."), language)
    assert shown(world, case, no(case, ground, secret), language) == plain
    part = world.file(Kind.CORRECTION, "name.family", "grade")
    yes_part = ElementRuling("name.family", Outcome.APPROVE)
    hidden, open_ = (
        shown(world, part, partly(part, yes_part, ElementRuling("grade", Outcome.DENY, code, secret)), language)
        for code in (ground, "NO_AUTHORITY")
    )
    assert hidden == open_
    assert secret not in hidden.text()


def test_own_words_under_an_order_are_for_staff_alone(world: World) -> None:
    case = world.file()
    with world.looking() as docket:
        for ground, told in (("COURT_ORDER", ""), ("NO_AUTHORITY", ""), ("SERIOUS_HARM", ""), ("ACCURATE", ENOUGH)):
            assert own_words(docket, replace(case.elements[0], ground=ground, text=ENOUGH)) == told
        assert own_words(docket, replace(case.elements[0], text=ENOUGH)) == ENOUGH


def test_a_deletion_says_on_which_day_and_how_to_stop_it(world: World) -> None:
    case = world.file(Kind.ERASURE)
    before = shown(world, case, yes(case)).text()
    assert "We will delete this on November 30, 2026: profile picture." in before
    assert "The law does not say that we have to delete this." in before
    case = decided(world, yes(case))
    assert shown(world, case, yes(case)).text() == before
    with world.at() as docket:
        case = decide(docket, world.by(DANA), yes(case), world.now)
    text = kept(world, left(world, case))
    assert text is not None
    assert "30 de noviembre de 2026" in text


def test_a_deletion_that_waits_for_an_own_look_says_so_and_never_tells_of_another_guardians(world: World) -> None:
    case = world.file(Kind.ERASURE)
    waits = words(Language.EN).lines["later_open_access"]
    world.file(Kind.ACCESS, requester=OMAR)
    assert waits not in shown(world, case, yes(case)).text()
    world.file(Kind.ACCESS, subject=MATEO)
    assert waits not in shown(world, case, yes(case)).text()
    world.file(Kind.ACCESS)
    assert waits in shown(world, case, yes(case)).text()


def test_a_student_of_15_reads_whose_right_it_is(world: World) -> None:
    case = world.file(Kind.ACCESS, requester=MATEO, subject=MATEO)
    assert words(Language.EN).lines["own_minor"] in shown(world, case, yes(case)).text()
    assert words(Language.EN).lines["own_minor"] not in shown(world, world.file(Kind.ACCESS), yes(case)).text()


@pytest.mark.parametrize("language", ["fr", "", "zz"])
def test_a_language_nobody_has_read_is_not_shown_and_the_family_gets_english(world: World, language: str) -> None:
    case = world.file(language=language)
    with pytest.raises(LetterNotReady, match="this language"):
        shown(world, case, no(case), language)
    text = kept(world, left(world, decided(world, no(case))))
    assert text is not None
    assert text.startswith("Dear Elena Delgado,")


def test_what_is_not_decided_has_no_letter(world: World) -> None:
    case = world.file(Kind.CORRECTION, "name.family", "grade")
    with pytest.raises(LetterNotReady, match="Nothing was decided"):
        shown(world, case, None)
    with pytest.raises(LetterNotReady, match="Choose why"):
        shown(world, case, no(case, ""))
    with pytest.raises(BadDecision):
        shown(world, case, partly(case, ElementRuling("grade", Outcome.APPROVE)))


def test_a_block_that_a_law_demands_and_nobody_can_fill_stops_the_letter(world: World) -> None:
    case = world.file(Kind.ACCESS)
    with world.looking() as docket:
        foil = replace(docket, agency=replace(HOME, laws=("us-ny-pppl",)))
        state = replace(case, requester_kind="state_data_subject")
        with pytest.raises(LetterNotReady, match="appeal_person"):
            letter(foil, state, no(case, "NOT_HELD"), "en", world.now)


def test_a_block_that_a_law_only_advises_is_left_out_when_it_cannot_be_filled(world: World) -> None:
    case = world.file(Kind.ACCESS)
    with world.looking() as docket:
        texas = replace(docket, agency=replace(HOME, laws=("us-tx", "us-ferpa")))
        told = letter(texas, case, no(case, "NOT_HELD"), "en", world.now)
    assert "BOARD_GRIEVANCE_TX" not in {block.code for block in told.blocks}
    assert "COMPLAINT_SPPO" in {block.code for block in told.blocks}


def test_an_european_parent_has_the_right_that_the_regulation_gives_them(world: World) -> None:
    case = world.file(Kind.ERASURE)
    with world.looking() as docket:
        europe = replace(docket, agency=replace(HOME, region="eu", laws=("eu-gdpr",), zone="Europe/Berlin"))
        told = letter(europe, case, no(case, "NOT_HELD"), "en", world.now)
    assert {"COMPLAINT_SA", "JUDICIAL_REMEDY"} <= {block.code for block in told.blocks if block.must}


def test_an_agency_without_a_phone_names_its_office(world: World) -> None:
    case = world.file()
    with world.looking() as docket:
        quiet = replace(docket, agency=replace(HOME, office_phone=""))
        assert f"Ask at the office of {HOME.name}" in letter(quiet, case, no(case), "en", world.now).text()


@pytest.mark.parametrize("language", Language)
def test_every_element_has_a_name_in_every_language(language: Language) -> None:
    spoken = terms(language)
    assert set(spoken.elements) == set(CATALOGUE)
    assert all(name.strip() == name for name in (*spoken.elements.values(), *spoken.phrases.values()))
    assert set(spoken.phrases) == set(terms(Language.EN).phrases)
