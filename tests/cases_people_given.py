"""Two agencies, the families on their record and the staff of one, as values; a clock and a queue to test with."""

from dataclasses import dataclass, field, replace
from datetime import UTC, date, datetime, timedelta
from typing import Final
from uuid import UUID

from sqlmodel import Session

from rightsdesk.requests.agencies.agency import Agency, Colleague, Role

START: Final = datetime(2026, 11, 23, 17, tzinfo=UTC)  # noon in New York, a Monday
HOME: Final = Agency(
    id=UUID("aaaaaaaa-1111-4000-8000-000000000001"),
    slug="marigold",
    name="Marigold Unified School District",
    short_name="Marigold Unified",
    prefix="MGD",
    zone="America/New_York",
    region="us",
    laws=("us-ferpa", "us-ny-2d"),
    town="Marigold, New York",
    office_phone="(555) 555-0134",
)
AWAY: Final = replace(
    HOME, id=UUID("aaaaaaaa-2222-4000-8000-000000000002"), slug="plum-hollow", name="Plum Hollow Schools", prefix="PLM"
)
SCHOOL: Final = UUID("aaaaaaaa-3333-4000-8000-000000000003")
ENOUGH: Final = "We looked at the paper on file and it says the same."


def number(value: int) -> UUID:
    """Return the same id for the same number."""
    return UUID(int=(0xCCCCCCCC << 96) | (4 << 76) | (8 << 60) | value)


# Elena is the mother and Omar the father of Lucía (12) and Mateo (15); Nina is 17; Ruth is a guardian at Plum Hollow.
ELENA, OMAR, LUCIA, MATEO, NINA, PAUL, RUTH, BEN = (number(value) for value in range(1, 9))
PRIYA, DANA, LEE, ROSA, AUDREY, ELSE_PARENT = (number(value) for value in range(101, 107))

PROVED: Final = timedelta(minutes=1)


@dataclass(frozen=True, slots=True)
class Someone:
    """A person to be put on the record."""

    id: UUID
    given: str
    family: str
    born: date | None = None
    number: str = ""


AT_HOME: Final = (
    Someone(ELENA, "Elena", "Delgado"),
    Someone(OMAR, "Omar", "Nuñez"),
    Someone(LUCIA, "Lucía", "Delgado", date(2014, 5, 4), "40117"),
    Someone(MATEO, "Mateo", "Delgado", date(2011, 2, 2), "40118"),
    Someone(NINA, "Nina", "Paulsen", date(2008, 12, 1), "40119"),
    Someone(PAUL, "Paul", "Paulsen"),
)
AT_AWAY: Final = (Someone(RUTH, "Ruth", "Delgado"), Someone(BEN, "Ben", "Delgado", date(2012, 1, 1), "40117"))
LINKS: Final = ((ELENA, LUCIA), (OMAR, LUCIA), (ELENA, MATEO), (OMAR, MATEO), (PAUL, NINA))
STAFF: Final = (
    Colleague(PRIYA, "Priya Nair", "priya@m.example", frozenset({Role.APPROVER})),
    Colleague(DANA, "Dana Wu", "dana@m.example", frozenset({Role.APPROVER})),
    Colleague(LEE, "Lee Park", "lee@m.example", frozenset({Role.SECOND_APPROVER})),
    Colleague(ROSA, "Rosa Marin", "rosa@m.example", frozenset({Role.LEAD})),
    Colleague(AUDREY, "Audrey Okoro", "audrey@m.example", frozenset({Role.AUDITOR})),
    Colleague(ELSE_PARENT, "Omar Nuñez", "omar@m.example", frozenset({Role.APPROVER, Role.LEAD}), person=OMAR),
)


@dataclass(slots=True)
class Remembered:
    """A queue that does nothing but remember what it was given; a key twice counts once."""

    submitted: dict[str, tuple[str, tuple[str, ...]]] = field(default_factory=dict)

    def submit(self, tx: Session, kind: str, key: str, *ids: str) -> None:  # noqa: ARG002 - the interface
        """Remember the job."""
        self.submitted.setdefault(key, (kind, ids))

    def kinds(self) -> list[str]:
        """Return the kinds of the jobs, in the order of submission."""
        return [kind for kind, _ in self.submitted.values()]


@dataclass(slots=True)
class Clock:
    """A clock that stands still until a test moves it."""

    at: datetime = START

    def __call__(self) -> datetime:
        """Return the time it shows."""
        return self.at

    def advance(self, **span: float) -> None:
        """Move it on, like ``advance(minutes=10)``."""
        self.at += timedelta(**span)
