"""Several processes serve one address: who dies is replaced, nobody outlives the one that began them."""

import os
import select
import signal
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Final

import pytest
from serving_given import WAIT, given_serving
from tree_given import ROOT

pytestmark = pytest.mark.files  # about processes; what they share in a database is tried elsewhere

CREW: Final = """
import os, signal, sys
from rightsdesk.web.crew import together
act = {"waits": signal.pause, "refuses": lambda: sys.exit(1), "is deaf": lambda: None}[sys.argv[2]]
number = together(int(sys.argv[1]), *map(float, sys.argv[3:]))
if number is None:
    os.write(1, b"all ended\\n")
else:
    if sys.argv[2] == "is deaf":
        signal.signal(signal.SIGTERM, signal.SIG_IGN)
    os.write(1, f"number {number} {os.getpid()}\\n".encode())  # in one piece: several write here
    act()
    while sys.argv[2] == "is deaf":
        signal.pause()
"""


class Crew:
    """A program of several processes, each of which says its number and its id."""

    def __init__(self, size: int, does: str, *beginning: str) -> None:
        command = [sys.executable, "-c", CREW, str(size), does, *beginning]
        self.program = subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE, text=True)

    def said(self) -> tuple[int, int]:
        """Return the number and the id that a process says next."""
        assert self.program.stdout is not None
        _, number, pid = self.program.stdout.readline().split()
        return int(number), int(pid)

    def end(self) -> str:
        """Tell all to end and return what was said since."""
        self.program.terminate()
        return self.program.communicate(timeout=WAIT)[0]


@pytest.fixture
def crew() -> Iterator[Crew]:
    crew = Crew(3, "waits")
    yield crew
    crew.program.kill()
    crew.program.communicate(timeout=WAIT)


def ends(pid: int) -> bool:
    """Say whether a process that is not our child comes to its end."""
    try:
        watched = os.pidfd_open(pid)
    except ProcessLookupError:
        return True
    with os.fdopen(watched):
        return bool(select.select([watched], [], [], WAIT)[0])


def test_each_process_has_a_number_and_all_end_when_told(crew: Crew) -> None:
    members = dict(crew.said() for _ in range(3))
    assert sorted(members) == [0, 1, 2]
    assert crew.end() == "all ended\n"
    assert crew.program.returncode == 0
    assert [ends(pid) for pid in members.values()] == [True] * 3


def test_a_key_at_the_terminal_ends_all(crew: Crew) -> None:
    members = dict(crew.said() for _ in range(3))
    for pid in (*members.values(), crew.program.pid):  # a terminal tells each of them
        os.kill(pid, signal.SIGINT)
    crew.program.wait(WAIT)
    assert [ends(pid) for pid in members.values()] == [True] * 3


def test_who_dies_is_replaced_under_the_same_number(crew: Crew) -> None:
    members = dict(crew.said() for _ in range(3))
    os.kill(members[1], signal.SIGKILL)
    number, pid = crew.said()
    assert number == 1
    assert pid not in members.values()
    assert crew.end() == "all ended\n"
    assert ends(pid)


def test_nobody_outlives_the_one_that_began_them(crew: Crew) -> None:
    members = dict(crew.said() for _ in range(3))
    crew.program.kill()
    assert [ends(pid) for pid in members.values()] == [True] * 3


def test_who_does_not_listen_is_killed_before_a_service_manager_would() -> None:
    crew = Crew(1, "is deaf")
    _, pid = crew.said()
    assert crew.end() == "all ended\n"
    assert ends(pid)


def test_what_the_first_ones_refuse_ends_all() -> None:
    crew = Crew(2, "refuses")
    crew.program.communicate(timeout=WAIT)
    assert crew.program.returncode == 1


def test_who_had_begun_and_then_fails_is_replaced_whatever_its_exit_code() -> None:
    crew = Crew(1, "refuses", "0")
    pids = {crew.said()[1] for _ in range(2)}
    assert len(pids) == 2
    assert crew.end().endswith("all ended\n")
    assert crew.program.returncode == 0


def test_ports_for_the_figures_of_all_processes_are_there_or_the_command_says_so(data_folder: Path) -> None:
    server = "postgresql+psycopg://127.0.0.1:1/"  # never reached: it is said before anything is opened
    urls = {"RIGHTSDESK_DATABASE": f"{server}data", "RIGHTSDESK_KEYS_DATABASE": f"{server}keys"}
    serving = given_serving(data_folder, "--workers", "3", RIGHTSDESK_METRICS="127.0.0.1:65534", **urls)
    _, told = serving.communicate(timeout=WAIT)
    assert (serving.returncode, "65535 is the last there is" in told, "Traceback" in told) == (1, True, False)


def test_the_embedded_database_is_served_by_one_process(data_folder: Path) -> None:
    serving = given_serving(data_folder, "--workers", "2")
    _, told = serving.communicate(timeout=WAIT)
    assert (serving.returncode, "SQLite has one writer" in told) == (1, True)
