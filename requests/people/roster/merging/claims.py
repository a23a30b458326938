"""What a row says by which the same person is known again under another id of the source."""

from collections.abc import Iterable, Iterator
from datetime import date
from functools import cache
from typing import Final

from rightsdesk.requests.people.names import words_of
from rightsdesk.requests.people.roster.phones import e164
from rightsdesk.requests.people.roster.records import FAMILY, PersonRecord, Standing

PURPOSE: Final = "same_person"
_SHORTEST: Final = 3  # "1", "NA", "00": what an office types where it has nothing to say
_SHARED: Final = frozenset(["email", "mail", "phone", "sms", "mobile", "cell", "household", "family"])


def claims(person: PersonRecord, standing: Standing, born: date | None, region: str) -> Iterator[str]:
    """Yield what two rows must have in common to be one person: an id, and beside it the name, kind and birth date.

    An id alone proves little: offices type a family's number, a phone or an address where a person's own id belongs,
    and number staff and students apart. So father and son of one name stay two, and so does whoever shares a phone.
    """
    kind = _kind(standing)
    who = " ".join(sorted(words_of(f"{person.given} {person.family}")))
    if not kind or not who:
        return
    birthday = born.isoformat() if born and kind == "student" else ""
    ids = dict.fromkeys(_ids(person))
    # Sources say one id in two places: it is looked at once.
    good = {own for own in {own for _, own in ids} if _names_one_person(own, region)}
    for name, own in ids:
        if own in good:
            yield f"{kind}\0{name}\0{own}\0{who}\0{birthday}"


@cache
def _kind(standing: Standing) -> str:
    """Return student or adult; empty when a row about their roles was lost or there is none."""
    if standing & Standing.INCOMPLETE:
        return ""
    if standing & Standing.STUDENT:
        return "student"
    return "adult" if standing & (FAMILY | Standing.STAFF) else ""


def _ids(person: PersonRecord) -> Iterable[tuple[str, str]]:
    yield "master", person.master
    yield "identifier", person.identifier
    for typed in person.user_ids:
        name, _, own = typed.strip("{}").partition(":")
        if name.strip().casefold() not in _SHARED:
            yield f"id {name.strip().casefold()}", own.strip()


def _names_one_person(own: str, region: str) -> bool:
    return (
        len(own) >= _SHORTEST
        and own.strip("0-. ") != ""
        and _has_digit(own)
        and "@" not in own
        and not e164(own, region)
    )


def _has_digit(own: str) -> bool:
    return any(sign.isdigit() for sign in own)
