"""The pages and error states of passkeys, for the list of all states."""

from typing import Final

from desk_given import AUDREY, ELENA, PRIYA, person_id
from playwright.sync_api import Page
from states_given import State


def _send_without_answer(page: Page) -> None:
    with page.expect_navigation():  # what a script sends is not waited for by itself
        page.eval_on_selector("[data-ask]", "form => form.submit()")


_OWN: Final = "/desk/marigold/settings/sign-in/passkeys"
FAMILY_PASSKEYS: Final = (
    State("passkey", "family.passkey", "/marigold/passkey", words="Use your fingerprint or face"),
    State(
        "passkey refused",
        "family.passkey",
        "/marigold/phone",
        None,
        (_send_without_answer,),
        "That did not work",
        True,
    ),
    State("passkeys", "family.passkeys", "/marigold/passkeys", lambda told: told.proved(ELENA), (), "Stopped: it may"),
    State("passkeys none", "family.passkeys", "/marigold/passkeys", lambda told: told.proved(person_id(1000))),
)
DESK_PASSKEYS: Final = (
    State("desk passkey", "desk.passkey", "/desk/marigold/passkey", words="Use your fingerprint or face"),
    State("desk passkeys", "desk.passkeys", _OWN, lambda told: told.staff(PRIYA), (), "Added"),
    State("desk passkeys none", "desk.passkeys", _OWN, lambda told: told.staff(AUDREY), (), "You have none yet"),
)
