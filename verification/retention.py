"""What is kept of codes, and for how long: 24 hours, as long as the longest limit counts them; sums for longer."""

from dataclasses import dataclass
from datetime import datetime

from rightsdesk.verification.means import Means


@dataclass(frozen=True, slots=True)
class Swept:
    """How many rows went."""

    codes: int
    texts: int
    counts: int
    days: int
    messages: int


def sweep(means: Means, now: datetime) -> Swept:
    """Remove an agency's challenges, texts, idle counts, and sums and reports after 40 and 30 days.

    Open failures and opt-outs stay. The caller commits.
    """
    return Swept(
        means.codes.sweep(now),
        means.sends.sweep(now),
        means.counts.sweep(now),
        means.days.sweep(now),
        means.messages.sweep(now),
    )
