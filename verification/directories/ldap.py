"""A directory that speaks LDAP: OpenLDAP and its kin by RFC 3062, Active Directory by its attribute unicodePwd.

Each change opens a connection of its own, so that none is ever found dead; nothing travels in clear but to this very
machine.
"""

import ssl
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from socket import SHUT_RDWR
from typing import TYPE_CHECKING, Any, Final, Literal
from urllib.parse import urlsplit

from rightsdesk.verification.directories.deadlines import cut_off_after
from rightsdesk.verification.directories.port import (
    DEADLINE,
    Account,
    Changed,
    Down,
    Elsewhere,
    ExtraMissing,
    Outcome,
    Refused,
    Unsure,
)
from rightsdesk.verification.directories.terms import Dialect, Terms
from rightsdesk.verification.loopback import is_public

if TYPE_CHECKING:
    from ldap3 import Connection

try:
    import ldap3
    from ldap3.core.exceptions import LDAPException
    from ldap3.utils.conv import escape_filter_chars
    from pyasn1.error import PyAsn1Error
except ModuleNotFoundError:
    raise ExtraMissing from None

LARGEST: Final = 256 * 1024  # bytes of one conversation
# What the library raises for whatever a server can do: its decoders meet garbage with Python's own errors.
_FAULTS: Final = (LDAPException, PyAsn1Error, OSError, ValueError, KeyError, IndexError, TypeError, AttributeError)
_OUTCOMES: Final[dict[int, Outcome]] = {  # result codes of RFC 4511 appendix A
    0: Changed(),
    19: Refused(),  # constraintViolation: its own rules for passwords
    32: Elsewhere(),  # noSuchObject: it was removed a moment ago
    53: Refused(),  # unwillingToPerform: what Active Directory says of a password its policy forbids
    50: Down("not_allowed"),  # insufficientAccessRights
    51: Down("busy"),
    52: Down("unavailable"),
}


class _Closed(Exception):
    """Nothing was asked yet, and nothing can be; ``why`` is a code."""

    def __init__(self, why: str) -> None:
        super().__init__(why)
        self.why = why


class _Few:
    """A socket of which few bytes are read: the library keeps whatever a server sends until it is whole."""

    def __init__(self, socket: Any) -> None:
        self._socket = socket
        self._left = LARGEST

    def recv(self, size: int) -> bytes:
        """Return what came.

        Raises:
            OSError: it is more than a directory has to say.
        """
        said: bytes = self._socket.recv(size)
        self._left -= len(said)
        if self._left < 0:
            raise OSError
        return said

    def __getattr__(self, name: str) -> Any:
        return getattr(self._socket, name)


@dataclass(frozen=True, slots=True)
class LdapDirectory:
    """A directory at ``ldaps://``, or at ``ldap://`` with StartTLS; ``deadline`` are seconds for one whole change."""

    terms: Terms
    deadline: float = DEADLINE

    def set_password(self, account: Account, password: str) -> Outcome:
        """Find the one account with this username and give it the password."""
        if not account.username:
            return Elsewhere()
        try:
            with self._let_in() as connection:
                name = self._found(connection, account.username)
                return self._changed(connection, name, password) if name else Elsewhere()
        except _Closed as closed:
            return Down(closed.why)

    def reach(self) -> str:
        """Return "" when the directory lets us in and knows the place below which accounts are found."""
        try:
            with self._let_in() as connection:
                self._search(connection, "(objectClass=*)", "BASE")
        except _Closed as closed:
            return closed.why
        return ""

    @contextmanager
    def _let_in(self) -> Iterator["Connection"]:
        connection = self._connection()

        def cut() -> None:
            with suppress(OSError, AttributeError):  # it may be over at this very moment
                connection.socket.shutdown(SHUT_RDWR)

        with cut_off_after(self.deadline, cut):
            try:
                self._open(connection)
                yield connection
            finally:
                with suppress(*_FAULTS):
                    connection.unbind()
                with suppress(OSError, AttributeError):  # the library forgets a socket whose handshake failed
                    connection.socket.close()

    def _connection(self) -> "Connection":
        parts, seconds = urlsplit(self.terms.url), max(1, int(self.deadline))
        tls = ldap3.Tls(validate=ssl.CERT_REQUIRED, ca_certs_data=self.terms.authority or None, sni=parts.hostname)
        server = ldap3.Server(
            parts.hostname or "",
            parts.port or (636 if parts.scheme == "ldaps" else 389),
            use_ssl=parts.scheme == "ldaps",
            tls=tls,
            get_info=ldap3.NONE,
            connect_timeout=seconds,
        )
        return ldap3.Connection(
            server,
            self.terms.login or None,
            self.terms.secret or None,
            receive_timeout=seconds,
            auto_referrals=False,  # our name and password are for this server alone
        )

    def _open(self, connection: "Connection") -> None:
        # The library keeps these addresses and connects to one of them: no name is looked up a second time.
        addresses = [str(one[4][0]) for one in connection.server.address_info]
        if not self.terms.is_inside and not all(is_public(one) for one in addresses):
            raise _Closed("inside")
        try:
            connection.open()
        except _FAULTS:
            raise _Closed("unreachable") from None
        connection.socket = _Few(connection.socket)
        try:
            if not connection.server.ssl and self._needs_tls():
                connection.start_tls()
                connection.socket = _Few(connection.socket)
        except _FAULTS:
            raise _Closed("not_secure") from None
        try:
            is_in = connection.bind()
        except _FAULTS:
            raise _Closed("unreachable") from None
        if not is_in:
            raise _Closed("not_let_in")

    def _needs_tls(self) -> bool:
        return not self.terms.is_on_loopback or bool(self.terms.authority)

    def _found(self, connection: "Connection", username: str) -> str:
        """Return the distinguished name of the account, or "" when there is none, or more than one."""
        wanted = f"({self.terms.attribute}={escape_filter_chars(username)})"
        names = self._search(connection, wanted, "SUBTREE")
        return names[0] if len(names) == 1 else ""

    def _search(self, connection: "Connection", wanted: str, scope: Literal["BASE", "SUBTREE"]) -> list[str]:
        try:
            connection.search(self.terms.base, wanted, scope, attributes=[ldap3.NO_ATTRIBUTES])
            answers = connection.response or []
            names = [str(one["dn"]) for one in answers if one.get("type") == "searchResEntry"]
        except _FAULTS:
            raise _Closed("unreachable") from None
        if connection.result["result"] != 0:
            raise _Closed("no_such_place")
        return names

    def _changed(self, connection: "Connection", name: str, password: str) -> Outcome:
        try:
            if self.terms.dialect is Dialect.ACTIVE_DIRECTORY:
                quoted = f'"{password}"'.encode("utf-16-le")
                connection.modify(name, {"unicodePwd": [(ldap3.MODIFY_REPLACE, [quoted])]})  # type: ignore[no-untyped-call]  # its stubs say nothing
            else:
                # As bytes: of a text the library would drop what SASLprep does not know.
                connection.extend.standard.modify_password(name, new_password=password.encode())
            code = connection.result["result"]
        except _FAULTS:
            return Unsure()
        return _OUTCOMES.get(code, Down("refused"))
