"""Reads ids and versions that a browser sent, without trusting them."""

from uuid import UUID

from rightsdesk.requests.cases.errors import NoSuchCase
from rightsdesk.web.visits import Visit


def version(visit: Visit) -> int:
    """Return the version of the case that the form was made of; 0, which never is one, when none was sent."""
    typed = visit.form.text("version")
    return int(typed) if typed.isascii() and typed.isdigit() and len(typed) <= 9 else 0


def identity(typed: str) -> UUID:
    """Return an id from a path or a field.

    Raises:
        NoSuchCase: it is none; told like an unknown one.
    """
    try:
        return UUID(typed)
    except ValueError as wrong:
        raise NoSuchCase("We cannot find that.") from wrong
