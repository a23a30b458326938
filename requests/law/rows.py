"""A rule, a ground, a notice and a law as values, each with its source."""

from dataclasses import dataclass

from rightsdesk.requests.law.terms import (
    COUNTED,
    Cap,
    Certainty,
    Decider,
    ExtensionFrom,
    GroundKind,
    Pause,
    Reach,
    Region,
    RequesterKind,
    Right,
    Roll,
    Trigger,
    Unit,
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Rule:
    """One duty of one law: what must happen, by when, and where it is written.

    ``deadline`` counts ``unit``; a unit without a number falls back to ``policy_deadline``. ``certainty`` covers the
    deadline, its trigger and the actor, and ``basis`` says what it rests on.
    """

    id: str
    right: Right
    duty: str
    citation: str
    certainty: Certainty
    deadline: int = 0
    unit: Unit = Unit.NONE
    statutory: bool = True
    policy_deadline: int = 0
    policy_unit: Unit = Unit.NONE
    starts: Trigger = Trigger.RECEIPT
    roll: Roll = Roll.NONE
    cap: Cap = Cap.NONE
    extension: int = 0
    extension_unit: Unit = Unit.NONE
    extension_from: ExtensionFrom = ExtensionFrom.NONE
    extension_notice: str = ""
    pause_identity: Pause = Pause.NONE
    pause_clarification: Pause = Pause.NONE
    requesters: tuple[RequesterKind, ...] = ()
    requester_rules: str = ""
    decider: Decider = Decider.AGENCY
    direct_to_operator: bool = False
    refusal_grounds: tuple[str, ...] = ()
    refusal_must_state: tuple[str, ...] = ()
    refusal_should_state: tuple[str, ...] = ()
    approval_must_state: tuple[str, ...] = ()
    approval_should_state: tuple[str, ...] = ()
    fees: str = ""
    retention: str = ""
    basis: str = ""
    notes: str = ""

    @property
    def law(self) -> str:
        """Return the code of the law this rule is part of."""
        return self.id.partition(".")[0]

    @property
    def has_number(self) -> bool:
        """Say whether the law itself gives a number to count."""
        return self.unit in COUNTED and self.deadline > 0

    @property
    def has_clock(self) -> bool:
        """Say whether any date follows from this rule, by law or by policy."""
        return self.has_number or (self.policy_unit in COUNTED and self.policy_deadline > 0)

    @property
    def is_policy(self) -> bool:
        """Say whether its date is the portal's own choice and must be labelled so."""
        return not (self.has_number and self.statutory)

    @property
    def extendable(self) -> bool:
        """Say whether the law gives more time of a stated size (F-31)."""
        return self.extension > 0

    @property
    def binds_operator_only(self) -> bool:
        """Say whether it binds the operator to the agency and gives the family nothing of its own."""
        return self.unit is Unit.CONTRACT or self.requesters == (RequesterKind.AGENCY,)


@dataclass(frozen=True, slots=True)
class Ground:
    """A coded reason to refuse, and the words a family reads; ``shown_as`` replaces it outside the agency."""

    code: str
    kind: GroundKind
    text: str
    shown_as: str = ""


@dataclass(frozen=True, slots=True)
class NoticeCode:
    """Something a letter must say; ``only_if_so`` ones are printed only when it happened."""

    code: str
    text: str
    only_if_so: bool = False


@dataclass(frozen=True, slots=True)
class Requester:
    """A kind of person who may ask, in words."""

    code: RequesterKind
    text: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Jurisdiction:
    """One law: its name, whom it binds, its rules, and what its other letters must or should say."""

    code: str
    name: str
    short: str
    applies_to: str
    region: Region
    kind: str
    residency: str
    rules: tuple[Rule, ...]
    reaches: Reach = Reach.ANY
    extension_must_state: tuple[str, ...] = ()
    extension_should_state: tuple[str, ...] = ()
    late_must_state: tuple[str, ...] = ()
    late_should_state: tuple[str, ...] = ()
    referral_must_state: tuple[str, ...] = ()
    referral_should_state: tuple[str, ...] = ()
