"""Sealed values, destroyed keys and rotation, on real databases."""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from shutil import copy
from threading import Event as Signal
from uuid import UUID

import pytest
from ledger_given import AGENCY, NOON, OTHER_AGENCY, SUBJECT, a_vault, counted_draw
from sqlalchemy import select

from rightsdesk.requests.ledger.batches import Sealed
from rightsdesk.requests.ledger.errors import KeyLost
from rightsdesk.requests.ledger.tables import SUBJECT_KEYS
from rightsdesk.requests.ledger.vault import KeyGone, Unreadable

PLACE = "persons:1:name"
NAME = "Maria Quispe Zavaleta"


def subjects(count: int) -> list[UUID]:
    draw = counted_draw("subjects")
    return [UUID(bytes=draw(16), version=4) for _ in range(count)]


def test_what_was_sealed_is_read_again(data_folder: Path) -> None:
    vault = a_vault(data_folder).agency(AGENCY)
    sealed = vault.seal(SUBJECT, "identity", PLACE, NAME)
    assert NAME.encode() not in sealed
    assert vault.unseal(SUBJECT, "identity", PLACE, sealed) == NAME
    assert a_vault(data_folder).agency(AGENCY).unseal(SUBJECT, "identity", PLACE, sealed) == NAME


def test_the_same_text_never_looks_the_same_twice(data_folder: Path) -> None:
    vault = a_vault(data_folder).agency(AGENCY)
    assert len({vault.seal(SUBJECT, "identity", PLACE, NAME) for _ in range(20)}) == 20


def test_a_value_moved_to_another_row_is_unreadable(data_folder: Path) -> None:
    vault = a_vault(data_folder).agency(AGENCY)
    sealed = vault.seal(SUBJECT, "identity", PLACE, NAME)
    with pytest.raises(Unreadable):
        vault.unseal(SUBJECT, "identity", "persons:2:name", sealed)


@pytest.mark.parametrize("at", [0, 1, 12, 13, -1])
def test_a_changed_byte_is_noticed(data_folder: Path, at: int) -> None:
    vault = a_vault(data_folder).agency(AGENCY)
    sealed = bytearray(vault.seal(SUBJECT, "identity", PLACE, NAME))
    sealed[at] ^= 1
    with pytest.raises(Unreadable):
        vault.unseal(SUBJECT, "identity", PLACE, bytes(sealed))


@pytest.mark.parametrize("sealed", [b"", b"\x01", b"\x01" * 13, b"\x02" * 40])
def test_what_is_no_sealed_value_is_refused(data_folder: Path, sealed: bytes) -> None:
    vault = a_vault(data_folder).agency(AGENCY)
    vault.ensure_keys([SUBJECT], "identity")
    with pytest.raises(Unreadable):
        vault.unseal(SUBJECT, "identity", PLACE, sealed)


def test_scopes_and_agencies_do_not_open_one_another(data_folder: Path) -> None:
    vaults = a_vault(data_folder)
    sealed = vaults.agency(AGENCY).seal(SUBJECT, "identity", PLACE, NAME)
    vaults.agency(AGENCY).ensure_keys([SUBJECT], "case")
    with pytest.raises(Unreadable):
        vaults.agency(AGENCY).unseal(SUBJECT, "case", PLACE, sealed)
    with pytest.raises(KeyLost):
        vaults.agency(OTHER_AGENCY).unseal(SUBJECT, "identity", PLACE, sealed)
    with pytest.raises(KeyLost):
        vaults.agency(OTHER_AGENCY).seal(SUBJECT, "identity", PLACE, NAME)


def test_a_missing_key_is_not_taken_for_an_erasure(data_folder: Path) -> None:
    with pytest.raises(KeyLost):
        a_vault(data_folder).agency(AGENCY).unseal(SUBJECT, "identity", PLACE, b"\x01" * 40)


def test_a_destroyed_key_opens_nothing_and_is_never_made_again(data_folder: Path) -> None:
    vault = a_vault(data_folder).agency(AGENCY)
    sealed = vault.seal(SUBJECT, "identity", PLACE, NAME)
    for _ in range(2):
        vault.destroy(SUBJECT, "identity")
    for again in (vault, a_vault(data_folder).agency(AGENCY)):
        with pytest.raises(KeyGone):
            again.unseal(SUBJECT, "identity", PLACE, sealed)
        with pytest.raises(KeyGone):
            again.seal(SUBJECT, "identity", PLACE, NAME)
        assert again.ensure_keys([SUBJECT], "identity") == {SUBJECT}


def test_another_scope_survives_the_destruction(data_folder: Path) -> None:
    vault = a_vault(data_folder).agency(AGENCY)
    sealed = vault.seal(SUBJECT, "case", PLACE, NAME)
    vault.destroy(SUBJECT, "identity")
    assert vault.unseal(SUBJECT, "case", PLACE, sealed) == NAME


def test_a_key_destroyed_before_it_was_made_stays_destroyed(data_folder: Path) -> None:
    vault = a_vault(data_folder).agency(AGENCY)
    vault.destroy(SUBJECT, "identity")
    with pytest.raises(KeyGone):
        vault.seal(SUBJECT, "identity", PLACE, NAME)


def test_another_program_notices_the_destruction_at_its_next_piece_of_work(data_folder: Path) -> None:
    here, there = a_vault(data_folder, "here"), a_vault(data_folder, "there")
    sealed = here.agency(AGENCY).seal(SUBJECT, "identity", PLACE, NAME)
    assert there.agency(AGENCY).unseal(SUBJECT, "identity", PLACE, sealed) == NAME
    here.agency(AGENCY).destroy(SUBJECT, "identity")
    with pytest.raises(KeyGone):
        there.agency(AGENCY).unseal(SUBJECT, "identity", PLACE, sealed)


def test_a_vault_held_for_long_notices_too(data_folder: Path) -> None:
    here, there = a_vault(data_folder, "here"), a_vault(data_folder, "there").agency(AGENCY)
    sealed = here.agency(AGENCY).seal(SUBJECT, "identity", PLACE, NAME)
    there.unseal(SUBJECT, "identity", PLACE, sealed)
    here.agency(AGENCY).destroy(SUBJECT, "identity")
    with pytest.raises(KeyGone):
        [there.unseal(SUBJECT, "identity", PLACE, sealed) for _ in range(65)]


@pytest.mark.files
def test_a_destroyed_key_is_gone_from_every_file(data_folder: Path) -> None:
    vaults = a_vault(data_folder)
    vaults.agency(AGENCY).seal(SUBJECT, "identity", PLACE, NAME)
    with vaults.store.engine.connect() as tx:
        wrapped: bytes = tx.execute(select(SUBJECT_KEYS.c.wrapped)).scalar_one()
    assert any(wrapped in file.read_bytes() for file in data_folder.iterdir())
    vaults.agency(AGENCY).destroy(SUBJECT, "identity")
    assert not [file.name for file in data_folder.iterdir() if wrapped in file.read_bytes()]


@pytest.mark.files
def test_no_name_and_no_index_value_lies_in_any_file(data_folder: Path) -> None:
    vault = a_vault(data_folder).agency(AGENCY)
    vault.seal(SUBJECT, "identity", PLACE, NAME)
    vault.seal_agency("providers:1:secret", NAME)
    vault.index("name", NAME)
    assert not [file.name for file in data_folder.iterdir() if NAME.encode() in file.read_bytes()]


def test_an_old_copy_of_the_data_is_unreadable_after_the_erasure(data_folder: Path, tmp_path: Path) -> None:
    vault = a_vault(data_folder).agency(AGENCY)
    (data_folder / "data").write_bytes(vault.seal(SUBJECT, "identity", PLACE, NAME))
    old = Path(copy(data_folder / "data", tmp_path / "old"))
    vault.destroy(SUBJECT, "identity")
    with pytest.raises(KeyGone):
        a_vault(data_folder).agency(AGENCY).unseal(SUBJECT, "identity", PLACE, old.read_bytes())


def test_many_are_sealed_and_read_in_their_order(data_folder: Path) -> None:
    vault = a_vault(data_folder).agency(AGENCY)
    people = subjects(2500)
    sealed = [
        Sealed(one, scope, PLACE, value)
        for scope in ("identity", "case")
        for one, values in zip(
            people, vault.seal_each(scope, [(one, [(PLACE, f"{one}")]) for one in people]), strict=True
        )
        for value in values
    ]
    vault.destroy(people[7], "identity")
    texts = vault.unseal_many(sealed)
    assert texts[7] is None
    assert texts[8:] == [str(one) for one in (*people[8:], *people)]


def test_threads_that_need_the_same_new_key_agree_on_it(data_folder: Path) -> None:
    vaults = [a_vault(data_folder, f"program {number}") for number in range(4)]

    def seal(number: int) -> bytes:
        return vaults[number % 4].agency(AGENCY).seal(SUBJECT, "identity", PLACE, NAME)

    with ThreadPoolExecutor(8) as pool:
        sealed = list(pool.map(seal, range(32)))
    reader = a_vault(data_folder).agency(AGENCY)
    assert {reader.unseal(SUBJECT, "identity", PLACE, one) for one in sealed} == {NAME}


def test_an_index_is_the_same_for_the_same_value_purpose_and_agency_only(data_folder: Path) -> None:
    vaults = a_vault(data_folder)
    vault = vaults.agency(AGENCY)
    assert vault.index("phone", "1") == a_vault(data_folder).agency(AGENCY).index("phone", "1")
    others = {vault.index("name", "1"), vault.index("phone", "2"), vaults.agency(OTHER_AGENCY).index("phone", "1")}
    assert vault.index("phone", "1") not in others


def test_rotation_keeps_everything_readable_and_findable(data_folder: Path) -> None:
    vaults = a_vault(data_folder)
    vault = vaults.agency(AGENCY)
    sealed, secret, index = vault.seal(SUBJECT, "case", PLACE, NAME), vault.seal_agency("a", "b"), vault.index("n", "v")
    gone = subjects(1)[0]
    vault.destroy(gone, "case")
    assert vaults.rotate(AGENCY) == 1
    after = a_vault(data_folder).agency(AGENCY)
    assert (after.unseal(SUBJECT, "case", PLACE, sealed), after.unseal_agency("a", secret)) == (NAME, "b")
    assert after.index("n", "v") != index
    assert after.indexes("n", "v") == (after.index("n", "v"), index)
    assert after.ensure_keys([gone], "case") == {gone}
    vaults.retire_index_key(AGENCY)
    assert a_vault(data_folder).agency(AGENCY).indexes("n", "v") == (after.index("n", "v"),)


def test_rotation_leaves_no_subject_key_under_the_old_agency_key(data_folder: Path) -> None:
    vaults = a_vault(data_folder)
    vaults.agency(AGENCY).ensure_keys(subjects(1200), "case")
    old = vaults.store.keysets(AGENCY).sealing.ids
    assert vaults.rotate(AGENCY) == 1200
    with vaults.store.engine.connect() as tx:
        wrapped = tx.execute(select(SUBJECT_KEYS.c.wrapped)).scalars().all()
    assert not {int.from_bytes(key[1:5], "big") for key in wrapped} & set(old)


@pytest.mark.parametrize("times", [1, 3])
def test_a_rotated_master_key_is_noticed_by_a_running_program(data_folder: Path, times: int) -> None:
    here, there = a_vault(data_folder, "here"), a_vault(data_folder, "there")
    sealed = here.agency(AGENCY).seal(SUBJECT, "case", PLACE, NAME)
    for _ in range(times):
        assert here.rotate_master() == 2
    assert there.agency(AGENCY).unseal(SUBJECT, "case", PLACE, sealed) == NAME
    assert there.agency(OTHER_AGENCY).index("n", "v") == here.agency(OTHER_AGENCY).index("n", "v")


def _until(stop: Signal, work: Callable[[int], None]) -> int:
    turn = 0
    while not stop.is_set() or turn == 0:
        work(turn)
        turn += 1
    return turn


def test_sealing_and_reading_go_on_while_another_program_rotates(data_folder: Path) -> None:
    working, rotating = a_vault(data_folder, "working"), a_vault(data_folder, "rotating")
    people, stop = subjects(400), Signal()

    def work(turn: int) -> None:
        vault = working.agency(AGENCY)
        one = people[turn % len(people)]
        sealed, secret = vault.seal(one, "case", PLACE, str(turn)), vault.seal_agency("a", str(turn))
        # A fresh program reads through the database, not through what this one holds open.
        fresh = rotating.agency(AGENCY)
        assert fresh.unseal(one, "case", PLACE, sealed) == fresh.unseal_agency("a", secret) == str(turn)

    with ThreadPoolExecutor(3) as pool:
        workers = [pool.submit(_until, stop, work) for _ in range(3)]
        try:
            for _ in range(3):
                rotating.rotate(AGENCY)
                rotating.rotate_master()
        finally:
            stop.set()
        assert all(worker.result() for worker in workers)


def test_keys_are_dated(data_folder: Path) -> None:
    vaults = a_vault(data_folder)
    vaults.agency(AGENCY).ensure_keys([SUBJECT], "case")
    with vaults.store.engine.connect() as tx:
        assert tx.execute(select(SUBJECT_KEYS.c.made_at)).scalar_one() == NOON


def test_destroying_the_keys_of_nobody_is_nothing(data_folder: Path) -> None:
    vault = a_vault(data_folder).agency(AGENCY)
    vault.destroy_many([], "identity")
    assert vault.unseal(SUBJECT, "identity", PLACE, vault.seal(SUBJECT, "identity", PLACE, NAME)) == NAME


def test_what_was_opened_is_kept_until_a_key_of_the_agency_goes(data_folder: Path) -> None:
    here, there = a_vault(data_folder, "here"), a_vault(data_folder, "there")
    sealed = here.agency(AGENCY).seal(SUBJECT, "identity", PLACE, NAME)

    def opened() -> str:
        vault = there.agency(AGENCY)
        return vault.kept((PLACE, sealed), lambda: vault.unseal(SUBJECT, "identity", PLACE, sealed))

    assert opened() == NAME
    assert there.agency(AGENCY).kept((PLACE, sealed), lambda: "made anew") == NAME
    assert there.agency(OTHER_AGENCY).kept((PLACE, sealed), lambda: "another's") == "another's"
    here.agency(AGENCY).destroy(SUBJECT, "identity")
    with pytest.raises(KeyGone):
        opened()


def test_what_was_opened_goes_at_once_with_a_key_destroyed_here(data_folder: Path) -> None:
    vault = a_vault(data_folder).agency(AGENCY)
    vault.kept("name", lambda: NAME)
    vault.destroy(SUBJECT, "identity")
    assert vault.kept("name", lambda: "") == ""


def test_of_many_names_only_what_is_not_kept_is_made_and_the_order_stays(data_folder: Path) -> None:
    vault, made = a_vault(data_folder).agency(AGENCY), iter("ABC")
    assert vault.kept_each(["a", "b"], lambda _: next(made)) == ["A", "B"]
    assert vault.kept_each(["c", "b", "a"], lambda _: next(made)) == ["C", "B", "A"]
