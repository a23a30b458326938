"""What may stand in a ledger that is never erased."""

import pytest
from ledger_given import SUBJECT

from rightsdesk.requests.ledger.audit import Event, Kind


@pytest.mark.parametrize(
    "value", ["approved", "NO_AUTHORITY", "17", "2026-03-02", str(SUBJECT), "roster.v2", "SM" + "0af3" * 8, ""]
)
def test_codes_ids_and_counts_are_facts(value: str) -> None:
    assert Event(Kind.DECIDED, "system", facts=(("outcome", value),)).facts[0][1] == value


@pytest.mark.parametrize(
    "value",
    ["Maria", "maria lopez", "m@example.org", "+12125550100", "2125550100", "212-555-0100", "212.555.0100",
     "José", "a" * 81, "line\nbreak", "x\n"],
)  # fmt: skip
def test_what_may_be_personal_is_refused_and_not_repeated(value: str) -> None:
    with pytest.raises(ValueError, match="short code") as refusal:
        Event(Kind.DECIDED, "system", facts=(("outcome", value),))
    assert value not in str(refusal.value)


@pytest.mark.parametrize("actor", ["Maria", "staff:maria", "staff:", "root", f"guardian:{SUBJECT}"])
def test_an_actor_is_an_id_or_one_of_three_words(actor: str) -> None:
    with pytest.raises(ValueError, match="actor"):
        Event(Kind.FILED, actor)


def test_requesters_staff_and_programs_act() -> None:
    actors = ("system", "operator", "unknown", f"staff:{SUBJECT}", f"requester:{SUBJECT}")
    assert [Event(Kind.FILED, actor).actor for actor in actors] == list(actors)


@pytest.mark.parametrize("case", ["Maria Lopez", "mgd-7k3f", "X" * 25])
def test_a_case_is_named_by_its_reference(case: str) -> None:
    with pytest.raises(ValueError, match="reference"):
        Event(Kind.FILED, "system", case=case)
