"""The letter of a decision, exactly as the family reads it, and the texts and mails that announce it."""

from collections.abc import Collection, Mapping, Sequence
from datetime import datetime, timedelta
from typing import Final

from rightsdesk.requests.agencies.catalogue import Owner
from rightsdesk.requests.cases.case import HOLD, REPLY_DAYS, Asked, Case, Kind, Outcome
from rightsdesk.requests.cases.docket import Docket
from rightsdesk.requests.cases.errors import LetterNotReady
from rightsdesk.requests.cases.ruling import Ruling, answered, governed
from rightsdesk.requests.cases.states import State
from rightsdesk.requests.cases.tables import NoticeRow
from rightsdesk.requests.cases.waiting import erasure_time
from rightsdesk.requests.cases.wording import Terms, family_language, known, terms
from rightsdesk.requests.law.errors import LetterIncomplete, UnknownLaw
from rightsdesk.requests.law.filling import placeholders
from rightsdesk.requests.law.kinds import LetterKind, Line, Step, kind_of, refusal_kind
from rightsdesk.requests.law.letters import Letter, compose, reason
from rightsdesk.requests.law.messages import Message, NoticeKind, message
from rightsdesk.requests.law.notices import Notice, notice_codes
from rightsdesk.requests.law.notices import Outcome as Told
from rightsdesk.requests.law.terms import RequesterKind, Right
from rightsdesk.requests.law.wording import Language, words

PROOF_DAYS: Final = timedelta(days=7)
REOPEN_DAYS: Final = timedelta(days=90)
PACKAGE_DAYS: Final = timedelta(days=14)
_NEUTRAL: Final = "NO_AUTHORITY"
# Public offices that laws name. What only an agency can know is left out, and stops the letter where a law wants it.
_OFFICES: Final = {
    "sppo_address": "Student Privacy Policy Office, U.S. Department of Education, 400 Maryland Avenue SW, "
    "Washington, DC 20202",
    "cpo_address": "89 Washington Avenue, Albany, NY 12234",
    "isbe_address": "Illinois State Board of Education, 100 North First Street, Springfield, IL 62777",
    "ftc_link": "reportfraud.ftc.gov",
    "ico_address": "ico.org.uk/make-a-complaint",
}


def letter(docket: Docket, case: Case, ruling: Ruling | None, language: str, now: datetime) -> Letter:
    """Return the letter of a decision: with a ruling as it would be sent, without one from the stored answers.

    Raises:
        LetterNotReady: no ground or no answer yet, words that a law demands are missing, or nobody has read letters
            in this language (F-37).
        BadDecision: the ruling does not answer every element.
    """
    spoken = known(language)
    if spoken is None:
        raise LetterNotReady("Nobody has read letters in this language yet.")
    elements = _answers(case, ruling)
    try:
        return _composed(docket, case, elements, spoken, now)
    except LetterIncomplete as incomplete:
        raise LetterNotReady(str(incomplete)) from incomplete
    except UnknownLaw as unknown:
        raise LetterNotReady("Choose why. Then the letter can be shown.") from unknown


def sent_text(docket: Docket, case: Case, now: datetime) -> str:
    """Return the text of the letter that leaves for a decided case, in the language the family is written to.

    Raises:
        LetterNotReady: words that a law demands are missing.
    """
    return letter(docket, case, None, family_language(case.language), now).text()


def kept_letter(docket: Docket, case: Case) -> str | None:
    """Return the last letter that left for this case, byte for byte as it was sent, or nothing."""
    return docket.cases.letter_of(case)


def own_words(docket: Docket, one: Asked) -> str:
    """Return what the decider wrote about an element, as far as the family may read it.

    Under a ground that stands for an order on file nothing of it is shown, whatever the true ground is, so that the
    order cannot be told from a missing link (34 CFR 99.4).
    """
    if not one.ground:
        return one.text
    ground = docket.rulebook.ground(one.ground)
    hidden = ground.shown_as or docket.rulebook.shown(one.ground).code == _NEUTRAL
    return "" if hidden else one.text


def message_values(docket: Docket, case: Case, kind: NoticeKind, link: str, now: datetime) -> Mapping[str, str]:
    """Return what the texts and mails about a case can say; dates are days of the agency, none names a person.

    ``now`` is when the notice was entered: what it promises is counted from there.
    """
    return _told(docket, case, kind, link, now, terms(family_language(case.language)))


def compose_notice(docket: Docket, notice: NoticeRow, public_url: str) -> Message:
    """Return a notice as text and mail: the family's language, in the mail with English below it.

    Raises:
        LetterNotReady: it belongs to no case, or a word is missing.
    """
    if notice.case is None:
        raise LetterNotReady("A notice without a case has no words here.")
    case = docket.cases.numbered(notice.case)
    kind = NoticeKind(notice.kind)
    link = f"{public_url.rstrip('/')}{_path(docket, case)}"
    theirs = family_language(notice.language)
    told = _message(docket, case, kind, link, notice.queued_at, theirs)
    if theirs is Language.EN:
        return told
    english = _message(docket, case, kind, link, notice.queued_at, Language.EN)
    return Message(told.text, told.subject, f"{told.body}\n--\n\n{english.body}")


def _message(docket: Docket, case: Case, kind: NoticeKind, link: str, at: datetime, language: Language) -> Message:
    # No date of ours moves while a question is open, so the clock always runs.
    clock = Line.CLOCK_RUNS if kind in {NoticeKind.PROOF_NEEDED, NoticeKind.QUESTION} else None
    try:
        return message(kind, language, _told(docket, case, kind, link, at, terms(language)), clock)
    except LetterIncomplete as incomplete:
        raise LetterNotReady(str(incomplete)) from incomplete


def _told(docket: Docket, case: Case, kind: NoticeKind, link: str, at: datetime, spoken: Terms) -> Mapping[str, str]:
    today = docket.agency.today
    until = today((case.closed_at or at) + PACKAGE_DAYS)
    reply_by = case.answer_by or today(at) + timedelta(days=REPLY_DAYS)
    values = {
        "agency": docket.agency.name,
        "reference": case.reference,
        "link": link,
        "law": _law(docket, case, spoken),
        "due_date": spoken.day(case.due_on),
        "due_short": spoken.short_day(case.due_on),
        "new_due_date": spoken.day(case.due_on),
        "close_date": spoken.day(today(case.filed_at + PROOF_DAYS)),
        "reopen_until": spoken.day(today((case.closed_at or at) + REOPEN_DAYS)),
        "reply_by": spoken.day(reply_by),
        "available_until": spoken.day(until),
        "until_short": spoken.short_day(until),
        "done_date": spoken.day(today(case.closed_at or at)),
    }
    if kind is NoticeKind.DUPLICATE and case.duplicate_of is not None:
        values["other_reference"] = docket.cases.numbered(case.duplicate_of).reference
    return values


def _answers(case: Case, ruling: Ruling | None) -> tuple[Asked, ...]:
    # A second person agrees to what was proposed: the form they send holds no answers of its own.
    stored = ruling is None or case.state is State.AWAITING_SECOND_APPROVAL
    elements = case.elements if stored or ruling is None else answered(case, ruling)
    if any(not one.outcome for one in elements):
        raise LetterNotReady("Nothing was decided yet.")
    return elements


def _composed(docket: Docket, case: Case, elements: tuple[Asked, ...], language: Language, now: datetime) -> Letter:
    granted = [one for one in elements if one.outcome == Outcome.APPROVE]
    refused = [one for one in elements if one.outcome == Outcome.DENY]
    kind = _kind(docket, case, granted, refused)
    notices = _notices(docket, case, kind) if refused else ()
    values = _values(docket, case, granted, refused, terms(language), now)
    wanted = [one for one in notices if one.must or one.only_if_so or _has_words(one, language, values)]
    return compose(kind, language, wanted, values, _lines(docket, case, kind))


def _kind(docket: Docket, case: Case, granted: Sequence[Asked], refused: Sequence[Asked]) -> LetterKind:
    right = Right(case.kind)
    if not refused:
        return kind_of(Step.APPROVED, right)
    if granted:
        return LetterKind.PARTIAL
    kinds = {refusal_kind(right, one.ground, docket.rulebook) for one in refused}
    return kinds.pop() if len(kinds) == 1 else kind_of(Step.DENIED, right)


def _notices(docket: Docket, case: Case, kind: LetterKind) -> Sequence[Notice]:
    outcome = Told.PARTIAL if kind is LetterKind.PARTIAL else Told.DENY
    return notice_codes(governed(docket, case), outcome, docket.rulebook)


def _has_words(notice: Notice, language: Language, values: Mapping[str, str]) -> bool:
    text = words(language).blocks.get(notice.code, "")
    return all(values.get(name, "").strip() for name in placeholders(text))


def _values(
    docket: Docket, case: Case, granted: Sequence[Asked], refused: Sequence[Asked], spoken: Terms, now: datetime
) -> Mapping[str, str]:
    agency, phrases = docket.agency, spoken.phrases
    link = f"{docket.public_url.rstrip('/')}{_path(docket, case)}"
    contact = spoken.contact(agency)
    erased = case.erase_at or erasure_time(agency, case, docket.cases.clocks(case.id), now + HOLD)
    people = docket.people.persons((case.requester, case.subject))
    return {
        **_OFFICES,
        "requester": people[case.requester].name or phrases["family"],
        "student": people[case.subject].given or phrases["student"],
        "agency": agency.name,
        "reference": case.reference,
        "contact": contact,
        "hearing_contact": contact,
        "complaint_contact": contact,
        "board_contact": ", ".join(filter(None, (agency.name, agency.town))),
        "superintendent_address": phrases["superintendent"],
        "authority_address": phrases["authority"],
        "complaint_link": link,
        "link": link,
        "received_date": spoken.day(agency.today(case.received_at)),
        "elements": _asked_for(case, granted or refused, spoken),
        "elements_given": _asked_for(case, granted, spoken),
        "elements_kept": spoken.named(one.element for one in refused),
        "changes": _asked_for(case, granted, spoken),
        "checked": phrases["checked"],
        "erase_on": spoken.day(agency.today(erased)),
        "reason": _reason(docket, refused, spoken),
    }


def _asked_for(case: Case, elements: Sequence[Asked], spoken: Terms) -> str:
    """Return the elements by name; an accepted correction with what it will say."""
    if case.kind is not Kind.CORRECTION:
        return spoken.named(one.element for one in elements)
    named = [spoken.elements.get(one.element, one.element) for one in elements]
    return spoken.listed(
        f"{name} ({one.accepted})" if one.outcome == Outcome.APPROVE and one.accepted else name
        for name, one in zip(named, elements, strict=True)
    )


def _reason(docket: Docket, refused: Sequence[Asked], spoken: Terms) -> str:
    """Return why, once for all elements that share a reason, else under the name of each (F-38)."""
    shared: dict[str, list[str]] = {}
    for one in refused:
        why = reason([one.ground], own_words(docket, one), spoken.language, docket.rulebook)
        shared.setdefault(why, []).append(one.element)
    if len(shared) == 1:
        return next(iter(shared))
    return "\n".join(f"{_capital(spoken.named(elements))}: {why}" for why, elements in shared.items())


def _lines(docket: Docket, case: Case, kind: LetterKind) -> Collection[Line]:
    lines = {Line.LINK}
    law = governed(docket, case)
    if case.requester_kind == RequesterKind.STUDENT_OWN_MINOR and law.of_others:
        lines.add(Line.OWN_MINOR)
    elif case.kind is Kind.ERASURE and law.discretionary and case.owner is not Owner.SELF:
        lines.add(Line.NO_RIGHT)
    if kind is LetterKind.APPROVED_ERASURE and _asked_to_see(docket, case):
        lines.add(Line.LATER_OPEN_ACCESS)
    return lines


def _asked_to_see(docket: Docket, case: Case) -> bool:
    # Only their own: that the other guardian asked is nobody's business (F-17).
    return bool(docket.cases.open_from(case.requester, case.subject, Kind.ACCESS))


def _law(docket: Docket, case: Case, spoken: Terms) -> str:
    """Return the name of the law that sets the date; a date of policy is called the agency's own rule."""
    policy = {clock.rule for clock in docket.cases.clocks(case.id) if clock.is_policy}
    if case.due_rule in policy:
        return spoken.phrases["own_rule"]
    try:
        return docket.rulebook.law(case.due_rule.partition(".")[0]).short
    except UnknownLaw:  # the agency's discretion, or a rule that a newer rulebook no longer holds
        return spoken.phrases["own_rule"]


def _path(docket: Docket, case: Case) -> str:
    return f"/{docket.agency.slug}/requests/{case.reference}"


def _capital(text: str) -> str:
    return text[:1].upper() + text[1:]
