"""What the programs write about themselves: JSON lines with ids and types, and never anybody's words."""

import json
import logging
import subprocess
import sys
import threading
from pathlib import Path

import pytest
from durable_given import submit
from given import given_portal
from tree_given import ROOT

from rightsdesk.web import logs
from rightsdesk.web.logs import Lines

WAIT = 60.0


def written(name: str, pattern: str, *args: str, error: Exception | None = None, **extra: str) -> str:
    raised = (type(error), error, error.__traceback__) if error else None
    record = logging.LogRecord(name, logging.ERROR, "x.py", 7, pattern, args, raised, "read")
    for key, value in extra.items():
        setattr(record, key, value)
    return Lines().format(record)


def test_an_exceptions_words_reach_no_log_line() -> None:
    line = written("uvicorn.error", "Exception %s", "Maria", error=ValueError("Maria Garcia"))
    assert json.loads(line)["error"] == "ValueError"
    assert json.loads(line)["message"] == "Exception %s"
    assert "Maria" not in line


def test_another_librarys_words_are_written_only_where_they_cannot_hold_a_value() -> None:
    put_together = written("pypdf.reader", "Key /MariaGarcia is strange", color_message="Maria")
    assert "Maria" not in put_together
    assert json.loads(put_together)["place"] == "read:7"
    assert "Maria" not in written("urllib3.pool", "Retrying %r", "/MariaGarcia")
    assert "Maria" not in written("urllib3.pool", "one value for two: %s %s", "MariaGarcia")


def test_a_line_says_the_instant_in_utc_and_our_own_ids() -> None:
    line = json.loads(written("rightsdesk.worker", "job failed", kind="erase", job="7"))
    assert line["at"].endswith("+00:00")
    assert (line["message"], line["kind"], line["job"]) == ("job failed", "erase", "7")


@pytest.fixture
def begun(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(logs, "dictConfig", lambda _: None)
    monkeypatch.setattr(sys, "excepthook", sys.excepthook)
    monkeypatch.setattr(threading, "excepthook", threading.excepthook)
    logs.begin()


def fail() -> None:
    raise ValueError("Maria Garcia")


@pytest.mark.usefixtures("begun")
def test_what_a_thread_did_not_catch_is_a_line_too(
    caplog: pytest.LogCaptureFixture, capsys: pytest.CaptureFixture[str]
) -> None:
    failing = threading.Thread(target=fail)
    failing.start()
    failing.join()
    line = json.loads(Lines().format(caplog.records[-1]))
    assert (line["message"], line["error"], line["places"][-1].partition(":")[0]) == (
        "not caught",
        "ValueError",
        "fail",
    )
    assert capsys.readouterr().err == ""


def given_program(folder: Path, *words: str) -> "subprocess.Popen[str]":
    settings = {
        "RIGHTSDESK_DATA": str(folder),
        "RIGHTSDESK_PUBLIC_URL": "http://127.0.0.1",
        "RIGHTSDESK_SMS": f"file:{folder / 'texts.jsonl'}",
        "RIGHTSDESK_MAIL": f"file:{folder / 'mail.jsonl'}",
    }
    command = [sys.executable, "-m", "rightsdesk.web", *words]
    return subprocess.Popen(command, cwd=ROOT, env=settings, stderr=subprocess.PIPE, text=True)


@pytest.mark.files
def test_the_workers_program_writes_lines_like_the_server(tmp_path: Path) -> None:
    folder = tmp_path / "data"
    made = given_program(folder, "migrate")
    made.communicate(timeout=WAIT)
    submit(given_portal(folder), "nobody does this", "one")
    working = given_program(folder, "work")
    assert working.stderr is not None
    told = json.loads(next(line for line in working.stderr if line.startswith("{")))
    working.terminate()
    working.communicate(timeout=WAIT)
    assert (told["message"], told["kind"], told["error"]) == ("job failed", "nobody does this", "KeyError")


@pytest.mark.files
def test_a_portal_that_cannot_start_says_why_and_ends_with_an_error(tmp_path: Path) -> None:
    folder = tmp_path / "data"
    given_program(folder, "migrate").communicate(timeout=WAIT)
    (folder / "erasures.log.head").write_text("{}")
    serving = given_program(folder, "serve", "--port", "0")
    _, told = serving.communicate(timeout=WAIT)
    assert serving.returncode == 1
    assert told.splitlines()[-1].startswith("Line 0 of the erasure ledger is unknown")
    assert "Traceback" not in told
