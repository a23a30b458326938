"""What waits for a person at the office: shown to those who may act, and to nobody else."""

import re
from datetime import timedelta
from pathlib import Path
from uuid import UUID

import pytest
from desk_given import (
    AUDREY,
    ELENA,
    LUCIA,
    MARIGOLD,
    NEW,
    PLUM,
    PRIYA,
    ROSA,
    Clock,
    ask,
    at_the_desk,
    found,
    open_portal,
)
from sqlmodel import col, select, update
from starlette.testclient import TestClient

from rightsdesk.requests.agencies.agency import Colleague, Role
from rightsdesk.requests.agencies.store import Agencies, Staff
from rightsdesk.requests.cases.case import Approver, Case, Delivery, Kind
from rightsdesk.requests.cases.deciding import decide
from rightsdesk.requests.cases.effects import take_effect
from rightsdesk.requests.cases.routing import Wanted
from rightsdesk.requests.cases.ruling import Outcome, Ruling, mark
from rightsdesk.requests.cases.states import State
from rightsdesk.requests.fulfilment.mending.store import SourceTasks
from rightsdesk.requests.ledger.tables import AuditEventRow
from rightsdesk.web.effects import EFFECTS
from rightsdesk.web.jobs import Queue
from rightsdesk.web.portal import Portal
from rightsdesk.web.tables import JobRow

TASKS = "/office/marigold/tasks"


@pytest.fixture
def portal(data_folder: Path) -> Portal:
    return open_portal(data_folder, Clock())


@pytest.fixture
def rosa(portal: Portal) -> TestClient:
    return at_the_desk(portal, ROSA)


@pytest.fixture
def lead(portal: Portal) -> TestClient:
    theo = UUID(int=0x77)
    with portal.storage.write() as tx:
        colleague = Colleague(theo, "Theo Lind", "theo@marigold.example", frozenset({Role.LEAD}))
        Staff(tx, MARIGOLD.id, portal.vault.agency(MARIGOLD.id)).add(colleague, NEW)
    return at_the_desk(portal, theo)


def granted(portal: Portal, case: Case) -> Case:
    """Return a case after somebody said yes and the ten minutes passed, its work begun."""
    now = portal.now()
    with portal.storage.write() as tx:
        docket = portal.docket(tx, MARIGOLD, now)
        approver = Approver(PRIYA, frozenset({Role.APPROVER}), None, now)
        saw = tuple((one.element, mark(docket.live.read(case.subject, one.element))) for one in case.elements)
        decide(docket, approver, Ruling(case.reference, case.version, Outcome.APPROVE, saw=saw), now)
        take_effect(docket, case.id, now + timedelta(minutes=10))
    EFFECTS["fulfil"](portal, (str(MARIGOLD.id), str(case.id)))
    return found(portal, case.reference)


def corrected(portal: Portal) -> Case:
    return granted(portal, ask(portal))


def stuck(portal: Portal) -> Case:
    return granted(portal, ask(portal, wanted=(Wanted("school", "No such school"),)))


def given_up(portal: Portal, agency: UUID = MARIGOLD.id, kind: str = "mail_notice") -> int:
    """Return the number of a job that was tried eight times and given up."""
    with portal.storage.write() as tx:
        key = portal.draw(8).hex()
        portal.jobs.submit(tx, kind, key, str(agency), str(UUID(int=9)))
        tx.flush()
        values = {"dead_at": 1.0, "attempts": 8, "error": "MailRefused"}
        tx.exec(update(JobRow).where(col(JobRow.key) == key).values(**values))
        (number,) = tx.exec(select(JobRow.id).where(JobRow.key == key)).all()
    assert number is not None
    return number


def acts(portal: Portal) -> list[str]:
    with portal.storage.read() as tx:
        return list(tx.exec(select(AuditEventRow.kind).order_by(col(AuditEventRow.seq))).all())


def hidden(page: str, name: str) -> str:
    value = re.search(rf'name="{name}" value="([^"]+)"', page)
    assert value, name
    return value[1]


def test_a_source_that_still_says_the_old_value_is_shown_with_student_element_and_request(
    portal: Portal, rosa: TestClient
) -> None:
    case = corrected(portal)
    assert case.state is State.FULFILLED
    page = rosa.get(TASKS).text
    assert "The roster still says the old value" in page
    assert all(words in page for words in ("Lucía Delgado", "Last name", case.reference))
    assert "Tasks (1)" in page
    assert "Tasks (1)" in rosa.get("/office/marigold/people").text


def test_done_closes_the_task_and_is_written_down(portal: Portal, rosa: TestClient) -> None:
    corrected(portal)
    task = hidden(rosa.get(TASKS).text, "task")
    before = len(acts(portal))
    answer = rosa.post(TASKS, data={"do": "done", "task": task})
    assert "Saved." in answer.text
    assert "Nothing waits here." in answer.text
    assert acts(portal)[before:] == ["corrected"]
    assert rosa.post(TASKS, data={"do": "done", "task": task}).status_code == 404


def test_what_no_system_took_is_shown_in_words_and_tried_again(portal: Portal, rosa: TestClient) -> None:
    case = stuck(portal)
    assert case.state is State.FULFILLING
    page = rosa.get(TASKS).text
    assert "The system cannot take this value" in page
    assert "CannotWrite" not in page
    fields = {"do": "retry", "reference": case.reference, "version": hidden(page, "version")}
    answer = rosa.post(TASKS, data=fields)
    assert "It is tried again now." in answer.text
    assert [one.result for one in found(portal, case.reference).elements] == [""]
    assert acts(portal)[-1] == "retried"
    assert rosa.post(TASKS, data=fields).status_code == 409
    again = fields | {"version": str(case.version + 1)}
    assert rosa.post(TASKS, data=again).status_code == 409
    EFFECTS["fulfil"](portal, (str(MARIGOLD.id), str(case.id)))
    assert [one.attempts for one in found(portal, case.reference).elements] == [2]


def test_work_that_gave_up_is_shown_by_kind_and_error_and_runs_again(portal: Portal, rosa: TestClient) -> None:
    number = given_up(portal)
    page = rosa.get(TASKS).text
    assert all(words in page for words in ("Work that gave up", "Send a mail", "MailRefused", "<td>8</td>"))
    answer = rosa.post(TASKS, data={"do": "revive", "job": str(number)})
    assert "Nothing waits here." in answer.text
    assert acts(portal)[-1] == "retried"
    with portal.storage.quietly() as tx:
        (job,) = Queue(tx, "hand").claim(5)
    assert (job.id, job.attempts) == (number, 1)
    assert rosa.post(TASKS, data={"do": "revive", "job": str(number)}).status_code == 404


def test_another_agencys_work_and_the_operators_are_neither_shown_nor_revived(portal: Portal, rosa: TestClient) -> None:
    with portal.storage.write() as tx:
        Agencies(tx).add(PLUM, NEW)
    foreign = given_up(portal, PLUM.id)
    with portal.storage.write() as tx:
        portal.jobs.submit(tx, "sweep_jobs", "sweep")
        tx.flush()
        tx.exec(update(JobRow).where(col(JobRow.key) == "sweep").values(dead_at=1.0))
    page = rosa.get(TASKS).text
    assert "Nothing waits here." in page
    for job in (str(foreign), "0", "x", "9" * 30, ""):
        assert rosa.post(TASKS, data={"do": "revive", "job": job}).status_code == 404, job
    with portal.storage.read() as tx:
        assert set(tx.exec(select(JobRow.dead_at).where(JobRow.id == foreign)).all()) == {1.0}


def test_a_family_that_wants_to_see_it_at_the_school_is_listed(portal: Portal, rosa: TestClient) -> None:
    case = granted(portal, ask(portal, Kind.ACCESS, wanted=(), delivery=Delivery.OFFICE))
    assert case.state is State.FULFILLING
    page = rosa.get(TASKS).text
    assert "A family wants to see it at the school, or on paper" in page
    assert f'/desk/marigold/cases/{case.reference}"' in page


def test_a_lead_sees_tasks_and_no_other_page_of_the_office(portal: Portal, lead: TestClient) -> None:
    corrected(portal)
    page = lead.get(TASKS).text
    assert "Lucía Delgado" in page
    assert "/office/marigold/roster" not in page
    assert lead.get("/office/marigold/roster").status_code == 404
    assert f'href="{TASKS}"' in lead.get("/desk/marigold/cases").text


def test_the_short_addresses_lead_each_to_their_own_pages(portal: Portal, rosa: TestClient, lead: TestClient) -> None:
    assert [one.get("/office/marigold").url.path for one in (rosa, lead)] == ["/office/marigold/tasks"] * 2
    assert lead.get("/desk/marigold").url.path == "/desk/marigold/cases"
    assert at_the_desk(portal, AUDREY).get("/office/marigold").url.path == "/office/marigold/audit"


def test_approvers_and_auditors_see_no_tasks(portal: Portal) -> None:
    assert [at_the_desk(portal, who).get(TASKS).status_code for who in (PRIYA, AUDREY)] == [404, 404]
    assert "office.tasks" not in at_the_desk(portal, AUDREY).get("/office/marigold/audit").text


def test_nobody_sees_or_closes_a_task_about_their_own_family(portal: Portal) -> None:
    case, theo = stuck(portal), UUID(int=0x78)
    with portal.storage.write() as tx:
        SourceTasks(tx, MARIGOLD.id).open(UUID(int=5), LUCIA, "grade", case.reference, NEW)
        colleague = Colleague(theo, "Elena Delgado", "elena@marigold.example", frozenset({Role.LEAD}), person=ELENA)
        Staff(tx, MARIGOLD.id, portal.vault.agency(MARIGOLD.id)).add(colleague, NEW)
    mother = at_the_desk(portal, theo)
    assert case.reference not in mother.get(TASKS).text
    assert mother.post(TASKS, data={"do": "done", "task": str(UUID(int=5))}).status_code == 404
    fields = {"do": "retry", "reference": case.reference, "version": str(case.version)}
    assert mother.post(TASKS, data=fields).status_code == 404
    assert found(portal, case.reference) == case


@pytest.mark.parametrize("fields", [{}, {"do": "done", "task": "x"}, {"do": "retry", "reference": "MGD-2222-2222"}])
def test_what_nobody_offered_has_no_page_and_changes_nothing(
    portal: Portal, rosa: TestClient, fields: dict[str, str]
) -> None:
    before = acts(portal)
    assert rosa.post(TASKS, data=fields).status_code == 404
    assert acts(portal) == before
