"""Nobody learns who is on file, and nobody gains by being fast: the same answers, the same work, each try counted."""

from collections.abc import Sequence
from functools import partial
from pathlib import Path
from statistics import median

import pytest
from alike_given import NUMBERS, Told, at_once, given_numbers, given_stranger, next_day
from desk_given import DANA, PRIYA, ask, at_the_desk, found, open_portal
from desk_given import Clock as DeskClock
from family_given import Phone, code_in, field_value, given_families, given_phone, texts
from given import given_browser
from sqlmodel import func, select
from starlette.testclient import TestClient

from rightsdesk.requests.cases.tables import CaseRow
from rightsdesk.verification.tables import ChallengeRow, CountRow
from rightsdesk.web.portal import Portal

ELENA = NUMBERS["known"]
OTHERS = [name for name in NUMBERS if name != "unknown"]


@pytest.fixture
def portal(tmp_path: Path) -> Portal:
    return given_numbers(tmp_path)


def a_visit(portal: Portal, number: str, *, texted: bool) -> list[tuple[Told, list[str]]]:
    """Return each answer of a stranger who types a number and six wrong codes, with the statements it cost."""
    who, seen = given_stranger(portal), []

    def note(path: str, fields: dict[str, str] | None = None) -> None:
        seen.append((who.send(path, fields), who.statements))

    note("/marigold/phone", {"phone": number})
    if texted:
        texts(portal)
    note("/marigold/code")
    note("/marigold/code", {"code": "12345"})
    for code in ("000000", "000001", "000002", "000003", "000004", "000005"):
        note("/marigold/code", {"code": code})
    note("/marigold/code", {"again": "1"})
    note("/marigold/phone", {"phone": number})
    note("/marigold/code")
    return seen


@pytest.mark.parametrize("texted", [False, True], ids=["before the text", "after it"])
@pytest.mark.parametrize("name", OTHERS)
def test_a_number_of_any_standing_is_answered_like_one_that_nobody_has(
    portal: Portal, name: str, *, texted: bool
) -> None:
    a_visit(portal, "(646) 555-0183", texted=False)  # the first visitor of a process pays for what is read once
    next_day(portal)
    theirs = a_visit(portal, NUMBERS[name], texted=texted)
    nobodys = a_visit(portal, NUMBERS[name].replace("212", "646"), texted=texted)  # with the same end
    assert [one.status for one, _ in theirs] == [303, 200, 422, 422, 422, 422, 422, 422, 422, 303, 303, 200]
    for number, ((their, costs), (nobody, cost)) in enumerate(zip(theirs, nobodys, strict=True)):
        assert their == nobody, number
        assert costs == cost, number


def test_a_locked_number_is_told_the_same_whether_somebody_has_it_or_not(portal: Portal) -> None:
    def locked(number: str) -> list[tuple[Told, list[str]]]:
        for _ in range(20):
            who = given_stranger(portal)
            who.send("/marigold/phone", {"phone": number})
            for code in range(5):
                who.send("/marigold/code", {"code": f"{code:06}"})
            next_day(portal)
        who = given_stranger(portal)
        return [(who.send("/marigold/phone", {"phone": number}), who.statements)]

    ((known, cost),), ((unknown, costs),) = locked(ELENA), locked(NUMBERS["unknown"])
    assert known == unknown
    assert cost == costs
    assert known.status == 422
    assert "safety" in known.body


def test_the_time_of_an_answer_does_not_tell_who_is_on_file(portal: Portal) -> None:
    spent: dict[str, list[float]] = {"known": [], "unknown": []}
    for turn in range(60):
        next_day(portal)
        for name in ("known", "unknown") if turn % 2 else ("unknown", "known"):
            who = given_stranger(portal)
            who.send("/marigold/phone", {"phone": NUMBERS[name]})
            asked = who.seconds
            who.send("/marigold/code", {"code": "000000"})
            spent[name].append(asked + who.seconds)
    # 4.4 standard deviations: one in a hundred thousand by chance, while a lookup of a millisecond shows at once.
    assert abs(rank_distance(spent["known"], spent["unknown"])) < 4.4, {k: median(v) for k, v in spent.items()}


def rank_distance(one: Sequence[float], other: Sequence[float]) -> float:
    """Return by how many standard deviations the ranks of two samples differ (Mann and Whitney, 1947)."""
    wins = sum((a > b) + (a == b) / 2 for a in one for b in other)
    size, both = len(one) * len(other), len(one) + len(other) + 1
    return (wins - size / 2) / (size * both / 12) ** 0.5


def test_of_sixty_guesses_at_once_exactly_five_are_looked_at(portal: Portal) -> None:
    first = given_stranger(portal)
    first.send("/marigold/phone", {"phone": ELENA})
    right = code_in(texts(portal)[-1])
    wrong = [f"{(int(right) + number) % 1_000_000:06}" for number in range(1, 61)]
    cookies = dict(first.browser.cookies)
    browsers = [given_browser(portal) for _ in wrong]
    for browser in browsers:
        browser.cookies.update(cookies)
    pairs = zip(browsers, wrong, strict=True)
    answers = at_once([lambda b=b, c=c: b.post("/marigold/code", data={"code": c}).status_code for b, c in pairs])
    assert set(answers) == {422}
    with portal.storage.read() as tx:
        assert tx.exec(select(ChallengeRow.tries)).all() == [5]
        assert tx.exec(select(CountRow.failures).where(CountRow.kind == "number")).all() == [5]
    assert first.send("/marigold/code", {"code": right}).status == 422, "the sixth look is refused, even at the code"


def test_a_right_code_sent_sixty_times_at_once_lets_one_in(portal: Portal) -> None:
    first = given_stranger(portal)
    first.send("/marigold/phone", {"phone": ELENA})
    right, cookies = code_in(texts(portal)[-1]), dict(first.browser.cookies)
    browsers = [given_browser(portal) for _ in range(60)]
    for browser in browsers:
        browser.cookies.update(cookies)
    answers = at_once([lambda b=b: b.post("/marigold/code", data={"code": right}) for b in browsers])
    renewed = [one for one in answers if one.status_code == 303 and "set-cookie" in one.headers]  # type: ignore[attr-defined]  # answers of a browser
    assert len(renewed) == 1


def ready(portal: Portal) -> tuple[Phone, str]:
    phone = given_phone(portal)
    phone.prove(ELENA)
    phone.send("/marigold/ask", {"kind": "correction"})
    page = phone.send("/marigold/details", {"elements": "name.family", "correction.name.family": "Delgado"})
    return phone, field_value(page, "once")


def test_a_form_sent_eight_times_at_once_is_one_request(tmp_path: Path) -> None:
    portal = given_families(tmp_path)
    phone, once = ready(portal)
    browsers = [given_browser(portal) for _ in range(8)]
    for browser in browsers:
        browser.cookies.update(dict(phone.browser.cookies))
    answers = at_once([lambda b=b: b.post("/marigold/check", data={"once": once}) for b in browsers])
    assert {one.status_code for one in answers} == {303}  # type: ignore[attr-defined]  # answers of a browser
    assert len({one.headers["location"] for one in answers}) == 1  # type: ignore[attr-defined]  # answers of a browser
    with portal.storage.read() as tx:
        assert tx.exec(select(func.count()).select_from(CaseRow)).one() == 1


def test_of_two_who_decide_at_once_one_is_told_and_keeps_their_words(data_folder: Path) -> None:
    portal = open_portal(data_folder, DeskClock())
    words = {
        PRIYA: "The birth certificate says Delgato, see page one.",
        DANA: "The passport says Delgato, on page two.",
    }
    desks = {who: at_the_desk(portal, who) for who in words}
    for desk in desks.values():
        desk.follow_redirects = False
    for _ in range(5):
        case = ask(portal)
        acts = [partial(deny, desk, case.reference, words[who]) for who, desk in desks.items()]
        answers = dict(zip(words, at_once(acts), strict=True))
        by_status = {one.status_code: who for who, one in answers.items()}  # type: ignore[attr-defined]  # answers of a browser
        assert sorted(by_status) == [303, 409]
        assert found(portal, case.reference).decided_by == by_status[303]
        late = by_status[409]
        assert words[late] in answers[late].text  # type: ignore[attr-defined]  # answers of a browser
        withdraw(portal, case.reference)


def deny(desk: TestClient, reference: str, words: str) -> object:
    form = {"version": "1", "outcome": "deny", "ground": "ACCURATE", "text": words}
    return desk.post(f"/desk/marigold/cases/{reference}/decision", data=form)


def withdraw(portal: Portal, reference: str) -> None:
    """Close the case, so that the same can be asked again."""
    case = found(portal, reference)
    with portal.storage.write() as tx:
        row = tx.get_one(CaseRow, case.id)
        row.state, row.is_open = "withdrawn", False
        tx.add(row)
