"""The clock is set back by an hour, or on by one, while the portal runs: nobody is locked out, nothing is early."""

from datetime import timedelta
from pathlib import Path

import pytest
from desk_given import MARIGOLD, MATEO, PRIYA, Clock, ask, at_the_desk, found, open_portal
from family_given import Phone, code_in, fix, given_families, given_phone, texts, wait
from package_given import TAKES_EFFECT, granted, made, opened, working
from sqlmodel import select

from rightsdesk.requests.cases.case import Kind
from rightsdesk.requests.cases.states import State
from rightsdesk.requests.fulfilment.errors import PackageNeedsProof
from rightsdesk.requests.fulfilment.packages import open_package
from rightsdesk.requests.ledger.tables import AuditEventRow
from rightsdesk.requests.ledger.verify import verify
from rightsdesk.web.effects import EFFECTS
from rightsdesk.web.portal import Portal

ELENA = "(212) 555-0142"


@pytest.fixture
def portal(tmp_path: Path) -> Portal:
    return given_families(tmp_path)


@pytest.fixture
def elena(portal: Portal) -> Phone:
    return given_phone(portal)


@pytest.mark.parametrize("hours", [-1, 1])
def test_a_code_that_was_on_its_way_still_opens_or_another_one_does(portal: Portal, elena: Phone, hours: int) -> None:
    elena.send("/marigold/phone", {"phone": ELENA})
    first = code_in(texts(portal)[-1])
    wait(portal, hours=hours)
    elena.send("/marigold/code", {"code": first})
    if hours < 0:
        assert elena.status == 200
        return
    wait(portal, minutes=1)
    elena.prove(ELENA)
    assert elena.status == 200


def test_somebody_who_asked_for_codes_before_the_clock_was_set_back_gets_another_at_once(
    portal: Portal, elena: Phone
) -> None:
    for _ in range(3):
        elena.send("/marigold/phone", {"phone": ELENA})
        texts(portal)
        wait(portal, minutes=2, seconds=5)
    wait(portal, hours=-1)
    sent = len(texts(portal))
    elena.send("/marigold/phone", {"phone": ELENA})
    assert len(texts(portal)) == sent + 1


def test_a_session_goes_on_and_the_ledger_stays_whole_and_in_its_order(portal: Portal, elena: Phone) -> None:
    elena.prove(ELENA)
    fix(elena)
    wait(portal, hours=-1)
    elena.open("/marigold/requests")
    assert elena.status == 200
    wait(portal, minutes=5)
    elena.send("/marigold/leave")
    with portal.storage.read() as tx:
        agency = tx.exec(select(AuditEventRow.agency)).first()
        assert agency is not None
        assert verify(tx, agency, portal.checkpoints).ok
        rows = tx.exec(select(AuditEventRow).order_by(AuditEventRow.seq)).all()
    assert [row.seq for row in rows] == list(range(1, len(rows) + 1))


@pytest.mark.parametrize(("hours", "leaves_after"), [(-1, 71), (0, 11)])
def test_a_held_decision_never_leaves_before_its_ten_minutes(data_folder: Path, hours: int, leaves_after: int) -> None:
    clock = Clock()
    portal = open_portal(data_folder, clock)
    case = ask(portal, Kind.ACCESS, subject=MATEO, wanted=(), details="")
    decision = f"/desk/marigold/cases/{case.reference}/decision"
    at_the_desk(portal, PRIYA).post(decision, data={"version": "1", "outcome": "approve"})
    clock.at += timedelta(hours=hours)
    before = clock.at
    for minutes in (5, leaves_after - 2):
        clock.at = before + timedelta(minutes=minutes)
        EFFECTS["take_effect"](portal, (str(MARIGOLD.id), str(case.id)))
        assert found(portal, case.reference).state is State.APPROVED
    clock.at = before + timedelta(minutes=leaves_after)
    EFFECTS["take_effect"](portal, (str(MARIGOLD.id), str(case.id)))
    assert found(portal, case.reference).state is State.FULFILLING


def test_a_proof_from_before_the_clock_was_set_back_opens_no_copy(data_folder: Path) -> None:
    portal = open_portal(data_folder, Clock())
    folder = portal.settings.packages
    case = granted(portal)
    made(portal, folder, case)
    assert opened(portal, folder, case)
    later = TAKES_EFFECT + timedelta(minutes=30)
    with pytest.raises(PackageNeedsProof), working(portal) as docket:
        open_package(docket, folder, case.requester, case.reference, later, TAKES_EFFECT)
