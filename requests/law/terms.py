"""The closed vocabularies that the law files use."""

from enum import StrEnum
from typing import Final


class Right(StrEnum):
    """What a law lets a person ask for."""

    ACCESS = "access"
    CORRECTION = "correction"
    ERASURE = "erasure"
    RESTRICTION = "restriction"
    OBJECTION = "objection"
    COMPLAINT = "complaint"
    PORTABILITY = "portability"
    HEARING = "hearing"
    RECORD_OF_DISCLOSURES = "record_of_disclosures"
    BREACH_NOTICE = "breach_notice"


ALWAYS_TAKEN: Final = (Right.ACCESS, Right.CORRECTION, Right.ERASURE)
TAKEN_WHERE_GRANTED: Final = (Right.RESTRICTION, Right.OBJECTION, Right.COMPLAINT)


class Region(StrEnum):
    """Where the agency and its data are."""

    US = "us"
    EU = "eu"
    UK = "uk"


class Reach(StrEnum):
    """The kind of data a law is about; for other data it gives no right and limits no ground."""

    EDUCATION_RECORD = "education_record"
    SPECIAL_EDUCATION = "special_education"
    SURVEYS = "surveys"
    SOCIAL_MEDIA = "social_media"
    COLLECTED_UNDER_13 = "collected_under_13"
    HELD_BY_OPERATOR = "held_by_operator"
    ANY = "any"


class Unit(StrEnum):
    """What a limit is counted in; the words after ``HOURS`` carry no number."""

    CALENDAR_DAYS = "calendar_days"
    BUSINESS_DAYS = "business_days"
    SCHOOL_DAYS = "school_days"
    MONTHS = "months"
    HOURS = "hours"
    NONE = "none"
    REASONABLE_TIME = "reasonable_time"
    ON_REQUEST = "on_request"
    CONTRACT = "contract"
    NO_RIGHT = "no_right"
    NO_LIMIT = "no_limit"
    BEFORE_ACTIVITY = "before_activity"
    AGENCY_NOTICE_PERIOD = "agency_notice_period"
    BOARD_POLICY = "board_policy"
    MOST_EXPEDIENT_TIME = "most_expedient_time"
    AS_SOON_AS_POSSIBLE = "as_soon_as_possible"
    AS_SOON_AS_PRACTICABLE = "as_soon_as_practicable"
    WITHOUT_UNDUE_DELAY = "without_undue_delay"
    WRITTEN_EXPLANATION = "written_explanation"


COUNTED: Final = frozenset({Unit.CALENDAR_DAYS, Unit.BUSINESS_DAYS, Unit.SCHOOL_DAYS, Unit.MONTHS, Unit.HOURS})


class Trigger(StrEnum):
    """The event that starts a clock; "x_or_y" is whichever happens."""

    RECEIPT = "receipt"
    DATE_OF_REQUEST = "date_of_request"
    RELEVANT_TIME = "relevant_time"
    REQUEST_FOR_HEARING = "request_for_hearing"
    APPEAL_RECEIVED = "appeal_received"
    HEARING_HELD = "hearing_held"
    HEARING_CLOSED = "hearing_closed"
    AWARENESS = "awareness"
    CONFIRMATION = "confirmation"
    DETERMINATION = "determination"
    DISCOVERY = "discovery"
    DISCOVERY_OR_NOTIFICATION = "discovery_or_notification"
    DISCOVERY_OR_VENDOR_NOTICE = "discovery_or_vendor_notice"
    VENDOR_NOTICE_RECEIVED = "vendor_notice_received"
    VENDOR_NOTICE_RECEIVED_OR_DETERMINATION = "vendor_notice_received_or_determination"
    VENDOR_NOTICE_RECEIVED_OR_DISCOVERY = "vendor_notice_received_or_discovery"
    INDIVIDUALS_NOTIFIED = "individuals_notified"
    TURNS_18_OR_LEAVES = "turns_18_or_leaves"
    VIOLATION_OR_KNOWLEDGE = "violation_or_knowledge"
    ANNUAL_NOTICE = "annual_notice"


# A clock of any other trigger says nothing about when a filed request must be answered.
STARTED_BY_THE_PERSON: Final = frozenset(
    {
        Trigger.RECEIPT,
        Trigger.DATE_OF_REQUEST,
        Trigger.RELEVANT_TIME,
        Trigger.REQUEST_FOR_HEARING,
        Trigger.APPEAL_RECEIVED,
        Trigger.HEARING_HELD,
        Trigger.HEARING_CLOSED,
    }
)


class Roll(StrEnum):
    """Whether a last day on a weekend or holiday moves on."""

    NONE = "none"
    NEXT_WORKING_DAY = "next_working_day"


class Cap(StrEnum):
    """A second limit that the date may not pass."""

    NONE = "none"
    DAY_BEFORE_MEETING = "day_before_meeting"
    STATE_LEA_DEADLINE = "state_lea_deadline"


class ExtensionFrom(StrEnum):
    """The point an extension is counted from.

    ``START_OR_FIRST_END`` is the earlier of the two readings of GDPR Art 12(3): from the start, or from the end of
    the first month.
    """

    NONE = "none"
    START = "start"
    START_OR_FIRST_END = "start_or_first_end"
    ORIGINAL_DUE = "original_due"
    ACKNOWLEDGEMENT = "acknowledgement"
    HOLD_LIFTED = "hold_lifted"


class Pause(StrEnum):
    """What a question to the person does to the clock."""

    NONE = "none"
    STARTS_WHEN_IDENTITY_RECEIVED = "starts_when_identity_received"
    EXCLUDE_DAYS_INCLUSIVE = "exclude_days_inclusive"
    SUSPEND_ELAPSED_IF_ASKED_PROMPTLY = "suspend_elapsed_if_asked_promptly"


class Decider(StrEnum):
    """Who decides under a rule."""

    AGENCY = "agency"
    STATE_AGENCY = "state_agency"
    CONTROLLER = "controller"
    OPERATOR = "operator_vendor"
    OPERATOR_OR_CONSENTING_SCHOOL = "operator_vendor_or_agency_when_school_consented"
    OPERATOR_ON_INSTRUCTION = "vendor_on_agency_instruction"
    US_ED_SPPO = "us_ed_sppo"
    SUPERVISORY_AUTHORITY = "supervisory_authority"


# These rights are used at a public office, not at the agency: they are named in letters, never decided here.
OUTSIDE_THE_PORTAL: Final = frozenset({Decider.US_ED_SPPO, Decider.SUPERVISORY_AUTHORITY})


class Certainty(StrEnum):
    """How well a rule's deadline, trigger and actor are known."""

    TEXT = "text"
    SECONDARY = "secondary"
    PARTIAL = "partial"
    MEMORY = "memory"


class GroundKind(StrEnum):
    """How a ground may be used."""

    STANDING = "standing"
    FACT = "fact"
    ROUTING = "routing"
    NO_RIGHT = "no_right"
    LAW = "law"


class RequesterKind(StrEnum):
    """Who asks, by the words of the laws; the last three receive notices and never ask."""

    PARENT = "parent"
    GUARDIAN = "guardian"
    ELIGIBLE_STUDENT = "eligible_student"
    PARENT_OF_DEPENDENT = "parent_of_dependent"
    STUDENT_OWN_MINOR = "student_own_minor"
    STUDENT_16_OR_GRADE10 = "student_16_or_grade10"
    STUDENT_14_UNACCOMPANIED = "student_14_unaccompanied"
    STUDENT_ANY_AGE_PERMANENT = "student_any_age_permanent"
    PARENT_OF_UNDER_13 = "parent_of_under_13"
    DATA_SUBJECT = "data_subject"
    PARENTAL_RESPONSIBILITY = "parental_responsibility"
    REPRESENTATIVE = "representative"
    STATE_DATA_SUBJECT = "state_data_subject"
    FORMER_STUDENT_PARENT = "former_student_parent"
    AGENCY = "agency"
    AFFECTED_PERSON = "affected_person"
    REGULATOR = "regulator"
