"""What is kept of codes, and for how long: 24 hours, as long as the longest limit counts them."""

from dataclasses import dataclass
from datetime import datetime

from rightsdesk.verification.counting.store import Counts
from rightsdesk.verification.sms.store import Sends
from rightsdesk.verification.store import Codes


@dataclass(frozen=True, slots=True)
class Swept:
    """How many rows went."""

    codes: int
    texts: int
    counts: int


def sweep(codes: Codes, sends: Sends, counts: Counts, now: datetime) -> Swept:
    """Remove an agency's challenges, texts and idle counts; open failures and opt-outs stay. The caller commits."""
    return Swept(codes.sweep(now), sends.sweep(now), counts.sweep(now))
