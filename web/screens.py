"""What a screen is: its path, who may use it, and what answers it. The table of all screens is in ``routes``."""

from collections.abc import Callable
from dataclasses import dataclass
from enum import StrEnum
from typing import Final, TypeAlias

from starlette.responses import Response

from rightsdesk.requests.agencies.agency import Role
from rightsdesk.verification.assurance import Act
from rightsdesk.web.visits import Visit

Handler: TypeAlias = Callable[[Visit], Response]

MEGABYTE: Final = 1024 * 1024
LARGEST_BODY: Final = 11 * MEGABYTE  # ten for a file, one for the fields around it
LARGEST_FORM: Final = 256 * 1024  # fields without a file: 10,000 characters of any script, percent-encoded, and more
UNASKED: Final = 64 * 1024  # what is read before anybody knows who sends it


class Who(StrEnum):
    """Who may use a screen."""

    ANYONE = "anyone"
    ASKED = "asked"  # a challenge runs in this session
    PROVED = "proved"  # a requester who proved who they are
    HALF_STAFF = "half_staff"  # the password was right, the second factor is missing; or only that is to be shown anew
    STAFF = "staff"  # signed in with a second factor
    SIGNED = "signed"  # a program whose message carries a signature or a token that the handler checks; no cookie


@dataclass(frozen=True, slots=True)
class Screen:
    """One path. ``roles`` empty means any role; ``largest`` is the most bytes a form may have.

    ``photo`` names the field of a photo or PDF: it is made harmless after the visitor was admitted and before the unit
    of work begins.

    ``is_poll`` marks what a page asks for by itself: it does not keep a session alive. ``get_writes`` is for starting a
    school sign-in and its callback alone. ``is_split`` is for a form, or one of those two, whose work takes long: it is
    let in by a unit that only reads, and its handler opens its own, so that nobody waits for a lock meanwhile.
    ``keeps_late`` is for a form in which people write for long: after the session fell idle its handler keeps what was
    typed, and shows nothing.
    ``act`` is what sending the form does, where that takes a fresher or a stronger proof than the page around it;
    ``back`` names the screen to come back to after that proof, itself when it can be looked at.
    ``is_draft`` is for a form that only keeps answers in the session, and so waits for no agency's turn to write.
    """

    path: str
    name: str
    who: Who
    get: Handler | None = None
    post: Handler | None = None
    roles: frozenset[Role] = frozenset()
    largest: int = LARGEST_FORM
    photo: str = ""
    is_poll: bool = False
    get_writes: bool = False
    is_split: bool = False
    keeps_late: bool = False
    is_draft: bool = False
    act: Act | None = None
    back: str = ""
