"""What the text carrier reports: signed, about messages we sent, and nothing else gets an answer with words in it."""

from collections.abc import Mapping
from datetime import datetime
from typing import Final
from urllib.parse import parse_qsl

from sqlmodel import Session
from starlette.concurrency import run_in_threadpool
from starlette.requests import ClientDisconnect, Request
from starlette.responses import Response
from starlette.routing import Route

from rightsdesk.requests.agencies.agency import Agency
from rightsdesk.requests.agencies.store import Agencies
from rightsdesk.requests.ledger.audit import Event, Kind
from rightsdesk.verification.delivery.noting import Taken, take_report, take_word
from rightsdesk.verification.delivery.reports import KNOWN, LARGEST, Delivered, Report, Word, read
from rightsdesk.verification.delivery.store import owner_of, take_reply
from rightsdesk.verification.sms.port import RefusedClass, TextKind
from rightsdesk.web.borders import own_ledger
from rightsdesk.web.carrying import numbers_of, settle_for_good
from rightsdesk.web.portal import Portal
from rightsdesk.web.proof import means
from rightsdesk.web.reader import Carrier
from rightsdesk.web.regions import Regions
from rightsdesk.web.senders import REPORTS
from rightsdesk.web.turns import arriving

ARRIVES: Final = 10.0  # seconds a report may take: nobody knows yet who sends it
_FORM: Final = "application/x-www-form-urlencoded"
_SIGNATURE: Final = "x-twilio-signature"
_UNSIGNED: Final = "hook_signature"


def routes(regions: Regions) -> list[Route]:
    """Return the route of the carrier's reports. It reads no cookie and says nothing but whether it was taken."""

    async def status(request: Request) -> Response:
        body = await _body(request)
        fields = _fields(body) if body is not None and _is_form(request) else None
        is_taken = fields is not None and await run_in_threadpool(_take, regions, request, fields)
        return Response(status_code=204 if is_taken else 403, headers={"Cache-Control": "no-store"})

    return [Route(REPORTS, status, methods=["POST"], name="hooks.twilio")]


def _is_form(request: Request) -> bool:
    return request.headers.get("content-type", "").partition(";")[0].strip().lower() == _FORM


async def _body(request: Request) -> bytes | None:
    """Return what was sent, or None once it is more than a report has, or takes longer than one does."""
    taken = b""
    try:
        async with arriving(ARRIVES):
            async for part in request.stream():
                taken += part
                if len(taken) > LARGEST:
                    return None
    except (ClientDisconnect, TimeoutError):
        return None
    return taken


def _fields(body: bytes) -> Mapping[str, str] | None:
    # The signature runs names and values together and counts repeats once: only what is known may stand here, once.
    try:
        pairs = parse_qsl(body.decode("ascii"), keep_blank_values=True, strict_parsing=True, errors="strict")
    except ValueError:
        return None
    fields = dict(pairs)
    return fields if len(fields) == len(pairs) and fields.keys() <= KNOWN else None


def _take(regions: Regions, request: Request, fields: Mapping[str, str]) -> bool:
    mine = [one for one in regions.portals if _account(one) and _account(one) == fields.get("AccountSid")]
    signed = [portal for portal in mine if _is_signed(portal, request, fields)]
    for portal in mine if not signed else ():
        _note_unsigned(portal)
    said = read(fields) if signed else None
    if isinstance(said, Report):
        return any(_take_report(portal, said) for portal in signed)  # an id is one region's
    if isinstance(said, Word):
        return sum(_take_word(portal, said) for portal in signed) > 0  # a phone may be known in several
    return False


def _account(portal: Portal) -> str:
    return portal.settings.carrier.account if portal.settings.carrier else ""


def _is_signed(portal: Portal, request: Request, fields: Mapping[str, str]) -> bool:
    given, carrier = request.headers.getlist(_SIGNATURE), portal.settings.carrier
    if len(given) != 1 or carrier is None:  # without one the validator would fail, not refuse
        return False
    from twilio.request_validator import RequestValidator  # noqa: PLC0415 - 0.3 s to import

    path, query = request.scope["raw_path"].decode("ascii", "replace"), request.scope["query_string"].decode("latin-1")
    # By the address that was configured: Host and forwarded headers are the caller's to write.
    url = f"{portal.settings.public_url}{path}" + (f"?{query}" if query else "")
    return bool(RequestValidator(carrier.token).validate(url, dict(fields), given[0]))


def _note_unsigned(portal: Portal) -> None:
    """Note it in the region's own ledger, once an hour: a stranger could send as many as they like."""
    now, ledger = portal.now(), own_ledger(portal.settings.region)
    if portal.border.is_news(_UNSIGNED, ledger, now):
        with portal.storage.write() as tx:
            portal.ledger(tx, ledger, now)(Event(Kind.SECURITY_EVENT, "unknown", facts=(("what", _UNSIGNED),)))


def _take_report(portal: Portal, report: Report) -> bool:
    with portal.storage.read() as tx:
        owner = owner_of(tx, report.sid)
    if owner is None:
        return False
    now = portal.now()
    with portal.storage.write() as tx:
        agency = portal.known.numbered(tx, owner)
        taken = take_report(means(portal, tx, agency, now), report, now)
        if taken is not None:
            _act_on(portal, tx, agency, taken, now, report.code)
    return True


def _act_on(portal: Portal, tx: Session, agency: Agency, taken: Taken, now: datetime, code: int) -> None:
    docket = portal.docket(tx, agency, now)
    if taken.why is RefusedClass.BAD_NUMBER and taken.contact:
        numbers_of(docket).mark_unusable(taken.contact, now)
    if taken.state in {Delivered.UNDELIVERED, Delivered.FAILED} and taken.about:
        settle_for_good(docket, taken.about, "refused", str(code), now)


def _take_word(portal: Portal, word: Word) -> bool:
    kind = _kind(portal.settings.carrier, word)
    if kind is None:
        return False
    now = portal.now()
    with portal.storage.write() as tx:  # one for all of it: a word that is noted as taken is kept
        for agency in Agencies(tx).every() if take_reply(tx, word.sid, now) else ():
            take_word(means(portal, tx, agency, now), word, kind, now)
    return True


def _kind(carrier: Carrier | None, word: Word) -> TextKind | None:
    """Return what the sender that was answered sends, or None where it is none of ours."""
    if carrier is None:
        return None
    if carrier.has_notices_apart and _is_sender(word, carrier.notices_sender, carrier.notices_service):
        return TextKind.NOTICE
    return TextKind.CODE if _is_sender(word, carrier.sender, carrier.service) else None


def _is_sender(word: Word, sender: str, service: str) -> bool:
    return (bool(sender) and word.sender == sender) or (bool(service) and word.service == service)
