"""The answers of a request that is not sent yet, and how they are written down between two pages."""

from dataclasses import asdict, dataclass
from datetime import datetime
from typing import Any, Final, Self
from uuid import UUID

from rightsdesk.verification.assurance import Proof


@dataclass(frozen=True, slots=True)
class Draft:
    """The answers of a request that is not sent yet. ``corrections`` pairs an element with its proposed value.

    ``message`` is one that came too late to be sent, and ``about`` the reference of the request it is for.
    """

    student: UUID | None = None
    kind: str = ""
    elements: tuple[str, ...] = ()
    corrections: tuple[tuple[str, str], ...] = ()
    details: str = ""
    once: str = ""
    language: str = ""
    evidence: tuple[UUID, ...] = ()
    delivery: str = ""
    message: str = ""
    about: str = ""

    @property
    def is_empty(self) -> bool:
        """Say whether nothing was answered yet."""
        answers = (self.student, self.kind, self.elements, self.corrections, self.details, self.evidence, self.message)
        return not any(answers)

    @property
    def after_sending(self) -> Self:
        """Return what stays when the request was sent: a message that came too late for another one."""
        return type(self)(message=self.message, about=self.about)


NOTHING_ANSWERED: Final = Draft()


def plain(value: object) -> object:
    """Return a value in the form JSON can hold: ids and instants as text, tuples as lists."""
    if isinstance(value, Draft):
        return {name: plain(part) for name, part in asdict(value).items()}
    if isinstance(value, Proof):
        return [value.kind, value.at.isoformat()]
    if isinstance(value, datetime):
        return value.isoformat()
    if isinstance(value, tuple):
        return [plain(part) for part in value]
    return str(value) if isinstance(value, UUID) else value


def ids_of(value: list[str]) -> tuple[UUID, ...]:
    """Return the ids that ``plain`` wrote."""
    return tuple(UUID(one) for one in value)


def draft_of(value: dict[str, Any]) -> Draft:
    """Return the draft that ``plain`` wrote."""
    return Draft(
        student=UUID(value["student"]) if value["student"] else None,
        kind=value["kind"],
        elements=tuple(value["elements"]),
        corrections=tuple((element, proposed) for element, proposed in value["corrections"]),
        details=value["details"],
        once=value["once"],
        language=value["language"],
        evidence=ids_of(value["evidence"]),
        delivery=value.get("delivery", ""),
        message=value.get("message", ""),
        about=value.get("about", ""),
    )
