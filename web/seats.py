"""One browser's session as a value: who sits there, and what was proved when."""

from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Final, Self
from uuid import UUID

from rightsdesk.verification.assurance import Act, Needed, Proof, ProofKind, needs, renewed
from rightsdesk.web.drafts import NOTHING_ANSWERED, Draft

NOBODY: Final = "none"
REQUESTER: Final = "requester"
STAFF: Final = "staff"


@dataclass(frozen=True, slots=True)
class Seat:
    """One browser's session as a value; change it with ``replace`` and hand it to ``Visit.keep`` or ``Visit.renew``.

    ``id`` is the hash it is stored under, also before it is stored. ``candidates`` are the holders of one number among
    whom the requester must say who they are. ``onward`` is the path to go to after the proof. ``lapsed`` is the session
    that ended here because nobody used it: nothing of it may be shown, but what was typed meanwhile may be added to its
    answers.
    """

    id: str
    token: str = field(repr=False)
    kind: str = NOBODY
    is_stored: bool = False
    is_elsewhere: bool = False  # the cookie belongs to a session at another agency
    begun_at: datetime | None = None
    seen_at: datetime | None = None
    challenge: str = ""
    purpose: str = ""
    number_ending: str = ""
    person: UUID | None = None
    candidates: tuple[UUID, ...] = ()
    proved_at: datetime | None = None
    proved_by: ProofKind = ProofKind.TEXT_CODE
    also_proved: tuple[Proof, ...] = ()  # beside it, like a student number, or before it in this session
    rests_on: UUID | None = None  # the contact point or school account that the proof goes back to
    staff: UUID | None = None
    password_at: datetime | None = None
    second_at: datetime | None = None
    second_by: ProofKind = ProofKind.SECOND_FACTOR
    device: str = ""  # what somebody at the desk signed in on, as ``devices.device_of`` names it
    worked_at: datetime | None = None  # when a deletion was last decided with this second factor
    draft: Draft = NOTHING_ANSWERED
    onward: str = ""
    grant: str = field(default="", repr=False)  # the right to choose a new password once; no page shows it
    lapsed: "Seat | None" = None

    @property
    def mark(self) -> str:
        """Return what names this session to its owner among their own; it opens nothing."""
        return self.id[:16]

    @property
    def is_proved(self) -> bool:
        """Say whether a requester proved who they are."""
        return self.kind == REQUESTER and self.person is not None and self.proved_at is not None

    @property
    def is_signed_in(self) -> bool:
        """Say whether a member of staff showed both factors."""
        return self.kind == STAFF and self.staff is not None and self.second_at is not None

    def needs(self, act: Act, now: datetime) -> Needed | None:
        """Return what must be shown before the act, or None if enough was shown in this session."""
        return needs(act, self.proofs, now)

    def is_fresh(self, now: datetime) -> bool:
        """Say whether the last proof is younger than five minutes, as an act of weight needs it."""
        return self.needs(Act.CHANGE_STAFF if self.kind == STAFF else Act.OPEN_PACKAGE, now) is None

    def proved_for_deletions(self, now: datetime) -> datetime | None:
        """Return when staff last proved themselves; deletions decided in a row keep a proof fresh for half an hour."""
        is_kept = self.worked_at is not None and self.needs(Act.DECIDE_ERASURE, now) is None
        return self.worked_at if is_kept else self.second_at

    def worked(self, now: datetime) -> Self:
        """Return the seat after a deletion was decided in it."""
        kept = [renewed(proof, Act.DECIDE_ERASURE, now) for proof in self.proofs]
        return replace(self, worked_at=next((proof.renewed_at for proof in kept), None))

    @property
    def proofs(self) -> tuple[Proof, ...]:
        """Return what was shown in this session."""
        if self.kind == STAFF:
            return (Proof(self.second_by, self.second_at, self.worked_at),) if self.second_at else ()
        if self.kind != REQUESTER or self.proved_at is None:
            return ()
        return (Proof(self.proved_by, self.proved_at), *self.also_proved)

    @property
    def means(self) -> str:
        """Return the names of what a requester showed, as a case remembers them: "text_code/student_number"."""
        return "/".join(proof.kind for proof in self.proofs)
