"""A proof becomes a seat: whose session this is from now on, and where it goes."""

from dataclasses import replace
from datetime import timedelta
from typing import Final
from uuid import UUID

from starlette.responses import Response

from rightsdesk.verification.assurance import Proof, ProofKind
from rightsdesk.verification.numbers_on_file import judge_number
from rightsdesk.web.drafts import NOTHING_ANSWERED
from rightsdesk.web.family.subjects import students
from rightsdesk.web.proof import means
from rightsdesk.web.seats import REQUESTER, Seat
from rightsdesk.web.visits import Visit

# Steps between a right code and a seat; they stand where the purpose of the challenge stood.
WHO: Final = "who"
SECOND_PROOF: Final = "second_proof"
SCHOOL: Final = "school"
HELD: Final = timedelta(minutes=10)  # between a right code and the answer that goes with it
STEPS: Final = {WHO: "family.who", SECOND_PROOF: "family.second_proof", SCHOOL: "family.school_account"}


def is_over(visit: Visit) -> bool:
    """Say whether the right code that led to this step is too old by now: no proof grows young while a page waits."""
    begun = visit.seat.begun_at  # the session got its id by that code
    return begun is None or visit.now - begun >= HELD


def take_seat(visit: Visit, person: UUID, *also: ProofKind) -> Response:
    """Give this browser the session of whoever answered a text code, note that the number is theirs, and go on.

    ``also`` is what was shown beside the code.
    """
    numbers = numbers_of(visit)
    visit.people.confirm_number(person, numbers, visit.now)
    return seat_for(visit, person, ProofKind.TEXT_CODE, *also, rests_on=_point_of(visit, person, numbers))


def seat_for(visit: Visit, person: UUID, proof: ProofKind, *also: ProofKind, rests_on: UUID | None = None) -> Response:
    """Give this browser the person's session under a new id, whatever proved them, and go to where they were.

    ``rests_on`` is what the proof goes back to, as in ``Seat``; None leaves what it rested on before.
    """
    seat = visit.seat
    is_same = seat.person == person
    before = seat.proofs if is_same else ()
    shown = {one.kind: one for one in (*before, *(Proof(kind, visit.now) for kind in also)) if one.kind != proof}
    proved = replace(
        seat,
        kind=REQUESTER,
        person=person,
        proved_at=visit.now,
        proved_by=proof,
        also_proved=tuple(shown.values()),
        rests_on=rests_on or (seat.rests_on if is_same else None),
        candidates=(),
        challenge="",
        purpose="",
        onward="",
    )
    visit.renew(proved)
    return visit.see(seat.onward or _first_question(visit, person))


def blank(seat: Seat) -> Seat:
    """Return the seat of somebody who has shown nothing yet."""
    return replace(
        seat,
        person=None,
        proved_at=None,
        also_proved=(),
        rests_on=None,
        candidates=(),
        challenge="",
        purpose="",
        number_ending="",
        draft=NOTHING_ANSWERED,
    )


def numbers_of(visit: Visit) -> tuple[str, ...]:
    """Return the blind indexes of the number that the session's challenge was for."""
    seen = means(visit.portal, visit.tx, visit.here, visit.now).codes.seen(visit.seat.challenge)
    return seen.numbers if seen else ()


def standing_for(visit: Visit) -> tuple[UUID, ...]:
    """Return whom the number can stand for now: an order may have come since its code was right (F-16)."""
    holders = means(visit.portal, visit.tx, visit.here, visit.now).holders
    return judge_number(holders.numbers_on_file(numbers_of(visit), visit.now), visit.now).people


def _point_of(visit: Visit, person: UUID, numbers: tuple[str, ...]) -> UUID | None:
    holders = means(visit.portal, visit.tx, visit.here, visit.now).holders.numbers_on_file(numbers, visit.now)
    return next((one.contact for one in holders if one.person == person), None)


def _first_question(visit: Visit, person: UUID) -> str:
    return visit.url("family.ask" if len(students(visit, person)) == 1 else "family.student")
