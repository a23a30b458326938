"""Staff accounts: who somebody is on the roster, and two people who are really two."""

from pathlib import Path
from uuid import UUID

import pytest
from desk_given import (
    DANA,
    JORDAN,
    LUCIA,
    MARCUS,
    MARIGOLD,
    PRIYA,
    ROSA,
    SAM,
    Clock,
    ask,
    at_the_desk,
    found,
    open_portal,
    person_id,
)
from starlette.testclient import TestClient

from rightsdesk.requests.agencies.agency import Colleague, Role
from rightsdesk.requests.agencies.store import Staff
from rightsdesk.requests.cases.case import Case, Kind
from rightsdesk.requests.cases.routing import Wanted
from rightsdesk.requests.cases.states import State
from rightsdesk.requests.ledger.journal.store import Journal
from rightsdesk.requests.people.tables import PersonIndexRow
from rightsdesk.web.portal import Portal

KIM = {"name": "Kim Bell", "email": "kim@marigold.example", "role": ["approver"], "do": "mail"}
OFFICE = "/office/marigold/staff"
ADD = f"{OFFICE}/new"


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def portal(data_folder: Path, clock: Clock) -> Portal:
    return open_portal(data_folder, clock)


@pytest.fixture
def rosa(portal: Portal) -> TestClient:
    return at_the_desk(portal, ROSA)


def staff(portal: Portal) -> dict[str, Colleague]:
    with portal.storage.read() as tx:
        return {one.email: one for one in Staff(tx, MARIGOLD.id, portal.vault.agency(MARIGOLD.id)).every()}


def mailed(portal: Portal, *people: UUID) -> None:
    """Put the new colleague's e-mail on the record of these people."""
    with portal.storage.write() as tx:
        index = portal.vault.agency(MARIGOLD.id).index("email", KIM["email"])
        tx.add_all(PersonIndexRow(agency=MARIGOLD.id, purpose="email", value=index, person=one) for one in people)


def facts(portal: Portal, kind: str) -> list[str]:
    with portal.storage.read() as tx:
        return [dict(one.facts).get("person", "") for one in Journal(tx, MARIGOLD.id).every(kind, "")]


# Who they are on the roster.


def test_nobody_is_added_before_it_is_said_who_they_are_on_the_roster(portal: Portal, rosa: TestClient) -> None:
    asked = rosa.post(ADD, data=KIM)
    assert (asked.status_code, KIM["email"] in staff(portal)) == (422, False)
    assert "Who is Kim Bell on the roster?" in asked.text
    rosa.post(ADD, data=KIM | {"person": "none"})
    assert staff(portal)[KIM["email"]].person is None
    assert facts(portal, "staff_added") == ["none"]


def test_a_search_finds_adults_only_and_the_chosen_one_never_reads_about_their_child(
    portal: Portal, rosa: TestClient
) -> None:
    page = rosa.post(ADD, data=KIM | {"do": "find", "roster": "Bell"}).text
    assert (str(MARCUS) in page, str(JORDAN) in page) == (True, False)
    rosa.post(ADD, data=KIM | {"person": str(MARCUS)})
    case = ask(portal, Kind.ACCESS, requester=MARCUS, subject=JORDAN, wanted=())
    kim = at_the_desk(portal, staff(portal)[KIM["email"]].id)
    assert kim.get(f"/desk/marigold/cases/{case.reference}").status_code == 404
    assert facts(portal, "staff_added") == ["linked"]


@pytest.mark.parametrize(("people", "is_proposed"), [((MARCUS,), True), ((MARCUS, JORDAN), True), ((), False)])
def test_the_one_adult_with_the_same_e_mail_is_proposed(
    portal: Portal, rosa: TestClient, people: tuple[UUID, ...], *, is_proposed: bool
) -> None:
    mailed(portal, *people)
    page = rosa.post(ADD, data=KIM).text
    assert (f'value="{MARCUS}" checked' in page) is is_proposed


def test_two_adults_with_the_same_e_mail_propose_nobody(portal: Portal, rosa: TestClient) -> None:
    mailed(portal, MARCUS, person_id(1))
    page = rosa.post(ADD, data=KIM).text
    assert "checked" not in page.split('id="person"')[1].split("</fieldset>")[0]


def test_a_colleague_is_tied_later_by_another_but_never_by_themselves(portal: Portal, rosa: TestClient) -> None:
    page = rosa.post(f"{OFFICE}/{DANA}/change", data={"do": "find", "roster": "Marcus"}).text
    assert (str(MARCUS) in page, "Who is Dana Wu on the roster?" in page) == (True, True)
    rosa.post(f"{OFFICE}/{DANA}/change", data={"do": "person", "person": str(MARCUS)})
    assert staff(portal)["dana@marigold.example"].person == MARCUS
    assert "<td>Marcus Bell</td>" in rosa.get(OFFICE).text
    assert facts(portal, "role_changed") == ["linked"]
    own = rosa.post(f"{OFFICE}/{ROSA}/change", data={"do": "person", "person": str(MARCUS)})
    assert (own.status_code, staff(portal)["rosa@marigold.example"].person) == (422, None)


def test_nobody_is_tied_to_a_person_who_is_not_on_the_record(portal: Portal, rosa: TestClient) -> None:
    answer = rosa.post(ADD, data=KIM | {"person": str(person_id(999))})
    assert (answer.status_code, KIM["email"] in staff(portal)) == (404, False)


# Two people who are really two.


def proposed_by(portal: Portal, who: UUID) -> Case:
    case = ask(portal, Kind.ERASURE, wanted=(Wanted("picture", ""),), subject=LUCIA)
    data = {"version": "1", "outcome": "approve"}
    at_the_desk(portal, who).post(f"/desk/marigold/cases/{case.reference}/decision", data=data)
    assert found(portal, case.reference).state is State.AWAITING_SECOND_APPROVAL
    return case


def confirm(portal: Portal, who: UUID, case: Case) -> tuple[int, State]:
    data = {"version": "2", "outcome": "approve"}
    answer = at_the_desk(portal, who).post(f"/desk/marigold/cases/{case.reference}/decision", data=data)
    return answer.status_code, found(portal, case.reference).state


def test_whoever_added_an_account_is_no_second_person_beside_it(portal: Portal, rosa: TestClient) -> None:
    rosa.post(ADD, data=KIM | {"person": "none"})
    kim, case = staff(portal)[KIM["email"]].id, proposed_by(portal, ROSA)
    assert confirm(portal, kim, case) == (403, State.AWAITING_SECOND_APPROVAL)
    assert confirm(portal, PRIYA, case) == (200, State.APPROVED)


@pytest.mark.parametrize("lost", ["password", "app", "join"])
@pytest.mark.parametrize(("proposer", "second"), [(ROSA, DANA), (DANA, ROSA)])
def test_whoever_reset_an_account_is_no_second_person_beside_it(
    portal: Portal, rosa: TestClient, lost: str, proposer: UUID, second: UUID
) -> None:
    rosa.post(f"{OFFICE}/{DANA}/sign-in", data={"do": "mail", "lost": lost})
    case = proposed_by(portal, proposer)
    assert confirm(portal, second, case) == (403, State.AWAITING_SECOND_APPROVAL)


def test_two_accounts_that_one_colleague_reset_are_not_two_people(portal: Portal, rosa: TestClient) -> None:
    for who in (DANA, PRIYA):
        rosa.post(f"{OFFICE}/{who}/sign-in", data={"do": "print", "lost": "join"})
    assert confirm(portal, PRIYA, proposed_by(portal, DANA)) == (403, State.AWAITING_SECOND_APPROVAL)


def test_a_chain_of_resets_that_one_colleague_began_makes_no_second_person(portal: Portal, rosa: TestClient) -> None:
    with portal.storage.write() as tx:
        Staff(tx, MARIGOLD.id, portal.vault.agency(MARIGOLD.id)).set_roles(DANA, [Role.LEAD])
    rosa.post(f"{OFFICE}/{DANA}/sign-in", data={"do": "print", "lost": "join"})
    at_the_desk(portal, DANA).post(f"{OFFICE}/{PRIYA}/sign-in", data={"do": "print", "lost": "join"})
    assert confirm(portal, PRIYA, proposed_by(portal, ROSA)) == (403, State.AWAITING_SECOND_APPROVAL)


def test_whom_one_administrator_added_are_two_people_still(portal: Portal, rosa: TestClient) -> None:
    for email in ("kim@marigold.example", "lee@marigold.example"):
        rosa.post(ADD, data=KIM | {"email": email, "person": "none"})
    kim, lee = (staff(portal)[f"{one}@marigold.example"].id for one in ("kim", "lee"))
    assert confirm(portal, lee, proposed_by(portal, kim)) == (200, State.APPROVED)


def test_two_accounts_of_one_person_on_the_roster_are_not_two_people(portal: Portal, rosa: TestClient) -> None:
    for who in (DANA, PRIYA):
        rosa.post(f"{OFFICE}/{who}/change", data={"do": "person", "person": str(MARCUS)})
    assert confirm(portal, PRIYA, proposed_by(portal, DANA)) == (403, State.AWAITING_SECOND_APPROVAL)


@pytest.mark.parametrize("role", ["approver", "lead", "second_approver"])
def test_nobody_gives_themselves_a_role_that_decides(portal: Portal, rosa: TestClient, role: str) -> None:
    with portal.storage.write() as tx:
        store = Staff(tx, MARIGOLD.id, portal.vault.agency(MARIGOLD.id))
        store.set_roles(ROSA, [Role.ADMINISTRATOR])
        store.set_roles(SAM, [Role.ADMINISTRATOR])
    both = {"do": "roles", "role": ["administrator", role]}
    refused = rosa.post(f"{OFFICE}/{ROSA}/change", data=both)
    assert (refused.status_code, "Another administrator must do it." in refused.text) == (422, True)
    assert staff(portal)["rosa@marigold.example"].roles == {Role.ADMINISTRATOR}
    at_the_desk(portal, SAM).post(f"{OFFICE}/{ROSA}/change", data=both)
    assert staff(portal)["rosa@marigold.example"].roles == {Role.ADMINISTRATOR, Role(role)}
