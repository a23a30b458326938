"""Which directory an agency's new passwords go to, wired."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass

from rightsdesk.requests.agencies.agency import Agency
from rightsdesk.verification.directories.built_in import BuiltIn
from rightsdesk.verification.directories.port import Account, Directory, Down, ExtraMissing, Kind, NotOurs, Outcome
from rightsdesk.verification.directories.terms import Terms
from rightsdesk.verification.students.store import StudentPasswords
from rightsdesk.web.portal import Portal


@dataclass(frozen=True, slots=True)
class NotInstalled:
    """Stands for a directory whose library is missing on this machine."""

    def set_password(self, account: Account, password: str) -> Outcome:
        """Change nothing."""
        del account, password
        return Down("not_installed")

    def reach(self) -> str:
        """Return why it cannot be reached."""
        return "not_installed"


def directory_of(portal: Portal, agency: Agency, terms: Terms) -> Directory:
    """Return what changes a password at this agency. The libraries of LDAP and SCIM are read here, not at a start."""
    try:
        match terms.kind:
            case Kind.LDAP:
                from rightsdesk.verification.directories.ldap import LdapDirectory  # noqa: PLC0415 - see above

                return LdapDirectory(terms)
            case Kind.SCIM:
                from rightsdesk.verification.directories.scim import ScimDirectory  # noqa: PLC0415 - see above

                return ScimDirectory(terms)
            case Kind.ELSEWHERE:
                return NotOurs()
            case _:
                return _built_in(portal, agency)
    except ExtraMissing:
        return NotInstalled()


def _built_in(portal: Portal, agency: Agency) -> BuiltIn:
    @contextmanager
    def unit() -> Iterator[StudentPasswords]:
        with portal.storage.write() as tx:
            yield StudentPasswords(tx, agency.id)

    return BuiltIn(portal.passwords, unit, portal.now)
