"""Can an element say this? Each kind of value is checked in its own way, before a person reads it."""

import re
from collections.abc import Collection
from typing import Final

from rightsdesk.requests.cases.filing import PROPOSED_LENGTH
from rightsdesk.verification.errors import NumberProblem
from rightsdesk.verification.reading import read_number

_GRADES: Final = frozenset({"K", "KG", *(str(number) for number in range(1, 13))})
_ADDRESS: Final = re.compile(r"[^@\s]+@[^@\s.]+(?:\.[^@\s.]+)+")


def agreed(element: str, proposed: str, schools: Collection[str]) -> bool:
    """Say whether the element could hold the proposed text."""
    if len(proposed) > PROPOSED_LENGTH:
        return False
    match element:
        case "grade":
            return proposed.upper().lstrip("0") in _GRADES
        case "email":
            return _ADDRESS.fullmatch(proposed) is not None
        case "mobile":
            return _is_number(proposed)
        case "school":
            return proposed in schools
        case _:
            # A name is whatever its bearer says: any script, any mark; only what no name holds is refused.
            return any(sign.isalpha() for sign in proposed) and not set(proposed) & set("<>{}@\n")


def _is_number(proposed: str) -> bool:
    try:
        read_number(proposed)
    except NumberProblem:
        return False
    return True
