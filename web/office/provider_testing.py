"""Asks a provider once, before anybody is sent there: does it answer, is it the one that was named, has it keys?"""

from dataclasses import replace
from typing import Final

from starlette.responses import Response

from rightsdesk.verification.school.discovery import Discovery
from rightsdesk.verification.school.errors import SchoolProblem
from rightsdesk.verification.school.provider import Provider
from rightsdesk.web.office.providers import changing, found, provider_page
from rightsdesk.web.visits import Visit

GOOD: Final = "good"


def test(visit: Visit) -> Response:
    """Ask the provider for its document and its keys, and say in plain words what came of it."""
    with visit.looking():
        it = found(visit)
    # Outside of any unit of work, and with a memory of its own: what is known since an hour would prove nothing.
    code = _asked(it, visit)
    with visit.unit():
        changing(visit).tested(it.id, code)
        return visit.render("office/provider.html", replace(provider_page(visit, it), tested=code))


def _asked(it: Provider, visit: Visit) -> str:
    known = Discovery(on_loopback=visit.portal.schools.on_loopback)
    try:
        with known.caller(it) as caller:
            known.keys(known.document(it, visit.now, caller), caller, visit.now)
    except SchoolProblem as problem:
        return problem.why.value
    return GOOD
