"""No notice is lost without a trace: paper, refused texts, ends that nobody knows."""

from dataclasses import dataclass, field, replace
from pathlib import Path
from uuid import UUID

import pytest
from desk_given import PRIYA, Clock, at_the_desk, open_portal
from desk_given import ask as ask_of
from fulfilment_given import ANA, DANA, EVA, LEO, District, a_district
from sqlmodel import select

from rightsdesk.requests.agencies.agency import Role
from rightsdesk.requests.cases.case import Approver, Case, Kind
from rightsdesk.requests.cases.errors import NoSuchCase, NotForYou
from rightsdesk.requests.cases.mailroom.store import Mailroom
from rightsdesk.requests.cases.posting import mark_posted, printed, resend
from rightsdesk.requests.cases.tables import NoticeRow
from rightsdesk.requests.cases.timeline import timeline
from rightsdesk.requests.ledger.tables import AuditEventRow
from rightsdesk.requests.people.tables import ContactRow
from rightsdesk.verification.sms.port import Accepted, Refused, RefusedClass, Sent, Text, Unknown
from rightsdesk.web.carrying import CarrierBusy, text_notice


@dataclass(slots=True)
class Carrier:
    """A carrier that answers what it is told to."""

    answer: Sent
    sent: list[Text] = field(default_factory=list)

    def send(self, text: Text) -> Sent:
        """Answer."""
        self.sent.append(text)
        return self.answer


@pytest.fixture
def district(data_folder: Path) -> District:
    return a_district(data_folder)


def asked(district: District, by: object = LEO) -> Case:
    return district.ask(Kind.ACCESS, district.one(by), district.one(ANA))[0]  # type: ignore[arg-type]  # a member


def rows(district: District) -> list[NoticeRow]:
    with district.portal.storage.read() as tx:
        return list(tx.exec(select(NoticeRow).order_by(NoticeRow.channel)).all())


def told(district: District, case: Case) -> list[str]:
    with district.looking() as docket:
        return [one.kind for one in timeline(docket, case) if one.kind.startswith(("notice_", "retried"))]


def texted(district: District, answer: Sent) -> Carrier:
    """Send the one text that waits through a carrier that answers so."""
    carrier = Carrier(answer)
    text = next(row for row in rows(district) if row.channel == "text")
    text_notice(replace(district.portal, texts=carrier), (str(district.agency.id), str(text.id)))
    return carrier


def by(staff: UUID, role: Role = Role.APPROVER) -> Approver:
    return Approver(staff, frozenset({role}), None, None)


def without_contacts(district: District) -> None:
    with district.portal.storage.write() as tx:
        for row in tx.exec(select(ContactRow)).all():
            row.is_usable = False
            tx.add(row)


def test_a_family_without_number_or_mail_gets_its_decision_on_paper(district: District) -> None:
    without_contacts(district)
    case = district.grant(asked(district))
    with district.at() as docket:
        letters = printed(docket, case)
        assert any(docket.agency.name in text and case.reference in text for _, text in letters)
        kept = docket.cases.letter_of(case)
        assert kept in [text for _, text in letters]
        with pytest.raises(NotForYou):
            mark_posted(docket, by(DANA, Role.AUDITOR), case, letters[0][0], district.now)
        with pytest.raises(NoSuchCase):
            mark_posted(docket, by(DANA), case, UUID(int=7), district.now)
        for _ in range(2):
            mark_posted(docket, by(DANA), case, letters[0][0], district.now)
        assert len(printed(docket, case)) == len(letters) - 1
    assert told(district, case) == ["notice_sent"]


def test_a_text_of_which_nobody_knows_is_shown_and_sent_again_by_a_person_once(district: District) -> None:
    case = asked(district)
    texted(district, Unknown())
    assert [(row.channel, row.state) for row in rows(district)] == [("text", "unknown")]
    again = texted(district, Accepted("SM1"))
    assert again.sent == []
    with district.at() as docket:
        (waits,) = Mailroom(docket.session, docket.agency.id).waiting()
        for _ in range(2):
            resend(docket, by(DANA), waits.notice, district.now)
    assert len(texted(district, Accepted("SM1")).sent) == 1
    assert [row.state for row in rows(district)] == ["sent"]
    assert told(district, case) == ["notice_failed", "retried", "notice_sent"]


def test_a_text_that_a_dead_worker_left_in_the_middle_becomes_visible(district: District) -> None:
    case = asked(district)
    with district.portal.storage.write() as tx:
        row = tx.exec(select(NoticeRow)).one()
        row.state = "tried"
        tx.add(row)
    assert texted(district, Accepted("SM1")).sent == []
    with district.looking() as docket:
        assert [one.state for one in Mailroom(docket.session, docket.agency.id).waiting()] == ["unknown"]
    assert told(district, case) == ["notice_failed"]


def test_a_busy_carrier_is_asked_again_by_the_queue(district: District) -> None:
    asked(district)
    with pytest.raises(CarrierBusy):
        texted(district, Refused(RefusedClass.THROTTLED, 20429))
    assert [row.channel for row in rows(district)] == ["text"]
    assert len(texted(district, Accepted("SM1")).sent) == 1


def test_a_refused_text_falls_back_to_paper_only_where_no_mail_goes_out(district: District) -> None:
    asked(district)
    texted(district, Refused(RefusedClass.FILTERED, 30007))
    assert [(row.channel, row.state) for row in rows(district)] == [("paper", "to_print"), ("text", "refused")]


def test_a_refused_text_beside_a_mail_needs_no_paper(district: District) -> None:
    asked(district, EVA)
    texted(district, Refused(RefusedClass.FILTERED, 30007))
    assert [row.channel for row in rows(district)] == ["mail", "text"]


def test_the_desk_prints_the_letter_under_audit_and_notes_that_it_was_posted(data_folder: Path) -> None:
    portal = open_portal(data_folder, Clock())
    with portal.storage.write() as tx:
        for row in tx.exec(select(ContactRow)).all():
            row.is_usable = False
            tx.add(row)
    case = ask_of(portal)
    desk = at_the_desk(portal, PRIYA)
    path = f"/desk/marigold/cases/{case.reference}/letter"
    page = desk.get(path)
    assert page.status_code == 200
    with portal.storage.read() as tx:
        notice = tx.exec(select(NoticeRow).where(NoticeRow.case == case.id)).one()
    assert str(notice.id) in page.text
    desk.post(path, data={"notice": str(notice.id)})
    assert str(notice.id) not in desk.get(path).text
    with portal.storage.read() as tx:
        acts = list(tx.exec(select(AuditEventRow.kind).where(AuditEventRow.case_reference == case.reference)).all())
    assert "viewed" in acts
    assert acts.count("notice_sent") == 1
