"""The school accounts that sign a person in: seen by the office, taken apart, and let be linked again."""

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from starlette.responses import Response

from rightsdesk.requests.ledger.audit import Event
from rightsdesk.verification.school import linking
from rightsdesk.verification.school.kinds import Side
from rightsdesk.verification.school.store import Linked
from rightsdesk.web import schooling
from rightsdesk.web.desk.typed import identity
from rightsdesk.web.office.shells import actor
from rightsdesk.web.problems import NotFound
from rightsdesk.web.visits import Visit


@dataclass(frozen=True, slots=True)
class SchoolAccount:
    """A school account of somebody on record; ``by`` is how they were found, ``parted_at`` when it was taken apart."""

    id: UUID
    provider: str
    by: str
    since: datetime
    is_confirmed: bool
    parted_at: datetime | None


def school_accounts(visit: Visit, who: UUID) -> tuple[SchoolAccount, ...]:
    """Return the school accounts of somebody on record, oldest first, those that were taken apart too."""
    tools = schooling.means(visit)
    links = tools.identities.of_account(Side.FAMILY, who)
    labels = tools.providers.labels() if links else {}
    return tuple(
        SchoolAccount(
            one.id,
            labels.get((one.issuer, one.tenant), one.issuer),
            one.linked_by,
            one.linked_at,
            one.confirmed_at is not None,
            one.unlinked_at,
        )
        for one in links
    )


def part(visit: Visit) -> Response:
    """Take a school account and a person apart and end the person's sessions, or let the two be linked again."""
    link, tools = _found(visit), schooling.means(visit)
    page = visit.url("office.person", person=str(link.account))
    if visit.form.text("do") == "again":
        if tools.identities.allow_again(link.id):
            facts = (("identity", str(link.id)),)
            visit.docket.record(Event("school_link_allowed", actor(visit), subject=link.account, facts=facts))
        return visit.see(f"{page}?said=linkable")
    linking.part(tools, link, actor(visit), "office", visit.now)
    if visit.sessions is not None:
        # Whoever has the account may sit there now.
        visit.sessions.end_all(person=link.account)
    return visit.see(f"{page}?said=parted")


def _found(visit: Visit) -> Linked:
    """Return the link that the path names.

    Raises:
        NotFound: not this agency's, unknown, or not of the person on whose page it should stand.
    """
    who, link = identity(visit.part("person")), identity(visit.part("account"))
    found = schooling.means(visit).identities.numbered(link)
    if found is None or found.side is not Side.FAMILY or found.account != who:
        raise NotFound
    return found
