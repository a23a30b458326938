"""When an import stops and asks the office first: too much gone, too much changed, too much unreadable."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from rightsdesk.requests.people.roster.outcome import Change

REMOVED: Final = 10  # per cent
CHANGED: Final = 25  # per cent
BAD_ROWS_SHARE: Final = 100  # one row in a hundred
BAD_ROWS: Final = 100


@dataclass(frozen=True, slots=True)
class Preview:
    """What an import would do. ``students`` and ``others`` leave out changes of grade alone."""

    students: Change
    others: Change
    guardianships: Change
    orgs: Change
    rows: int
    bad_rows: int
    empty_files: Sequence[str]
    is_first: bool


def reason_to_hold(preview: Preview) -> str:
    """Return the code of the first reason to wait for a person's approval; empty when there is none.

    A full file is the whole truth, so a cut one looks like everybody left.
    """
    if preview.empty_files:
        return "empty_file"
    if preview.bad_rows > max(preview.rows // BAD_ROWS_SHARE, BAD_ROWS):
        return "too_many_errors"
    if preview.is_first:
        return ""
    kinds = (
        ("students", preview.students),
        ("others", preview.others),
        ("guardianships", preview.guardianships),
        ("orgs", preview.orgs),
    )
    removed = next((name for name, one in kinds if one.removed * 100 > one.now * REMOVED), "")
    changed = next((name for name, one in kinds if one.changed * 100 > one.now * CHANGED), "")
    if removed:
        return f"too_many_removed_{removed}"
    return f"too_many_changed_{changed}" if changed else ""
