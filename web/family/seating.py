"""A proof becomes a seat: whose session this is from now on, and where it goes."""

from dataclasses import replace
from typing import Final
from uuid import UUID

from starlette.responses import Response

from rightsdesk.verification.assurance import Proof, ProofKind
from rightsdesk.verification.numbers_on_file import judge_number
from rightsdesk.web.family.subjects import students
from rightsdesk.web.proof import means
from rightsdesk.web.sessions import REQUESTER
from rightsdesk.web.visits import Visit

# Steps between a right code and a seat; they stand where the purpose of the challenge stood.
WHO: Final = "who"
SECOND_PROOF: Final = "second_proof"
SCHOOL: Final = "school"
STEPS: Final = {WHO: "family.who", SECOND_PROOF: "family.second_proof", SCHOOL: "family.school_account"}


def take_seat(visit: Visit, person: UUID, *also: ProofKind) -> Response:
    """Give this browser the session of whoever answered a text code, note that the number is theirs, and go on.

    ``also`` is what was shown beside the code.
    """
    visit.people.confirm_number(person, numbers_of(visit), visit.now)
    return seat_for(visit, person, ProofKind.TEXT_CODE, *also)


def seat_for(visit: Visit, person: UUID, proof: ProofKind, *also: ProofKind) -> Response:
    """Give this browser the person's session under a new id, whatever proved them, and go to where they were."""
    seat = visit.seat
    before = seat.proofs if seat.person == person else ()
    shown = {one.kind: one for one in (*before, *(Proof(kind, visit.now) for kind in also)) if one.kind != proof}
    proved = replace(
        seat,
        kind=REQUESTER,
        person=person,
        proved_at=visit.now,
        proved_by=proof,
        also_proved=tuple(shown.values()),
        candidates=(),
        challenge="",
        purpose="",
        onward="",
    )
    visit.renew(proved)
    return visit.see(seat.onward or _first_question(visit, person))


def numbers_of(visit: Visit) -> tuple[str, ...]:
    """Return the blind indexes of the number that the session's challenge was for."""
    seen = means(visit.portal, visit.tx, visit.here, visit.now).codes.seen(visit.seat.challenge)
    return seen.numbers if seen else ()


def standing_for(visit: Visit) -> tuple[UUID, ...]:
    """Return whom the number can stand for now: an order may have come since its code was right (F-16)."""
    holders = means(visit.portal, visit.tx, visit.here, visit.now).holders
    return judge_number(holders.numbers_on_file(numbers_of(visit), visit.now), visit.now).people


def _first_question(visit: Visit, person: UUID) -> str:
    return visit.url("family.ask" if len(students(visit, person)) == 1 else "family.student")
