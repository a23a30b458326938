"""A backup or a restore that is killed at any step leaves the old state or the new one, never half of each."""

from pathlib import Path

import pytest
from backups_given import a_kept_district, backed_up, backups_of, killed, lose_disk, put_back_into, served
from fulfilment_given import BO, District

from rightsdesk.requests.ledger.audit import Event
from rightsdesk.requests.ledger.journal.store import Journal
from rightsdesk.requests.ledger.verify import verify
from rightsdesk.web.backups import replacing
from rightsdesk.web.backups.making import sets

pytestmark = pytest.mark.files

MOST = 40


@pytest.fixture
def district(data_folder: Path) -> District:
    return a_kept_district(data_folder)


def state(district: District) -> tuple[int, bool, str]:
    """Return how long the ledger is, whether it is whole, and a name that needs the keys."""
    with district.looking() as docket:
        length = Journal(docket.session, district.agency.id).length()
        verdict = verify(docket.session, district.agency.id, district.portal.checkpoints)
    return length, verdict.ok, district.live(district.one(BO), "name.given")


def test_a_killed_backup_is_never_taken_for_a_whole_one(district: District) -> None:
    ended = False
    for step in range(1, MOST):
        district.wait(minutes=1)
        before = sets(backups_of(district))
        if not killed(district, "backup", step):
            ended = True
            break
        whole = sets(backups_of(district))
        assert whole[: len(before)] == before
        assert state(served(district))[1:] == (True, "Bogdan")
    assert ended
    assert step > 2
    assert [one.name for one in backups_of(district).iterdir() if one.name.endswith(".part")] == []
    assert not (district.folder / "backing-up").exists()
    for one in sets(backups_of(district)):
        _, district = put_back_into(district, one)
        assert state(district)[1:] == (True, "Bogdan")


def note(district: District, times: int) -> None:
    """Let so many more entries come."""
    with district.at() as docket:
        for _ in range(times):
            docket.record(Event("viewed", "system"))


def test_a_killed_restore_leaves_the_old_state_or_the_restored_one(district: District) -> None:
    backed_up(district)
    restored = state(district)[0] + 1  # and the entry that says so
    note(district, 30)
    length = state(district)[0]
    seen = set()
    for step in range(1, MOST):
        district.wait(minutes=1)
        if not killed(district, "restore", step):
            break
        was_decided = replacing.is_begun(district.folder)
        seen.add(was_decided)
        found = served(district)
        assert state(found) == (restored if was_decided else length, True, "Bogdan")
        assert not replacing.is_begun(district.folder)
        note(found, length - state(found)[0])
        found.portal.storage.close()
    assert seen == {False, True}
    assert state(served(district)) == (restored, True, "Bogdan")
    assert [one.name for one in district.folder.iterdir() if one.name.endswith(".restored")] == []


def test_a_restore_onto_an_empty_disk_that_is_killed_leaves_it_empty_or_restored(district: District) -> None:
    backed_up(district)
    restored = state(district)[0] + 1
    seen = set()
    for step in range(1, MOST):
        lose_disk(district)
        if not killed(district, "restore", step):
            break
        was_decided = replacing.is_begun(district.folder)
        seen.add(was_decided)
        if was_decided:
            assert state(served(district)) == (restored, True, "Bogdan")
        else:
            assert not (district.folder / "rightsdesk.sqlite3").exists()
    assert seen == {False, True}
    assert state(served(district)) == (restored, True, "Bogdan")
