"""What carries messages out, as the settings say."""

import sys
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Final

from rightsdesk.verification.sms.console_texts import ConsoleTexts
from rightsdesk.verification.sms.file_texts import FileTexts
from rightsdesk.verification.sms.port import Call, Sent, Text, TextKind, Texts
from rightsdesk.verification.sms.twilio_texts import TwilioAccount, TwilioTexts
from rightsdesk.web.mail import ConsolePost, FilePost, Post, SmtpPost
from rightsdesk.web.settings import Carrier, Settings

REPORTS: Final = "/hooks/twilio/status"


@dataclass(frozen=True, slots=True)
class ByKind:
    """Sends codes, notices and calls under numbers of their own, so that STOP on a notice does not end sign-in."""

    codes: Texts
    notices: Texts
    calls: Texts

    def send(self, text: Text) -> Sent:
        """Send one text by the sender of its kind."""
        return (self.notices if text.kind is TextKind.NOTICE else self.codes).send(text)

    def call(self, call: Call) -> Sent:
        """Call under the number of calls."""
        return self.calls.call(call)


def texts_of(settings: Settings) -> Texts:
    """Return what sends texts."""
    if settings.carrier is not None:
        return _carried(settings.carrier, f"{settings.public_url}{REPORTS}")
    if settings.sms.kind == "file":
        return FileTexts(Path(settings.sms.place))
    return ConsoleTexts(sys.stdout)


def post_of(settings: Settings) -> Post:
    """Return what sends mail."""
    if settings.mail.kind == "file":
        return FilePost(Path(settings.mail.place))
    if settings.mail.kind == "console":
        return ConsolePost(sys.stdout)
    return SmtpPost(settings.mail.place, settings.mail_from)


def _carried(carrier: Carrier, reports: str) -> Texts:
    def under(sender: str, service: str) -> Texts:
        account = TwilioAccount(carrier.account, carrier.token, sender, "" if sender else service, reports)
        return TwilioTexts(replace(account, api_url=carrier.api_url))

    codes = under(carrier.sender, carrier.service)
    apart = carrier.has_notices_apart
    notices = under(carrier.notices_sender, carrier.notices_service) if apart else codes
    return ByKind(codes, notices, under(carrier.calls_sender, "") if carrier.calls_sender else codes)
