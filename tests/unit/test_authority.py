"""Who may speak for a student: each guard false once, and birthdays in the agency's own calendar."""

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from itertools import product
from uuid import UUID

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from rightsdesk.requests.agencies.agency import Agency
from rightsdesk.requests.people.authority import (
    Authority,
    Band,
    Grade,
    Link,
    Restriction,
    Student,
    Why,
    band,
    guardian_authority,
    own_authority,
)

TODAY = date(2026, 11, 23)
CHILD, OTHER_CHILD, MOTHER = (UUID(int=number) for number in (1, 2, 3))
STUDENT = Student(CHILD, Band.UNDER_13)
LINK = Link(CHILD, MOTHER, "parent", Grade.CONFIRMED)
ORDER = Restriction(UUID(int=9), MOTHER, CHILD, "court_order", TODAY)


def guardian(
    student: Student = STUDENT,
    link: Link | None = LINK,
    *restrictions: Restriction,
    roster_suffices: bool = True,
    today: date = TODAY,
) -> Authority:
    return guardian_authority(student, link, restrictions, today, roster_suffices=roster_suffices)


@pytest.mark.parametrize(
    ("birth", "today", "expected"),
    [
        (date(2013, 11, 24), TODAY, Band.UNDER_13),
        (date(2013, 11, 23), TODAY, Band.TEEN),
        (date(2008, 11, 24), TODAY, Band.TEEN),
        (date(2008, 11, 23), TODAY, Band.ADULT),
        (date(2026, 11, 23), TODAY, Band.UNDER_13),
        (date(2026, 11, 24), TODAY, Band.UNKNOWN),
        (None, TODAY, Band.UNKNOWN),
        # Born on 29 February: a year older on 1 March of a common year, on the day itself in a leap year.
        (date(2012, 2, 29), date(2025, 2, 28), Band.UNDER_13),
        (date(2012, 2, 29), date(2025, 3, 1), Band.TEEN),
        (date(2012, 2, 29), date(2030, 2, 28), Band.TEEN),
        (date(2012, 2, 29), date(2030, 3, 1), Band.ADULT),
        (date(2015, 3, 1), date(2028, 2, 29), Band.UNDER_13),
        (date(2015, 3, 1), date(2028, 3, 1), Band.TEEN),
    ],
)
def test_the_band_changes_on_the_birthday(birth: date | None, today: date, expected: Band) -> None:
    assert band(birth, today) is expected


@given(st.dates(date(1990, 1, 1), date(2026, 1, 1)), st.integers(0, 40 * 366))
@settings(deadline=None)
def test_nobody_grows_younger(birth: date, days: int) -> None:
    order = [Band.UNDER_13, Band.TEEN, Band.ADULT]
    today = birth + timedelta(days=days)
    assert order.index(band(birth, today)) <= order.index(band(birth, today + timedelta(days=1)))


def test_the_birthday_begins_at_midnight_in_the_agencys_zone() -> None:
    honolulu = Agency(UUID(int=5), "h", "H", "H", "HH", "Pacific/Honolulu", "us", ())
    auckland = replace(honolulu, zone="Pacific/Auckland")
    instant, birth = datetime(2026, 11, 23, 11, 30, tzinfo=UTC), date(2008, 11, 23)
    assert band(birth, honolulu.today(instant)) is Band.ADULT  # 1:30 in the morning
    assert band(birth, honolulu.today(instant - timedelta(hours=2))) is Band.TEEN
    assert band(birth + timedelta(days=1), auckland.today(instant)) is Band.ADULT  # already the 24th


@pytest.mark.parametrize(("relation", "kind"), [("parent", "parent"), ("guardian", "guardian"), ("aunt", "guardian")])
def test_a_linked_guardian_may_act(relation: str, kind: str) -> None:
    assert guardian(STUDENT, replace(LINK, relation=relation)) == Authority(kind, Why.LINKED)


@pytest.mark.parametrize(
    ("link", "why"),
    [
        (None, Why.NOT_LINKED),
        (replace(LINK, is_active=False), Why.NOT_LINKED),
        (replace(LINK, grade=Grade.DENIED), Why.NOT_LINKED),
        (replace(LINK, grade=Grade.UNCONFIRMED), Why.UNCONFIRMED),
    ],
)
def test_without_a_confirmed_living_link_nobody_acts(link: Link | None, why: Why) -> None:
    assert guardian(STUDENT, link) == Authority("", why)


def test_the_rosters_word_counts_where_the_agency_says_so() -> None:
    asserted = replace(LINK, grade=Grade.ROSTER_ASSERTED)
    assert guardian(STUDENT, asserted).holds
    assert guardian(STUDENT, asserted, roster_suffices=False) == Authority("", Why.UNCONFIRMED)
    assert guardian(STUDENT, LINK, roster_suffices=False).holds


@pytest.mark.parametrize(
    ("found", "frozen", "link"),
    list(product(Band, [False, True], [None, LINK, replace(LINK, is_active=False)])),
)
def test_a_restriction_beats_everything_else(found: Band, *, frozen: bool, link: Link | None) -> None:
    assert guardian(Student(CHILD, found, frozen), link, ORDER) == Authority("", Why.RESTRICTED)


@pytest.mark.parametrize(
    ("restriction", "holds"),
    [
        (ORDER, True),
        (replace(ORDER, student=None), True),
        (replace(ORDER, student=OTHER_CHILD), False),
        (replace(ORDER, is_lifted=True), False),
        (replace(ORDER, begins=TODAY + timedelta(days=1)), False),
        (replace(ORDER, ends=TODAY), False),  # the end is the first free day
        (replace(ORDER, begins=TODAY - timedelta(days=9), ends=TODAY + timedelta(days=1)), True),
    ],
)
def test_a_restriction_stands_from_its_first_day_to_the_day_before_its_end(
    restriction: Restriction, *, holds: bool
) -> None:
    assert restriction.holds(CHILD, TODAY) is holds
    assert guardian(STUDENT, LINK, restriction).holds is not holds


def test_one_restriction_among_others_that_ended_is_enough() -> None:
    assert not guardian(STUDENT, LINK, replace(ORDER, is_lifted=True), ORDER).holds


@pytest.mark.parametrize(
    ("found", "holds"), [(Band.UNDER_13, True), (Band.TEEN, True), (Band.UNKNOWN, True), (Band.ADULT, False)]
)
def test_at_18_a_guardians_right_ends_and_an_unknown_age_takes_none_away(found: Band, *, holds: bool) -> None:
    told = guardian(Student(CHILD, found))
    assert told.holds is holds
    assert told.why is (Why.LINKED if holds else Why.RIGHTS_TRANSFERRED)


def test_nobody_acts_about_a_frozen_student() -> None:
    assert guardian(replace(STUDENT, is_frozen=True)) == Authority("", Why.FROZEN)
    for found in Band:
        assert own_authority(Student(CHILD, found, is_frozen=True), offered=True) == Authority("", Why.FROZEN)


@pytest.mark.parametrize(
    ("found", "offered", "expected"),
    [
        (Band.UNDER_13, True, Authority("", Why.UNDER_13)),
        (Band.UNKNOWN, True, Authority("", Why.AGE_UNKNOWN)),
        (Band.TEEN, True, Authority("student_own_minor", Why.OWN_RECORD)),
        (Band.TEEN, False, Authority("", Why.NOT_OFFERED)),
        (Band.ADULT, False, Authority("eligible_student", Why.OWN_RECORD)),
        (Band.ADULT, True, Authority("eligible_student", Why.OWN_RECORD)),
    ],
)
def test_students_act_for_themselves_by_age_and_policy(found: Band, *, offered: bool, expected: Authority) -> None:
    assert own_authority(Student(CHILD, found), offered=offered) == expected
