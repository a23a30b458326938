"""People who use the portal, and remember what they saw when it dies under them: a parent's phone, two desks."""

import json
import re
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from functools import cache
from http.cookies import SimpleCookie
from pathlib import Path
from typing import Any, Final
from uuid import UUID

from crashes_given import Deaths
from family_given import code_in, words_of
from fulfilment_given import ANA, BO, DANA, EVA, LEO, PRIYA, District
from given import MARIGOLD, Clock, clock_of, counted_draw, given_browser, given_settings
from sqlmodel import col, update
from starlette.testclient import TestClient

from rightsdesk.requests.ledger.audit import Head
from rightsdesk.web import app, storage
from rightsdesk.web.app import wire
from rightsdesk.web.duties import Duty, Roster
from rightsdesk.web.heads import Heads
from rightsdesk.web.office import uploads
from rightsdesk.web.restoring import keep_erased
from rightsdesk.web.sessions import STAFF, Sessions
from rightsdesk.web.tables import JobRow

BETWEEN: Final = timedelta(minutes=2)  # from the power cut to the next start
PEOPLE: Final = {"ana": ANA, "bo": BO, "eva": EVA, "leo": LEO}
EVAS_PHONE: Final = "(212) 555-0120"
HOLDS: Final = Duty("effects_due", timedelta(seconds=15))
LOOKS: Final = Duty("look_again", timedelta(hours=1))
REFERENCE: Final = re.compile(r"MGD-[0-9A-Z]{4}-[0-9A-Z]{4}")
_DESK: Final = "__Host-rightsdesk-desk"


@dataclass(frozen=True, slots=True)
class Answer:
    """What somebody was shown: its status, where it is, and what it says."""

    status: int
    path: str
    text: str
    content: bytes = b""

    def says(self, *wanted: str) -> str:
        """Return what the page says, which is one of these at least."""
        told = words_of(self.text)
        assert any(one in told for one in wanted), f"{self.status} {self.path}: {told[:300]}"
        return told


@dataclass(slots=True)
class Scene:
    """The portal as one process has it, the people before it, and the notebook in which they keep what they know."""

    district: District
    deaths: Deaths
    notebook: Path
    book: dict[str, Any]
    browser: TestClient

    def send(self, who: str, path: str, fields: Mapping[str, object] | None = None, **files: object) -> Answer:
        """Send a form as this person and return the page that follows; what the browser learns outlives the portal."""
        return self._asked(who, "POST", path, data=fields or {}, files=files or None)

    def open(self, who: str, path: str) -> Answer:
        """Open a page as this person."""
        return self._asked(who, "GET", path)

    def _asked(self, who: str, method: str, path: str, **body: Any) -> Answer:
        for _ in range(5):
            got = self._once(who, method, path, **body)
            if got.status_code != 303:
                break
            method, path, body = "GET", got.headers["location"], {}
        return Answer(got.status_code, path, got.text if "text" in got.headers["content-type"] else "", got.content)

    def _once(self, who: str, method: str, path: str, **body: Any) -> Any:
        jar = self.book["cookies"].setdefault(who, {})
        self.browser.cookies.clear()
        self.deaths.asked(method, REFERENCE.sub("MGD", path))
        headers = {"cookie": "; ".join(f"{name}={value}" for name, value in jar.items())}
        got = self.browser.request(method, path, headers=headers, **body)
        self.deaths.page = ""
        for line in got.headers.get_list("set-cookie"):
            jar.update((name, one.value) for name, one in SimpleCookie(line).items())
        self.save()
        return got

    def note(self, name: str, value: object) -> None:
        """Let the people remember something."""
        self.book[name] = value
        self.save()

    def save(self) -> None:
        """Write the notebook down; it lies beside the portal's own folder."""
        self.book["now"] = self.district.now.isoformat()
        self.notebook.write_text(json.dumps(self.book))

    def wait(self, **span: float) -> None:
        """Let time pass, once: who resumes this step waits no second time."""
        until = self.book.setdefault(f"until {self.book['step']}", (self.district.now + timedelta(**span)).isoformat())
        clock = clock_of(self.district.portal)
        clock.at = max(clock.at, datetime.fromisoformat(until))
        self.save()

    def work(self, *duties: Duty) -> None:
        """Let the worker do everything that is due, these duties too."""
        Roster(duties).submit_due(self.district.portal)
        self.district.work_off()

    def newest_code(self) -> str:
        """Return the last text with a code that reached Eva's phone."""
        file = Path(self.district.portal.settings.sms.place)
        lines = [json.loads(line) for line in file.read_text().splitlines()] if file.exists() else []
        return next((line["body"] for line in reversed(lines) if line["kind"] == "code"), "")

    def person(self, name: str) -> UUID:
        """Return the id of somebody of the story, also when the record has forgotten them."""
        return UUID(self.book["people"][name])


Step = Callable[[Scene], None]


def began(place: Path, district: District) -> Scene:
    """Return the first scene of a story: nobody remembers anything yet."""
    people = {name: str(district.one(member)) for name, member in PEOPLE.items()}
    book = {"cookies": {}, "people": people, "step": 0, "doomed": {}}
    scene = Scene(district, Deaths(), place / "book.json", book, given_browser(district.portal))
    scene.save()
    return scene


def resumed(place: Path, deaths: Deaths | None, *, is_restart: bool) -> Scene:
    """Return the scene in a new process: the portal opens as at any start, and the people read their notebook."""
    book = json.loads((place / "book.json").read_text())
    clock = Clock(datetime.fromisoformat(book["now"]) + (BETWEEN if is_restart else timedelta(0)))
    draw = counted_draw("again" if is_restart else "first")
    portal = wire(given_settings(place / "data"), clock, draw)
    uploads.sweep_open(portal)
    if is_restart:
        keep_erased(portal)
        leases_run_out(District(portal, place / "data"))
    portal = deaths.watch(portal) if deaths else portal
    return Scene(District(portal, place / "data"), deaths or Deaths(), place / "book.json", book, given_browser(portal))


def leases_run_out(district: District) -> None:
    """Let the time pass for which the dead worker held its jobs: it goes by the database's clock, not by ours."""
    with district.portal.storage.engine.begin() as tx:
        held = update(JobRow).where(col(JobRow.done_at).is_(None), col(JobRow.dead_at).is_(None))
        tx.execute(held.values(lease_until=None))


def play(scene: Scene, steps: tuple[Step, ...], first: int = 0) -> None:
    """Let the people do one thing after the other; in a new process they begin with what they were at."""
    for number, step in enumerate(steps[first:], first):
        scene.deaths.step = number
        scene.note("step", number)
        step(scene)


def seat(scene: Scene, *staff: UUID) -> None:
    """Let members of staff be signed in, with the second factor just shown."""
    portal = scene.district.portal
    for one in staff:
        with portal.storage.write() as tx:
            sessions = Sessions(tx, MARIGOLD.id, portal.vault.agency(MARIGOLD.id), portal.now(), portal.draw, STAFF)
            now = portal.now()
            kept = sessions.store(replace(sessions.fresh(), kind=STAFF, staff=one, password_at=now, second_at=now))
        scene.book["cookies"][_name(one)] = {_DESK: kept.token}
    scene.save()


def _name(staff: UUID) -> str:
    return {PRIYA: "priya", DANA: "dana"}[staff]


def proved(scene: Scene, path: str = "/marigold/phone") -> None:
    """Let Eva show who she is: ask for a code, read it, type it; when the portal died under her she begins again."""
    scene.send("eva", path, {"phone": EVAS_PHONE})
    scene.work()
    page = scene.send("eva", "/marigold/code", {"code": code_in(scene.newest_code())})
    assert page.status == 200, page.path
    assert page.path != "/marigold/code", words_of(page.text)[:300]


def reference_in(path: str) -> str:
    """Return the reference that a path ends with."""
    found = REFERENCE.search(path)
    assert found, path
    return found[0]


def share() -> None:
    """Let all lives of this program share what is the same in each: the laws, the templates, the compiled statements.

    A portal is made anew each time, and so is each connection. Nothing waits for the disk: only processes die here.
    """
    storage._PRAGMAS = tuple(one.replace("=FULL", "=OFF") for one in storage._PRAGMAS)  # type: ignore[misc]  # this program is used for nothing else
    common = app.Common()
    app.Common = lambda: common
    app.open_engine = cache(app.open_engine)
    Heads.note = _noted_at_once  # type: ignore[method-assign]  # as above


def _noted_at_once(heads: Heads, ends: Iterable[Head]) -> None:
    """Note the ends of ledgers at once: a moment later would be another place in each run."""
    heads._waiting.update((head.agency, head) for head in ends)
    heads.flush()
