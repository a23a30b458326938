"""Which laws govern, which date wins, which grounds fit, and what the letter must hold."""

from datetime import date

import pytest
from law_given import BERLIN, BOOK, CHICAGO, LONDON, LOS_ANGELES, NEW_YORK, noon

from rightsdesk.requests.law.clocks import Calendar, Due, Events
from rightsdesk.requests.law.errors import GroundDoesNotFit, UnknownLaw
from rightsdesk.requests.law.grounds import check_ground, ground_choices, shown
from rightsdesk.requests.law.notices import Outcome, notice_codes
from rightsdesk.requests.law.precedence import DISCRETION, Governing, due_dates, governing, reaching, rights_taken
from rightsdesk.requests.law.rows import Rule
from rightsdesk.requests.law.terms import GroundKind, Reach, RequesterKind, Right

PARENT = RequesterKind.PARENT
MINOR = RequesterKind.STUDENT_OWN_MINOR
CALIFORNIA = ("us-ferpa", "us-ca-edcode", "us-ca-ab1584")
NEW_YORK_SCHOOL = ("us-ferpa", "us-ny-2d")
ILLINOIS = ("us-ferpa", "us-il-issra", "us-il-soppa")
RECEIVED = noon(2026, 11, 23)


def governed(laws: tuple[str, ...], right: Right, who: RequesterKind = PARENT) -> Governing:
    return governing(BOOK, laws, right, who)


def dates(found: Governing, calendar: Calendar = NEW_YORK, agency_days: int = 45) -> tuple[Due, ...]:
    return due_dates(found, RECEIVED, calendar, Events(), BOOK, agency_days)


def fitting(found: Governing) -> set[str]:
    return {choice.ground.code for choice in ground_choices(found, BOOK) if choice.fits}


def codes(found: Governing, outcome: Outcome) -> list[tuple[str, str, bool]]:
    return [(one.law, one.code, one.must) for one in notice_codes(found, outcome, BOOK)]


def test_contract_rows_add_a_date_but_do_not_govern() -> None:
    found = governed(CALIFORNIA, Right.ACCESS)
    assert found.laws == ("us-ferpa", "us-ca-edcode")
    assert [rule.id for rule in found.contract] == ["us-ca-ab1584.access"]


def test_the_earliest_law_is_named_and_every_other_date_is_kept() -> None:
    found = dates(governed(CALIFORNIA, Right.ACCESS), LOS_ANGELES)
    assert [(one.rule_id, one.policy) for one in found] == [
        ("us-ca-edcode.access", False),
        ("us-ca-ab1584.access", True),
        ("us-ferpa.access", False),
    ]
    assert found[0].source.startswith("Cal. Educ. Code 49069.7(b)")


@pytest.mark.parametrize("laws", [("us-ferpa",), NEW_YORK_SCHOOL])
def test_a_deletion_in_a_ferpa_agency_is_taken_with_a_policy_date_of_45_days(laws: tuple[str, ...]) -> None:
    found = governed(laws, Right.ERASURE)
    assert found.discretionary
    first = dates(found)[0]
    assert (first.rule_id, first.on, first.policy) == ("us-ferpa.erasure", date(2027, 1, 7), True)


def test_where_no_row_speaks_at_all_the_agency_has_45_days_by_policy() -> None:
    only = dates(governed(("us-cipa",), Right.CORRECTION))
    assert [(one.rule_id, one.on, one.policy) for one in only] == [(DISCRETION, date(2027, 1, 7), True)]


def test_a_contract_alone_does_not_push_a_deletion_beyond_45_days() -> None:
    found = dates(governed(("us-tx",), Right.ERASURE))
    assert [one.rule_id for one in found] == [DISCRETION, "us-tx.erasure"]


def test_an_agency_may_shorten_a_policy_and_never_lengthen_it() -> None:
    found = governed(("us-ferpa",), Right.ERASURE)
    assert dates(found, agency_days=10)[0].on == date(2026, 12, 3)
    assert dates(found, agency_days=90) == dates(found)


def test_a_clock_that_another_event_starts_says_nothing_about_a_filed_request() -> None:
    found = governed(("us-ca-social",), Right.ERASURE)
    assert found.laws == ("us-ca-social",)
    assert [one.rule_id for one in dates(found)] == [DISCRETION]


def test_a_fifteen_year_old_has_no_ferpa_right_and_is_taken_all_the_same() -> None:
    found = governed(("us-ferpa",), Right.ACCESS, MINOR)
    assert found.discretionary
    assert [rule.law for rule in found.of_others] == ["us-ferpa"]
    assert dates(found)[0].policy


def test_one_person_may_be_several_kinds() -> None:
    both = governing(BOOK, ("us-ferpa", "us-coppa"), Right.ERASURE, {PARENT, RequesterKind.PARENT_OF_UNDER_13})
    assert both.laws == ("us-coppa",)
    assert governed(("us-ferpa", "us-coppa"), Right.ERASURE).laws == ()


def test_rights_used_at_a_public_office_are_not_decided_here() -> None:
    assert governed(("us-ferpa",), Right.COMPLAINT).laws == ()
    assert governed(("eu-gdpr",), Right.COMPLAINT, RequesterKind.DATA_SUBJECT).laws == ()


@pytest.mark.parametrize(
    ("laws", "who", "more"),
    [
        (("us-ferpa",), PARENT, [Right.OBJECTION]),
        (NEW_YORK_SCHOOL, PARENT, [Right.OBJECTION, Right.COMPLAINT]),
        (("eu-gdpr",), RequesterKind.DATA_SUBJECT, [Right.RESTRICTION, Right.OBJECTION]),
        (("uk-gdpr",), RequesterKind.DATA_SUBJECT, [Right.RESTRICTION, Right.OBJECTION, Right.COMPLAINT]),
    ],
)
def test_the_form_offers_three_rights_always_and_others_where_a_law_grants_them(
    laws: tuple[str, ...], who: RequesterKind, more: list[Right]
) -> None:
    assert rights_taken(BOOK, laws, who) == (Right.ACCESS, Right.CORRECTION, Right.ERASURE, *more)


def test_an_unknown_law_is_refused() -> None:
    with pytest.raises(UnknownLaw, match="us-atlantis"):
        governed(("us-atlantis",), Right.ACCESS)


def test_a_law_about_other_data_gives_no_right_and_takes_no_ground_away() -> None:
    laws = ("us-ferpa", "us-ppra", "us-idea", "us-il-soppa")
    assert "OTHER_STUDENT_DATA" not in fitting(governed(laws, Right.ACCESS))
    reached = reaching(BOOK, laws, {Reach.EDUCATION_RECORD, Reach.HELD_BY_OPERATOR})
    assert reached == ("us-ferpa", "us-il-soppa")
    assert "OTHER_STUDENT_DATA" in fitting(governed(reached, Right.ACCESS))


def test_england_counts_school_days_and_the_month_and_the_earlier_wins() -> None:
    both = governing(BOOK, ("uk-gdpr", "uk-eng-pupil"), Right.ACCESS, {PARENT, RequesterKind.PARENTAL_RESPONSIBILITY})
    assert [one.rule_id for one in dates(both, LONDON)] == ["uk-eng-pupil.access", "uk-gdpr.access"]


@pytest.mark.parametrize("rule", [rule for rule in BOOK.rules if rule.refusal_grounds], ids=lambda rule: rule.id)
def test_each_law_ground_a_rule_lists_fits_under_that_rule_alone(rule: Rule) -> None:
    denied = rule.unit == "no_right" or rule.binds_operator_only
    alone = Governing(rule.right, rules=() if denied else (rule,), no_right=(rule,) if denied else ())
    for code in rule.refusal_grounds:
        if BOOK.ground(code).kind is GroundKind.LAW:
            assert check_ground(code, alone, BOOK).code == code


def test_a_law_ground_must_be_known_to_every_governing_law() -> None:
    found = governed(ILLINOIS, Right.ACCESS)
    assert "FREQUENCY_LIMIT" not in fitting(found)
    assert "OTHER_STUDENT_DATA" in fitting(found)
    with pytest.raises(GroundDoesNotFit, match="FERPA, Illinois School Student Records Act"):
        check_ground("FREQUENCY_LIMIT", found, BOOK)


def test_the_quota_of_soppa_fits_under_soppa_alone() -> None:
    assert "FREQUENCY_LIMIT" in fitting(governed(("us-il-soppa",), Right.ACCESS))


def test_no_such_right_fits_only_where_no_law_gives_the_right() -> None:
    assert "NO_SUCH_RIGHT" in fitting(governed(("us-ferpa",), Right.ERASURE))
    with pytest.raises(GroundDoesNotFit, match="California Education Code"):
        check_ground("NO_SUCH_RIGHT", governed(CALIFORNIA, Right.ACCESS), BOOK)


def test_with_rows_of_no_right_one_that_knows_the_ground_is_enough() -> None:
    laws = ("us-ferpa", "us-fl")
    assert {"RETENTION_REQUIRED", "RETENTION_CONSENTED"} <= fitting(governed(laws, Right.ERASURE))
    assert "PUBLIC_TASK" not in fitting(governed(laws, Right.ERASURE))


def test_a_minor_without_a_right_may_be_told_what_the_laws_tell_a_parent() -> None:
    discretion = fitting(governed(("us-ferpa",), Right.ACCESS, MINOR))
    assert {"OTHER_STUDENT_DATA", "MINOR_NO_OWN_RIGHT", "NO_SUCH_RIGHT"} <= discretion
    assert "PUBLIC_TASK" not in discretion


def test_standing_and_fact_fit_under_any_law_listed_or_not() -> None:
    assert {"NOT_IDENTIFIED", "RIGHTS_TRANSFERRED", "NOT_HELD"} <= fitting(governed(("us-ppra",), Right.ACCESS))


def test_a_ground_that_only_routes_ends_no_request() -> None:
    found = governed(("us-ferpa",), Right.ERASURE)
    for code in ("PENDING_ACCESS_REQUEST", "VENDOR_NOT_DECIDER", "DUPLICATE"):
        with pytest.raises(GroundDoesNotFit, match="does not end it"):
            check_ground(code, found, BOOK)


def test_every_ground_is_offered_with_a_reason_when_it_does_not_fit() -> None:
    choices = ground_choices(governed(CALIFORNIA, Right.CORRECTION), BOOK)
    assert [choice.ground for choice in choices] == list(BOOK.grounds)
    assert all(choice.fits != bool(choice.why_not) for choice in choices)


@pytest.mark.parametrize("code", ["COURT_ORDER", "PROTECTION_ORDER"])
def test_an_order_on_file_always_reads_as_no_authority(code: str) -> None:
    assert shown(code, BOOK) == BOOK.ground("NO_AUTHORITY")


def test_a_ground_without_a_cover_reads_as_itself() -> None:
    assert shown("NOT_HELD", BOOK).code == "NOT_HELD"


def test_a_refused_correction_in_illinois_holds_the_union_under_each_law() -> None:
    assert codes(governed(ILLINOIS, Right.CORRECTION), Outcome.DENY) == [
        ("FERPA", "REASON", True),
        ("FERPA", "RIGHT_TO_HEARING", True),
        ("FERPA", "COMPLAINT_SPPO", False),
        ("Illinois School Student Records Act", "STATEMENT_OF_DISAGREEMENT", True),
        ("Illinois School Student Records Act", "APPEAL_REGIONAL_SUPERINTENDENT", True),
    ]


def test_a_code_that_one_law_demands_is_a_must_wherever_it_stands() -> None:
    assert ("FERPA", "REASON", True) in codes(governed(("us-ferpa", "us-il-issra"), Right.ACCESS), Outcome.DENY)
    assert ("FERPA", "REASON", True) in codes(governed(("us-ferpa",), Right.ERASURE), Outcome.DENY)


def test_a_refusal_gives_its_reason_also_where_no_law_speaks() -> None:
    assert codes(governed(("us-cipa",), Right.CORRECTION), Outcome.DENY) == [("", "REASON", True)]
    assert ("California social media law", "REASON", True) in codes(
        governed(("us-ca-social",), Right.ACCESS), Outcome.DENY
    )


def test_a_partial_answer_says_what_is_given_and_kept_under_every_law() -> None:
    found = codes(governed(("us-tx",), Right.ACCESS), Outcome.PARTIAL)
    assert found[:2] == [("Texas Education Code", "REASON", True), ("Texas Education Code", "PARTIAL_RELEASE", True)]


def test_new_york_access_asks_for_consent_to_electronic_delivery() -> None:
    found = codes(governed(NEW_YORK_SCHOOL, Right.ACCESS), Outcome.APPROVE)
    assert ("New York Education Law 2-d", "ELECTRONIC_CONSENT", True) in found


def test_only_laws_with_an_extension_speak_in_its_letter() -> None:
    found = codes(governed(ILLINOIS, Right.ACCESS), Outcome.EXTEND)
    assert found == [("Illinois School Student Records Act", "EXTENSION_REASON", True)]


def test_an_explanation_without_a_size_is_an_extension_letter_too() -> None:
    found = codes(governed(NEW_YORK_SCHOOL, Right.COMPLAINT), Outcome.EXTEND)
    assert found == [("New York Education Law 2-d", "EXTENSION_REASON", True)]
    assert codes(governed(("us-ferpa",), Right.ACCESS), Outcome.EXTEND) == [("", "EXTENSION_REASON", True)]


def test_a_late_answer_names_the_routes_of_every_governing_law() -> None:
    late = codes(governed(("eu-gdpr",), Right.ACCESS, RequesterKind.DATA_SUBJECT), Outcome.LATE)
    assert late == [("GDPR", "COMPLAINT_SA", True), ("GDPR", "JUDICIAL_REMEDY", True)]
    assert codes(governed(("us-ferpa",), Right.ERASURE), Outcome.LATE) == []


def test_a_referral_always_says_where_the_request_went() -> None:
    assert codes(governed(("us-ferpa",), Right.ACCESS), Outcome.REFER)[0][1:] == ("REFERRED_TO_AGENCY", True)


@pytest.mark.parametrize("rule", BOOK.rules, ids=lambda rule: rule.id)
def test_every_notice_a_rule_demands_is_in_its_refusal_with_a_source(rule: Rule) -> None:
    alone = Governing(rule.right, rules=(rule,))
    found = notice_codes(alone, Outcome.DENY, BOOK)
    assert {*rule.refusal_must_state} <= {one.code for one in found if one.must}
    assert all(one.citation for one in found)


def test_a_weekend_and_a_holiday_move_a_gdpr_date_in_a_mixed_list_too() -> None:
    found = governed(("eu-gdpr",), Right.ACCESS, RequesterKind.DATA_SUBJECT)
    holiday = Calendar(BERLIN.zone, frozenset({date(2026, 12, 23)}))
    assert dates(found, holiday)[0].on == date(2026, 12, 24)


def test_business_days_run_on_the_agencys_own_calendar() -> None:
    closed = Calendar(CHICAGO.zone, frozenset({date(2026, 11, 26), date(2026, 11, 27)}))
    assert dates(governed(("us-il-issra",), Right.ACCESS), closed)[0].on == date(2026, 12, 9)
