"""Invitations of staff: a link that works once, for one person of one agency, and nobody else ever sees a secret."""

import re
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from pathlib import Path
from threading import Barrier

import pyotp
import pytest
from desk_given import MARIGOLD, PLUM, PRIYA, ROSA, Clock, at_the_desk, open_portal
from sqlmodel import select
from staff_given import (
    ADD,
    APP,
    CASES,
    CHOOSE,
    JOIN,
    KIM,
    OFFICE,
    OTHER,
    PASSWORD,
    SECOND,
    SIGN_IN,
    events,
    invited,
    joined,
    mails,
    on,
    person,
    rows,
    seed_in,
    staff,
    stranger,
    token_in,
    told,
)

from rightsdesk.requests.agencies.store import Agencies, Staff
from rightsdesk.verification.staff.invitations.inviting import Purpose, Way, invite
from rightsdesk.web.backups.store import close_doors
from rightsdesk.web.duties import sweep_sessions
from rightsdesk.web.portal import Portal
from rightsdesk.web.staffroom import staff_means
from rightsdesk.web.tables import JobRow


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def portal(data_folder: Path, clock: Clock) -> Portal:
    return open_portal(data_folder, clock)


def refused(portal: Portal, token: str) -> bool:
    """Say whether a link leads nowhere, and leaves nobody half-way in."""
    browser = stranger(portal)
    answer = browser.post(JOIN, data={"invitation": token})
    return (answer.status_code, "This link does not work." in answer.text, on(browser)) == (422, True, SIGN_IN)


# The way in.


def test_an_invitation_by_mail_leads_from_the_link_to_the_inbox(portal: Portal, clock: Clock) -> None:
    answer = at_the_desk(portal, ROSA).post(ADD, data=KIM)
    assert "The link is on its way by mail." in answer.text
    mail = mails(portal)[-1]
    assert (mail["to"], mail["kind"]) == (KIM["email"], "staff_invitation")
    assert "until November 30, 2026" in mail["body"]
    kim = stranger(portal)
    page = kim.get(JOIN, params={"invitation": token_in(mail["body"])})
    assert (page.status_code, page.headers["referrer-policy"]) == (200, "strict-origin")
    page = kim.post(JOIN, data={"invitation": token_in(mail["body"])})
    assert (page.url.path, page.url.query) == (CHOOSE, b"")
    page = kim.post(CHOOSE, data={"password": OTHER})
    assert page.url.path == APP
    done = kim.post(APP, data={"totp": pyotp.TOTP(seed_in(page.text)).at(clock.at)})
    assert len(set(re.findall(r'<li class="mono" dir="ltr">([A-Z2-7 ]+)</li>', done.text))) == 10
    assert on(kim) == CASES
    assert told(portal, KIM["email"]) == ["staff_invitation", "staff_password_changed", "staff_app_enrolled"]


def test_a_printed_invitation_is_shown_once_with_a_picture_and_is_never_mailed(portal: Portal) -> None:
    page = at_the_desk(portal, ROSA).post(ADD, data=KIM | {"do": "print"})
    token = token_in(page.text)
    assert ("<svg" in page.text, page.headers["cache-control"]) == (True, "no-store")
    assert len(token) == 43, "256 bits"
    kim = staff(portal)[KIM["email"]]
    for path in (OFFICE, f"{OFFICE}/{kim.id}"):
        assert token not in at_the_desk(portal, ROSA).get(path).text
    assert mails(portal) == []
    assert on(joined(portal, token), APP) == CHOOSE


def test_only_the_hash_of_a_link_is_kept_and_no_job_holds_it(portal: Portal) -> None:
    at_the_desk(portal, ROSA).post(ADD, data=KIM)
    assert rows(portal)[0].sealed is not None
    token = token_in(mails(portal)[-1]["body"])
    assert rows(portal)[0].sealed is None, "it left, so it is forgotten"
    with portal.storage.read() as tx:
        written = [f"{job.key} {job.ids}" for job in tx.exec(select(JobRow)).all()]
    kept = [repr(row.model_dump()) for row in rows(portal)]
    assert [one for one in (*written, *kept) if token in one] == []


def test_a_mail_that_is_sent_again_by_the_queue_holds_no_link_any_more(portal: Portal) -> None:
    at_the_desk(portal, ROSA).post(ADD, data=KIM)
    mails(portal)
    with portal.storage.write() as tx:
        job = tx.exec(select(JobRow).where(JobRow.kind == "mail_invitation")).one()
        job.done_at = None
    assert len(mails(portal)) == 1


def test_looking_at_a_link_uses_nothing_up(portal: Portal) -> None:
    token = invited(portal)
    for _ in range(3):
        assert stranger(portal).get(JOIN, params={"invitation": token}).status_code == 200
    assert rows(portal)[0].used_at is None
    assert not refused(portal, token)


# Attacks.


def test_a_link_works_once(portal: Portal) -> None:
    token = invited(portal)
    kim = joined(portal, token)
    assert refused(portal, token)
    assert on(kim, CHOOSE) == CHOOSE, "whoever came first goes on"


@pytest.mark.parametrize("token", ["", "x", "a" * 43, "a" * 5000, "../../x", "%00"])
def test_a_guessed_link_leads_nowhere(portal: Portal, token: str) -> None:
    invited(portal)
    assert refused(portal, token)
    assert ("staff_refused", "unknown", '[["reason","invitation"]]') in events(portal, "staff_refused")


def test_a_link_of_which_one_letter_differs_leads_nowhere(portal: Portal) -> None:
    token = invited(portal)
    assert refused(portal, ("B" if token[0] == "A" else "A") + token[1:])
    assert refused(portal, token.swapcase())
    assert not refused(portal, token)


def test_of_two_browsers_at_the_same_moment_one_gets_in(portal: Portal) -> None:
    token, barrier = invited(portal), Barrier(2)

    def one(_: int) -> int:
        browser = stranger(portal)
        barrier.wait(30)
        return browser.post(JOIN, data={"invitation": token}, follow_redirects=False).status_code

    with ThreadPoolExecutor(2) as pool:
        assert sorted(pool.map(one, range(2))) == [303, 422]


@pytest.mark.parametrize(("after", "is_over"), [(timedelta(days=7, seconds=-1), False), (timedelta(days=7), True)])
def test_a_link_ends_after_seven_days(portal: Portal, clock: Clock, after: timedelta, *, is_over: bool) -> None:
    token = invited(portal)
    clock.at += after
    assert refused(portal, token) is is_over


def test_a_link_of_another_agency_leads_nowhere(portal: Portal) -> None:
    with portal.storage.write() as tx:
        Agencies(tx).add(PLUM, portal.now())
        handed = invite(
            staff_means(portal, tx, PLUM, portal.now()), PRIYA, Purpose.JOIN, Way.PRINT, "operator", portal.now()
        )
    assert refused(portal, handed.token)
    assert rows(portal)[0].used_at is None, "and it still works where it belongs"


def test_the_link_of_a_removed_colleague_leads_nowhere(portal: Portal) -> None:
    token = invited(portal)
    rosa, kim = at_the_desk(portal, ROSA), staff(portal)[KIM["email"]].id
    rosa.post(f"{OFFICE}/{kim}/change", data={"do": "remove"})
    assert refused(portal, token)


def test_a_removed_colleague_is_kept_out_even_where_a_link_survived(portal: Portal) -> None:
    token = invited(portal)
    with portal.storage.write() as tx:
        kim = Staff(tx, MARIGOLD.id, portal.vault.agency(MARIGOLD.id)).addressed(KIM["email"])
        Staff(tx, MARIGOLD.id, portal.vault.agency(MARIGOLD.id)).remove(kim.id, portal.now())
    assert refused(portal, token)


def test_a_withdrawn_link_leads_nowhere(portal: Portal) -> None:
    token, kim = invited(portal), staff(portal)[KIM["email"]].id
    page = at_the_desk(portal, ROSA).post(f"{OFFICE}/{kim}/sign-in", data={"do": "withdraw"})
    assert "no link is open" in page.text
    assert refused(portal, token)
    assert [one[:2] for one in events(portal, "invitation_withdrawn")] == [("invitation_withdrawn", f"staff:{ROSA}")]


def test_a_new_link_voids_the_older_one(portal: Portal) -> None:
    older, kim = invited(portal), staff(portal)[KIM["email"]].id
    page = at_the_desk(portal, ROSA).post(f"{OFFICE}/{kim}/sign-in", data={"do": "print"})
    assert refused(portal, older)
    assert not refused(portal, token_in(page.text))


def test_a_new_link_ends_what_the_older_one_began(portal: Portal) -> None:
    older, kim = joined(portal, invited(portal)), staff(portal)[KIM["email"]].id
    assert on(older) == CHOOSE
    at_the_desk(portal, ROSA).post(f"{OFFICE}/{kim}/sign-in", data={"do": "print"})
    assert on(older) == SIGN_IN


def test_a_backup_brings_no_link_back(portal: Portal) -> None:
    token = invited(portal)
    with portal.storage.write() as tx:
        close_doors(tx, portal.now())
    assert refused(portal, token)


def test_a_planted_session_is_not_the_one_that_a_link_opens(portal: Portal) -> None:
    token, kim = invited(portal), stranger(portal)
    kim.cookies.set("rightsdesk-desk", "f" * 64)
    given = kim.post(JOIN, data={"invitation": token}, follow_redirects=False).headers["set-cookie"]
    assert "f" * 64 not in given
    planted = stranger(portal)
    planted.cookies.set("rightsdesk-desk", "f" * 64)
    assert on(planted, CHOOSE) == SIGN_IN


def test_whoever_was_signed_in_at_this_browser_is_out(portal: Portal, clock: Clock) -> None:
    token, priya = invited(portal), person(portal, clock, PRIYA, "priya@marigold.example")
    before = priya.browser.cookies["rightsdesk-desk"]
    joined(portal, token, priya.browser)
    assert on(priya.browser) == CHOOSE
    old = stranger(portal)
    old.cookies.set("rightsdesk-desk", before)
    assert on(old) == SIGN_IN


def test_a_link_opens_nothing_but_the_page_it_is_for(portal: Portal) -> None:
    kim = joined(portal, invited(portal))
    for path in (CASES, APP, SECOND, "/desk/marigold/settings", f"{OFFICE}/new", "/desk/marigold/settings/sign-in"):
        assert kim.get(path).url.path == CHOOSE, path
    for path in (APP, SECOND):
        assert kim.post(path, data={"totp": "123456"}).url.path == CHOOSE, path


def test_the_session_of_a_link_ends_after_half_an_hour(portal: Portal, clock: Clock) -> None:
    kim = joined(portal, invited(portal))
    clock.at += timedelta(minutes=29)
    assert on(kim, CHOOSE) == CHOOSE
    clock.at += timedelta(minutes=1)
    assert on(kim, CHOOSE) == SIGN_IN


@pytest.mark.parametrize("poor", ["short", "marigoldmarigold", "kim bell kim bell", "x" * 200])
def test_a_poor_password_is_refused_with_its_reason(portal: Portal, poor: str) -> None:
    kim = joined(portal, invited(portal))
    answer = kim.post(CHOOSE, data={"password": poor})
    assert (answer.status_code, "There is a problem" in answer.text) == (422, True)
    assert poor not in answer.text


def test_a_password_once_chosen_is_not_asked_for_again(portal: Portal, clock: Clock) -> None:
    kim = joined(portal, invited(portal))
    kim.post(CHOOSE, data={"password": OTHER})
    clock.at += timedelta(minutes=1)
    assert kim.post(CHOOSE, data={"password": PASSWORD}).url.path == APP
    again = stranger(portal)
    assert again.post(SIGN_IN, data={"username": KIM["email"], "password": OTHER}).url.path == APP


def test_a_session_that_was_ended_meanwhile_keeps_no_password(portal: Portal, monkeypatch: pytest.MonkeyPatch) -> None:
    kim, who = joined(portal, invited(portal)), staff(portal)[KIM["email"]].id
    hashed = type(portal.passwords).hashed

    def ended_meanwhile(self: object, password: str, salt: bytes | None = None) -> str:
        at_the_desk(portal, ROSA).post(f"{OFFICE}/{who}/sign-in", data={"do": "sessions"})
        return hashed(self, password, salt)

    monkeypatch.setattr(type(portal.passwords), "hashed", ended_meanwhile)
    assert kim.post(CHOOSE, data={"password": OTHER}).status_code == 404
    monkeypatch.undo()
    assert stranger(portal).post(SIGN_IN, data={"username": KIM["email"], "password": OTHER}).status_code == 422


def test_links_that_are_long_over_are_removed(portal: Portal, clock: Clock) -> None:
    invited(portal)
    clock.at += timedelta(days=37)
    sweep_sessions(portal, ())
    assert len(rows(portal)) == 1
    clock.at += timedelta(seconds=1)
    sweep_sessions(portal, ())
    assert rows(portal) == []
