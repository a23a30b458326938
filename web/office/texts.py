"""How codes and notices by text fare: sums of days, nobody's number and nobody's name."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Final, TypeAlias

from starlette.responses import Response

from rightsdesk.verification.alarming import STILL, Alarm
from rightsdesk.verification.halting import Halt, halt
from rightsdesk.verification.means import Means
from rightsdesk.verification.sms.port import TextKind
from rightsdesk.verification.spending.ceilings import Channel
from rightsdesk.verification.spending.figures import ENTERED, HELD, LEFT, REFUSED, REPORTED
from rightsdesk.verification.spending.store import Alarms, DaySum
from rightsdesk.verification.spending.tables import PORTAL
from rightsdesk.web.alarms import money
from rightsdesk.web.office.shells import OfficeShell, office_shell
from rightsdesk.web.proof import means
from rightsdesk.web.visits import Visit

SPANS: Final = (1, 7, 30)  # days, today among them
_CODES: Final = frozenset({TextKind.CODE, TextKind.CALL})
_LOST: Final = frozenset({f"{REPORTED}undelivered", f"{REPORTED}failed"})
_HALTS: Final = {Halt.PUMPED: Alarm.PUMPED, Halt.ACCOUNT: Alarm.ACCOUNT, Halt.SENDER: Alarm.SENDER}

Numbers: TypeAlias = tuple[int, ...]  # one for each span


@dataclass(frozen=True, slots=True)
class Line:
    """One thing that was counted, by its code, over today, 7 and 30 days."""

    what: str
    numbers: Numbers


@dataclass(frozen=True, slots=True)
class DayLine:
    """What codes did on one day; ``share`` is the number that came back of a hundred that left, None without any."""

    day: date
    left: int
    entered: int
    share: int | None


@dataclass(frozen=True, slots=True)
class Standing:
    """Why codes stand still or somebody was told, and since when."""

    what: str
    since: datetime
    is_still: bool


@dataclass(frozen=True, slots=True)
class TextsPage:
    """How messages fare. Amounts are in the carrier's currency, ``spent_share`` in parts of a hundred."""

    shell: OfficeShell
    standing: tuple[Standing, ...]
    codes: tuple[Line, ...]
    shares: tuple[int | None, ...]
    notices: tuple[Line, ...]
    blocked: tuple[Line, ...]
    spent: str
    ceiling: str
    spent_share: int
    costs: tuple[str, ...]
    opted_out: tuple[tuple[str, int], ...]
    days: tuple[DayLine, ...]
    most: int


def texts(visit: Visit) -> Response:
    """Show how codes and notices fare, without anybody's number."""
    return visit.render("office/texts.html", texts_page(visit))


def texts_page(visit: Visit) -> TextsPage:
    """Return the page."""
    tools, today = means(visit.portal, visit.tx, visit.here, visit.now), visit.here.today(visit.now)
    sums = tools.days.since(today - timedelta(days=SPANS[-1] - 1))
    spent, ceiling = tools.sends.spent(visit.now), tools.terms.ceilings.agency
    days, opted_out = _days(sums, today), tools.sends.opt_outs()
    return TextsPage(
        shell=office_shell(visit, "office.texts"),
        standing=_standing(visit, tools),
        codes=_codes(sums, today),
        shares=_shares(sums, today),
        notices=_lines(_of(sums, {TextKind.NOTICE}), _STATES, today),
        blocked=_blocked(sums, today),
        spent=money(spent),
        ceiling=money(ceiling),
        spent_share=min(100, spent * 100 // ceiling),
        costs=tuple(money(sum(one.cost for one in _within(sums, today, span))) for span in SPANS),
        opted_out=tuple((kind.value, opted_out.get(kind, 0)) for kind in TextKind),
        days=days,
        most=max((one.left for one in days), default=0),
    )


_STATES: Final[Mapping[str, frozenset[str]]] = {
    "left": frozenset({LEFT}),
    "accepted": frozenset({"accepted"}),
    "unknown": frozenset({"unknown"}),
    "delivered": frozenset({f"{REPORTED}delivered"}),
    "lost": _LOST,
}


def _standing(visit: Visit, tools: Means) -> tuple[Standing, ...]:
    found = [*Alarms(visit.tx, visit.here.id).standing(), *Alarms(visit.tx, PORTAL).standing()]
    stands = {one.what: one.since for one in reversed(found)}
    still = halt(tools, Channel.TEXT, visit.now)
    if still:
        stands.setdefault(_HALTS.get(still, Alarm.WHOLE).value, visit.now)
    return tuple(Standing(what, since, Alarm(what) in STILL) for what, since in stands.items())


def _codes(sums: Sequence[DaySum], today: date) -> tuple[Line, ...]:
    calls = Line("calls", _numbers(_of(sums, {TextKind.CALL}), frozenset({LEFT}), today))
    entered = Line("entered", _numbers(_of(sums, _CODES), frozenset({ENTERED}), today))
    return (*_lines(_of(sums, {TextKind.CODE}), _STATES, today), calls, entered)


def _lines(sums: Sequence[DaySum], wanted: Mapping[str, frozenset[str]], today: date) -> tuple[Line, ...]:
    return tuple(Line(name, _numbers(sums, whats, today)) for name, whats in wanted.items())


def _blocked(sums: Sequence[DaySum], today: date) -> tuple[Line, ...]:
    """Return each reason for which something was kept back, by us or by the carrier, most frequent first."""
    reasons = {one.what for one in sums if one.what.startswith((HELD, REFUSED))}
    lines = [Line(reason, _numbers(sums, frozenset({reason}), today)) for reason in reasons]
    return tuple(sorted(lines, key=lambda line: (*(-number for number in reversed(line.numbers)), line.what)))


def _shares(sums: Sequence[DaySum], today: date) -> tuple[int | None, ...]:
    left = _numbers(_of(sums, _CODES), frozenset({LEFT}), today)
    entered = _numbers(_of(sums, _CODES), frozenset({ENTERED}), today)
    return tuple(_share(came, went) for came, went in zip(entered, left, strict=True))


def _days(sums: Sequence[DaySum], today: date) -> tuple[DayLine, ...]:
    days = [today - timedelta(days=back) for back in range(SPANS[-1])]
    codes = _of(sums, _CODES)
    made = []
    for day in days:
        left = sum(one.number for one in codes if one.day == day and one.what == LEFT)
        entered = sum(one.number for one in codes if one.day == day and one.what == ENTERED)
        made.append(DayLine(day, left, entered, _share(entered, left)))
    return tuple(made)


def _numbers(sums: Sequence[DaySum], whats: frozenset[str], today: date) -> Numbers:
    return tuple(sum(one.number for one in _within(sums, today, span) if one.what in whats) for span in SPANS)


def _within(sums: Sequence[DaySum], today: date, span: int) -> Sequence[DaySum]:
    return [one for one in sums if one.day > today - timedelta(days=span)]


def _of(sums: Sequence[DaySum], kinds: set[TextKind] | frozenset[TextKind]) -> Sequence[DaySum]:
    return [one for one in sums if one.kind in kinds]


def _share(entered: int, left: int) -> int | None:
    return round(entered * 100 / left) if left else None
