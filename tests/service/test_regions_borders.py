"""What belongs to another region is refused: its jobs, its agencies' rows, and places that bear its name."""

import json
from dataclasses import replace
from pathlib import Path
from uuid import UUID

import pytest
from durable_given import QUICK, effects_had, given_worker, make_ledger, rows, submit
from given import MARIGOLD, PLUM, given_agency, given_settings
from regions_given import LINDEN, World, given_regions, given_world, settings_of
from sqlalchemy import select, text
from sqlmodel import col

from rightsdesk.requests.agencies.agency import Agency
from rightsdesk.requests.agencies.errors import OtherRegion
from rightsdesk.requests.agencies.store import Agencies
from rightsdesk.requests.ledger import keyfile
from rightsdesk.requests.ledger.errors import ForeignPlace, KeyFileDamaged
from rightsdesk.requests.ledger.tables import KEYS
from rightsdesk.requests.ledger.verify import verify
from rightsdesk.web import belonging, checkup, schema
from rightsdesk.web.app import wire
from rightsdesk.web.borders import own_ledger
from rightsdesk.web.casework import effects_due, opened
from rightsdesk.web.effects import EFFECTS
from rightsdesk.web.portal import Portal
from rightsdesk.web.settings import Settings
from rightsdesk.web.storage import open_engine
from rightsdesk.web.tables import JobRow


@pytest.fixture
def world(tmp_path: Path) -> World:
    return given_world(tmp_path)


def move_away(portal: Portal) -> None:
    """Say in the agency's row, by hand, that it lives in the other region."""
    with portal.storage.write() as tx:
        tx.connection().execute(text("UPDATE agencies SET region = 'eu' WHERE slug = 'marigold'"))


def do_all(portal: Portal) -> None:
    worker = given_worker(portal, "ada")
    worker.effects = {**EFFECTS, **worker.effects}
    while jobs := worker._claim(9, 9):
        for job in jobs:
            worker._work(job)


@pytest.mark.parametrize("agency", [MARIGOLD, LINDEN], ids=["moved", "never here"])
def test_a_job_of_another_regions_agency_is_given_up_noted_and_holds_up_nobody(world: World, agency: Agency) -> None:
    portal = world["us"]
    make_ledger(portal.storage.engine)
    with opened(portal, str(MARIGOLD.id)):
        pass  # a job that was done before: what this process knows of the agency must not outlive its row
    move_away(portal)
    with portal.storage.write() as tx:
        portal.jobs.submit(tx, "fulfil", "fulfil:1", str(agency.id), str(PLUM.id))
    submit(portal, QUICK, "mine")
    do_all(portal)
    found = rows(portal, col(JobRow.kind), col(JobRow.error), col(JobRow.dead_at), col(JobRow.attempts))
    (foreign,) = [row for row in found if row[0] == "fulfil"]
    assert (foreign[1], foreign[2] is not None, foreign[3]) == ("OtherRegion", True, 1)
    assert rows(portal, col(JobRow.kind), col(JobRow.done_at))[-1][1] is not None
    region = "eu" if agency == MARIGOLD else "unknown"
    facts = {"what": "job", "agency": str(agency.id), "region": region}
    assert world.noted("us") == [("region_refused", facts)]
    with portal.storage.read() as tx:
        assert verify(tx, own_ledger("us"), portal.checkpoints).ok


def test_a_job_that_bears_another_regions_name_is_given_up_noted_and_never_done(world: World) -> None:
    portal = world["us"]
    make_ledger(portal.storage.engine)
    theirs = world["eu"].jobs
    with portal.storage.write() as tx:
        theirs.submit(tx, QUICK, "theirs", str(LINDEN.id))
        theirs.submit(tx, "text_code", "code", "f" * 64, "1")
        portal.jobs.submit(tx, "turn_back_strays", "turn_back_strays:1")
    submit(portal, QUICK, "mine")
    do_all(portal)
    found = {row[0]: row[1:] for row in rows(portal, col(JobRow.key), col(JobRow.error), col(JobRow.dead_at))}
    assert [(found[key][0], found[key][1] is not None) for key in ("theirs", "code")] == [("OtherRegion", True)] * 2
    assert found["mine"] == ("", None)
    with portal.storage.read() as tx:
        assert effects_had(tx) == {"mine": "ada"}
    noted = [facts["agency"] for kind, facts in world.noted("us") if kind == "region_refused"]
    assert noted == [str(LINDEN.id), str(UUID(int=0))]


def test_a_row_that_says_another_region_is_refused_wherever_it_is_opened(world: World) -> None:
    portal = world["us"]
    given_agency(portal, PLUM)
    move_away(portal)
    with portal.storage.read() as tx:
        agencies = Agencies(tx)
        for ask in (lambda: agencies.named("marigold"), lambda: agencies.numbered(MARIGOLD.id)):
            with pytest.raises(OtherRegion) as refused:
                ask()
            assert (refused.value.agency, refused.value.region) == (MARIGOLD.id, "eu")
        assert [one.slug for one in agencies.every()] == ["plum-hollow"]
        assert [one[0] for one in agencies.found("")] == ["plum-hollow"]
        assert agencies.strays() == [("marigold", "eu")]
    effects_due(portal, ())  # what is done for every agency leaves it out, and goes on


def test_a_moved_agencys_page_is_refused_and_noted_as_a_query(world: World) -> None:
    move_away(world["us"])
    answer = world.browser.get("/marigold/phone")
    assert answer.status_code == 421
    assert "This school keeps its pages and its records in the European Union" in answer.text
    facts = {"what": "query", "agency": str(MARIGOLD.id), "region": "eu"}
    assert world.noted("us") == [("region_refused", facts)]
    found = [one.what for one in checkup.homes(world["us"], world.regions.control) if not one.is_well]
    assert found == ["marigold: its row says region eu"]


def test_no_docket_opens_for_an_agency_or_a_session_of_another_region(world: World) -> None:
    us, eu = world["us"], world["eu"]
    with us.storage.read() as ours, eu.storage.read() as theirs:
        for portal, tx, agency in ((us, ours, LINDEN), (us, theirs, MARIGOLD), (us, theirs, LINDEN)):
            with pytest.raises(OtherRegion):
                portal.docket(tx, agency, portal.now())
    with pytest.raises(OtherRegion), us.storage.write() as tx:
        Agencies(tx).add(replace(LINDEN, slug="linden-two", id=PLUM.id), us.now())
    with us.storage.keys.connect() as tx:
        held = tx.execute(text("SELECT DISTINCT agency FROM agency_keysets")).all()
    assert len(held) == 1, "a look at another region's agency makes it no keys"


def mixed(us: Settings, eu: Settings, place: str) -> Settings:
    """Return the settings of region eu with one place of region us."""
    return replace(eu, **{place: getattr(us, place)})


def kept(settings: Settings) -> dict[str, list[str]]:
    """Return every row of a region's two databases, and what its folder holds beside them."""
    held: dict[str, list[str]] = {"": sorted(one.name for one in settings.data.iterdir() if "sqlite3-" not in one.name)}
    for url, tables in ((settings.database, schema.metadata()), (settings.keys_database, KEYS)):
        engine = open_engine(url)
        with engine.connect() as tx:
            held |= {one.name: sorted(map(repr, tx.execute(select(one)))) for one in tables.sorted_tables}
        engine.dispose()
    return held


@pytest.mark.parametrize("place", ["data", "database", "keys_database", "keys"])
def test_a_region_started_on_a_place_of_another_is_refused_before_anything_is_written(
    tmp_path: Path, place: str
) -> None:
    (us_portal,) = given_regions(tmp_path, "us").portals
    belonging.take(us_portal.settings, us_portal.storage)
    given_agency(us_portal)
    us_portal.storage.close()
    us, eu = settings_of(tmp_path, "us"), settings_of(tmp_path, "eu")
    before = kept(us)
    with pytest.raises(ForeignPlace, match="belongs to region us, not to eu: nothing was changed"):
        wire(mixed(us, eu, place))
    assert kept(us) == before
    assert not (eu.data / "region").exists()
    wire(us).storage.close()


@pytest.mark.parametrize("place", ["database", "keys_database"])
def test_of_two_regions_that_begin_at_once_on_one_new_database_the_second_is_refused(
    tmp_path: Path, place: str
) -> None:
    us, eu = given_regions(tmp_path).portals
    both = mixed(us.settings, eu.settings, place)
    late = wire(both)  # the database is nobody's yet
    belonging.take(us.settings, us.storage)
    with pytest.raises(ForeignPlace, match="belongs to region us, not to eu"):
        belonging.take(both, late.storage)
    for portal in (us, eu, late):
        portal.storage.close()


def test_a_place_is_taken_once_and_the_same_region_comes_back(tmp_path: Path) -> None:
    for _ in range(2):
        (portal,) = given_regions(tmp_path, "us").portals
        belonging.take(portal.settings, portal.storage)
        portal.storage.close()
    assert (settings_of(tmp_path, "us").data / "region").read_text() == "us\n"
    assert json.loads(portal.settings.keys.read_text())["region"] == "us"


def test_the_name_in_a_key_file_cannot_be_exchanged(tmp_path: Path) -> None:
    settings = given_settings(tmp_path)
    master = keyfile.open_or_create(settings.keys, region="us")
    master.rotate(lambda: 0)
    assert keyfile.open_or_create(settings.keys).region == "us"
    settings.keys.write_text(settings.keys.read_text().replace('"region": "us"', '"region": "eu"'))
    with pytest.raises(KeyFileDamaged):
        keyfile.open_or_create(settings.keys)
