"""One case as the desk reads it: the words, the values, the warn signs, the dates, and what may be done."""

from collections.abc import Mapping, Sequence
from datetime import date, timedelta
from typing import Final
from uuid import UUID

from rightsdesk.requests.agencies.agency import Colleague, Role
from rightsdesk.requests.agencies.catalogue import Owner
from rightsdesk.requests.agencies.store import Schools
from rightsdesk.requests.cases.case import REPLY_DAYS, Asked, Case, Kind
from rightsdesk.requests.cases.conversation import NOTE, Said, thread
from rightsdesk.requests.cases.duplicating import repeats
from rightsdesk.requests.cases.evidence import listed
from rightsdesk.requests.cases.reopening import REOPENERS, STOPPERS, may_reopen, may_stop
from rightsdesk.requests.cases.ruling import mark
from rightsdesk.requests.cases.standing import DECIDERS, KEEPERS, SECONDS
from rightsdesk.requests.cases.states import UNANSWERED, UNDECIDED, State
from rightsdesk.requests.cases.timeline import Moment, timeline
from rightsdesk.requests.cases.wording import family_language, terms
from rightsdesk.requests.fulfilment.handing_over import HANDERS, may_hand_over
from rightsdesk.requests.people.person import Person
from rightsdesk.web.desk.checks import checks
from rightsdesk.web.desk.live import Around, around
from rightsdesk.web.desk.questions import saved
from rightsdesk.web.desk.shells import may_undo
from rightsdesk.web.desk.shown import Acts, Detail, File, Happened, LegalDay, Part, People, Ruled, Told, Words
from rightsdesk.web.visits import Visit

_QUIET: Final = frozenset({"notice_sent", "notice_failed"})


def detail(
    visit: Visit, case: Case, view: str, colleagues: Around | None = None, beside: Sequence[Case] | None = None
) -> Detail:
    """Return everything the desk shows of a case. The caller notes that it was seen.

    ``beside`` are the unanswered cases about the same student where they were read with it.
    """
    here = colleagues or around(visit)
    history, staff = timeline(visit.docket, case), here.staff
    people = visit.people.persons({case.requester, case.subject})
    about = visit.cases.beside(case.reference)[1] if beside is None else beside
    clocks = _clocks(visit, case)
    is_unanswered = case.state in UNANSWERED
    return Detail(
        reference=case.reference,
        version=case.version,
        view=view,
        kind=str(case.kind),
        state=str(case.state),
        outcome=case.outcome,
        language=case.language,
        channel=case.channel,
        details=case.details,
        due_on=case.due_on,
        days=(case.due_on - visit.here.today(visit.now)).days if is_unanswered else None,
        laws=tuple(dict.fromkeys(one.law for one in clocks)),
        elements=tuple(_part(visit, case, one) for one in case.elements),
        checks=checks(visit, case, history, about),
        clocks=clocks,
        same_as=_same_as(case, about),
        needs_second=needs_second(case),
        is_mine_to_wait=case.state is State.AWAITING_SECOND_APPROVAL and case.decided_by == visit.me.id,
        who=_who(visit, case, people),
        said=_said(visit, case, (staff, people), history),
        ruled=_ruled(visit, case, staff),
        may=_acts(visit, case),
        onlookers=here.onlookers.get(case.reference, ()),
        is_chosen=visit.chosen == case.reference,
        questions=saved(visit, case.language),
    )


def needs_second(case: Case) -> bool:
    """Say whether granting this only proposes it: a second person must agree (F-39)."""
    return case.kind is Kind.ERASURE and case.owner is not Owner.SELF and case.state in UNDECIDED


def _acts(visit: Visit, case: Case) -> Acts:
    roles, undecided = visit.me.roles, case.state in UNDECIDED
    decides, keeps = bool(roles & DECIDERS), bool(roles & KEEPERS)
    return Acts(
        decide=decides and undecided,
        second=bool(roles & SECONDS),
        ask=decides and undecided,
        claim=decides and case.state is State.SUBMITTED,
        release=keeps and case.state is State.IN_REVIEW and case.claimed_by is not None,
        undo=may_undo(visit, case),
        prove=keeps and case.state is State.AWAITING_PROOF,
        refuse=decides and case.state is State.AWAITING_PROOF,
        go_on=decides and case.state is State.WAITING_ON_FAMILY,
        part=decides and case.state is State.DUPLICATE,
        write=bool(roles & {*DECIDERS, *SECONDS, Role.ADMINISTRATOR}),
        stop=bool(roles & STOPPERS) and may_stop(case, visit.now),
        reopen=bool(roles & REOPENERS) and may_reopen(case, visit.now),
        hand_over=bool(roles & HANDERS) and may_hand_over(case),
    )


def _same_as(case: Case, about: Sequence[Case]) -> tuple[str, ...]:
    """Return the other open requests of the same person about the same student and thing."""
    if case.state not in {*UNDECIDED, State.AWAITING_PROOF}:
        return ()
    return tuple(one.reference for one in about if repeats(case, one))


def _part(visit: Visit, case: Case, one: Asked) -> Part:
    live = visit.docket.live.read(case.subject, one.element) if case.kind is Kind.CORRECTION else ""
    has_changed = case.kind is Kind.CORRECTION and case.state in UNANSWERED and live != one.filed
    return Part(
        element=one.element,
        filed=one.filed,
        live=live,
        proposed=one.proposed,
        accepted=one.accepted,
        outcome=one.outcome,
        ground=one.ground,
        text=one.text,
        has_changed=has_changed,
        mark=mark(live),
    )


def _clocks(visit: Visit, case: Case) -> tuple[LegalDay, ...]:
    # Where no law gives the right, as to a student of 13 to 17, the date is the agency's own.
    shorts = {law.code: law.short for law in visit.docket.rulebook.laws}
    own_rule = terms(family_language(visit.language)).phrases["own_rule"]
    return tuple(
        LegalDay(one.due_on, shorts.get(one.rule.partition(".")[0], own_rule), one.source, one.is_policy)
        for one in visit.cases.clocks(case.id)
    )


def _words(said: Said, staff: Mapping[UUID, Colleague], people: dict[UUID, Person]) -> Words:
    mine = said.author in staff
    name = staff[said.author].name if mine else _name(people.get(said.author))
    return Words(name, said.at, said.text, mine)


def _history(history: Sequence[Moment], staff: Mapping[UUID, Colleague]) -> tuple[Happened, ...]:
    return tuple(Happened(one.kind, one.at, _staff_name(staff, one.staff)) for one in history if one.kind not in _QUIET)


def _who(visit: Visit, case: Case, people: dict[UUID, Person]) -> People:
    subject = people.get(case.subject)
    return People(
        requester=_name(people.get(case.requester)),
        requester_kind=case.requester_kind,
        subject=_name(subject),
        grade=subject.grade.lstrip("0") if subject else "",
        school=_school(visit, case),
    )


def _said(
    visit: Visit, case: Case, names: tuple[Mapping[UUID, Colleague], dict[UUID, Person]], history: Sequence[Moment]
) -> Told:
    said = [(one.kind, _words(one, *names)) for one in thread(visit.docket, case)]
    return Told(
        evidence=tuple(File(one.id, one.kind, one.size) for one in listed(visit.docket, case)),
        thread=tuple(words for kind, words in said if kind != NOTE),
        notes=tuple(words for kind, words in said if kind == NOTE),
        history=_history(history, names[0]),
    )


def _ruled(visit: Visit, case: Case, staff: Mapping[UUID, Colleague]) -> Ruled:
    return Ruled(
        claimed_name=_staff_name(staff, case.claimed_by),
        decided_by=_staff_name(staff, case.confirmed_by or case.decided_by),
        decided_at=case.decided_at,
        held_until=case.effective_at if _is_held(visit, case) else None,
        answer_by=case.answer_by,
        reply_by=visit.here.today(visit.now) + timedelta(days=REPLY_DAYS),
        erase_at=_erase_day(visit, case),
    )


def _is_held(visit: Visit, case: Case) -> bool:
    return case.is_held and case.effective_at is not None and visit.now < case.effective_at


def _erase_day(visit: Visit, case: Case) -> date | None:
    return visit.here.today(case.erase_at) if case.erase_at and case.state is State.FULFILLING else None


def _school(visit: Visit, case: Case) -> str:
    if case.school is None:
        return ""
    return Schools(visit.tx, visit.here.id).names([case.school]).get(case.school, "")


def _name(person: Person | None) -> str:
    return person.name if person else ""


def _staff_name(staff: Mapping[UUID, Colleague], who: UUID | None) -> str:
    return staff[who].name if who and who in staff else ""
