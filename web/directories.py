"""Which directory an agency's new passwords go to, wired."""

from collections.abc import Iterator
from contextlib import contextmanager

from rightsdesk.requests.agencies.agency import Agency
from rightsdesk.verification.directories.built_in import BuiltIn
from rightsdesk.verification.directories.port import Directory, Kind, NotOurs
from rightsdesk.verification.directories.terms import Terms
from rightsdesk.verification.students.store import StudentPasswords
from rightsdesk.web.portal import Portal


def directory_of(portal: Portal, agency: Agency, terms: Terms) -> Directory:
    """Return what changes a password at this agency."""
    if terms.kind is Kind.BUILT_IN:
        return _built_in(portal, agency)
    return NotOurs()


def _built_in(portal: Portal, agency: Agency) -> BuiltIn:
    @contextmanager
    def unit() -> Iterator[StudentPasswords]:
        with portal.storage.write() as tx:
            yield StudentPasswords(tx, agency.id)

    return BuiltIn(portal.passwords, unit, portal.now)
