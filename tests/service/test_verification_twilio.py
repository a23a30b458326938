"""The real Twilio client against a stand-in on this machine."""

import json
import logging
from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from threading import Event, Thread
from typing import Final
from urllib.parse import parse_qs
from xml.etree.ElementTree import fromstring

import pytest
from given import PUBLIC_URL, given_settings

from rightsdesk.verification.sms.port import Accepted, Call, Refused, RefusedClass, Text, TextKind, Unknown
from rightsdesk.verification.sms.spoken import spoken_code
from rightsdesk.verification.sms.twilio_texts import TwilioAccount, TwilioTexts
from rightsdesk.web.reader import Carrier
from rightsdesk.web.senders import texts_of
from tests.verification_given import House, open_database

NOON: Final = datetime(2026, 11, 23, 17, tzinfo=UTC)
A_TEXT: Final = Text("+12125550142", "482100 is your code.", TextKind.CODE, NOON, timedelta(minutes=9))
A_CALL: Final = Call("+12125550142", spoken_code("482100", "es"), NOON)
SID: Final = "AC" + "0" * 32


@dataclass
class StandIn:
    """Answers as told, in Twilio's form; status 0 means silence until the test is over."""

    url: str = ""
    status: int = 201
    code: int = 0
    body: bytes = b""
    asked: list[tuple[str, dict[str, str]]] = field(default_factory=list)
    over: Event = field(default_factory=Event)

    def answer(self) -> bytes:
        """Return the body of an answer."""
        if self.body:
            return self.body
        if self.status < 300:
            return json.dumps({"sid": "SM" + "1" * 32, "status": "queued"}).encode()
        return json.dumps({"code": self.code, "message": "no", "more_info": "", "status": self.status}).encode()


@pytest.fixture
def twilio() -> Iterator[StandIn]:
    stand_in = StandIn()

    class Answering(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            form = self.rfile.read(int(self.headers["Content-Length"])).decode()
            stand_in.asked.append((self.path, {name: values[0] for name, values in parse_qs(form).items()}))
            if not stand_in.status:
                stand_in.over.wait(30)
                return
            body = stand_in.answer()
            self.send_response(stand_in.status)
            self.send_header("Content-Type", "application/json")
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, *_: object) -> None:
            """Stay quiet."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Answering)
    stand_in.url = f"http://127.0.0.1:{server.server_port}"
    thread = Thread(target=server.serve_forever)
    thread.start()
    yield stand_in
    stand_in.over.set()
    server.shutdown()
    thread.join()
    server.server_close()


@pytest.fixture
def texts(twilio: StandIn) -> Iterator[TwilioTexts]:
    sending = TwilioTexts(account_at(twilio), timeout=20)
    yield sending
    sending.close()


def account_at(twilio: StandIn) -> TwilioAccount:
    return TwilioAccount(SID, "token", "+15005550006", status_callback="https://x.example/hooks", api_url=twilio.url)


def test_an_accepted_text_gives_the_carriers_id(texts: TwilioTexts, twilio: StandIn) -> None:
    assert texts.send(A_TEXT) == Accepted("SM" + "1" * 32)
    ((path, form),) = twilio.asked
    assert path == f"/2010-04-01/Accounts/{SID}/Messages.json"
    assert form == {
        "To": "+12125550142",
        "From": "+15005550006",
        "Body": "482100 is your code.",
        "StatusCallback": "https://x.example/hooks",
        "ValidityPeriod": "540",
        "RiskCheck": "enable",
        "ContentRetention": "discard",
        "AddressRetention": "obfuscate",
    }


@pytest.mark.parametrize(
    ("status", "code", "why"),
    [
        (400, 21610, RefusedClass.OPTED_OUT),
        (400, 21211, RefusedClass.BAD_NUMBER),
        (400, 21614, RefusedClass.BAD_NUMBER),
        (400, 21408, RefusedClass.COUNTRY_CLOSED),
        (400, 21606, RefusedClass.SENDER_WRONG),
        (400, 21611, RefusedClass.THROTTLED),
        (429, 20429, RefusedClass.THROTTLED),
        (429, 0, RefusedClass.THROTTLED),
        (401, 20003, RefusedClass.ACCOUNT),
        (401, 70051, RefusedClass.ACCOUNT),
        (404, 20404, RefusedClass.ACCOUNT),
        (400, 30007, RefusedClass.FILTERED),
        (400, 99999, RefusedClass.OTHER),
    ],
)
def test_a_refusal_has_its_class(
    texts: TwilioTexts, twilio: StandIn, status: int, code: int, why: RefusedClass
) -> None:
    twilio.status, twilio.code = status, code
    assert texts.send(A_TEXT) == Refused(why, code)


def test_silence_is_unknown_and_is_asked_once_only(twilio: StandIn) -> None:
    twilio.status = 0
    impatient = TwilioTexts(account_at(twilio), timeout=0.5)
    assert impatient.send(A_TEXT) == Unknown()
    impatient.close()
    assert len(twilio.asked) == 1


@pytest.mark.parametrize(("status", "body"), [(503, b""), (500, b"<html>"), (201, b"<html>"), (201, b"{}")])
def test_an_answer_that_says_nothing_is_unknown(texts: TwilioTexts, twilio: StandIn, status: int, body: bytes) -> None:
    twilio.status, twilio.body = status, body
    assert texts.send(A_TEXT) == Unknown()


def test_a_dead_connection_is_unknown(twilio: StandIn) -> None:
    sending = TwilioTexts(TwilioAccount(SID, "token", "+15005550006", api_url="http://127.0.0.1:1"), timeout=0.5)
    assert sending.send(A_TEXT) == Unknown()
    sending.close()
    assert twilio.asked == []


def test_a_messaging_service_takes_the_place_of_a_number(twilio: StandIn) -> None:
    account = TwilioAccount(SID, "token", messaging_service="MG" + "2" * 32, api_url=twilio.url)
    sending = TwilioTexts(account)
    sending.send(replace(A_TEXT, validity=timedelta(days=3)))
    sending.close()
    form = twilio.asked[0][1]
    assert (form["MessagingServiceSid"], form["ValidityPeriod"]) == ("MG" + "2" * 32, "36000")
    assert "From" not in form


@pytest.mark.parametrize(
    "url", ["http://192.0.2.1:9000", "http://localhost.example", "127.0.0.1", "https://api.twilio.com"]
)
def test_a_stand_in_elsewhere_is_refused_at_the_start(url: str) -> None:
    with pytest.raises(ValueError, match="loopback"):
        TwilioTexts(TwilioAccount(SID, "token", api_url=url))


def test_neither_number_nor_code_nor_token_is_logged(
    texts: TwilioTexts, twilio: StandIn, caplog: pytest.LogCaptureFixture
) -> None:
    with caplog.at_level(logging.DEBUG):
        texts.send(A_TEXT)
        twilio.status, twilio.code = 400, 21610
        texts.send(A_TEXT)
    assert not [secret for secret in ("2125550142", "482100", "token") if secret in caplog.text]
    assert repr(TwilioAccount(SID, "token")) == "TwilioAccount()"


def test_a_code_travels_from_the_button_to_the_carrier(texts: TwilioTexts, twilio: StandIn, tmp_path: Path) -> None:
    house = House(open_database(tmp_path / "verification.sqlite3"))
    claim = house.opened(NOON)
    house.send(claim, 1, NOON, texts)
    assert twilio.asked[0][1]["Body"].endswith(f"#{house.challenge(claim).code()}")


def test_a_call_speaks_each_digit_twice_and_ends_by_itself(texts: TwilioTexts, twilio: StandIn) -> None:
    twilio.body = json.dumps({"sid": "CA" + "3" * 32, "status": "queued"}).encode()
    assert texts.call(A_CALL) == Accepted("CA" + "3" * 32)
    ((path, form),) = twilio.asked
    assert path == f"/2010-04-01/Accounts/{SID}/Calls.json"
    spoken = fromstring(form.pop("Twiml"))  # noqa: S314 - our own words
    assert form == {"To": "+12125550142", "From": "+15005550006", "Timeout": "25", "TimeLimit": "90"}
    said = [one.text for one in spoken.iter("Say")]
    assert said == ["Hola. Esta es la clave que pidió.", *"482100", "Otra vez.", *"482100", said[-1]]
    assert {one.get("language") for one in spoken.iter("Say")} == {"es-MX"}
    assert {one.tag for one in spoken} == {"Say", "Pause"}, "it fetches no page of ours and records nothing"


@pytest.mark.parametrize(
    ("status", "code", "end"),
    [
        (400, 21211, Refused(RefusedClass.BAD_NUMBER, 21211)),
        (429, 20429, Refused(RefusedClass.THROTTLED, 20429)),
        (401, 20003, Refused(RefusedClass.ACCOUNT, 20003)),
        (503, 0, Unknown()),
    ],
)
def test_a_call_ends_as_a_text_does(
    texts: TwilioTexts, twilio: StandIn, status: int, code: int, end: Refused | Unknown
) -> None:
    twilio.status, twilio.code = status, code
    assert texts.call(A_CALL) == end
    assert len(twilio.asked) == 1, "nobody is called twice"


def test_a_call_leaves_under_the_number_of_calls(twilio: StandIn, tmp_path: Path) -> None:
    carrier = Carrier(SID, "token", service="MG" + "2" * 32, calls_sender="+15005550007", api_url=twilio.url)
    sending = texts_of(replace(given_settings(tmp_path), carrier=carrier))
    sending.call(A_CALL)
    sending.send(A_TEXT)
    (_, call), (_, text) = twilio.asked
    assert call["From"] == "+15005550007"
    assert (text["MessagingServiceSid"], text["StatusCallback"]) == (
        "MG" + "2" * 32,
        f"{PUBLIC_URL}/hooks/twilio/status",
    )


def test_a_call_that_the_carrier_refuses_logs_nothing(
    texts: TwilioTexts, twilio: StandIn, caplog: pytest.LogCaptureFixture
) -> None:
    with caplog.at_level(logging.DEBUG):
        texts.call(A_CALL)
        twilio.status, twilio.code = 400, 21211
        texts.call(A_CALL)
    assert not [secret for secret in ("2125550142", "482100", "4 8", "token") if secret in caplog.text]
    assert "482100" not in repr(A_CALL)
    assert "2125550142" not in repr(A_CALL)
