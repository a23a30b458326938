"""Every place at which a process can die: around each commit, each message, each file that is made to last.

The places are found by running, never listed by hand: the process counts them as it passes, and dies at the one it was
told. A place before a commit or a message is tried only where something lasting happened since the place before it, or
where people had gone on: else a process that dies leaves there what it would have left a moment earlier.

With databases in files, a story dies at every place. A life on a server costs three times as much, so there each place
is tried once: where the same lines of ours, called from the same lines for the same page, come to the same commit,
message or outside call again, in this story or in one before it, it lives on. A form that somebody sends is like no
other: a request is handled in a thread of its own, whose lines are the same for a denial and an approval. And what a
file operation left is tried there at the next commit or message, not after each step of it.
"""

import os
import signal
import stat
import sys
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any, Final

from sqlalchemy import Engine, event

from rightsdesk.verification.sms.port import Sent, Text, Texts
from rightsdesk.web.mail import Letter, Post
from rightsdesk.web.portal import Portal

SETTLING: Final = "pg_logical_emit_message"  # what is committed with it brings the commit before it to the disk
_OURS: Final = ("rightsdesk.", "crashes_stories_given")  # a job and a step are known by the line that calls them


@dataclass(slots=True)
class Deaths:
    """Counts the places that a process passes while it is watched. At number ``at`` it dies; at 0 it lives on."""

    at: int = 0
    story: str = ""  # its name
    step: int = 0  # what the people of the story were doing
    page: str = ""  # what they had asked for
    pressed: set[int] = field(default_factory=set)  # steps in which they sent a form
    is_watching: bool = False
    passed: list[tuple[int, str]] = field(default_factory=list)
    alike: int = 0  # places that were left out because one before them is the same
    known: set[str] = field(default_factory=set)  # ways by which some life came to a place already
    is_server: bool = False
    _stands: int | None = None  # the step of the last place, while nothing lasting happened since
    _left: str = ""  # which files were written since
    _settles: bool = False

    def here(self, name: str) -> None:
        """Pass a place, or die there as by a power cut of the process."""
        if not self.is_watching:
            return
        is_alike = name.startswith("before") and self._stands == self.step
        self._stands = self.step
        if is_alike or (self.is_server and self._is_known(name)):
            self.alike += 1
            return
        self.passed.append((self.step, name))
        if len(self.passed) == self.at:
            os.kill(os.getpid(), signal.SIGKILL)

    def asked(self, method: str, page: str) -> None:
        """Note what they ask the portal for; a form is told apart by the story and the step in which it is sent."""
        self.page = page
        if method == "POST":
            self.page += f" {self.story} {self.step}"
            self.pressed.add(self.step)

    def spared(self) -> list[int]:
        """Return the steps in which a form was sent and no life ends before, or none after, what it committed."""
        moments = {(step, name.partition(" commit")[0]) for step, name in self.passed if " commit " in name}
        return sorted(step for step in self.pressed if not {(step, "before"), (step, "after")} <= moments)

    def _is_known(self, name: str) -> bool:
        """Say whether the same lines of ours led here before, for the same page."""
        way, self._left = f"{self._left} {self._way(name)}", ""
        is_known = way in self.known
        self.known.add(way)
        return is_known

    def _way(self, name: str) -> str:
        way, frame = f"{name} {self.page}", sys._getframe()
        while (back := frame.f_back) is not None:
            frame = back
            if str(frame.f_globals.get("__name__")).startswith(_OURS):
                way += f" {frame.f_code.co_filename}:{frame.f_lineno}"
        return way

    def _in_files(self, name: str) -> None:
        """Pass a place that a file operation makes: on a server only what it leaves counts."""
        if self.is_server:
            self._stands = None
            self._left += self._way(name)
        else:
            self.here(name)

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
        self.is_server = portal.storage.engine.dialect.name != "sqlite"
        self._commits("main", portal.storage.engine)
        self._commits("keys", portal.storage.keys)
        os.fsync = self._written
        for name in ("replace", "rename", "unlink"):
            setattr(Path, name, self._after(name, getattr(Path, name)))
        return replace(portal, texts=_Texts(portal.texts, self), post=_Post(portal.post, self))

    def _written(self, opened: int) -> None:
        """Stand for ``os.fsync``: only the process dies, and the system under it keeps what was written."""
        if not stat.S_ISDIR(os.fstat(opened).st_mode):
            self._in_files("written")

    def _after(self, name: str, call: Callable[..., Any]) -> Callable[..., Any]:
        def watched(*given: Any, **named: Any) -> Any:
            is_there = given[0].exists()
            done = call(*given, **named)
            if is_there:
                self._in_files(f"after {name}")
            return done

        return watched

    def _commits(self, name: str, engine: Engine) -> None:
        commit = engine.dialect.do_commit
        watched = self.around(f"commit {name}", commit)

        def committed(raw: Any) -> None:
            # To settle a commit changes no row: only a machine that dies would know the difference.
            settles, self._settles = self._settles, False
            (commit if settles else watched)(raw)

        event.listen(engine, "before_cursor_execute", self._look)
        engine.dialect.do_commit = committed  # type: ignore[method-assign]  # as above

    def _look(self, _c: object, _k: object, statement: str, *_: object) -> None:
        self._settles = SETTLING in statement


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
