"""Get the copy that was made: behind a code that is younger than five minutes."""

from typing import Final

from starlette.responses import Response, StreamingResponse

from rightsdesk.requests.cases.case import Case
from rightsdesk.requests.cases.errors import AuthorityEnded
from rightsdesk.requests.fulfilment.errors import NoPackage, PackageNeedsProof
from rightsdesk.requests.fulfilment.packages import Opening, open_package
from rightsdesk.verification.assurance import Act
from rightsdesk.verification.challenges import Purpose
from rightsdesk.web.family import phoning
from rightsdesk.web.family.checking import own_case
from rightsdesk.web.guards import lacks
from rightsdesk.web.problems import NotFound
from rightsdesk.web.visits import Visit

_ZIP: Final = "application/zip"


def fetch(visit: Visit) -> Response:
    """Send the copy, or ask for a fresh code first."""
    case, folder = own_case(visit), visit.portal.settings.packages
    if lacks(visit, Act.OPEN_PACKAGE):
        return _ask_proof(visit, case)
    try:
        opening = open_package(visit.docket, folder, case.requester, case.reference, visit.seat.proved_at, visit.now)
    except PackageNeedsProof:
        return _ask_proof(visit, case)
    except NoPackage:
        return visit.see(visit.url("family.request", reference=case.reference))
    except AuthorityEnded as ended:
        raise NotFound from ended
    return _sent(opening)


def _ask_proof(visit: Visit, case: Case) -> Response:
    numbers = [number for _, number in visit.people.contacts(case.requester, "text")]
    ends_alike = [number for number in numbers if number.endswith(visit.seat.number_ending)]
    back = visit.url("family.request", reference=case.reference)
    if not numbers:  # the record has none, or lost it since the session began
        return visit.see(f"{visit.url('family.phone')}?next={back}")
    return phoning.text(
        visit, visit.seat, (ends_alike or numbers)[0], Purpose.OPEN_PACKAGE, phoning.PhonePage(next=back)
    )


def _sent(opening: Opening) -> Response:
    headers = {
        "Content-Disposition": f'attachment; filename="{opening.filename}"',
        "Content-Length": str(opening.size),
        "Cache-Control": "no-store",
    }
    return StreamingResponse(opening.chunks, media_type=_ZIP, headers=headers)
