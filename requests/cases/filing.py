"""File a request: who may ask, who answers, by when, and the case that keeps it."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Final
from uuid import UUID

from rightsdesk.requests.agencies.catalogue import Owner
from rightsdesk.requests.cases import notices, references
from rightsdesk.requests.cases.case import Asked, Case, Clock, Delivery, Kind
from rightsdesk.requests.cases.docket import Docket
from rightsdesk.requests.cases.errors import AlreadyAsked, BadFiling, NoAuthority
from rightsdesk.requests.cases.evidence import Clean, keep
from rightsdesk.requests.cases.laws import governed_by, needs_consent
from rightsdesk.requests.cases.routing import Share, Wanted, shares
from rightsdesk.requests.cases.states import Move, State
from rightsdesk.requests.cases.store import Earlier
from rightsdesk.requests.law.clocks import Calendar, Due, Events
from rightsdesk.requests.law.messages import NoticeKind
from rightsdesk.requests.law.precedence import due_dates
from rightsdesk.requests.law.terms import Right
from rightsdesk.requests.ledger.audit import Event
from rightsdesk.requests.people.authority import PARENT, STUDENT_OWN_MINOR
from rightsdesk.requests.people.errors import NotOnFile
from rightsdesk.requests.people.person import Asking

DETAILS_LENGTH: Final = 2000
PROPOSED_LENGTH: Final = 200
CHANNELS: Final = ("portal", "sign_in", "phone", "paper", "mail", "api")


@dataclass(frozen=True, slots=True)
class Filing:
    """What a requester sends. ``once`` makes sending twice one case; ``means`` is how they proved who they are.

    ``delivery`` is None where nobody was asked: then a law that wants consent to a copy online has none.
    """

    requester: UUID
    subject: UUID
    kind: Kind
    wanted: tuple[Wanted, ...]
    details: str
    language: str
    once: str
    channel: str
    means: str
    received_at: datetime
    evidence: tuple[Clean, ...] = ()
    delivery: Delivery | None = None


@dataclass(frozen=True, slots=True)
class Part:
    """One answer the family will get: from whom, by which day, by which law."""

    owner: Owner
    elements: tuple[str, ...]
    due: Due
    clocks: tuple[Clock, ...]


def preview(docket: Docket, filing: Filing, now: datetime) -> tuple[Part, ...]:
    """Return who would answer what, and by when, if this were sent now.

    Raises:
        NoAuthority: the requester may not ask this about this student.
        BadFiling: nothing is named, or something that cannot be asked.
    """
    named = _shares(filing)
    kind = _standing(docket, filing, now).authority.requester_kind
    return tuple(_part(docket, filing, share, kind) for share in named)


def file_case(docket: Docket, filing: Filing, now: datetime) -> tuple[Case, ...]:
    """File a request and return its cases, one for each owner; the same ``once`` again returns the same cases.

    Case, ledger entries and enqueued notices are one transaction, which the caller commits.

    Raises:
        NoAuthority: the requester may not ask this about this student now (F-13).
        BadFiling: nothing is named, or something that cannot be asked.
        AlreadyAsked: the same request of the same person is open (F-25).
    """
    earlier = _earlier(docket, filing)
    if earlier.sent:
        return earlier.sent
    _check_words(filing, now)
    asking = _standing(docket, filing, now)
    basis = _Basis(asking.authority.requester_kind, State.SUBMITTED, asking, earlier.alike)
    return _opened(docket, filing, basis, now)


def enter_case(docket: Docket, filing: Filing, now: datetime) -> tuple[Case, ...]:
    """Enter what a family wrote, said or brought, and return its cases (T-04).

    Where identity or authority is not proved the case waits for proof, and its clock runs since the first contact: the
    words to the family are the same whether somebody is unknown, unlinked or restricted.

    Raises:
        BadFiling: nothing is named, something that cannot be asked, or the day lies in the future.
        AlreadyAsked: the same request of the same person is open.
        NotOnFile: the student or the person is not on this agency's record.
    """
    asking = docket.people.asking(filing.requester, filing.subject, filing.kind, docket.agency.today(now))
    docket.people.person(filing.requester)
    earlier = _earlier(docket, filing)
    if earlier.sent:
        return earlier.sent
    _check_words(filing, now)
    own = filing.requester == filing.subject
    kind = asking.authority.requester_kind or (STUDENT_OWN_MINOR if own else PARENT)
    proved = bool(filing.means) and asking.authority.holds
    begins = State.SUBMITTED if proved else State.AWAITING_PROOF
    return _opened(docket, filing, _Basis(kind, begins, asking, earlier.alike), now)


@dataclass(frozen=True, slots=True)
class _Basis:
    """On what a case stands: a requester kind of the rule book, who asks, the state it begins in, what is open."""

    requester_kind: str
    state: State
    asking: Asking
    alike: tuple[Case, ...]


def _opened(docket: Docket, filing: Filing, basis: _Basis, now: datetime) -> tuple[Case, ...]:
    """Open one case for each owner and return them, the agency's first."""
    first: Case | None = None
    filed = []
    for share in _not_yet_asked(filing, basis):
        case = _open(docket, filing, share, (basis, first), now)
        filed.append(case)
        first = first or case
    return tuple(filed)


def _open(docket: Docket, filing: Filing, share: Share, ground: tuple[_Basis, Case | None], now: datetime) -> Case:
    basis, first = ground
    part = _part(docket, filing, share, basis.requester_kind)
    case = Case(
        id=docket.fresh_id(),
        reference=references.make(docket.agency.prefix, docket.draw),
        kind=filing.kind,
        state=basis.state,
        requester=filing.requester,
        requester_kind=basis.requester_kind,
        subject=filing.subject,
        school=basis.asking.school,
        owner=share.owner,
        channel=filing.channel,
        once=filing.once if first is None else f"{filing.once}:{share.owner}",
        language=filing.language,
        delivery=_delivery(docket, filing),
        received_at=filing.received_at,
        filed_at=now,
        due_on=part.due.on,
        due_rule=part.due.rule_id,
        details=filing.details.strip(),
        elements=_asked(docket, filing, share),
        linked=None if first is None else first.id,
    )
    docket.cases.add(case, part.clocks)
    for clean in filing.evidence if first is None else ():
        keep(docket, case, clean, now)
    docket.record(_filed(case, filing))
    notice = NoticeKind.RECEIPT if case.state is State.SUBMITTED else NoticeKind.PROOF_NEEDED
    notices.tell_first(docket, case, notice, basis.asking.channels, now)
    return _decided_by_right(docket, case, now)


def _decided_by_right(docket: Docket, case: Case, now: datetime) -> Case:
    # T-10: what a student added is theirs. It is hidden at once; the 7 days of undo are the erasure's own waiting.
    if case.owner is not Owner.SELF or case.state is not State.SUBMITTED:
        return case
    docket.live.hide(case.subject, case.touching(), case.id, now)
    granted = tuple(replace(one, outcome="approve") for one in case.elements)
    decided = case.move(Move.AUTO_DECIDE, elements=granted, outcome="approve", decided_at=now, effective_at=now)
    docket.record(Event("decided", "system", case.reference, case.subject, (("outcome", "approve"), ("owner", "self"))))
    return docket.cases.save(case, decided)


def _asked(docket: Docket, filing: Filing, share: Share) -> tuple[Asked, ...]:
    named = [wanted.element for wanted in share.wanted]
    live = docket.live.values(filing.subject, named) if filing.kind is Kind.CORRECTION else {}
    asked = [
        Asked(docket.fresh_id(), one.element, filed=live.get(one.element, ""), proposed=one.proposed.strip())
        for one in share.wanted
    ]
    # The store gives elements back by name; the case in hand has them in the same order.
    return tuple(sorted(asked, key=lambda one: one.element))


def _standing(docket: Docket, filing: Filing, now: datetime) -> Asking:
    today = docket.agency.today(now)
    try:
        asking = docket.people.asking(filing.requester, filing.subject, filing.kind, today)
    except NotOnFile as unknown:
        raise NoAuthority("We cannot find that student.") from unknown
    if not asking.authority.holds:
        raise NoAuthority("We cannot find that student.")
    return asking


def _shares(filing: Filing) -> tuple[Share, ...]:
    return shares(filing.kind, filing.wanted, own_record=filing.requester == filing.subject)


def _part(docket: Docket, filing: Filing, share: Share, kind: str) -> Part:
    dues = dates(docket, filing.kind, kind, filing.received_at)
    clocks = tuple(_clock(one) for one in dues)
    return Part(share.owner, tuple(one.element for one in share.wanted), dues[0], clocks)


def dates(docket: Docket, kind: Kind, requester_kind: str, received_at: datetime) -> Sequence[Due]:
    """Return the date of each law that governs such a request at this agency, soonest first (F-29)."""
    governed = governed_by(docket.rulebook, docket.agency, Right(kind), requester_kind)
    calendar = Calendar(docket.agency.zone, docket.agency.holidays)
    return due_dates(governed, received_at, calendar, Events(), docket.rulebook)


def clocks_from(docket: Docket, kind: Kind, requester_kind: str, received_at: datetime) -> tuple[Clock, ...]:
    """Return the same dates as a case keeps them."""
    return tuple(_clock(one) for one in dates(docket, kind, requester_kind, received_at))


def _clock(due: Due) -> Clock:
    return Clock(due.rule_id, due.on, due.policy, due.source)


def _earlier(docket: Docket, filing: Filing) -> Earlier:
    earlier = docket.cases.earlier(filing.once, filing.requester, filing.subject, filing.kind)
    if any(case.requester != filing.requester for case in earlier.sent):  # a key that somebody read on another's page
        raise BadFiling("This page was sent before. Start again.")
    return earlier


def _check_words(filing: Filing, now: datetime) -> None:
    if filing.received_at > now:
        raise BadFiling("The day on which it came lies in the future.")
    if len(filing.details) > DETAILS_LENGTH:
        raise BadFiling(f"Use 2,000 letters or fewer. You have used {len(filing.details):,}")
    if any(len(one.proposed) > PROPOSED_LENGTH for one in filing.wanted):
        raise BadFiling("What it should say is too long. Use 200 letters or fewer.")
    if filing.channel not in CHANNELS:
        raise BadFiling("We do not know how this request came in.")


def _not_yet_asked(filing: Filing, basis: _Basis) -> tuple[Share, ...]:
    """Return the shares that are not open already; those are answered under the reference they have (F-25).

    What somebody sent in this person's name and nobody proved never stands in the way of what they proved themselves.
    """
    asked = {
        (case.owner, frozenset((one.element, one.proposed) for one in case.elements)): case.reference
        for case in basis.alike
        if basis.state is State.AWAITING_PROOF or not case.was_never_proved
    }
    known = {share: asked.get((share.owner, _contents(share)), "") for share in _shares(filing)}
    if all(known.values()):
        raise AlreadyAsked(next(iter(known.values())))
    return tuple(share for share, reference in known.items() if not reference)


def _contents(share: Share) -> frozenset[tuple[str, str]]:
    return frozenset((one.element, one.proposed.strip()) for one in share.wanted)


def _filed(case: Case, filing: Filing) -> Event:
    facts = (
        ("kind", str(case.kind)),
        ("owner", str(case.owner)),
        ("channel", case.channel),
        ("means", filing.means),
        ("due", case.due_on.isoformat()),
        ("rule", case.due_rule),
    )
    delivery = (("delivery", str(case.delivery)),) if case.kind is Kind.ACCESS else ()
    return Event("filed", f"requester:{case.requester}", case.reference, case.subject, (*facts, *delivery))


def _delivery(docket: Docket, filing: Filing) -> Delivery:
    if filing.kind is not Kind.ACCESS or filing.delivery is not None:
        return filing.delivery or Delivery.ELECTRONIC
    return Delivery.OFFICE if needs_consent(docket.rulebook, docket.agency) else Delivery.ELECTRONIC
