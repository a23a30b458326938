"""Staff who are invited, sign in and change how they do it: their browsers, their apps, and the mails they get."""

import json
import re
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from typing import Final
from uuid import UUID

import pyotp
from desk_given import MARIGOLD, ROSA, Clock, at_the_desk
from sqlmodel import select
from starlette.testclient import TestClient

from rightsdesk.requests.agencies.agency import Colleague
from rightsdesk.requests.agencies.store import Staff
from rightsdesk.requests.ledger.tables import AuditEventRow
from rightsdesk.verification.staff import accounts
from rightsdesk.verification.staff.invitations.tables import InvitationRow
from rightsdesk.web.app import app_of
from rightsdesk.web.effects import EFFECTS
from rightsdesk.web.portal import Portal
from rightsdesk.web.staffroom import staff_means
from rightsdesk.web.tables import JobRow

OFFICE: Final = "/office/marigold/staff"
ADD: Final = f"{OFFICE}/new"
SIGN_IN: Final = "/desk/marigold/sign-in"
JOIN: Final = "/desk/marigold/join"
CHOOSE: Final = "/desk/marigold/password"
SECOND: Final = "/desk/marigold/second-factor"
APP: Final = "/desk/marigold/authenticator"
OWN: Final = "/desk/marigold/settings/sign-in"
CASES: Final = "/desk/marigold/cases"
CODES: Final = f"{OWN}/recovery-codes"
NEXT_APP: Final = f"{OWN}/authenticator"
CHANGE: Final = f"{OWN}/password"
ENDING: Final = f"{OWN}/sessions"
FRESH_STEPS: Final = (CHOOSE, APP, CASES)
HALF_OPEN: Final = {"desk.second_factor", "desk.password", "desk.enrol", "desk.sign_out"}
PASSWORD: Final = "seven grey lanterns over Tuvalu"
OTHER: Final = "five quiet herons near Tartu"
KIM: Final = {
    "name": "Kim Bell", "email": "kim@marigold.example", "role": ["approver"], "person": "none", "do": "mail",
}  # fmt: skip
CHROME: Final = (
    "Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/142.0 Safari/537.36"
)
_MAILS: Final = ("mail_invitation", "mail_staff")
_LINK: Final = re.compile(r"/join\?invitation=([A-Za-z0-9_-]+)")


def stranger(portal: Portal, agent: str = CHROME) -> TestClient:
    """Return a browser that nobody has signed in with; it follows redirects."""
    headers = {"sec-fetch-site": "same-origin", "user-agent": agent}
    return TestClient(app_of(portal), base_url="http://127.0.0.1", headers=headers)


def staff(portal: Portal) -> dict[str, Colleague]:
    """Return who works here, by e-mail."""
    with portal.storage.read() as tx:
        return {one.email: one for one in Staff(tx, MARIGOLD.id, portal.vault.agency(MARIGOLD.id)).every()}


def rows(portal: Portal) -> list[InvitationRow]:
    """Return every invitation, in the order they were made."""
    with portal.storage.read() as tx:
        return list(tx.exec(select(InvitationRow).order_by(InvitationRow.made_at)).all())


def mails(portal: Portal) -> list[dict[str, str]]:
    """Let each mail to staff that was asked for leave once, and return all so far, oldest first."""
    with portal.storage.write() as tx:
        jobs = tx.exec(
            select(JobRow).where(JobRow.kind.in_(_MAILS), JobRow.done_at.is_(None)).order_by(JobRow.id)
        ).all()
        wanted = [(job.kind, tuple(json.loads(job.ids))) for job in jobs]
        for job in jobs:
            job.done_at = 1.0
            tx.add(job)
    for kind, ids in wanted:
        EFFECTS[kind](portal, ids)
    file = Path(portal.settings.mail.place)
    return [json.loads(line) for line in file.read_text("utf-8").splitlines()] if file.exists() else []


def told(portal: Portal, who: str) -> list[str]:
    """Return the kinds of the mails that somebody got, oldest first."""
    return [one["kind"] for one in mails(portal) if one["to"] == who]


def token_in(text: str) -> str:
    """Return the secret of the last link in a page or a mail."""
    return _LINK.findall(text)[-1]


def events(portal: Portal, *kinds: str) -> list[tuple[str, str, str]]:
    """Return kind, actor and facts of what the ledger says, of these kinds."""
    with portal.storage.read() as tx:
        rows = tx.exec(
            select(AuditEventRow).where(AuditEventRow.agency == MARIGOLD.id).order_by(AuditEventRow.seq)
        ).all()
    return [(row.kind, row.actor, row.facts) for row in rows if row.kind in kinds]


@dataclass(slots=True)
class Person:
    """A member of staff with a password and an app, and the browser they use."""

    portal: Portal
    clock: Clock
    id: UUID
    email: str
    browser: TestClient
    app: pyotp.TOTP
    codes: tuple[str, ...]
    password: str = PASSWORD

    def code(self) -> str:
        """Return what the app shows half a minute later: no code is shown twice."""
        self.clock.at += timedelta(seconds=30)
        return self.app.at(self.clock.at)

    def sign_in(self, browser: TestClient | None = None, code: str = "") -> TestClient:
        """Sign in and return the browser."""
        browser = browser or self.browser
        browser.post(SIGN_IN, data={"username": self.email, "password": self.password})
        browser.post(SECOND, data={"totp": code or self.code()})
        return browser

    def another(self) -> TestClient:
        """Return another browser in which this person is signed in."""
        return self.sign_in(stranger(self.portal, "Mozilla/5.0 (iPhone; CPU iPhone OS 19_0) Version/19.0 Safari/604.1"))


def person(portal: Portal, clock: Clock, who: UUID, email: str) -> Person:
    """Return a member of staff who has set up how they sign in, and is signed in."""
    with portal.storage.write() as tx:
        means = staff_means(portal, tx, MARIGOLD, clock.at)
        accounts.set_password(means, who, PASSWORD, (), clock.at)
        accounts.begin_app(means, who)
        app = pyotp.TOTP(accounts.pending_seed(means, who) or "")
        codes = accounts.confirm_app(means, who, app.at(clock.at), clock.at)
    mails(portal)
    Path(portal.settings.mail.place).write_text("")  # what is told of the setting up is another test's
    one = Person(portal, clock, who, email, stranger(portal), app, codes)
    one.sign_in()
    return one


def invited(portal: Portal, **fields: object) -> str:
    """Let Rosa add Kim on paper and return the secret of the link."""
    page = at_the_desk(portal, ROSA).post(ADD, data=KIM | {"do": "print"} | fields)
    assert page.status_code == 200, page.text
    return token_in(page.text)


def joined(portal: Portal, token: str, browser: TestClient | None = None) -> TestClient:
    """Use a link and return the browser."""
    browser = browser or stranger(portal)
    browser.post(JOIN, data={"invitation": token})
    return browser


def seed_in(page: str) -> str:
    """Return the key of the app that a page shows."""
    return re.search(r'class="ref" dir="ltr">([A-Z2-7 ]+)<', page)[1].replace(" ", "")


def on(browser: TestClient, path: str = CASES) -> str:
    """Return where a browser ends that wants this page."""
    return browser.get(path).url.path
