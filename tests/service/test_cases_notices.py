"""Texts and mails about real cases."""

from dataclasses import replace
from pathlib import Path

import pytest
from cases_given import World, given_world
from cases_people_given import ELENA

from rightsdesk.requests.cases.case import Case, Kind
from rightsdesk.requests.cases.errors import LetterNotReady
from rightsdesk.requests.cases.filing import enter_case
from rightsdesk.requests.cases.lettering import compose_notice, message_values
from rightsdesk.requests.cases.tables import NoticeRow
from rightsdesk.requests.law.messages import NoticeKind

OWN = "La escuela tiene el acta de nacimiento y dice lo mismo."


@pytest.fixture
def world(tmp_path: Path) -> World:
    return given_world(tmp_path)


# Texts and mails.


def notices(world: World, case: Case) -> list[NoticeRow]:
    return [row for row in world.rows(NoticeRow) if row.case == case.id]


def test_a_spanish_notice_has_its_text_and_its_mail_with_english_below(world: World) -> None:
    case = world.file()
    row = notices(world, case)[0]
    with world.looking() as docket:
        told = compose_notice(docket, row, "https://rights.example/")
    link = f"https://rights.example/marigold/requests/{case.reference}"
    assert told.text.endswith(link)
    assert "7 ene" in told.text
    spanish, english = told.body.split("\n--\n")
    assert "7 de enero de 2027" in spanish
    assert "January 7, 2027" in english
    assert spanish.count(link) == english.count(link) == 1
    for name in ("Elena", "Luc", "Delgado"):
        assert name not in told.text + told.subject + told.body


def test_an_english_notice_says_it_once(world: World) -> None:
    row = notices(world, world.file(language="en"))[0]
    with world.looking() as docket:
        told = compose_notice(docket, row, "https://rights.example")
    assert "\n--\n" not in told.body
    assert told.body.count("https://") == 1


# The date of a hearing belongs to a track of its own beside the case, which has no day to give yet.
@pytest.mark.parametrize("kind", sorted(set(NoticeKind) - {NoticeKind.HEARING_DATE}))
@pytest.mark.parametrize("language", ["en", "es", "fr"])
def test_every_notice_of_a_case_can_be_written(world: World, kind: NoticeKind, language: str) -> None:
    case = world.file(language=language)
    other = world.file(Kind.ACCESS)
    with world.at() as docket:
        joined = replace(case, duplicate_of=other.id, version=2)
        docket.cases.save(case, joined)
    row = NoticeRow(**{**notices(world, case)[0].model_dump(), "kind": kind})
    with world.looking() as docket:
        told = compose_notice(docket, row, "https://rights.example")
    assert case.reference in told.subject
    assert told.text
    assert not {"{", "}"} & set(told.text + told.subject + told.body)


def test_a_date_of_policy_is_not_called_a_law_and_a_legal_one_names_it(world: World) -> None:
    policy, legal = world.file(), world.file(Kind.ACCESS)
    with world.looking() as docket:
        say = [message_values(docket, case, NoticeKind.RECEIPT, "x", world.now)["law"] for case in (policy, legal)]
    assert say == ["nuestra propia regla", "FERPA"]


def test_a_notice_of_a_missing_proof_names_the_day_it_closes(world: World) -> None:
    with world.at() as docket:
        case = enter_case(docket, world.filing(channel="paper", means="", requester=ELENA), world.now)[0]
    row = next(one for one in notices(world, case) if one.kind == "PROOF_NEEDED")
    with world.looking() as docket:
        body = compose_notice(docket, row, "https://rights.example").body
    assert "November 30, 2026" in body
    assert "Our time to answer does not stop while we wait." in body


def test_a_notice_without_a_case_has_no_words(world: World) -> None:
    row = NoticeRow(**{**notices(world, world.file())[0].model_dump(), "case": None})
    with world.looking() as docket, pytest.raises(LetterNotReady):
        compose_notice(docket, row, "https://rights.example")
