"""What an agency's administrators may settle by themselves; zone, region and laws are the operator's to set."""

from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import date
from ipaddress import ip_network
from typing import Final, Protocol

from rightsdesk.requests.agencies.agency import Agency
from rightsdesk.requests.agencies.errors import BadAgency, BadBlock
from rightsdesk.requests.agencies.store import Agencies
from rightsdesk.requests.ledger.audit import Event

STUDENT_KINDS: Final = ("access", "correction", "erasure")
MOST_HOLIDAYS: Final = 400
MOST_BLOCKS: Final = 40
_NARROW_ENOUGH: Final = {4: 16, 6: 32}  # bits, by the version of the address


class Record(Protocol):
    """Writes one event to the tamper-evident ledger, inside the caller's transaction."""

    def __call__(self, event: Event) -> None:
        """Append the event."""


@dataclass(frozen=True, slots=True)
class Policies:
    """What students of 13 to 17 ask alone, whose word is enough, how to reach the office, and whence schools come."""

    student_kinds: tuple[str, ...]
    roster_suffices: bool
    office_phone: str
    office_hours: str
    holidays: frozenset[date]
    own_blocks: tuple[str, ...] = ()


def change_policies(agencies: Agencies, record: Record, agency: Agency, policies: Policies, actor: str) -> Agency:
    """Store the policies and return the agency with them.

    Raises:
        BadAgency: a kind that nobody can ask, or more holidays than a calendar has use for.
    """
    if not set(policies.student_kinds) <= set(STUDENT_KINDS):
        raise BadAgency("Choose what students may ask.")
    if len(policies.holidays) > MOST_HOLIDAYS:
        raise BadAgency("These are too many days. Leave out the years that are over.")
    changed = replace(
        agency,
        student_kinds=policies.student_kinds,
        roster_suffices=policies.roster_suffices,
        office_phone=policies.office_phone,
        office_hours=policies.office_hours,
        holidays=policies.holidays,
        own_blocks=policies.own_blocks,
    )
    agencies.change(changed)
    record(Event("policy_changed", actor, facts=_facts(agency, changed)))
    return changed


def read_days(lines: Iterable[str]) -> frozenset[date]:
    """Return the days written one a line, like 2026-12-25.

    Raises:
        BadAgency: a line is no day; the words name it.
    """
    days = set()
    for line in filter(None, (one.strip() for one in lines)):
        try:
            days.add(date.fromisoformat(line))
        except ValueError as wrong:
            raise BadAgency("Write each day like 2026-12-25, one a line.") from wrong
    return frozenset(days)


def read_blocks(lines: Iterable[str]) -> tuple[str, ...]:
    """Return the networks written one a line, like 198.51.100.0/24 or 2001:db8::/48, as they are told everywhere.

    Raises:
        BadBlock: a line is none, or so wide that it would let strangers ask without an end.
    """
    written = [one.strip() for one in lines if one.strip()]
    if len(written) > MOST_BLOCKS:
        raise BadBlock("These are too many networks. Write the wider ones they lie in.")
    try:
        read = {ip_network(line, strict=False) for line in written}
    except ValueError as wrong:
        raise BadBlock("Write each network like 198.51.100.0/24, one a line.") from wrong
    if any(one.prefixlen < _NARROW_ENOUGH[one.version] for one in read):
        raise BadBlock("A network of one agency is no wider than /16, or /32 where the address has colons.")
    return tuple(sorted(str(one) for one in read))


def _facts(before: Agency, after: Agency) -> tuple[tuple[str, str], ...]:
    names = ("student_kinds", "roster_suffices", "office_phone", "office_hours", "holidays", "own_blocks")
    changed = [name for name in names if getattr(before, name) != getattr(after, name)]
    return (("changed", ".".join(changed)), ("roster_suffices", str(after.roster_suffices).lower()))
