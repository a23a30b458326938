"""The letter as the family will read it, for the pane beside the form."""

from rightsdesk.requests.cases.case import Case, Outcome
from rightsdesk.web.desk.shown import Sheet
from rightsdesk.web.forms import Form
from rightsdesk.web.visits import Visit


def sheet(visit: Visit, case: Case, outcome: Outcome, typed: Form) -> tuple[Sheet | None, str]:
    """Return the letter, or why it cannot be shown yet in words."""
    return None, ""
