"""The refusals of this folder, in words a family or a member of staff can understand.

VerificationProblem
    NumberProblem: NumberEmpty, NumberUnreadable, NumberNotAllowed
    NameProblem: NameEmpty, NameTooLong
    CodeProblem: CodeEmpty, CodeNotNumbers, CodeUnreadable
    PasswordProblem: PasswordTooShort, PasswordTooLong, PasswordKnown, PasswordRepeats, PasswordNamesUs
    TextThrottled, StandsAlready
"""


class VerificationProblem(Exception):
    """A refusal; its text is ours and holds nothing that was typed."""


class NumberProblem(VerificationProblem):
    """What was typed cannot be used as a mobile number."""


class NumberEmpty(NumberProblem):
    """Nothing was typed."""

    def __init__(self) -> None:
        super().__init__("Enter your mobile number")


class NumberUnreadable(NumberProblem):
    """What was typed is no number that can get a text: too short, an extension, toll-free, premium, a pager."""

    def __init__(self) -> None:
        super().__init__("Enter a mobile number with 10 digits, like (555) 555-0142")


class NumberNotAllowed(NumberProblem):
    """The number belongs to a country the agency's region does not text."""

    def __init__(self) -> None:
        super().__init__("We can text only numbers from the United States. Choose another way")


class NameProblem(VerificationProblem):
    """What was typed cannot be a username or an address; nothing is looked up."""


class NameEmpty(NameProblem):
    """Nothing was typed."""

    def __init__(self) -> None:
        super().__init__("Enter your school username")


class NameTooLong(NameProblem):
    """More was typed than any username or address has."""

    def __init__(self) -> None:
        super().__init__("A username has 254 letters at most. Check what you typed")


class CodeProblem(VerificationProblem):
    """What was typed cannot be a code; no try is counted."""


class CodeEmpty(CodeProblem):
    """Nothing was typed."""

    def __init__(self) -> None:
        super().__init__("Enter the 6 numbers we texted you")


class CodeNotNumbers(CodeProblem):
    """Letters or signs were typed."""

    def __init__(self) -> None:
        super().__init__("The code has only numbers")


class CodeUnreadable(CodeProblem):
    """Too few or too many digits; ``count`` says how many there were."""

    def __init__(self, count: int) -> None:
        numbers = "1 number" if count == 1 else f"{count} numbers"
        super().__init__(f"That is {numbers}. The code has 6. Check the text and try again")
        self.count = count


class PasswordProblem(VerificationProblem):
    """A new password that would not protect; the reason is told (NIST SP 800-63B-4 section 3.1.1.2)."""


class PasswordTooShort(PasswordProblem):
    """Under 15 code points; ``count`` says how many there were."""

    def __init__(self, count: int) -> None:
        super().__init__(f"Use 15 letters or more. You have used {count}")
        self.count = count


class PasswordTooLong(PasswordProblem):
    """Over 128 code points; ``count`` says how many there were."""

    def __init__(self, count: int) -> None:
        super().__init__(f"Use 128 letters or fewer. You have used {count}")
        self.count = count


class PasswordKnown(PasswordProblem):
    """It stands on a list of passwords that attackers try first."""

    def __init__(self) -> None:
        super().__init__("This password is known from a leak. Choose another one")


class PasswordRepeats(PasswordProblem):
    """It repeats a few letters or runs along the alphabet or the keyboard."""

    def __init__(self) -> None:
        super().__init__("This password repeats itself or follows the keyboard. Choose another one")


class PasswordNamesUs(PasswordProblem):
    """It is little more than the names of the agency, of this portal or of the person."""

    def __init__(self) -> None:
        super().__init__("This password is built from names that are easy to guess. Choose another one")


class TextThrottled(VerificationProblem):
    """The carrier is busy: the queue may run this job again after its pause."""

    def __init__(self) -> None:
        super().__init__("The carrier asked us to slow down.")


class StandsAlready(VerificationProblem):
    """An authenticator is already enrolled; it must be shown or removed first."""

    def __init__(self) -> None:
        super().__init__("An authenticator app is already set up for this account.")
