"""The demo's fifty requests as a script: who did what, how many days ago, in the order of time."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Final, TypeAlias
from uuid import UUID

from rightsdesk.requests.cases import claiming, conversation, deciding, duplicating, effects, filing, withdrawing
from rightsdesk.requests.cases.case import Approver, Case, Delivery, Kind, Outcome
from rightsdesk.requests.cases.docket import Docket
from rightsdesk.requests.cases.filing import Filing
from rightsdesk.requests.cases.routing import Wanted
from rightsdesk.requests.cases.ruling import ElementRuling, Ruling
from rightsdesk.web.demo.words import ANSWER, QUESTION, REFUSAL, Plea

Act: TypeAlias = Callable[[Docket, datetime], None]
HOUR: Final = timedelta(hours=1)
QUIET: Final = timedelta(days=4)  # a question this old has not been reminded of, and is still open


@dataclass(frozen=True, slots=True)
class Step:
    """One thing somebody did, and when."""

    at: datetime
    act: Act


@dataclass(frozen=True, slots=True)
class Desk:
    """The people who decide in the demo."""

    first: UUID
    second: UUID
    roles: frozenset[str]

    def approver(self, staff: UUID, now: datetime) -> Approver:
        """Return a member of staff who has just shown the second factor."""
        return Approver(staff, self.roles, None, now)


@dataclass(frozen=True, slots=True)
class Family:
    """One request: who asks about whom, what, and how long ago."""

    number: int
    requester: UUID
    subject: UUID
    plea: Plea
    filed: datetime

    @property
    def once(self) -> str:
        """Return the key that makes filing twice one case."""
        return f"demo-{self.number}"

    def filing(self) -> Filing:
        """Return what was sent."""
        wanted = tuple(Wanted(element, proposed) for element, proposed in self.plea.wanted)
        return Filing(
            requester=self.requester,
            subject=self.subject,
            kind=self.plea.kind,
            wanted=wanted,
            details=self.plea.words,
            language=self.plea.language,
            once=self.once,
            channel="portal",
            means="text",
            received_at=self.filed,
            delivery=Delivery.ELECTRONIC,
        )


def steps(family: Family, ending: str, desk: Desk, now: datetime) -> Iterator[Step]:
    """Yield what happens to one request until it stands where the demo shows it; ``ending`` names that place."""
    yield Step(family.filed, lambda docket, at: _file(docket, family, at))
    then = _ENDINGS.get(ending)
    if then is not None:
        yield from then(family, desk, min(family.filed + HOUR, now - HOUR / 2), now)


def _file(docket: Docket, family: Family, at: datetime) -> None:
    filing.file_case(docket, family.filing(), at)


def _case(docket: Docket, family: Family) -> Case:
    return docket.cases.sent_once(family.once)[0]


def _claimed(family: Family, desk: Desk, at: datetime, now: datetime) -> Iterator[Step]:  # noqa: ARG001 - one shape for all endings
    def act(docket: Docket, moment: datetime) -> None:
        case = _case(docket, family)
        claiming.claim(docket, desk.approver(desk.first, moment), case.reference, case.version)

    yield Step(at, act)


def _asked(family: Family, desk: Desk, at: datetime, now: datetime) -> Iterator[Step]:
    def act(docket: Docket, moment: datetime) -> None:
        case = _case(docket, family)
        asker = desk.approver(desk.first, moment)
        conversation.ask_family(docket, asker, case.reference, case.version, QUESTION, moment)

    yield Step(_lately(at, now), act)


def _answered(family: Family, desk: Desk, at: datetime, now: datetime) -> Iterator[Step]:
    yield from _asked(family, desk, at, now)

    def act(docket: Docket, moment: datetime) -> None:
        conversation.answer(docket, family.requester, _case(docket, family).reference, ANSWER, moment)

    yield Step(_lately(at, now) + HOUR / 4, act)


def _lately(at: datetime, now: datetime) -> datetime:
    return max(at, now - QUIET)


def _noted(family: Family, desk: Desk, at: datetime, now: datetime) -> Iterator[Step]:  # noqa: ARG001 - one shape for all endings
    def act(docket: Docket, moment: datetime) -> None:
        writer = desk.approver(desk.second, moment)
        conversation.note(docket, writer, _case(docket, family).reference, "Asked twice by phone this fall.", moment)

    yield Step(at, act)


def _decided(family: Family, desk: Desk, at: datetime, outcome: Outcome) -> Step:
    def act(docket: Docket, moment: datetime) -> None:
        case = _case(docket, family)
        deciding.decide(docket, desk.approver(desk.first, moment), _ruling(case, outcome), moment)

    return Step(at, act)


def _second(family: Family, desk: Desk, at: datetime) -> Step:
    def act(docket: Docket, moment: datetime) -> None:
        case = _case(docket, family)
        ruling = Ruling(case.reference, case.version, Outcome.APPROVE)
        deciding.decide(docket, desk.approver(desk.second, moment), ruling, moment)

    return Step(at, act)


def _effect(family: Family, at: datetime) -> Step:
    def act(docket: Docket, moment: datetime) -> None:
        effects.take_effect(docket, _case(docket, family).id, moment)

    return Step(at, act)


def _ruling(case: Case, outcome: Outcome) -> Ruling:
    ground = "NOT_HELD"
    if outcome is not Outcome.PARTIAL:
        return Ruling(case.reference, case.version, outcome, ground if outcome is Outcome.DENY else "", REFUSAL)
    first, *rest = case.touching()
    parts = [ElementRuling(first, Outcome.DENY, ground, REFUSAL)]
    parts += [ElementRuling(element, Outcome.APPROVE) for element in rest]
    return Ruling(case.reference, case.version, outcome, elements=tuple(parts))


def _held(outcome: Outcome) -> Callable[[Family, Desk, datetime, datetime], Iterator[Step]]:
    def ending(family: Family, desk: Desk, at: datetime, now: datetime) -> Iterator[Step]:  # noqa: ARG001 - one shape
        # A minute ago: the ten minutes in which it can be taken back still run when somebody looks.
        yield _decided(family, desk, now - timedelta(minutes=1), outcome)

    return ending


def _done(outcome: Outcome) -> Callable[[Family, Desk, datetime, datetime], Iterator[Step]]:
    def ending(family: Family, desk: Desk, at: datetime, now: datetime) -> Iterator[Step]:  # noqa: ARG001 - one shape
        yield _decided(family, desk, at, outcome)
        if family.plea.kind is Kind.ERASURE and outcome is not Outcome.DENY:
            yield _second(family, desk, at + timedelta(minutes=2))
        yield _effect(family, at + HOUR / 4)

    return ending


def _proposed(family: Family, desk: Desk, at: datetime, now: datetime) -> Iterator[Step]:  # noqa: ARG001 - one shape for all endings
    yield _decided(family, desk, at, Outcome.APPROVE)


def _withdrawn(family: Family, desk: Desk, at: datetime, now: datetime) -> Iterator[Step]:  # noqa: ARG001 - one shape for all endings
    def act(docket: Docket, moment: datetime) -> None:
        withdrawing.withdraw(docket, family.requester, _case(docket, family).reference, moment)

    yield Step(at, act)


def _unproved(family: Family, desk: Desk, at: datetime, now: datetime) -> Iterator[Step]:  # noqa: ARG001 - one shape for all endings
    def act(docket: Docket, moment: datetime) -> None:
        wanted = replace(family.filing(), means="", channel="phone", once=f"{family.once}-phone", wanted=_OTHER)
        filing.enter_case(docket, replace(wanted, kind=Kind.ERASURE, received_at=moment), moment)

    yield Step(at, act)


def _repeated(family: Family, desk: Desk, at: datetime, now: datetime) -> Iterator[Step]:  # noqa: ARG001 - one shape for all endings
    def act(docket: Docket, moment: datetime) -> None:
        # The letter asks the very same, only spelled in capitals.
        wanted = tuple(Wanted(element, proposed.upper()) for element, proposed in family.plea.wanted)
        again = replace(family.filing(), once=f"{family.once}-again", wanted=wanted, channel="mail")
        case = filing.enter_case(docket, again, moment)[0]
        same = _case(docket, family).reference
        joiner = desk.approver(desk.first, moment)
        duplicating.mark_duplicate(docket, joiner, case.reference, case.version, same, moment)

    yield Step(at, act)


_OTHER: Final = (Wanted("signins"),)
_ENDINGS: Final = {
    "claimed": _claimed,
    "asked": _asked,
    "answered": _answered,
    "noted": _noted,
    "approved": _held(Outcome.APPROVE),
    "partly": _held(Outcome.PARTIAL),
    "denied": _held(Outcome.DENY),
    "granted": _done(Outcome.APPROVE),
    "granted_part": _done(Outcome.PARTIAL),
    "refused": _done(Outcome.DENY),
    "proposed": _proposed,
    "withdrawn": _withdrawn,
    "unproved": _unproved,
    "repeated": _repeated,
}
