"""Who answers: computed from the owner of each element, never chosen."""

import pytest

from rightsdesk.requests.agencies.catalogue import CATALOGUE, Owner, correctable, erasable
from rightsdesk.requests.cases.case import Kind
from rightsdesk.requests.cases.errors import BadFiling
from rightsdesk.requests.cases.routing import Wanted, shares

OWN = "files", "credentials"


def split(kind: Kind, *elements: str, own: bool = False, proposed: str = "") -> dict[Owner, list[str]]:
    found = shares(kind, [Wanted(one, proposed) for one in elements], own_record=own)
    return {share.owner: [one.element for one in share.wanted] for share in found}


@pytest.mark.parametrize("own", [True, False])
def test_a_request_to_see_covers_all_that_is_kept_and_the_agency_answers(*, own: bool) -> None:
    everything = [one for one in CATALOGUE if one != "account"]
    assert split(Kind.ACCESS, own=own) == {Owner.AGENCY: everything}
    assert split(Kind.ACCESS, "grade", own=own) == {Owner.AGENCY: everything}


@pytest.mark.parametrize("element", [one.id for one in correctable()])
@pytest.mark.parametrize("own", [True, False])
def test_a_correction_is_the_agencys_to_answer(element: str, *, own: bool) -> None:
    assert split(Kind.CORRECTION, element, own=own, proposed="x") == {Owner.AGENCY: [element]}


@pytest.mark.parametrize("element", [one.id for one in erasable()])
def test_what_a_student_added_is_theirs_to_delete_and_a_parents_wish_is_the_agencys_to_answer(element: str) -> None:
    assert split(Kind.ERASURE, element) == {Owner.AGENCY: [element]}
    owner = Owner.SELF if element in OWN else Owner.AGENCY
    assert split(Kind.ERASURE, element, own=True) == {owner: [element]}


def test_two_owners_answer_two_shares_and_the_agency_comes_first() -> None:
    found = split(Kind.ERASURE, "files", "picture", "credentials", "apps", own=True)
    assert list(found.items()) == [(Owner.AGENCY, ["picture", "apps"]), (Owner.SELF, ["files", "credentials"])]


@pytest.mark.parametrize("element", sorted(set(CATALOGUE) - {one.id for one in correctable()}))
def test_what_is_not_corrected_here_cannot_be_asked(element: str) -> None:
    with pytest.raises(BadFiling, match="cannot be changed on this page"):
        split(Kind.CORRECTION, element, proposed="x")


@pytest.mark.parametrize("element", sorted(set(CATALOGUE) - {one.id for one in erasable()}))
def test_what_must_be_kept_cannot_be_asked_to_go(element: str) -> None:
    with pytest.raises(BadFiling, match="must be kept by law"):
        split(Kind.ERASURE, element)


@pytest.mark.parametrize(("kind", "proposed"), [(Kind.CORRECTION, "x"), (Kind.ERASURE, "")])
def test_nothing_and_the_unknown_are_refused(kind: Kind, proposed: str) -> None:
    with pytest.raises(BadFiling, match="at least one thing"):
        split(kind)
    with pytest.raises(BadFiling, match="not known here"):
        split(kind, "shoe_size", proposed=proposed)


@pytest.mark.parametrize("blank", ["", " ", "\n\t"])
def test_a_correction_says_what_it_should_be(blank: str) -> None:
    with pytest.raises(BadFiling, match="Write what it should say"):
        split(Kind.CORRECTION, "grade", proposed=blank)


def test_an_element_named_twice_is_asked_once() -> None:
    assert split(Kind.ERASURE, "picture", "picture") == {Owner.AGENCY: ["picture"]}
    with pytest.raises(BadFiling, match="two different things"):
        shares(Kind.CORRECTION, [Wanted("grade", "7"), Wanted("grade", "8")], own_record=False)
