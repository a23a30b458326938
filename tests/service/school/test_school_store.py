"""Providers, begun sign-ins and linked school accounts, as one agency keeps them."""

from collections.abc import Iterator
from dataclasses import replace
from datetime import datetime, timedelta
from pathlib import Path
from uuid import UUID

import pytest
from given import MARIGOLD, NOON, PLUM, given_agency, given_portal
from school_rows_given import PROVIDER, another
from sqlmodel import Session, select

from rightsdesk.verification.school.disputes.store import Disputes
from rightsdesk.verification.school.errors import BadProvider
from rightsdesk.verification.school.kinds import Purpose, Side
from rightsdesk.verification.school.store import Identities, Linked, Providers, SignIns
from rightsdesk.verification.school.tables import ProviderRow, SignInRow
from rightsdesk.web.portal import Portal

SESSION, OTHER = "a" * 64, "b" * 64
STATE = "c" * 64
ANA = UUID("dddddddd-0000-4000-8000-000000000007")
BEN = UUID("dddddddd-0000-4000-8000-000000000008")
KEY = "0a1b2c3d:" + "e" * 32
BOTH = (Purpose.FAMILY,)


@pytest.fixture
def portal(data_folder: Path) -> Portal:
    portal = given_portal(data_folder)
    given_agency(portal, MARIGOLD)
    given_agency(portal, PLUM)
    return portal


@pytest.fixture
def tx(portal: Portal) -> Iterator[Session]:
    with portal.storage.write() as tx:
        yield tx


@pytest.fixture
def providers(portal: Portal, tx: Session) -> Providers:
    return Providers(tx, MARIGOLD.id, portal.vault.agency(MARIGOLD.id))


@pytest.fixture
def sign_ins(tx: Session) -> SignIns:
    return SignIns(tx, MARIGOLD.id)


@pytest.fixture
def identities(tx: Session) -> Identities:
    return Identities(tx, MARIGOLD.id)


def begun(state: str = STATE, session: str = SESSION, at: datetime = NOON) -> SignInRow:
    return SignInRow(
        state=state,
        agency=MARIGOLD.id,
        session=session,
        provider=PROVIDER.id,
        purpose=Purpose.FAMILY,
        sealed=b"sealed",
        begun_at=at,
    )


def link(number: int = 1, account: UUID = ANA, subject: str = KEY) -> Linked:
    return Linked(
        id=UUID(int=number),
        side=Side.FAMILY,
        account=account,
        issuer=PROVIDER.issuer,
        tenant="2001",
        subject=subject,
        sealed=b"sealed",
        linked_at=NOON,
        linked_by="sourced_id",
    )


def test_a_provider_comes_back_as_it_was_entered(providers: Providers) -> None:
    entered = another(origins=("https://a.example", "https://b.example"))
    providers.add(entered, "s3cret", NOON)
    assert providers.named("classlink") == entered
    assert providers.every() == [entered]
    assert providers.secret(entered.id) == "s3cret"


def test_the_secret_of_a_client_lies_sealed(providers: Providers, tx: Session) -> None:
    providers.add(PROVIDER, "s3cret", NOON)
    assert b"s3cret" not in tx.exec(select(ProviderRow)).one().client_secret
    providers.change(another(label="New"), None)
    assert (providers.named("classlink"), providers.secret(PROVIDER.id)) == (another(label="New"), "s3cret")
    providers.change(PROVIDER, "other")
    assert providers.secret(PROVIDER.id) == "other"


def test_a_short_name_is_one_providers_of_an_agency(providers: Providers, portal: Portal, tx: Session) -> None:
    providers.add(PROVIDER, "", NOON)
    with pytest.raises(BadProvider):
        providers.add(another(id=ANA), "", NOON)
    there = Providers(tx, PLUM.id, portal.vault.agency(PLUM.id))
    assert there.named("classlink") is None
    there.add(another(id=ANA), "", NOON)
    assert len(providers.every()) == len(there.every()) == 1


def test_each_side_sees_only_its_own_providers(providers: Providers) -> None:
    providers.add(another(for_staff=False), "", NOON)
    providers.add(another(id=ANA, slug="entra", for_families=False), "", NOON)
    assert [one.slug for one in providers.for_side(Side.FAMILY)] == ["classlink"]
    assert [one.slug for one in providers.for_side(Side.STAFF)] == ["entra"]


def test_a_begun_sign_in_is_used_once(sign_ins: SignIns) -> None:
    sign_ins.add(begun())
    taken = sign_ins.take(STATE, SESSION, PROVIDER.id, BOTH, NOON)
    assert taken is not None
    assert (taken.provider, taken.purpose, taken.sealed) == (PROVIDER.id, Purpose.FAMILY, b"sealed")
    assert sign_ins.take(STATE, SESSION, PROVIDER.id, BOTH, NOON) is None


@pytest.mark.parametrize(
    ("state", "session", "provider", "purposes", "after"),
    [
        ("d" * 64, SESSION, PROVIDER.id, BOTH, 0),
        (STATE, OTHER, PROVIDER.id, BOTH, 0),
        (STATE, SESSION, ANA, BOTH, 0),
        (STATE, SESSION, PROVIDER.id, (Purpose.STAFF, Purpose.CONNECT), 0),
        (STATE, SESSION, PROVIDER.id, BOTH, 10),
    ],
    ids=["unknown state", "another session", "another provider", "another purpose", "ten minutes later"],
)
def test_a_begun_sign_in_answers_nobody_else(
    sign_ins: SignIns, state: str, session: str, provider: UUID, purposes: tuple[Purpose, ...], after: int
) -> None:
    sign_ins.add(begun())
    assert sign_ins.take(state, session, provider, purposes, NOON + timedelta(minutes=after)) is None
    assert sign_ins.take(STATE, SESSION, PROVIDER.id, BOTH, NOON + timedelta(minutes=9, seconds=59)) is not None


def test_another_agency_cannot_take_it(sign_ins: SignIns, tx: Session) -> None:
    sign_ins.add(begun())
    assert SignIns(tx, PLUM.id).take(STATE, SESSION, PROVIDER.id, BOTH, NOON) is None


def test_a_session_keeps_its_newest_ten(sign_ins: SignIns) -> None:
    for number in range(12):
        sign_ins.add(begun(f"{number:064x}", at=NOON + timedelta(seconds=number)))
    sign_ins.add(begun("f" * 64, OTHER, NOON))
    now = NOON + timedelta(seconds=12)
    left = [n for n in range(12) if sign_ins.take(f"{n:064x}", SESSION, PROVIDER.id, BOTH, now)]
    assert left == list(range(2, 12))
    assert sign_ins.take("f" * 64, OTHER, PROVIDER.id, BOTH, now)


def test_a_second_tab_is_carried_over_to_the_new_id(sign_ins: SignIns) -> None:
    sign_ins.add(begun())
    sign_ins.carry_over(SESSION, OTHER)
    assert sign_ins.take(STATE, SESSION, PROVIDER.id, BOTH, NOON) is None
    assert sign_ins.take(STATE, OTHER, PROVIDER.id, BOTH, NOON) is not None


def test_what_was_begun_is_gone_after_an_hour(sign_ins: SignIns, tx: Session) -> None:
    sign_ins.add(begun())
    sign_ins.add(begun("f" * 64, OTHER, NOON + timedelta(minutes=61)))
    assert [row.session for row in tx.exec(select(SignInRow))] == [OTHER]
    assert sign_ins.sweep(NOON + timedelta(hours=3)) == 1


def test_removing_a_provider_takes_what_was_begun_there(providers: Providers, sign_ins: SignIns, tx: Session) -> None:
    providers.add(PROVIDER, "", NOON)
    sign_ins.add(begun())
    providers.remove(PROVIDER.id)
    assert providers.every() == []
    assert tx.exec(select(SignInRow)).all() == []


def test_a_school_account_is_linked_to_one_person(identities: Identities) -> None:
    assert identities.link(link())
    assert not identities.link(link(2, BEN))
    found = identities.found(Side.FAMILY, [KEY])
    assert found == link()
    assert identities.found(Side.STAFF, [KEY]) is None
    assert identities.found(Side.FAMILY, ["other"]) is None


def test_the_same_account_may_be_a_parent_and_work_at_the_desk(identities: Identities) -> None:
    assert identities.link(link())
    assert identities.link(replace(link(2, BEN), side=Side.STAFF))


def test_what_was_taken_apart_signs_nobody_in_and_is_remembered(identities: Identities) -> None:
    identities.link(link())
    assert not identities.was_parted(Side.FAMILY, [KEY], ANA)
    assert identities.part(UUID(int=1), "staff:x", NOON)
    assert not identities.part(UUID(int=1), "staff:x", NOON)
    assert identities.found(Side.FAMILY, [KEY]) is None
    assert identities.was_parted(Side.FAMILY, [KEY], ANA)
    assert not identities.was_parted(Side.FAMILY, [KEY], BEN)
    assert identities.link(link(2, BEN)), "the account itself may belong to somebody else"


def test_the_office_can_let_two_be_linked_again(identities: Identities) -> None:
    identities.link(link())
    assert not identities.allow_again(UUID(int=1))
    identities.part(UUID(int=1), "staff:x", NOON)
    assert identities.allow_again(UUID(int=1))
    assert not identities.was_parted(Side.FAMILY, [KEY], ANA)


def test_who_is_erased_has_no_identity_left(identities: Identities) -> None:
    identities.link(link())
    identities.link(link(2, BEN, "other"))
    assert identities.forget(ANA) == 1
    assert [one.account for one in identities.every()] == [BEN]


def test_a_link_is_confirmed_once_and_entered_anew_under_a_newer_key(identities: Identities) -> None:
    identities.link(link())
    identities.confirm(UUID(int=1), NOON)
    identities.confirm(UUID(int=1), NOON + timedelta(hours=1))
    identities.enter_anew(UUID(int=1), "newer")
    found = identities.found(Side.FAMILY, ["newer"])
    assert found is not None
    assert found.confirmed_at == NOON
    assert identities.of_account(Side.FAMILY, ANA) == [found]
    assert identities.numbered(UUID(int=1)) == found


def test_what_was_taken_apart_is_forgotten_after_a_year(identities: Identities) -> None:
    identities.link(link())
    identities.link(link(2, BEN, "other"))
    identities.part(UUID(int=1), "system", NOON)
    assert identities.sweep(NOON + timedelta(days=364)) == 0
    assert identities.sweep(NOON + timedelta(days=365)) == 1
    assert [one.account for one in identities.every()] == [BEN]


def test_another_agency_sees_no_identity(identities: Identities, tx: Session) -> None:
    identities.link(link())
    there = Identities(tx, PLUM.id)
    assert there.found(Side.FAMILY, [KEY]) is None
    assert there.numbered(UUID(int=1)) is None
    assert not there.part(UUID(int=1), "system", NOON)
    assert there.forget(ANA) == 0


def test_a_dispute_waits_until_somebody_has_looked_once_and_in_its_own_agency(
    identities: Identities, tx: Session
) -> None:
    for number in (1, 2):
        identities.link(link(number, subject=str(number)))
        identities.part(UUID(int=number), "unknown", NOON)
    here, there = Disputes(tx, MARIGOLD.id), Disputes(tx, PLUM.id)
    there.open(UUID(int=1), NOON)
    assert here.count() == 0
    here.open(UUID(int=1), NOON + timedelta(hours=1))
    here.open(UUID(int=2), NOON)
    assert [one.id for one in here.waiting()] == [UUID(int=2), UUID(int=1)]
    assert (here.count(), there.count(), there.waiting()) == (2, 0, [])
    assert not there.close(UUID(int=1))
    assert [here.close(UUID(int=1)), here.close(UUID(int=1))] == [True, False]
    assert [one.id for one in here.waiting()] == [UUID(int=2)]
