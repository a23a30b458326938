"""Every page and every error state of a student's new password."""

from collections.abc import Callable
from dataclasses import replace
from typing import Final

from desk_given import MATEO
from states_given import PASSWORD, State, Story, fill, press

PATH: Final = "/marigold/password"
SIGN_IN: Final = "/marigold/sign-in/password"


def at_reset(step: str) -> Callable[[Story], str]:
    """Return who sits down at this step of a new password."""
    return lambda told: told.seat(lambda seat: replace(seat, purpose=step))


def choosing(told: Story) -> str:
    """Return who sits down with the right to choose a new password."""
    return told.granted(MATEO)


WRONG: Final = (fill("#code", "000000"), press())
RESET: Final = (fill("#username", "nobody.known"), press())
SHORT: Final = (fill("#password", "four"), press())
SUGGEST: Final = press("[name=suggest]")
RESETTING: Final = (
    State("password", "family.password", PATH, words="What is your school username?"),
    State("password empty", "family.password", PATH, None, (press(),), "Enter your school", True),
    State("password code", "family.password", PATH, None, RESET, "If we have a number"),
    State("password code wrong", "family.password", PATH, None, (*RESET, *WRONG), "not right", True),
    *(
        State(f"password {step}", "family.password", PATH, at_reset(step), (), words)
        for step, words in (
            ("reset_number", "What is your student number?"),
            ("reset_done", "Your password is changed"),
            ("reset_unsure", "We do not know yet"),
            ("reset_elsewhere", "Your school keeps this password"),
            ("reset_too_young", "A grown-up at school"),
            ("reset_no_number", "no mobile number"),
            ("reset_office", "We cannot change this password here"),
        )
    ),
    State("password choose", "family.password", PATH, choosing, (), "Choose a new password"),
    State("password short", "family.password", PATH, choosing, SHORT, "You have used 4", True),
    State("password words", "family.password", PATH, choosing, (SUGGEST,), "You could use"),
    State("sign_in_password", "family.sign_in_password", SIGN_IN, words="Sign in with a username"),
    State(
        "sign in password wrong",
        "family.sign_in_password",
        SIGN_IN,
        None,
        (fill("#username", "nobody"), fill("#password", PASSWORD), press()),
        "is not right",
        True,
    ),
)
