"""The portal's own directory: argon2id hashes in a table of their own."""

from collections.abc import Callable
from contextlib import AbstractContextManager
from dataclasses import dataclass
from datetime import datetime

from rightsdesk.verification.directories.port import Account, Changed, Outcome
from rightsdesk.verification.passwords import Passwords
from rightsdesk.verification.students.store import StudentPasswords


@dataclass(frozen=True, slots=True)
class BuiltIn:
    """Keeps the hash of a password here; ``unit`` opens a transaction that commits when it is left."""

    passwords: Passwords
    unit: Callable[[], AbstractContextManager[StudentPasswords]]
    now: Callable[[], datetime]

    def set_password(self, account: Account, password: str) -> Outcome:
        """Keep the password; the hash takes 32 ms, in which nobody waits for a lock."""
        hashed = self.passwords.hashed(password)
        with self.unit() as kept:
            kept.keep(account.person, hashed, self.now())
        return Changed()

    def reach(self) -> str:
        """It is always here."""
        return ""
