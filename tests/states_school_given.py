"""School accounts as the pages of the states show them: one that found the wrong person, and one of a colleague."""

from dataclasses import replace
from uuid import UUID

from desk_given import ELENA, MARIGOLD, PRIYA

from rightsdesk.verification.school.kinds import Side
from rightsdesk.verification.school.linking import dispute
from rightsdesk.verification.school.provider import Provider
from rightsdesk.verification.school.store import Linked
from rightsdesk.web.portal import Portal
from rightsdesk.web.schooling import school_means


def keep_school_accounts(portal: Portal, provider: Provider) -> None:
    """Let somebody have said of the account that found Elena: this is not me."""
    now = portal.now()
    with portal.storage.write() as tx:
        means = school_means(portal, tx, MARIGOLD, now)
        named = {"issuer": provider.issuer, "tenant": provider.tenant, "subject": "k:elena", "sealed": b"sealed"}
        found = Linked(UUID(int=71), Side.FAMILY, ELENA, **named, linked_at=now, linked_by="sourced_id")
        assert means.identities.link(found)
        assert dispute(means, found, now)
        mine = replace(found, id=UUID(int=72), side=Side.STAFF, account=PRIYA, subject="k:priya")
        assert means.identities.link(mine)
