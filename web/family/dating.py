"""The day of an answer as an entry for the family's calendar (RFC 5545). No name stands in it."""

from collections.abc import Iterator
from datetime import timedelta
from typing import Final

from starlette.responses import Response

from rightsdesk.requests.cases.case import Case
from rightsdesk.web.family.checking import own_case
from rightsdesk.web.visits import Visit

_LINE: Final = 75  # octets of one line, RFC 5545 section 3.1
_DAY: Final = timedelta(days=1)


def show_calendar(visit: Visit) -> Response:
    """Give the day by which the answer comes as an all-day entry that blocks no time."""
    case = own_case(visit)
    body = "".join(f"{part}\r\n" for line in _entry(visit, case) for part in folded(line))
    named = f'attachment; filename="{case.reference}.ics"'
    return Response(body, media_type="text/calendar; charset=utf-8", headers={"Content-Disposition": named})


def _entry(visit: Visit, case: Case) -> Iterator[str]:
    words = visit.say("You get an answer to %(reference)s", reference=case.reference)
    yield from ("BEGIN:VCALENDAR", "VERSION:2.0", "PRODID:-//Rightsdesk//EN", "BEGIN:VEVENT")
    yield f"UID:{case.id}"
    yield f"DTSTAMP:{case.filed_at:%Y%m%dT%H%M%SZ}"
    yield f"DTSTART;VALUE=DATE:{case.due_on:%Y%m%d}"
    yield f"DTEND;VALUE=DATE:{case.due_on + _DAY:%Y%m%d}"
    yield f"SUMMARY:{_escaped(words)}"
    yield f"URL:{visit.portal.settings.public_url}{visit.url('family.request', reference=case.reference)}"
    yield from ("TRANSP:TRANSPARENT", "END:VEVENT", "END:VCALENDAR")


def _escaped(text: str) -> str:
    return text.replace("\\", "\\\\").replace(";", r"\;").replace(",", r"\,")


def folded(line: str) -> Iterator[str]:
    """Yield a line in parts of 75 octets at most, each but the first after a space; cut between two letters."""
    part = ""
    for letter in line:
        if len(f"{part}{letter}".encode()) > _LINE:
            yield part
            part = " "
        part += letter
    yield part
