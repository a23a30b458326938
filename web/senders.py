"""What carries messages out, as the settings say."""

import sys
from dataclasses import dataclass
from pathlib import Path

from rightsdesk.verification.sms.console_texts import ConsoleTexts
from rightsdesk.verification.sms.file_texts import FileTexts
from rightsdesk.verification.sms.port import Sent, Text, TextKind, Texts
from rightsdesk.verification.sms.twilio_texts import TwilioAccount, TwilioTexts
from rightsdesk.web.mail import ConsolePost, FilePost, Post, SmtpPost
from rightsdesk.web.settings import Carrier, Settings


@dataclass(frozen=True, slots=True)
class ByKind:
    """Sends codes and notices under different numbers, so that STOP on a notice does not end sign-in."""

    codes: Texts
    notices: Texts

    def send(self, text: Text) -> Sent:
        """Send one text by the sender of its kind."""
        return (self.notices if text.kind is TextKind.NOTICE else self.codes).send(text)


def texts_of(settings: Settings) -> Texts:
    """Return what sends texts."""
    if settings.carrier is not None:
        return _carried(settings.carrier)
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


def _carried(carrier: Carrier) -> Texts:
    def under(sender: str, service: str) -> Texts:
        return TwilioTexts(TwilioAccount(carrier.account, carrier.token, sender, service, api_url=carrier.api_url))

    codes = under(carrier.sender, "" if carrier.sender else carrier.service)
    if not carrier.has_notices_apart:
        return codes
    return ByKind(codes, under(carrier.notices_sender, "" if carrier.notices_sender else carrier.notices_service))
