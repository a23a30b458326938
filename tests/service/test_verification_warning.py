"""The owner of a locked phone is warned: written down before, and never twice."""

from pathlib import Path

import pytest

from rightsdesk.verification.errors import TextThrottled
from rightsdesk.verification.protocols import NUMBER
from rightsdesk.verification.sending import tell_locked
from rightsdesk.verification.sms.port import Refused, RefusedClass, Sent, Text, TextKind
from rightsdesk.verification.sms.store import WARNING
from rightsdesk.verification.sms.tables import SendState
from tests.verification_given import KNOWN, NOON, House, SentTexts, open_database


@pytest.fixture
def house(tmp_path: Path) -> House:
    return House(open_database(tmp_path / "verification.sqlite3"))


class Dying(SentTexts):
    """A carrier that takes the text while our process dies."""

    def send(self, text: Text) -> Sent:
        """Take it, and die."""
        super().send(text)
        raise KeyboardInterrupt


def test_a_warning_whose_worker_died_is_not_repeated(house: House) -> None:
    challenge = house.opened(NOON).challenge
    dying, carrier = Dying(), SentTexts()
    with pytest.raises(KeyboardInterrupt):
        tell_locked(house.unit, dying, challenge, lambda _: "Codes are locked.", NOON)
    tell_locked(house.unit, carrier, challenge, lambda _: "Codes are locked.", NOON)
    assert (len(dying.texts), carrier.texts) == (1, [])
    with house.unit() as means:
        assert means.sends.state(challenge, WARNING) is SendState.UNKNOWN


def test_a_busy_carrier_is_asked_again_to_warn(house: House) -> None:
    challenge = house.opened(NOON).challenge
    carrier = SentTexts([Refused(RefusedClass.THROTTLED, 20429)])
    with pytest.raises(TextThrottled):
        tell_locked(house.unit, carrier, challenge, lambda _: "Codes are locked.", NOON)
    tell_locked(house.unit, carrier, challenge, lambda _: "Codes are locked.", NOON)
    assert len(carrier.texts) == 2


def test_who_replied_stop_is_not_warned(house: House) -> None:
    challenge = house.opened(NOON).challenge
    carrier = SentTexts()
    with house.unit() as means:
        means.sends.opt_out(means.seal.index(NUMBER, KNOWN), NOON, TextKind.NOTICE)
    tell_locked(house.unit, carrier, challenge, lambda _: "Codes are locked.", NOON)
    assert carrier.texts == []
