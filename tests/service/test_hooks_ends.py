"""What the carrier reports while we die, or without coming to its end."""

import asyncio
from pathlib import Path

import pytest
from family_given import given_phone, texts
from given import MARIGOLD, PUBLIC_URL
from hooks_given import HOOK, Speaker, given_carried, sid
from starlette.testclient import TestClient
from starlette.types import Message

from rightsdesk.verification.sms.port import TextKind
from rightsdesk.web import hooks
from rightsdesk.web.app import app_of
from rightsdesk.web.portal import Portal
from rightsdesk.web.proof import means

ELENAS = "+12125550142"


@pytest.fixture
def portal(tmp_path: Path) -> Portal:
    """Return a portal whose texts leave by a carrier, and from which Elena was sent a code."""
    portal, _ = given_carried(tmp_path)
    given_phone(portal).send("/marigold/phone", {"phone": ELENAS})
    texts(portal)
    return portal


def test_a_stop_is_taken_when_it_is_kept_and_not_before(portal: Portal) -> None:
    """Whatever ends us between the two, the carrier may send it again, and then it is kept."""
    twilio = Speaker(TestClient(app_of(portal), base_url=PUBLIC_URL, raise_server_exceptions=False))
    with portal.storage.engine.begin() as database:
        database.exec_driver_sql("ALTER TABLE text_opt_outs RENAME TO away")
    assert twilio.reply(sid(71), "STOP", ELENAS).status_code >= 500
    with portal.storage.engine.begin() as database:
        database.exec_driver_sql("ALTER TABLE away RENAME TO text_opt_outs")
    assert twilio.reply(sid(71), "STOP", ELENAS).status_code == 204
    with portal.storage.read() as tx:
        tools = means(portal, tx, MARIGOLD, portal.now())
        assert tools.sends.opted_out(tools.number_keys(ELENAS), TextKind.NOTICE)


def test_a_report_that_does_not_come_to_its_end_is_not_waited_for(
    portal: Portal, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(hooks, "ARRIVES", 0.05)
    begun: list[Message] = [{"type": "http.request", "body": b"AccountSid=", "more_body": True}]
    answers: list[Message] = []

    async def receive() -> Message:
        if begun:
            return begun.pop()
        await asyncio.Event().wait()
        raise AssertionError

    async def send(message: Message) -> None:
        answers.append(message)

    headers = [(b"host", b"testserver"), (b"content-type", b"application/x-www-form-urlencoded")]
    scope = {"type": "http", "method": "POST", "path": HOOK, "raw_path": HOOK.encode(), "query_string": b""}
    asyncio.run(app_of(portal)(scope | {"headers": headers}, receive, send))
    assert answers[0]["status"] == 403
