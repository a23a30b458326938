"""Notes outside the database where the ledgers end: soon after each commit, and once for all that come together."""

import logging
from collections.abc import Iterable
from dataclasses import dataclass, field
from threading import Lock, Timer
from typing import Final
from uuid import UUID

from rightsdesk.requests.ledger.audit import Head
from rightsdesk.requests.ledger.checkpoints import Checkpoints
from rightsdesk.requests.ledger.errors import LedgerProblem

PAUSE: Final = 0.25  # seconds; a note is three waits for the disk, and nobody's page shall wait for them
_log: Final = logging.getLogger("rightsdesk.heads")


@dataclass(slots=True)
class Heads:
    """The ends that are not noted yet. A process that is killed loses at most these notes, never an entry."""

    checkpoints: Checkpoints
    pause: float = PAUSE
    _waiting: dict[UUID, Head] = field(default_factory=dict)
    _begun: set[UUID] = field(default_factory=set)
    _timer: Timer | None = None
    _lock: Lock = field(default_factory=Lock)
    _writing: Lock = field(default_factory=Lock)

    def note(self, heads: Iterable[Head]) -> None:
        """Take the ends of what was committed; they are written down a moment later, the first of each agency at once.

        A ledger without any note counts as broken, so the first one waits for nothing.
        """
        with self._lock:
            for head in heads:
                if head.seq > self._seen(head.agency):
                    self._waiting[head.agency] = head
            is_first = not self._begun.issuperset(self._waiting)
            self._begun.update(self._waiting)
            is_soon = not is_first and (not self._waiting or self._is_soon())
        if not is_soon:
            self.flush()

    def flush(self) -> None:
        """Write down what waits, before this returns."""
        with self._writing:
            with self._lock:
                waiting, self._waiting = self._waiting, {}
                if self._timer is not None:
                    self._timer.cancel()
                self._timer = None
            for head in waiting.values():
                self._keep(head)

    def _is_soon(self) -> bool:
        """Say whether a thread writes down in a moment what waits; there may be no room for one."""
        if self._timer is None:
            timer = Timer(self.pause, self.flush)
            timer.daemon = True
            try:
                timer.start()
            except RuntimeError as error:
                _log.warning("checkpoint kept at once", extra={"error": type(error).__name__})
                return False
            self._timer = timer
        return True

    def _seen(self, agency: UUID) -> int:
        waiting = self._waiting.get(agency)
        return waiting.seq if waiting else 0

    def _keep(self, head: Head) -> None:
        try:
            self.checkpoints.keep(head.agency, head.seq, head.digest, head.at)
        except (OSError, LedgerProblem) as error:
            # What was committed stands; a checkpoint that cannot be kept is for the operator, not for the family.
            _log.error("checkpoint not kept", extra={"error": type(error).__name__, "agency": str(head.agency)})
