"""What a student's record can hold, who owns each piece, and what may be asked of it."""

from dataclasses import dataclass
from enum import StrEnum
from typing import Final


class Owner(StrEnum):
    """Who rules on a piece of data: the agency, the student who added it, or the desk that collected it."""

    AGENCY = "agency"
    SELF = "self"
    DIRECT = "direct"


class Correctable(StrEnum):
    """How a correction of this element is taken: reviewed by a person, or not by this path (34 CFR 99.20)."""

    REVIEWED = "reviewed"
    NEVER = "never"


class Erasure(StrEnum):
    """What an erasure does to this element."""

    DELETE = "delete"
    KEEP = "keep"


@dataclass(frozen=True, slots=True)
class Element:
    """One element of the catalogue. ``id`` is what forms, cases and packages call it."""

    id: str
    owner: Owner
    correctable: Correctable
    erasure: Erasure


def _element(identity: str, owner: Owner, correctable: Correctable, erasure: Erasure) -> tuple[str, Element]:
    return identity, Element(identity, owner, correctable, erasure)


_AGENCY: Final = Owner.AGENCY
CATALOGUE: Final[dict[str, Element]] = dict(
    (
        _element("name.given", _AGENCY, Correctable.REVIEWED, Erasure.KEEP),
        _element("name.family", _AGENCY, Correctable.REVIEWED, Erasure.KEEP),
        _element("grade", _AGENCY, Correctable.REVIEWED, Erasure.KEEP),
        _element("school", _AGENCY, Correctable.REVIEWED, Erasure.KEEP),
        _element("email", _AGENCY, Correctable.REVIEWED, Erasure.DELETE),
        _element("username", _AGENCY, Correctable.NEVER, Erasure.DELETE),
        _element("student_number", _AGENCY, Correctable.NEVER, Erasure.KEEP),
        _element("mobile", _AGENCY, Correctable.REVIEWED, Erasure.DELETE),
        _element("picture", _AGENCY, Correctable.NEVER, Erasure.DELETE),
        _element("apps", _AGENCY, Correctable.NEVER, Erasure.DELETE),
        _element("signins", _AGENCY, Correctable.NEVER, Erasure.DELETE),
        _element("enrolments", _AGENCY, Correctable.NEVER, Erasure.KEEP),
        _element("account", _AGENCY, Correctable.NEVER, Erasure.DELETE),
        _element("files", Owner.SELF, Correctable.NEVER, Erasure.DELETE),
        _element("credentials", Owner.SELF, Correctable.NEVER, Erasure.DELETE),
    )
)
# ``account`` is not a stored value: erasing it takes everything that names the student.
WHOLE_ACCOUNT: Final = "account"


def correctable() -> tuple[Element, ...]:
    """Return the elements a family may ask to correct, in the order of the page."""
    return tuple(one for one in CATALOGUE.values() if one.correctable is Correctable.REVIEWED)


def erasable() -> tuple[Element, ...]:
    """Return the elements a family may ask to erase, in the order of the page."""
    return tuple(one for one in CATALOGUE.values() if one.erasure is Erasure.DELETE)


def visible() -> tuple[Element, ...]:
    """Return the elements that an access request covers: all that is stored (34 CFR 99.10(a))."""
    return tuple(one for one in CATALOGUE.values() if one.id != WHOLE_ACCOUNT)
