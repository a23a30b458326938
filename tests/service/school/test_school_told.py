"""Whom a school account signs in from now on is told by text and by mail, once, and with nobody's name in a text."""

from family_given import MARCUS, MARIGOLD
from reset_given import do_jobs, letters, sent_texts
from schooling_given import Visitor, events, facts_of

from rightsdesk.requests.people.tables import ContactRow
from rightsdesk.verification.sms.port import TextKind
from rightsdesk.web.portal import Portal
from rightsdesk.web.school_notices import SCHOOL_MAIL_JOB, SCHOOL_TEXT_JOB

JOBS = (SCHOOL_MAIL_JOB, SCHOOL_TEXT_JOB)
HOME = "marcus@home.example"


def _reached_by_mail(portal: Portal) -> None:
    with portal.storage.write() as tx:
        vault = portal.vault.agency(MARIGOLD.id)
        point = ContactRow(
            id=portal.fresh_id(), agency=MARIGOLD.id, person=MARCUS, channel="mail", value=b"", added_at=portal.now()
        )
        point.value = vault.seal(MARCUS, "identity", f"contacts:{point.id}:value", HOME)
        tx.add(point)


def test_its_person_is_told_once_when_a_school_account_is_confirmed(portal: Portal, visitor: Visitor) -> None:
    _reached_by_mail(portal)
    visitor.sign_in()
    assert do_jobs(portal, *JOBS) == 0  # nothing is open yet
    visitor.confirm()
    assert do_jobs(portal, *JOBS) == 2
    do_jobs(portal, *JOBS)  # at least once: again
    (text,) = [one for one in sent_texts(portal) if one["kind"] == TextKind.NOTICE]
    assert "school account" in text["body"]
    assert "Marcus" not in text["body"]
    assert letters(portal)[0]["to"] == HOME
    assert "school account" in letters(portal)[0]["body"]
    assert [facts_of(one)["channel"] for one in events(portal, "notice_sent")].count("text") == 1


def test_a_later_sign_in_tells_nobody(portal: Portal, visitor: Visitor) -> None:
    visitor.sign_in()
    visitor.confirm()
    Visitor(portal).sign_in()
    assert do_jobs(portal, SCHOOL_MAIL_JOB) == 1
