"""Two agencies with the same roster, everybody who may come to either, and the ids that each could try."""

import sqlite3
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from enum import Enum
from hashlib import sha256
from pathlib import Path
from typing import Final
from uuid import UUID

from fulfilment_given import ANA, EVA, LEO, ROSTER
from given import MARIGOLD, PLUM, given_agency, given_browser, given_portal
from roster_given import package_of
from sqlalchemy import select
from starlette.testclient import TestClient

from rightsdesk.requests.agencies.agency import Agency, Colleague, Role
from rightsdesk.requests.agencies.store import Staff
from rightsdesk.requests.cases import references
from rightsdesk.requests.cases.case import Case, Kind
from rightsdesk.requests.cases.docket import Docket
from rightsdesk.requests.cases.effects import look_again
from rightsdesk.requests.cases.evidence import Clean, listed
from rightsdesk.requests.cases.filing import Filing, file_case
from rightsdesk.requests.cases.routing import Wanted
from rightsdesk.requests.fulfilment.mending.store import SourceTasks
from rightsdesk.requests.people.register.store import Register
from rightsdesk.requests.people.restricting import Clerk, Guardrails, Order, RestrictionKind, set_restriction
from rightsdesk.requests.people.roster.importing import import_package
from rightsdesk.requests.people.roster.runs.store import Runs
from rightsdesk.verification.passkeys.store import FAMILY, Made, Passkeys
from rightsdesk.verification.passkeys.store import STAFF as PASSKEY_STAFF
from rightsdesk.verification.school.identity import Proven
from rightsdesk.verification.school.kinds import ProviderKind
from rightsdesk.verification.school.kinds import Side as Whose
from rightsdesk.verification.school.linking import Arrival, connect
from rightsdesk.verification.school.provider import proposed
from rightsdesk.verification.school.store import Identities, Linked, Providers
from rightsdesk.web import schema
from rightsdesk.web.demo.cast import Member
from rightsdesk.web.portal import Portal
from rightsdesk.web.rosters import terms
from rightsdesk.web.schooling import school_means
from rightsdesk.web.sessions import REQUESTER, STAFF, Draft, Seat, Sessions

# A guardian of nobody, whom the office has stopped.
GUSTAV: Final = Member("p-9", "parent", "Gustav", "Unlinked", username="gustav", number="+12125550129")
# One student whom only this agency has, and one whom only the other has.
GRACE: Final = Member("s-8", "student", "Grace", "Hereonly", 12, "07", "660001")
HOPE: Final = Member("s-9", "student", "Hope", "Thereonly", 12, "07", "660002")
COOKIES: Final = {REQUESTER: "__Host-rightsdesk", STAFF: "__Host-rightsdesk-desk"}


class Actor(Enum):
    """Somebody at a browser: of which agency ("" for none), a requester by name or a member of staff by role."""

    STRANGER = ("", "")
    EVA = ("marigold", "eva")
    LEO = ("marigold", "leo")
    EVA_ELSEWHERE = ("plum-hollow", "eva")
    APPROVER = ("marigold", Role.APPROVER)
    SECOND_APPROVER = ("marigold", Role.SECOND_APPROVER)
    LEAD = ("marigold", Role.LEAD)
    ADMINISTRATOR = ("marigold", Role.ADMINISTRATOR)
    AUDITOR = ("marigold", Role.AUDITOR)
    HEARING_OFFICER = ("marigold", Role.HEARING_OFFICER)
    APPROVER_ELSEWHERE = ("plum-hollow", Role.APPROVER)
    ADMINISTRATOR_ELSEWHERE = ("plum-hollow", Role.ADMINISTRATOR)

    @property
    def role(self) -> Role | None:
        """Return the role of a member of staff, None of anybody else."""
        return self.value[1] if isinstance(self.value[1], Role) else None

    @property
    def is_requester(self) -> bool:
        """Say whether this is a parent."""
        return self.value[1] in {"eva", "leo"}


@dataclass(frozen=True, slots=True)
class Side:
    """One agency, and by kind of id the one that a test tries; ``others`` are those of its other parent."""

    agency: Agency
    ids: Mapping[str, str]
    others: Mapping[str, str]
    people: Mapping[str, UUID]
    staff: Mapping[Role, UUID]


@dataclass(slots=True)
class World:
    """A portal with two agencies. ``here`` is the one whose pages are tried, ``unknown`` holds ids that nobody has."""

    portal: Portal
    here: Side
    there: Side
    unknown: Mapping[str, str]
    browser: TestClient = field(init=False)
    _watch: sqlite3.Connection = field(init=False)
    _seen: tuple[int, ...] = ()
    _marks: dict[str, str] = field(default_factory=dict)
    _cookies: dict[tuple[Actor, str], tuple[str, str]] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self.browser = given_browser(self.portal)
        self._watch = sqlite3.connect(self.portal.settings.data / "rightsdesk.sqlite3", isolation_level=None)

    def sit(self, actor: Actor, *, anew: bool = True, **seat: object) -> None:
        """Let this person sit at the browser, and nobody else: with a fresh session, or one they had before."""
        self.browser.cookies.clear()
        if actor is Actor.STRANGER:
            return
        cookie = (actor, repr(seat))
        if anew or cookie not in self._cookies:
            self._cookies[cookie] = self._begin(actor, seat)
        self.browser.cookies.set(*self._cookies[cookie])

    def _begin(self, actor: Actor, seat: Mapping[str, object]) -> tuple[str, str]:
        side = self.here if actor.value[0] == self.here.agency.slug else self.there
        kind = STAFF if actor.role else REQUESTER
        with self.portal.storage.write() as tx:
            vault = self.portal.vault.agency(side.agency.id)
            sessions = Sessions(tx, side.agency.id, vault, self.portal.now(), self.portal.draw, kind)
            kept = sessions.store(replace(self._seat(side, actor, sessions.fresh()), **seat))  # type: ignore[arg-type]  # fields of a seat
        return COOKIES[kind], kept.token

    def _seat(self, side: Side, actor: Actor, fresh: Seat) -> Seat:
        now = self.portal.now()
        if actor.role:
            return replace(fresh, kind=STAFF, staff=side.staff[actor.role], password_at=now, second_at=now)
        return replace(fresh, kind=REQUESTER, person=side.people[actor.value[1]], proved_at=now)

    def kept(self) -> Mapping[str, str]:
        """Return a mark of what every table holds, but for the sessions. Cheap when nobody wrote since."""
        # The number changes when any other connection has committed something.
        seen = self._watch.execute("PRAGMA data_version").fetchone()
        if seen != self._seen:
            self._marks, self._seen = dict(self._marked()), seen
        return self._marks

    def _marked(self) -> Iterator[tuple[str, str]]:
        with self.portal.storage.read() as tx:
            for table in schema.metadata().sorted_tables:
                if table.name not in {"sessions", "saved_drafts"}:
                    rows = sorted(repr(tuple(row)) for row in tx.connection().execute(select(table)))
                    yield table.name, sha256("\n".join(rows).encode()).hexdigest()


def given_world(folder: Path) -> World:
    """Return two agencies, each with a roster, staff of every role, cases, evidence, a restriction and an import."""
    portal = given_portal(folder)
    here, there = (_side(portal, agency, folder) for agency in (MARIGOLD, PLUM))
    nobody = str(UUID(bytes=portal.draw(16), version=4))
    unknown = dict.fromkeys(here.ids, nobody) | {
        "reference": references.make("MGD", portal.draw),
        "once": "f" * 32,
        "pair": f"{nobody}.{nobody}",
    }
    return World(portal, here, there, unknown | {"ticked": f"{unknown['reference']}.1"})


def _side(portal: Portal, agency: Agency, folder: Path) -> Side:
    given_agency(portal, agency)
    people = (*ROSTER, GUSTAV, GRACE if agency == MARIGOLD else HOPE)
    imported = import_package(package_of(folder, people), terms(portal, agency, "operator"))
    assert imported.state == "applied", imported
    with portal.storage.write() as tx:
        docket = portal.docket(tx, agency, portal.now())
        return _peopled(portal, docket)


def _peopled(portal: Portal, docket: Docket) -> Side:
    staff = {role: _hired(portal, docket, role) for role in Role}
    eva, leo, ana, gustav = (_found(docket, one.student_number or one.given) for one in (EVA, LEO, ANA, GUSTAV))
    mine = _filed(portal, docket, eva, ana)
    again = _filed(portal, docket, eva, ana, Kind.ACCESS)
    other = _filed(portal, docket, leo, ana)
    set_restriction(_rails(portal, docket), _order(docket, gustav, portal), Clerk(staff[Role.LEAD]), portal.now())
    (stopped,) = _rails(portal, docket).restrictions.of_guardian(gustav)
    task = portal.fresh_id()
    SourceTasks(docket.session, docket.agency.id).open(task, ana, "grade", mine.reference, portal.now())
    ids = {
        "task": str(task),
        "reference": mine.reference,
        "same": again.reference,
        "ticked": f"{mine.reference}.{mine.version}",
        "once": mine.once,
        "evidence": str(listed(docket, mine)[0].id),
        "student": str(ana),
        "guardian": str(eva),
        "stopped": str(gustav),
        "pair": f"{eva}.{ana}",
        "restriction": str(stopped.id),
        "run": str(Runs(docket.session, docket.agency.id).latest()[0].id),
        "staff": str(staff[Role.HEARING_OFFICER]),
        "provider": str(_trusted(portal, docket)),
        "account": str(_linked(portal, docket, ana)),
        "holder": str(eva),
        "sign_in": f"school-of-{docket.agency.slug}",
        "family_key": _keyed(portal, docket, FAMILY, eva),
        "office_key": _keyed(portal, docket, FAMILY, eva),
        "desk_key": _keyed(portal, docket, PASSKEY_STAFF, staff[Role.APPROVER]),
        "identity": str(_connected(portal, docket, staff[Role.APPROVER])),
        "contact": str(docket.people.contacts(eva, "text")[0][0]),
        "number": GRACE.student_number if docket.agency == MARIGOLD else HOPE.student_number,
    }
    others = ids | {"reference": other.reference, "once": other.once, "student": str(_found(docket, "880010"))}
    others["holder"] = str(gustav)
    others |= {one: _keyed(portal, docket, FAMILY, leo) for one in ("family_key", "office_key")}
    return Side(docket.agency, ids, others, {"eva": eva, "leo": leo, "ana": ana}, staff)


def _trusted(portal: Portal, docket: Docket) -> UUID:
    """Enter a provider inside a network: nobody calls it, whoever tests it."""
    one = proposed(portal.fresh_id(), ProviderKind.OTHER, "rightsdesk", "2001", issuer="https://127.0.0.1:9")
    Providers(docket.session, docket.agency.id, docket.vault).add(one, "a secret", portal.now())
    return one.id


def _linked(portal: Portal, docket: Docket, student: UUID) -> UUID:
    link = Linked(
        portal.fresh_id(),
        Whose.FAMILY,
        student,
        "https://127.0.0.1:9",
        "",
        f"k:{student}",
        b"",
        portal.now(),
        "username",
    )
    assert Identities(docket.session, docket.agency.id).link(link)
    return link.id


def _hired(portal: Portal, docket: Docket, role: Role) -> UUID:
    one = Colleague(portal.fresh_id(), f"{role} of {docket.agency.slug}", f"{role}@marigold.example", frozenset({role}))
    Staff(docket.session, docket.agency.id, docket.vault).add(one, portal.now())
    return one.id


def _connected(portal: Portal, docket: Docket, account: UUID) -> UUID:
    """Enter a provider that lies inside a network, so that nobody calls it, and connect a member of staff there."""
    tools = school_means(portal, docket.session, docket.agency, portal.now())
    named = {"slug": f"school-of-{docket.agency.slug}", "issuer": "https://127.0.0.1:9", "for_staff": True}
    provider = proposed(portal.fresh_id(), ProviderKind.OTHER, "rightsdesk", "district", **named)
    tools.providers.add(provider, "", portal.now())
    proven = Proven(provider.issuer, provider.tenant, f"approver-of-{docket.agency.slug}")
    return connect(tools, account, Arrival(provider, proven, portal.fresh_id(), portal.now())).link.id


def _keyed(portal: Portal, docket: Docket, side: str, owner: UUID) -> str:
    """Enter a passkey and return its id."""
    one = Made(portal.fresh_id(), owner, "", "chrome.android", None, portal.draw(32), b"a key", 0)
    Passkeys(docket.session, docket.agency.id, side, docket.vault).add(one, portal.now())
    return str(one.id)


def _found(docket: Docket, name: str) -> UUID:
    (found,) = Register(docket.session, docket.agency, docket.vault).found(name)
    return found


def _filed(portal: Portal, docket: Docket, requester: UUID, subject: UUID, kind: Kind = Kind.CORRECTION) -> Case:
    is_fix = kind is Kind.CORRECTION
    filing = Filing(
        requester=requester,
        subject=subject,
        kind=kind,
        wanted=(Wanted("name.family", "Quillfether"),) if is_fix else (),
        details="It is spelled wrong." if is_fix else "",
        language="en",
        once=portal.draw(16).hex(),
        channel="portal",
        means="text_code",
        received_at=portal.now(),
        evidence=(Clean("png", b"\x89PNG\r\n\x1a\n of a passport"),) if is_fix else (),
    )
    return file_case(docket, filing, portal.now())[0]


def _rails(portal: Portal, docket: Docket) -> Guardrails:
    return Guardrails(docket.people, docket.record, lambda ids, at: look_again(docket, ids, at), portal.draw)


def _order(docket: Docket, guardian: UUID, portal: Portal) -> Order:
    return Order(guardian, None, RestrictionKind.COURT_ORDER, docket.agency.today(portal.now()), paper="FC-1")


def draft_of(side: Side) -> Draft:
    """Return the answers of a request that could be sent next."""
    return Draft(side.people["ana"], "erasure", ("picture",), (), "", "e" * 32, "en")
