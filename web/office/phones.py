"""The phones of one person as the office sees them: by their end, what is doubtful about each, and who confirmed it."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final
from uuid import UUID

from rightsdesk.requests.agencies.store import Staff
from rightsdesk.requests.people.register.store import Reached, Register
from rightsdesk.verification.means import Means
from rightsdesk.verification.numbers_on_file import CONFIRMED_FOR, COOL_DOWN
from rightsdesk.verification.sms.port import TextKind
from rightsdesk.web.proof import means
from rightsdesk.web.visits import Visit

LOOKED_BACK: Final = timedelta(days=7)
# The kind alone is kept: neither an image nor the number of a document.
DOCUMENTS: Final = ("photo_id", "passport", "student_card", "known", "other")
OFTEN: Final = 2  # texts that did not reach a phone


@dataclass(frozen=True, slots=True)
class OfficePhone:
    """One number. ``doubts`` are codes: "old", "new", "shared", "unreached", "no_calls"; none of them is a refusal."""

    contact: UUID
    ending: str
    confirmed_at: datetime | None
    doubts: tuple[str, ...]
    seen_at: datetime | None
    seen_by: str
    seen_with: str


def phones(visit: Visit, person: UUID) -> tuple[OfficePhone, ...]:
    """Return the numbers for texts of a person, newest first."""
    found = Register(visit.tx, visit.here, visit.vault).reached_at([person])
    texted = [one for one in found if one.channel == "text"]
    names = Staff(visit.tx, visit.here.id, visit.vault).names() if any(one.vouched_by for one in texted) else {}
    numbers = dict(visit.people.contacts(person, "text"))
    tools = means(visit.portal, visit.tx, visit.here, visit.now)
    return tuple(
        OfficePhone(
            one.id,
            one.ending,
            one.confirmed_at,
            tuple(_doubts(tools, one, numbers.get(one.id, ""), visit.now)),
            one.vouched_at,
            names[one.vouched_by].name if one.vouched_by in names else "",
            one.vouched_with,
        )
        for one in texted
    )


def _doubts(tools: Means, one: Reached, number: str, now: datetime) -> Sequence[str]:
    unreached = tools.messages.unreached(one.id, now - LOOKED_BACK)
    holds = {
        "old": one.confirmed_at is None or now - one.confirmed_at > CONFIRMED_FOR,
        "new": one.replaced_at is not None and now - one.replaced_at < COOL_DOWN,
        "shared": one.is_shared,
        "unreached": unreached >= OFTEN,
        "no_calls": bool(number) and tools.sends.opted_out(tools.number_keys(number), TextKind.CALL),
    }
    return [doubt for doubt, is_so in holds.items() if is_so]
