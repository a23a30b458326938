"""What a member of staff may set for themselves."""

from dataclasses import dataclass

from starlette.responses import Response

from rightsdesk.requests.agencies.store import Staff
from rightsdesk.verification.school.provider import Provider
from rightsdesk.web.desk.schooling import Account, own_accounts
from rightsdesk.web.desk.shells import shell
from rightsdesk.web.desk.shown import Shell
from rightsdesk.web.visits import Visit


@dataclass(frozen=True, slots=True)
class SettingsPage:
    """Who is signed in, whether single keys act, and which school accounts sign them in."""

    shell: Shell
    email: str
    accounts: tuple[Account, ...] = ()
    ways: tuple[Provider, ...] = ()


def settings(visit: Visit) -> Response:
    """Show a person's own settings."""
    page = SettingsPage(shell(visit), visit.me.email, own_accounts(visit), tuple(visit.school_sign_ins()))
    return visit.render("desk/settings.html", page)


def save_settings(visit: Visit) -> Response:
    """Switch single keys on or off (WCAG 2.1.4)."""
    Staff(visit.tx, visit.here.id, visit.vault).set_keys(visit.me.id, on=visit.form.text("keys") != "off")
    return visit.see(f"{visit.url('desk.settings')}?said=saved")
