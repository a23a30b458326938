"""What goes into a package besides the records themselves."""

from dataclasses import dataclass
from datetime import datetime


@dataclass(frozen=True, slots=True)
class Disclosed:
    """One release of a student's data (34 CFR 99.32): codes for who and why, the ids of the elements, aware UTC."""

    recipient_kind: str
    purpose: str
    elements: tuple[str, ...]
    at: datetime


@dataclass(frozen=True, slots=True)
class Statement:
    """A statement of disagreement: it travels with the element it is about (34 CFR 99.21(c))."""

    element: str
    text: str


@dataclass(frozen=True, slots=True)
class Facts:
    """What a package says about itself. ``made_at`` is aware, in the agency's own zone; ``language`` is a code.

    Nobody but the student and the agency is named here: one guardian must not learn about another from it.
    """

    agency: str
    contact: str
    student: str
    reference: str
    made_at: datetime
    language: str
    disclosed: tuple[Disclosed, ...] = ()
    statements: tuple[Statement, ...] = ()
