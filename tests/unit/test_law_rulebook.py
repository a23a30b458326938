"""The law files: complete, sourced, and refused as soon as one code leads nowhere."""

from dataclasses import replace

import pytest
from law_given import BOOK

from rightsdesk.requests.law.errors import RulesBroken, UnknownLaw
from rightsdesk.requests.law.reading import read
from rightsdesk.requests.law.rows import Ground, Jurisdiction, Rule
from rightsdesk.requests.law.rulebook import Rulebook, checked, load
from rightsdesk.requests.law.terms import RequesterKind

FERPA = BOOK.law("us-ferpa")
A_RULE = FERPA.rules[0]


def with_rules(*rules: Rule) -> Rulebook:
    return replace(BOOK, laws=(replace(FERPA, rules=rules),))


def test_the_rulebook_holds_every_law_rule_ground_notice_and_requester() -> None:
    counts = (len(BOOK.laws), len(BOOK.rules), len(BOOK.grounds), len(BOOK.notices), len(BOOK.requesters))
    assert counts == (22, 105, 38, 32, 17)


@pytest.mark.parametrize("rule", BOOK.rules, ids=lambda rule: rule.id)
def test_each_rule_has_a_source_a_certainty_and_a_duty(rule: Rule) -> None:
    assert rule.citation.strip()
    assert rule.certainty
    assert rule.duty.strip()


def test_what_rests_on_more_than_memory_says_on_what() -> None:
    assert [rule.id for rule in BOOK.rules if rule.certainty != "memory" and not rule.basis] == []


@pytest.mark.parametrize("law", BOOK.laws, ids=lambda law: law.code)
def test_each_law_has_a_short_name_for_its_letters(law: Jurisdiction) -> None:
    assert 3 < len(law.short) <= 50


def test_each_requester_kind_is_explained_once() -> None:
    assert {requester.code for requester in BOOK.requesters} == set(RequesterKind)


def test_the_version_is_the_same_until_a_file_changes() -> None:
    assert len(BOOK.version) == 12
    assert load().version == BOOK.version


def test_a_rule_without_a_citation_is_refused() -> None:
    with pytest.raises(RulesBroken, match=f"{A_RULE.id} has no citation"):
        checked(with_rules(replace(A_RULE, citation=" ")))


def test_an_id_that_occurs_twice_is_refused() -> None:
    with pytest.raises(RulesBroken, match=f"{A_RULE.id} occurs twice"):
        checked(with_rules(A_RULE, A_RULE))


def test_a_ground_that_occurs_twice_is_refused() -> None:
    with pytest.raises(RulesBroken, match="NOT_HELD occurs twice"):
        checked(replace(BOOK, grounds=(*BOOK.grounds, BOOK.ground("NOT_HELD"))))


@pytest.mark.parametrize(
    "field",
    ["refusal_grounds", "refusal_must_state", "refusal_should_state", "approval_must_state", "approval_should_state"],
)
def test_a_code_that_leads_nowhere_is_refused(field: str) -> None:
    with pytest.raises(RulesBroken, match="unknown NO_SUCH_CODE"):
        checked(with_rules(replace(A_RULE, **{field: ("NO_SUCH_CODE",)})))


def test_a_laws_own_notice_that_leads_nowhere_is_refused() -> None:
    with pytest.raises(RulesBroken, match="us-ferpa names an unknown NO_SUCH_CODE"):
        checked(replace(BOOK, laws=(replace(FERPA, late_must_state=("NO_SUCH_CODE",)),)))


def test_a_rule_in_another_laws_file_is_refused() -> None:
    with pytest.raises(RulesBroken, match=r"us-tx\.access stands in the file of us-ferpa"):
        checked(with_rules(BOOK.rule("us-tx.access")))


def test_a_ground_shown_as_an_unknown_one_is_refused() -> None:
    odd = replace(BOOK.ground("COURT_ORDER"), shown_as="NOBODY_KNOWS")
    with pytest.raises(RulesBroken, match="NOBODY_KNOWS"):
        checked(replace(BOOK, grounds=(*BOOK.grounds[1:], odd)))


@pytest.mark.parametrize(
    ("entry", "wrong"),
    [
        ({"code": "X", "kind": "law"}, "text"),
        ({"code": "X", "kind": "law", "text": "x", "colour": "red"}, "colour"),
        ({"code": "X", "kind": "mood", "text": "x"}, "mood"),
        ({"code": "X", "kind": "law", "text": 7}, "7"),
    ],
)
def test_an_entry_that_is_not_understood_is_refused_by_name(entry: dict[str, object], wrong: str) -> None:
    with pytest.raises(RulesBroken, match=f"here: .*{wrong}|here, .*{wrong}"):
        read(Ground, entry, "here")


def test_true_is_no_number_of_days() -> None:
    entry = {"id": "a.b", "right": "access", "duty": "d", "citation": "c", "certainty": "text", "deadline": True}
    with pytest.raises(RulesBroken, match="deadline"):
        read(Rule, entry, "here")


def test_what_the_rulebook_does_not_hold_is_named() -> None:
    for look in (BOOK.law, BOOK.rule, BOOK.ground, BOOK.notice):
        with pytest.raises(UnknownLaw, match="us-nowhere"):
            look("us-nowhere")
