"""What is over its time goes, day by day; a look changes nothing; both stand in the ledger."""

from dataclasses import replace
from datetime import datetime, timedelta
from pathlib import Path

import pytest
from fulfilment_given import BO, EVA, District, a_district
from sqlmodel import SQLModel, select

from rightsdesk.requests.cases.case import Case, Kind
from rightsdesk.requests.cases.evidence import Clean, keep
from rightsdesk.requests.cases.tables import EvidenceRow, NoticeRow
from rightsdesk.requests.cases.withdrawing import withdraw
from rightsdesk.requests.ledger.tables import AuditEventRow
from rightsdesk.requests.people.tables import RosterProblemRow, RosterRunRow
from rightsdesk.requests.stewardship.retention import ADDRESSES, EVIDENCE, PROBLEMS, Run, Swept, sweep
from rightsdesk.web.duties import DUTIES
from rightsdesk.web.effects import EFFECTS

NOTHING = Swept(0, 0, 0)


@pytest.fixture
def district(data_folder: Path) -> District:
    return a_district(data_folder)


def swept(district: District, run: Run = Run.REMOVE) -> Swept:
    with district.at() as docket:
        return sweep(docket, district.now, run)


def count(district: District, table: type[SQLModel]) -> int:
    with district.looking() as docket:
        return len(docket.session.exec(select(table)).all())


def with_evidence(district: District) -> Case:
    (case,) = district.ask(Kind.CORRECTION, district.one(EVA), district.one(BO), name__family="Quillfether")
    with district.at() as docket:
        keep(docket, case, Clean("jpg", b"a cleaned photo"), district.now)
    return case


def close(district: District, case: Case) -> None:
    with district.at() as docket:
        withdraw(docket, case.requester, case.reference, district.now)


def wait(district: District, span: timedelta) -> None:
    district.wait(seconds=span.total_seconds())


def test_evidence_goes_120_days_after_its_case_closed(district: District) -> None:
    close(district, with_evidence(district))
    wait(district, EVIDENCE)
    assert swept(district) == NOTHING
    wait(district, timedelta(seconds=1))
    assert swept(district) == Swept(1, 0, 0)
    assert count(district, EvidenceRow) == 0
    assert swept(district) == NOTHING


def test_evidence_of_an_open_case_stays_however_old(district: District) -> None:
    with_evidence(district)
    wait(district, EVIDENCE * 3)
    assert swept(district).evidence == 0
    assert count(district, EvidenceRow) == 1


def test_what_was_wrong_with_a_roster_goes_after_30_days_and_its_counts_stay(district: District) -> None:
    with district.at() as docket:
        run = docket.session.exec(select(RosterRunRow.id)).one()
        docket.session.add(RosterProblemRow(run=run, file="users.csv", line=2, code="no_role", severity="warning"))
    wait(district, PROBLEMS)
    assert swept(district).problems == 0
    wait(district, timedelta(seconds=1))
    assert swept(district).problems == 1
    assert (count(district, RosterProblemRow), count(district, RosterRunRow)) == (0, 1)


def test_an_address_that_was_never_used_goes_after_a_week(district: District) -> None:
    with district.at() as docket:
        notice = docket.fresh_id()
        docket.session.add(a_notice(district, notice, docket.vault.seal(notice, "notice", "p", "+12125550123")))
    wait(district, ADDRESSES + timedelta(seconds=1))
    assert swept(district) == Swept(0, 0, 1)
    with district.looking() as docket:
        assert docket.vault.ensure_keys([notice], "notice") == {notice}
        assert docket.session.exec(select(NoticeRow.address)).all() == [None]


def test_a_look_counts_the_same_and_changes_nothing(district: District) -> None:
    close(district, with_evidence(district))
    wait(district, EVIDENCE + timedelta(days=1))
    assert swept(district, Run.LOOK) == Swept(1, 0, 0)
    assert count(district, EvidenceRow) == 1
    assert swept(district) == Swept(1, 0, 0)


def test_every_sweep_and_every_look_stands_in_the_ledger_with_its_counts(district: District) -> None:
    close(district, with_evidence(district))
    wait(district, EVIDENCE + timedelta(days=1))
    swept(district, Run.LOOK)
    EFFECTS["retention"](district.portal, ())
    with district.looking() as docket:
        rows = docket.session.exec(select(AuditEventRow).where(AuditEventRow.kind == "retention_ran")).all()
    assert [("look" in str(row), "remove" in str(row)) for row in rows] == [(True, False), (False, True)]
    assert count(district, EvidenceRow) == 0


def test_retention_runs_once_a_day() -> None:
    assert [duty.every for duty in DUTIES if duty.kind == "retention"] == [timedelta(days=1)]


def test_another_agencys_leftovers_are_not_reached(district: District) -> None:
    close(district, with_evidence(district))
    wait(district, EVIDENCE + timedelta(days=1))
    with district.at() as docket:
        away = replace(docket, agency=replace(docket.agency, id=docket.fresh_id()))
        assert sweep(away, district.now, Run.LOOK) == NOTHING


def a_notice(district: District, notice: object, address: bytes) -> NoticeRow:
    now: datetime = district.now
    return NoticeRow(
        id=notice,
        agency=district.agency.id,
        person=district.one(BO),
        kind="ERASED",
        channel="text",
        language="en",
        state="refused",
        queued_at=now,
        address=address,
    )
