"""File a request: one case for one sending, on real tables."""

from collections.abc import Callable
from dataclasses import replace
from datetime import date, timedelta
from pathlib import Path
from threading import Barrier, Thread
from typing import Any

import databases
import pytest
from cases_given import World, given_world, yes
from cases_people_given import AWAY, BEN, ELENA, LUCIA, MATEO, NINA, OMAR, PRIYA, RUTH, START

from rightsdesk.requests.agencies.catalogue import Owner
from rightsdesk.requests.cases.case import Case, Kind
from rightsdesk.requests.cases.claiming import claim
from rightsdesk.requests.cases.deciding import decide
from rightsdesk.requests.cases.effects import take_effect
from rightsdesk.requests.cases.errors import AlreadyAsked, BadFiling, NoAuthority, NoSuchCase
from rightsdesk.requests.cases.evidence import Clean, listed, opened
from rightsdesk.requests.cases.filing import Filing, file_case, preview
from rightsdesk.requests.cases.routing import Wanted
from rightsdesk.requests.cases.rows.store import Rows
from rightsdesk.requests.cases.states import State
from rightsdesk.requests.cases.tables import CaseRow, NoticeRow
from rightsdesk.requests.cases.withdrawing import withdraw
from rightsdesk.requests.ledger.tables import AuditEventRow


@pytest.fixture
def world(tmp_path: Path) -> World:
    return given_world(tmp_path)


def filed(world: World, filing: Filing) -> tuple[Case, ...]:
    with world.at() as docket:
        return file_case(docket, filing, world.now)


def test_a_filed_request_is_on_the_desk_with_its_words_and_its_dates(world: World) -> None:
    case = world.file()
    found = world.case(case)
    assert found == case
    assert (found.state, found.owner, found.version, found.received_at) == (State.SUBMITTED, Owner.AGENCY, 1, START)
    assert (found.elements[0].filed, found.elements[0].proposed) == ("Delgado", "Delgado Ruiz")
    assert found.details == "Her last name has a second part."
    assert world.acts(case) == ["filed"]
    assert world.jobs.kinds() == ["text_notice", "mail_notice"]


@pytest.mark.parametrize(
    ("kind", "rules", "is_policy"),
    [
        (Kind.ACCESS, ["us-ferpa.access", "us-ny-2d.access"], False),
        (Kind.CORRECTION, ["us-ferpa.correction", "us-ny-2d.correction"], True),
    ],
)
def test_a_new_york_agency_keeps_a_date_for_each_law(
    world: World, kind: Kind, rules: list[str], *, is_policy: bool
) -> None:
    case = world.file(kind)
    with world.looking() as docket:
        clocks = docket.cases.clocks(case.id)
    assert [(one.rule, one.due_on, one.is_policy) for one in clocks] == [
        (rule, date(2027, 1, 7), is_policy) for rule in rules
    ]
    assert (case.due_on, case.due_rule) == (date(2027, 1, 7), rules[0])


def test_the_clock_starts_on_the_agencys_own_day(world: World) -> None:
    late = world.now.replace(hour=4, minute=30)  # 11:30 in the evening of the 22nd in New York
    assert world.file(Kind.ACCESS, received_at=late).due_on == date(2027, 1, 6)


def test_a_preview_tells_the_same_dates_and_changes_nothing(world: World) -> None:
    filing = world.filing(Kind.ERASURE, "picture", "files", requester=MATEO, subject=MATEO)
    with world.looking() as docket:
        parts = preview(docket, filing, world.now)
    assert [(part.owner, part.elements) for part in parts] == [(Owner.AGENCY, ("picture",)), (Owner.SELF, ("files",))]
    assert [part.due.on for part in parts] == [case.due_on for case in filed(world, filing)]


def test_the_same_sending_twice_is_one_case(world: World) -> None:
    filing = world.filing(once="a" * 32)
    assert filed(world, filing) == filed(world, filing)
    assert len(world.rows(CaseRow)) == 1
    assert len(world.rows(NoticeRow)) == len(world.jobs.submitted) == 2


def test_the_same_sending_twice_returns_both_of_its_cases(world: World) -> None:
    filing = world.filing(Kind.ERASURE, "picture", "files", requester=MATEO, subject=MATEO, once="b" * 32)
    first = filed(world, filing)
    assert [case.reference for case in filed(world, filing)] == [case.reference for case in first]


def test_somebody_elses_sending_key_opens_nothing_of_theirs(world: World) -> None:
    world.file(once="c" * 32)
    with pytest.raises(BadFiling, match="Start again"):
        world.file(once="c" * 32, requester=OMAR)


def together(*acts: Callable[[], object]) -> list[object]:
    """Do the acts at once, each in a thread of its own, and return what each gave or raised."""
    barrier, ended = Barrier(len(acts)), [None] * len(acts)
    ends: list[object] = list(ended)

    def one(at: int) -> None:
        barrier.wait()
        try:
            ends[at] = acts[at]()
        except Exception as raised:  # noqa: BLE001 - what it raised is what the test looks at
            ends[at] = raised

    threads = [Thread(target=one, args=(at,)) for at in range(len(acts))]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return ends


def test_a_double_tap_in_two_threads_files_one_case(world: World) -> None:
    filing = world.filing(once="d" * 32)
    ends = together(lambda: filed(world, filing), lambda: filed(world, filing))
    assert ends[0] == ends[1]
    assert len(world.rows(CaseRow)) == 1
    assert len(world.rows(AuditEventRow)) == 1


def test_two_sendings_of_the_same_at_once_file_one_and_name_it_to_the_other(world: World) -> None:
    ends = together(world.file, world.file)
    refused = [end for end in ends if isinstance(end, AlreadyAsked)]
    cases = [end for end in ends if isinstance(end, Case)]
    assert (len(refused), len(cases)) == (1, 1)
    assert refused[0].reference == cases[0].reference


def test_the_same_request_while_one_is_open_is_refused_with_its_reference(world: World) -> None:
    case = world.file()
    with pytest.raises(AlreadyAsked) as refused:
        world.file()
    assert refused.value.reference == case.reference
    assert len(world.rows(CaseRow)) == 1


@pytest.mark.parametrize(
    "changed",
    [
        {"requester": OMAR},
        {"subject": MATEO},
        {"kind": Kind.ACCESS, "wanted": ()},
        {"wanted": (Wanted("name.family", "Ruiz"),)},
        {"wanted": (Wanted("name.given", "Delgado Ruiz"),)},
    ],
)
def test_another_person_student_kind_element_or_wish_is_another_request(world: World, changed: dict[str, Any]) -> None:
    world.file()
    assert world.file(**changed).state is State.SUBMITTED


def test_filing_opens_no_request_that_cannot_be_the_same(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    world.file(Kind.ACCESS)
    world.file(subject=MATEO)
    taken_back = world.file()
    with world.at() as docket:
        withdraw(docket, ELENA, taken_back.reference, world.now)
    monkeypatch.setattr(Rows, "_value", None)
    assert world.file().state is State.SUBMITTED


def test_the_other_guardians_request_is_never_told(world: World) -> None:
    hers = world.file(Kind.ACCESS)
    his = world.file(Kind.ACCESS, requester=OMAR)
    with world.looking() as docket:
        assert [case.reference for case in docket.cases.filed_by(OMAR, 10)] == [his.reference]
        with pytest.raises(NoSuchCase):
            docket.cases.of(OMAR, hers.reference)


def test_the_same_may_be_asked_again_once_it_is_answered_or_taken_back(world: World) -> None:
    case = world.file()
    with world.at() as docket:
        withdraw(docket, ELENA, case.reference, world.now)
    assert world.file().reference != case.reference


def test_what_is_being_carried_out_is_not_asked_again(world: World) -> None:
    case = world.file(Kind.ACCESS)
    with world.at() as docket:
        decide(docket, world.by(PRIYA), yes(case), world.now)
    world.clock.advance(minutes=10)
    with world.at() as docket:
        assert take_effect(docket, case.id, world.now).state is State.FULFILLING
    with pytest.raises(AlreadyAsked):
        world.file(Kind.ACCESS)


@pytest.mark.parametrize(
    "changed",
    [
        {"requester": RUTH},
        {"subject": BEN},
        {"subject": NINA},
        {"requester": LUCIA, "subject": LUCIA},
        {"requester": OMAR, "subject": ELENA},
    ],
    ids=["stranger", "another agency's student", "unlinked student", "under 13", "no student"],
)
def test_without_authority_nothing_is_filed_and_all_look_alike(world: World, changed: dict[str, Any]) -> None:
    with pytest.raises(NoAuthority, match=r"^We cannot find that student\.$"):
        world.file(**changed)
    assert world.rows(CaseRow) == []
    assert world.jobs.submitted == {}


def test_a_restricted_guardian_and_a_frozen_student_look_like_a_stranger(world: World) -> None:
    world.restrict(ELENA)
    with pytest.raises(NoAuthority, match="cannot find that student"):
        world.file()
    assert world.file(requester=OMAR).state is State.SUBMITTED
    world.freeze(LUCIA, world.now)
    with pytest.raises(NoAuthority, match="cannot find that student"):
        world.file(Kind.ACCESS, requester=OMAR)


@pytest.mark.parametrize(
    ("changed", "words"),
    [
        ({"details": "x" * 2001}, "2,000 letters"),
        ({"wanted": (Wanted("name.family", "x" * 201),)}, "200 letters"),
        ({"channel": "pigeon"}, "how this request came in"),
        ({"received_at": START + timedelta(seconds=1)}, "lies in the future"),
    ],
)
def test_a_filing_that_cannot_be_is_refused(world: World, changed: dict[str, Any], words: str) -> None:
    with pytest.raises(BadFiling, match=words):
        world.file(**changed)
    assert world.file(details="x" * 2000).details == "x" * 2000


def test_another_agencys_reference_is_unknown_here(world: World) -> None:
    theirs = world.file(Kind.ACCESS, agency=AWAY, requester=RUTH, subject=BEN)
    assert theirs.reference.startswith("PLM-")
    with world.looking() as docket:
        for look in (
            lambda: docket.cases.find(theirs.reference),
            lambda: docket.cases.numbered(theirs.id),
            lambda: docket.cases.of(RUTH, theirs.reference),
            lambda: docket.cases.find("MGD-2222-2222"),
        ):
            with pytest.raises(NoSuchCase, match=r"^We cannot find that request\.$"):
                look()
    with world.at() as docket, pytest.raises(NoSuchCase):
        claim(docket, world.by(PRIYA), theirs.reference, 1)


def test_two_owners_give_two_linked_cases_with_one_first_contact(world: World) -> None:
    world.hold(MATEO, "files", "essay")
    filing = world.filing(
        Kind.ERASURE, "picture", "files", requester=MATEO, subject=MATEO, received_at=START - timedelta(hours=3)
    )
    agency, own = filed(world, filing)
    assert (agency.owner, own.owner) == (Owner.AGENCY, Owner.SELF)
    assert agency.reference != own.reference
    assert (agency.linked, own.linked) == (None, agency.id)
    assert agency.received_at == own.received_at == START - timedelta(hours=3)
    assert (agency.state, own.state) == (State.SUBMITTED, State.APPROVED)
    assert world.case(own) == own


def test_of_two_owners_only_what_is_new_is_filed_again(world: World) -> None:
    filing = world.filing(Kind.ERASURE, "picture", "files", requester=MATEO, subject=MATEO)
    agency, own = filed(world, filing)
    with pytest.raises(AlreadyAsked):
        filed(world, replace(filing, once="e" * 32))
    with world.at() as docket:
        withdraw(docket, MATEO, own.reference, world.now)
    again = filed(world, replace(filing, once="f" * 32))
    assert [(case.owner, case.linked) for case in again] == [(Owner.SELF, None)]
    assert world.case(agency).is_open


def test_evidence_is_kept_with_the_first_case_and_can_be_opened(world: World) -> None:
    case = world.file(evidence=(Clean("pdf", b"%PDF-1.7 a birth paper"),))
    with world.looking() as docket:
        kept = listed(docket, case)
        assert [(one.kind, one.size) for one in kept] == [("pdf", 22)]
        assert opened(docket, case, kept[0].id).content == b"%PDF-1.7 a birth paper"
    assert b"birth paper" not in databases.content(world.folder)


def test_no_word_of_the_family_lies_open_in_the_database(world: World) -> None:
    world.file(details="zanzibar-secret")
    world.storage.flush_log()
    data = databases.content(world.folder)
    for word in (b"zanzibar", b"Delgado Ruiz", b"Luc\xc3\xada"):
        assert word not in data
