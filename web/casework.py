"""The effects of cases that leave the process or take time: letters, packages, corrections, erasures."""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from datetime import datetime
from typing import Final
from uuid import UUID

from sqlmodel import Session, col

from rightsdesk.requests.agencies.agency import Agency
from rightsdesk.requests.cases import effects, lettering, notices, reminding
from rightsdesk.requests.cases.case import Kind
from rightsdesk.requests.cases.docket import Docket
from rightsdesk.requests.fulfilment import erasing, packages
from rightsdesk.requests.fulfilment.correcting import correct
from rightsdesk.requests.fulfilment.erasing import Eraser
from rightsdesk.requests.fulfilment.systems.directory import Directory
from rightsdesk.requests.fulfilment.systems.holdings import Holdings
from rightsdesk.requests.ledger.dialects import insert_into
from rightsdesk.requests.ledger.vault import AgencyVault
from rightsdesk.requests.people.fields.store import Fields
from rightsdesk.requests.people.store import People
from rightsdesk.requests.stewardship import retention
from rightsdesk.verification.retention import sweep
from rightsdesk.web import ways_in
from rightsdesk.web.everywhere import each_agency
from rightsdesk.web.mail import Letter, MailRefused
from rightsdesk.web.office import uploads
from rightsdesk.web.portal import Portal
from rightsdesk.web.proof import means
from rightsdesk.web.tables import ErasuresSeenRow

_AT_ONCE: Final = 200  # people looked at in one turn: nobody's request waits behind all the others


def directory(tx: Session, agency: Agency, vault: AgencyVault, portal: Portal) -> Directory:
    """Return the built-in directory of an agency on this session."""
    return Directory(People(tx, agency, vault), Fields(tx, agency, vault), Holdings(tx, agency.id, vault), portal.draw)


@contextmanager
def opened(portal: Portal, agency: str) -> Iterator[tuple[Docket, datetime]]:
    """Yield an agency's docket in a unit of work of its own, and now."""
    now = portal.now()
    with portal.storage.write() as tx:
        yield portal.docket(tx, portal.known.numbered(tx, UUID(agency)), now), now


def take_effect(portal: Portal, ids: tuple[str, ...]) -> None:
    """Let a held decision leave."""
    agency, case = ids
    with opened(portal, agency) as (docket, now):
        effects.take_effect(docket, UUID(case), now)


def fulfil(portal: Portal, ids: tuple[str, ...]) -> None:
    """Begin what was granted: a correction is written, a package made; an erasure waits for its day."""
    agency, case = ids
    with opened(portal, agency) as (docket, now):
        found = docket.cases.numbered(UUID(case))
        system = directory(docket.session, docket.agency, docket.vault, portal)
        if found.kind is Kind.CORRECTION:
            correct(docket, [system], portal.erasures, found.id, now)
            _note_list(portal, docket)
        elif found.kind is Kind.ACCESS:
            packages.make_package(docket, [system], portal.settings.packages, portal.signer, found.id, now)


class StillRead(Exception):
    """A long reader keeps what was erased in the write-ahead log: the flush is tried again later."""


def erase(portal: Portal, ids: tuple[str, ...]) -> None:
    """Remove the records of an erasure, end the sessions of an erased student, then flush the write-ahead log.

    Raises:
        StillRead: the records are removed, but still stand in the log.
    """
    agency, case = ids
    with opened(portal, agency) as (docket, now):
        erased = erasing.erase(docket, _eraser(portal, docket), UUID(case), now)
        if erasing.took_account(erased):
            ways_in.end(portal, docket, erased.subject, now)
        _note_list(portal, docket)
    if erasing.was_carried_out(erased):
        with opened(portal, agency) as (docket, now):
            erasing.confirm(docket, portal.erasures, erased, now)
            _note_list(portal, docket)
    _flush(portal)


def forget_keys(portal: Portal, ids: tuple[str, ...]) -> None:
    """Destroy the packages and the keys of what was erased, and close the case.

    Raises:
        StillRead: the keys are destroyed, but still stand in a log.
    """
    agency, case = ids
    with opened(portal, agency) as (docket, now):
        found = docket.cases.numbered(UUID(case))
        if erasing.was_carried_out(found):
            packages.remove_about(docket, portal.settings.packages, found, now)
        erasing.forget_keys(docket, _eraser(portal, docket), found.id, now)
        _note_list(portal, docket)
    _flush(portal)


def mail_notice(portal: Portal, ids: tuple[str, ...]) -> None:
    """Mail a notice to a person on file."""
    agency, number = ids
    with opened(portal, agency) as (docket, now):
        notice = notices.take_mail(docket, UUID(number))
        if notice is None:
            notices.give_up(docket, UUID(number), now)
        to = notices.addressed_to(docket, notice) if notice else ""
        text = lettering.compose_notice(docket, notice, portal.settings.public_url) if notice else None
    if notice is None or text is None:
        return
    if not to:
        _settle(portal, agency, number, "no_address", "")
        return
    try:
        portal.post.send(Letter(to, text.subject, text.body, notice.kind, now, number))
    except MailRefused:
        _settle(portal, agency, number, "refused", "")
        raise
    _settle(portal, agency, number, "sent", "")


@each_agency
def effects_due(portal: Portal, agency: str) -> None:
    """Enqueue what time has brought: holds that ended, erasures whose waiting is over."""
    with opened(portal, agency) as (docket, now):
        slot = int(now.timestamp() // 60)
        for case in docket.cases.due_to_take_effect(now):
            docket.jobs.submit(docket.session, "take_effect", f"take_effect:{case}:{slot}", agency, str(case))
        _erase_soon(docket, docket.cases.due_to_erase(now), now)


@each_agency
def look_again(portal: Portal, agency: str) -> None:
    """Do what time brings: unproved cases end, rights move at 18, reminders and late letters go out, erasures go on."""
    with opened(portal, agency) as (docket, now):
        effects.expire_unproved(docket, now)
        reminding.remind_of_proof(docket, now)
        reminding.follow_questions(docket, now)
    people: Sequence[UUID] = [UUID(int=0)]  # nobody has it
    while people:
        with opened(portal, agency) as (docket, now):
            people = docket.cases.people_of_open_cases(people[-1], _AT_ONCE)
            effects.look_again(docket, people, now)
    with opened(portal, agency) as (docket, now):
        reminding.tell_late(docket, now)
        _erase_soon(docket, docket.cases.held_back(now), now)


@each_agency
def sweep_packages(portal: Portal, agency: str) -> None:
    """Remove packages whose time is over, and tell families three days before."""
    with opened(portal, agency) as (docket, now):
        packages.tell_ending(docket, now)
        packages.remove_ended(docket, portal.settings.packages, now)
        packages.sweep_orphans(docket, portal.settings.packages, now)


@each_agency
def sweep_codes(portal: Portal, agency: str) -> None:
    """Remove challenges and send records after their retention."""
    with opened(portal, agency) as (docket, now):
        sweep(means(portal, docket.session, docket.agency, now), now)
        ways_in.sweep(docket, now)


def retain(portal: Portal, ids: tuple[str, ...]) -> None:
    """Remove what is over its time, then flush it, and whatever an erasure could not, out of the write-ahead log."""
    try:
        _retain(portal, ids)
    finally:
        uploads.sweep(portal)
        _flush(portal)


@each_agency
def _retain(portal: Portal, agency: str) -> None:
    with opened(portal, agency) as (docket, now):
        retention.sweep(docket, now)


def _erase_soon(docket: Docket, cases: Sequence[UUID], now: datetime) -> None:
    slot = int(now.timestamp() // 60)
    for case in cases:
        docket.jobs.submit(docket.session, "erase", f"erase:{case}:{slot}", str(docket.agency.id), str(case))


def _flush(portal: Portal) -> None:
    if not portal.storage.flush_log():
        raise StillRead("The log is still read.")


def note_erased(tx: Session, number: int) -> None:
    """Let the database know how many lines the list of erasures has: a shorter list, or an older copy, then shows."""
    row = insert_into(tx, ErasuresSeenRow).values(id=1, number=number)
    is_more = col(ErasuresSeenRow.number) < number
    tx.connection().execute(row.on_conflict_do_update(index_elements=["id"], set_={"number": number}, where=is_more))


def _note_list(portal: Portal, docket: Docket) -> None:
    count = portal.erasures.count()
    if count:
        note_erased(docket.session, count)


def _eraser(portal: Portal, docket: Docket) -> Eraser:
    return Eraser(directory(docket.session, docket.agency, docket.vault, portal), portal.erasures, portal.signer)


def _settle(portal: Portal, agency: str, number: str, state: str, receipt: str) -> None:
    with opened(portal, agency) as (docket, now):
        notices.settle(docket, UUID(number), state, receipt, now)
