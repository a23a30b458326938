"""Who may open what: every screen, tried by everybody, with their own, a foreign and an unknown id."""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Final

import httpx2
import pytest
from isolation_given import Actor, World, draft_of, given_world

from rightsdesk.web.routes import SCREENS
from rightsdesk.web.screens import Screen, Who

SPOKEN: Final = {"audit_events", "audit_heads"}  # that somebody looked, or took a list away, is written down


@dataclass(frozen=True, slots=True)
class Takes:
    """What a screen is told: the id in each part of its path, and in each field of its form or query.

    ``fields`` hold the rest of a form, so that it gets as far as it can. A foreign id in the path has no page; one in a
    field does what an unknown one does. ``writes`` names the tables that change whatever the field says.
    """

    path: Mapping[str, str] = field(default_factory=dict)
    form: Mapping[str, str] = field(default_factory=dict)
    query: Mapping[str, str] = field(default_factory=dict)
    fields: Mapping[str, str] = field(default_factory=dict)
    writes: frozenset[str] = frozenset()


NO_ID: Final = Takes()
CASE: Final = {"reference": "reference"}
OWN_CASE: Final = Takes(CASE, fields={"message": "When will this be done?"})
PERSON: Final = {"person": "student"}
COLLEAGUE: Final = {"colleague": "staff"}
DECISION: Final = {"version": "1", "outcome": "approve"}
PLAIN: Final = (
    "desk.sign_in", "desk.second_factor", "desk.enrol", "desk.password", "desk.sign_out", "desk.home", "desk.settings",
    "desk.join", "desk.own", "desk.own_app", "desk.own_codes", "desk.own_password", "desk.own_sessions", "office.add",
    "desk.passkey", "desk.passkey_ask", "desk.passkeys_ask", "family.passkey", "family.passkey_ask",
    "family.passkeys_ask", "family.passkeys_later", "family.start", "family.paper", "family.privacy",
    "family.accessibility", "family.help", "family.languages", "family.leave", "family.phone", "family.code",
)  # fmt: skip
# Every screen below an agency's path stands here: whoever adds one says which ids it takes.
TAKEN: Final[Mapping[str, Takes]] = {
    **dict.fromkeys(PLAIN, NO_ID),
    **dict.fromkeys(("family.school_sign_in", "family.school_back"), Takes({"provider": "sign_in"})),
    **dict.fromkeys(("desk.school_sign_in", "desk.school_back", "desk.school_connect"), Takes({"provider": "sign_in"})),
    "desk.school_join": Takes({"provider": "sign_in"}),
    "family.school_account": NO_ID,
    "family.passkeys": Takes(form={"passkey": "family_key"}, fields={"do": "remove"}),
    "desk.passkeys": Takes(form={"passkey": "desk_key"}, fields={"do": "remove"}),
    "family.who": Takes(form={"who": "holder"}),
    "family.second_proof": NO_ID,
    "family.password": NO_ID,
    "family.sign_in_password": NO_ID,
    "family.student": Takes(form={"student": "student"}),
    "family.ask": Takes(fields={"kind": "access"}),
    "family.details": Takes(fields={"elements": "picture"}),
    "family.check": Takes(form={"once": "once"}),
    "family.sent": Takes(CASE),
    "family.requests": NO_ID,
    "family.request": OWN_CASE,
    "family.messages": OWN_CASE,
    "family.withdraw": OWN_CASE,
    "family.package": OWN_CASE,
    "family.calendar": OWN_CASE,
    "desk.school_disconnect": Takes(form={"identity": "identity"}),
    "desk.enter": Takes(
        form={"pair": "pair"},
        fields={"kind": "correction", "channel": "phone", "elements": "grade", "correction.grade": "05", "once": "d"},
    ),
    "desk.cases": Takes(
        form={"id": "ticked"}, query={"open": "reference", "q": "reference"}, fields={"do": "claim"}, writes=SPOKEN
    ),
    "desk.export": Takes(form={"q": "reference"}, writes=SPOKEN),
    "desk.live": Takes(form={"open": "reference", "id": "ticked"}, writes=frozenset({"presence"})),
    "desk.case": Takes(CASE),
    "desk.decision": Takes(CASE, fields=DECISION),
    "desk.letter": Takes(CASE),
    "desk.preview": Takes(CASE, fields=DECISION),
    "desk.undo": Takes(CASE, fields=DECISION),
    "desk.send_back": Takes(CASE, fields=DECISION),
    "desk.stop": Takes(CASE, fields=DECISION | {"text": "The school asked us to wait."}),
    "desk.reopen": Takes(CASE, fields=DECISION | {"text": "The school asked us to look again."}),
    "desk.hand_over": Takes(CASE, fields=DECISION),
    "desk.claim": Takes(CASE, fields=DECISION),
    "desk.messages": Takes(CASE, fields=DECISION | {"message": "Please send us a copy of the passport."}),
    "desk.notes": Takes(CASE, fields={"text": "The office called the family about this."}),
    "desk.go_on": Takes(CASE, fields=DECISION),
    "desk.proof": Takes(CASE, fields=DECISION | {"do": "prove", "means": "id_card"}),
    "desk.duplicate": Takes(CASE, form={"same_as": "same"}, fields=DECISION),
    "desk.evidence": Takes(CASE | {"evidence": "evidence"}),
    "office.tasks": Takes(form={"task": "task"}, fields={"do": "done"}),
    "office.run": Takes({"run": "run"}, fields={"do": "drop"}),
    "office.run_problems": Takes({"run": "run"}),
    "office.people": Takes(query={"q": "number"}, writes=SPOKEN),
    "office.person": Takes(PERSON),
    "office.restrict": Takes(
        PERSON, form={"guardian": "guardian"}, fields={"kind": "court_order", "until": "2027-01-31"}
    ),
    "office.restriction": Takes({"person": "stopped", "restriction": "restriction"}, fields={"do": "lift"}),
    "office.freeze": Takes(PERSON, fields={"do": "freeze"}),
    "office.codes": Takes(PERSON),
    "office.number": Takes({"person": "guardian"}, {"contact": "contact"}, fields={"document": "known", "seen": "yes"}),
    **dict.fromkeys(("office.policies", "office.sign_in", "office.staff", "office.texts"), NO_ID),
    **dict.fromkeys(("office.provider", "office.provider_test"), Takes({"provider": "provider"})),
    **dict.fromkeys(("office.directory", "office.directory_test", "office.home", "office.roster"), NO_ID),
    "office.account": Takes({"person": "student", "account": "account"}, fields={"do": "part"}),
    "office.passkey": Takes({"person": "guardian"}, form={"passkey": "office_key"}),
    "office.colleague": Takes(COLLEAGUE),
    "office.change": Takes(COLLEAGUE, fields={"do": "roles", "role": "hearing_officer"}),
    "office.reset": Takes(COLLEAGUE, fields={"do": "mail", "lost": "join"}),
    "office.audit": Takes(query={"case": "reference"}),
    "office.audit_export": Takes(form={"case": "reference"}, writes=SPOKEN),
}
BELOW: Final = [screen for screen in SCREENS if "{agency}" in screen.path]
FAMILY_STEP: Final = {"family.who": "who", "family.second_proof": "second_proof"}


@dataclass(frozen=True, slots=True)
class Probe:
    """One request: a screen, its method, and for each kind of id the one that is tried."""

    screen: Screen
    method: str
    ids: Mapping[str, str]
    where: str = "path"

    def send(self, world: World, **headers: str) -> httpx2.Response:
        """Send it from the browser and return the answer."""
        takes = TAKEN[self.screen.name]
        given = {"agency": world.here.agency.slug} | {part: self.ids[kind] for part, kind in takes.path.items()}
        form = dict(takes.fields) | {name: self.ids[kind] for name, kind in takes.form.items()}
        query = {name: self.ids[kind] for name, kind in takes.query.items()} if self.where == "query" else {}
        body = form if self.method == "POST" else None
        return world.browser.request(
            self.method, self.screen.path.format(**given), data=body, params=query, headers=headers
        )


@pytest.fixture(scope="module")
def world(tmp_path_factory: pytest.TempPathFactory) -> World:
    return given_world(tmp_path_factory.mktemp("isolation"))


@pytest.fixture(scope="module")
def nowhere(world: World) -> tuple[object, ...]:
    """Return the page that says there is no such page."""
    world.sit(Actor.STRANGER)
    return seen(world.browser.get("/nowhere/at/all"), {})


def named(screen: Screen) -> str:
    return screen.name


def methods(screen: Screen) -> list[str]:
    return [name for name, handler in (("GET", screen.get), ("POST", screen.post)) if handler]


def seen(answer: httpx2.Response, ids: Mapping[str, str]) -> tuple[object, ...]:
    """Return all that an answer tells, but for its own ids and the ones that were sent."""
    headers = {name: value for name, value in answer.headers.items() if name not in {"x-request-id", "content-length"}}
    told = repr((sorted(headers.items()), answer.text))
    told = re.sub(r"\b[0-9a-f]{32,64}\b", "drawn", told)
    told = re.sub(r"\\r\\n\d+,[^\\]*,exported,[^\\]*", "", told)  # that lists were taken away grows with each try
    for one in sorted({*ids.values(), *(value.lower() for value in ids.values())}, key=len, reverse=True):
        told = told.replace(one, "sent")
    return answer.status_code, told


def is_admitted(screen: Screen, actor: Actor) -> bool | None:
    """Say whether the screen is for this person; None when they are first sent to prove who they are."""
    if screen.who in {Who.ANYONE, Who.SIGNED}:
        return True
    is_desk = screen.who in {Who.STAFF, Who.HALF_STAFF}
    if is_desk != bool(actor.role) or actor is Actor.STRANGER:
        return None
    if actor.value[0] != "marigold":
        return False
    return not is_desk or not screen.roles or actor.role in screen.roles


def sit(world: World, actor: Actor, screen: Screen, *, anew: bool = True) -> None:
    seat: dict[str, object] = {}
    if screen.name in FAMILY_STEP and actor.is_requester:
        people = world.here.people
        seat = {"purpose": FAMILY_STEP[screen.name], "candidates": (people["eva"], people["leo"])}
    elif actor.is_requester:
        seat = {"draft": draft_of(world.here)}
    world.sit(actor, anew=anew, **seat)


def own(world: World, actor: Actor) -> Mapping[str, str]:
    return world.here.others if actor is Actor.LEO else world.here.ids


def sides(world: World, screen: Screen, actor: Actor) -> list[Mapping[str, str]]:
    """Return the unknown ids, the other agency's, and for a family those of the same child's other parent."""
    others = world.here.ids if actor is Actor.LEO else world.here.others
    # A provider is the agency's: both parents sign in there.
    is_theirs = screen.path.startswith("/{agency}") and "{provider}" not in screen.path
    return [world.unknown, world.there.ids, *([others] if is_theirs else [])]


def strange(world: World, screen: Screen, actor: Actor) -> Iterator[Mapping[str, str]]:
    """Yield somebody's own ids with one of them exchanged for a strange one."""
    for kind in TAKEN[screen.name].path.values():
        yield from ({**own(world, actor), kind: side[kind]} for side in sides(world, screen, actor))
        yield {**own(world, actor), kind: "not-an-id-at-all"}


def test_every_screen_of_an_agency_says_which_ids_it_takes() -> None:
    assert TAKEN.keys() == {screen.name for screen in BELOW}
    for screen in BELOW:
        assert set(re.findall(r"{(\w+)}", screen.path)) == {"agency", *TAKEN[screen.name].path}, screen.name


@pytest.mark.parametrize("actor", Actor, ids=lambda actor: actor.name.lower())
@pytest.mark.parametrize("screen", BELOW, ids=named)
def test_whoever_may_not_gets_one_page_and_leaves_nothing(
    world: World, nowhere: tuple[object, ...], screen: Screen, actor: Actor
) -> None:
    admitted = is_admitted(screen, actor)
    tried = [*([] if admitted else [own(world, actor)]), *strange(world, screen, actor)]
    sit(world, actor, screen, anew=False)  # whom nothing is given, nothing is taken from either
    before = world.kept()
    for method in methods(screen):
        for ids in tried:
            answer = Probe(screen, method, ids).send(world)
            assert world.kept() == before, (method, ids)
            if admitted is None:
                assert answer.status_code == 303
                assert answer.content == b""
                assert re.fullmatch(r"(/desk)?/marigold/(phone|sign-in)(\?next=.*)?", answer.headers["location"])
            else:
                assert seen(answer, {}) == nowhere, (method, ids)


@pytest.mark.parametrize("screen", [one for one in BELOW if TAKEN[one.name].form or TAKEN[one.name].query], ids=named)
def test_a_foreign_id_in_a_field_does_what_an_unknown_one_does(world: World, screen: Screen) -> None:
    takes = TAKEN[screen.name]
    for actor in [one for one in Actor if is_admitted(screen, one) and one is not Actor.LEO]:  # EVA tries his
        for where, method, kinds in (("form", "POST", takes.form), ("query", "GET", takes.query)):
            if method not in methods(screen):
                continue
            for kind in kinds.values():
                told = []
                for side in sides(world, screen, actor):
                    ids = {**own(world, actor), kind: side[kind]}
                    sit(world, actor, screen)
                    before = world.kept()
                    told.append(seen(Probe(screen, method, ids, where).send(world), {kind: side[kind]}))
                    after = world.kept()
                    changed = {name for name, mark in after.items() if mark != before[name]}
                    assert changed <= takes.writes, (actor, kind, changed)
                assert len(set(told)) == 1, (actor, kind, told)


@pytest.mark.parametrize("screen", [one for one in BELOW if one.post], ids=named)
def test_a_form_from_another_site_changes_nothing_for_whoever_may_use_it(world: World, screen: Screen) -> None:
    for actor in [one for one in Actor if is_admitted(screen, one)]:
        sit(world, actor, screen)
        before = world.kept()
        answer = Probe(screen, "POST", world.here.ids).send(world, **{"sec-fetch-site": "cross-site"})
        assert answer.status_code == 403
        assert world.kept() == before


@pytest.mark.parametrize("screen", [one for one in BELOW if TAKEN[one.name].path and one.who is Who.STAFF], ids=named)
def test_a_script_of_the_desk_learns_no_more_than_a_page(
    world: World, nowhere: tuple[object, ...], screen: Screen
) -> None:
    actor = next(one for one in Actor if is_admitted(screen, one))
    for ids in strange(world, screen, actor):
        sit(world, actor, screen)
        answer = Probe(screen, methods(screen)[0], ids).send(world, **{"hx-request": "true"})
        assert seen(answer, {}) == nowhere


@pytest.fixture(scope="module")
def own_world(tmp_path_factory: pytest.TempPathFactory) -> World:
    """Return a world in which what is granted may leave its traces."""
    return given_world(tmp_path_factory.mktemp("own"))


@pytest.mark.parametrize("screen", BELOW, ids=named)
def test_the_same_screen_opens_with_ones_own_ids(own_world: World, screen: Screen) -> None:
    """Show that the refusals above are about the id: nobody who may, with their own ids, meets the empty page."""
    actor = next(one for one in Actor if is_admitted(screen, one))
    for method in methods(screen):
        sit(own_world, actor, screen)
        answer = Probe(screen, method, own_world.here.ids).send(own_world)
        assert answer.status_code in {200, 303, 400, 403, 409, 422}, (method, answer.status_code)  # 400: no sign-in
