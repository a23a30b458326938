"""What the bench makes of what it measured: a goal is met, missed, or not measured, and never by accident."""

import sys
from itertools import count
from pathlib import Path

import pytest
from bench.drawing import write_picture
from bench.figures import MET, MISSED, NOT_MEASURED, Figure, Judged, Pair, by_turns, percentile, settled
from bench.page import table
from bench.places import run
from bench.plan import PARTS, sized
from bench.results import Results
from bench.scales import FULL, QUICK
from bench.stock import SQLITE
from bench.watching import Noted, Watch, judged
from conftest import NOON


@pytest.mark.parametrize(
    ("figure", "verdict"),
    [
        (Figure("a", "ms", 2, value=2.0), MET),
        (Figure("a", "ms", 2, value=2.1), MISSED),
        (Figure("a", "ms", 1.5, Judged.RATIO, 3.0, 2.0), MET),
        (Figure("a", "ms", 1.5, Judged.RATIO, 3.1, 2.0), MISSED),
        (Figure("a", "ms", 1.5, Judged.RATIO, 3.0), NOT_MEASURED),
        (Figure("a", "ms", 2), NOT_MEASURED),
    ],
)
def test_a_goal_is_judged_by_what_its_limit_is_about(figure: Figure, verdict: str) -> None:
    assert figure.verdict == verdict


def test_a_thing_and_its_baseline_take_turns_and_give_their_medians() -> None:
    turn = count()
    pair = by_turns(3, lambda: float(next(turn)), lambda: float(next(turn)))
    assert (pair.value, pair.baseline) == (2.0, 3.0)


def test_a_percentile_is_one_of_the_measurements() -> None:
    taken = [float(one) for one in range(100)]
    assert (percentile(taken, 0.95), percentile([7.0], 0.95)) == (95.0, 7.0)


def test_a_limit_of_nothing_is_met_by_nothing_only() -> None:
    assert Figure("a", "", 0, value=0).verdict == MET
    assert Figure("a", "", 0, value=1).verdict == MISSED


def test_a_series_is_judged_by_its_end_beside_its_middle_whatever_it_did_while_warming_up() -> None:
    assert settled([1, 5, 9, 10, 10, 11, 10, 10, 10]) == Pair(10, 10)
    assert settled([10, 11, 12, 13, 14, 15, 16, 17, 18]) == Pair(17, 14)
    assert settled([7]) == Pair(7, 7)


def test_what_is_held_is_judged_by_the_most_that_was_held() -> None:
    assert settled([4, 4, 4, 2, 4, 2, 3, 3, 4], max) == Pair(4, 4)
    assert settled([2, 3, 2, 4, 3, 4, 5, 4, 5], max) == Pair(5, 4)


def test_what_was_not_measured_is_drawn_too(tmp_path: Path) -> None:
    figures = [Figure("Cold <start>", "s", 1.5, value=9.0), Figure("Never", "s", 1)]
    write_picture(tmp_path / "a.svg", figures, "Goals")
    assert "Cold &lt;start&gt;" in (tmp_path / "a.svg").read_text()


def test_a_run_that_was_ended_keeps_what_it_measured_and_measures_again_only_what_failed(tmp_path: Path) -> None:
    path = tmp_path / "run.json"
    Results(path).keep("sqlite/starts", [Figure("Cold start", "s", 1.5, value=9.0)], 3, NOON)
    Results(path).keep("sqlite/desk", [Figure("Never", "s", 1)], 3, NOON, failed="TimeoutError")
    again = Results(path)
    assert [part in again for part in ("sqlite/starts", "sqlite/desk", "sqlite/filing")] == [True, False, False]
    assert [one.verdict for one in again.figures(["sqlite/desk", "sqlite/starts"])] == [NOT_MEASURED, MISSED]


def test_two_runs_at_once_keep_what_each_of_them_measured(tmp_path: Path) -> None:
    one, other = (Results(tmp_path / "run.json") for _ in range(2))
    one.keep("sqlite/starts", [Figure("a", "s", 1, value=1)], 3, NOON)
    other.keep("postgres/desk", [Figure("b", "s", 1, value=1)], 3, NOON)
    assert len(list(Results(tmp_path / "run.json").figures(["sqlite/starts", "postgres/desk"]))) == 2


def test_what_is_published_stays_until_the_same_was_measured_again_to_its_end(tmp_path: Path) -> None:
    kept, run = Results(tmp_path / "kept.json"), Results(tmp_path / "run.json")
    for part in ("sqlite/starts", "sqlite/desk", "sqlite/million"):
        kept.keep(part, [Figure(part, "s", 1, value=1)], 3, NOON)
    run.keep("sqlite/starts", [Figure("again", "s", 1, value=2)], 3, NOON)
    run.keep("sqlite/desk", [], 3, NOON, failed="TimeoutError")
    kept.take(run)
    order = ["sqlite/starts", "sqlite/desk", "sqlite/million"]
    assert [one.goal for one in Results(kept.path).figures(order)] == ["again", *order[1:]]


def test_the_quick_run_is_planned_to_take_three_minutes_and_the_full_one_an_hour() -> None:
    planned = [part for part in PARTS if not part.is_asked_for]
    assert sum(part.minutes(QUICK) for part in planned if SQLITE in part.kinds) <= 3
    assert sum(part.minutes(FULL) * len(part.kinds) for part in planned) <= 60


def test_a_figure_says_how_many_requests_were_stored_once() -> None:
    figures = [Figure("File a request", "ms", 2), Figure("Desk list, 1,000 requests", "ms", 2)]
    goals = [one.goal for one in sized(iter(figures), 1_000)]
    assert goals == ["File a request, 1,000 requests", "Desk list, 1,000 requests"]


def test_the_page_says_by_how_much_a_goal_is_missed() -> None:
    figures = [
        Figure("Fast enough", "ms", 2, value=1.0),
        Figure("Too slow", "ms", 1.5, Judged.RATIO, 3.0, 1.0, "a bare page"),
        Figure("Never measured", "s", 1),
    ]
    lines = table(figures, "on a Monday").splitlines()[4:7]
    assert lines == [
        "| Fast enough | 2 ms | 1.00 ms | met |",
        "| Too slow | 1.5x | **3.00x**: 3.00 ms beside 1.00 ms a bare page | missed by 100% |",
        "| Never measured | 1 s | not measured | not measured |",
    ]


def test_a_soak_is_judged_by_each_series_by_what_failed_and_by_what_the_log_says() -> None:
    noted = Noted()
    noted.took("GET", 0.01, 200)
    noted.took("POST", 0.01, 503)
    watch = Watch({}, noted)
    watch.series = {"server, memory": [1.0, 50.0, 50.0, 50.0, 60.0, 60.0], "server, handles": [9.0] * 6}
    verdicts = {one.goal: one.verdict for one in judged(watch, noted, "fine\nOperationalError: database is locked\n")}
    assert verdicts == {
        "Soak: server, memory": MISSED,
        "Soak: server, handles": MET,
        "Soak: answers that went wrong": MISSED,
        "Soak: lines of the log about a lock": MISSED,
    }


def test_a_fault_in_a_soak_is_counted_by_its_kind_and_ends_nothing() -> None:
    noted = Noted()
    for _ in range(2):
        with noted.failing(test_a_fault_in_a_soak_is_counted_by_its_kind_and_ends_nothing):
            raise ValueError("odd")
    assert list(noted.wrong.values()) == [2]


def test_the_memory_of_a_command_is_its_own_and_not_of_whoever_started_it() -> None:
    wide = bytearray(300_000_000)
    small = "import time; time.sleep(0.2); print(len('said'))"
    ran = run((sys.executable, "-c", small), {}, within=20)
    assert (ran.code, ran.said) == (0, "4\n")
    assert 1 < ran.memory < len(wide) / 1e6
    large = run((sys.executable, "-c", "bytearray(200_000_000); import time; time.sleep(0.2)"), {}, within=20)
    assert large.memory > 190 > ran.memory
