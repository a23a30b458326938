"""What the files of a OneRoster package look like, and which columns are read (1EdTech OneRoster CSV 1.1, 1.2)."""

from typing import Final

V1_1: Final = "1.1"
V1_2: Final = "1.2"

_BOTH: Final = [
    "academicSessions",
    "categories",
    "classes",
    "classResources",
    "courses",
    "courseResources",
    "demographics",
    "enrollments",
    "lineItems",
    "orgs",
    "resources",
    "results",
    "users",
]
_NEW_IN_1_2: Final = [
    "roles",
    "userProfiles",
    "userResources",
    "scoreScales",
    "lineItemScoreScales",
    "resultScoreScales",
    "lineItemLearningObjectiveIds",
    "resultLearningObjectiveIds",
]
FILES: Final[dict[str, frozenset[str]]] = {V1_1: frozenset(_BOTH), V1_2: frozenset([*_BOTH, *_NEW_IN_1_2])}

# Only these are opened. What is in the other files is not needed to know who speaks for whom.
READ: Final[dict[str, tuple[str, ...]]] = {
    V1_1: ("orgs", "demographics", "users"),
    V1_2: ("orgs", "roles", "demographics", "users"),
}

_LIFECYCLE: Final = "sourcedId status dateLastModified"
_USER: Final = "givenName familyName middleName identifier email sms phone agentSourcedIds grades password"
_ORGS: Final = "name type identifier parentSourcedId"
_BIRTH: Final = """birthDate sex americanIndianOrAlaskaNative asian blackOrAfricanAmerican
    nativeHawaiianOrOtherPacificIslander white demographicRaceTwoOrMoreRaces hispanicOrLatinoEthnicity
    countryOfBirthCode stateOfBirthAbbreviation cityOfBirth publicSchoolResidenceStatus"""
COLUMNS: Final[dict[tuple[str, str], tuple[str, ...]]] = {
    (version, name): tuple(f"{_LIFECYCLE} {columns}".split())
    for version, name, columns in (
        (V1_1, "orgs", _ORGS),
        (V1_2, "orgs", _ORGS),
        (V1_1, "demographics", _BIRTH),
        (V1_2, "demographics", _BIRTH),
        (V1_2, "roles", "userSourcedId roleType role beginDate endDate orgSourcedId userProfileSourcedId"),
        (V1_1, "users", f"enabledUser orgSourcedIds role username userIds {_USER}"),
        (
            V1_2,
            "users",
            f"""enabledUser username userIds {_USER} userMasterIdentifier resourceSourcedIds preferredGivenName
            preferredMiddleName preferredFamilyName primaryOrgSourcedId pronouns""",
        ),
    )
}

# The columns that are read, in the order of the fields in ``records``; all others are dropped with the line.
PICKED: Final[dict[str, tuple[str, ...]]] = {
    name: tuple(f"{_LIFECYCLE} {columns}".split())
    for name, columns in (
        ("orgs", _ORGS),
        ("roles", "userSourcedId roleType role beginDate endDate orgSourcedId"),
        ("demographics", "birthDate"),
        (
            "users",
            """enabledUser username userIds givenName familyName identifier email sms phone agentSourcedIds grades
            preferredGivenName preferredFamilyName userMasterIdentifier primaryOrgSourcedId orgSourcedIds role""",
        ),
    )
}

# A column we read that is misspelt would look like "nobody has one", so each of these must be there.
_USER_NEEDED: Final = "enabledUser givenName familyName identifier email sms phone agentSourcedIds grades username"
NEEDED: Final[dict[tuple[str, str], tuple[str, ...]]] = {
    (version, name): ("sourcedId", *columns.split())
    for version, name, columns in (
        (V1_1, "orgs", "name type"),
        (V1_2, "orgs", "name type"),
        (V1_1, "demographics", "birthDate"),
        (V1_2, "demographics", "birthDate"),
        (V1_2, "roles", "userSourcedId roleType role orgSourcedId"),
        (V1_1, "users", f"{_USER_NEEDED} orgSourcedIds role"),
        (V1_2, "users", _USER_NEEDED),
    )
}

GRADES: Final = frozenset(
    [
        "IT",
        "PR",
        "PK",
        "TK",
        "KG",
        "01",
        "02",
        "03",
        "04",
        "05",
        "06",
        "07",
        "08",
        "09",
        "10",
        "11",
        "12",
        "13",
        "PS1",
        "PS2",
        "PS3",
        "PS4",
        "UG",
        "Other",
    ]  # CEDS entry grade levels
)
ORG_TYPES: Final = frozenset(["department", "school", "district", "local", "state", "national"])
_FAMILY: Final = "guardian parent relative"
ROLES: Final[dict[str, frozenset[str]]] = {
    V1_1: frozenset(f"administrator aide {_FAMILY} proctor student teacher".split()),
    V1_2: frozenset(
        f"""aide counselor districtAdministrator {_FAMILY} principal proctor siteAdministrator student
        systemAdministrator teacher""".split()
    ),
}
# Seen in real feeds; they mean "works here" and give no right over a child, so a warning is enough.
STAFF_WORDS: Final = frozenset(["administrator", "faculty", "professor", "staff"]) | {
    one.casefold() for one in ROLES[V1_2] - frozenset(_FAMILY.split()) - {"student"}
}
