"""How we know who this is, and what an approver should look at twice."""

from collections.abc import Iterator, Sequence
from datetime import timedelta
from typing import Final

from rightsdesk.requests.cases.case import Case, Kind
from rightsdesk.requests.cases.store import BESIDE_AT_MOST
from rightsdesk.requests.cases.timeline import Moment
from rightsdesk.requests.people.authority import Grade, Why
from rightsdesk.requests.people.errors import NotOnFile
from rightsdesk.requests.people.register.store import Reached, Register
from rightsdesk.verification.assurance import ProofKind
from rightsdesk.web.desk.shown import Check
from rightsdesk.web.visits import Visit

NEW_NUMBER: Final = timedelta(days=7)
_BY_HAND: Final = frozenset({"phone", "paper", "mail"})
_CODES: Final[dict[str, str]] = {ProofKind.TEXT_CODE: "phone_code", ProofKind.SCHOOL_SIGN_IN: "sign_in"}


def checks(visit: Visit, case: Case, history: Sequence[Moment], about: Sequence[Case]) -> tuple[Check, ...]:
    """Return what proves the requester, then the warn signs; ``about`` are the unanswered others."""
    numbers = _numbers(visit, case)
    return (
        *_proofs(case, history, numbers),
        *_standing(visit, case),
        *_number_signs(visit, numbers),
        *_other_cases(case, about),
    )


def _numbers(visit: Visit, case: Case) -> list[Reached]:
    found = Register(visit.tx, visit.here, visit.vault).reached_at([case.requester])
    return [one for one in found if one.ending.isdigit()]


def _proofs(case: Case, history: Sequence[Moment], numbers: list[Reached]) -> Iterator[Check]:
    """Yield what was shown when the request was sent, each kind of proof once, as ``Seat.means`` wrote it."""
    if case.channel in _BY_HAND:
        yield Check("entered")
        return
    shown = "/".join(one.fact("means") for one in history if one.kind == "filed") or ProofKind.TEXT_CODE
    for kind in dict.fromkeys(shown.split("/")):
        yield Check(_CODES.get(kind, kind), ending=numbers[0].ending if kind == ProofKind.TEXT_CODE and numbers else "")


def _standing(visit: Visit, case: Case) -> Iterator[Check]:
    today = visit.here.today(visit.now)
    try:
        asking = visit.people.asking(case.requester, case.subject, case.kind, today)
    except NotOnFile:
        yield Check("no_authority", is_warning=True)
        return
    if asking.authority.why is Why.FROZEN:
        yield Check("frozen", is_warning=True)
    elif not asking.authority.holds:
        yield Check("no_authority", is_warning=True)
    elif asking.authority.why is Why.OWN_RECORD:
        yield Check("own_record")
    if asking.link is not None and asking.link.is_active:
        is_confirmed = asking.link.grade is Grade.CONFIRMED
        yield Check("confirmed" if is_confirmed else "linked", relation=asking.link.relation)
    elsewhere = [one for one in asking.restrictions if one.student != case.subject]
    if any(one.holds(one.student or case.subject, today) for one in elsewhere):
        yield Check("restricted_elsewhere", is_warning=True)


def _number_signs(visit: Visit, numbers: list[Reached]) -> Iterator[Check]:
    if any(one.is_shared for one in numbers):
        yield Check("shared_number", is_warning=True)
    if any(one.replaced_at is not None and visit.now - one.replaced_at < NEW_NUMBER for one in numbers):
        yield Check("new_number", is_warning=True)


def _other_cases(case: Case, about: Sequence[Case]) -> Iterator[Check]:
    has_more = len(about) > BESIDE_AT_MOST
    others = about[:BESIDE_AT_MOST]
    to_see = tuple(one.reference for one in others if case.kind is Kind.ERASURE and one.kind is Kind.ACCESS)
    rest = tuple(one.reference for one in others if one.reference not in to_see)
    if to_see:  # they come first: where anything else is named, all of them are
        yield Check("access_open", is_warning=True, references=to_see, has_more=has_more and not rest)
    if rest:
        yield Check("other_cases", is_warning=True, references=rest, has_more=has_more)
