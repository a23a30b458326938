"""What can be wrong with an answer, as codes: the words stand once, in templates/family/faults.html."""

from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum


class Mistake(StrEnum):
    """One kind of mistake or refusal that a family can read."""

    NUMBER_EMPTY = "number_empty"
    NUMBER_UNREADABLE = "number_unreadable"
    NUMBER_NOT_ALLOWED = "number_not_allowed"
    CODE_EMPTY = "code_empty"
    CODE_NOT_NUMBERS = "code_not_numbers"
    CODE_COUNT = "code_count"
    CODE_WRONG = "code_wrong"
    CODE_EXPIRED = "code_expired"
    TOO_SOON = "too_soon"
    TOO_MANY = "too_many"
    TEXTS_PAUSED = "texts_paused"
    SPENT = "spent"
    PAUSED = "paused"
    CLOSED_TODAY = "closed_today"
    LOCKED = "locked"
    SESSION_ENDED = "session_ended"
    PASSKEY_FAILED = "passkey_failed"
    PASSKEYS_FULL = "passkeys_full"
    WHO_MISSING = "who_missing"
    STUDENT_NUMBER_EMPTY = "student_number_empty"
    STUDENT_NUMBER_WRONG = "student_number_wrong"
    STUDENT_MISSING = "student_missing"
    KIND_MISSING = "kind_missing"
    DELIVERY_MISSING = "delivery_missing"
    NOTHING_WRONG = "nothing_wrong"
    NOTHING_TO_DELETE = "nothing_to_delete"
    VALUE_MISSING = "value_missing"
    VALUE_IMPOSSIBLE = "value_impossible"
    DETAILS_LONG = "details_long"
    FILE_KIND = "file_kind"
    FILE_BIG = "file_big"
    FILE_PIXELS = "file_pixels"
    FILE_LOCKED = "file_locked"
    FILE_UNREADABLE = "file_unreadable"
    MESSAGE_EMPTY = "message_empty"
    MESSAGE_LONG = "message_long"
    ALREADY_ASKED = "already_asked"
    CHANGED = "changed"
    NAME_EMPTY = "name_empty"
    NAME_LONG = "name_long"
    NAME_LOCKED = "name_locked"
    GRANT_OVER = "grant_over"
    PASSWORD_SHORT = "password_short"  # noqa: S105 - the name of a mistake
    PASSWORD_LONG = "password_long"  # noqa: S105 - the same
    PASSWORD_KNOWN = "password_known"  # noqa: S105 - the same
    PASSWORD_REPEATS = "password_repeats"  # noqa: S105 - the same
    PASSWORD_NAMES = "password_names"  # noqa: S105 - the same
    PASSWORD_NOT_TAKEN = "password_not_taken"  # noqa: S105 - the same
    SIGN_IN_WRONG = "sign_in_wrong"
    SIGN_IN_PAUSED = "sign_in_paused"
    SIGN_IN_LOCKED = "sign_in_locked"


@dataclass(frozen=True, slots=True)
class Fault:
    """One mistake and where it is. ``field`` is the id of the input that the summary leads to, empty for none.

    ``count`` is a number of digits, tries, seconds or letters; ``at`` an instant or a day, as the words need it.
    ``words`` are in the reader's language already: countries, or a number as it is written at home.
    """

    mistake: Mistake
    field: str = ""
    count: int = 0
    at: datetime | date | None = None
    element: str = ""
    reference: str = ""
    words: str = ""
