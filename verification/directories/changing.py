"""Which directory an agency uses: said anew and tried out, each time with its entry in the ledger."""

from dataclasses import dataclass, fields, replace
from datetime import datetime
from typing import Final

from rightsdesk.verification.directories.port import Kind
from rightsdesk.verification.directories.store import Directories
from rightsdesk.verification.directories.terms import BadDirectory, Terms, check
from rightsdesk.verification.protocols import Event, Record

_FOLLOWS: Final = "is_inside"  # it comes from who entered the address
# Whom the secret is for: it is kept through no change of these, or it could be sent to anybody.
_FOR: Final = ("kind", "url", "login", "authority")


@dataclass(frozen=True, slots=True)
class Changing:
    """One change by ``actor``, as the ledger names them. ``on_loopback`` says what ``check`` wants to know."""

    directories: Directories
    record: Record
    actor: str
    now: datetime
    on_loopback: bool = True

    def set(self, terms: Terms) -> Terms:
        """Store what is said about the directory and return it as it is kept; without a secret the old one stays.

        Raises:
            BadDirectory: it cannot be used, or the old secret was for another place.
        """
        before = self.directories.terms()
        # An office could else look with our eyes at what stands behind our walls: a name it owns may lead anywhere.
        inside = self.on_loopback or (before.is_inside and (before.kind, before.url) == (terms.kind, terms.url))
        proposed = replace(self._with_secret(before, terms), is_inside=inside)
        settled = check(proposed, on_loopback=self.on_loopback or inside)
        changed = [one.name for one in fields(Terms) if getattr(before, one.name) != getattr(settled, one.name)]
        if changed:
            self.directories.keep(settled, self.now)
        for name in (one for one in changed if one != _FOLLOWS):
            self._note(settled.kind, "changed", ("what", name))
        return settled

    def tested(self, kind: Kind, found: str) -> None:
        """Note that the directory was tried out, and the code of what was found."""
        self._note(kind, "tested", ("found", found))

    @staticmethod
    def _with_secret(before: Terms, terms: Terms) -> Terms:
        if terms.secret or not before.secret or terms.kind is not before.kind:
            return terms
        if any(getattr(before, name) != getattr(terms, name) for name in _FOR):
            raise BadDirectory("That is another place. Type what lets us in again.", "secret")
        return replace(terms, secret=before.secret)

    def _note(self, kind: Kind, act: str, *facts: tuple[str, str]) -> None:
        self.record(Event("directory_changed", self.actor, facts=(("kind", str(kind)), ("act", act), *facts)))
