"""The refusals of this folder; their words hold nothing that a browser sent."""

from uuid import UUID

from rightsdesk.verification.errors import VerificationProblem


class PasskeyProblem(VerificationProblem):
    """A passkey that opens nothing here; strangers are told one thing for every reason."""

    def __init__(self, reason: str, owner: UUID | None = None) -> None:
        super().__init__("That did not work. Try again, or choose another way.")
        self.reason = reason
        self.owner = owner  # of a passkey that was just stopped: they are told


class TooManyPasskeys(VerificationProblem):
    """More than anybody's devices."""

    def __init__(self) -> None:
        super().__init__("You have ten passkeys. Remove one first.")
