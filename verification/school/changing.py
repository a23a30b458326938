"""Which providers an agency trusts: entered, changed, switched off and removed, each with its entry in the ledger."""

from dataclasses import dataclass, fields, replace
from datetime import datetime
from typing import Final
from uuid import UUID

from rightsdesk.verification.protocols import Event, Record
from rightsdesk.verification.school.errors import BadProvider
from rightsdesk.verification.school.provider import Provider, check
from rightsdesk.verification.school.store import Providers

# These make it the provider that it is: under others, the same subject would be another person.
_FIXED: Final = ("id", "slug", "kind", "issuer", "tenant_claim", "tenant", "person_claim")


@dataclass(frozen=True, slots=True)
class Changing:
    """One change by ``actor``, as the ledger names them. ``on_loopback`` says what ``check`` wants to know."""

    providers: Providers
    record: Record
    actor: str
    now: datetime
    on_loopback: bool = False

    def add(self, provider: Provider, secret: str) -> Provider:
        """Enter a provider under the first short name that is free, and return it.

        Raises:
            BadProvider: it cannot work, nobody would be shown it, or it is there already.
        """
        if not (provider.for_families or provider.for_staff):
            raise BadProvider("Say whether families, staff or both sign in here.", "families")
        alike = {_place(one) for one in self.providers.every()}
        if _place(provider) in alike:
            raise BadProvider("You added this one already.", "client_id")
        settled = check(replace(provider, slug=self.providers.free(provider.slug)), on_loopback=self.on_loopback)
        self.providers.add(settled, secret, self.now)
        self._note(settled, "added")
        return settled

    def change(self, provider: Provider, secret: str = "") -> None:
        """Store what is different about a provider; without a secret the old one stays.

        One that neither families nor staff sign in by is switched off: it stays, and nobody is shown it.

        Raises:
            BadProvider: it cannot work, or it would be another one.
            LookupError: the agency has no such provider.
        """
        before = self.found(provider.id)
        if any(getattr(before, name) != getattr(provider, name) for name in _FIXED):
            raise BadProvider("That would be another provider. Add it as a new one.", "issuer")
        self.providers.change(check(provider, on_loopback=self.on_loopback), secret or None)
        names = [one.name for one in fields(Provider) if getattr(before, one.name) != getattr(provider, one.name)]
        for name in [*names, *(["secret"] if secret else [])]:
            self._note(provider, "changed", ("what", name))

    def remove(self, provider: UUID) -> None:
        """Forget a provider; whom it signed in stays known, in case it is entered again.

        Raises:
            LookupError: the agency has no such provider.
        """
        gone = self.found(provider)
        self.providers.remove(gone.id)
        self._note(gone, "removed")

    def tested(self, provider: UUID, found: str) -> None:
        """Note that a provider was asked whether it answers, and the code of what was found.

        Raises:
            LookupError: the agency has no such provider.
        """
        self._note(self.found(provider), "tested", ("found", found))

    def found(self, provider: UUID) -> Provider:
        """Return the agency's provider of this id.

        Raises:
            LookupError: there is none.
        """
        found = self.providers.numbered(provider)
        if found is None:
            raise LookupError(provider)
        return found

    def _note(self, provider: Provider, act: str, *facts: tuple[str, str]) -> None:
        told = (("provider", provider.slug), ("kind", str(provider.kind)), ("act", act), *facts)
        self.record(Event("sign_in_changed", self.actor, facts=told))


def _place(provider: Provider) -> tuple[str, str, str]:
    return provider.issuer, provider.tenant, provider.client_id
