"""Marigold Unified School District: a made-up roster in the OneRoster form, the same for the same seed and day."""

import csv
import io
import zipfile
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from datetime import date, timedelta
from hashlib import sha256
from pathlib import Path
from typing import Final

from rightsdesk.web.demo.cast import STORY, Member, People, Relation

NAME: Final = "Marigold Unified School District"
SYSTEM: Final = "Marigold student information"
DISTRICT: Final = "mgd"
SCHOOLS: Final = (
    ("mgd-elementary", "Poppy Hill Elementary", range(6)),
    ("mgd-middle", "Larkspur Middle School", range(6, 9)),
    ("mgd-high", "Foothill High School", range(9, 13)),
)
GRADES: Final = ("KG", "01", "02", "03", "04", "05", "06", "07", "08", "09", "10", "11", "12")
_ZIPPED_AT: Final = (2026, 8, 1, 2, 0, 0)
_GIVEN_NAMES: Final = """Ada Amir Beatriz Björn Carmen Chidi Dana Emi Esther Farid Grace Hugo Inés Jamal Kateri Leo Lina
    Łucja Malik Mei Naomi Omar Paula Quinn Ravi Rosa Siobhán Tariq Uma Viktor Wanda Ximena Yara Zoë"""
_FAMILY_NAMES: Final = """Abara Begay Castillo Dvořák Eriksen Fontaine Grünwald Hashemi Ito Jankowski Kealoha Lindqvist
    Muñoz Novak O'Hara Pereira Quispe Rahman Silva Tanaka Ueda Vance Whitfield Xiong Yazzie Zamora"""
_GIVEN: Final = _GIVEN_NAMES.split()
_FAMILY: Final = _FAMILY_NAMES.split()
_HEADS: Final = {
    "orgs": "name type identifier parentSourcedId",
    "demographics": """birthDate sex americanIndianOrAlaskaNative asian blackOrAfricanAmerican
        nativeHawaiianOrOtherPacificIslander white demographicRaceTwoOrMoreRaces hispanicOrLatinoEthnicity
        countryOfBirthCode stateOfBirthAbbreviation cityOfBirth publicSchoolResidenceStatus""",
    "roles": "userSourcedId roleType role beginDate endDate orgSourcedId userProfileSourcedId",
    "users 1.1": """enabledUser orgSourcedIds role username userIds givenName familyName middleName identifier email sms
        phone agentSourcedIds grades password""",
    "users 1.2": """enabledUser username userIds givenName familyName middleName identifier email sms phone
        agentSourcedIds grades password userMasterIdentifier preferredGivenName preferredMiddleName preferredFamilyName
        primaryOrgSourcedId pronouns""",
}


@dataclass(frozen=True, slots=True)
class Plan:
    """Which district to make: how many students, from which seed, and the day their ages are counted from.

    ``secrets`` fills passwords and sex, which a real feed may hold and an import must drop.
    """

    today: date
    students: int = 300
    seed: int = 7
    version: str = "1.2"
    secrets: bool = False


@dataclass(slots=True)
class Sheet:
    """One file of the package as its physical lines; the header is line 1."""

    name: str
    lines: list[bytes] = field(default_factory=list)

    def add(self, values: Sequence[str]) -> int:
        """Append a record and return the line on which it stands."""
        text = io.StringIO()
        csv.writer(text, lineterminator="\n").writerow(values)
        return self.add_raw(text.getvalue().encode())

    def add_raw(self, raw: bytes) -> int:
        """Append bytes as they are and return their first line."""
        self.lines.extend(raw.splitlines(keepends=True))
        return len(self.lines) - raw.count(b"\n") + 1


class _Dice:
    """Numbers that look like chance and are the same for the same seed on every machine."""

    def __init__(self, seed: str) -> None:
        self._seed, self._rolls = seed, 0

    def roll(self, sides: int) -> int:
        """Return a number from 0 to one below ``sides``."""
        self._rolls += 1
        return int.from_bytes(sha256(f"{self._seed}/{self._rolls}".encode()).digest()[:6], "big") % sides

    def pick(self, choices: Sequence[str]) -> str:
        """Return one of these."""
        return choices[self.roll(len(choices))]


@dataclass(slots=True)
class District:
    """A district being written down."""

    plan: Plan
    sheets: dict[str, Sheet] = field(default_factory=dict)
    dice: _Dice = field(init=False)
    numbers: int = 0

    def __post_init__(self) -> None:
        self.dice = _Dice(f"{self.plan.seed}/{self.plan.students}")
        names = ["orgs", "users", "demographics", *(["roles"] if self.plan.version == "1.2" else [])]
        for name in names:
            head = _HEADS.get(f"{name} {self.plan.version}", _HEADS.get(name, ""))
            self.sheets[name] = Sheet(name)
            self.sheets[name].add(f"sourcedId status dateLastModified {head}".split())

    def build(self) -> "District":
        """Write everybody down: organisations, the story's people, teachers, and families until it is full."""
        orgs = self.sheets["orgs"]
        orgs.add([DISTRICT, "", "", NAME, "district", "0600000", ""])
        for number, (school, name, _) in enumerate(SCHOOLS, start=1):
            orgs.add([school, "", "", name, "school", f"060000{number}", DISTRICT])
        for member in STORY:
            self.member(member)
        for number in range(max(3, self.plan.students // 20)):
            self._teacher(number)
        made, family = sum(member.role == "student" for member in STORY), 0
        while made < self.plan.students:
            family += 1
            made += self._household(family, self.plan.students - made)
        return self

    def member(self, one: Member) -> int:
        """Write one person into all files and return their line in users."""
        school = _school(one.grade) if one.role == "student" else one.school or SCHOOLS[0][0]
        agents = ",".join(relation.other for relation in one.relations)
        user_ids = f"{{sis:{one.student_number}}}" if one.student_number else ""
        password = f"open-sesame-{one.sourced_id}" if self.plan.secrets else ""
        plain = [
            one.username,
            user_ids,
            one.given,
            one.family,
            "",
            one.student_number,
            one.email,
            one.number,
            one.voice,
        ]
        plain += [agents, one.grade, password]
        if one.role == "student" and one.age is not None:
            self._birth(one.sourced_id, self._born(one.age, one.sourced_id))
        if self.plan.version == "1.1":
            return self.sheets["users"].add([one.sourced_id, "", "", "true", school, one.role, *plain])
        for number, role in enumerate((one.role, *one.other_roles)):
            identity = f"r-{one.sourced_id}-{number}"
            kind = "secondary" if number else "primary"
            self.sheets["roles"].add([identity, "", "", one.sourced_id, kind, role, "", "", school, ""])
        preferred = ["", one.preferred, "", "", school, ""]
        return self.sheets["users"].add([one.sourced_id, "", "", "true", *plain, *preferred])

    def _birth(self, sourced_id: str, born: date) -> None:
        private = ["female", "false", "true", *["false"] * 5, "US", "", "", ""] if self.plan.secrets else [""] * 12
        self.sheets["demographics"].add([sourced_id, "", "", born.isoformat(), *private])

    def _born(self, age: int, sourced_id: str) -> date:
        """Return a birthday so long ago that the person is of this age today, and stays so for months."""
        days = 30 + _Dice(f"{self.plan.seed}/{sourced_id}").roll(200)
        year = self.plan.today.year - age
        return self.plan.today.replace(year=year, day=min(self.plan.today.day, 28)) - timedelta(days=days)

    def _teacher(self, number: int) -> None:
        mail = f"teacher{number}@marigold.example"
        school = SCHOOLS[number % len(SCHOOLS)][0]
        given, family = self.dice.pick(_GIVEN), self.dice.pick(_FAMILY)
        self.member(Member(f"t-{number}", "teacher", given, family, username=mail, email=mail, school=school))

    def _household(self, family: int, room: int) -> int:
        """Write one family of one to three children and none to three adults; return the number of children."""
        surname = self.dice.pick(_FAMILY)
        children = [f"s-{family}-{n}" for n in range(min(room, 1 + self.dice.roll(3)))]
        adults = [f"p-{family}-{n}" for n in range((0, 1, 1, 2, 2, 2, 2, 3)[self.dice.roll(8)])]
        school = SCHOOLS[0][0]
        for child in children:
            grade = self.dice.roll(len(GRADES))
            school = _school(GRADES[grade])
            self.member(self._child(child, surname, grade, adults))
        for number, adult in enumerate(adults):
            role = ("parent", "parent", "guardian", "relative")[self.dice.roll(4) if number else 0]
            related = tuple(Relation(child) for child in children)
            mail = f"{adult}@family.example"
            given = self.dice.pick(_GIVEN)
            phone = self._number() if self.dice.roll(10) else ""
            one = Member(adult, role, given, surname, username=mail, email=mail, number=phone, school=school)
            self.member(replace(one, relations=related))
        return len(children)

    def _child(self, sourced_id: str, surname: str, grade: int, adults: Sequence[str]) -> Member:
        age = None if self.dice.roll(33) == 0 else 5 + grade
        has_phone = self.dice.roll(10) < (6 if grade > 7 else 1)
        number = f"{100_000 + int(sha256(sourced_id.encode()).hexdigest()[:8], 16) % 900_000:06d}-{len(sourced_id)}"
        return Member(
            sourced_id,
            "student",
            self.dice.pick(_GIVEN),
            surname,
            age=age,
            grade=GRADES[grade],
            username=sourced_id,
            student_number=f"{number}{sourced_id}",
            email=f"{sourced_id}@students.marigold.example",
            number=self._number() if has_phone else "",
            relations=tuple(Relation(adult) for adult in adults),
        )

    def _number(self) -> str:
        """Return the next made-up number; the story keeps +1 212 555 01xx to itself."""
        self.numbers += 1
        area = ("212", "646", "917")[self.numbers % 3]
        exchange = 220 + (self.numbers // 3) % 300  # 220 to 519: no x11, and never 555
        exchange += exchange % 100 == 11
        digits = f"{(self.numbers * 37 + self.numbers // 900) % 10_000:04d}"  # distinct, and no two look alike
        written = (f"+1{area}{exchange}{digits}", f"({area}) {exchange}-{digits}", f"{area}-{exchange}-{digits}")
        return written[self.numbers % len(written)]


def people() -> People:
    """Return who is who in the story, with the ids and numbers the roster gives them."""
    return People()


def write_package(path: Path, *, students: int, seed: int, today: date, version: str = "1.2") -> District:
    """Write the district's roster as a OneRoster bulk package and return it."""
    plan = Plan(today, students, seed, version)
    district = District(plan).build()
    pack(path, plan, tuple(district.sheets.values()))
    return district


def pack(path: Path, plan: Plan, sheets: Sequence[Sheet], system: str = SYSTEM) -> None:
    """Write these files and their manifest as a zip; the same content gives the same bytes."""
    manifest = Sheet("manifest")
    rows = [("propertyName", "value"), ("manifest.version", "1.0"), ("oneroster.version", plan.version)]
    rows += [(f"file.{sheet.name}", "bulk") for sheet in sheets]
    for row in [*rows, ("source.systemName", system)]:
        manifest.add(row)
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as package:
        for sheet in (manifest, *sheets):
            package.writestr(
                zipfile.ZipInfo(f"{sheet.name}.csv", _ZIPPED_AT), b"".join(sheet.lines), zipfile.ZIP_DEFLATED
            )


def _school(grade: str) -> str:
    place = GRADES.index(grade)
    return next(school for school, _, grades in SCHOOLS if place in grades)
