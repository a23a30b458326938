"""What a stranger could measure, and what a thief could find: nothing that tells who is on file."""

from pathlib import Path

import databases
import pytest
from sqlalchemy import event

from rightsdesk.verification.answering import answer
from rightsdesk.verification.asking import again
from rightsdesk.verification.challenges import Judgement
from rightsdesk.verification.store import Claim
from tests.verification_given import ADDRESS, KNOWN, MINUTE, NOON, SESSION, UNKNOWN, House, open_database, wrong_code


@pytest.fixture
def house(tmp_path: Path) -> House:
    return House(open_database(tmp_path / "verification.sqlite3"))


def give(house: House, claim: Claim, code: str, address: str = "") -> Judgement:
    with house.unit() as means:
        return answer(means, claim, code, address, NOON)


@pytest.mark.parametrize("step", ["ask", "again", "wrong", "spent"])
def test_known_and_unknown_numbers_cost_the_same_statements(house: House, step: str) -> None:
    assert statements(house, KNOWN, step) == statements(house, UNKNOWN, step) != []


def statements(house: House, number: str, step: str) -> list[str]:
    """Return the statements of one step, without what was bound to them."""
    seen: list[str] = []
    event.listen(house.engine, "before_cursor_execute", lambda *call: seen.append(call[2]))
    claim = house.opened(NOON, number, session=f"s{number}", address="")
    if step != "ask":
        seen.clear()
    if step == "again":
        with house.unit() as means:
            again(means, claim, "", NOON + MINUTE)
    if step in {"wrong", "spent"}:
        wrong = wrong_code(house.challenge(claim))
        seen.clear()
        for _ in range(5 if step == "spent" else 1):
            give(house, claim, wrong)
    return list(seen)


def test_each_step_is_recorded_with_ids_only(house: House) -> None:
    claim = house.opened(NOON)
    code = house.challenge(claim).code()
    give(house, claim, wrong_code(house.challenge(claim)))
    give(house, claim, code)
    assert house.kinds() == ["code_asked", "code_wrong", "code_right"]
    written = repr(house.events) + repr(house.queue.jobs)
    assert not [secret for secret in (KNOWN, KNOWN[2:], code, SESSION, ADDRESS) if secret in written]


def test_neither_number_nor_code_nor_secret_lies_in_the_database_file(house: House, tmp_path: Path) -> None:
    claim = house.opened(NOON)
    challenge = house.challenge(claim)
    give(house, claim, wrong_code(challenge), ADDRESS)
    give(house, claim, challenge.code(), ADDRESS)
    raw = databases.content(tmp_path)
    assert claim.challenge.encode() in raw  # the search finds what is there
    assert not [one for one in (KNOWN[1:], challenge.code(), challenge.secret, ADDRESS) if one.encode() in raw]
