"""What is done for every agency of a region: a fault at one of them holds up no other."""

from collections.abc import Callable
from contextlib import ExitStack
from functools import wraps

from rightsdesk.requests.agencies.store import Agencies
from rightsdesk.web.portal import Portal


def each_agency(act: Callable[[Portal, str], None]) -> Callable[[Portal, tuple[str, ...]], None]:
    """Return the duty that does this for each agency of the portal, by its id.

    What fails at one is raised when all others had theirs: the duty is tried again, and what was done already is done
    twice without harm. So no family's answer waits for the damage of another agency.
    """

    @wraps(act)
    def duty(portal: Portal, ids: tuple[str, ...]) -> None:  # noqa: ARG001 - a duty carries no ids
        # A stack unwinds to its end whatever some of it raises, and raises that then.
        with ExitStack() as all_of_them:
            for agency in reversed(_agencies(portal)):
                all_of_them.callback(act, portal, agency)

    return duty


def _agencies(portal: Portal) -> list[str]:
    with portal.storage.read() as tx:
        return [str(agency.id) for agency in Agencies(tx).every()]
