"""Reads ids and versions that a browser sent, without trusting them."""

import re
from typing import Final
from uuid import UUID

from rightsdesk.requests.cases.errors import NoSuchCase
from rightsdesk.web.visits import Visit

ROWS: Final = 50
_TICKED: Final = re.compile(r"([A-Z]{2,12}-[A-Z0-9]{4}-[A-Z0-9]{4})\.([0-9]{1,6})")


def version(visit: Visit) -> int:
    """Return the version of the case that the form was made of; 0, which never is one, when none was sent."""
    typed = visit.form.text("version")
    return int(typed) if typed.isascii() and typed.isdigit() and len(typed) <= 9 else 0


def ticked(visit: Visit) -> list[tuple[str, int]]:
    """Return reference and version of each row that was named, fifty at most."""
    named = (_TICKED.fullmatch(one) for one in visit.form.texts("id"))
    return [(found[1], int(found[2])) for found in named if found][:ROWS]


def identity(typed: str) -> UUID:
    """Return an id from a path or a field.

    Raises:
        NoSuchCase: it is none; told like an unknown one.
    """
    try:
        return UUID(typed)
    except ValueError as wrong:
        raise NoSuchCase("We cannot find that.") from wrong
