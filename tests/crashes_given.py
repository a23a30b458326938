"""Every place at which a process can die: around each commit, each message, each file that is made to last.

The places are found by running, never listed by hand: the process counts them as it passes, and dies at the one it was
told. A place before a commit or a message is tried only where something lasting happened since the place before it, or
where people had gone on: else a process that dies leaves there what it would have left a moment earlier.
"""

import os
import signal
import stat
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

from sqlalchemy import Engine

from rightsdesk.verification.sms.port import Sent, Text, Texts
from rightsdesk.web.mail import Letter, Post
from rightsdesk.web.portal import Portal


@dataclass(slots=True)
class Deaths:
    """Counts the places that a process passes while it is watched. At number ``at`` it dies; at 0 it lives on."""

    at: int = 0
    step: int = 0  # what the people of the story were doing
    is_watching: bool = False
    passed: list[tuple[int, str]] = field(default_factory=list)
    alike: int = 0  # places that were left out because one before them is the same

    def here(self, name: str) -> None:
        """Pass a place, or die there as by a power cut of the process."""
        if not self.is_watching:
            return
        # Whatever lasts is itself a place, so nothing came between this one and the last.
        if name.startswith("before") and self.passed and self.passed[-1][0] == self.step:
            self.alike += 1
            return
        self.passed.append((self.step, name))
        if len(self.passed) == self.at:
            os.kill(os.getpid(), signal.SIGKILL)

    def around(self, name: str, call: Callable[..., Any]) -> Callable[..., Any]:
        """Return the same call with a place before it and one after it."""

        def watched(*given: Any, **named: Any) -> Any:
            self.here(f"before {name}")
            done = call(*given, **named)
            self.here(f"after {name}")
            return done

        return watched

    def watch(self, portal: Portal) -> Portal:
        """Return the portal with places around everything that lasts; this process is never used for anything else."""
        self._commits("main", portal.storage.engine)
        self._commits("keys", portal.storage.keys)
        os.fsync = self._written
        for name in ("replace", "rename", "unlink"):
            setattr(Path, name, self._after(name, getattr(Path, name)))
        return replace(portal, texts=_Texts(portal.texts, self), post=_Post(portal.post, self))

    def _written(self, opened: int) -> None:
        """Stand for ``os.fsync``: only the process dies, and the system under it keeps what was written."""
        if not stat.S_ISDIR(os.fstat(opened).st_mode):
            self.here("written")

    def _after(self, name: str, call: Callable[..., Any]) -> Callable[..., Any]:
        def watched(*given: Any, **named: Any) -> Any:
            is_there = given[0].exists()
            done = call(*given, **named)
            if is_there:
                self.here(f"after {name}")
            return done

        return watched

    def _commits(self, name: str, engine: Engine) -> None:
        engine.dialect.do_commit = self.around(f"commit {name}", engine.dialect.do_commit)  # type: ignore[method-assign]  # as above


@dataclass(frozen=True, slots=True)
class _Texts:
    texts: Texts
    deaths: Deaths

    def send(self, text: Text) -> Sent:
        """Send it, with a place before and after."""
        return self.deaths.around("text", self.texts.send)(text)  # type: ignore[no-any-return]  # what the other returns


@dataclass(frozen=True, slots=True)
class _Post:
    post: Post
    deaths: Deaths

    def send(self, letter: Letter) -> None:
        """Send it, with a place before and after."""
        self.deaths.around("mail", self.post.send)(letter)
