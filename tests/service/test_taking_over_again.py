"""A take-over reaches the region's own ledger and every session, and may be run again after a crash."""

import shutil
from dataclasses import replace
from itertools import count
from pathlib import Path

import pytest
from backups_given import a_kept_district, killed, served, stopped, taken_over
from dumps_given import dumped_both, put_back_both
from fulfilment_given import EVA, District
from sqlmodel import select

from rightsdesk.requests.agencies.errors import OtherRegion
from rightsdesk.requests.ledger.errors import OlderCopy
from rightsdesk.requests.ledger.journal.store import Journal
from rightsdesk.requests.ledger.verify import verify
from rightsdesk.web.backups.errors import Damaged
from rightsdesk.web.borders import own_ledger
from rightsdesk.web.restoring import refuse_older
from rightsdesk.web.sessions import Sessions
from rightsdesk.web.tables import SessionRow


@pytest.fixture
def district(data_folder: Path) -> District:
    return a_kept_district(data_folder)


def sign_in(district: District) -> None:
    """Let a parent be signed in."""
    eva = district.one(EVA)
    with district.at() as docket:
        here = Sessions(docket.session, docket.agency.id, docket.vault, district.now, district.portal.draw)
        here.store(replace(here.fresh(), person=eva))


def is_signed_in(district: District) -> bool:
    """Say whether anybody is."""
    with district.looking() as docket:
        return docket.session.exec(select(SessionRow)).first() is not None


def turned_away(district: District, times: int) -> None:
    """Let the region note in its own ledger that it refused something, of another agency each time."""
    for _ in range(times):
        district.portal.turn_away("query", OtherRegion(district.portal.fresh_id()))


def restores(district: District) -> list[str]:
    """Return how many lost entries each note of a restore in the region's own ledger tells of; it is whole."""
    own = own_ledger("us")
    with district.portal.storage.read() as tx:
        verdict = verify(tx, own, district.portal.checkpoints)
        assert (verdict.ok, verdict.why) == (True, "")
        return [dict(one.facts)["lost"] for one in Journal(tx, own).entries("restored")]


def test_the_regions_own_ledger_is_taken_over_like_the_agencies(district: District, tmp_path: Path) -> None:
    turned_away(district, 1)
    dumps = dumped_both(stopped(district).portal.settings, tmp_path)
    turned_away(district, 3)
    put_back_both(stopped(district).portal.settings, dumps)
    with pytest.raises(OlderCopy, match="region us: the ledger ends with entry 1, but this machine signed entry 4"):
        refuse_older(served(district).portal)
    done, back = taken_over(district)
    assert [(one.slug, one.lost) for one in done.ledgers] == [(back.agency.slug, 0), ("region us", 3)]
    assert restores(back) == ["3"]
    with back.looking() as docket:
        assert verify(docket.session, back.agency.id, back.portal.checkpoints).ok


def test_an_altered_entry_of_the_regions_own_ledger_is_refused(district: District) -> None:
    turned_away(district, 2)
    with district.portal.storage.engine.begin() as tx:
        tx.exec_driver_sql("UPDATE audit_events SET actor = 'staff:nobody' WHERE seq = 2 AND kind = 'region_refused'")
    stopped(district)
    with pytest.raises(Damaged, match="region us: Entry 2 was altered"):
        taken_over(district)


def test_a_take_over_that_is_killed_at_any_step_tells_the_same_numbers_when_it_is_run_again(
    district: District, tmp_path: Path
) -> None:
    sign_in(district)
    dumps = dumped_both(stopped(district).portal.settings, tmp_path)
    turned_away(district, 3)
    stopped(district)
    notes, kept = district.folder / "checkpoints", tmp_path / "kept"
    shutil.copytree(notes, kept)
    for step in count(1):
        for folder in district.folder.glob("checkpoints*"):
            shutil.rmtree(folder)
        shutil.copytree(kept, notes)
        put_back_both(stopped(district).portal.settings, dumps)
        if not killed(district, "take over", step):
            break
        if step > 1:  # the next is to set the checkpoints aside: then nothing tells that the copy is an older one
            found = served(district)
            assert not is_signed_in(found)
            stopped(found)
        done, back = taken_over(district)
        assert ([one.lost for one in done.ledgers], set(restores(back))) == ([0, 3], {"3"})
        assert done.aside is not None
        assert len(list(done.aside.glob("*.head"))) == 2
        stopped(back)
    assert step > 4


def test_everybody_signs_in_again_after_a_take_over(district: District, tmp_path: Path) -> None:
    sign_in(district)
    put_back_both(district.portal.settings, dumped_both(stopped(district).portal.settings, tmp_path))
    _, back = taken_over(district)
    assert not is_signed_in(back)
