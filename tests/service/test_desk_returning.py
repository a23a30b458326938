"""A deletion stopped, a request opened again, and a family that saw the data at the school: at the desk."""

from datetime import timedelta
from pathlib import Path

import pytest
from desk_given import (
    AUDREY,
    DANA,
    ELENA,
    JORDAN,
    LUCIA,
    MARIGOLD,
    PRIYA,
    ROSA,
    SAM,
    Clock,
    ask,
    at_the_desk,
    found,
    open_portal,
)
from sqlmodel import select
from starlette.testclient import TestClient

from rightsdesk.requests.cases.case import Approver, Case, Delivery, Kind
from rightsdesk.requests.cases.routing import Wanted
from rightsdesk.requests.cases.states import State
from rightsdesk.requests.cases.tables import NoticeRow
from rightsdesk.requests.fulfilment.disclosures import every_disclosure
from rightsdesk.requests.fulfilment.handing_over import hand_over
from rightsdesk.requests.people.tables import GuardianshipRow
from rightsdesk.web.effects import EFFECTS
from rightsdesk.web.portal import Portal

WHY = "The school asked us to look at it once more."
PICTURE = (Wanted("picture", ""),)


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def portal(data_folder: Path, clock: Clock) -> Portal:
    return open_portal(data_folder, clock)


@pytest.fixture
def rosa(portal: Portal) -> TestClient:
    return at_the_desk(portal, ROSA)


@pytest.fixture
def priya(portal: Portal) -> TestClient:
    return at_the_desk(portal, PRIYA)


def one(case: Case, act: str = "") -> str:
    return f"/desk/marigold/cases/{case.reference}{act and '/' + act}"


def effect(portal: Portal, kind: str, case: Case) -> Case:
    EFFECTS[kind](portal, (str(MARIGOLD.id), str(case.id)))
    return found(portal, case.reference)


def answered(portal: Portal, clock: Clock, case: Case, **ruling: str) -> Case:
    """Return a case whose answer, a yes unless told otherwise, has left."""
    for who in (PRIYA, DANA) if case.kind is Kind.ERASURE else (PRIYA,):
        version = str(found(portal, case.reference).version)
        fields = {"version": version, "outcome": "approve"} | ruling
        assert at_the_desk(portal, who).post(one(case, "decision"), data=fields).status_code == 200
    clock.at += timedelta(minutes=10)
    return effect(portal, "take_effect", case)


def deleting(portal: Portal, clock: Clock) -> Case:
    return answered(portal, clock, ask(portal, Kind.ERASURE, wanted=PICTURE))


def at_school(portal: Portal, clock: Clock) -> Case:
    case = ask(portal, Kind.ACCESS, wanted=(), delivery=Delivery.OFFICE)
    return effect(portal, "fulfil", answered(portal, clock, case))


def refused(portal: Portal, clock: Clock) -> Case:
    return answered(portal, clock, ask(portal), outcome="deny", ground="ACCURATE", text=WHY)


def sent(case: Case, **fields: str) -> dict[str, str]:
    return {"version": str(case.version), "text": WHY} | fields


def told(portal: Portal) -> set[str]:
    with portal.storage.read() as tx:
        return set(tx.exec(select(NoticeRow.kind)).all())


def test_a_deletion_is_stopped_on_its_page_and_the_family_reads_why(
    portal: Portal, clock: Clock, priya: TestClient
) -> None:
    case = deleting(portal, clock)
    assert "Stop it and look at it again" in priya.get(one(case)).text
    answer = priya.post(one(case, "stop"), data=sent(case))
    assert "Stopped. Nothing is deleted, and the family is told." in answer.text
    assert WHY in answer.text
    assert "Deletion stopped, Priya Nair" in answer.text
    assert found(portal, case.reference).state is State.IN_REVIEW
    assert "STOPPED" in told(portal)


def test_too_few_words_keep_the_form_open_with_what_was_typed(portal: Portal, clock: Clock, priya: TestClient) -> None:
    case = deleting(portal, clock)
    answer = priya.post(one(case, "stop"), data=sent(case, text="Not yet"))
    assert answer.status_code == 422
    assert "Explain it to the family in 20 letters or more." in answer.text
    assert 'href="#why"' in answer.text
    assert ">Not yet</textarea>" in answer.text
    assert found(portal, case.reference) == case


def test_what_moved_on_is_told_and_the_words_are_kept(portal: Portal, clock: Clock, priya: TestClient) -> None:
    case = deleting(portal, clock)
    answer = priya.post(one(case, "stop"), data=sent(case, version=str(case.version - 1)))
    assert (answer.status_code, WHY in answer.text) == (409, True)


def test_a_deletion_is_not_offered_to_be_stopped_before_it_was_granted(portal: Portal, priya: TestClient) -> None:
    assert "Stop the deletion" not in priya.get(one(ask(portal, Kind.ERASURE, wanted=PICTURE))).text


def test_an_administrator_opens_a_closed_request_again(portal: Portal, clock: Clock, rosa: TestClient) -> None:
    case = refused(portal, clock)
    assert "Open this request again" in rosa.get(one(case)).text
    answer = rosa.post(one(case, "reopen"), data=sent(case))
    assert "Open again. The family is told." in answer.text
    again = found(portal, case.reference)
    assert (again.state, again.due_on) == (State.IN_REVIEW, case.due_on)
    assert "REOPENED" in told(portal)


def test_an_approver_is_not_offered_to_open_again_and_may_not(portal: Portal, clock: Clock, priya: TestClient) -> None:
    case = refused(portal, clock)
    assert "Open this request again" not in priya.get(one(case)).text
    assert priya.post(one(case, "reopen"), data=sent(case)).status_code == 404


def test_after_ninety_days_it_is_not_offered_and_refused(portal: Portal, clock: Clock) -> None:
    case = refused(portal, clock)
    clock.at += timedelta(days=91)
    rosa = at_the_desk(portal, ROSA)
    assert "Open this request again" not in rosa.get(one(case)).text
    assert rosa.post(one(case, "reopen"), data=sent(case)).status_code == 409


def test_without_consent_no_copy_is_made_and_the_desk_notes_that_they_saw_it(
    portal: Portal, clock: Clock, priya: TestClient
) -> None:
    case = at_school(portal, clock)
    assert case.state is State.FULFILLING
    assert list(portal.settings.packages.rglob("*.sealed")) == []
    assert "The family saw it, or was given paper" in priya.get(one(case)).text
    answer = priya.post(one(case, "hand-over"), data=sent(case))
    assert "Noted. The request is done." in answer.text
    done = found(portal, case.reference)
    assert (done.state, {each.result for each in done.elements}) == (State.FULFILLED, {"office"})
    assert "READY" not in told(portal)
    with portal.storage.read() as tx:
        (release,) = every_disclosure(portal.docket(tx, MARIGOLD, clock.at), LUCIA)
    assert (release.recipient_kind, release.at) == ("parent", clock.at)
    assert set(release.elements) == set(done.touching())
    assert priya.post(one(done, "hand-over"), data=sent(done)).status_code == 409


def test_nothing_is_handed_over_when_the_right_to_act_ended(portal: Portal, clock: Clock, priya: TestClient) -> None:
    case = at_school(portal, clock)
    with portal.storage.write() as tx:
        (link,) = tx.exec(select(GuardianshipRow).where(GuardianshipRow.student == LUCIA)).all()
        link.is_active = False
        tx.add(link)
    assert priya.post(one(case, "hand-over"), data=sent(case)).status_code == 403
    assert found(portal, case.reference) == case


def test_auditors_hand_over_nothing_and_nobody_does_for_their_own_child(portal: Portal, clock: Clock) -> None:
    case = at_school(portal, clock)
    assert at_the_desk(portal, AUDREY).post(one(case, "hand-over"), data=sent(case)).status_code == 404
    mother = Approver(SAM, frozenset({"approver"}), ELENA, clock.at)
    with portal.storage.write() as tx, pytest.raises(Exception, match="own family"):
        hand_over(portal.docket(tx, MARIGOLD, clock.at), mother, case.reference, case.version, clock.at)


def test_a_request_that_gets_a_copy_online_is_not_offered_to_be_handed_over(
    portal: Portal, clock: Clock, priya: TestClient
) -> None:
    case = answered(portal, clock, ask(portal, Kind.ACCESS, wanted=()))
    assert "was given paper" not in priya.get(one(case)).text
    assert priya.post(one(case, "hand-over"), data=sent(case)).status_code == 409


def test_a_request_to_which_no_law_gives_a_right_is_shown_with_the_agencys_own_date(
    portal: Portal, priya: TestClient
) -> None:
    case = ask(portal, Kind.ACCESS, requester=JORDAN, subject=JORDAN, wanted=())
    page = priya.get(one(case))
    assert (page.status_code, case.due_rule.partition(".")[0]) == (200, "agency")
    assert case.reference in priya.get("/desk/marigold/cases").text
