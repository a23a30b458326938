"""What an agency says about its directory, and what of that can be used."""

import ssl
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Final
from urllib.parse import SplitResult, urlsplit

from rightsdesk.verification.directories.port import Kind
from rightsdesk.verification.errors import VerificationProblem
from rightsdesk.verification.loopback import is_loopback

ADDRESS_LENGTH: Final = 400  # characters
_SCHEMES: Final = {Kind.LDAP: ("ldap", "ldaps"), Kind.SCIM: ("https", "http"), Kind.ELSEWHERE: ("https",)}


class Dialect(StrEnum):
    """How an LDAP directory takes a new password."""

    STANDARD = "standard"  # the password modify operation of RFC 3062
    ACTIVE_DIRECTORY = "active_directory"  # the attribute unicodePwd of Microsoft's [MS-ADTS] 3.1.1.3.1.5


class BadDirectory(VerificationProblem):
    """What was said about a directory cannot be used: the words say why and hold nothing of it, ``field`` is where."""

    def __init__(self, words: str, field: str) -> None:
        super().__init__(words)
        self.field = field


@dataclass(frozen=True, slots=True)
class Terms:
    """One agency's directory. ``url`` is where it is; for passwords kept elsewhere, the school's own page.

    ``login`` and ``secret`` let us in: a distinguished name and its password, or a bearer token alone. An account is
    found below ``base`` by ``attribute``. ``authority`` are certificates in PEM that vouch for the server, where no
    public one does. ``is_inside`` says that it may lie inside a network of ours: the operator entered that address.
    """

    kind: Kind = Kind.BUILT_IN
    url: str = ""
    login: str = ""
    secret: str = field(default="", repr=False)
    base: str = ""
    attribute: str = "uid"
    dialect: Dialect = Dialect.STANDARD
    authority: str = field(default="", repr=False)
    is_inside: bool = False

    @property
    def is_on_loopback(self) -> bool:
        """Say whether it is on this very machine."""
        return is_loopback(urlsplit(self.url).hostname)


def check(terms: Terms, *, on_loopback: bool = True) -> Terms:
    """Return the terms when they can be used, without what their kind has no use for.

    ``on_loopback`` says that the directory may be on this very machine: its operator may say so, an office may not.

    Raises:
        BadDirectory: something is missing, or the new passwords would leave the machine in clear.
    """
    if terms.kind is Kind.BUILT_IN:
        return Terms()
    if len(terms.url) > ADDRESS_LENGTH:
        raise BadDirectory("This address cannot be read.", "url")
    _check_address(terms, _split(terms.url))
    if terms.is_on_loopback and not on_loopback:
        raise BadDirectory("This address is our own machine. Only the operator can enter it.", "url")
    if terms.kind is Kind.ELSEWHERE:
        return Terms(Kind.ELSEWHERE, terms.url)
    _check_entry(terms)
    return (
        terms
        if terms.kind is Kind.LDAP
        else Terms(Kind.SCIM, terms.url, secret=terms.secret, authority=terms.authority, is_inside=terms.is_inside)
    )


def _check_entry(terms: Terms) -> None:
    if terms.kind is Kind.LDAP and not terms.base:
        raise BadDirectory("Say below which name accounts are found.", "base")
    if terms.kind is Kind.LDAP and not (terms.attribute.isascii() and terms.attribute.isalnum()):
        raise BadDirectory("Say which attribute holds the username, like uid.", "attribute")
    if not terms.secret:
        raise BadDirectory("Say what lets us in: a password, or a token.", "secret")
    if terms.authority:
        _check_authority(terms.authority)


def _split(url: str) -> SplitResult:
    try:
        parts = urlsplit(url)
        _ = parts.port
    except ValueError:
        raise BadDirectory("This address cannot be read.", "url") from None
    return parts


def _check_address(terms: Terms, parts: SplitResult) -> None:
    if parts.scheme not in _SCHEMES[terms.kind] or not parts.hostname:
        raise BadDirectory("Write the whole address. For LDAP it begins with ldaps://, else with https://", "url")
    if parts.username or parts.password:
        raise BadDirectory("Leave names and passwords out of the address.", "url")
    if parts.scheme == "http" and not terms.is_on_loopback:
        raise BadDirectory("New passwords must not travel in clear. Use an address that begins with https://", "url")


def _check_authority(pem: str) -> None:
    try:
        ssl.create_default_context(cadata=pem)
    except (ssl.SSLError, ValueError):
        raise BadDirectory("The certificates cannot be read. Give them in PEM form.", "authority") from None
