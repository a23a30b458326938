"""Every statement about one agency's providers, begun sign-ins and linked identities."""

from collections.abc import Sequence
from dataclasses import dataclass, fields
from datetime import datetime, timedelta
from typing import Any, Final
from uuid import UUID

from sqlalchemy import ColumnElement, Update, bindparam, delete, update
from sqlmodel import Session, col, select
from sqlmodel.sql.expression import SelectOfScalar

from rightsdesk.verification.columns import UtcDateTime
from rightsdesk.verification.dialects import insert_into, run
from rightsdesk.verification.protocols import Seal
from rightsdesk.verification.school.errors import BadProvider
from rightsdesk.verification.school.kinds import Purpose, Side
from rightsdesk.verification.school.provider import Provider
from rightsdesk.verification.school.tables import IdentityRow, ProviderRow, SignInRow

LIFETIME: Final = timedelta(minutes=10)
KEPT: Final = timedelta(hours=1)  # a begun sign-in; nothing counts it after its ten minutes
PARTED_KEPT: Final = timedelta(days=365)
OPEN_AT_ONCE: Final = 10  # begun sign-ins of one session: tabs, and whoever presses again


@dataclass(frozen=True, slots=True)
class Providers:
    """The providers of one agency."""

    session: Session
    agency: UUID
    seal: Seal

    def every(self) -> Sequence[Provider]:
        """Return the providers by label."""
        wanted = select(ProviderRow).where(self._own()).order_by(col(ProviderRow.label), col(ProviderRow.slug))
        return [_provider(row) for row in self.session.exec(wanted)]

    def labels(self) -> dict[tuple[str, str], str]:
        """Return what the agency calls each of its providers, by issuer and tenant, as an identity names them."""
        return {(one.issuer, one.tenant): one.label for one in self.every()}

    def for_side(self, side: Side) -> Sequence[Provider]:
        """Return those that families, or staff, may sign in by."""
        return [one for one in self.every() if (one.for_families if side is Side.FAMILY else one.for_staff)]

    def named(self, slug: str) -> Provider | None:
        """Return the provider of this short name."""
        row = self.session.exec(select(ProviderRow).where(self._own(), ProviderRow.slug == slug)).one_or_none()
        return _provider(row) if row else None

    def numbered(self, provider: UUID) -> Provider | None:
        """Return the provider of this id."""
        row = self.session.exec(select(ProviderRow).where(self._own(), ProviderRow.id == provider)).one_or_none()
        return _provider(row) if row else None

    def free(self, slug: str) -> str:
        """Return a short name that no other provider of the agency has: this one, or with a number behind it."""
        taken = {one.slug for one in self.every()}
        return next(name for name in (slug, *(f"{slug}-{count}" for count in range(2, 99))) if name not in taken)

    def secret(self, provider: UUID) -> str:
        """Return the client's secret, empty for a public client; hand it to nobody but the provider."""
        row = self._row(provider)
        return self.seal.unseal_agency(_place(provider), row.client_secret)

    def add(self, provider: Provider, secret: str, now: datetime) -> None:
        """Enter a provider that was checked.

        Raises:
            BadProvider: another one of the agency has its short name.
        """
        if self.named(provider.slug):
            raise BadProvider("Another provider of this agency has this short name.", "slug")
        sealed = self.seal.seal_agency(_place(provider.id), secret)
        self.session.add(ProviderRow(agency=self.agency, client_secret=sealed, added_at=now, **_columns(provider)))
        self.session.flush()

    def change(self, provider: Provider, secret: str | None = None) -> None:
        """Store a provider that was checked under the id and short name it has; without a secret the old one stays."""
        row = self._row(provider.id)
        for name, value in _columns(provider).items():
            setattr(row, name, value)
        if secret is not None:
            row.client_secret = self.seal.seal_agency(_place(provider.id), secret)
        self.session.add(row)
        self.session.flush()

    def remove(self, provider: UUID) -> None:
        """Forget a provider and what was begun there; linked identities wait in case it is entered again."""
        begun = delete(SignInRow).where(col(SignInRow.agency) == self.agency, col(SignInRow.provider) == provider)
        self.session.exec(begun)
        self.session.exec(delete(ProviderRow).where(self._own(), col(ProviderRow.id) == provider))

    def _row(self, provider: UUID) -> ProviderRow:
        return self.session.exec(select(ProviderRow).where(self._own(), ProviderRow.id == provider)).one()

    def _own(self) -> ColumnElement[bool]:
        return col(ProviderRow.agency) == self.agency


@dataclass(frozen=True, slots=True)
class Taken:
    """A begun sign-in that was taken by whoever came back; ``sealed`` holds nonce, verifier and where to go on."""

    provider: UUID
    purpose: Purpose
    sealed: bytes


@dataclass(frozen=True, slots=True)
class SignIns:
    """The begun sign-ins of one agency. ``state`` is always the hash of it."""

    session: Session
    agency: UUID

    def add(self, row: SignInRow) -> None:
        """Remember a begun sign-in; a session keeps its newest ten, and what is over goes."""
        over = col(SignInRow.begun_at) <= row.begun_at - KEPT
        self.session.exec(delete(SignInRow).where(self._own(), over))
        mine = select(SignInRow.state).where(self._own(), SignInRow.session == row.session)
        older = mine.order_by(col(SignInRow.begun_at).desc(), col(SignInRow.state)).offset(OPEN_AT_ONCE - 1)
        for state in self.session.exec(older).all():
            self.session.exec(delete(SignInRow).where(self._own(), col(SignInRow.state) == state))
        self.session.add(row)
        self.session.flush()

    def take(
        self, state: str, session: str, provider: UUID, purposes: Sequence[Purpose], now: datetime
    ) -> Taken | None:
        """Use up what this session began at this provider, for exactly one caller; None if there is nothing."""
        bound = {
            "b_agency": self.agency,
            "b_state": state,
            "b_session": session,
            "b_provider": provider,
            "b_purposes": list(purposes),
            "b_now": now,
            "b_since": now - LIFETIME,
        }
        row = run(self.session, _TAKE, bound).one_or_none()
        return Taken(row.provider, row.purpose, row.sealed) if row else None

    def carry_over(self, old: str, new: str) -> None:
        """Let what an older id of this session began be answered under its new one: in another tab."""
        mine = update(SignInRow).where(self._own(), col(SignInRow.session) == old, col(SignInRow.used_at).is_(None))
        self.session.exec(mine.values(session=new).execution_options(synchronize_session=False))

    def sweep(self, now: datetime) -> int:
        """Remove what was begun more than an hour ago; return how many."""
        return self.session.exec(delete(SignInRow).where(self._own(), col(SignInRow.begun_at) <= now - KEPT)).rowcount

    def _own(self) -> ColumnElement[bool]:
        return col(SignInRow.agency) == self.agency


@dataclass(frozen=True, slots=True)
class Linked:
    """A school account and whom it signs in. ``sealed`` is its subject, under the account's own key."""

    id: UUID
    side: Side
    account: UUID
    issuer: str
    tenant: str
    subject: str
    sealed: bytes
    linked_at: datetime
    linked_by: str
    confirmed_at: datetime | None = None
    unlinked_at: datetime | None = None
    unlinked_by: str = ""
    disputed_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class Identities:
    """The school accounts that one agency's people and staff sign in by."""

    session: Session
    agency: UUID

    def found(self, side: Side, subjects: Sequence[str]) -> Linked | None:
        """Return the living link of a school account, by the blind indexes of its subject."""
        wanted = self._of(side, subjects).where(col(IdentityRow.unlinked_at).is_(None))
        row = self.session.exec(wanted.execution_options(populate_existing=True)).first()
        return _linked(row) if row else None

    def was_parted(self, side: Side, subjects: Sequence[str], account: UUID) -> bool:
        """Say whether somebody took these two apart: they are not linked again by themselves."""
        wanted = self._of(side, subjects).where(col(IdentityRow.unlinked_at).is_not(None))
        return self.session.exec(wanted.where(IdentityRow.account == account).limit(1)).first() is not None

    def numbered(self, identity: UUID) -> Linked | None:
        """Return a link by its id, parted ones too."""
        row = self.session.exec(select(IdentityRow).where(self._own(), IdentityRow.id == identity)).one_or_none()
        return _linked(row) if row else None

    def of_account(self, side: Side, account: UUID) -> Sequence[Linked]:
        """Return what somebody signs in by, oldest first, parted ones too."""
        wanted = select(IdentityRow).where(self._own(), IdentityRow.side == side, IdentityRow.account == account)
        return [_linked(row) for row in self.session.exec(wanted.order_by(col(IdentityRow.linked_at)))]

    def link(self, one: Linked) -> bool:
        """Enter a link; false if the school account is linked already, by whoever was faster."""
        columns = {field.name: getattr(one, field.name) for field in fields(Linked)}
        added = insert_into(self.session, IdentityRow).on_conflict_do_nothing().returning(col(IdentityRow.id))
        row = run(self.session, added, {"agency": self.agency, **columns}).one_or_none()
        return row is not None

    def confirm(self, identity: UUID, now: datetime) -> None:
        """Note that the person said: this is me."""
        mine = self._one(identity).where(col(IdentityRow.confirmed_at).is_(None))
        self.session.exec(mine.values(confirmed_at=now).execution_options(synchronize_session=False))

    def claim_text(self, identity: UUID, now: datetime) -> bool:
        """Write down that its person is about to be texted of it; false if it was before."""
        untold = self._one(identity).where(col(IdentityRow.told_at).is_(None)).values(told_at=now)
        return self.session.exec(untold.execution_options(synchronize_session=False)).rowcount == 1

    def unclaim_text(self, identity: UUID) -> None:
        """Let its person be texted again: the carrier refused for now, so nothing was sent."""
        self.session.exec(self._one(identity).values(told_at=None).execution_options(synchronize_session=False))

    def part(self, identity: UUID, by: str, now: datetime) -> bool:
        """Take a link apart; ``by`` is who, as an event's actor. False if it was parted already."""
        mine = self._one(identity).where(col(IdentityRow.unlinked_at).is_(None))
        parted = mine.values(unlinked_at=now, unlinked_by=by).execution_options(synchronize_session=False)
        return self.session.exec(parted).rowcount == 1

    def allow_again(self, identity: UUID) -> bool:
        """Forget that two were taken apart, so that the next sign-in may link them; false if they are linked."""
        parted = col(IdentityRow.unlinked_at).is_not(None)
        mine = delete(IdentityRow).where(self._own(), col(IdentityRow.id) == identity, parted)
        return self.session.exec(mine).rowcount == 1

    def forget(self, account: UUID) -> int:
        """Remove every link of somebody who was erased, or of an account that is gone; return how many."""
        return self.session.exec(delete(IdentityRow).where(self._own(), col(IdentityRow.account) == account)).rowcount

    def every(self) -> Sequence[Linked]:
        """Return all links, for whoever enters them under a new index key."""
        return [_linked(row) for row in self.session.exec(select(IdentityRow).where(self._own()))]

    def enter_anew(self, identity: UUID, subject: str) -> None:
        """Enter a link under the newest index key."""
        self.session.exec(self._one(identity).values(subject=subject).execution_options(synchronize_session=False))

    def sweep(self, now: datetime) -> int:
        """Remove links that were taken apart a year ago, not those that wait for the office; return how many."""
        over = (col(IdentityRow.unlinked_at) <= now - PARTED_KEPT, col(IdentityRow.disputed_at).is_(None))
        return self.session.exec(delete(IdentityRow).where(self._own(), *over)).rowcount

    def _of(self, side: Side, subjects: Sequence[str]) -> SelectOfScalar[IdentityRow]:
        return select(IdentityRow).where(self._own(), IdentityRow.side == side, col(IdentityRow.subject).in_(subjects))

    def _one(self, identity: UUID) -> Update:
        return update(IdentityRow).where(self._own(), col(IdentityRow.id) == identity)

    def _own(self) -> ColumnElement[bool]:
        return col(IdentityRow.agency) == self.agency


def _place(provider: UUID) -> str:
    return f"school_providers:{provider}:client_secret"


def _provider(row: ProviderRow) -> Provider:
    plain = {name: getattr(row, name) for name in _PROVIDER if name != "origins"}
    return Provider(origins=tuple(row.origins.split()), **plain)


def _columns(provider: Provider) -> dict[str, Any]:
    return {name: getattr(provider, name) for name in _PROVIDER} | {"origins": " ".join(provider.origins)}


def _linked(row: IdentityRow) -> Linked:
    return Linked(**{field.name: getattr(row, field.name) for field in fields(Linked)})


_PROVIDER: Final = tuple(field.name for field in fields(Provider))
_TAKE: Final = (
    update(SignInRow)
    .where(
        col(SignInRow.agency) == bindparam("b_agency"),
        col(SignInRow.state) == bindparam("b_state"),
        col(SignInRow.session) == bindparam("b_session"),
        col(SignInRow.provider) == bindparam("b_provider"),
        col(SignInRow.purpose).in_(bindparam("b_purposes", expanding=True)),
        col(SignInRow.used_at).is_(None),
        col(SignInRow.begun_at) > bindparam("b_since", type_=UtcDateTime()),
    )
    .values(used_at=bindparam("b_now", type_=UtcDateTime()))
    .returning(col(SignInRow.provider), col(SignInRow.purpose), col(SignInRow.sealed))
)
