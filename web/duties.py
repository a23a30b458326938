"""What has to be done again and again, once in each span of time however many workers there are."""

from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Final

from rightsdesk.verification.passkeys import store as passkeys
from rightsdesk.verification.staff.invitations import store as invitations
from rightsdesk.web import jobs, sessions
from rightsdesk.web.family import store as uploads
from rightsdesk.web.portal import Portal


@dataclass(frozen=True, slots=True)
class Duty:
    """A kind of job and how often it is due; its effect stands in ``effects``."""

    kind: str
    every: timedelta

    def slot(self, now: datetime) -> int:
        """Return the number of the span that ``now`` lies in."""
        return int(now.timestamp() // self.every.total_seconds())


DUTIES: Final = (
    Duty("effects_due", timedelta(seconds=15)),
    Duty("look_again", timedelta(hours=1)),
    Duty("retention", timedelta(days=1)),
    Duty("sweep_codes", timedelta(hours=1)),
    Duty("sweep_packages", timedelta(hours=1)),
    Duty("sweep_sessions", timedelta(minutes=15)),
    Duty("sweep_jobs", timedelta(hours=6)),
    Duty("watch_codes", timedelta(minutes=1)),
    Duty("turn_back_strays", timedelta(minutes=5)),
)


@dataclass(slots=True)
class Roster:
    """Which span of each duty this worker has submitted already, so that it asks the database once a span."""

    duties: tuple[Duty, ...] = DUTIES
    seen: dict[str, int] = field(default_factory=dict)

    def submit_due(self, portal: Portal) -> int:
        """Submit each duty whose span is new; the key makes it one job over all workers. Return how many were new."""
        now = portal.now()
        due = [(duty, duty.slot(now)) for duty in self.duties if self.seen.get(duty.kind) != duty.slot(now)]
        if not due:
            return 0
        with portal.storage.write() as tx:
            for duty, slot in due:
                portal.jobs.submit(tx, duty.kind, f"{duty.kind}:{slot}")
        self.seen.update({duty.kind: slot for duty, slot in due})
        return len(due)


def sweep_sessions(portal: Portal, ids: tuple[str, ...]) -> None:  # noqa: ARG001 - a duty carries no ids
    """Remove what is over: sessions, saved answers, files that were never sent, old links, unanswered questions."""
    with portal.storage.write() as tx:
        sessions.sweep(tx, portal.now())
        uploads.sweep(tx, portal.now())
        invitations.sweep(tx, portal.now())
        passkeys.sweep(tx, portal.now())


def sweep_jobs(portal: Portal, ids: tuple[str, ...]) -> None:  # noqa: ARG001 - a duty carries no ids
    """Remove jobs that were finished long ago, a thousand at a time so that nobody waits behind it."""
    removed = 1
    while removed:
        with portal.storage.write() as tx:
            removed = jobs.sweep(tx)
