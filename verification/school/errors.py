"""Why a school sign-in did not work: codes for the ledger and plain words for the office, never the provider's text."""

from enum import StrEnum

from rightsdesk.verification.errors import VerificationProblem


class Why(StrEnum):
    """Why it did not work; families read one page for all of them, the ledger keeps the code."""

    STATE = "state"  # nobody here began it, or it was used, or it is too old
    DENIED = "denied"  # the person said no, or the provider did
    UNREACHABLE = "unreachable"
    SLOW = "slow"
    TOO_LARGE = "too_large"
    REDIRECT = "redirect"
    ADDRESS = "address"  # not https, not a listed origin, or an address inside a network
    DOCUMENT = "document"  # no discovery document, or not one that can be used
    ISSUER = "issuer"
    KEYS = "keys"
    EXCHANGE = "exchange"  # the code bought no token
    TOKEN = "token"  # noqa: S105 - signature, algorithm, header or form of the token
    AUDIENCE = "audience"
    NONCE = "nonce"
    TIME = "time"
    SUBJECT = "subject"
    TENANT = "tenant"
    USERINFO = "userinfo"
    NOT_LINKED = "not_linked"  # nobody on record, or several
    PARTED = "parted"  # linked once, and taken apart
    AGE = "age"  # under 13, or nobody knows
    TOO_OFTEN = "too_often"  # begun from one place again and again
    TAKEN = "taken"  # the account is linked to somebody else


class SchoolProblem(VerificationProblem):
    """A school sign-in that ends here; ``detail`` is a short code of ours that may stand in the ledger."""

    is_down = False

    def __init__(self, why: Why, words: str = "", detail: str = "") -> None:
        super().__init__(words or f"The school sign-in did not work ({why}).")
        self.why = why
        self.detail = detail


class AnswerRefused(SchoolProblem):
    """What came back is not to be believed, or leads to nobody."""


class ProviderDown(SchoolProblem):
    """The provider does not answer, or not in a form anybody could use: a later try may work."""

    is_down = True


class BadProvider(VerificationProblem):
    """What was entered about a provider cannot work; the words say what to change, ``field`` where."""

    def __init__(self, words: str, field: str = "") -> None:
        super().__init__(words)
        self.field = field
