"""Everything the portal is made of, wired once and handed to whoever answers a request or does a job."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from threading import Event
from typing import Final, TypeAlias
from uuid import UUID

from sqlmodel import Session

from rightsdesk.requests.agencies.agency import Agency
from rightsdesk.requests.agencies.errors import OtherRegion
from rightsdesk.requests.agencies.store import CHANGED, REGION
from rightsdesk.requests.cases.docket import Docket, Jobs, LiveValues
from rightsdesk.requests.cases.store import Cases
from rightsdesk.requests.law.rulebook import Rulebook
from rightsdesk.requests.ledger.audit import Head, Ledger
from rightsdesk.requests.ledger.checkpoints import Checkpoints
from rightsdesk.requests.ledger.erasures import Erasures
from rightsdesk.requests.ledger.signing import Signer
from rightsdesk.requests.ledger.vault import AgencyVault, Vault
from rightsdesk.requests.people.store import People
from rightsdesk.verification.passwords import Passwords
from rightsdesk.verification.school.discovery import Discovery
from rightsdesk.verification.sms.port import Texts
from rightsdesk.web.borders import Border, own_ledger, refusal
from rightsdesk.web.heads import Heads
from rightsdesk.web.jobs import OPENED
from rightsdesk.web.known import Known
from rightsdesk.web.mail import Post
from rightsdesk.web.meter import Meter, NoMeter
from rightsdesk.web.pages import Pages
from rightsdesk.web.settings import Settings
from rightsdesk.web.storage import Storage
from rightsdesk.web.turns import Turns

Draw: TypeAlias = Callable[[int], bytes]
LiveSource: TypeAlias = Callable[[Session, Agency, AgencyVault], LiveValues]

_LEDGERS: Final = "rightsdesk_ledgers"


@dataclass(frozen=True, slots=True)
class Portal:
    """The wired portal. ``now`` returns aware UTC, ``draw`` random bytes; ``paths`` the path of each screen by name."""

    settings: Settings
    storage: Storage
    vault: Vault
    signer: Signer
    checkpoints: Checkpoints
    erasures: Erasures
    rulebook: Rulebook
    jobs: Jobs
    pages: Pages
    passwords: Passwords
    texts: Texts
    post: Post
    now: Callable[[], datetime]
    draw: Draw
    paths: Mapping[str, str]
    live: LiveSource
    known: Known
    wake: Event  # set after each commit that leaves work behind: the worker looks for it at once
    second_factor: str = "/desk/{agency}/sign-in"  # where a member of staff shows the authenticator's code
    turns: Turns = field(default_factory=Turns)
    border: Border = field(default_factory=Border)
    meter: Meter = field(default_factory=NoMeter)
    schools: Discovery = field(default_factory=Discovery)

    def docket(self, tx: Session, agency: Agency, now: datetime, vault: AgencyVault | None = None) -> Docket:
        """Return one agency's working set on this session; a vault that is open already spares a look for keys.

        Raises:
            OtherRegion: the agency, or the session, is another region's.
        """
        region = self.settings.region
        if {agency.region, tx.info.get(REGION, region)} != {region}:
            raise OtherRegion(agency.id, agency.region)
        vault = vault or self.vault.agency(agency.id)
        return Docket(
            agency=agency,
            session=tx,
            vault=vault,
            people=People(tx, agency, vault),
            cases=Cases(tx, agency.id, vault),
            rulebook=self.rulebook,
            record=self.ledger(tx, agency.id, now),
            jobs=self.jobs,
            live=self.live(tx, agency, vault),
            draw=self.draw,
            public_url=self.settings.public_url,
        )

    def ledger(self, tx: Session, agency: UUID, now: datetime) -> Ledger:
        """Return what records this agency's events in this unit of work; one object, so that its head is kept."""
        ledgers: dict[UUID, Ledger] = tx.info.setdefault(_LEDGERS, {})
        if agency not in ledgers:
            self.storage.take_turn(tx, agency)
            ledgers[agency] = Ledger(tx, agency, now)
        return ledgers[agency]

    def turn_away(self, what: str, error: OtherRegion) -> None:
        """Note in the region's own ledger that something of another region was refused; once an hour and agency."""
        now = self.now()
        if self.border.is_news(what, error.agency, now):
            with self.storage.write() as tx:
                self.ledger(tx, own_ledger(self.settings.region), now)(refusal(what, error))

    def fresh_id(self) -> UUID:
        """Return a new random id."""
        return UUID(bytes=self.draw(16), version=4)


def keep_heads(heads: Heads, wake: Event, known: Known) -> Callable[[Session], None]:
    """Return what follows each commit: the ledger's new ends are written down outside, and work wakes the worker."""

    def kept(tx: Session) -> None:
        if tx.info.get(CHANGED):
            known.forget()
        if tx.info.get(OPENED):  # most commits only note that a page was looked at
            wake.set()
        heads.note(_heads(tx))

    return kept


def _heads(tx: Session) -> Sequence[Head]:
    ledgers: dict[UUID, Ledger] = tx.info.get(_LEDGERS, {})
    return [ledger.head for ledger in ledgers.values() if ledger.head is not None]
