"""Nobody learns from a reset who is on file: every name is answered alike, at the same cost."""

from pathlib import Path

import pytest
from alike_given import given_stranger, next_day
from family_given import texts
from reset_given import (
    AVA,
    KAI,
    MILO,
    NOBODY,
    NOEL,
    PATH,
    WREN,
    ZOE,
    given_school,
)

from rightsdesk.web.portal import Portal


@pytest.fixture
def portal(tmp_path: Path) -> Portal:
    return given_school(tmp_path)


NAMES = {
    "known": AVA.username,
    "address": AVA.email,
    "under 13": KAI.username,
    "age unknown": WREN.username,
    "no number": NOEL.username,
    "replaced": ZOE.username,
    "shared": MILO.username,
}


@pytest.mark.parametrize("texted", [False, True], ids=["before the text", "after it"])
@pytest.mark.parametrize("standing", NAMES)
def test_every_name_is_answered_like_one_that_nobody_has(portal: Portal, standing: str, *, texted: bool) -> None:
    def visit(name: str) -> list[tuple[object, list[str]]]:
        who, seen = given_stranger(portal), []

        def note(fields: dict[str, str] | None = None) -> None:
            seen.append((who.send(PATH, fields), who.statements))

        note({"username": name})
        if texted:
            texts(portal)
        note()
        note({"code": "12345"})
        for code in ("000000", "000001", "000002", "000003", "000004", "000005"):
            note({"code": code})
        note({"again": "1"})
        note({"username": name})
        note()
        return seen

    visit("first.of.all")
    next_day(portal)
    theirs, nobodys = visit(NAMES[standing]), visit(NOBODY)
    for number, ((their, costs), (nobody, cost)) in enumerate(zip(theirs, nobodys, strict=True)):
        assert their == nobody, number
        assert costs == cost, number
