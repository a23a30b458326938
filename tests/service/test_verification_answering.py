"""Answering a challenge on a real database, alone and with sixty at once."""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import datetime
from pathlib import Path
from threading import Barrier

import pytest

from rightsdesk.verification.answering import LOCKED_JOB, answer, unlock
from rightsdesk.verification.asking import Closed, Closing, Opened, again
from rightsdesk.verification.attempts import NUMBER_BUDGET, Budget, Count, next_day
from rightsdesk.verification.challenges import Answer, Judgement, Purpose
from rightsdesk.verification.retention import sweep
from rightsdesk.verification.sending import tell_locked
from rightsdesk.verification.sms.port import TextKind
from rightsdesk.verification.store import Claim
from tests.verification_given import (
    A_HOLDER,
    ADDRESS,
    DAY,
    HOUR,
    KNOWN,
    MINUTE,
    NOON,
    SECOND,
    UNKNOWN,
    ZONE,
    House,
    KeyedSeal,
    SentTexts,
    open_database,
    wrong_code,
)


@pytest.fixture
def house(tmp_path: Path) -> House:
    return House(open_database(tmp_path / "verification.sqlite3"))


def give(house: House, claim: Claim, code: str, now: datetime, address: str = "") -> Judgement:
    with house.unit() as means:
        return answer(means, claim, code, address, now)


def miss(house: House, claim: Claim, now: datetime, times: int = 1, address: str = "") -> Judgement:
    wrong = wrong_code(house.challenge(claim))
    return [give(house, claim, wrong, now, address) for _ in range(times)][-1]


def spend(house: House, number: str, now: datetime, times: int) -> Judgement:
    """Miss so often, with as many challenges as that takes."""
    judged = None
    for start in range(0, times, 5):
        claim = house.opened(now, number, session=f"{now}-{start}")
        judged = miss(house, claim, now, min(5, times - start))
    assert judged is not None
    return judged


def at_once(count: int, act: Callable[[int], Judgement]) -> list[Judgement]:
    barrier = Barrier(count)

    def one(number: int) -> Judgement:
        barrier.wait(30)
        return act(number)

    with ThreadPoolExecutor(count) as pool:
        return list(pool.map(one, range(count)))


def test_a_right_code_is_accepted_once(house: House) -> None:
    claim = house.opened(NOON)
    code = house.challenge(claim).code()
    first = give(house, claim, code, NOON + MINUTE)
    assert (first.answer, first.holders) == (Answer.CORRECT, (A_HOLDER,))
    assert give(house, claim, code, NOON + MINUTE).answer is Answer.EXPIRED


def test_a_code_works_only_in_its_session_and_for_its_purpose(house: House) -> None:
    claim = house.opened(NOON)
    code = house.challenge(claim).code()
    stolen = (replace(claim, session="another"), replace(claim, purpose=Purpose.RESET_PASSWORD))
    assert [give(house, one, code, NOON).answer for one in stolen] == [Answer.EXPIRED] * 2
    assert give(house, claim, code, NOON).answer is Answer.CORRECT


def test_each_code_dies_ten_minutes_after_its_own_sending_and_the_page_says_when(house: House) -> None:
    claim = house.opened(NOON)
    code = house.challenge(claim).code()
    late = give(house, claim, code, NOON + 10 * MINUTE)
    assert (late.answer, late.stopped_at) == (Answer.EXPIRED, NOON + 10 * MINUTE)
    assert give(house, claim, code, NOON + 10 * MINUTE - SECOND).answer is Answer.CORRECT


def test_five_wrong_tries_end_a_challenge_and_say_when_a_new_code_can_be_asked(house: House) -> None:
    claim = house.opened(NOON)
    assert [miss(house, claim, NOON).left for _ in range(4)] == [4, 3, 2, 1]
    spent = miss(house, claim, NOON)
    assert (spent.answer, spent.again_at) == (Answer.SPENT, NOON + 30 * SECOND)
    right = house.challenge(claim).code()
    assert give(house, claim, right, NOON + MINUTE).answer is Answer.SPENT


def test_asking_again_and_again_gives_no_new_tries(house: House) -> None:
    claim = house.opened(NOON)
    miss(house, claim, NOON, 4)
    for minute in (1, 3):
        with house.unit() as means:
            assert isinstance(again(means, claim, ADDRESS, NOON + minute * MINUTE), Opened)
    assert house.challenge(claim).tries == 4
    assert miss(house, claim, NOON + 4 * MINUTE).answer is Answer.SPENT
    with house.unit() as means:
        assert again(means, claim, ADDRESS, NOON + HOUR) == Closed(Closing.GONE)


def test_the_newest_two_codes_work_and_the_third_newest_is_dead(house: House) -> None:
    claim = house.opened(NOON)
    for minute in (1, 3):
        with house.unit() as means:
            again(means, claim, ADDRESS, NOON + minute * MINUTE)
    challenge = house.challenge(claim)
    assert give(house, claim, challenge.code_of(1), NOON + 4 * MINUTE).answer is Answer.WRONG
    assert give(house, claim, challenge.code_of(2), NOON + 4 * MINUTE).answer is Answer.CORRECT


def test_sixty_parallel_guesses_see_exactly_five_looked_at(house: House) -> None:
    claim = house.opened(NOON)
    wrong = wrong_code(house.challenge(claim))
    looked_at = len(house.seal.opened)
    answers = [one.answer for one in at_once(60, lambda _: give(house, claim, wrong, NOON))]
    assert len(house.seal.opened) - looked_at == 5
    assert answers.count(Answer.WRONG) == 4
    assert answers.count(Answer.SPENT) == 56


def test_forty_parallel_right_answers_see_exactly_one_success(house: House) -> None:
    claim = house.opened(NOON)
    code = house.challenge(claim).code()
    answers = [one.answer for one in at_once(40, lambda _: give(house, claim, code, NOON))]
    assert answers.count(Answer.CORRECT) == 1
    assert house.on_file.asked == 1


def test_sixty_parallel_guesses_over_many_sessions_see_exactly_ten_of_the_day(house: House) -> None:
    claims = [house.opened(NOON + n * HOUR, session=f"s{n}", address="") for n in range(3)]
    wrong = [wrong_code(house.challenge(claim)) for claim in claims]
    for claim in claims:  # all three live at the same instant
        with house.unit() as means:
            again(means, claim, "", NOON + 5 * HOUR)
    looked_at = len(house.seal.opened)
    at_once(60, lambda n: give(house, claims[n % 3], wrong[n % 3], NOON + 5 * HOUR + MINUTE))
    assert len(house.seal.opened) - looked_at == 10


def test_the_tenth_wrong_try_of_a_day_closes_texts_until_the_agencys_midnight(house: House) -> None:
    assert spend(house, KNOWN, NOON, 9).answer is Answer.WRONG
    claim = house.opened(NOON + HOUR)
    tenth = miss(house, claim, NOON + HOUR)
    midnight = next_day(NOON, ZONE)
    assert (tenth.answer, tenth.again_at) == (Answer.CLOSED_TODAY, midnight)
    assert give(house, claim, house.challenge(claim).code(), NOON + HOUR).answer is Answer.CLOSED_TODAY
    assert house.ask(midnight - SECOND) == Closed(Closing.TODAY, midnight)
    assert isinstance(house.ask(midnight), Opened)


def test_a_right_answer_gives_its_reservation_back(house: House) -> None:
    spend(house, KNOWN, NOON, 9)
    claim = house.opened(NOON + HOUR)
    assert give(house, claim, house.challenge(claim).code(), NOON + HOUR).answer is Answer.CORRECT
    later = house.opened(NOON + 2 * HOUR)
    assert miss(house, later, NOON + 2 * HOUR).answer is Answer.CLOSED_TODAY


def lock(house: House, number: str) -> Judgement:
    judged = None
    for day in range(10):
        judged = spend(house, number, NOON + day * DAY, 10)
    assert judged is not None
    return judged


@pytest.mark.parametrize("number", [KNOWN, UNKNOWN])
def test_a_hundred_failures_lock_a_number_until_somebody_unlocks_it(house: House, number: str) -> None:
    assert lock(house, number) == Judgement(Answer.LOCKED)
    much_later = NOON + 400 * DAY
    assert house.ask(much_later, number) == Closed(Closing.LOCKED)
    with house.unit() as means:
        unlock(means, number, "operator")
    assert isinstance(house.ask(much_later, number), Opened)


def test_a_code_that_was_on_its_way_is_worth_nothing_once_its_number_is_locked(house: House) -> None:
    for day in range(9):
        spend(house, KNOWN, NOON + day * DAY, 10)
    midnight = next_day(NOON + 9 * DAY, ZONE)
    spend(house, KNOWN, NOON + 9 * DAY, 9)
    first, second = (house.opened(midnight - MINUTE, session=session) for session in ("one", "two"))
    assert miss(house, first, midnight - MINUTE).answer is Answer.LOCKED
    right = house.challenge(second).code()
    assert give(house, second, right, midnight + MINUTE).answer is Answer.LOCKED


def test_the_owner_of_a_locked_number_is_to_be_told(house: House) -> None:
    lock(house, KNOWN)
    ((_, (challenge,)),) = [job for job in house.queue.jobs.values() if job[0] == LOCKED_JOB]
    carrier = SentTexts()
    tell_locked(house.unit, carrier, challenge, lambda _: "Codes are locked.", NOON)
    assert [(text.to, text.body, text.kind) for text in carrier.texts] == [
        (KNOWN, "Codes are locked.", TextKind.NOTICE)
    ]


def test_one_success_resets_the_hundred(house: House) -> None:
    for day in range(9):
        spend(house, KNOWN, NOON + day * DAY, 10)
    claim = house.opened(NOON + 9 * DAY)
    give(house, claim, house.challenge(claim).code(), NOON + 9 * DAY)
    assert spend(house, KNOWN, NOON + 10 * DAY, 10).answer is Answer.CLOSED_TODAY


def test_a_right_code_that_still_needs_a_second_proof_resets_nothing(house: House) -> None:
    # Wrong student numbers count like wrong codes: whoever holds a phone must not buy new ones with each code.
    house.numbers[KNOWN] = [replace(A_HOLDER, confirmed_at=None)]
    for day in range(11):
        at = NOON + day * DAY
        spend(house, KNOWN, at, 9)
        claim = house.opened(at + HOUR, session=f"day {day}")
        give(house, claim, house.challenge(claim).code(), at + HOUR)
    assert spend(house, KNOWN, NOON + 11 * DAY, 1).answer is Answer.LOCKED


def test_a_new_index_key_hands_out_no_new_tries(house: House) -> None:
    spend(house, KNOWN, NOON, 10)
    rotated = House(house.engine, seal=KeyedSeal((b"n" * 32, b"k" * 32)), draw=house.draw)
    assert rotated.ask(NOON + HOUR) == Closed(Closing.TODAY, next_day(NOON, ZONE))
    with rotated.unit() as means:
        assert means.counts.hold("number", rotated.seal.indexes("number", KNOWN)[:1], NOON).day_wrong == 10


def test_what_was_counted_under_an_older_key_after_a_newer_one_adds_up(house: House) -> None:
    older, every = ("0aaa:1",), ("ffff:1", "0aaa:1")
    with house.unit() as means:
        for keys in (older, every, older):  # a code asked for before the keys were renewed is answered once more
            assert means.counts.reserve("number", keys, NUMBER_BUDGET, NOON)
        assert means.counts.seen("number", every).failures == 3
        assert means.counts.reserve("number", every, Budget(total=3), NOON) is None
        count = means.counts.hold("number", every, NOON)
        assert (count.failures, count.day_wrong, count.window_wrong) == (3, 3, 3)
        assert means.counts.hold("number", every[:1], NOON) == count
        assert means.counts.seen("number", older) == Count()


def test_twenty_wrong_answers_an_hour_pause_an_address_for_a_quarter(house: House) -> None:
    for n in range(4):
        claim = house.opened(NOON, f"+1212555014{n}", session=f"s{n}")
        miss(house, claim, NOON, 5, ADDRESS)
    claim = house.opened(NOON, "+12125550149", session="s9")
    shut = miss(house, claim, NOON + MINUTE, address=ADDRESS)
    assert (shut.answer, shut.again_at) == (Answer.PAUSED, NOON + 15 * MINUTE)
    assert house.challenge(claim).tries == 0
    assert miss(house, claim, NOON + MINUTE, address="198.51.100.1").answer is Answer.WRONG


def test_nobodys_number_never_matches_even_with_the_right_digits(house: House) -> None:
    claim = house.opened(NOON, UNKNOWN)
    assert give(house, claim, house.challenge(claim).code(), NOON).answer is Answer.WRONG


def test_a_challenge_dies_when_the_record_of_its_number_changes(house: House) -> None:
    claim = house.opened(NOON)
    house.numbers[UNKNOWN] = house.numbers.pop(KNOWN)
    assert give(house, claim, house.challenge(claim).code(), NOON).answer is Answer.WRONG


def test_codes_are_removed_after_a_day_and_failures_are_not(house: House) -> None:
    claim = house.opened(NOON)
    miss(house, claim, NOON)
    with house.unit() as means:
        assert sweep(means, NOON + DAY - SECOND).codes == 0
        assert sweep(means, NOON + DAY).codes == 1
        assert means.codes.seen(claim.challenge) is None
        sweep(means, NOON + 90 * DAY)
        assert means.counts.hold("number", house.seal.indexes("number", KNOWN), NOON).failures == 1


def test_another_agency_does_not_see_the_challenge(house: House) -> None:
    claim = house.opened(NOON)
    code = house.challenge(claim).code()
    other = House(house.engine, agency=A_HOLDER.person, draw=house.draw)
    assert give(other, claim, code, NOON).answer is Answer.EXPIRED
