"""Who on the desk may act on a case, and whether the family still may."""

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from typing import Final
from uuid import UUID

from rightsdesk.requests.agencies.agency import Colleague, Role
from rightsdesk.requests.agencies.store import Staff
from rightsdesk.requests.cases.case import Approver, Case
from rightsdesk.requests.cases.docket import Docket
from rightsdesk.requests.cases.errors import AuthorityEnded, NeedsFreshProof, NotForYou
from rightsdesk.requests.people.kin import family_of

FRESH: Final = timedelta(minutes=5)
_SKEW: Final = timedelta(minutes=1)  # by which the clocks of two machines may differ
DECIDERS: Final = frozenset({Role.APPROVER, Role.LEAD})
KEEPERS: Final = DECIDERS | {Role.ADMINISTRATOR}  # whoever keeps requests going, without ruling on them
_RENEWED: Final = ("reset_by",)
_SET_UP: Final = ("added_by", *_RENEWED)  # one administrator adds everybody in many agencies: that alone ties no two
SECONDS: Final = frozenset({Role.APPROVER, Role.LEAD, Role.SECOND_APPROVER})


def require_role(approver: Approver, roles: frozenset[Role]) -> None:
    """Let only these roles pass.

    Raises:
        NotForYou: none of them is held.
    """
    if not roles & approver.roles:
        raise NotForYou("Your role does not include this.")


def require_no_conflict(docket: Docket, approver: Approver, case: Case) -> None:
    """Let nobody act on a case about their own family, themselves or their own filing (F-39).

    Raises:
        NotForYou: the roster, or the filing, ties this person to the case.
    """
    if not family_of(docket.people, approver.person).isdisjoint({case.subject, case.requester}):
        raise NotForYou("You cannot decide this: it is about your own family. Another approver has been asked")


def require_two_people(docket: Docket, approver: Approver, proposer: UUID | None) -> None:
    """Let nobody agree to their own proposal, nor to one of an account that is as good as their own (F-39).

    Raises:
        NotForYou: the same account, the same person on the roster, one handed the other what it signs in with, also
            through colleagues, or a third renewed that of both.
    """
    if approver.staff == proposer:
        raise NotForYou("You proposed this deletion. Another person must agree to it.")
    staff = Staff(docket.session, docket.agency.id, docket.vault).names()
    one, other = staff.get(approver.staff), staff.get(proposer) if proposer else None
    if one is None or other is None:
        return
    if one.person is not None and one.person == other.person:
        raise NotForYou("You proposed this deletion. Another person must agree to it.")
    if one.id in {other.added_by, other.reset_by} or other.id in {one.added_by, one.reset_by}:
        raise NotForYou("One of you two set up how the other signs in. Somebody else must agree to this deletion.")
    # Who opened a link on paper in a colleague's place can renew the next one's sign-in as that colleague.
    if one.id in _behind(staff, other, _SET_UP) or other.id in _behind(staff, one, _SET_UP):
        raise NotForYou(
            "Through a colleague, one of you two set up how the other signs in. Somebody else must agree to this "
            "deletion."
        )
    # A third who renewed both, by links on paper, would be the one who sits behind both accounts.
    if _behind(staff, one, _RENEWED) & _behind(staff, other, _RENEWED):
        raise NotForYou("One colleague renewed how both of you sign in. Somebody else must agree to this deletion.")


def _behind(staff: Mapping[UUID, Colleague], whose: Colleague, ways: Sequence[str]) -> frozenset[UUID]:
    """Return whoever handed them what they sign in with in one of these ways, who handed it to those, and so on."""
    found: set[UUID] = set()
    waiting = [whose]
    while waiting:
        one = waiting.pop()
        fresh = {by for by in (getattr(one, way) for way in ways) if by is not None} - found
        found |= fresh
        waiting += [staff[by] for by in fresh if by in staff]
    return frozenset(found)


def require_fresh_proof(approver: Approver, now: datetime) -> None:
    """Let only a second factor younger than five minutes pass (F-08).

    Raises:
        NeedsFreshProof: the last one is older, or there was none.
    """
    if not is_fresh(approver.proved_at, now):
        raise NeedsFreshProof("Show us again that it is you: enter the numbers of your authenticator app.")


def require_live_authority(docket: Docket, case: Case, now: datetime) -> None:
    """Let a grant pass only while the requester may still act for the student (F-13).

    Raises:
        AuthorityEnded: a link ended, a restriction stands, the student turned 18 or is frozen.
    """
    today = docket.agency.today(now)
    if not docket.people.authority(case.requester, case.subject, case.kind, today).holds:
        raise AuthorityEnded("The right of this person to act for the student has ended. Nothing was decided.")


def is_fresh(proved_at: datetime | None, now: datetime) -> bool:
    """Say whether a proof is younger than five minutes; one of the future, before the clock was set back, is not."""
    return proved_at is not None and -_SKEW <= now - proved_at < FRESH
