"""The people of the demo's story, whose numbers are the ones kept for fiction: +1 212 555 0100 to 0199."""

from dataclasses import dataclass
from typing import Final


@dataclass(frozen=True, slots=True)
class Relation:
    """Somebody whom the roster relates to a person; it does not say how."""

    other: str


@dataclass(frozen=True, slots=True)
class Member:
    """One person of the district as the roster has them. ``number`` is for texts; ``age`` is None where unknown."""

    sourced_id: str
    role: str
    given: str
    family: str
    age: int | None = None
    grade: str = ""
    student_number: str = ""
    username: str = ""
    email: str = ""
    number: str = ""
    voice: str = ""
    preferred: str = ""
    relations: tuple[Relation, ...] = ()
    other_roles: tuple[str, ...] = ()
    school: str = ""


def _student(sourced_id: str, name: str, age: int | None, grade: str, student_number: str, number: str = "") -> Member:
    given, family = name.split(" ", 1)
    mail = f"{sourced_id}@students.marigold.example"
    return Member(sourced_id, "student", given, family, age, grade, student_number, sourced_id, mail, number)


def _adult(sourced_id: str, name: str, number: str, *children: str, role: str = "parent") -> Member:
    given, family = name.split(" ", 1)
    mail = f"{sourced_id}@family.example"
    relations = tuple(Relation(child) for child in children)
    return Member(sourced_id, role, given, family, username=mail, email=mail, number=number, relations=relations)


# Lucía's family name is misspelt on purpose: it is the correction the story asks for.
LUCIA: Final = _student("s-lucia", "Lucía Delgato", 12, "07", "100001")
MATEO: Final = _student("s-mateo", "Mateo Delgado", 7, "02", "100002")
ELENA: Final = _adult("p-elena", "Elena Delgado", "+12125550100", "s-lucia", "s-mateo")

AMARA: Final = _student("s-amara", "Amara Okafor", 10, "05", "100003")
RUTH: Final = _adult("p-ruth", "Ruth Okafor", "+12125550101", "s-amara")
SAMUEL: Final = _adult("p-samuel", "Samuel Okafor", "+12125550101", "s-amara", role="guardian")

IRIS: Final = _student("s-iris", "Iris Halloran", 9, "04", "100004")
HELEN: Final = _adult("p-helen", "Helen Halloran", "+12125550103", "s-iris")
VICTOR: Final = _adult("p-victor", "Victor Halloran", "+12125550102", "s-iris")

KAI: Final = _student("s-kai", "Kai Brandt", 12, "07", "100005", "+12125550113")
NOOR: Final = _student("s-noor", "Noor Rahimi", 15, "10", "100006", "+12125550111")
TOMAS: Final = _student("s-tomas", "Tomás Varga", 18, "12", "100007", "+12125550112")
WREN: Final = _student("s-wren", "Wren Castell", None, "09", "100008", "+12125550114")

STORY: Final = (LUCIA, MATEO, ELENA, AMARA, RUTH, SAMUEL, IRIS, HELEN, VICTOR, KAI, NOOR, TOMAS, WREN)


@dataclass(frozen=True, slots=True)
class People:
    """The story's people by their part in it; ``restricted`` is a guardian whom the office will stop."""

    parent: Member = ELENA
    misspelt: Member = LUCIA
    sibling: Member = MATEO
    sharing: tuple[Member, Member] = (RUTH, SAMUEL)
    shared_child: Member = AMARA
    restricted: Member = VICTOR
    other_parent: Member = HELEN
    restricted_child: Member = IRIS
    student_12: Member = KAI
    student_15: Member = NOOR
    student_18: Member = TOMAS
    age_unknown: Member = WREN
