"""Answering a challenge: each try is counted before it is looked at, so that parallel guesses see five."""

from datetime import datetime
from typing import Final
from uuid import UUID

from rightsdesk.verification.asking import next_chance
from rightsdesk.verification.attempts import ADDRESS_BUDGET, NUMBER_BUDGET, Count, Stop, Stopped, stopped
from rightsdesk.verification.challenges import TRIES, Answer, Judgement
from rightsdesk.verification.means import Behind, Means, place_of, public
from rightsdesk.verification.numbers_on_file import Sufficiency, judge_number, reachable
from rightsdesk.verification.protocols import Event
from rightsdesk.verification.sms.port import TextKind
from rightsdesk.verification.spending.figures import ENTERED, KINDS
from rightsdesk.verification.store import Claim, Seen
from rightsdesk.verification.tables import Counted

LOCKED_JOB: Final = "texts_locked"  # the owner of a number that was locked is told, if there is one
TRY: Final = "try"  # the fact that says which try of its challenge a wrong code was, where it was looked at

_EVENTS: Final = {
    Answer.WRONG: "code_wrong",
    Answer.SPENT: "code_wrong",
    Answer.EXPIRED: "code_expired",
    Answer.LOCKED: "code_locked",
}
_CLOSED: Final = {Stop.LOCKED: Answer.LOCKED, Stop.TODAY: Answer.CLOSED_TODAY, Stop.PAUSED: Answer.PAUSED}


def answer(means: Means, claim: Claim, code: str, address: str, now: datetime) -> Judgement:
    """Return what six ASCII digits are worth; a right code is consumed, for exactly one caller.

    ``address`` is the caller's as ``counted_address`` gives it. The caller commits, also after a wrong answer:
    the try is counted in the same transaction. Source: NIST SP 800-63B-4 sections 3.1.3.2 and 3.2.2.
    """
    seen = means.codes.take_try(claim, now)
    if seen is None:
        return _refused(means, claim, now)
    addresses = means.address_keys(address)
    shut = _reserve(means, seen, addresses, now)
    if shut:
        means.codes.return_try(seen.id)
        return _said(means, seen.id, Judgement(_CLOSED[shut.stop], again_at=shut.until))
    challenge = seen.opened(means.seal.unseal_agency(place_of(seen.id), seen.secret))
    worth = challenge.judge(code, now)
    # Looked up behind a right code alone: it costs a statement more for each holder, and whoever guesses could time it.
    behind = means.behind(seen, now) if worth is Answer.CORRECT else Behind()
    if worth is Answer.CORRECT and reachable(behind.meant) and means.codes.use(seen.id, now):
        return _right(means, seen, addresses, behind, now)
    return _wrong(means, seen, claim, now)


def is_shut(means: Means, number: str, now: datetime) -> bool:
    """Say whether an E.164 number gets no codes: after too many wrong ones, or because its owner replied STOP."""
    keys = means.number_keys(number)
    count = means.counts.seen(Counted.NUMBER, keys)
    return stopped(count, NUMBER_BUDGET, now, means.counts.zone) is not None or means.sends.opted_out(keys)


def forgive(means: Means, number: str, actor: str, person: UUID, now: datetime) -> None:
    """Let an E.164 number get codes again that too many wrong ones have locked: its owner came by another way.

    A STOP stays: only its owner's START, or the office, ends that.
    """
    keys = means.number_keys(number)
    shut = stopped(means.counts.seen(Counted.NUMBER, keys), NUMBER_BUDGET, now, means.counts.zone)
    if shut is not None and shut.stop is Stop.LOCKED:
        means.counts.unlock(Counted.NUMBER, keys)
        means.record(Event("code_unlocked", actor, subject=person, facts=(("reason", "school_sign_in"),)))


def unlock(means: Means, number: str, actor: str, person: UUID | None = None) -> None:
    """Open the text path of an E.164 number again: staff vouched, or the owner signed in through the school.

    A STOP is forgotten too: the carrier has its own list, and tells us anew if the owner did not reply START.
    ``actor`` is who did it, as in ``Event``; ``person`` is whose number it is.
    """
    keys = means.number_keys(number)
    means.counts.unlock(Counted.NUMBER, keys)
    means.sends.opt_in(keys, TextKind.CODE, TextKind.NOTICE)
    means.record(Event("code_unlocked", actor, subject=person))


def let_calls(means: Means, number: str, actor: str, person: UUID, stopped_at: datetime | None) -> None:
    """Note that the owner of an E.164 number wants no calls from now on, or, with None, that they may come again."""
    if stopped_at is None:
        means.sends.opt_in(means.number_keys(number), TextKind.CALL)
    else:
        means.sends.opt_out(means.number_keys(number)[0], stopped_at, TextKind.CALL)
    means.record(Event("calls_stopped" if stopped_at else "calls_allowed", actor, subject=person))


def _reserve(means: Means, seen: Seen, addresses: tuple[str, ...], now: datetime) -> Stopped | None:
    """Count one answer for the number and one for the address; say so if either has none left."""
    zone = means.counts.zone
    if means.counts.reserve(Counted.NUMBER, seen.numbers, NUMBER_BUDGET, now) is None:
        return stopped(means.counts.hold(Counted.NUMBER, seen.numbers, now), NUMBER_BUDGET, now, zone)
    if addresses and means.counts.reserve(Counted.ADDRESS, addresses, ADDRESS_BUDGET, now) is None:
        means.counts.give_back(Counted.NUMBER, seen.numbers)
        return stopped(means.counts.hold(Counted.ADDRESS, addresses, now), ADDRESS_BUDGET, now, zone)
    return None


def _right(means: Means, seen: Seen, addresses: tuple[str, ...], behind: Behind, now: datetime) -> Judgement:
    if judge_number(behind.holders, now).sufficiency is Sufficiency.SECOND_PROOF:
        # This is no success yet: else each right code would buy ten new guesses at a student number.
        means.counts.give_back(Counted.NUMBER, seen.numbers)
    else:
        means.counts.succeed(Counted.NUMBER, seen.numbers)
    if addresses:
        means.counts.give_back(Counted.ADDRESS, addresses)
    for channel in means.sends.answered(seen.id, now):
        means.days.add(now, KINDS[channel], ENTERED)
    for person in dict.fromkeys(one.person for one in reachable(behind.meant)):
        facts = (("challenge", public(seen.id)), ("purpose", seen.purpose.value))
        means.record(Event("code_right", "unknown", subject=person, facts=facts))
    return Judgement(Answer.CORRECT, left=TRIES - seen.tries, holders=behind.holders, meant=behind.meant)


def _wrong(means: Means, seen: Seen, claim: Claim, now: datetime) -> Judgement:
    tried = (TRY, str(seen.tries))
    count = means.counts.hold(Counted.NUMBER, seen.numbers, now)
    shut = stopped(count, NUMBER_BUDGET, now, means.counts.zone)
    if shut:
        _tell_owner(means, seen, count)
        return _said(means, seen.id, Judgement(_CLOSED[shut.stop], again_at=shut.until), tried)
    if seen.tries >= TRIES:
        again_at = next_chance(means, claim.session, seen.numbers, now)
        return _said(means, seen.id, Judgement(Answer.SPENT, again_at=again_at), tried)
    return _said(means, seen.id, Judgement(Answer.WRONG, left=TRIES - seen.tries), tried)


def _tell_owner(means: Means, seen: Seen, count: Count) -> None:
    """Enqueue the notice once; for a number nobody holds too, so that the answers cost the same."""
    if count.failures >= NUMBER_BUDGET.total:
        means.jobs.submit(means.codes.session, LOCKED_JOB, f"{seen.id}:locked", seen.id)


def _refused(means: Means, claim: Claim, now: datetime) -> Judgement:
    """Say why no try may be looked at: the number is closed, the challenge is spent, or its codes are dead."""
    seen = means.codes.shown(claim)
    if seen is None:
        return _said(means, claim.challenge, Judgement(Answer.EXPIRED))
    shut = stopped(means.counts.hold(Counted.NUMBER, seen.numbers, now), NUMBER_BUDGET, now, means.counts.zone)
    if shut:
        return _said(means, seen.id, Judgement(_CLOSED[shut.stop], again_at=shut.until))
    if seen.used_at is None and seen.tries >= TRIES:
        again_at = next_chance(means, claim.session, seen.numbers, now)
        return _said(means, seen.id, Judgement(Answer.SPENT, again_at=again_at))
    return _said(means, seen.id, Judgement(Answer.EXPIRED, stopped_at=seen.used_at or seen.expires_at))


def _said(means: Means, challenge: str, judgement: Judgement, *tried: tuple[str, str]) -> Judgement:
    kind = _EVENTS.get(judgement.answer, "code_refused")
    means.note(kind, challenge, ("reason", judgement.answer), *tried)
    return judgement
