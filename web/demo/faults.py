"""Plants every kind of broken row into a district, and says where an importer should find it."""

from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import timedelta
from typing import Final

from rightsdesk.web.demo.cast import Member, Relation
from rightsdesk.web.demo.district import District

_PLAIN: Final = Member("", "student", "Bad", "Row", age=10, grade="05", username="bad-row")


@dataclass(frozen=True, slots=True)
class Planted:
    """A fault: file, physical line (the header is line 1), and the code it should get."""

    file: str
    line: int
    code: str
    column: str = ""


def plant_faults(district: District) -> list[Planted]:
    """Add one of each kind of broken row at the end of the files; return what should be found, by kind."""
    return [planted for number, plant in enumerate(_FAULTS) for planted in plant(district, f"x-{number}")]


def _users(change: Callable[[Member], Member], code: str, column: str) -> Callable[[District, str], list[Planted]]:
    def plant(district: District, sourced_id: str) -> list[Planted]:
        line = district.member(change(replace(_PLAIN, sourced_id=sourced_id)))
        return [Planted("users.csv", line, code, column)]

    return plant


def _raw(shape: Callable[[str, int], bytes], *codes: str, column: str = "") -> Callable[[District, str], list[Planted]]:
    """Plant bytes that are no record; each code is for one physical line from there."""

    def plant(district: District, sourced_id: str) -> list[Planted]:
        sheet = district.sheets["users"]
        width = sheet.lines[0].count(b",") + 1
        line = sheet.add_raw(shape(sourced_id, width))
        return [Planted("users.csv", line + offset, code, column) for offset, code in enumerate(codes)]

    return plant


def _birth(text: Callable[[District], str], code: str) -> Callable[[District, str], list[Planted]]:
    def plant(district: District, sourced_id: str) -> list[Planted]:
        district.member(replace(_PLAIN, sourced_id=sourced_id, age=None))
        line = district.sheets["demographics"].add([sourced_id, "", "", text(district), *[""] * 12])
        return [Planted("demographics.csv", line, code, "birthDate")]

    return plant


def _role(values: Callable[[str], list[str]], code: str, column: str) -> Callable[[District, str], list[Planted]]:
    def plant(district: District, sourced_id: str) -> list[Planted]:
        if "roles" not in district.sheets:
            return []
        line = district.sheets["roles"].add(values(sourced_id))
        return [Planted("roles.csv", line, code, column)]

    return plant


def _twice(district: District, sourced_id: str) -> list[Planted]:
    first = district.member(replace(_PLAIN, sourced_id=sourced_id))
    sheet = district.sheets["users"]
    line = sheet.add_raw(sheet.lines[first - 1])
    return [Planted("users.csv", line, "duplicate_sourced_id", "sourcedId")]


def _enabled(district: District, sourced_id: str) -> list[Planted]:
    line = district.member(replace(_PLAIN, sourced_id=sourced_id))
    lines = district.sheets["users"].lines
    lines[line - 1] = lines[line - 1].replace(b",true,", b",yes,", 1)
    return [Planted("users.csv", line, "bad_enum", "enabledUser")]


def _orphan(district: District, sourced_id: str) -> list[Planted]:
    line = district.sheets["demographics"].add([sourced_id, "", "", "2015-05-05", *[""] * 12])
    return [Planted("demographics.csv", line, "dangling_ref", "sourcedId")]


_FAULTS: Final = (
    _twice,
    _enabled,
    _orphan,
    _users(lambda one: replace(one, sourced_id="no good id"), "bad_sourced_id", "sourcedId"),
    _users(lambda one: replace(one, family=""), "missing_required", "familyName"),
    _users(lambda one: replace(one, given=""), "missing_required", "givenName"),
    _users(lambda one: replace(one, username=""), "empty_username", "username"),
    _users(lambda one: replace(one, number="call the office"), "unparseable_phone", "sms"),
    _users(lambda one: replace(one, relations=(Relation("nobody"),)), "dangling_ref", "agentSourcedIds"),
    _users(lambda one: replace(one, relations=(Relation(one.sourced_id),)), "agent_self", "agentSourcedIds"),
    _users(lambda one: replace(one, relations=(Relation("s-mateo"),)), "not_student_and_adult", "agentSourcedIds"),
    _raw(lambda one, _: f"{one},,,true\n".encode(), "short_row"),
    _raw(lambda one, width: f"{one}{',' * width}\n".encode(), "long_row"),
    _raw(lambda one, width: f"{one},,,true,Ren".encode() + b"\xe9" + b"," * (width - 5) + b"\n", "invalid_utf8"),
    _raw(lambda one, width: f'{one},,,true,say "hello{"," * (width - 5)}\n'.encode(), "stray_quote"),
    _raw(lambda one, width: f"{one}{',' * (width - 1)}\n".encode(), "missing_required", column="givenName"),
    _raw(
        lambda one, width: f'{one},,,true,"Line\nbreak"{"," * (width - 5)}\n'.encode(),
        "embedded_newline",
        "embedded_newline",
    ),
    _birth(lambda _: "1/05/2016", "bad_date"),
    _birth(lambda district: (district.plan.today + timedelta(days=400)).isoformat(), "future_date"),
    _birth(lambda _: "1950-01-01", "implausible_age"),
    _role(lambda one: [f"r-{one}", "", "", "p-elena", "secondary", "pupil", "", "", "mgd", ""], "bad_enum", "role"),
    _role(
        lambda one: [f"r-{one}", "", "", "p-elena", "secondary", "parent", "", "", "nowhere", ""],
        "dangling_ref",
        "orgSourcedId",
    ),
    _role(
        lambda one: [f"r-{one}", "", "", "nobody", "primary", "parent", "", "", "mgd", ""],
        "dangling_ref",
        "userSourcedId",
    ),
)
