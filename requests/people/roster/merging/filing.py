"""Files the records that were put together: each is kept, and all of them name one person."""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import Final
from uuid import UUID

from sqlmodel import Session

from rightsdesk.requests.ledger.vault import AgencyVault
from rightsdesk.requests.people.roster.live.scope import Scope
from rightsdesk.requests.people.roster.merging.claims import PURPOSE
from rightsdesk.requests.people.roster.merging.store import Merging, Waiting
from rightsdesk.requests.people.roster.staging.kept import Kept, staged_place
from rightsdesk.requests.people.store import place

_IDENTITY: Final = "identity"


@contextmanager
def undone(tx: Session) -> Iterator[None]:
    """Take back what the block writes, so that the differences can be counted as they will be."""
    with tx.begin_nested() as point:
        yield
        point.rollback()


def join_for_now(tx: Session, scope: Scope) -> None:
    """File the records that would speak for somebody on file, without their ids: to be taken back."""
    merging = Merging(tx, scope)
    merging.file([(one, b"") for one in merging.settle()], speak=True)


def join(tx: Session, scope: Scope, vault: AgencyVault) -> frozenset[UUID]:
    """File the records that from here on speak for somebody on file, and return who those are.

    Call it before people are written.
    """
    merging = Merging(tx, scope)
    joining = merging.settle()
    merging.file(zip(joining, _sealed(vault, scope, joining), strict=True), speak=True)
    return frozenset(one.person for one in joining)


def follow(tx: Session, scope: Scope, vault: AgencyVault) -> None:
    """File the records under those they follow, and remember what all of them claim; call it when people are there."""
    merging = Merging(tx, scope)
    followers = merging.followers()
    merging.file(zip(followers, _sealed(vault, scope, followers), strict=True), speak=False)
    newest, *older = (value.partition(":")[0] for value in vault.indexes(PURPOSE, ""))
    merging.remember(newest)
    if older:
        merging.forget_older(newest)


def _sealed(vault: AgencyVault, scope: Scope, rows: Sequence[Waiting]) -> list[bytes]:
    texts = vault.unseal_agency_many(staged_place(scope.run), [one.sealed for one in rows])
    # The place says whose record it is: a person's records may change places among each other, not with others.
    ids = [
        (one.person, [(place("roster_records", one.person, "sourced_id"), Kept.from_text(text).sourced_id)])
        for one, text in zip(rows, texts, strict=True)
    ]
    return [value for each in vault.seal_each(_IDENTITY, ids) for value in each]
