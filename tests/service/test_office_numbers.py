"""The office saw the person: whose number it is stands beyond doubt from then on, and who said so is written down."""

import json
from datetime import datetime, timedelta
from pathlib import Path
from uuid import UUID, uuid4

import pytest
from family_given import ELENA, JORDAN, MARCUS, ROSA, TOM, given_families, given_phone, texts, wait
from given import MARIGOLD
from office_given import desk, hired
from sqlmodel import select
from starlette.testclient import TestClient

from rightsdesk.requests.agencies.agency import Role
from rightsdesk.requests.ledger.tables import AuditEventRow
from rightsdesk.requests.people.phones.store import Numbers
from rightsdesk.requests.people.tables import ContactRow, RestrictionRow
from rightsdesk.web.portal import Portal

DAY = timedelta(days=1)
SECOND = timedelta(seconds=1)
PHONES = {ELENA: "(212) 555-0142", TOM: "(212) 555-0147", ROSA: "(212) 555-0146"}
SAW = {"document": "passport", "seen": "yes"}


@pytest.fixture
def portal(tmp_path: Path) -> Portal:
    """Return a portal with families."""
    return given_families(tmp_path)


@pytest.fixture
def lead(portal: Portal) -> TestClient:
    """Return the browser of a lead."""
    return desk(portal, hired(portal, Role.LEAD))


def point(portal: Portal, person: UUID) -> ContactRow:
    with portal.storage.read() as tx:
        return tx.exec(select(ContactRow).where(ContactRow.person == person)).one()


def change(portal: Portal, person: UUID, **values: datetime | None) -> None:
    with portal.storage.write() as tx:
        row = tx.exec(select(ContactRow).where(ContactRow.person == person)).one()
        for name, value in values.items():
            setattr(row, name, value)
        tx.add(row)


def confirm(portal: Portal, browser: TestClient, person: UUID, **fields: str) -> str:
    told = {"contact": str(point(portal, person).id), **SAW, **fields}
    answer = browser.post(f"/office/marigold/people/{person}/number", data=told)
    return f"{answer.status_code} {answer.text}"


def lands(portal: Portal, person: UUID) -> str:
    """Return the last part of the path that a right code for this person's number leads to."""
    phone = given_phone(portal)
    phone.prove(PHONES[person])
    wait(portal, hours=1)
    return phone.path.rpartition("/")[2]


@pytest.mark.parametrize(
    ("confirmed", "replaced", "page"),
    [
        (179 * DAY, None, "ask"),
        (180 * DAY, None, "ask"),
        (180 * DAY + SECOND, None, "second-proof"),
        (181 * DAY, None, "second-proof"),
        (DAY, 6 * DAY, "second-proof"),
        (DAY, 7 * DAY - SECOND, "second-proof"),
        (DAY, 7 * DAY, "ask"),
        (DAY, 8 * DAY, "ask"),
    ],
    ids=["179 days", "180 days", "180 days and a second", "181 days", "6 days", "almost 7 days", "7 days", "8 days"],
)
def test_how_old_and_how_new_a_number_may_be(
    portal: Portal, confirmed: timedelta, replaced: timedelta | None, page: str
) -> None:
    now = portal.now()
    change(portal, ELENA, confirmed_at=now - confirmed, replaced_at=now - replaced if replaced else None)
    assert lands(portal, ELENA) == page


def test_whom_the_office_saw_needs_no_second_proof_however_old_or_new_the_number_is(
    portal: Portal, lead: TestClient
) -> None:
    change(portal, TOM, replaced_at=portal.now() - DAY)
    assert "Confirmed." in confirm(portal, lead, TOM)
    assert lands(portal, TOM) == "ask"
    wait(portal, days=179)
    assert lands(portal, TOM) == "ask"


def test_who_when_and_what_kind_of_paper_are_shown_and_recorded_and_nothing_else(
    portal: Portal, lead: TestClient
) -> None:
    page = confirm(portal, lead, TOM, document_number="X1234567")
    assert "Ines Ruiz saw the person on" in page
    assert "Passport" in page
    with portal.storage.read() as tx:
        (entry,) = tx.exec(select(AuditEventRow).where(AuditEventRow.kind == "number_confirmed")).all()
    assert (entry.actor[:6], entry.subject) == ("staff:", TOM)
    assert json.loads(entry.facts) == [["contact", str(point(portal, TOM).id)], ["document", "passport"]]


def test_it_is_not_undone_but_superseded_and_the_ledger_keeps_both(portal: Portal, lead: TestClient) -> None:
    confirm(portal, lead, TOM)
    wait(portal, days=3)
    other = desk(portal, hired(portal, Role.ADMINISTRATOR, name="Theo Lind"))
    page = confirm(portal, other, TOM, document="known")
    assert "Theo Lind saw the person" in page
    assert "Ines Ruiz saw" not in page
    assert other.post(f"/office/marigold/people/{TOM}/number", data={"do": "undo"}).status_code == 404
    with portal.storage.read() as tx:
        assert len(tx.exec(select(AuditEventRow).where(AuditEventRow.kind == "number_confirmed")).all()) == 2


def test_confirming_asks_for_the_second_factor_anew_when_the_last_one_is_five_minutes_old(
    portal: Portal, lead: TestClient
) -> None:
    wait(portal, minutes=5)
    told = {"contact": str(point(portal, TOM).id), **SAW}
    answer = lead.post(f"/office/marigold/people/{TOM}/number", data=told, follow_redirects=False)
    assert "/second-factor?" in answer.headers["location"]
    with portal.storage.read() as tx:
        assert tx.exec(select(AuditEventRow).where(AuditEventRow.kind == "number_confirmed")).all() == []


@pytest.mark.parametrize("missing", [{"seen": ""}, {"document": ""}, {"document": "hearsay"}])
def test_somebody_who_was_not_seen_confirms_nothing(portal: Portal, lead: TestClient, missing: dict[str, str]) -> None:
    answer = confirm(portal, lead, TOM, **missing)
    assert answer.startswith("422")
    assert answer.count("Choose what you saw, and say that you saw the person.") == 2, "in the summary and at the field"
    assert f'href="#document-{point(portal, TOM).id}"' in answer, "of the phone in question, should there be two"
    assert point(portal, TOM).vouched_at is None


@pytest.mark.parametrize("role", [Role.APPROVER, Role.SECOND_APPROVER, Role.AUDITOR, Role.HEARING_OFFICER])
def test_only_an_administrator_or_a_lead_confirms(portal: Portal, role: Role) -> None:
    assert confirm(portal, desk(portal, hired(portal, role)), TOM).startswith("404")
    assert point(portal, TOM).vouched_at is None


def test_the_number_of_somebody_else_is_not_confirmed_here(portal: Portal, lead: TestClient) -> None:
    other = str(point(portal, ELENA).id)
    assert confirm(portal, lead, TOM, contact=other).startswith("404")
    assert point(portal, ELENA).vouched_at is None


def test_nobody_confirms_a_number_of_their_own_family(portal: Portal) -> None:
    marcus = desk(portal, hired(portal, Role.ADMINISTRATOR, person=MARCUS))
    for person in (MARCUS, JORDAN):
        assert confirm(portal, marcus, person).startswith("404")


def test_a_number_of_people_of_different_standing_is_not_made_one_persons_by_seeing_one(
    portal: Portal, lead: TestClient
) -> None:
    assert lands(portal, ROSA) == "who"
    with portal.storage.write() as tx:
        order = {"kind": "court_order", "begins": portal.now().date(), "set_by": uuid4(), "set_at": portal.now()}
        tx.add(RestrictionRow(id=uuid4(), agency=MARIGOLD.id, guardian=ROSA, student=None, **order))
    confirm(portal, lead, ROSA)
    assert lands(portal, ROSA) == "second-proof"


def test_a_lead_sees_the_person_but_none_of_what_an_administrator_does(lead: TestClient) -> None:
    page = lead.get(f"/office/marigold/people/{JORDAN}").text
    assert "I have seen this person" in page
    assert not [words for words in ("Add a restriction", "Freeze now", "They want no calls") if words in page]
    assert lead.post(f"/office/marigold/people/{JORDAN}/freeze", data={"do": "freeze"}).status_code == 404


def test_the_office_notes_that_a_phone_wants_no_calls_and_lets_them_come_again(portal: Portal) -> None:
    office = desk(portal, hired(portal, Role.ADMINISTRATOR))
    act = f"/office/marigold/people/{ELENA}/codes"
    assert "wants no calls" in office.post(act, data={"do": "no_calls"}).text
    assert "wants no calls" not in office.post(act, data={"do": "calls"}).text
    with portal.storage.read() as tx:
        kinds = [row.kind for row in tx.exec(select(AuditEventRow).where(AuditEventRow.subject == ELENA))]
    assert [kind for kind in kinds if kind.startswith("calls")] == ["calls_stopped", "calls_allowed"]


def test_a_number_that_is_none_is_a_task_until_somebody_saw_to_it(portal: Portal, lead: TestClient) -> None:
    bad = point(portal, ELENA)
    with portal.storage.write() as tx:
        Numbers(tx, MARIGOLD, portal.vault.agency(MARIGOLD.id)).mark_unusable(bad.id, portal.now())
    page = lead.get("/office/marigold/tasks").text
    assert "A phone number does not work" in page
    assert "ending in 42" in page
    assert "Tasks (1)" in page
    assert texts(portal) == []
    after = lead.post("/office/marigold/tasks", data={"do": "mended", "contact": str(bad.id)}).text
    assert "A phone number does not work" not in after
    again = lead.post("/office/marigold/tasks", data={"do": "mended", "contact": str(bad.id)})
    assert again.status_code == 404


def test_a_new_number_of_the_person_closes_the_task_by_itself(portal: Portal, lead: TestClient) -> None:
    bad = point(portal, ELENA)
    with portal.storage.write() as tx:
        vault = portal.vault.agency(MARIGOLD.id)
        Numbers(tx, MARIGOLD, vault).mark_unusable(bad.id, portal.now())
        sealed = {"value": bad.value, "agency": MARIGOLD.id, "person": ELENA, "channel": "text"}
        tx.add(ContactRow(id=uuid4(), added_at=portal.now(), **sealed))
    assert "A phone number does not work" not in lead.get("/office/marigold/tasks").text


def test_the_own_family_of_staff_is_no_task_of_theirs(portal: Portal) -> None:
    with portal.storage.write() as tx:
        Numbers(tx, MARIGOLD, portal.vault.agency(MARIGOLD.id)).mark_unusable(point(portal, MARCUS).id, portal.now())
    marcus = desk(portal, hired(portal, Role.LEAD, person=MARCUS))
    assert "A phone number does not work" not in marcus.get("/office/marigold/tasks").text
    act = {"do": "mended", "contact": str(point(portal, MARCUS).id)}
    assert marcus.post("/office/marigold/tasks", data=act).status_code == 404
