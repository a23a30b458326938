"""Families of a small agency, and a phone in a parent's hand that fills in the pages as a person would."""

import json
import re
from dataclasses import dataclass, field, replace
from datetime import date, timedelta
from html import unescape
from pathlib import Path
from typing import Final
from uuid import UUID

import httpx2
from given import MARIGOLD, clock_of, given_agency, given_browser, given_portal
from sqlmodel import Session, select
from starlette.testclient import TestClient

from rightsdesk.requests.agencies.tables import SchoolRow
from rightsdesk.requests.ledger.vault import AgencyVault
from rightsdesk.requests.people.store import place
from rightsdesk.requests.people.tables import ContactRow, GuardianshipRow, PersonIndexRow, PersonRow
from rightsdesk.verification.sending import send_code
from rightsdesk.web.portal import Portal
from rightsdesk.web.proof import unit
from rightsdesk.web.tables import JobRow

UNKNOWN_PHONE: Final = "(646) 555-0199"
SCHOOL: Final = UUID("cccccccc-0000-4000-8000-000000000001")


def person_id(number: int) -> UUID:
    """Return the same id for the same number."""
    return UUID(int=(0xDDDDDDDD << 96) | (4 << 76) | (8 << 60) | number)


@dataclass(frozen=True, slots=True)
class Enrolled:
    """Somebody on the agency's record."""

    id: UUID
    given: str
    family: str
    phone: str = ""
    born: date | None = None
    grade: str = ""
    number: str = ""
    confirmed_days_ago: int = 30


ELENA, LUCIA, MARCUS, JORDAN, RIVER, SKY = (person_id(number) for number in range(1, 7))
NADIA, ROSA, LUIS, INES, TOM, KIM = (person_id(number) for number in range(11, 17))
PEOPLE: Final = (
    Enrolled(ELENA, "Elena", "Delgado", "+12125550142"),
    Enrolled(LUCIA, "Lucía", "Delgato", born=date(2014, 5, 4), grade="07", number="40117"),
    Enrolled(MARCUS, "Marcus", "Bell", "+12125550143"),
    Enrolled(JORDAN, "Jordan", "Bell", "+12125550144", date(2010, 9, 9), "11", "40200"),
    Enrolled(RIVER, "River", "Bell", born=date(2016, 1, 9), grade="05", number="40201"),
    Enrolled(SKY, "Sky", "Bell", born=date(2019, 3, 3), grade="KG", number="40202"),
    Enrolled(NADIA, "Nadia", "Petrova", "+12125550145"),
    Enrolled(ROSA, "Rosa", "Costa", "+12125550146"),
    Enrolled(LUIS, "Luis", "Costa", "+12125550146"),
    Enrolled(INES, "Ines", "Costa", born=date(2015, 2, 2), grade="06", number="40300"),
    Enrolled(TOM, "Tom", "Okafor", "+12125550147", confirmed_days_ago=400),
    Enrolled(KIM, "Kim", "Okafor", born=date(2013, 7, 7), grade="08", number="40400"),
)
LINKS: Final = (
    (ELENA, LUCIA),
    (MARCUS, JORDAN),
    (MARCUS, RIVER),
    (MARCUS, SKY),
    (ROSA, INES),
    (LUIS, INES),
    (TOM, KIM),
)


def given_families(folder: Path) -> Portal:
    """Return a portal with one agency, its school and its families."""
    portal = given_portal(folder)
    settle(portal)
    return portal


def settle(portal: Portal) -> None:
    """Enter the agency, its school and its families."""
    given_agency(portal, replace(MARIGOLD, office_phone="(555) 555-0134"))
    with portal.storage.write() as tx:
        name = "Alder Creek Middle School"
        tx.add(SchoolRow(id=SCHOOL, agency=MARIGOLD.id, sourced_id="s1", name=name, kind="school"))
        tx.flush()
        vault = portal.vault.agency(MARIGOLD.id)
        for number, person in enumerate(PEOPLE):
            _enter(tx, vault, person, person_id(500 + number), portal)
        for number, (guardian, student) in enumerate(LINKS):
            tx.add(
                GuardianshipRow(
                    id=person_id(300 + number),
                    agency=MARIGOLD.id,
                    student=student,
                    guardian=guardian,
                    relation="parent",
                    authority="roster_asserted",
                    since=portal.now() - timedelta(days=90),
                )
            )


def texts(portal: Portal) -> list[str]:
    """Let every code that was asked for be sent, and return the texts so far, oldest first."""
    with portal.storage.read() as tx:
        jobs = tx.exec(select(JobRow).where(JobRow.kind == "text_code").order_by(JobRow.id)).all()
        wanted = [json.loads(job.ids) for job in jobs]
    for challenge, counter in wanted:
        now = portal.now()
        send_code(unit(portal, MARIGOLD, now), portal.texts, challenge, int(counter), now)
    file = Path(portal.settings.sms.place)
    return [json.loads(line)["body"] for line in file.read_text().splitlines()] if file.exists() else []


@dataclass(slots=True)
class Phone:
    """A browser on a phone. ``screens`` are the paths it was shown, in order; ``taps`` the buttons it pressed."""

    portal: Portal
    browser: TestClient
    language: str = "en"
    answer: httpx2.Response | None = None
    path: str = ""
    screens: list[str] = field(default_factory=list)

    def open(self, path: str) -> str:
        """Open a page, following redirects, and return it as text."""
        return self._shown(self.browser.get(path, headers={"accept-language": self.language}), path)

    def send(self, path: str, fields: dict[str, object] | None = None, **files: object) -> str:
        """Send a form and return the page that follows, as text."""
        answer = self.browser.post(
            path, data=fields or {}, files=files or None, headers={"accept-language": self.language}
        )
        return self._shown(answer, path)

    def prove(self, phone: str) -> str:
        """Show who this is with the code that was texted, and return the first page after it."""
        self.send("/marigold/phone", {"phone": phone})
        return self.send("/marigold/code", {"code": code_in(texts(self.portal)[-1])})

    @property
    def status(self) -> int:
        """Return the status of the page that is shown."""
        assert self.answer is not None
        return self.answer.status_code

    def _shown(self, answer: httpx2.Response, path: str) -> str:
        for _ in range(5):
            if answer.status_code != 303:
                break
            path = answer.headers["location"]
            answer = self.browser.get(path, headers={"accept-language": self.language})
        self.answer, self.path = answer, path
        self.screens.append(path)
        return answer.text


def given_phone(portal: Portal, language: str = "en") -> Phone:
    """Return a phone that was never here before."""
    return Phone(portal, given_browser(portal), language)


def code_in(text: str) -> str:
    """Return the six digits of a text message."""
    found = re.search(r"#(\d{6})$", text)
    assert found, text
    return found[1]


def field_value(page: str, name: str) -> str:
    """Return the value a page has written into a field."""
    found = re.search(rf'name="{re.escape(name)}"[^>]*value="([^"]*)"', page)
    assert found, name
    return unescape(found[1])


def words_of(page: str) -> str:
    """Return what a page says: its text without tags, in one line."""
    bare = re.sub(r"<(script|style)\b.*?</\1>", " ", page, flags=re.DOTALL)
    return " ".join(
        unescape(re.sub(r"<[^>]+>", "", re.sub(r"</?(p|li|div|h\d|dt|dd|ol|ul|br)\b[^>]*>", " ", bare))).split()
    )


def asked(phone: Phone, kind: str, **details: object) -> str:
    """Ask for something and return the reference."""
    page = phone.send("/marigold/ask", {"kind": kind})
    if details:
        page = phone.send("/marigold/details", details)
    phone.send("/marigold/check", {"once": field_value(page, "once")})
    return phone.path.rpartition("/")[2]


def fix(phone: Phone) -> str:
    """Ask to fix the last name and return the reference."""
    return asked(phone, "correction", **{"elements": "name.family", "correction.name.family": "Delgado"})


def assert_told(page: str, words: str, field: str) -> None:
    """Assert that the words stand in the summary, at the field, and that the title says there is an error."""
    assert "<title>Error: " in page
    assert unescape(page).count(words) == 2, words
    assert f'<a href="#{field}">' in page
    assert f'id="{field}-err"' in page
    assert 'aria-invalid="true"' in page


def wait(portal: Portal, **span: float) -> None:
    """Let time pass."""
    clock_of(portal).advance(**span)


def _enter(tx: Session, vault: AgencyVault, person: Enrolled, contact: UUID, portal: Portal) -> None:
    def sealed(column: str, text: str) -> bytes | None:
        return vault.seal(person.id, "identity", place("people", person.id, column), text) if text else None

    tx.add(
        PersonRow(
            id=person.id,
            agency=MARIGOLD.id,
            is_student=bool(person.grade),
            given=sealed("given", person.given),
            family=sealed("family", person.family),
            birth_date=sealed("birth_date", person.born.isoformat() if person.born else ""),
            student_number=sealed("student_number", person.number),
            grade=person.grade,
            school=SCHOOL if person.grade else None,
            first_seen=portal.now() - timedelta(days=90),
        )
    )
    tx.flush()
    if person.phone:
        _reach(tx, vault, person, contact, portal)


def _reach(tx: Session, vault: AgencyVault, person: Enrolled, contact: UUID, portal: Portal) -> None:
    tx.add(
        ContactRow(
            id=contact,
            agency=MARIGOLD.id,
            person=person.id,
            channel="text",
            value=vault.seal(person.id, "identity", place("contacts", contact, "value"), person.phone),
            confirmed_at=portal.now() - timedelta(days=person.confirmed_days_ago),
            added_at=portal.now() - timedelta(days=500),
        )
    )
    tx.flush()
    value = vault.index("number", person.phone)
    tx.add(PersonIndexRow(agency=MARIGOLD.id, purpose="number", value=value, person=person.id, contact=contact))
