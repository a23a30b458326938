"""One request of one browser, with everything a handler may touch."""

import re
from collections.abc import Iterator, Mapping, Sequence
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Final
from urllib.parse import quote, urlencode
from uuid import UUID

from sqlmodel import Session
from starlette.requests import Request
from starlette.responses import HTMLResponse, RedirectResponse, Response

from rightsdesk.requests.agencies.agency import Agency, Colleague
from rightsdesk.requests.cases.docket import Docket
from rightsdesk.requests.cases.store import Cases
from rightsdesk.requests.ledger.vault import AgencyVault
from rightsdesk.requests.people.store import People
from rightsdesk.verification.school.kinds import Side
from rightsdesk.verification.school.provider import Provider
from rightsdesk.verification.school.store import Providers
from rightsdesk.web.drafts import Draft
from rightsdesk.web.forms import Form, clean
from rightsdesk.web.portal import Portal
from rightsdesk.web.sessions import Seat, Sessions
from rightsdesk.web.words import OWN_NAMES, Choice, direction, gettext_for

# A path of our own: no scheme, no host, no backslash that a browser would turn into a slash, no dots that lead upwards.
_UP: Final = r"(?:\.|%2[eE])"
_LOCAL: Final = re.compile(
    rf"/(?![/\\])(?!(?:[^?]*/)?{_UP}{{1,2}}(?:[/?]|$))[A-Za-z0-9/._~%-]*(?:\?[A-Za-z0-9=&._~%:+-]*)?"
)
QUERY_LIMIT: Final = 300


@dataclass(frozen=True, slots=True)
class Viewed:
    """What a member of staff saw, to be written into the ledger after the page."""

    reference: str
    subject: UUID | None


@dataclass(slots=True)
class Visit:
    """One request. ``now`` is aware UTC, ``tx`` only reads for GET, ``address`` is the caller's.

    ``agency`` is None on the portal's own pages; everything else may use ``here``.
    """

    request: Request
    portal: Portal
    tx: Session
    now: datetime
    language: str
    address: str
    form: Form = field(default_factory=Form)
    agency: Agency | None = None
    colleague: Colleague | None = None
    sessions: Sessions | None = None
    seat: Seat = field(default_factory=lambda: Seat("", ""))
    viewed: list[Viewed] = field(default_factory=list)
    searches: list[int] = field(default_factory=list)
    has_left: bool = False
    hides_query: bool = False  # what came in it is somebody else's: no link of the page repeats it
    family: frozenset[UUID] | None = None  # of the member of staff, once somebody asked; see ``kin``
    _docket: Docket | None = None
    _vault: AgencyVault | None = None

    @property
    def here(self) -> Agency:
        """Return the agency this path belongs to.

        Raises:
            LookupError: the path belongs to none; the screen should not have asked.
        """
        if self.agency is None:
            raise LookupError("This page belongs to no agency.")
        return self.agency

    @property
    def me(self) -> Colleague:
        """Return who is signed in at the desk.

        Raises:
            LookupError: nobody is; the screen should have said so in the table of routes.
        """
        if self.colleague is None:
            raise LookupError("Nobody is signed in.")
        return self.colleague

    @property
    def docket(self) -> Docket:
        """Return the agency's working set on this request's session."""
        if self._docket is None:
            self._docket = self.portal.docket(self.tx, self.here, self.now, self.vault)
        return self._docket

    def attempt(self) -> AbstractContextManager[None]:
        """Return what undoes the block alone when it raises: one of many acts of a unit of work."""
        return self.portal.ledger(self.tx, self.here.id, self.now).attempt()

    @property
    def people(self) -> People:
        """Return the people on this agency's record."""
        return self.docket.people

    @property
    def cases(self) -> Cases:
        """Return this agency's cases."""
        return self.docket.cases

    @property
    def vault(self) -> AgencyVault:
        """Return what seals and opens for this agency."""
        if self._vault is None:
            self._vault = self.portal.vault.agency(self.here.id)
        return self._vault

    @contextmanager
    def unit(self) -> Iterator[None]:
        """Work inside a unit of work of its own, kept when the block ends; for the handler of a split screen."""
        with self.portal.storage.write() as tx:
            self._move(tx)
            yield

    @contextmanager
    def looking(self) -> Iterator[None]:
        """Read inside a unit that holds no lock; for the handler of a split screen."""
        with self.portal.storage.read() as tx:
            self._move(tx)
            yield

    @property
    def is_htmx(self) -> bool:
        """Say whether a script of the desk asks for a part of the page."""
        return self.request.headers.get("hx-request") == "true"

    def query(self, name: str) -> str:
        """Return one value of the query string, cleaned and cut to 300 characters, or ""."""
        return clean(self.request.query_params.get(name, "")[:QUERY_LIMIT])

    def part(self, name: str) -> str:
        """Return one part of the path, like the reference."""
        return str(self.request.path_params.get(name, ""))

    def url(self, name: str, **parts: str) -> str:
        """Return the path of a screen, of this agency unless ``agency`` says another.

        Raises:
            KeyError: no screen has this name, or a part of its path is missing.
        """
        if "agency" not in parts and self.agency is not None:
            parts["agency"] = self.agency.slug
        quoted = {key: quote(str(value), safe="") for key, value in parts.items()}
        return self.portal.paths[name].format_map(quoted)

    def see(self, location: str) -> Response:
        """Send the browser to another page after a form; a script is told to load it whole."""
        if self.is_htmx:
            return Response(status_code=200, headers={"HX-Redirect": location})
        return RedirectResponse(location, status_code=303)

    def onward(self, wish: str, otherwise: str) -> str:
        """Return the path somebody wished to go on to, when it lies within this agency's pages, else the other one."""
        return wish if is_local(wish) and self._is_ours(wish) else otherwise

    def say(self, text: str, **values: object) -> str:
        """Return an English source string in the visit's language, with its values filled in."""
        translated = gettext_for(self.language).gettext(text) if text else ""
        return translated % values if values else translated

    def school_sign_ins(self) -> Sequence[Provider]:
        """Return the providers of this agency by which families, or at the desk its staff, may sign in."""
        is_desk = self.request.url.path.startswith(("/desk/", "/office/"))
        return Providers(self.tx, self.here.id, self.vault).for_side(Side.STAFF if is_desk else Side.FAMILY)

    def render(self, template: str, page: object, *, status: int = 200, block: str = "") -> Response:
        """Return a page; ``page`` is what the template shows, ``block`` the one part of it to send."""
        body = self.portal.pages.render(template, self.language, self._context(page), block)
        return HTMLResponse(body, status)

    @property
    def chosen(self) -> str:
        """Return the reference of the case that was opened on purpose; a list opens its first one by itself."""
        return self.part("reference") or self.query("open")

    def saw(self, reference: str, subject: UUID | None = None) -> None:
        """Note that a member of staff sees a case; it is written into the ledger after the page was made."""
        self.viewed.append(Viewed(reference, subject))

    def searched(self, count: int) -> None:
        """Note that a member of staff searched for people, and how many were found; never what was typed."""
        self.searches.append(count)

    def keep(self, seat: Seat) -> Seat:
        """Store the session; the browser gets its cookie with the answer."""
        self.seat = self._sessions().store(seat)
        return self.seat

    def keep_late(self, draft: Draft) -> None:
        """Keep answers that came after the session fell idle, for when the person has shown who they are again."""
        if self.seat.lapsed is not None:
            self._sessions().keep_late(replace(self.seat.lapsed, draft=draft))

    def renew(self, seat: Seat) -> Seat:
        """Store the session under a new id: whenever more, or less, is proved than before."""
        self.seat = self._sessions().renew(seat)
        return self.seat

    def leave(self) -> None:
        """End the session; the browser is told to forget what it kept."""
        self.seat = self._sessions().end(self.seat)
        self.has_left = True

    def _move(self, tx: Session) -> None:
        self.tx, self._docket = tx, None
        self.sessions = self.sessions.on(tx) if self.sessions else None

    def _sessions(self) -> Sessions:
        if self.sessions is None:
            raise LookupError("This page has no session.")
        return self.sessions

    def _in_language(self, code: str) -> str:
        # Whatever else stands behind the question mark stays: what was searched, and where to go on after the proof.
        said = [] if self.hides_query else self.request.query_params.multi_items()
        kept = [(name, value) for name, value in said if name != "lang"]
        return f"{self.request.url.path}?{urlencode([*kept, ('lang', code)])}"

    def _is_ours(self, path: str) -> bool:
        slug = self.here.slug
        return path.startswith((f"/{slug}/", f"/desk/{slug}/", f"/office/{slug}/"))

    def _context(self, page: object) -> Mapping[str, object]:
        path = self.request.url.path
        return {
            "page": page,
            "agency": self.agency,
            "seat": self.seat,
            "me": self.colleague,
            "now": self.now,
            "lang": self.language,
            "dir": direction(self.language),
            "languages": [Choice(code, name, self._in_language(code)) for code, name in OWN_NAMES.items()],
            "url": self.url,
            "path": path,
            "school_sign_ins": self.school_sign_ins,
        }


def is_local(path: str) -> bool:
    """Say whether a text is a path of this portal and nothing a browser could read as another site."""
    return len(path) <= QUERY_LIMIT and _LOCAL.fullmatch(path) is not None
