"""The dates that follow from the laws, worked by hand and at the edges of the calendar."""

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from law_given import BERLIN, BOOK, CHICAGO, LONDON, LOS_ANGELES, NEW_YORK, day, noon

from rightsdesk.requests.law.clocks import PROMPTLY, Calendar, Due, Events, Told, due, earliest
from rightsdesk.requests.law.counting import months_after
from rightsdesk.requests.law.errors import NaiveInstant, NoClock
from rightsdesk.requests.law.examples import ExampleResult, check_examples
from rightsdesk.requests.law.rulebook import Rule

NOTHING = Events()
WORKED = Path(__file__).parents[1] / "law" / "deadline_examples.csv"


def on(rule_id: str, received: datetime, calendar: Calendar = NEW_YORK, events: Events = NOTHING) -> date:
    return due(BOOK.rule(rule_id), received, calendar, events, BOOK).on


def told(text: str, law: str = "") -> Events:
    return Events(extended=(Told(day(text), law),))


@pytest.mark.parametrize("worked", list(check_examples(WORKED, BOOK)), ids=lambda worked: worked.case)
def test_every_worked_date_comes_out_as_counted_by_hand(worked: ExampleResult) -> None:
    assert worked.line() == f"{worked.case} ok {worked.expected}"


def test_there_are_fifty_seven_worked_dates() -> None:
    assert len(list(check_examples(WORKED, BOOK))) == 57


def test_one_month_after_the_last_of_january_is_the_leap_day_in_a_leap_year() -> None:
    assert [months_after(date(year, 1, 31), 1) for year in (2027, 2028)] == [date(2027, 2, 28), date(2028, 2, 29)]


def test_twelve_months_after_a_leap_day_is_the_last_of_february() -> None:
    assert months_after(date(2028, 2, 29), 12) == date(2029, 2, 28)


def test_months_run_over_the_year_end() -> None:
    assert months_after(date(2026, 12, 15), 1) == date(2027, 1, 15)


def test_the_day_of_receipt_is_the_agencys_own_day() -> None:
    late_evening = datetime(2026, 3, 2, 4, 30, tzinfo=UTC)
    assert on("us-ferpa.access", late_evening, LOS_ANGELES) == date(2026, 3, 1) + timedelta(45)
    assert on("us-ferpa.access", late_evening, BERLIN) == date(2026, 3, 2) + timedelta(45)


def test_an_instant_without_a_zone_is_refused() -> None:
    with pytest.raises(NaiveInstant):
        on("us-ferpa.access", noon(2026, 3, 1).replace(tzinfo=None))


def test_a_rule_without_number_or_policy_sets_no_date() -> None:
    with pytest.raises(NoClock):
        on("us-cipa.access", noon(2026, 3, 1))


def test_seventy_two_hours_over_a_clock_change_stay_seventy_two_hours() -> None:
    before = datetime(2026, 3, 28, 12, tzinfo=UTC)
    found = due(BOOK.rule("eu-gdpr.breach_notice"), before, BERLIN, NOTHING, BOOK)
    assert (found.at, found.on) == (before + timedelta(hours=72), date(2026, 3, 31))


def test_day_counts_do_not_notice_a_clock_change() -> None:
    assert on("us-ferpa.access", datetime(2026, 10, 31, 20, tzinfo=UTC)) == date(2026, 12, 15)


def test_an_extension_told_after_the_due_date_has_no_effect() -> None:
    received = noon(2026, 4, 13)
    in_time, late = told("2026-04-27"), told("2026-04-28")
    assert on("us-il-issra.access", received, CHICAGO, in_time) == date(2026, 5, 4)
    assert on("us-il-issra.access", received, CHICAGO, late) == on("us-il-issra.access", received, CHICAGO)


def test_an_extension_under_one_law_moves_no_other_law() -> None:
    events = told("2026-04-20", law="eu-gdpr")
    assert on("us-il-issra.access", noon(2026, 4, 13), CHICAGO, events) == date(2026, 4, 27)


def test_ferpa_knows_no_extension() -> None:
    assert on("us-ferpa.access", noon(2026, 9, 1), events=told("2026-09-02")) == date(2026, 10, 16)


def test_an_acknowledgement_after_five_business_days_comes_too_late() -> None:
    received = noon(2026, 9, 14)
    assert on("us-ny-pppl.access", received, events=Events(acknowledged=day("2026-09-21"))) == date(2026, 10, 21)
    assert on("us-ny-pppl.access", received, events=Events(acknowledged=day("2026-09-22"))) == date(2026, 9, 21)


def test_a_lifted_hold_gives_new_york_seven_days_even_when_that_is_earlier() -> None:
    held = Events(hold_started=day("2026-02-03"), hold_lifted=day("2026-02-10"))
    assert on("us-ny-2d.breach_notice.3", noon(2026, 2, 1), events=held) == date(2026, 2, 17)


def test_a_hold_that_began_after_the_due_date_saves_nothing() -> None:
    held = Events(hold_started=day("2026-05-01"), hold_lifted=day("2026-05-10"))
    assert on("us-ny-2d.breach_notice.3", noon(2026, 2, 1), events=held) == date(2026, 4, 2)


def test_an_eu_question_asked_late_stops_no_clock() -> None:
    received = noon(2026, 6, 1)
    ask = date(2026, 6, 1) + PROMPTLY
    prompt = Events(clarification_requested=ask, clarification_received=ask + timedelta(2))
    late = replace(prompt, clarification_requested=ask + timedelta(1))
    assert on("eu-gdpr.access", received, BERLIN, prompt) == date(2026, 7, 3)
    assert on("eu-gdpr.access", received, BERLIN, late) == date(2026, 7, 1)


def test_two_questions_asked_on_the_same_days_stop_the_clock_once() -> None:
    both = Events(
        identity_requested=day("2026-06-02"),
        identity_received=day("2026-06-04"),
        clarification_requested=day("2026-06-02"),
        clarification_received=day("2026-06-04"),
    )
    assert on("eu-gdpr.access", noon(2026, 6, 1), BERLIN, both) == date(2026, 7, 3)


def test_a_question_without_an_answer_stops_no_clock_yet() -> None:
    asked = Events(identity_requested=day("2026-06-02"), clarification_requested=day("2026-06-02"))
    for rule_id, calendar in (("eu-gdpr.access", BERLIN), ("uk-gdpr.access", LONDON)):
        assert on(rule_id, noon(2026, 6, 1), calendar, asked) == date(2026, 7, 1)


def test_a_uk_correction_is_not_paused_by_a_question() -> None:
    asked = Events(clarification_requested=day("2026-06-02"), clarification_received=day("2026-06-12"))
    assert on("uk-gdpr.correction", noon(2026, 6, 1), LONDON, asked) == date(2026, 7, 1)


def test_days_before_the_uk_month_starts_are_not_excluded_twice() -> None:
    both = Events(
        identity_requested=day("2026-06-02"),
        identity_received=day("2026-06-10"),
        clarification_requested=day("2026-06-02"),
        clarification_received=day("2026-06-11"),
    )
    assert on("uk-gdpr.access", noon(2026, 6, 1), LONDON, both) == date(2026, 7, 13)


def test_a_meeting_tomorrow_makes_special_education_access_due_today() -> None:
    assert on("us-idea.access", noon(2026, 9, 21), events=Events(meeting=day("2026-09-22"))) == date(2026, 9, 21)


def test_a_meeting_today_makes_access_due_today_and_not_yesterday() -> None:
    assert on("us-idea.access", noon(2026, 9, 21), events=Events(meeting=day("2026-09-21"))) == date(2026, 9, 21)


def test_a_meeting_and_a_shorter_law_bind_only_the_rules_that_name_them() -> None:
    events = Events(meeting=day("2026-09-25"), state_lea_rule="us-fl.access")
    assert on("us-ferpa.access", noon(2026, 9, 21), events=events) == date(2026, 11, 5)
    assert on("us-idea.access", noon(2026, 9, 21)) == date(2026, 11, 5)
    assert on("us-idea.access", noon(2026, 9, 21), events=replace(events, meeting=None)) == date(2026, 11, 5)


def test_a_meeting_that_is_over_or_far_away_changes_nothing() -> None:
    for meeting in ("2026-09-01", "2027-01-01"):
        assert on("us-idea.access", noon(2026, 9, 21), events=Events(meeting=day(meeting))) == date(2026, 11, 5)


def test_a_contract_never_lengthens_the_states_own_time() -> None:
    events = Events(state_lea_rule="us-fl.access")
    assert on("us-sdpc-ndpa.access", noon(2026, 10, 1), events=events) == date(2026, 10, 31)


def test_school_days_stop_in_a_recess_and_business_days_do_not() -> None:
    recess = replace(CHICAGO, closed=((date(2026, 12, 21), date(2027, 1, 1)),))
    received = noon(2026, 12, 18)
    assert on("us-il-issra.access", received, recess) == date(2027, 1, 1)
    assert on("us-il-issra.correction", received, recess) == date(2027, 1, 22)


def test_a_us_date_may_fall_on_a_sunday_and_a_gdpr_date_may_not() -> None:
    assert on("us-ferpa.access", noon(2026, 10, 1)).weekday() == 6
    assert on("eu-gdpr.access", noon(2026, 10, 15), BERLIN) == date(2026, 11, 16)


def test_on_the_same_day_a_law_wins_over_a_policy() -> None:
    law = Due("us-ferpa.access", date(2026, 1, 5), None, policy=False, source="34 CFR 99.10")
    assert earliest([replace(law, rule_id="us-co.access", policy=True), law]) == law


def test_no_dates_have_no_earliest() -> None:
    with pytest.raises(NoClock):
        earliest([])


@given(
    rule=st.sampled_from([rule for rule in BOOK.rules if rule.has_clock]),
    received=st.datetimes(datetime(2020, 1, 1), datetime(2040, 1, 1), timezones=st.just(UTC)),  # noqa: DTZ001 - hypothesis adds the zone
    calendar=st.sampled_from([NEW_YORK, CHICAGO, LOS_ANGELES, BERLIN, LONDON]),
    later=st.lists(st.integers(-3, 90), min_size=8, max_size=8),
)
def test_no_date_ever_lies_before_the_day_of_receipt(
    rule: Rule, received: datetime, calendar: Calendar, later: list[int]
) -> None:
    start = calendar.day_of(received)
    days = [start + timedelta(number) for number in later]
    events = Events(
        identity_requested=days[0],
        identity_received=days[1],
        clarification_requested=days[2],
        clarification_received=days[3],
        extended=(Told(days[4]),),
        acknowledged=days[5],
        hold_lifted=days[6],
        meeting=days[7],
    )
    found = due(rule, received, calendar, events, BOOK)
    assert found.on >= start
    assert found.at is None or found.at > received
