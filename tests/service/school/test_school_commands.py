"""``rightsdesk agency provider``: entered with its secret from a file, listed without it, tried out in words."""

import json
from collections.abc import Iterator
from pathlib import Path

import pytest
from forging_given import CLIENT, Forger, forging
from given import NOON
from typer.testing import CliRunner

from rightsdesk.verification.school.errors import Why
from rightsdesk.web.cli import app
from rightsdesk.web.commands.providers import WORDS

RUN = CliRunner()
AGENCY = ("agency", "add", "marigold", "--name", "Marigold Unified", "--zone", "America/New_York")


@pytest.fixture
def lying() -> Iterator[Forger]:
    with forging(lambda: NOON) as forger:
        yield forger


@pytest.fixture(autouse=True)
def environment(data_folder: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("RIGHTSDESK_DATA", str(data_folder))
    monkeypatch.setenv("RIGHTSDESK_PUBLIC_URL", "http://127.0.0.1:8000")
    monkeypatch.setenv("RIGHTSDESK_SMS", "console")
    monkeypatch.setenv("RIGHTSDESK_MAIL", "console")
    assert RUN.invoke(app, AGENCY).exit_code == 0
    return data_folder


def provider(*words: str, typed: str | None = None) -> tuple[int, str]:
    done = RUN.invoke(app, ("agency", "provider", *words), input=typed)
    return done.exit_code, done.output


def entered(forger: Forger, *more: str, typed: str = "s3cret") -> tuple[int, str]:
    words = ("add", "marigold", "--kind", "other", "--client-id", CLIENT, "--issuer", forger.issuer)
    return provider(*words, "--name", "school", "--secret-file", "-", *more, typed=typed)


def test_a_provider_is_entered_listed_tried_out_and_removed(lying: Forger) -> None:
    code, told = entered(lying, "--staff", "--json")
    assert code == 0, told
    assert json.loads(told)["callbacks"] == [
        "http://127.0.0.1:8000/marigold/sign-in/school/callback",
        "http://127.0.0.1:8000/desk/marigold/sign-in/school/callback",
    ]
    code, listed = provider("list", "marigold", "--json")
    assert (code, [one["slug"] for one in json.loads(listed)]) == (0, ["school"])
    assert "s3cret" not in listed + told
    assert provider("test", "marigold", "school")[0] == 0
    assert provider("remove", "marigold", "school")[0] == 0
    assert json.loads(provider("list", "marigold", "--json")[1]) == []
    assert provider("remove", "marigold", "school")[0] == 1


def test_the_trial_says_in_words_what_is_wrong(lying: Forger) -> None:
    entered(lying)
    lying.document["issuer"] = "https://elsewhere.example"
    code, told = provider("test", "marigold", "school")
    assert (code, told.strip()) == (1, WORDS[Why.ISSUER])
    code, told = provider("test", "marigold", "school", "--json")
    assert (code, json.loads(told.splitlines()[0])["why"]) == (1, "issuer")
    lying.document.clear()
    lying.published.clear()
    assert provider("test", "marigold", "school")[1].strip() == WORDS[Why.KEYS]


def test_what_cannot_work_is_refused_in_words(lying: Forger) -> None:
    code, told = entered(lying, "--link-key", "username", "--link-claim", "email")
    assert code == 1
    assert "nobody is found by it" in told
    code, told = provider("add", "marigold", "--kind", "classlink", "--client-id", CLIENT)
    assert code == 1
    assert "district's id" in told
    assert json.loads(provider("list", "marigold", "--json")[1]) == []


def test_no_option_takes_a_secret(lying: Forger) -> None:
    assert provider("add", "marigold", "--client-secret", "s3cret")[0] == 2
    assert lying.issuer
