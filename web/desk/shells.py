"""What stands around every page of the desk: who is signed in, what was just done, which view is open."""

import re
from collections.abc import Collection
from typing import Final

from rightsdesk.requests.agencies.agency import Role
from rightsdesk.requests.cases.case import Approver, Case
from rightsdesk.requests.cases.errors import NoSuchCase
from rightsdesk.requests.cases.inbox import View
from rightsdesk.web.desk.shown import Shell, Toast
from rightsdesk.web.kin import is_own
from rightsdesk.web.visits import Visit

_OFFICE: Final = {Role.ADMINISTRATOR: "office.roster", Role.LEAD: "office.tasks", Role.AUDITOR: "office.audit"}
HEADS: Final = frozenset({Role.LEAD, Role.ADMINISTRATOR})
_LANGUAGE_VIEW: Final = re.compile(r"lang:[A-Za-z_]{2,12}")
_PLAIN: Final = frozenset(
    {
        "undone",
        "asked",
        "noted",
        "claimed",
        "released",
        "entered",
        "proved",
        "saved",
        "connected",
        "goes_on",
        "returned",
        "proposed",
        "stopped",
        "reopened",
        "handed_over",
    }
)
_HELD: Final = frozenset({"approved", "denied", "partial"})


def approver(visit: Visit) -> Approver:
    """Return the member of staff as the use cases need them; the proof is the last second factor."""
    me = visit.me
    return Approver(me.id, frozenset(me.roles), me.person, visit.seat.second_at)


def known_view(typed: str) -> tuple[str, str]:
    """Return a view and the mark at which its page starts; what nobody knows is the first view."""
    view, _, mark = typed.partition(".")
    if view in set(View) or view == "found" or _LANGUAGE_VIEW.fullmatch(view):
        return view, mark
    return View.DECISION, ""


def shell(visit: Visit, view: str = "", q: str = "") -> Shell:
    """Return the frame of a page, with the notice of what was just done when the address names it."""
    me = visit.me
    return Shell(me.name, me.initials, me.keys_on, _office(me.roles), view, q, _toast(visit))


def may_undo(visit: Visit, case: Case) -> bool:
    """Say whether this person may still take the decision back."""
    if not case.is_held or case.effective_at is None or visit.now >= case.effective_at or case.decided_by is None:
        return False
    return visit.me.id in {case.decided_by, case.confirmed_by} or bool(visit.me.roles & HEADS)


def _office(roles: Collection[Role]) -> str:
    return next((page for role, page in _OFFICE.items() if role in roles), "")


def _toast(visit: Visit) -> Toast | None:
    said = visit.query("said")
    if said in {"bulk", "bulk_approved"}:
        return Toast(said, done=_number(visit.query("done")), of=_number(visit.query("of")))
    if said in _PLAIN:
        return Toast(said)
    return _held(visit, said) if said in _HELD else None


def _held(visit: Visit, said: str) -> Toast | None:
    try:
        case = visit.cases.find(visit.query("ref"))
    except NoSuchCase:
        return None
    if is_own(visit, case) or not may_undo(visit, case):
        return None
    return Toast(said, case.reference, case.version, case.effective_at)


def _number(typed: str) -> int:
    return int(typed) if typed.isascii() and typed.isdigit() and len(typed) < 4 else 0
