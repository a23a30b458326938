"""What is done for every agency of a region: a fault at one of them holds up no other."""

from collections.abc import Callable
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
        failed: list[Exception] = []
        for agency in _agencies(portal):
            try:
                act(portal, agency)
            except Exception as error:  # noqa: BLE001 - whatever it is, the others must have theirs
                failed.append(error)
        if failed:
            raise failed[0]

    return duty


def _agencies(portal: Portal) -> list[str]:
    with portal.storage.read() as tx:
        return [str(agency.id) for agency in Agencies(tx).every()]
