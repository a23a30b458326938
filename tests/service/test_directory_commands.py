"""``rightsdesk agency directory``: set with secrets from a file, shown without them, tried out in words."""

import json
import re
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from directories_given import SECRET, TOKEN, Scim, Slapd, free_port, running_scim, running_slapd
from tree_given import ROOT
from typer.testing import CliRunner

from rightsdesk.verification.directories.port import ExtraMissing
from rightsdesk.web.cli import app
from rightsdesk.web.commands.directories import WORDS

RUN = CliRunner()
AGENCY = ("agency", "add", "marigold", "--name", "Marigold Unified", "--zone", "America/New_York")


@pytest.fixture(scope="module")
def slapd(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Slapd]:
    with running_slapd(tmp_path_factory.mktemp("slapd"), "ava.okonjo") as server:
        yield server


@pytest.fixture
def scim() -> Iterator[Scim]:
    with running_scim("ava.okonjo") as server:
        yield server


@pytest.fixture(autouse=True)
def environment(data_folder: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("RIGHTSDESK_DATA", str(data_folder))
    monkeypatch.setenv("RIGHTSDESK_PUBLIC_URL", "http://127.0.0.1:8000")
    monkeypatch.setenv("RIGHTSDESK_SMS", "console")
    monkeypatch.setenv("RIGHTSDESK_MAIL", "console")
    assert RUN.invoke(app, AGENCY).exit_code == 0
    return data_folder


def directory(verb: str, *words: str, typed: str | None = None) -> tuple[int, str]:
    done = RUN.invoke(app, ("agency", "directory", verb, "marigold", *words), input=typed)
    assert done.exception is None or isinstance(done.exception, SystemExit), done.exception
    return done.exit_code, done.output.strip()


def set_scim(url: str, secret: str = TOKEN) -> None:
    code, told = directory("set", "--kind", "scim", "--url", url, "--secret-file", "-", typed=secret)
    assert code == 0, told
    assert secret not in told


def set_ldap(slapd: Slapd, *more: str, secret: str = SECRET) -> tuple[int, str]:
    said = slapd.terms()
    words = ("--kind", "ldap", "--url", said.url, "--login", said.login, "--base", said.base, "--secret-file", "-")
    return directory("set", *words, *more, typed=secret)


def shown() -> dict[str, object]:
    code, told = directory("show", "--json")
    assert code == 0
    return dict(json.loads(told))


def test_without_a_word_passwords_are_kept_here() -> None:
    assert shown() == {"kind": "built_in", "url": ""}
    assert directory("test") == (0, "Passwords are kept here. There is nothing to reach.")


@pytest.mark.files
def test_ldap_is_set_shown_without_its_secret_and_answers(slapd: Slapd, tmp_path: Path) -> None:
    (tmp_path / "secret").write_text(f"{SECRET}\n")
    (tmp_path / "authority.pem").write_text(slapd.authority)
    files = ("--secret-file", str(tmp_path / "secret"), "--authority-file", str(tmp_path / "authority.pem"))
    assert set_ldap(slapd, *files)[0] == 0
    said = slapd.terms()
    told = {"kind": "ldap", "url": said.url, "login": said.login, "secret": True, "base": said.base}
    assert shown() == told | {"attribute": "uid", "dialect": "standard", "authority": True}
    plain = directory("show")[1]
    assert said.base in plain
    assert SECRET not in plain
    assert "BEGIN" not in plain
    code, words = directory("test")
    assert (code, words.startswith("It answers and lets us in.")) == (0, True)


@pytest.mark.files
@pytest.mark.parametrize(
    ("more", "secret", "why"),
    [
        ((), "wrong", "not_let_in"),
        (("--base", "dc=elsewhere,dc=example"), SECRET, "no_such_place"),
        (("--url", "ldap://127.0.0.1:1"), SECRET, "unreachable"),
    ],
)
def test_the_trial_of_ldap_says_in_words_what_is_wrong(
    slapd: Slapd, more: tuple[str, ...], secret: str, why: str
) -> None:
    set_ldap(slapd, *more, secret=secret)
    assert directory("test") == (1, WORDS[why])
    code, told = directory("test", "--json")
    assert (code, json.loads(told.splitlines()[0])) == (1, {"kind": "ldap", "ok": False, "why": why})


# Where the name is wrong the library leaves its socket to the collector, which closes it and says so.
@pytest.mark.filterwarnings("ignore:Exception ignored in. <ssl.SSLSocket:pytest.PytestUnraisableExceptionWarning")
@pytest.mark.files
def test_the_trial_says_that_nobody_vouches_for_the_certificate(slapd: Slapd, tmp_path: Path) -> None:
    (tmp_path / "authority.pem").write_text(slapd.authority)
    named = f"ldap://localhost:{slapd.port}"  # the certificate is for 127.0.0.1
    set_ldap(slapd, "--url", named, "--authority-file", str(tmp_path / "authority.pem"))
    assert directory("test") == (1, WORDS["not_secure"])


@pytest.mark.files
def test_scim_is_tried_out_and_a_stopped_or_strange_one_is_told_in_words(scim: Scim) -> None:
    url = scim.terms().url
    set_scim(url)
    assert shown() == {"kind": "scim", "url": url, "secret": True, "authority": False}
    assert directory("test")[0] == 0
    set_scim(url, "another")
    assert directory("test") == (1, WORDS["not_let_in"])
    set_scim(f"http://127.0.0.1:{scim.port}/elsewhere")
    assert directory("test") == (1, WORDS["not_scim"])
    set_scim(f"http://127.0.0.1:{free_port()}/v2")
    assert directory("test") == (1, WORDS["unreachable"])


def test_the_school_may_keep_its_passwords_itself() -> None:
    assert directory("set", "--kind", "elsewhere", "--url", "https://passwords.example/new")[0] == 0
    assert shown() == {"kind": "elsewhere", "url": "https://passwords.example/new"}
    assert directory("test") == (0, "The school keeps the passwords itself. There is nothing to reach.")
    assert directory("set", "--kind", "built_in")[0] == 0
    assert shown() == {"kind": "built_in", "url": ""}


@pytest.mark.parametrize(
    ("words", "told"),
    [
        (("--kind", "ldap", "--url", "ldaps://ldap.example"), "Say below which name accounts are found."),
        (("--kind", "scim", "--url", "https://scim.example/v2"), "Say what lets us in: a password, or a token."),
        (("--kind", "scim", "--url", "http://scim.example/v2"), "New passwords must not travel in clear."),
        (("--kind", "elsewhere"), "Write the whole address."),
        (("--kind", "scim", "--secret-file", "/nowhere/at/all"), "/nowhere/at/all cannot be used"),
        (("--kind", "scim", "--authority-file", "/nowhere/at/all"), "/nowhere/at/all cannot be used"),
    ],
)
def test_what_cannot_be_used_is_refused_in_words_and_changes_nothing(words: tuple[str, ...], told: str) -> None:
    code, said = directory("set", *words)
    assert code == 1
    assert told in said
    assert shown() == {"kind": "built_in", "url": ""}


def test_a_secret_stays_where_nothing_says_another_but_goes_to_no_other_place() -> None:
    set_scim("https://scim.example/v2")
    assert directory("set", "--kind", "scim", "--url", "https://scim.example/v2")[0] == 0
    code, told = directory("set", "--kind", "scim", "--url", "https://evil.example/v2")
    assert (code, told) == (1, "That is another place. Type what lets us in again.")
    assert shown()["url"] == "https://scim.example/v2"


def test_a_file_that_is_no_text_is_refused_in_words(tmp_path: Path) -> None:
    (tmp_path / "secret").write_bytes(b"\xff\xfe\x00")
    code, told = directory("set", "--kind", "scim", "--secret-file", str(tmp_path / "secret"))
    assert (code, told) == (1, "The secret's file is not text in UTF-8.")


def test_no_option_takes_a_secret() -> None:
    assert directory("set", "--kind", "scim", "--secret", "s3cret")[0] == 2


def test_a_missing_library_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    set_scim("https://scim.example/v2")
    monkeypatch.delitem(sys.modules, "rightsdesk.verification.directories.scim", raising=False)
    monkeypatch.setitem(sys.modules, "scim2_client", None)
    code, told = directory("test")
    assert (code, told) == (1, str(ExtraMissing()))


def test_each_code_of_the_adapters_has_words() -> None:
    """Read the codes where they are raised or returned: a new one must get its sentence."""
    folder = ROOT / "verification" / "directories"
    text = (folder / "ldap.py").read_text("utf-8") + (folder / "scim.py").read_text("utf-8").partition("def _why")[2]
    codes = set(re.findall(r'_Closed\("(\w+)"\)', text)) | set(re.findall(r'(?:return|else) "(\w+)"', text))
    assert codes == WORDS.keys() - {"not_installed"}
