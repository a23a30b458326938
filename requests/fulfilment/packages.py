"""Make the package a family asked for, open it for those who may still have it, and destroy it in time."""

import re
from collections.abc import Container, Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from hashlib import sha256
from itertools import chain
from pathlib import Path
from typing import Final
from uuid import UUID
from zoneinfo import ZoneInfo

from rightsdesk.requests.agencies.catalogue import WHOLE_ACCOUNT, Owner
from rightsdesk.requests.cases import notices
from rightsdesk.requests.cases.case import Case, Delivery, Kind, Outcome
from rightsdesk.requests.cases.docket import Docket
from rightsdesk.requests.cases.effects import finish
from rightsdesk.requests.cases.standing import is_fresh, require_live_authority
from rightsdesk.requests.cases.states import State
from rightsdesk.requests.fulfilment.disclosures import disclosures
from rightsdesk.requests.fulfilment.errors import NoPackage, PackageNeedsProof
from rightsdesk.requests.fulfilment.package.archive import archive
from rightsdesk.requests.fulfilment.package.contents import Disclosed, Facts
from rightsdesk.requests.fulfilment.package.sealed import PART, SCOPE, read_sealed, write_sealed
from rightsdesk.requests.fulfilment.store import Disclosures, Kept, Packages
from rightsdesk.requests.fulfilment.systems.port import Holding, System
from rightsdesk.requests.fulfilment.tables import PackageRow
from rightsdesk.requests.law.messages import NoticeKind
from rightsdesk.requests.ledger.audit import Event
from rightsdesk.requests.ledger.errors import KeyGone
from rightsdesk.requests.ledger.signing import Signer

LIFETIME: Final = timedelta(days=14)
OPENINGS: Final = 5
WARNING: Final = timedelta(days=3)
DONE: Final = "done"
NOT_HELD: Final = "not_held"
_ENDING: Final = ".sealed"
_OURS: Final = re.compile(rf"(?P<package>[0-9a-f-]{{36}}){_ENDING}({PART})?")
_READING: Final = timedelta(hours=1)  # a slow phone may still be fetching the last copy
_WRITING: Final = timedelta(hours=1)  # a file this young may belong to a transaction that has not committed


@dataclass(frozen=True, slots=True)
class Package:
    """What a family is told about its package. ``until`` is UTC, ``size`` bytes of the ZIP."""

    until: datetime
    openings_left: int
    size: int
    is_removed: bool

    def opens(self, now: datetime) -> bool:
        """Say whether it can still be opened; if not, the page says how to ask again."""
        return not self.is_removed and self.openings_left > 0 and now < self.until


@dataclass(frozen=True, slots=True)
class Opening:
    """An opened package: the name to save it under, its size in bytes, and its bytes as they are unsealed."""

    filename: str
    size: int
    chunks: Iterator[bytes]


def make_package(
    docket: Docket, systems: Sequence[System], folder: Path, signer: Signer, case_id: UUID, now: datetime
) -> None:
    """Collect what was granted, write the sealed package and finish the case; for any other case, do nothing.

    Where the family sees it at the school or on paper there is no package: ``handing_over`` finishes those.

    The file is there before the caller commits. A crash in between leaves a file nobody can open, which
    ``sweep_orphans`` removes.

    Raises:
        OSError: the disk is full or gone; nothing is left behind, and the job may run again.
    """
    case = docket.cases.numbered(case_id)
    if case.kind is not Kind.ACCESS or case.state is not State.FULFILLING or case.delivery is Delivery.OFFICE:
        return
    holdings = _granted(case, [one for system in systems for one in system.collect(case.subject)])
    row = _written(docket, _place(docket, folder), signer, case, holdings, now)
    Packages(docket.session, docket.agency.id).replace(row)
    docket.record(Event("package_made", "system", case.reference, case.subject, (("records", str(len(holdings))),)))
    finish(docket, _with_results(docket, case, holdings), now)


def ready(docket: Docket, case: Case) -> Package | None:
    """Return what the status page says of the package of a case; nothing when none was made."""
    kept = Packages(docket.session, docket.agency.id).of_case(case.id)
    if kept is None:
        return None
    return Package(kept.until, kept.openings_left, kept.size, is_removed=kept.removed_at is not None)


def open_package(
    docket: Docket, folder: Path, requester: UUID, reference: str, proved_at: datetime | None, now: datetime
) -> Opening:
    """Count an opening, enter it in the record of releases, and return the package to be streamed after the commit.

    Raises:
        NoSuchCase: no case of this requester has this reference.
        PackageNeedsProof: the last proof is five minutes old or older, or there was none (F-08).
        AuthorityEnded: a link ended, a restriction stands, the student turned 18 or is frozen (F-13, F-16).
        NoPackage: none was made, 14 days passed, or it was opened 5 times.
        Unreadable: the file was tampered with.
    """
    case = docket.cases.of(requester, reference)
    if not is_fresh(proved_at, now):
        raise PackageNeedsProof("Show us again that it is you.")
    require_live_authority(docket, case, now)
    # A reopened case is being looked at again: what it gave before is not given meanwhile.
    taken = (
        Packages(docket.session, docket.agency.id).take_opening(case.id, now) if case.state is State.FULFILLED else None
    )
    if taken is None:
        raise NoPackage("This copy is gone. Ask again and we make a new one.")
    chunks = _opened(docket, folder, taken)
    _enter(docket, case, now)
    facts = (("openings_left", str(taken.openings_left)),)
    docket.record(Event("downloaded", f"requester:{requester}", case.reference, case.subject, facts))
    return Opening(f"{case.reference}.zip", taken.size, chunks)


def remove_ended(docket: Docket, folder: Path, now: datetime) -> int:
    """Destroy the packages that are over, and return how many."""
    ended = Packages(docket.session, docket.agency.id).ended(now, now - _READING)
    return _remove(docket, folder, ended, now)


def remove_about(docket: Docket, folder: Path, erased: Case, now: datetime) -> int:
    """Destroy the packages that hold what this case erased, and return how many.

    What a student deletes by themself takes nothing from a package that was made for a guardian before: that copy was
    released to them already (34 CFR 99.10), and the student's own right does not reach it. An erasure that the agency
    granted, or one of the whole account, leaves no copy behind. Nobody is told: whoever asked was.
    """
    gone = {one.element for one in erased.elements if one.outcome == Outcome.APPROVE}
    is_own = erased.owner is Owner.SELF and erased.decided_by is None and WHOLE_ACCOUNT not in gone
    held = [
        kept
        for kept in Packages(docket.session, docket.agency.id).about(erased.subject)
        if _holds(case := docket.cases.numbered(kept.case), gone) and not (is_own and case.requester != case.subject)
    ]
    return _remove(docket, folder, held, now)


def _holds(case: Case, gone: Container[str]) -> bool:
    # A reopened case lost its results: then all that it asked for may be in its package.
    given = [one.element for one in case.elements if one.result in {DONE, ""}]
    return WHOLE_ACCOUNT in gone or any(element in gone for element in given)


def tell_ending(docket: Docket, now: datetime) -> int:
    """Tell each family once, three days ahead, that its package ends; return how many were told."""
    store = Packages(docket.session, docket.agency.id)
    told = 0
    for kept in store.ending(now, now + WARNING):
        case = docket.cases.numbered(kept.case)
        may = docket.people.authority(case.requester, case.subject, case.kind, docket.agency.today(now)).holds
        if may and case.state is State.FULFILLED and store.mark_told(kept.id, now):
            notices.tell(docket, case, NoticeKind.PACKAGE_ENDING, now)
            told += 1
    return told


def missing(packages: Packages, folder: Path) -> int:
    """Return how many packages of an agency are on file and not in this folder."""
    return sum(not (folder / packages.agency.hex / kept.file).is_file() for kept in packages.every())


def sweep_orphans(docket: Docket, folder: Path, now: datetime) -> int:
    """Remove the agency's package files that no committed package knows, with their keys; return how many."""
    known = Packages(docket.session, docket.agency.id).files()
    youngest = (now - _WRITING).timestamp()
    orphans = [
        (file, UUID(name["package"]))
        for file in _place(docket, folder).iterdir()
        if file.name not in known and (name := _OURS.fullmatch(file.name)) and file.stat().st_mtime < youngest
    ]
    for file, package in orphans:
        docket.vault.destroy(package, SCOPE)
        file.unlink(missing_ok=True)
    return len(orphans)


def _granted(case: Case, holdings: Sequence[Holding]) -> Sequence[Holding]:
    granted = {one.element for one in case.elements if one.outcome == Outcome.APPROVE}
    return [one for one in holdings if one.element in granted]


def _written(
    docket: Docket, place: Path, signer: Signer, case: Case, holdings: Sequence[Holding], now: datetime
) -> PackageRow:
    package = docket.fresh_id()
    digest, sizes = sha256(), [0]

    def counted() -> Iterator[bytes]:
        for some in archive(holdings, _facts(docket, case, now), signer):
            digest.update(some)
            sizes[0] += len(some)
            yield some

    file = f"{package}{_ENDING}"
    write_sealed(place / file, docket.vault, package, counted())
    return PackageRow(
        id=package,
        agency=docket.agency.id,
        case=case.id,
        subject=case.subject,
        file=file,
        size=sizes[0],
        digest=digest.hexdigest(),
        made_at=now,
        ends_at=now + LIFETIME,
        openings_left=OPENINGS,
    )


def _facts(docket: Docket, case: Case, now: datetime) -> Facts:
    agency = docket.agency
    return Facts(
        agency=agency.name,
        contact=", ".join(filter(None, (agency.office_phone, agency.office_hours))),
        student=docket.people.person(case.subject).name,
        reference=case.reference,
        made_at=now.astimezone(ZoneInfo(agency.zone)),
        language=case.language,
        disclosed=tuple(disclosures(docket, case.subject, case.requester)),
    )


def _with_results(docket: Docket, case: Case, holdings: Sequence[Holding]) -> Case:
    held = {one.element for one in holdings}
    elements = tuple(
        replace(one, result=DONE if one.element in held else NOT_HELD) if one.outcome == Outcome.APPROVE else one
        for one in case.elements
    )
    return docket.cases.save(case, replace(case, elements=elements))


def _opened(docket: Docket, folder: Path, taken: Kept) -> Iterator[bytes]:
    """Return the bytes, the first piece read already: what cannot be opened must not count as an opening."""
    chunks = read_sealed(_place(docket, folder) / taken.file, docket.vault, taken.id)
    try:
        return chain([next(chunks)], chunks)
    except (FileNotFoundError, KeyGone) as gone:  # a database restored from before the package was destroyed
        raise NoPackage("This copy is gone. Ask again and we make a new one.") from gone


def _enter(docket: Docket, case: Case, now: datetime) -> None:
    elements = tuple(one.element for one in case.elements if one.result == DONE)
    disclosed = Disclosed(case.requester_kind, "access_request", elements, now)
    store = Disclosures(docket.session, docket.agency.id)
    store.add(docket.fresh_id(), case.subject, disclosed, case.requester, case.reference)


def _remove(docket: Docket, folder: Path, gone: Sequence[Kept], now: datetime) -> int:
    store = Packages(docket.session, docket.agency.id)
    removed = [kept for kept in gone if store.mark_removed(kept.id, now)]
    docket.vault.destroy_many([kept.id for kept in removed], SCOPE)
    for kept in removed:
        (_place(docket, folder) / kept.file).unlink(missing_ok=True)
        case = docket.cases.numbered(kept.case)
        docket.record(Event("package_removed", "system", case.reference, case.subject))
    return len(removed)


def _place(docket: Docket, folder: Path) -> Path:
    """Return the folder of this agency's packages: no sweep of one agency can reach another's."""
    place = folder / docket.agency.id.hex
    place.mkdir(mode=0o700, parents=True, exist_ok=True)
    return place
