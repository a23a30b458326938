"""What the drivers keep prepared goes by a statement's words: lists of all lengths must not each leave one behind."""

from pathlib import Path

import pytest
from alike_given import counting
from cases_given import World, given_world
from cases_people_given import LUCIA
from sqlalchemy import bindparam, select
from sqlmodel import col

from rightsdesk.requests.cases.case import Kind
from rightsdesk.requests.cases.routing import Wanted
from rightsdesk.requests.ledger.dialects import run
from rightsdesk.requests.people.tables import PersonRow

_MANY = 40
_LENGTHS = {1, 2, 4, 8, 16, 32, 64}


@pytest.fixture
def world(tmp_path: Path) -> World:
    return given_world(tmp_path)


def test_lists_of_all_lengths_share_a_few_statements_and_find_what_they_name(world: World) -> None:
    ids = [row.id for row in world.rows(PersonRow)]
    assert len(ids) > 4
    wanted = select(col(PersonRow.id)).where(col(PersonRow.id).in_(bindparam("people", expanding=True)))
    with counting(world) as said, world.storage.read() as tx:
        for many in range(len(ids) + 1):
            for some in (ids[:many], tuple(ids[:many])):
                found = run(tx, wanted, {"people": some}).scalars().all()
                assert sorted(found) == sorted(some)
    lists = {one for one in said if "people" in one}
    assert len(lists) == 1 + len([one for one in _LENGTHS if one < 2 * len(ids)])  # and one for none at all


def test_a_family_that_asks_again_and_again_leaves_a_few_statements_behind(world: World) -> None:
    def ask(turn: int) -> None:
        world.file(Kind.CORRECTION, wanted=(Wanted("name.family", f"Delgado {turn}"),))

    ask(0)
    with counting(world) as said:
        for turn in range(1, _MANY + 1):
            ask(turn)
    with world.looking() as docket:
        assert len(docket.cases.about(LUCIA)) == 1 + _MANY
    read = {one for one in said if one.startswith("SELECT case_elements")}
    assert 1 < len(read) <= len(_LENGTHS)
