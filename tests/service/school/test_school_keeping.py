"""What is kept of school accounts, and when it goes: with its person, with its time, and under which keys."""

from datetime import timedelta

from family_given import MARCUS, MARIGOLD
from forging_given import Forger
from given import clock_of
from schooling_given import START, Visitor, identities
from sqlmodel import select

from rightsdesk.requests.ledger.erasures import Erasure
from rightsdesk.requests.people.tables import PersonIndexRow
from rightsdesk.verification.school.disputes.store import Disputes
from rightsdesk.verification.school.tables import IdentityRow, SignInRow
from rightsdesk.verification.students.store import StudentPasswords
from rightsdesk.web import casework
from rightsdesk.web.portal import Portal
from rightsdesk.web.reindexing import renew_keys
from rightsdesk.web.restoring import keep_erased


def linked(portal: Portal) -> Visitor:
    visitor = Visitor(portal)
    visitor.sign_in()
    visitor.confirm()
    return visitor


def test_new_keys_sign_in_whom_the_old_ones_linked(portal: Portal) -> None:
    linked(portal)
    (before,) = identities(portal)
    renew_keys(portal, MARIGOLD)
    (after,) = identities(portal)
    assert after.subject.partition(":")[0] != before.subject.partition(":")[0]
    assert after.subject.partition(":")[0] == portal.vault.agency(MARIGOLD.id).index("source", "").partition(":")[0]
    assert Visitor(portal).sign_in().headers["location"] == "/marigold/student"


def test_new_keys_let_the_account_of_somebody_erased_go(portal: Portal) -> None:
    linked(portal)
    portal.vault.agency(MARIGOLD.id).destroy(MARCUS, "identity")
    with portal.storage.write() as tx:
        for entry in tx.exec(select(PersonIndexRow).where(PersonIndexRow.person == MARCUS)):
            tx.delete(entry)
    renew_keys(portal, MARIGOLD)
    assert identities(portal) == []


def test_an_older_copy_signs_in_nobody_who_was_erased(portal: Portal) -> None:
    linked(portal)
    with portal.storage.write() as tx:
        StudentPasswords(tx, MARIGOLD.id).keep(MARCUS, "a hash", portal.now())
    for scope in ("account", "done:account"):
        portal.erasures.append(Erasure(MARIGOLD.id, MARCUS, scope, portal.now(), "MGD-7K3F-92QX"))
    keep_erased(portal)
    assert identities(portal) == []
    with portal.storage.read() as tx:
        assert StudentPasswords(tx, MARIGOLD.id).of(MARCUS) is None


def test_what_was_begun_is_swept_after_an_hour_and_what_was_parted_after_a_year(portal: Portal, forger: Forger) -> None:
    visitor = Visitor(portal)
    visitor.sign_in()
    visitor.browser.post("/marigold/school-account", data={"do": "not_me"})
    (parted,) = identities(portal)
    visitor.away(START)
    clock_of(portal).advance(hours=1)
    casework.sweep_codes(portal, (str(MARIGOLD.id),))
    with portal.storage.read() as tx:
        assert tx.exec(select(SignInRow)).all() == []
        assert len(tx.exec(select(IdentityRow)).all()) == 1
    clock_of(portal).at += timedelta(days=365)
    casework.sweep_codes(portal, (str(MARIGOLD.id),))
    assert len(identities(portal)) == 1, "nobody at the office has looked at it yet"
    with portal.storage.write() as tx:
        assert Disputes(tx, MARIGOLD.id).close(parted.id)
    casework.sweep_codes(portal, (str(MARIGOLD.id),))
    assert identities(portal) == []
    assert forger.asked


def test_the_subject_lies_under_its_persons_own_key(portal: Portal) -> None:
    linked(portal)
    with portal.storage.read() as tx:
        row = tx.exec(select(IdentityRow)).one()
        assert b"parent" not in row.sealed
        assert "parent" not in row.subject
        place = f"school_identities:{row.id}:sealed"
        assert "parent" in portal.vault.agency(MARIGOLD.id).unseal(MARCUS, "identity", place, row.sealed)
