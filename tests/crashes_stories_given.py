"""The main job as stories: what people and the worker do, one thing after the other, each of them repeatable."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from io import BytesIO
from typing import Final
from zipfile import is_zipfile

from crashes_lives_given import HOLDS, LOOKS, Scene, Step, proved, reference_in, seat
from family_given import field_value
from fulfilment_given import DANA, PRIYA
from PIL import Image
from sqlmodel import select

from rightsdesk.requests.cases.case import Case, Kind
from rightsdesk.requests.fulfilment.tables import HoldingRow
from rightsdesk.web.duties import DUTIES

ANSWER: Final = "We looked at the birth certificate and it says Quillfeather."


@dataclass(frozen=True, slots=True)
class Story:
    """A stage of the main job. ``floor`` is how many places to die it has at least.

    ``again`` names the acts that somebody may have to do once more when the portal died under them, and how often.
    """

    steps: tuple[Step, ...]
    floor: int
    before: Callable[[Scene], object] = bool
    again: Mapping[str, int] = field(default_factory=dict)


def _prove(scene: Scene) -> None:
    proved(scene)


def _choose(scene: Scene) -> None:
    scene.send("eva", "/marigold/student", {"student": str(scene.person("ana"))})
    assert scene.send("eva", "/marigold/ask", {"kind": "correction"}).path == "/marigold/details"


def _fill_in(scene: Scene) -> None:
    fields = {"elements": "name.family", "correction.name.family": "Quillfether", "details": "It is spelled wrong."}
    page = scene.send("eva", "/marigold/details", fields, evidence=("passport.png", _photo(), "image/png"))
    assert page.path == "/marigold/check", page.text[:300]
    scene.note("once", field_value(page.text, "once"))


def _photo() -> bytes:
    written = BytesIO()
    Image.new("RGB", (40, 30), "teal").save(written, "PNG")
    return written.getvalue()


def _send(scene: Scene) -> None:
    page = scene.send("eva", "/marigold/check", {"once": scene.book["once"]})
    page.says("Request sent")
    scene.note("sent", reference_in(page.path))


def _work(scene: Scene) -> None:
    scene.work()


def _look(scene: Scene) -> None:
    """Open the request at the desk and remember the version that the page would send back."""
    page = scene.open("priya", f"/desk/marigold/cases/{scene.book['reference']}")
    scene.note("version", field_value(page.text, "version"))


def _rule(who: str, *already: str, later: int = 0, **fields: str) -> Step:
    """Return the pressing of a button at the desk; ``already`` is what the page says where it was pressed before."""

    def rule(scene: Scene) -> None:
        version = str(int(scene.book["version"]) + later)
        path = f"/desk/marigold/cases/{scene.book['reference']}/decision"
        page = scene.send(who, path, {"version": version, "outcome": "approve", **fields})
        page.says("Nothing is sent before", "Deletion proposed", *already)
        assert page.status in {200, 403, 409}, page.status

    return rule


def _undo(scene: Scene) -> None:
    version = str(int(scene.book["version"]) + 1)
    path = f"/desk/marigold/cases/{scene.book['reference']}/undo"
    page = scene.send("priya", path, {"version": version})
    assert page.status in {200, 409}, page.status


def _hold_over(scene: Scene) -> None:
    scene.wait(minutes=11)
    scene.work(HOLDS)


def _fetch(scene: Scene) -> None:
    path = f"/marigold/requests/{scene.book['reference']}/package"
    got = scene.send("eva", path)
    if got.path == "/marigold/code":
        scene.work()
        assert scene.send("eva", "/marigold/code", {"code": _code(scene)}).status == 200
        got = scene.send("eva", path)
    assert is_zipfile(BytesIO(got.content)), got.path


def _code(scene: Scene) -> str:
    return scene.newest_code()[-6:]


def _say(scene: Scene) -> None:
    reference = scene.book["reference"]
    page = scene.send("eva", f"/marigold/requests/{reference}/messages", {"message": "I have her passport here."})
    page.says("I have her passport here.")


def _take_back(scene: Scene) -> None:
    scene.send("eva", f"/marigold/requests/{scene.book['reference']}/withdraw").says("You took this back")


def _asked(kind: Kind, whom: str, *elements: str, **proposed: str) -> Callable[[Scene], Case]:
    def before(scene: Scene) -> Case:
        district = scene.district
        (case,) = district.ask(kind, scene.person("eva"), scene.person(whom), *elements, **proposed)
        scene.note("reference", case.reference)
        seat(scene, PRIYA, DANA)
        return case

    return before


def _held_and_asked(scene: Scene) -> Case:
    scene.district.hold(scene.person("ana"))
    return _asked(Kind.ACCESS, "ana")(scene)


def _packed(scene: Scene) -> None:
    case = _held_and_asked(scene)
    scene.district.grant(case)
    scene.district.work_off()


def _about_to_go(scene: Scene) -> None:
    """Let Bo's mother have a copy of everything, then ask that all of it be deleted."""
    district, bo = scene.district, scene.person("bo")
    district.hold(bo)
    (copy,) = district.ask(Kind.ACCESS, scene.person("eva"), bo)
    district.grant(copy)
    district.work_off()
    with district.looking() as docket:
        rows = docket.session.exec(select(HoldingRow).where(HoldingRow.person == bo)).all()
        scene.note("doomed", {str(row.id): row.content.hex() for row in rows})
    _asked(Kind.ERASURE, "bo", "account")(scene)
    district.work_off()


def _filed(kind: Kind, whom: str, *elements: str, **proposed: str) -> Callable[[Scene], None]:
    def before(scene: Scene) -> None:
        _asked(kind, whom, *elements, **proposed)(scene)
        scene.district.work_off()

    return before


def _wait_a_week(scene: Scene) -> None:
    scene.wait(days=8)
    scene.work(HOLDS, LOOKS)


def _wait_two_weeks(scene: Scene) -> None:
    scene.wait(days=15)
    scene.work(*DUTIES)


_SPELLED: Final = {"name__family": "Quillfether"}
# Who pressed again asked again: that is a second act of theirs, not of the portal.
_PROOF: Final = {"code_asked": 1, "code_sent": 1, "code_right": 1, "signed_in": 1, "code_refused": 1}
_LOOKS: Final = {"viewed": 1}
STORIES: Final[Mapping[str, Story]] = {
    "proving": Story((_prove,), 12, again=_PROOF),
    "filing": Story((_choose, _fill_in, _send, _work), 18, _prove, again=_PROOF),
    "correcting": Story(
        (_look, _rule("priya", "Approved by Priya"), _hold_over),
        30,
        _filed(Kind.CORRECTION, "ana", **_SPELLED),
        again=_LOOKS,
    ),
    "refusing": Story(
        (_look, _rule("priya", "Denied by Priya", outcome="deny", ground="ACCURATE", text=ANSWER), _undo, _hold_over),
        20,
        _filed(Kind.CORRECTION, "ana", **_SPELLED),
        again=_LOOKS,
    ),
    "collecting": Story((_look, _rule("priya", "Approved by Priya"), _hold_over), 30, _held_and_asked, again=_LOOKS),
    "fetching": Story(
        (_prove, _fetch, _wait_two_weeks), 30, _packed, again={**_PROOF, "downloaded": 1, "retention_ran": 1}
    ),
    "erasing": Story(
        (
            _look,
            _rule("priya", "Another person must agree", "Somebody changed this request"),
            _rule("dana", "Approved by", later=1),
            _hold_over,
            _wait_a_week,
        ),
        60,
        _about_to_go,
        again=_LOOKS,
    ),
    "talking": Story((_prove, _say, _take_back, _work), 30, _filed(Kind.ACCESS, "ana"), again=_PROOF),
}
# What one program tries, so that as many as a machine has hands can work at once.
PARTS: Final = (
    ("erasing",),
    ("collecting",),
    ("fetching", "talking"),
    ("correcting", "refusing"),
    ("proving", "filing"),
)
# On a server a place is tried once in all stories of a program; with how many of its own each has at least.
SERVER_PARTS: Final[tuple[Mapping[str, int], ...]] = (
    {"proving": 8, "filing": 16, "talking": 8, "fetching": 18},
    {"correcting": 20, "refusing": 6, "collecting": 6, "erasing": 26},
)
