"""What the bench makes of what it measured: a goal is met, missed, or not measured, and never by accident."""

from itertools import count
from pathlib import Path

import pytest
from bench.drawing import write_json, write_picture
from bench.figures import MET, MISSED, NOT_MEASURED, Figure, Judged, by_turns, percentile


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


def test_what_was_not_measured_is_drawn_and_written_too(tmp_path: Path) -> None:
    figures = [Figure("Cold <start>", "s", 1.5, value=9.0), Figure("Never", "s", 1)]
    write_picture(tmp_path / "a.svg", figures, "Goals")
    write_json(tmp_path / "a.json", figures, {"scale": "quick"})
    assert "Cold &lt;start&gt;" in (tmp_path / "a.svg").read_text()
    assert '"verdict": "not measured"' in (tmp_path / "a.json").read_text()
