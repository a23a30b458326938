"""What codes may cost in 24 hours: the last one that fits leaves, and no worker of no process sends another."""

from collections.abc import Iterable
from dataclasses import replace
from pathlib import Path
from threading import Barrier, Thread
from uuid import UUID

import pytest
from spending_given import CENT, left

from rightsdesk.verification.asking import Closed, Closing, Opened, again
from rightsdesk.verification.numbers_on_file import Holder
from rightsdesk.verification.sending import Outcome, Reason
from rightsdesk.verification.sms.port import Refused, RefusedClass
from rightsdesk.verification.spending.ceilings import Ceilings, Channel, Prices, Share, fits, shares
from rightsdesk.verification.store import Claim
from tests.verification_given import (
    A_HOLDER,
    AGENCY,
    DAY,
    MINUTE,
    NOON,
    OTHER_AGENCY,
    SECOND,
    UNKNOWN,
    House,
    SentTexts,
    open_database,
)

PRICES = Prices(text=CENT, call=4 * CENT)
HALF, MOST, WHOLE = Share.HALF, Share.MOST, Share.WHOLE


@pytest.fixture
def house(tmp_path: Path) -> House:
    """Return an agency that may spend ten cents in a day."""
    return limited(House(open_database(tmp_path / "verification.sqlite3")), Ceilings(10 * CENT, 100 * CENT))


def limited(house: House, ceilings: Ceilings) -> House:
    house.terms = replace(house.terms, prices=PRICES, ceilings=ceilings)
    return house


def asked(house: House, numbers: Iterable[int]) -> list[Claim]:
    """Return one question for a code for each number; each is of another person, in another range of a thousand."""
    claims = []
    for one in numbers:
        number = f"+1212555{one}100"
        house.numbers[number] = [_holder(one)]
        claims.append(house.opened(NOON, number, f"session-{one}", f"192.0.2.{one}"))
    return claims


def _holder(one: int) -> Holder:
    return replace(A_HOLDER, person=_id(one), contact=_id(one + 1000))


def _id(number: int) -> UUID:
    return UUID(int=number)


def test_the_last_code_that_fits_leaves_and_the_next_does_not(house: House) -> None:
    claims, carrier = asked(house, (1, 2, 3)), SentTexts()
    left(house.engine, 8, NOON - MINUTE, CENT, 8, AGENCY)
    assert [house.send(one, 1, NOON, carrier).why for one in claims] == ["", "", Reason.SPENT]
    assert len(carrier.texts) == 2
    assert house.events[-1].kind == "code_refused"


def test_after_24_hours_the_money_is_there_again(house: House) -> None:
    left(house.engine, 10, NOON - DAY + SECOND, CENT, 10, AGENCY)
    assert house.ask(NOON) == Closed(Closing.PAUSED)
    claim = house.opened(NOON + SECOND)
    assert house.send(claim, 1, NOON + SECOND, SentTexts()).outcome is Outcome.ACCEPTED


def test_whoever_asks_is_told_the_same_on_file_or_not(house: House) -> None:
    left(house.engine, 10, NOON - MINUTE, CENT, 10, AGENCY)
    assert house.ask(NOON) == house.ask(NOON, UNKNOWN, "another", "192.0.2.9") == Closed(Closing.PAUSED)


def test_what_was_only_asked_for_costs_nothing(house: House) -> None:
    claims, carrier = [house.opened(NOON, UNKNOWN, str(n), f"192.0.2.{n}") for n in range(2)], SentTexts()
    limited(house, Ceilings(CENT, CENT))
    for claim in claims:
        assert house.send(claim, 1, NOON, carrier).why == Reason.NOBODY
    assert house.send(asked(house, (1,))[0], 1, NOON, carrier).outcome is Outcome.ACCEPTED


def test_what_the_carrier_refused_is_not_paid_for(house: House) -> None:
    limited(house, Ceilings(CENT, CENT))
    first, second = asked(house, (1, 2))
    refusing = SentTexts([Refused(RefusedClass.BAD_NUMBER, 21211)])
    assert house.send(first, 1, NOON, refusing).why == RefusedClass.BAD_NUMBER
    assert house.send(second, 1, NOON, refusing).outcome is Outcome.ACCEPTED


def test_a_call_is_closed_where_a_text_still_fits(house: House) -> None:
    left(house.engine, 7, NOON - MINUTE, CENT, 7, AGENCY)
    claim = house.opened(NOON)
    with house.unit() as means:
        assert again(means, claim, "192.0.2.7", NOON + MINUTE, Channel.VOICE) == Closed(Closing.PAUSED)
        assert isinstance(again(means, claim, "192.0.2.7", NOON + MINUTE), Opened)


def test_the_portals_ceiling_counts_every_agency_and_an_agencys_its_own(house: House) -> None:
    other = limited(House(house.engine, agency=OTHER_AGENCY), Ceilings(10 * CENT, 12 * CENT))
    limited(house, Ceilings(10 * CENT, 12 * CENT))
    left(house.engine, 10, NOON - MINUTE, CENT, 10, AGENCY)
    assert house.ask(NOON) == Closed(Closing.PAUSED), "its own is spent"
    claims, carrier = asked(other, (1, 2, 3)), SentTexts()
    assert [other.send(one, 1, NOON, carrier).why for one in claims] == ["", "", Reason.SPENT]


def test_two_workers_at_once_do_not_both_take_the_last_place(tmp_path: Path) -> None:
    here, there = (
        limited(House(open_database(tmp_path / "verification.sqlite3")), Ceilings(3 * CENT, 100 * CENT)) for _ in "ab"
    )
    claims, carrier, begun = asked(here, range(1, 9)), SentTexts(), Barrier(2)
    there.numbers.update(here.numbers)
    whys: list[str] = []

    def run(house: House, mine: list[Claim]) -> None:
        begun.wait(30)
        whys.extend(house.send(one, 1, NOON, carrier).why for one in mine)

    workers = [Thread(target=run, args=pair) for pair in ((here, claims[::2]), (there, claims[1::2]))]
    for worker in workers:
        worker.start()
    for worker in workers:
        worker.join()
    assert sorted(whys) == ["", "", "", *[Reason.SPENT] * 5]
    assert len(carrier.texts) == 3


@pytest.mark.parametrize(
    ("spent", "reached"),
    [(49, set()), (50, {HALF}), (79, {HALF}), (80, {HALF, MOST}), (99, {HALF, MOST}), (100, {HALF, MOST, WHOLE})],
)
def test_shares_are_reached_to_the_cent(spent: int, reached: set[Share]) -> None:
    assert shares(spent * CENT, 100 * CENT, CENT) == reached


def test_the_whole_is_reached_where_one_more_text_does_not_fit() -> None:
    assert Share.WHOLE in shares(95 * CENT, 100 * CENT, 6 * CENT)
    assert Share.WHOLE not in shares(95 * CENT, 100 * CENT, 5 * CENT)
    assert fits(95 * CENT, 5 * CENT, 100 * CENT)
