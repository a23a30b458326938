"""Keys are renewed beside a running server: nobody is missed meanwhile, and what was erased stays erased after."""

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from threading import Event, Thread

import pytest
from erasing_given import approved, kept_copy, restored
from fulfilment_given import ANA, BO, CHILDREN, CLASS, CLEO, EVA, ROSTER, District, a_district, a_second_portal
from sqlmodel import col, func, select

from rightsdesk.requests.cases.case import Kind
from rightsdesk.requests.people.indexing.store import Indexing
from rightsdesk.requests.people.roster.turns import FolderTurns
from rightsdesk.requests.people.tables import PersonIndexRow, RosterRunRow, SourceRecordRow, TombstoneRow
from rightsdesk.verification.sms.tables import OptOutRow
from rightsdesk.web.reindexing import LOCKS, ImportRuns, lingering, reindex, renew_keys
from rightsdesk.web.restoring import keep_erased
from rightsdesk.web.rosters import terms


@pytest.fixture
def district(data_folder: Path) -> District:
    return a_district(data_folder)


def index_keys(district: District) -> int:
    return len(district.portal.vault.agency(district.agency.id).indexes("source", "x"))


def under(district: District) -> set[str]:
    """Return the ids of the keys under which anything is indexed."""
    with district.looking() as docket:
        tx = docket.session
        values = [
            *tx.exec(select(PersonIndexRow.value)).all(),
            *tx.exec(select(SourceRecordRow.source_key)).all(),
            *tx.exec(select(TombstoneRow.source_key)).all(),
        ]
    return {value.partition(":")[0] for value in values}


def known_again(district: District) -> int:
    """Return how many entries only a roster can make: those by which somebody is known under another id."""
    with district.looking() as docket:
        wanted = select(func.count()).select_from(PersonIndexRow).where(PersonIndexRow.purpose == "same_person")
        return docket.session.exec(wanted).one()


def come_in_again(district: District) -> None:
    """Import the roster a day later, with one change."""
    district.wait(days=1)
    moved = replace(CLASS[-1], grade=f"{district.now.day % 2 + 8:02}")
    assert district.take(*ROSTER[:-1], moved).state == "applied"


class Seeker:
    """Another program on the same files that keeps searching, as desks and sign-ins do."""

    def __init__(self, district: District) -> None:
        portal = a_second_portal(district)
        self.away = District(portal, district.folder)
        self.wanted = {member: district.one(member) for member in (BO, EVA, CLEO, CLASS[0], CLASS[-1])}
        self.stop, self.missed, self.rounds = Event(), list[str](), 0
        self.thread = Thread(target=self._seek)

    def watch(self, act: Callable[[], object]) -> None:
        """Do something while searching goes on, and search a while after it."""
        self.thread.start()
        self._let_it_search()
        act()
        self._let_it_search()
        self.stop.set()
        self.thread.join()
        self.away.portal.storage.close()

    def _let_it_search(self) -> None:
        goal = self.rounds + 3
        while self.rounds < goal and self.thread.is_alive():
            self.thread.join(0.01)

    def _seek(self) -> None:
        while not self.stop.is_set():
            for member, person in self.wanted.items():
                if person not in self.away.named(f"{member.given} {member.family}"):
                    self.missed.append(member.given)
                if member.number and person not in self.away.holders(member.number):
                    self.missed.append(member.number)
            self.rounds += 1


def test_nobody_is_missed_while_every_key_is_renewed(district: District) -> None:
    seeker = Seeker(district)

    def renew() -> None:
        for _ in range(3):
            district.portal.vault.rotate_master()
            renew_keys(district.portal, district.agency)

    seeker.watch(renew)
    assert seeker.missed == []
    assert seeker.rounds >= 6


def test_the_older_key_is_retired_when_nothing_lingers_and_values_stay_readable(district: District) -> None:
    person = district.one(BO)
    before = under(district)
    done = renew_keys(district.portal, district.agency)
    assert (done.lingering, index_keys(district)) == (known_again(district), 2)
    assert done.wrapped >= len(ROSTER)
    come_in_again(district)
    assert (lingering(district.portal, district.agency), index_keys(district)) == (0, 1)
    assert len(under(district)) == 1
    assert under(district).isdisjoint(before)
    assert district.one(BO) == person
    assert district.live(person, "mobile") == BO.number


def test_the_older_key_stays_for_an_erased_child_and_keeps_them_out(district: District) -> None:
    person = district.one(BO)
    (case,) = district.ask(Kind.ERASURE, district.one(EVA), person, "account")
    district.erase(district.grant(case))
    done = renew_keys(district.portal, district.agency)
    assert done.lingering == 2 + known_again(district)  # the tombstone, and the record it was made of
    assert index_keys(district) == 2
    again = renew_keys(district.portal, district.agency)
    assert (again.lingering, index_keys(district)) == (2 + known_again(district), 3)
    assert district.take(*ROSTER).counts.erased_skipped == 1
    assert list(district.named("bogdan")) == []


def test_a_tombstone_of_a_field_is_renewed_and_keeps_working(district: District) -> None:
    person = district.one(BO)
    (case,) = district.ask(Kind.ERASURE, district.one(EVA), person, "mobile")
    district.erase(district.grant(case))
    renew_keys(district.portal, district.agency)
    come_in_again(district)
    assert index_keys(district) == 1
    district.wait(days=1)
    assert district.take(*ROSTER).counts.erased_skipped == 1
    assert district.live(person, "mobile") == ""


def test_a_copy_from_before_the_student_came_keeps_an_erased_field_out_after_new_keys(data_folder: Path) -> None:
    district = a_district(data_folder, *(one for one in ROSTER if one is not BO))
    copy = kept_copy(district, "before.sqlite3")
    district.take(*ROSTER)
    district.erase(approved(district, "email", "mobile"))
    for _ in range(2):
        renew_keys(district.portal, district.agency)
        come_in_again(district)
        assert index_keys(district) == 1
    listed = list(district.portal.erasures.entries())
    renew_keys(district.portal, district.agency)
    assert len(list(district.portal.erasures.entries())) == len(listed) + 2
    old = restored(district, copy)
    keep_erased(old.portal)
    assert old.take(*ROSTER).counts.erased_skipped == 2
    assert [old.live(old.one(BO), element) for element in ("email", "mobile")] == ["", ""]


def test_an_opt_out_lingers_because_nobody_knows_its_number(district: District) -> None:
    with district.at() as docket:
        number = docket.vault.index("number", "+12125550150")
        docket.session.add(OptOutRow(agency=district.agency.id, number=number, since=district.now))
    assert renew_keys(district.portal, district.agency).lingering == 1 + known_again(district)
    come_in_again(district)
    assert index_keys(district) == 2


def test_a_renewal_that_died_half_way_starts_again_and_enters_nobody_twice(district: District) -> None:
    person = district.one(BO)
    district.portal.vault.rotate(district.agency.id)
    with district.at() as docket:
        indexing = Indexing(docket.session, docket.agency, docket.vault)
        indexing.renew(indexing.people_after(None)[:10])
    assert district.one(BO) == person
    assert lingering(district.portal, district.agency) > 0
    first = reindex(district.portal, district.agency)
    assert reindex(district.portal, district.agency) == first
    with district.looking() as docket:
        assert len(docket.session.exec(select(PersonIndexRow)).all()) == first + known_again(district)
    assert lingering(district.portal, district.agency) == known_again(district)


def test_an_import_after_a_renewal_that_died_half_way_knows_everybody(district: District) -> None:
    people = {member: district.one(member) for member in ROSTER[:5]}
    district.portal.vault.rotate(district.agency.id)
    district.wait(days=1)
    assert district.take(*ROSTER).state == "unchanged"
    assert {member: district.one(member) for member in ROSTER[:5]} == people


def test_whoever_comes_under_another_id_after_new_keys_is_nobody_new(data_folder: Path) -> None:
    eva = replace(EVA, student_number="E-500", relations=CHILDREN)
    others = (ANA, BO, CLEO, *CLASS)
    district = a_district(data_folder, *others, eva)
    person = district.one(EVA)
    renew_keys(district.portal, district.agency)
    district.wait(days=1)
    counts = district.take(*others, replace(eva, sourced_id="p-901")).counts
    assert (counts.people.added, counts.people.removed, district.one(EVA)) == (0, 0, person)


def test_an_import_after_a_renewal_changes_nothing(district: District) -> None:
    renew_keys(district.portal, district.agency)
    district.wait(days=1)
    assert district.take(*ROSTER).state == "unchanged"


def test_keys_are_not_renewed_under_a_running_import(district: District) -> None:
    before = under(district)
    with FolderTurns(district.portal.settings.data / LOCKS)(district.agency.id) as ours:
        assert ours
        with pytest.raises(ImportRuns):
            renew_keys(district.portal, district.agency)
    assert (under(district), index_keys(district)) == (before, 1)


def test_a_roster_on_hold_is_set_aside_because_it_waits_under_the_older_key(district: District) -> None:
    held = district.take(*ROSTER[:10])
    assert held.state == "held"
    renew_keys(district.portal, district.agency)
    with district.looking() as docket:
        wanted = select(RosterRunRow.state, RosterRunRow.reason).where(col(RosterRunRow.id) == held.run)
        assert docket.session.exec(wanted).one() == ("discarded", "keys_rotated")


def test_the_second_program_imports_under_the_newest_key(district: District) -> None:
    portal = a_second_portal(district)
    away = District(portal, district.folder)
    away.one(BO)
    renew_keys(district.portal, district.agency)
    assert terms(portal, district.agency, "operator").vault.index("source", "x").partition(":")[0] in under(district)
    assert away.one(BO) == district.one(BO)
    portal.storage.close()
