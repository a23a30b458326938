"""Whoever watches over an agency is mailed when somebody changes by what people get in, and can look at what it was."""

import json
import re
from datetime import timedelta
from pathlib import Path

import pytest
from desk_given import AUDREY, DANA, MARIGOLD, ROSA, Clock, at_the_desk, open_portal
from school_rows_given import CLASSLINK
from sqlmodel import col, select
from staff_given import mails, told
from typer.testing import CliRunner

from rightsdesk.requests.agencies.agency import Role
from rightsdesk.requests.agencies.store import Staff
from rightsdesk.verification.protocols import Event
from rightsdesk.verification.school.store import Providers
from rightsdesk.web.cli import app
from rightsdesk.web.commands.opening import agency_opened
from rightsdesk.web.portal import Portal
from rightsdesk.web.tables import JobRow
from rightsdesk.web.watchers import watched_operator

WATCHED = ["staff_ways_changed"]
SIGN_IN = "/office/marigold/sign-in"
SCIM = {"kind": "scim", "url": "https://scim.example/v2", "secret": "a token of the directory's", "authority": ""}
ADDED = Event("sign_in_changed", "operator", facts=(("act", "added"),))
TESTED = Event("sign_in_changed", "operator", facts=(("act", "tested"),))
_LINK = re.compile(r"http://127\.0\.0\.1(/\S+)")


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def portal(data_folder: Path, clock: Clock) -> Portal:
    return open_portal(data_folder, clock)


def provider_path(portal: Portal) -> str:
    with portal.storage.read() as tx:
        return f"{SIGN_IN}/{Providers(tx, MARIGOLD.id, portal.vault.agency(MARIGOLD.id)).every()[0].id}"


def test_who_watches_is_mailed_of_each_change_and_so_is_who_made_it(portal: Portal, clock: Clock) -> None:
    rosa = at_the_desk(portal, ROSA)
    rosa.post(SIGN_IN, data=CLASSLINK)
    assert [told(portal, f"{one}@marigold.example") for one in ("audrey", "rosa", "priya")] == [WATCHED, WATCHED, []]
    letter = mails(portal)[0]
    assert letter["subject"] == f"How people sign in at {MARIGOLD.short_name} was changed"
    assert "School sign-ins, or where students' passwords are kept, were changed." in letter["body"]
    clock.at += timedelta(minutes=1)
    rosa.post(provider_path(portal), data=CLASSLINK | {"label": "Sign in", "client_id": "another"})
    assert told(portal, "audrey@marigold.example") == 2 * WATCHED, "one mail, however much changes at once"
    clock.at += timedelta(minutes=1)
    rosa.post(provider_path(portal), data={"do": "remove"})
    assert told(portal, "audrey@marigold.example") == 3 * WATCHED


def test_who_watches_is_mailed_when_passwords_are_kept_elsewhere(portal: Portal) -> None:
    at_the_desk(portal, ROSA).post("/office/marigold/directory", data=SCIM)
    assert [told(portal, f"{one}@marigold.example") for one in ("audrey", "rosa")] == [WATCHED, WATCHED]


def test_who_watches_is_mailed_of_a_change_by_the_operator_too(portal: Portal) -> None:
    with portal.storage.write() as tx:
        record = watched_operator(portal, tx, MARIGOLD)
        record(ADDED)
        record(TESTED)
    assert [told(portal, f"{one}@marigold.example") for one in ("audrey", "rosa", "priya")] == [WATCHED, WATCHED, []]


def test_the_mail_leads_nobody_to_a_page_that_is_not_for_them(portal: Portal) -> None:
    with portal.storage.write() as tx:
        Staff(tx, MARIGOLD.id, portal.vault.agency(MARIGOLD.id)).set_roles(DANA, [Role.LEAD])
        watched_operator(portal, tx, MARIGOLD)(ADDED)
    links = {one["to"].partition("@")[0]: _LINK.findall(one["body"]) for one in mails(portal)}
    assert links == {"rosa": [SIGN_IN], "audrey": ["/office/marigold/audit"], "dana": []}
    assert at_the_desk(portal, ROSA).get(SIGN_IN).status_code == 200
    assert at_the_desk(portal, AUDREY).get("/office/marigold/audit").status_code == 200


@pytest.mark.parametrize(
    "words",
    [
        ("provider", "add", "marigold", "--kind", "classlink", "--tenant", "2001", "--client-id", "x", "--staff"),
        ("directory", "set", "marigold", "--kind", "scim", "--url", "https://scim.example/v2"),
    ],
    ids=lambda words: words[0],
)
def test_the_operators_commands_tell_who_watches(
    data_folder: Path, monkeypatch: pytest.MonkeyPatch, words: tuple[str, ...]
) -> None:
    for name, value in {"DATA": str(data_folder), "SMS": "console", "MAIL": "console"}.items():
        monkeypatch.setenv(f"RIGHTSDESK_{name}", value)
    monkeypatch.setenv("RIGHTSDESK_PUBLIC_URL", "http://127.0.0.1:8000")
    done("agency", "add", "marigold", "--name", "Marigold Unified", "--zone", "America/New_York")
    done("staff", "add", "marigold", "audrey@marigold.example", "--role", "auditor")
    done("agency", *words, "--secret-file", "-")
    with agency_opened("marigold", looks=True) as (portal, _), portal.storage.read() as tx:
        told_of = [json.loads(one)[2] for one in tx.exec(select(JobRow.ids).where(col(JobRow.kind) == "mail_staff"))]
    assert told_of == ["ways_changed"]


def done(*words: str) -> None:
    ended = CliRunner().invoke(app, words, input="a secret of theirs")
    assert ended.exit_code == 0, ended.output
