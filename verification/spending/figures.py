"""The names under which things are counted on an agency's day."""

from typing import Final

from rightsdesk.verification.sms.port import TextKind
from rightsdesk.verification.spending.ceilings import Channel

KINDS: Final = {Channel.TEXT: TextKind.CODE, Channel.VOICE: TextKind.CALL}
LEFT: Final = "left"  # the carrier took it, or may have: it is paid for
ENTERED: Final = "entered"  # its code came back
HELD: Final = "held."  # our own rules kept it back: the reason follows
REFUSED: Final = "refused."  # the carrier kept it back: the class follows
REPORTED: Final = "reported."  # the carrier told what became of it: the state follows
