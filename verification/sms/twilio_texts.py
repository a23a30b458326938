"""Texts through Twilio, with the official client."""

import logging
from dataclasses import dataclass
from threading import Lock
from typing import TYPE_CHECKING, Final
from urllib.parse import urlsplit

from rightsdesk.verification.loopback import is_loopback
from rightsdesk.verification.sms.port import Accepted, Call, Refused, Sent, Text, Unknown
from rightsdesk.verification.sms.spoken import Spoken
from rightsdesk.verification.sms.twilio_classes import class_of

if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import Any

    from twilio.rest import Client

RINGING: Final = 25  # seconds: a voice mail that picks up later would keep the code
LONGEST_CALL: Final = 90  # seconds: what is said takes under a minute, and each one begun is paid for
TIMEOUT: Final = 5.0  # seconds; Twilio's own default waits for ever
_LONGEST_VALIDITY: Final = 36_000  # seconds, Twilio's limit


@dataclass(frozen=True, slots=True)
class TwilioAccount:
    """Which account sends, under which number or messaging service, and where delivery news goes.

    ``api_url`` is empty, or a loopback address for tests.
    """

    sid: str
    token: str
    sender: str = ""
    messaging_service: str = ""
    status_callback: str = ""
    api_url: str = ""

    def __repr__(self) -> str:
        """Return nothing secret."""
        return "TwilioAccount()"


class TwilioTexts:
    """Sends each text once; an answer that does not arrive is ``Unknown``, never a second try.

    Raises:
        ValueError: ``api_url`` is not a loopback address; the account's token must not travel anywhere else.
    """

    def __init__(self, account: TwilioAccount, timeout: float = TIMEOUT) -> None:
        if account.api_url and not is_loopback(urlsplit(account.api_url).hostname):
            raise ValueError("TWILIO_API_URL must be a loopback address such as http://127.0.0.1:9000.")
        self._account = account
        self._timeout = timeout
        self._lock = Lock()
        self._client: Client | None = None

    def send(self, text: Text) -> Sent:
        """Send one text and say what became of it."""
        return self._asked(lambda client: client.messages.create(to=text.to, body=text.body, **self._options(text)))

    def call(self, call: Call) -> Sent:
        """Call once and say what became of it. The carrier reports nothing about it: the code that is typed does."""
        told = {"twiml": twiml_of(call.says), "timeout": RINGING, "time_limit": LONGEST_CALL}
        return self._asked(lambda client: client.calls.create(to=call.to, from_=self._account.sender, **told))

    def _asked(self, ask: "Callable[[Client], Any]") -> Sent:
        from twilio.base.exceptions import TwilioRestException, TwilioServiceException  # noqa: PLC0415 - 0.3 s to import

        try:
            message = ask(self._opened())
        except (TwilioRestException, TwilioServiceException) as refusal:
            # A gateway's 5xx does not say whether the message went on: treat it like silence.
            code = int(refusal.code or 0)
            return Unknown() if refusal.status >= 500 else Refused(class_of(refusal.status, code), code)
        except (OSError, ValueError):  # timeouts and lost connections are OSErrors; ValueError: no JSON came back
            return Unknown()
        return Accepted(message.sid) if message.sid else Unknown()

    def close(self) -> None:
        """Close the connections; the next text opens new ones."""
        with self._lock:
            session = self._client.http_client.session if self._client else None
            self._client = None
        if session:
            session.close()

    def _options(self, text: Text) -> dict[str, str | int]:
        account = self._account
        sender = {"messaging_service_sid": account.messaging_service, "from_": account.sender}
        seconds = min(_LONGEST_VALIDITY, max(1, int(text.validity.total_seconds())))
        chosen = {name: value for name, value in sender.items() if value}
        callback = {"status_callback": account.status_callback} if account.status_callback else {}
        # The carrier forgets the text: it holds a code and a family's number.
        quiet = {"risk_check": "enable", "content_retention": "discard", "address_retention": "obfuscate"}
        return {**chosen, **callback, **quiet, "validity_period": seconds}

    def _opened(self) -> "Client":
        with self._lock:
            if self._client is None:
                self._client = self._client_for(self._account)
            return self._client

    def _client_for(self, account: TwilioAccount) -> "Client":
        from twilio.http.http_client import TwilioHttpClient  # noqa: PLC0415 - 0.3 s to import
        from twilio.rest import Client  # noqa: PLC0415 - as above

        logging.getLogger("twilio.http_client").setLevel(logging.WARNING)  # at INFO it logs addresses and headers
        if account.api_url:
            from rightsdesk.verification.sms.loopback import LoopbackHttpClient  # noqa: PLC0415 - loads Twilio

            return Client(account.sid, account.token, http_client=LoopbackHttpClient(account.api_url, self._timeout))
        wire = TwilioHttpClient(timeout=self._timeout, max_retries=0)
        return Client(account.sid, account.token, http_client=wire)


def twiml_of(says: Spoken) -> str:
    """Return what a voice says as TwiML, with a second of silence after each piece."""
    from twilio.twiml.voice_response import VoiceResponse  # noqa: PLC0415 - 0.3 s to import

    response = VoiceResponse()
    response.pause(length=1)  # nobody hears the first words while the phone is lifted
    for piece in says.pieces:
        response.say(piece, language=says.language)
        response.pause(length=1)
    return str(response)
