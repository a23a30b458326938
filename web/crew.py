"""Several processes that serve one address as if they were one: who dies is replaced, and all end together."""

import logging
import os
import select
import signal
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from threading import Thread
from time import monotonic
from types import FrameType
from typing import Final

_log: Final = logging.getLogger("rightsdesk.crew")
TOLD: Final = (signal.SIGTERM, signal.SIGINT)
PATIENCE: Final = 9.0  # seconds for all to answer what they took in; a service manager would kill us at ten
SHORT: Final = 5.0  # seconds: who lived no longer is replaced after a pause, so that a lasting fault costs no machine
PAUSE: Final = 1.0
BEGINNING: Final = 60.0  # seconds: who ended later had begun, so that its end is a fault and no refusal
REFUSED: Final = 1  # exit code of a process that said why it cannot begin


def together(size: int, beginning: float = BEGINNING) -> int | None:
    """Become this many processes: return its number, from 0, in each of them, and nothing in the one that began them.

    There it returns when all have ended after SIGTERM or SIGINT. No thread and no connection may be open: they would
    be shared. What one of the first ones refuses within ``beginning`` seconds, all would: then everybody ends.

    Raises:
        SystemExit: with code 1, one of the first processes refused to begin.
    """
    return _Crew(size, beginning).run()


@dataclass(slots=True)
class _Member:
    pid: int
    born: float
    is_first: bool


@dataclass(slots=True)
class _Crew:
    size: int
    beginning: float
    members: dict[int, _Member] = field(default_factory=dict)  # by number
    due: dict[int, float] = field(default_factory=dict)  # when whoever died is replaced, by number
    is_told: bool = False
    has_refused: bool = False
    _lifeline: tuple[int, int] = field(default_factory=os.pipe)  # it breaks when we end, however that is
    _bell: tuple[int, int] = field(default_factory=os.pipe)  # a signal writes into it

    def run(self) -> int | None:
        with self._listening():
            for number in range(self.size):
                if self._begin(number, is_first=True):
                    return number
            while not (self.is_told or self.has_refused):
                self._rest(min(self.due.values(), default=monotonic() + 60) - monotonic())
                self._look()
                for number in [one for one, at in self.due.items() if at <= monotonic()]:
                    del self.due[number]
                    if self._begin(number, is_first=False):
                        return number
            self._end()
        if self.has_refused:
            raise SystemExit(REFUSED)
        return None

    @contextmanager
    def _listening(self) -> Iterator[None]:
        """Turn signals into bytes that a rest ends with; in a member, all is as it was when the block ends."""
        for end in self._bell:
            os.set_blocking(end, False)
        before = {one: signal.signal(one, self._tell) for one in TOLD}
        before[signal.SIGCHLD] = signal.signal(signal.SIGCHLD, lambda *_: None)
        bell = signal.set_wakeup_fd(self._bell[1], warn_on_full_buffer=False)
        try:
            yield
        finally:
            signal.set_wakeup_fd(bell)
            for one, was in before.items():
                signal.signal(one, was)
            signal.pthread_sigmask(signal.SIG_UNBLOCK, TOLD)

    def _tell(self, _: int, __: FrameType | None) -> None:
        self.is_told = True

    def _begin(self, number: int, *, is_first: bool) -> bool:
        """Make a process; say whether this is it."""
        # Blocked until it hears for itself: told in between, it would have listened with our ears.
        signal.pthread_sigmask(signal.SIG_BLOCK, TOLD)
        pid = os.fork()
        if pid == 0:
            os.close(self._lifeline[1])
            Thread(target=_end_with, args=(self._lifeline[0],), name="rightsdesk-lifeline", daemon=True).start()
            return True
        signal.pthread_sigmask(signal.SIG_UNBLOCK, TOLD)
        self.members[number] = _Member(pid, monotonic(), is_first)
        return False

    def _rest(self, seconds: float) -> None:
        if select.select([self._bell[0]], [], [], max(0.0, seconds))[0]:
            with suppress(BlockingIOError):
                os.read(self._bell[0], 512)

    def _look(self) -> None:
        """Note who has ended, and when each is to be replaced."""
        for number, one in list(self.members.items()):
            pid, status = os.waitpid(one.pid, os.WNOHANG)
            if not pid:
                continue
            del self.members[number]
            code, lived = os.waitstatus_to_exitcode(status), monotonic() - one.born
            self.has_refused |= one.is_first and code == REFUSED and lived < self.beginning
            self.due[number] = monotonic() + (PAUSE if lived < SHORT else 0.0)
            if not self.is_told:
                _log.warning("process ended", extra={"number": number, "pid": pid, "code": code})

    def _end(self) -> None:
        self._signal(signal.SIGTERM)
        until = monotonic() + PATIENCE
        while self.members and monotonic() < until:
            self._look()
            if self.members:
                self._rest(until - monotonic())
        self._signal(signal.SIGKILL)
        for one in self.members.values():
            os.waitpid(one.pid, 0)

    def _signal(self, what: signal.Signals) -> None:
        for one in self.members.values():
            os.kill(one.pid, what)


def _end_with(lifeline: int) -> None:
    """End this process, as if told to, when the one that began it is gone."""
    os.read(lifeline, 1)
    os.kill(os.getpid(), signal.SIGTERM)
