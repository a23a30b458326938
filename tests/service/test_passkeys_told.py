"""Whoever has a new passkey is told by text and by mail, once, in their language, and with nobody's name in a text."""

from contextlib import nullcontext
from dataclasses import dataclass, field, replace
from pathlib import Path

import pytest
from desk_given import ELENA, MARIGOLD, PRIYA, Clock
from passkeys_given import events, given_passkey, portal_at, rows
from reset_given import do_jobs, letters, sent_texts
from sqlalchemy import update
from sqlmodel import col
from verification_given import SentTexts

from rightsdesk.requests.people.tables import ContactRow, PersonRow
from rightsdesk.verification.sms.port import Refused, RefusedClass, Sent, TextKind, Unknown
from rightsdesk.verification.sms.store import Sends
from rightsdesk.web.carrying import CarrierBusy
from rightsdesk.web.mail import Letter, MailRefused
from rightsdesk.web.passkey_notices import NEW_PASSKEY, PASSKEY_MAIL_JOB, PASSKEY_TEXT_JOB
from rightsdesk.web.portal import Portal
from rightsdesk.web.sessions import REQUESTER, STAFF

NUMBER = "+15555550142"
JOBS = (PASSKEY_MAIL_JOB, PASSKEY_TEXT_JOB)


@pytest.fixture
def portal(data_folder: Path) -> Portal:
    return portal_at(data_folder, Clock())


def ids(portal: Portal) -> tuple[str, str]:
    return str(MARIGOLD.id), str(rows(portal)[0].id)


def notices(portal: Portal) -> list[dict[str, str]]:
    return [one for one in sent_texts(portal) if one["kind"] == "notice"]


def reach_by_mail(portal: Portal, address: str) -> None:
    with portal.storage.write() as tx:
        vault = portal.vault.agency(MARIGOLD.id)
        contact = ContactRow(
            id=portal.fresh_id(), agency=MARIGOLD.id, person=ELENA, channel="mail", value=b"", added_at=portal.now()
        )
        contact.value = vault.seal(ELENA, "identity", f"contacts:{contact.id}:value", address)
        tx.add(contact)


def test_its_owner_is_told_once_by_text_and_by_mail_and_nobody_is_named_in_the_text(portal: Portal) -> None:
    reach_by_mail(portal, "elena@home.example")
    given_passkey(portal, REQUESTER, ELENA)
    assert do_jobs(portal, *JOBS) == 2
    do_jobs(portal, *JOBS)  # at least once: again
    assert [one["to"] for one in notices(portal)] == [NUMBER]
    said = notices(portal)[0]["body"]
    assert "passkey" in said
    assert "(555) 555-0134" in said
    assert "Elena" not in said
    letter = letters(portal)[0]
    assert letter["to"] == "elena@home.example"
    assert letter["body"].endswith("/marigold/passkeys")
    assert [facts for _, facts in events(portal, "notice_sent")].count(
        '[["kind","passkey_added"],["channel","text"],["end","sent"]]'
    ) == 1


def test_it_is_told_in_their_language(portal: Portal) -> None:
    with portal.storage.write() as tx:
        tx.connection().execute(update(PersonRow).where(col(PersonRow.id) == ELENA).values(language="es"))
    given_passkey(portal, REQUESTER, ELENA)
    do_jobs(portal, *JOBS)
    assert "llave de acceso" in notices(portal)[0]["body"]


def test_who_replied_stop_is_not_texted(portal: Portal) -> None:
    with portal.storage.write() as tx:
        number = portal.vault.agency(MARIGOLD.id).index("number", NUMBER)
        Sends(tx, MARIGOLD.id).opt_out(number, portal.now(), TextKind.NOTICE)
    given_passkey(portal, REQUESTER, ELENA)
    do_jobs(portal, *JOBS)
    assert notices(portal) == []


def test_a_carrier_that_is_busy_is_asked_again(portal: Portal) -> None:
    given_passkey(portal, REQUESTER, ELENA)
    carrier = SentTexts([Refused(RefusedClass.THROTTLED, 20429)])
    busy = replace(portal, texts=carrier)
    with pytest.raises(CarrierBusy):
        NEW_PASSKEY.text(busy, ids(portal))
    for _ in range(2):
        NEW_PASSKEY.text(busy, ids(portal))
    assert len(carrier.texts) == 2


@pytest.mark.parametrize(
    ("answer", "end"), [(Refused(RefusedClass.UNREACHABLE, 30003), "refused"), (Unknown(), "unknown")]
)
def test_a_text_that_did_not_leave_is_written_down_as_that(portal: Portal, answer: Sent, end: str) -> None:
    given_passkey(portal, REQUESTER, ELENA)
    NEW_PASSKEY.text(replace(portal, texts=SentTexts([answer])), ids(portal))
    assert events(portal, "notice_sent") == []
    assert [facts for _, facts in events(portal, "notice_failed")] == [
        f'[["kind","passkey_added"],["channel","text"],["end","{end}"]]'
    ]


@dataclass
class Picky:
    """A mail server that takes nothing for some addresses, for good or for now."""

    refused: tuple[str, ...]
    is_final: bool
    taken: list[str] = field(default_factory=list)

    def send(self, letter: Letter) -> None:
        """Take the letter, or refuse it."""
        if letter.to in self.refused:
            raise MailRefused("SMTPRecipientsRefused", is_final=self.is_final)
        self.taken.append(letter.to)


GONE, HOME = "elena@gone.example", "elena@home.example"


@pytest.mark.parametrize(
    ("refused", "is_final", "comes_again"),
    [((GONE,), True, False), ((GONE,), False, True), ((GONE, HOME), True, True)],
    ids=["one for good", "one for now", "all"],
)
def test_an_address_that_takes_no_mail_holds_up_no_other_of_theirs_and_brings_it_no_second_one(
    portal: Portal, refused: tuple[str, ...], *, is_final: bool, comes_again: bool
) -> None:
    for address in (GONE, HOME):
        reach_by_mail(portal, address)
    given_passkey(portal, REQUESTER, ELENA)
    post = Picky(refused, is_final)
    with pytest.raises(MailRefused) if comes_again else nullcontext():
        NEW_PASSKEY.mail(replace(portal, post=post), ids(portal))
    assert post.taken == [one for one in (GONE, HOME) if one not in refused]
    assert bool(events(portal, "notice_sent")) is not comes_again


def test_one_that_was_removed_meanwhile_is_not_told_of(portal: Portal) -> None:
    given_passkey(portal, REQUESTER, ELENA)
    gone = ids(portal)
    with portal.storage.write() as tx:
        tx.delete(tx.merge(rows(portal)[0]))
    NEW_PASSKEY.mail(portal, gone)
    NEW_PASSKEY.text(portal, gone)
    assert (notices(portal), letters(portal)) == ([], [])


def test_colleagues_are_told_as_of_every_change_to_how_they_sign_in(portal: Portal) -> None:
    given_passkey(portal, STAFF, PRIYA)
    assert do_jobs(portal, *JOBS) == 0
