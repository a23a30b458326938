"""Accepted corrections that stand over the roster until the source says the same."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final
from uuid import UUID

from rightsdesk.requests.ledger.vault import AgencyVault, KeyGone
from rightsdesk.requests.people.roster.live.comparing.store import OpenOverlay
from rightsdesk.requests.people.roster.live.mended.store import Mended
from rightsdesk.requests.people.roster.live.people.store import LivePeople
from rightsdesk.requests.people.roster.phones import e164
from rightsdesk.requests.people.roster.staging.kept import Kept, staged_place

_FIELDS: Final = {
    "name.given": "given",
    "name.family": "family",
    "grade": "grade",
    "email": "email",
    "mobile": "mobile",
    "username": "username",
    "student_number": "student_number",
}
_HIDDEN: Final = {"given": {"preferred_given": ""}, "family": {"preferred_family": ""}}
_CHANNELS: Final = {"mobile": "text", "email": "mail"}
SCHOOL: Final = "school"


@dataclass(frozen=True, slots=True)
class Overlays:
    """Corrected values by person and element, and those the source has taken over meanwhile."""

    standing: dict[UUID, dict[str, str]]
    agreed: tuple[UUID, ...]

    def over(self, person: UUID, field: str, said: str) -> str:
        """Return the corrected value of a field, or what the roster said."""
        return self.standing.get(person, {}).get(field, said)

    def holds_channel(self, person: UUID | None, channel: str) -> bool:
        """Say whether a correction decides on this channel, so that the roster does not."""
        values = self.standing.get(person, {}) if person else {}
        return any(_CHANNELS.get(field) == channel for field in values)

    def schools(self) -> tuple[UUID, ...]:
        """Return those whose school was corrected."""
        return tuple(person for person, values in self.standing.items() if SCHOOL in values)


def overlays(live: LivePeople, vault: AgencyVault, region: str) -> Overlays:
    """Return the corrections that stand over this package."""
    standing: dict[UUID, dict[str, str]] = {}
    agreed: list[UUID] = []
    mended = Mended(live.session, live.scope)
    for one in live.open_overlays():
        value = _value(vault, one)
        field = _FIELDS.get(one.element, one.element)
        if value is None:
            continue
        said = mended.school_said(one.person) if field == SCHOOL else _said(vault, live.scope.run, one, field)
        if said is not None and _plain(field, said, region) == _plain(field, value, region):
            agreed.append(one.id)
        else:
            standing.setdefault(one.person, {}).update({field: value, **_HIDDEN.get(field, {})})
    return Overlays(standing, tuple(agreed))


def agree(live: LivePeople, agreed: Sequence[UUID]) -> None:
    """Note which corrections the source has taken over; a corrected number is the source's own from here on."""
    for one in agreed:
        live.agree(one)
        Mended(live.session, live.scope).adopt(one)


def _value(vault: AgencyVault, one: OpenOverlay) -> str | None:
    try:
        return vault.unseal(one.person, "identity", f"overlays:{one.id}:value", one.value)
    except KeyGone:  # erased since: there is nothing left to stand over
        return None


def _said(vault: AgencyVault, run: UUID, one: OpenOverlay, field: str) -> str | None:
    if not one.sealed or field not in Kept._fields:  # empty: on record as they are, and corrected after the file came
        return None
    said = getattr(Kept.from_text(vault.unseal_agency(staged_place(run), one.sealed)), field)
    return str(said)


def _plain(field: str, value: str, region: str) -> str:
    return e164(value, region) or value if field == "mobile" else value.strip()
