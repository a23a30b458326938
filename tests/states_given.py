"""An agency in which every page of the portal has something to show, and a browser at which somebody sits."""

from collections.abc import Callable
from dataclasses import dataclass, field, replace
from datetime import timedelta
from pathlib import Path
from typing import Final, TypeAlias
from uuid import UUID

from desk_given import DANA, ELENA, LUCIA, MARIGOLD, NEW, PRIYA, Clock, ask, cookie, many, person_id
from passkeys_given import keyed, portal_at
from playwright.sync_api import Page
from pyotp.totp import TOTP
from states_school_given import keep_school_accounts

from rightsdesk.requests.agencies.agency import Role
from rightsdesk.requests.cases.case import Approver, Case, Kind, Outcome
from rightsdesk.requests.cases.conversation import ask_family, note
from rightsdesk.requests.cases.deciding import decide
from rightsdesk.requests.cases.routing import Wanted
from rightsdesk.requests.cases.ruling import ElementRuling, Ruling
from rightsdesk.requests.cases.withdrawing import withdraw
from rightsdesk.requests.people.store import place
from rightsdesk.requests.people.tables import ContactRow, RosterProblemRow, RosterRunRow
from rightsdesk.verification.numbers_on_file import STUDENT, Holder
from rightsdesk.verification.passkeys.store import FAMILY, Stop
from rightsdesk.verification.school.kinds import LinkKey, ProviderKind
from rightsdesk.verification.school.provider import proposed
from rightsdesk.verification.school.store import Providers
from rightsdesk.verification.staff import accounts
from rightsdesk.verification.students.resetting import grant, new_grant
from rightsdesk.verification.students.store import Resets
from rightsdesk.web import casework
from rightsdesk.web.drafts import NOTHING_ANSWERED, Draft
from rightsdesk.web.portal import Portal
from rightsdesk.web.sessions import REQUESTER, STAFF, Seat, Sessions, hashed
from rightsdesk.web.staffroom import staff_means

RUN: Final = UUID("dddddddd-0000-4000-8000-000000000001")
PROVIDER: Final = UUID("dddddddd-0000-4000-8000-000000000002")
PASSWORD: Final = "seven grey lanterns over Tuvalu"
COUNTS: Final = '{"people":[31,212,1204,9840],"guardianships":[58,40,0,17106],"dropped":[41,2],"marks":{}}'
LONG: Final = "a.very.long.address.of.somebody@students.a-long-name-of-a-district.example"
REFUSAL: Final = "We looked at every paper in the file of the school. The entry is right as it is."
FIX: Final = (Wanted("grade", "8"), Wanted("email", LONG))
PICTURE: Final = (Wanted("picture", ""),)

Step: TypeAlias = Callable[[Page], None]


@dataclass(slots=True)
class Story:
    """The portal with its requests by what they show: ``cases`` and ``asked_by`` go by the same names."""

    portal: Portal
    cases: dict[str, str] = field(default_factory=dict)
    asked_by: dict[str, UUID] = field(default_factory=dict)

    def seat(self, who: Callable[[Seat], Seat]) -> str:
        """Return the cookie of a family's session that stands like this."""
        portal, now = self.portal, self.portal.now()
        with portal.storage.write() as tx:
            sessions = Sessions(tx, MARIGOLD.id, portal.vault.agency(MARIGOLD.id), now, portal.draw)
            return sessions.store(who(sessions.fresh())).token

    def proved(self, person: UUID, draft: Draft = NOTHING_ANSWERED) -> str:
        """Return the cookie of a requester who proved who they are a minute ago, with these answers."""
        at = self.portal.now() - timedelta(minutes=1)
        return self.seat(
            lambda seat: replace(seat, kind=REQUESTER, person=person, proved_at=at, number_ending="42", draft=draft)
        )

    def at_step(self, purpose: str) -> str:
        """Return the cookie of somebody whose number several people have."""
        both = (ELENA, person_id(1000))
        return self.seat(lambda seat: replace(seat, challenge="x", purpose=purpose, candidates=both))

    def granted(self, person: UUID) -> str:
        """Return the cookie of somebody who may choose a new password for this person."""
        portal, now, secret = self.portal, self.portal.now(), new_grant(self.portal.draw)
        token = self.seat(lambda seat: replace(seat, purpose="reset_choose", grant=secret))
        with portal.storage.write() as tx:
            contact, vault = portal.fresh_id(), portal.vault.agency(MARIGOLD.id)
            number = vault.seal(person, "identity", place("contacts", contact, "value"), "+15555550177")
            point = {"id": contact, "agency": MARIGOLD.id, "person": person, "channel": "text", "added_at": now}
            tx.add(ContactRow(**point, value=number))
            holder = Holder(person, contact, may_text=True, confirmed_at=now, replaced_at=None, standing=STUDENT)
            grant(Resets(tx, MARIGOLD.id), secret, hashed(token), holder, portal.draw, now)
        return token

    def staff(self, who: UUID) -> str:
        """Return the cookie of somebody at the desk."""
        return cookie(self.portal, who)

    def half_in(self, who: UUID) -> str:
        """Return the cookie of somebody at the desk who owes the second factor."""
        portal, now = self.portal, self.portal.now()
        with portal.storage.write() as tx:
            sessions = Sessions(tx, MARIGOLD.id, portal.vault.agency(MARIGOLD.id), now, portal.draw, STAFF)
            return sessions.store(replace(sessions.fresh(), kind=STAFF, staff=who, password_at=now)).token

    def invited(self, who: UUID) -> str:
        """Return the cookie of somebody whose invitation was just used, and who has no password yet."""
        portal, now = self.portal, self.portal.now()
        with portal.storage.write() as tx:
            sessions = Sessions(tx, MARIGOLD.id, portal.vault.agency(MARIGOLD.id), now, portal.draw, STAFF)
            return sessions.store(replace(sessions.fresh(), kind=STAFF, staff=who, purpose="join")).token


def story(folder: Path) -> Story:
    """Return the portal with one request in each state that a page shows."""
    folder.chmod(0o700)
    told = Story(portal_at(folder, Clock()))  # under a name, so that pages offer passkeys
    # Each family has an open request to see everything; the first two of them go further.
    for name, case in zip(("copy", "letter", "withdrawn", "plain"), many(told.portal, 4), strict=True):
        _keep(told, name, case)
    for number, (name, kind, wanted) in enumerate(_OTHERS):
        pair = {"requester": person_id(1000 + 2 * number), "subject": person_id(1001 + 2 * number)}
        _keep(told, name, ask(told.portal, kind, wanted=wanted, **pair))
    _keep(told, "own", ask(told.portal, requester=ELENA, subject=LUCIA))
    _play(told)
    _office(told.portal)
    keep_school_accounts(told.portal, _TRUSTED)
    for side, owner, stopped in (
        (FAMILY, ELENA, None),
        (FAMILY, ELENA, Stop.COPIED),
        (FAMILY, ELENA, Stop.ROOT_GONE),
        (STAFF, PRIYA, None),
    ):
        keyed(told.portal, side, owner, stopped)
    return told


_OTHERS: Final = (
    ("fix", Kind.CORRECTION, FIX),
    ("question", Kind.CORRECTION, FIX),
    ("refused", Kind.CORRECTION, FIX),
    ("partly", Kind.CORRECTION, FIX),
)


def _keep(told: Story, name: str, case: Case) -> None:
    told.cases[name], told.asked_by[name] = case.reference, case.requester


def _play(told: Story) -> None:
    _rule(told, "copy", Outcome.APPROVE)
    _rule(told, "letter", Outcome.DENY)
    _rule(told, "refused", Outcome.DENY)
    _rule(told, "partly", Outcome.PARTIAL)
    _talk(told)
    for name in ("copy", "letter", "refused", "partly"):
        _leave(told, name)
    for number, name in enumerate(("erasing", "second", "delete")):
        pair = {"requester": person_id(1000 + 2 * number), "subject": person_id(1001 + 2 * number)}
        _keep(told, name, ask(told.portal, Kind.ERASURE, wanted=PICTURE, **pair))
    _rule(told, "second", Outcome.APPROVE)
    for who in (PRIYA, DANA):
        _rule(told, "erasing", Outcome.APPROVE, who)
    _leave(told, "erasing")


def _rule(told: Story, name: str, outcome: Outcome, who: UUID = PRIYA) -> None:
    portal, now = told.portal, told.portal.now()
    with portal.storage.write() as tx:
        docket = portal.docket(tx, MARIGOLD, now)
        case = docket.cases.find(told.cases[name])
        decide(docket, Approver(who, frozenset({Role.APPROVER}), None, now), _ruling(case, outcome), now)


def _ruling(case: Case, outcome: Outcome) -> Ruling:
    if outcome is Outcome.APPROVE:
        return Ruling(case.reference, case.version, outcome)
    if outcome is Outcome.DENY:
        return Ruling(case.reference, case.version, outcome, "NOT_HELD", REFUSAL)
    first, *rest = case.touching()
    parts = (ElementRuling(first, Outcome.DENY, "NOT_HELD", REFUSAL),)
    parts += tuple(ElementRuling(one, Outcome.APPROVE) for one in rest)
    return Ruling(case.reference, case.version, outcome, elements=parts)


def _talk(told: Story) -> None:
    portal, now = told.portal, told.portal.now()
    priya = Approver(PRIYA, frozenset({Role.APPROVER}), None, now)
    with portal.storage.write() as tx:
        docket = portal.docket(tx, MARIGOLD, now)
        case = docket.cases.find(told.cases["question"])
        ask_family(docket, priya, case.reference, case.version, "Which of the two addresses is the right one?", now)
        note(docket, priya, told.cases["fix"], "Asked twice by phone this fall.", now)
        withdraw(docket, told.asked_by["withdrawn"], told.cases["withdrawn"], now)


def _leave(told: Story, name: str) -> None:
    portal = told.portal
    with portal.storage.read() as tx:
        case = portal.docket(tx, MARIGOLD, NEW).cases.find(told.cases[name])
    later = replace(portal, now=lambda: portal.now() + timedelta(minutes=11))
    ids = (str(MARIGOLD.id), str(case.id))
    casework.take_effect(later, ids)
    if name in {"copy", "partly"}:
        casework.fulfil(later, ids)


_TRUSTED: Final = proposed(
    PROVIDER,
    ProviderKind.CLASSLINK,
    "rightsdesk",
    "2001",
    link_key=LinkKey.SOURCED_ID,
    link_claim="SourcedId",
    for_staff=True,
)


def _office(portal: Portal) -> None:
    now = portal.now()
    with portal.storage.write() as tx:
        for who in (PRIYA, DANA):
            accounts.set_password(staff_means(portal, tx, MARIGOLD, now), who, PASSWORD, (), now)
        Providers(tx, MARIGOLD.id, portal.vault.agency(MARIGOLD.id)).add(_TRUSTED, "a secret", now)
        means = staff_means(portal, tx, MARIGOLD, now)
        accounts.begin_app(means, DANA)
        accounts.confirm_app(means, DANA, TOTP(accounts.pending_seed(means, DANA) or "").at(now), now)
        tx.add(RosterRunRow(id=RUN, agency=MARIGOLD.id, state="held", started_at=now, counts=COUNTS, started_by="o"))
        tx.flush()
        for line in range(3):
            tx.add(
                RosterProblemRow(
                    run=RUN, file="users.csv", line=402 + line, column="familyName", code="missing", severity="error"
                )
            )


@dataclass(frozen=True, slots=True)
class State:
    """One thing a page can look like. ``words`` must stand on it, so that no state passes for another."""

    name: str
    screen: str
    path: str
    sits: Callable[[Story], str] | None = None
    steps: tuple[Step, ...] = ()
    words: str = ""
    is_error: bool = False
    is_printed: bool = False

    @property
    def is_staff(self) -> bool:
        """Say whether it belongs to the agency's side."""
        return self.path.startswith(("/desk/", "/office/"))


def press(what: str = "main form button.btn:not([type=button])") -> Step:
    """Press the first of what is found."""
    return lambda page: page.locator(what).first.click()


def fill(what: str, value: str) -> Step:
    """Type into a field."""
    return lambda page: page.locator(what).first.fill(value)


def tick(what: str) -> Step:
    """Tick a box, or choose one of several."""
    return lambda page: page.locator(what).first.check()


def opened(what: str) -> tuple[Step, ...]:
    """Open what is folded, and look at the page from its top again."""
    return press(f"{what} summary"), lambda page: page.evaluate("scrollTo(0, 0)")
