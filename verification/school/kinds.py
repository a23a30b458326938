"""The kinds of provider that schools have, and what each of them calls a district and a person."""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Final


class ProviderKind(StrEnum):
    """Whose sign-in it is."""

    CLASSLINK = "classlink"
    CLEVER = "clever"
    GOOGLE = "google"
    ENTRA = "entra"
    OTHER = "other"


class LinkKey(StrEnum):
    """By what on the agency's record a first sign-in finds its person; never by an e-mail address."""

    NONE = "none"  # nobody is found: only what the office or the person linked signs in
    SOURCED_ID = "sourced_id"
    STUDENT_NUMBER = "student_number"
    USERNAME = "username"


class Trust(StrEnum):
    """Which claim of the provider is believed when it says that a second factor was shown (OWASP ASVS 5.0, 6.8.4)."""

    NONE = "none"
    AMR = "amr"
    ACR = "acr"


class Side(StrEnum):
    """Whom an identity is linked to: somebody on the agency's record, or an account of its staff."""

    FAMILY = "family"
    STAFF = "staff"


class Purpose(StrEnum):
    """What a sign-in was begun for.

    ``connect`` links a school account to the staff account that is signed in, ``join`` to the one that was invited.
    """

    FAMILY = "family"
    STAFF = "staff"
    CONNECT = "connect"
    JOIN = "join"


@dataclass(frozen=True, slots=True)
class Kind:
    """What is known of a kind. ``issuer`` may hold ``{tenant}``; empty where the agency says it.

    ``tenant_claim`` is empty where the row alone fixes the tenant. ``origins`` are those that its documents name beside
    the issuer's own. ``userinfo`` is asked for what the signed token lacks. ``changeable`` are claims that the owner of
    an account can edit, or that several people may have: nobody is found by them. ``asks_who`` is the value of
    ``prompt`` with which it asks who signs in, though somebody is signed in there; empty where none is documented.
    """

    name: str
    issuer: str = ""
    tenant_claim: str = ""
    person_claim: str = "sub"
    scopes: str = "openid profile"
    origins: tuple[str, ...] = ()
    userinfo: str = ""
    changeable: frozenset[str] = frozenset()
    asks_who: str = ""


LOGIN: Final = "login"  # asks for the password, and not only for which account

# Entra's e-mail and upn are edited by their owners (the flaw called nOAuth); Clever's are unverified by default.
MAIL_CLAIMS: Final = frozenset(
    {"email", "emails", "upn", "unique_name", "verified_primary_email", "verified_secondary_email"}
)

# As each of them documents it; endpoints lie on the issuer's origin if not said.
KINDS: Final[Mapping[ProviderKind, Kind]] = {
    ProviderKind.CLASSLINK: Kind(
        "ClassLink",
        issuer="https://launchpad.classlink.com",
        tenant_claim="TenantId",
        scopes="openid profile oneroster",
        origins=("https://nodeapi.classlink.com",),
        # Its tokens carry the standard claims alone: the district stands only in this answer.
        userinfo="https://nodeapi.classlink.com/v2/my/info",
    ),
    ProviderKind.CLEVER: Kind(
        "Clever",
        issuer="https://clever.com",
        tenant_claim="district",
        scopes="openid",
        origins=("https://api.clever.com",),
    ),
    ProviderKind.GOOGLE: Kind(
        "Google Workspace for Education",
        issuer="https://accounts.google.com",
        tenant_claim="hd",
        origins=(
            "https://oauth2.googleapis.com",
            "https://www.googleapis.com",
            "https://openidconnect.googleapis.com",
        ),
        changeable=frozenset({"preferred_username"}),
        asks_who="select_account",
    ),
    ProviderKind.ENTRA: Kind(
        "Microsoft Entra",
        issuer="https://login.microsoftonline.com/{tenant}/v2.0",
        tenant_claim="tid",
        # Its "sub" differs from one registration to the next; "oid" is the person.
        person_claim="oid",
        origins=("https://graph.microsoft.com",),
        changeable=frozenset({"preferred_username"}),
        asks_who=LOGIN,
    ),
    ProviderKind.OTHER: Kind("Another OpenID Connect provider", asks_who=LOGIN),
}
