"""What the tests of verification are given: one agency, a real database file, real sealing, and a record of numbers."""

import hashlib
import hmac
import os
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from itertools import count
from pathlib import Path
from typing import Final
from uuid import UUID
from zoneinfo import ZoneInfo

from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from databases import url_of
from sqlalchemy import Engine
from sqlmodel import Session, SQLModel

from rightsdesk.verification.asking import Asked, Closed, Opened, ask
from rightsdesk.verification.challenges import Challenge, Purpose
from rightsdesk.verification.counting.store import Counts
from rightsdesk.verification.delivery.store import Messages
from rightsdesk.verification.delivery.tables import MessageRow, ReplyRow
from rightsdesk.verification.means import Means, Terms, place_of
from rightsdesk.verification.numbers_on_file import Holder
from rightsdesk.verification.passwords import Passwords
from rightsdesk.verification.protocols import NUMBER, Event
from rightsdesk.verification.sending import Delivery, send_code
from rightsdesk.verification.sms.port import Accepted, Call, Sent, Text, Texts
from rightsdesk.verification.sms.store import Sends
from rightsdesk.verification.sms.tables import OptOutRow, TextSendRow
from rightsdesk.verification.spending.store import Days
from rightsdesk.verification.spending.tables import AlarmRow, TextDayRow, TillRow
from rightsdesk.verification.staff.invitations.tables import InvitationRow
from rightsdesk.verification.staff.means import StaffMeans
from rightsdesk.verification.staff.store import Credentials
from rightsdesk.verification.staff.tables import RecoveryCodeRow, StaffCredentialRow
from rightsdesk.verification.store import Claim, Codes
from rightsdesk.verification.tables import AskRow, ChallengeRow, CountRow
from rightsdesk.web.storage import open_engine

NOON: Final = datetime(2026, 11, 23, 17, tzinfo=UTC)
SECOND: Final = timedelta(seconds=1)
MINUTE: Final = timedelta(minutes=1)
HOUR: Final = timedelta(hours=1)
DAY: Final = timedelta(days=1)

AGENCY: Final = UUID("aaaaaaaa-0000-4000-8000-000000000001")
OTHER_AGENCY: Final = UUID("aaaaaaaa-0000-4000-8000-000000000002")
ELENA: Final = UUID("bbbbbbbb-0000-4000-8000-000000000001")
ELENAS_PHONE: Final = UUID("cccccccc-0000-4000-8000-000000000001")
KNOWN: Final = "+12125550142"
UNKNOWN: Final = "+16465550199"
ADDRESS: Final = "192.0.2.7"
SESSION: Final = "session-1"
ZONE: Final = ZoneInfo("America/New_York")
A_HOLDER: Final = Holder(
    ELENA, ELENAS_PHONE, may_text=True, confirmed_at=NOON - DAY, replaced_at=None, standing="parent"
)
_TABLES: Final = (
    *(ChallengeRow, AskRow, CountRow, TextSendRow, OptOutRow, StaffCredentialRow, RecoveryCodeRow, InvitationRow),
    *(MessageRow, ReplyRow, AlarmRow, TextDayRow, TillRow),
)


def open_database(path: Path) -> Engine:
    """Return a database as it is run, with the tables of verification."""
    engine = open_engine(url_of(path.parent, path.stem))
    SQLModel.metadata.create_all(engine, tables=[SQLModel.metadata.tables[row.__tablename__] for row in _TABLES])
    return engine


@dataclass(frozen=True)
class KeyedSeal:
    """Sealing with AES-256-GCM and a blind index by HMAC, under keys given at the start; the first is the newest."""

    keys: tuple[bytes, ...] = (b"k" * 32,)
    opened: list[str] = field(default_factory=list, compare=False, repr=False)  # each place something was unsealed from

    def seal_agency(self, place: str, text: str) -> bytes:
        """Return the text sealed for a place."""
        nonce = os.urandom(12)
        return nonce + AESGCM(self.keys[0]).encrypt(nonce, text.encode(), place.encode())

    def unseal_agency(self, place: str, sealed: bytes) -> str:
        """Return the text again."""
        self.opened.append(place)
        return AESGCM(self.keys[0]).decrypt(sealed[:12], sealed[12:], place.encode()).decode()

    def index(self, purpose: str, value: str) -> str:
        """Return the blind index under the newest key."""
        return self.indexes(purpose, value)[0]

    def indexes(self, purpose: str, value: str) -> tuple[str, ...]:
        """Return the blind index under every key."""
        wanted = f"{purpose}:{value}".encode()
        return tuple(f"{key[:4].hex()}:{hmac.new(key, wanted, hashlib.sha256).hexdigest()[:32]}" for key in self.keys)


@dataclass
class OnFile:
    """The agency's record: numbers and who holds them; it counts how often it was asked."""

    seal: KeyedSeal
    numbers: dict[str, list[Holder]]
    asked: int = 0

    def numbers_on_file(self, indexes: tuple[str, ...], now: datetime) -> Sequence[Holder]:
        """Return who holds the number."""
        del now
        self.asked += 1
        return [
            one
            for number, holders in self.numbers.items()
            if set(self.seal.indexes(NUMBER, number)) & set(indexes)
            for one in holders
        ]

    def numbers_of(self, names: tuple[str, ...], now: datetime) -> Sequence[Holder]:
        """Return nothing: here nobody has a username."""
        del names, now
        return ()

    def number_of(self, contact: UUID) -> str:
        """Return the number of a contact point."""
        return next(number for number, holders in self.numbers.items() if contact in {one.contact for one in holders})


@dataclass
class Queue:
    """The jobs that were submitted: kind, key and ids; once per key."""

    jobs: dict[str, tuple[str, tuple[str, ...]]] = field(default_factory=dict)

    def submit(self, tx: Session, kind: str, key: str, *ids: str) -> None:
        """Remember the job once."""
        del tx
        self.jobs.setdefault(key, (kind, ids))


@dataclass
class SentTexts:
    """A carrier that answers as told, and remembers what it was given."""

    answers: list[Sent] = field(default_factory=list)
    texts: list[Text] = field(default_factory=list)
    calls: list[Call] = field(default_factory=list)

    def send(self, text: Text) -> Sent:
        """Remember the text and answer as told."""
        self.texts.append(text)
        return self.answers.pop(0) if self.answers else Accepted(f"SM{len(self.texts):032}")

    def call(self, call: Call) -> Sent:
        """Remember the call and answer as told."""
        self.calls.append(call)
        return self.answers.pop(0) if self.answers else Accepted(f"CA{len(self.calls):032}")


def counting_draw() -> Callable[[int], bytes]:
    """Return a source of bytes that never repeats itself and is the same in each run."""
    numbers = count(1)
    return lambda size: hashlib.shake_256(str(next(numbers)).encode()).digest(size)


@dataclass
class House:
    """One agency with its database; each ``unit`` is a transaction on a connection of its own."""

    engine: Engine
    seal: KeyedSeal = field(default_factory=KeyedSeal)
    terms: Terms = field(default_factory=lambda: Terms("Marigold Schools", "requests.example.org"))
    agency: UUID = AGENCY
    numbers: dict[str, list[Holder]] = field(default_factory=lambda: {KNOWN: [A_HOLDER]})
    queue: Queue = field(default_factory=Queue)
    events: list[Event] = field(default_factory=list)
    draw: Callable[[int], bytes] = field(default_factory=counting_draw)

    def __post_init__(self) -> None:
        self.on_file = OnFile(self.seal, self.numbers)
        self.passwords = Passwords(b"pepper", self.draw)

    @contextmanager
    def unit(self) -> Iterator[Means]:
        """Open one transaction and commit it."""
        with Session(self.engine) as tx:
            yield self.means(tx)
            tx.commit()

    def means(self, tx: Session) -> Means:
        """Return what the use cases work with on one session."""
        return Means(
            codes=Codes(tx, self.agency),
            counts=Counts(tx, self.agency, ZONE),
            sends=Sends(tx, self.agency),
            days=Days(tx, self.agency, ZONE),
            messages=Messages(tx, self.agency),
            seal=self.seal,
            holders=self.on_file,
            jobs=self.queue,
            record=self.record,
            draw=self.draw,
            terms=self.terms,
        )

    @contextmanager
    def staff(self, now: datetime | None = None) -> Iterator[StaffMeans]:
        """Open one transaction of signing staff in, and commit it."""
        with Session(self.engine) as tx:
            counts = Counts(tx, self.agency, ZONE)
            record = self.record
            credentials, moment = Credentials(tx, self.agency), now or NOON
            yield StaffMeans(credentials, counts, self.seal, record, self.draw, self.passwords, self.queue, moment)
            tx.commit()

    def ask(
        self, now: datetime, number: str = KNOWN, session: str = SESSION, address: str = ADDRESS
    ) -> Opened | Closed:
        """Press the button once."""
        with self.unit() as means:
            return ask(means, Asked(session, Purpose.FILE_REQUEST, number, address), now)

    def opened(self, now: datetime, number: str = KNOWN, session: str = SESSION, address: str = ADDRESS) -> Claim:
        """Ask for a code and return what an answer must name."""
        asked = self.ask(now, number, session, address)
        assert isinstance(asked, Opened), asked
        return Claim(asked.challenge, session, Purpose.FILE_REQUEST)

    def send(self, claim: Claim, counter: int, now: datetime, texts: Texts) -> Delivery:
        """Run the job of one text."""
        return send_code(self.unit, texts, claim.challenge, counter, now)

    def challenge(self, claim: Claim) -> Challenge:
        """Return the challenge with its secret, as only the worker ever sees it."""
        with self.unit() as means:
            seen = means.codes.seen(claim.challenge)
            assert seen is not None
            return seen.opened(self.seal.unseal_agency(place_of(seen.id), seen.secret))

    def record(self, event: Event) -> None:
        """Remember what happened."""
        self.events.append(event)

    def kinds(self) -> list[str]:
        """Return the kinds of what was recorded."""
        return [one.kind for one in self.events]


def wrong_code(challenge: Challenge) -> str:
    """Return six digits that are no code of the challenge's first ten texts."""
    right = {challenge.code_of(counter) for counter in range(1, 11)}
    return next(code for code in (f"{number:06}" for number in range(20)) if code not in right)
