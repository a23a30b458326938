"""A year at a district whose people have names that nobody else has, and everything it writes or leads to."""

import logging
import re
from contextlib import suppress
from dataclasses import dataclass, field, replace
from io import BytesIO
from typing import Final
from uuid import UUID

import httpx2
from family_given import code_in, field_value, texts
from faults_given import held, impatient
from fulfilment_given import CLASS, District
from given import given_browser
from PIL import Image
from pyotp.totp import TOTP
from roster_given import package_of
from starlette.testclient import TestClient

from rightsdesk.requests.fulfilment.systems.port import Holding
from rightsdesk.verification.sms.port import Sent, Text
from rightsdesk.web.demo.cast import Member, Relation
from rightsdesk.web.demo.colleagues import Hired, hire
from rightsdesk.web.duties import Roster
from rightsdesk.web.effects import EFFECTS
from rightsdesk.web.logs import Lines
from rightsdesk.web.worker import Worker

PARENT: Final = Member(
    "p-quokka", "parent", "Xanthippe", "Quokkafeather", username="xanthippeq", email="xanthippe@quokka.example",
    number="+12125550120", relations=(Relation("s-quokka"), Relation("s-numbat")),
)  # fmt: skip
STOPPED: Final = Member(
    "p-stopped", "parent", "Barnabus", "Wombatley", username="barnabusw", email="barnabus@wombat.example",
    number="+12125550124", relations=(Relation("s-quokka"),),
)  # fmt: skip
CHILD: Final = Member(
    "s-quokka", "student", "Zephyrine", "Quokkafether", 9, "04", "98427731", "zephyrineq", "zephyrine@pupils.example"
)
TEEN: Final = Member(
    "s-numbat", "student", "Thaddeus", "Quokkafeather", 15, "10", "98427732", "thaddeusq", "thaddeus@pupils.example",
    "+12125550121",
)  # fmt: skip
HELD: Final = (
    Holding("picture", (("name", "portrait-of-thylacine.jpg"),)),
    Holding("files", (("name", "essay-on-the-bandicoot.odt"),)),
    Holding("apps", (("name", "Bilby Garden"),)),
    Holding("signins", (("at", "2026-11-02T08:01Z"), ("device", "numbat-tablet"))),
)
WORDS: Final = {
    "details": "The passport of the kookaburra says it otherwise.",
    "message": "When does the cassowary answer us, please?",
    "note": "Called the family of the platypus about this.",
    "question": "Please bring the certificate of the echidna.",
    "denial": "The certificate of the wallaby says otherwise, on its first page.",
    "paper": "FC-BANDICOOT-417",
    "wrong password": "marsupial-mole-in-the-sand",
    "search": "Potorooville",
    "broken": "pademelon",
}
NEVER: Final = (
    *(part for one in (PARENT, STOPPED, CHILD, TEEN) for part in (one.given, one.family, one.username, one.email)),
    *(one.number[2:] for one in (PARENT, STOPPED, TEEN)),
    *("(212) 555-0120", "212-555-0120", CHILD.student_number, TEEN.student_number),
    *(value for one in HELD for _, value in one.fields if len(value) > 6),
    *WORDS.values(),
    *("QUOKKAFEATHER", "quokkafeather"),
)


@dataclass(slots=True)
class Year:
    """What happened at the district, and everything that it wrote or led to."""

    district: District
    logged: list[str] = field(default_factory=list)
    led_to: list[str] = field(default_factory=list)
    secrets: list[str] = field(default_factory=list)
    answers: set[int] = field(default_factory=set)
    files: set[str] = field(default_factory=set)
    found: dict[str, str] = field(default_factory=dict)

    def look(self) -> None:
        """Search every file as it lies there now: what is swept later was there too."""
        self.files |= set(self.district.files())
        self.found |= self.district.holding(*NEVER, *(one for one in self.secrets if len(one) > 6))

    def browser(self) -> TestClient:
        """Return a browser that follows every link, and whose links are written down."""
        browser = given_browser(self.district.portal)
        browser.follow_redirects = True
        browser.event_hooks["response"].append(self.note)
        return browser

    def note(self, answer: httpx2.Response) -> None:
        """Write down where an answer leads, but not where a search that somebody typed led."""
        answer.read()
        self.answers.add(answer.status_code)
        if WORDS["search"] not in str(answer.request.url):
            self.led_to += [answer.headers.get("location", ""), *re.findall(r'(?:href|action)="([^"]*)"', answer.text)]

    def family(self, member: Member) -> TestClient:
        """Return a browser in which this person showed who they are."""
        self.district.wait(hours=2)
        browser = self.browser()
        browser.post("/marigold/phone", data={"phone": member.number})
        browser.post("/marigold/code", data={"code": "000000"})
        browser.post("/marigold/code", data={"code": self.code()})
        return browser

    def child(self) -> UUID:
        """Return the child's id, whatever the name is by now."""
        return self.district.named(CHILD.student_number)[0]

    def code(self) -> str:
        """Return the newest code."""
        self.secrets.append(code_in([one for one in texts(self.district.portal) if "#" in one][-1]))
        return self.secrets[-1]

    def staff(self, who: Hired) -> TestClient:
        """Return a browser in which this person signed in."""
        self.district.wait(minutes=2)
        self.secrets += [who.password, who.totp_secret, who.email]
        browser = self.browser()
        wrong = {"username": who.email, "password": WORDS["wrong password"]}
        assert browser.post("/desk/marigold/sign-in", data=wrong).status_code == 422
        browser.post("/desk/marigold/sign-in", data={"username": who.email, "password": who.password})
        code = TOTP(who.totp_secret).at(self.district.now)
        assert browser.post("/desk/marigold/second-factor", data={"totp": code}).status_code == 200
        return browser

    def decide(self, browser: TestClient, reference: str, **form: str) -> httpx2.Response:
        """Decide a case in the version it has."""
        with self.district.looking() as docket:
            version = str(docket.cases.find(reference).version)
        path = f"/desk/marigold/cases/{reference}"
        browser.get(path)
        return browser.post(f"{path}/decision", data={"version": version, **form})

    def send(self, browser: TestClient, kind: str, **answers: str) -> str:
        """File a request and return its reference."""
        browser.post("/marigold/student", data={"student": str(self.child())})
        browser.post("/marigold/ask", data={"kind": kind})
        files = {"evidence": ("echidna.png", picture(), "image/png")} if kind == "correction" else None
        if answers:
            browser.post("/marigold/details", data=answers, files=files)
        page = browser.get("/marigold/check")
        sent = browser.post("/marigold/check", data={"once": field_value(page.text, "once")})
        return sent.url.path.rpartition("/")[2]


def picture() -> bytes:
    written = BytesIO()
    Image.new("RGB", (8, 8)).save(written, "PNG")
    return written.getvalue()


class Listening(logging.Handler):
    """Keeps each line as the portal's own formatter writes it."""

    def __init__(self, lines: list[str]) -> None:
        super().__init__(logging.DEBUG)
        self.lines = lines
        self.setFormatter(Lines())

    def emit(self, record: logging.LogRecord) -> None:
        """Keep the line."""
        self.lines.append(self.format(record))


class Broken:
    """A carrier that fails with somebody's number in its words."""

    def send(self, text: Text) -> Sent:
        """Fail."""
        raise ValueError(f"{WORDS['broken']} {text.to} {text.body}")


def live(year: Year) -> None:
    """Let everything happen that the portal is for, and some of what goes wrong."""
    district = year.district
    staff = hire(district.portal, district.agency)
    for one in (CHILD, TEEN):
        district.hold(district.one(one), *HELD)
    cases = file_all(year)
    answer_all(year, staff, cases)
    year.look()
    fetch(year, cases["access"])
    office(year, staff)
    year.look()
    go_wrong(year)
    district.take(PARENT, STOPPED, replace(CHILD, grade="05"), TEEN, *CLASS)
    district.wait(days=40)
    for duty in ("look_again", "retention", "sweep_codes", "sweep_packages", "sweep_sessions"):
        EFFECTS[duty](district.portal, ())
    district.work_off()
    year.look()


def file_all(year: Year) -> dict[str, str]:
    """File a request of each kind, write about one, and take one back."""
    parent = year.family(PARENT)
    fix = {"elements": "name.family", "correction.name.family": PARENT.family, "details": WORDS["details"]}
    cases = {"correction": year.send(parent, "correction", **fix), "access": year.send(parent, "access")}
    parent.post(f"/marigold/requests/{cases['correction']}/messages", data={"message": WORDS["message"]})
    parent.post("/marigold/details", data={"elements": "name.family", "correction.name.family": WORDS["details"] * 20})
    teen = year.family(TEEN)
    teen.post("/marigold/ask", data={"kind": "erasure"})
    teen.post("/marigold/details", data={"elements": "picture", "details": WORDS["details"]})
    sent = teen.post("/marigold/check", data={"once": field_value(teen.get("/marigold/check").text, "once")})
    cases["erasure"] = sent.url.path.rpartition("/")[2]
    parent = year.family(PARENT)
    fix["elements"], fix["correction.name.given"] = "name.given", WORDS["search"]
    cases["denied"] = year.send(parent, "correction", **fix)
    for reference in cases.values():
        parent.get(f"/marigold/requests/{reference}")
    year.district.work_off()
    return cases


def answer_all(year: Year, staff: tuple[Hired, ...], cases: dict[str, str]) -> None:
    """Write at the desk, decide everything, and let it take effect."""
    priya, dana = year.staff(staff[0]), year.staff(staff[1])
    path = f"/desk/marigold/cases/{cases['denied']}"
    priya.post(f"{path}/notes", data={"text": WORDS["note"]})
    priya.post(f"{path}/messages", data={"version": "1", "message": WORDS["question"]})
    priya.get("/desk/marigold/cases", params={"q": WORDS["search"]})
    priya.post("/desk/marigold/export", data={"view": "decision"})
    with year.district.looking() as docket:
        version = str(docket.cases.find(cases["denied"]).version)
    priya.post(f"{path}/go-on", data={"version": version})
    year.decide(priya, cases["correction"], outcome="approve")
    year.decide(priya, cases["access"], outcome="approve")
    year.decide(priya, cases["denied"], outcome="deny", ground="ACCURATE", text=WORDS["denial"])
    year.decide(dana, cases["denied"], outcome="deny", ground="ACCURATE", text=WORDS["denial"])
    for browser in (year.staff(staff[0]), year.staff(staff[1])):
        year.decide(browser, cases["erasure"], outcome="approve")
    for _ in range(3):
        year.district.wait(minutes=12)
        EFFECTS["effects_due"](year.district.portal, ())
        year.district.work_off()


def fetch(year: Year, reference: str) -> None:
    """Open the copy, and look at everything once more."""
    parent = year.family(PARENT)
    copy = parent.post(f"/marigold/requests/{reference}/package")
    assert copy.headers["content-type"] == "application/zip", copy.status_code
    parent.get("/marigold/requests")
    parent.post("/marigold/leave")
    year.district.wait(days=8)
    EFFECTS["effects_due"](year.district.portal, ())
    year.district.work_off()


def office(year: Year, staff: tuple[Hired, ...]) -> None:
    """Stop somebody, import by hand, and check the ledger."""
    rosa, child = year.staff(staff[3]), year.child()
    rosa.get("/office/marigold/people", params={"q": WORDS["search"]})
    stop = {"guardian": str(year.district.one(STOPPED)), "kind": "court_order", "paper": WORDS["paper"]}
    rosa.post(f"/office/marigold/people/{child}/restrict", data=stop)
    rosa.get(f"/office/marigold/people/{child}")
    package = package_of(year.district.folder, (PARENT, STOPPED, CHILD, TEEN, *CLASS)).read_bytes()
    rosa.post("/office/marigold/roster", files={"package": ("roster.zip", package, "application/zip")})
    rosa.post(
        "/office/marigold/staff/new",
        data={"name": WORDS["search"], "email": "new@quokka.example", "role": "lead", "person": "none"},
    )
    year.look()  # the roster lies there, sealed, until the worker has read it
    rosa.post("/office/marigold/audit")
    rosa.post("/office/marigold/audit/export", data={"case": "QUOKKAFEATHER", "kind": "quokkafeather"})
    rosa.post("/office/marigold/audit/export", data={})
    year.district.work_off()


def go_wrong(year: Year) -> None:
    """Let a carrier, a lock, a disk and a stranger be in the way."""
    browser, portal = year.browser(), year.district.portal
    browser.get(f"/marigold/{WORDS['search']}")
    browser.post("/marigold/phone", data={"phone": WORDS["search"]})
    browser.post("/marigold/phone", data={"phone": STOPPED.number, WORDS["search"]: STOPPED.email})
    browser.post("/marigold/code", content=WORDS["broken"].encode(), headers={"content-type": "text/plain"})
    worker = Worker(replace(portal, texts=Broken()), EFFECTS, Roster(()), poll=0.05, patience=5.0)
    browser.post("/marigold/phone", data={"phone": TEEN.number})
    worker.turn()
    worker._hand_back()
    impatient(portal)
    with held(portal.settings.data / "rightsdesk.sqlite3"), suppress(httpx2.HTTPError):
        browser.post("/marigold/phone", data={"phone": PARENT.number})
