"""A new password after a right code: a grant that one session may use once, within ten minutes."""

from datetime import datetime, timedelta
from hashlib import sha256
from typing import Final
from uuid import UUID

from rightsdesk.verification.numbers_on_file import Holder
from rightsdesk.verification.protocols import Draw
from rightsdesk.verification.students.store import Held, Resets
from rightsdesk.verification.students.tables import ResetRow

GRANT_BYTES: Final = 32
GRANT_LASTS: Final = timedelta(minutes=10)
# Longer than any directory is waited for: a try that has not ended by then never will.
LOST_AFTER: Final = timedelta(minutes=1)


def new_grant(draw: Draw) -> str:
    """Return 256 random bits in hexadecimal: what the session keeps, sealed, and no page or address ever shows."""
    return draw(GRANT_BYTES).hex()


def grant(resets: Resets, secret: str, session: str, holder: Holder, draw: Draw, now: datetime) -> None:
    """Let this session, and no other, choose a new password for this person, once; it rests on this number of theirs.

    Source: OWASP ASVS 5.0 sections 6.4.3 and 6.5.1.
    """
    number = UUID(bytes=draw(16), version=4)
    held = held_as(secret, session)
    row = ResetRow(
        id=number,
        agency=resets.agency,
        person=holder.person,
        contact=holder.contact,
        session=held.session,
        grant=held.grant,
        expires_at=now + GRANT_LASTS,
    )
    resets.add(row)


def held_as(secret: str, session: str) -> Held:
    """Return how the grant that a session keeps is found."""
    return Held(sha256(secret.encode()).hexdigest(), session)
