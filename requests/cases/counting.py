"""The numbers beside the desk's views, kept in the transaction that moves a case and never counted by scanning."""

from typing import Final, Protocol
from uuid import UUID

from sqlmodel import Session, col, select

from rightsdesk.requests.cases.case import Case, Kind
from rightsdesk.requests.cases.states import UNDECIDED, State
from rightsdesk.requests.cases.tables import CaseCountRow
from rightsdesk.requests.ledger.dialects import run, upsert

_ANSWERED: Final = frozenset({State.APPROVED, State.PARTLY_APPROVED, State.DENIED, State.FULFILLING, State.FULFILLED})
_CLOSED: Final = frozenset({State.WITHDRAWN, State.EXPIRED_UNVERIFIED, State.DUPLICATE})


class Standing(Protocol):
    """What of a case decides in which views it stands."""

    @property
    def state(self) -> str:
        """Return the state."""

    @property
    def kind(self) -> str:
        """Return what is asked."""

    @property
    def language(self) -> str:
        """Return the family's language."""

    @property
    def claimed_by(self) -> UUID | None:
        """Return who works on it."""


def views_of(case: Standing) -> frozenset[str]:
    """Return the names of the counted views in which a case stands."""
    views: set[str] = set()
    if case.state in UNDECIDED:
        views |= {"decision", f"lang:{case.language}"}
    if case.kind == Kind.ERASURE and case.state in {*UNDECIDED, State.AWAITING_SECOND_APPROVAL}:
        views.add("deletions")
    if case.claimed_by is not None and case.state in UNDECIDED:
        views.add(f"mine:{case.claimed_by.hex}")
    for view, states in _BY_STATE:
        if case.state in states:
            views.add(view)
    return frozenset(views)


_BY_STATE: Final = (
    ("waiting", frozenset({State.WAITING_ON_FAMILY})),
    ("second", frozenset({State.AWAITING_SECOND_APPROVAL})),
    ("proof", frozenset({State.AWAITING_PROOF})),
    ("decided", _ANSWERED),
    ("closed", _CLOSED),
)

_MOVE: Final = upsert(
    CaseCountRow,
    lambda row: row.on_conflict_do_update(
        index_elements=["agency", "view"], set_={"number": col(CaseCountRow.number) + row.excluded.number}
    ),
)
_STANDINGS: Final = {
    "decision": "undecided",
    "waiting": "waiting_on_family",
    "second": "awaiting_second_approval",
    "proof": "awaiting_proof",
    "decided": "answered",
    "closed": "closed",
}


def moved(session: Session, agency: UUID, before: Case | None, after: Case) -> None:
    """Move a case from the counters of its old views to those of its new ones."""
    was = views_of(before) if before is not None else frozenset[str]()
    now = views_of(after)
    # In one order for everybody, so that two transactions cannot wait for each other.
    moves = [{"agency": agency, "view": view, "number": 1 if view in now else -1} for view in sorted(was ^ now)]
    if moves:
        # Upserts: two cases that begin a view at once must not both try to enter it.
        run(session, _MOVE.on(session), moves)


def everywhere(session: Session) -> list[tuple[UUID, str, int]]:
    """Return agency, standing and number of its cases; each case has one standing, and none of them names anybody."""
    wanted = select(CaseCountRow.agency, CaseCountRow.view, CaseCountRow.number)
    rows = session.exec(wanted.where(col(CaseCountRow.view).in_(_STANDINGS)))
    return [(agency, _STANDINGS[view], number) for agency, view, number in rows]
