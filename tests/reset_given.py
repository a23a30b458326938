"""Students with usernames, of every standing, and what a reset leaves behind."""

import json
from dataclasses import dataclass
from datetime import date, timedelta
from pathlib import Path
from typing import Final

import family_given
from family_given import Enrolled, Phone, code_in, given_families, given_phone, person_id, texts
from given import MARIGOLD
from sqlmodel import Session, col, select, update

from rightsdesk.requests.agencies.agency import Colleague, Role
from rightsdesk.requests.agencies.store import Staff
from rightsdesk.requests.ledger.tables import AuditEventRow
from rightsdesk.requests.people.store import place
from rightsdesk.requests.people.tables import ContactRow, PersonIndexRow, PersonRow
from rightsdesk.verification.passwords import Match
from rightsdesk.verification.students.store import StudentPasswords
from rightsdesk.verification.students.tables import ResetRow
from rightsdesk.web.effects import EFFECTS
from rightsdesk.web.portal import Portal
from rightsdesk.web.tables import JobRow

PATH: Final = "/marigold/password"
SIGN_IN: Final = "/marigold/sign-in/password"
GOOD: Final = "seven grey lanterns over Tuvalu"
OTHER: Final = "nine blue kettles under Bergen"
ADMIN: Final = person_id(910)
TEEN_BORN: Final = date(2010, 2, 3)


@dataclass(frozen=True, slots=True)
class Pupil:
    """A student, with what they sign in with."""

    enrolled: Enrolled
    username: str

    @property
    def email(self) -> str:
        """Return the school's address of the student."""
        return f"{self.username}@students.marigold.example"


def _pupil(number: int, name: str, phone: str, born: date | None = TEEN_BORN) -> Pupil:
    student = Enrolled(person_id(number), name.title(), "Okonjo", phone, born, "09", f"5{number:04}")
    return Pupil(student, f"{name}.okonjo")


AVA: Final = _pupil(51, "ava", "+12125550151")
KAI: Final = _pupil(52, "kai", "+12125550152", date(2015, 5, 5))
WREN: Final = _pupil(53, "wren", "+12125550153", None)
NOEL: Final = _pupil(54, "noel", "")
ZOE: Final = _pupil(55, "zoe", "+12125550155")
MILO: Final = _pupil(56, "milo", "+12125550142")  # Elena's number
PUPILS: Final = (AVA, KAI, WREN, NOEL, ZOE, MILO)
NOBODY: Final = "nobody.known"


def given_school(folder: Path) -> Portal:
    """Return a portal with families, with students of every standing, and with an administrator."""
    portal = given_families(folder)
    enter_pupils(portal)
    return portal


def enter_pupils(portal: Portal) -> None:
    """Enter the students, and an administrator, beside the families of a portal."""
    with portal.storage.write() as tx:
        for at, pupil in enumerate(PUPILS):
            _enter(tx, portal, pupil, at)
        replaced = portal.now() - timedelta(days=2)
        mine = (col(ContactRow.person) == ZOE.enrolled.id, col(ContactRow.channel) == "text")
        tx.exec(update(ContactRow).where(*mine).values(replaced_at=replaced))
        admin = Colleague(ADMIN, "Rosa Vidal", "rosa@marigold.example", frozenset({Role.ADMINISTRATOR}))
        Staff(tx, MARIGOLD.id, portal.vault.agency(MARIGOLD.id)).add(admin, portal.now())


def _enter(tx: Session, portal: Portal, pupil: Pupil, at: int) -> None:
    vault, one = portal.vault.agency(MARIGOLD.id), pupil.enrolled
    family_given._enter(tx, vault, one, person_id(750 + at), portal)
    tx.flush()
    row = tx.get_one(PersonRow, one.id)
    row.username = vault.seal(one.id, "identity", place("people", one.id, "username"), pupil.username.title())
    row.email = vault.seal(one.id, "identity", place("people", one.id, "email"), pupil.email)
    mail = person_id(770 + at)
    sealed = vault.seal(one.id, "identity", place("contacts", mail, "value"), pupil.email)
    tx.add(ContactRow(id=mail, agency=MARIGOLD.id, person=one.id, channel="mail", value=sealed, added_at=portal.now()))
    tx.flush()
    for purpose, value, contact in (("username", pupil.username, None), ("email", pupil.email, mail)):
        index = vault.index(purpose, value)
        tx.add(PersonIndexRow(agency=MARIGOLD.id, purpose=purpose, value=index, person=one.id, contact=contact))


def code_of(portal: Portal) -> str:
    """Return the code of the newest text."""
    return code_in(texts(portal)[-1])


def asked(portal: Portal, name: str) -> Phone:
    """Return a browser that asked for a code for this name."""
    phone = given_phone(portal)
    phone.send(PATH, {"username": name})
    return phone


def granted(portal: Portal, name: str = AVA.username) -> Phone:
    """Return a browser that may choose a new password."""
    phone = asked(portal, name)
    page = phone.send(PATH, {"code": code_of(portal)})
    assert 'autocomplete="new-password"' in page, page
    return phone


def is_password(portal: Portal, pupil: Pupil, typed: str) -> bool:
    """Say whether the built-in directory takes this password."""
    with portal.storage.read() as tx:
        stored = StudentPasswords(tx, MARIGOLD.id).of(pupil.enrolled.id)
    return portal.passwords.compare(stored, typed) is not Match.WRONG


def do_jobs(portal: Portal, *kinds: str) -> int:
    """Do every job of these kinds once, as a worker would, and return how many there were."""
    with portal.storage.read() as tx:
        rows = tx.exec(select(JobRow).where(col(JobRow.kind).in_(kinds)).order_by(col(JobRow.id))).all()
        wanted = [(row.kind, tuple(json.loads(row.ids))) for row in rows]
    for kind, ids in wanted:
        EFFECTS[kind](portal, ids)
    return len(wanted)


def letters(portal: Portal) -> list[dict[str, str]]:
    """Return the mails so far, oldest first."""
    file = Path(portal.settings.mail.place)
    return [json.loads(line) for line in file.read_text().splitlines()] if file.exists() else []


def sent_texts(portal: Portal) -> list[dict[str, str]]:
    """Return the texts so far, oldest first."""
    file = Path(portal.settings.sms.place)
    return [json.loads(line) for line in file.read_text().splitlines()] if file.exists() else []


def stages(portal: Portal) -> list[str]:
    """Return how far each reset has come."""
    with portal.storage.read() as tx:
        return sorted(str(row.stage) for row in tx.exec(select(ResetRow)).all())


def told_ledger(portal: Portal, kind: str) -> list[dict[str, str]]:
    """Return the facts of each ledger entry of a kind, oldest first."""
    with portal.storage.read() as tx:
        rows = tx.exec(select(AuditEventRow).where(AuditEventRow.kind == kind).order_by(col(AuditEventRow.seq))).all()
        return [dict(json.loads(row.facts)) for row in rows]
