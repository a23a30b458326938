"""A program that lets a story end well once, then lets it die at each place it passed, resumes, and compares the ends.

Run as: python crashes_program_given.py FOLDER STORY…. It imports everything once and forks a process for each life of
the portal; it has no database open while it does. Prints one JSON object.
"""

import gc
import json
import os
import signal
import sys
import threading
import traceback
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final

from crashes_compared_given import differences
from crashes_ends_given import end_of
from crashes_given import Deaths
from crashes_lives_given import began, play, resumed, share
from crashes_shelf_given import Shelf
from crashes_stories_given import STORIES, Story
from fulfilment_given import a_district

DIED: Final = -signal.SIGKILL


@dataclass(slots=True)
class Lives:
    """All lives of the portal in one story, each a process of its own. ``place`` is an empty folder's name."""

    place: Path
    story: Story
    known: set[str] = field(default_factory=set)  # see Deaths: what stories before this one came by
    failures: list[str] = field(default_factory=list)

    def whole(self) -> dict[str, Any]:
        """Let the story end well, and return the places passed, what they leave out, what is known now, and the end."""
        self._begin()
        Shelf(self.place).keep()
        self._grow_warm()
        told: dict[str, Any] = _told(lambda: self._to_its_end(0))
        return told

    def dies(self, at: int, whole: dict[str, Any]) -> None:
        """Let the story die at a place and be resumed; note how its end differs from that of the whole one."""
        ended, told = _forked(lambda: self._to_its_end(at))
        if ended != DIED:
            self.failures.append(f"{at}: it did not die: {told}")
            return
        ended, told = _forked(self._resume)
        if ended:
            self.failures.append(f"{at}: {told}")
            return
        self.failures += [f"{at}: {one}" for one in differences(whole, told["end"], self.story.again)]

    def _begin(self) -> None:
        (self.place / "data").mkdir(mode=0o700, parents=True)
        scene = began(self.place, a_district(self.place / "data"))
        self.story.before(scene)
        scene.save()
        scene.district.portal.storage.close()

    def _grow_warm(self) -> None:
        """Let the story happen once here, so that no life of it has to read laws, templates and statements anew."""
        scene = resumed(self.place, None, is_restart=True)
        play(scene, self.story.steps)
        end_of(scene)
        scene.district.portal.storage.close()
        assert threading.active_count() == 1, threading.enumerate()
        gc.collect()
        gc.freeze()

    def _to_its_end(self, at: int) -> dict[str, Any]:
        Shelf(self.place).put_back()
        deaths = Deaths(at, self.place.name, known=set(self.known))
        scene = resumed(self.place, deaths, is_restart=False)
        deaths.is_watching = True
        play(scene, self.story.steps)
        deaths.is_watching = False
        known = sorted(deaths.known)
        told = {"passed": deaths.passed, "alike": deaths.alike, "spared": deaths.spared()}
        return {**told, "known": known, "end": end_of(scene)}

    def _resume(self) -> dict[str, Any]:
        scene = resumed(self.place, Deaths(), is_restart=True)
        first = scene.book["step"]
        scene.district.work_off()
        play(scene, self.story.steps, first)
        return {"end": end_of(scene)}


def _told(act: Callable[[], Any]) -> Any:
    ended, told = _forked(act)
    if ended:
        raise RuntimeError(told)
    return told


def _forked(act: Callable[[], Any]) -> tuple[int, Any]:
    """Do something in a process of its own; return how it ended and what it told, or its last words."""
    reading, writing = os.pipe()
    child = os.fork()
    if not child:
        os.close(reading)
        _live(act, writing)
    os.close(writing)
    with os.fdopen(reading, "rb") as pipe:
        told = pipe.read()
    ended = os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])
    return ended, json.loads(told) if told else None


def _live(act: Callable[[], Any], writing: int) -> None:
    ended = 1
    try:
        told = act()
        ended = 0
    except BaseException:  # noqa: BLE001 - whatever it was, the program that compares must read it
        told = traceback.format_exc()[-3000:]
    with os.fdopen(writing, "wb") as pipe:
        pipe.write(json.dumps(told).encode())
    os._exit(ended)


def tried(place: Path, name: str, known: set[str]) -> dict[str, Any]:
    """Let a story die at every place, and return how many there were of which kind, and what went wrong."""
    lives = Lives(place, STORIES[name], set(known))
    whole = lives.whole()
    for at, (step, kind) in enumerate(whole["passed"], 1):
        before = len(lives.failures)
        lives.dies(at, whole["end"])
        lives.failures[before:] = [f"step {step}, {kind}: {one}" for one in lives.failures[before:]]
    known.update(whole["known"])
    kinds = Counter(kind for _, kind in whole["passed"])
    return {"tried": kinds, "alike": whole["alike"], "spared": whole["spared"], "failures": lives.failures}


def main(folder: str, *names: str) -> None:
    """Try these stories and print what was found."""
    share()
    known: set[str] = set()
    json.dump({name: tried(Path(folder) / name, name, known) for name in names}, sys.stdout)


if __name__ == "__main__":
    main(*sys.argv[1:])
