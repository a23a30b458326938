"""Sending a code: to the number on record, within every limit, written down before, and never twice."""

from dataclasses import replace
from datetime import datetime
from pathlib import Path
from uuid import UUID

import pytest
from sqlmodel import Session

from rightsdesk.verification.answering import answer
from rightsdesk.verification.asking import Asked, Opened, again, ask
from rightsdesk.verification.challenges import Purpose
from rightsdesk.verification.errors import TextThrottled
from rightsdesk.verification.numbers_on_file import Holder
from rightsdesk.verification.sending import Delivery, Outcome, Reason
from rightsdesk.verification.sms.port import Accepted, Refused, RefusedClass, Sent, Text, TextKind, Unknown
from rightsdesk.verification.sms.store import WARNING
from rightsdesk.verification.sms.tables import SendState, TextSendRow
from rightsdesk.verification.store import Claim
from tests.verification_given import (
    A_HOLDER,
    ADDRESS,
    ELENAS_PHONE,
    HOUR,
    KNOWN,
    MINUTE,
    NOON,
    SECOND,
    UNKNOWN,
    House,
    SentTexts,
    open_database,
)

THROTTLED = Refused(RefusedClass.THROTTLED, 20429)


@pytest.fixture
def house(tmp_path: Path) -> House:
    return House(open_database(tmp_path / "verification.sqlite3"))


@pytest.fixture
def carrier() -> SentTexts:
    return SentTexts()


def state(house: House, claim: Claim, counter: int = 1) -> SendState | None:
    with house.unit() as means:
        return means.sends.state(claim.challenge, counter)


def test_the_code_goes_to_the_number_on_record_with_the_rest_of_its_life(house: House, carrier: SentTexts) -> None:
    claim = house.opened(NOON)
    assert house.send(claim, 1, NOON + MINUTE, carrier) == Delivery(Outcome.ACCEPTED, contact=ELENAS_PHONE)
    code = house.challenge(claim).code()
    (text,) = carrier.texts
    assert (text.to, text.kind, text.validity) == (KNOWN, TextKind.CODE, 9 * MINUTE)
    assert text.body == (
        f"Marigold Schools: {code} is your code. It works for 10 minutes. Do not share it."
        f"\n\n@requests.example.org #{code}"
    )
    assert repr(text) == "Text(kind='code')"


def test_nothing_goes_to_a_number_nobody_holds(house: House, carrier: SentTexts) -> None:
    claim = house.opened(NOON, UNKNOWN)
    assert house.send(claim, 1, NOON, carrier) == Delivery(Outcome.NOT_SENT, Reason.NOBODY)
    assert carrier.texts == []


def test_nothing_goes_to_somebody_who_may_not_be_texted(house: House, carrier: SentTexts) -> None:
    house.numbers[KNOWN] = [replace(A_HOLDER, may_text=False)]
    assert house.send(house.opened(NOON), 1, NOON, carrier).why == Reason.NOBODY
    assert carrier.texts == []


@pytest.mark.parametrize("number", ["+18765551234", "+18005550100", "+19005550100", "+14165550123"])
def test_a_record_may_hold_numbers_that_get_no_texts(house: House, carrier: SentTexts, number: str) -> None:
    house.numbers[number] = [A_HOLDER]
    del house.numbers[KNOWN]
    assert house.send(house.opened(NOON, number), 1, NOON, carrier).why == Reason.NUMBER_TYPE
    assert carrier.texts == []


def test_a_repeated_job_sends_nothing_again(house: House, carrier: SentTexts) -> None:
    claim = house.opened(NOON)
    house.send(claim, 1, NOON, carrier)
    assert house.send(claim, 1, NOON, carrier) == Delivery(Outcome.SETTLED)
    assert len(carrier.texts) == 1


class Crash(Exception):
    """The worker died while the carrier was called."""


class CrashingTexts:
    """A carrier whose caller dies."""

    def send(self, text: Text) -> Sent:
        """Die."""
        del text
        raise Crash


def test_an_attempt_whose_worker_died_is_unknown_and_not_repeated(house: House, carrier: SentTexts) -> None:
    claim = house.opened(NOON)
    with pytest.raises(Crash):
        house.send(claim, 1, NOON, CrashingTexts())
    assert state(house, claim) is SendState.ATTEMPTED
    assert house.send(claim, 1, NOON, carrier) == Delivery(Outcome.UNKNOWN)
    assert (state(house, claim), carrier.texts) == (SendState.UNKNOWN, [])


def test_silence_of_the_carrier_is_unknown_and_not_repeated(house: House) -> None:
    carrier, claim = SentTexts([Unknown()]), house.opened(NOON)
    assert house.send(claim, 1, NOON, carrier).outcome is Outcome.UNKNOWN
    assert house.send(claim, 1, NOON, carrier).outcome is Outcome.SETTLED
    assert len(carrier.texts) == 1


def test_a_person_may_ask_for_another_text_after_an_unknown_one(house: House) -> None:
    carrier, claim = SentTexts([Unknown()]), house.opened(NOON)
    house.send(claim, 1, NOON, carrier)
    with house.unit() as means:
        again(means, claim, ADDRESS, NOON + MINUTE)
    assert house.send(claim, 2, NOON + MINUTE, carrier).outcome is Outcome.ACCEPTED
    assert carrier.texts[1].body.endswith(house.challenge(claim).code_of(2))


def test_a_throttled_text_is_tried_three_times_in_all(house: House) -> None:
    carrier, claim = SentTexts([THROTTLED] * 5), house.opened(NOON)
    for _ in range(2):
        with pytest.raises(TextThrottled):
            house.send(claim, 1, NOON, carrier)
    assert house.send(claim, 1, NOON, carrier).outcome is Outcome.REFUSED
    assert house.send(claim, 1, NOON, carrier).outcome is Outcome.SETTLED
    assert len(carrier.texts) == 3


def test_a_throttled_text_is_not_tried_after_its_code_died(house: House) -> None:
    carrier, claim = SentTexts([THROTTLED]), house.opened(NOON)
    with pytest.raises(TextThrottled):
        house.send(claim, 1, NOON, carrier)
    assert house.send(claim, 1, NOON + 10 * MINUTE, carrier) == Delivery(Outcome.NOT_SENT, Reason.DEAD)


def test_who_replied_stop_gets_no_text_until_start(house: House) -> None:
    carrier = SentTexts([Refused(RefusedClass.OPTED_OUT, 21610)])
    assert house.send(house.opened(NOON), 1, NOON, carrier).why == RefusedClass.OPTED_OUT
    later = house.opened(NOON + HOUR)
    assert house.send(later, 1, NOON + HOUR, carrier).why == Reason.OPTED_OUT
    with house.unit() as means:
        means.sends.opt_in(means.number_keys(KNOWN), TextKind.CODE)
    assert house.send(house.opened(NOON + 2 * HOUR), 1, NOON + 2 * HOUR, carrier).outcome is Outcome.ACCEPTED


def test_the_worker_learns_which_contact_point_is_unusable(house: House) -> None:
    carrier = SentTexts([Refused(RefusedClass.BAD_NUMBER, 21211)])
    wanted = Delivery(Outcome.REFUSED, RefusedClass.BAD_NUMBER, ELENAS_PHONE)
    assert house.send(house.opened(NOON), 1, NOON, carrier) == wanted


def test_a_used_challenge_and_a_superseded_text_are_not_sent(house: House, carrier: SentTexts) -> None:
    claim = house.opened(NOON)
    for minute in (1, 3):
        with house.unit() as means:
            again(means, claim, ADDRESS, NOON + minute * MINUTE)
    now = NOON + 3 * MINUTE
    assert house.send(claim, 1, now, carrier).why == Reason.DEAD
    with house.unit() as means:
        answer(means, claim, house.challenge(claim).code(), "", now)
    assert house.send(claim, 3, now, carrier).why == Reason.DEAD


def many(house: House, count: int, now: datetime, stem: str = "+1212555") -> list[Claim]:
    """Let so many people of the agency ask, each with a number of their own."""
    claims = []
    for n in range(count):
        number = f"{stem}{n:04}"
        house.numbers[number] = [Holder(UUID(int=n + 1), UUID(int=int(number)), True, NOON, None, "parent")]
        claims.append(house.opened(now, number, f"s{now}{n}", address=""))
    return claims


def test_one_person_with_two_numbers_gets_three_texts_in_a_quarter(house: House, carrier: SentTexts) -> None:
    house.numbers[UNKNOWN] = [replace(A_HOLDER, contact=UUID(int=9))]
    asked = [house.opened(NOON, KNOWN if n % 2 else UNKNOWN, f"s{n}") for n in range(4)]
    sent = [house.send(claim, 1, NOON, carrier) for claim in asked]
    assert [one.why for one in sent] == ["", "", "", Reason.PERSON_LIMIT]
    late = house.opened(NOON + 15 * MINUTE, KNOWN, "late")
    assert house.send(late, 1, NOON + 15 * MINUTE, carrier).outcome is Outcome.ACCEPTED


def test_a_range_of_a_thousand_numbers_gets_twenty_texts_an_hour(house: House, carrier: SentTexts) -> None:
    claims = many(house, 21, NOON)
    assert [house.send(claim, 1, NOON, carrier).why for claim in claims] == [""] * 20 + [Reason.PREFIX_LIMIT]
    (other,) = many(house, 1, NOON, "+1646555")
    assert house.send(other, 1, NOON, carrier).outcome is Outcome.ACCEPTED


def write_down(house: House, count: int, answered: int, at: datetime, counter: int = 1) -> None:
    """Put texts of an hour into the table, as if so many people had been sent one."""
    with Session(house.engine) as tx:
        for n in range(count):
            row = TextSendRow(
                challenge=f"{at}{n}", counter=counter, agency=house.agency, person=UUID(int=n + 50), contact=UUID(int=1)
            )
            row.number, row.prefix, row.state, row.attempted_at = f"n{n}", f"p{n}", SendState.ACCEPTED, at
            row.answered_at = at if n < answered else None
            tx.add(row)
        tx.commit()


def test_an_agency_gets_two_hundred_texts_an_hour(house: House, carrier: SentTexts) -> None:
    claims = [house.opened(NOON, KNOWN, "a"), house.opened(NOON, UNKNOWN, "b")]
    house.numbers[UNKNOWN] = [replace(A_HOLDER, person=UUID(int=8), contact=UUID(int=9))]
    write_down(house, 199, 199, NOON)
    assert [house.send(claim, 1, NOON, carrier).why for claim in claims] == ["", Reason.AGENCY_LIMIT]


@pytest.mark.parametrize(("sent", "answered", "why"), [(29, 0, ""), (30, 11, Reason.BREAKER), (30, 12, "")])
def test_the_breaker_opens_when_too_few_codes_come_back(house: House, sent: int, answered: int, why: str) -> None:
    claim = house.opened(NOON)
    write_down(house, sent, answered, NOON - 2 * MINUTE)
    assert house.send(claim, 1, NOON, SentTexts()).why == why


def test_warnings_that_nobody_answers_do_not_open_the_breaker(house: House, carrier: SentTexts) -> None:
    claim = house.opened(NOON)
    write_down(house, 60, 0, NOON - 2 * MINUTE, WARNING)
    assert house.send(claim, 1, NOON, carrier).outcome is Outcome.ACCEPTED


def test_people_who_had_no_time_to_type_do_not_open_the_breaker(house: House, carrier: SentTexts) -> None:
    claim = house.opened(NOON)
    write_down(house, 60, 0, NOON - 2 * MINUTE + SECOND)
    assert house.send(claim, 1, NOON, carrier).outcome is Outcome.ACCEPTED


def test_a_right_answer_counts_as_a_text_that_came_back(house: House, carrier: SentTexts) -> None:
    claim = house.opened(NOON)
    house.send(claim, 1, NOON, carrier)
    write_down(house, 29, 11, NOON)
    with house.unit() as means:
        answer(means, claim, house.challenge(claim).code(), "", NOON)
        assert not means.sends.pumped(NOON + 2 * MINUTE)


def test_a_late_answer_of_the_carrier_beats_unknown(house: House) -> None:
    claim = house.opened(NOON)
    late: list[Delivery] = []

    class OvertakenTexts:
        """A carrier so slow that another worker took the job for dead."""

        def send(self, text: Text) -> Sent:
            """Let the other worker go first."""
            del text
            late.append(house.send(claim, 1, NOON, SentTexts()))
            return Accepted("SM1")

    assert house.send(claim, 1, NOON, OvertakenTexts()).outcome is Outcome.ACCEPTED
    assert late == [Delivery(Outcome.UNKNOWN)]
    assert state(house, claim) is SendState.ACCEPTED


def test_sending_is_recorded_with_the_person_and_without_the_number(house: House, carrier: SentTexts) -> None:
    claim = house.opened(NOON)
    house.send(claim, 1, NOON, carrier)
    sent = house.events[-1]
    assert (sent.kind, sent.actor, sent.subject) == ("code_sent", "system", A_HOLDER.person)
    assert KNOWN[2:] not in repr(house.events)


def test_the_text_speaks_the_language_that_was_asked_in(house: House, carrier: SentTexts) -> None:
    wanted = Asked("s", Purpose.FILE_REQUEST, KNOWN, "", "es-MX")
    with house.unit() as means:
        opened = ask(means, wanted, NOON)
    assert isinstance(opened, Opened)
    claim = Claim(opened.challenge, "s", Purpose.FILE_REQUEST)
    house.send(claim, 1, NOON, carrier)
    assert "es su clave" in carrier.texts[0].body
