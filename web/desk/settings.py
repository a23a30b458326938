"""What a member of staff may set for themselves."""

from dataclasses import dataclass

from starlette.responses import Response

from rightsdesk.requests.agencies.store import Staff
from rightsdesk.web.desk.shells import shell
from rightsdesk.web.desk.shown import Shell
from rightsdesk.web.visits import Visit


@dataclass(frozen=True, slots=True)
class SettingsPage:
    """Who is signed in, and whether single keys act."""

    shell: Shell
    email: str


def settings(visit: Visit) -> Response:
    """Show a person's own settings."""
    return visit.render("desk/settings.html", SettingsPage(shell(visit), visit.me.email))


def save_settings(visit: Visit) -> Response:
    """Switch single keys on or off (WCAG 2.1.4)."""
    Staff(visit.tx, visit.here.id, visit.vault).set_keys(visit.me.id, on=visit.form.text("keys") != "off")
    return visit.see(f"{visit.url('desk.settings')}?said=saved")
