"""A provider as a value, and what must be right about it before anybody is sent there."""

import re
from dataclasses import dataclass, replace
from typing import Final
from urllib.parse import urlsplit
from uuid import UUID

from rightsdesk.verification.loopback import is_loopback
from rightsdesk.verification.school.errors import BadProvider
from rightsdesk.verification.school.kinds import KINDS, MAIL_CLAIMS, LinkKey, ProviderKind, Trust
from rightsdesk.verification.school.tables import ISSUER_LENGTH, TENANT_LENGTH

_SLUG: Final = re.compile(r"[a-z0-9](?:[a-z0-9-]{0,38}[a-z0-9])?")
_CLAIM: Final = re.compile(r"[A-Za-z][A-Za-z0-9_:./-]{0,59}")
_SCOPE: Final = "openid"
# Each of them signs in the people of many districts, whatever kind somebody enters it as.
_SHARED: Final = frozenset(one.issuer for one in KINDS.values() if one.tenant_claim and "{" not in one.issuer)
_TAKEN: Final = frozenset({"callback", "password"})  # pages of our own, where the path of a provider lies


@dataclass(frozen=True, slots=True)
class Provider:
    """One provider of one agency. Its client's secret is not here: see ``Providers.secret``.

    ``tenant_claim`` says where the provider names the district; empty means that this row alone fixes it.
    ``link_claim`` holds what ``link_key`` is compared with. ``acr`` is the one value that proves a second factor.
    """

    id: UUID
    slug: str
    label: str
    kind: ProviderKind
    issuer: str
    client_id: str
    scopes: str = "openid profile"
    tenant_claim: str = ""
    tenant: str = ""
    person_claim: str = "sub"
    origins: tuple[str, ...] = ()
    userinfo: str = ""
    link_key: LinkKey = LinkKey.NONE
    link_claim: str = ""
    second_factor: Trust = Trust.NONE
    acr: str = ""
    for_families: bool = True
    for_staff: bool = False

    @property
    def reachable(self) -> frozenset[str]:
        """Return the origins that are asked anything: the issuer's own and those that are listed."""
        return frozenset({origin_of(self.issuer), *self.origins})


def proposed(fresh: UUID, kind: ProviderKind, client_id: str, tenant: str = "", **said: object) -> Provider:
    """Return a provider with what its kind is known to need; ``said`` are fields of ``Provider`` that replace it.

    A field that is said as empty text, None or () keeps what the kind has. Call ``check`` before it is stored.
    """
    known = KINDS[kind]
    plain = Provider(
        id=fresh,
        slug=kind.value,
        label=known.name,
        kind=kind,
        issuer=known.issuer.replace("{tenant}", tenant),
        client_id=client_id.strip(),
        scopes=known.scopes,
        tenant_claim=known.tenant_claim,
        tenant=tenant.strip(),
        person_claim=known.person_claim,
        origins=known.origins,
        userinfo=known.userinfo,
    )
    return replace(plain, **{name: value for name, value in said.items() if value not in {"", None, ()}})  # type: ignore[arg-type]  # fields of a provider


def check(provider: Provider, *, on_loopback: bool = False) -> Provider:
    """Return the provider when it can be used.

    ``on_loopback`` says that the portal's own public address is this machine: then a provider may be too.

    Raises:
        BadProvider: something is missing or unsafe; the words say what.
    """
    _check_names(provider)
    _check_address(provider.issuer, "issuer", on_loopback=on_loopback)
    for origin in provider.origins:
        _check_address(origin, "origins", on_loopback=on_loopback)
    if provider.userinfo:
        _check_address(provider.userinfo, "userinfo", on_loopback=on_loopback)
    if any(origin_of(one) != one for one in provider.origins):
        raise BadProvider("Write an origin as https://host, without a path.", "origins")
    if provider.userinfo and origin_of(provider.userinfo) not in provider.reachable:
        raise BadProvider("The address of the person's details lies on an origin that is not listed.", "userinfo")
    _check_tenant(provider)
    _check_link(provider)
    _check_trust(provider)
    return provider


def origin_of(address: str) -> str:
    """Return scheme, host and port of an address, as an origin is compared."""
    parts = urlsplit(address)
    host = parts.hostname or ""
    host = f"[{host}]" if ":" in host else host
    port = f":{parts.port}" if parts.port and parts.port != {"https": 443, "http": 80}.get(parts.scheme) else ""
    return f"{parts.scheme}://{host}{port}"


def _check_names(provider: Provider) -> None:
    if not _SLUG.fullmatch(provider.slug) or provider.slug in _TAKEN:
        raise BadProvider("A short name is small letters, digits and dashes, 40 at most.", "slug")
    if not provider.label.strip() or len(provider.label) > 80:
        raise BadProvider("Write the name that families read on the button, 80 letters at most.", "label")
    if not provider.client_id or len(provider.client_id) > 200:
        raise BadProvider("Write the client id that the provider gave you.", "client_id")
    if _SCOPE not in provider.scopes.split():
        raise BadProvider("The scopes must hold openid.", "scopes")


def _check_address(address: str, field: str, *, on_loopback: bool) -> None:
    try:
        parts = urlsplit(address)
        _ = parts.port
    except ValueError as error:
        raise BadProvider("An address of the provider cannot be read.", field) from error
    is_here = on_loopback and parts.scheme == "http" and is_loopback(parts.hostname)
    if not parts.hostname or not (parts.scheme == "https" or is_here):
        raise BadProvider("Every address of a provider begins with https://.", field)
    if parts.username is not None or parts.query or parts.fragment or len(address) > ISSUER_LENGTH:
        raise BadProvider("An address of a provider has no sign-in name, no question mark and no fragment.", field)


def _check_tenant(provider: Provider) -> None:
    if provider.tenant_claim and not _CLAIM.fullmatch(provider.tenant_claim):
        raise BadProvider("The name of the claim for the district cannot be read.", "tenant_claim")
    if len(provider.tenant) > TENANT_LENGTH or (provider.tenant and not is_canonical(provider.tenant)):
        raise BadProvider("The district's id is plain letters, digits and signs without spaces.", "tenant")
    if provider.tenant_claim and not provider.tenant:
        raise BadProvider("Write the district's id at the provider: others share its sign-in page.", "tenant")
    serves_many = KINDS[provider.kind].tenant_claim or origin_of(provider.issuer) in _SHARED
    if serves_many and not provider.tenant_claim:
        raise BadProvider("This provider serves many districts: name the claim that says which one.", "tenant_claim")


def _check_link(provider: Provider) -> None:
    if not _CLAIM.fullmatch(provider.person_claim) or provider.person_claim in MAIL_CLAIMS:
        raise BadProvider("A person is known by an id of the provider, never by an e-mail address.", "person_claim")
    if provider.link_key is LinkKey.NONE:
        return
    if not _CLAIM.fullmatch(provider.link_claim):
        raise BadProvider("Name the claim that holds what people are found by.", "link_claim")
    if provider.link_claim in MAIL_CLAIMS or provider.link_claim in KINDS[provider.kind].changeable:
        raise BadProvider("People can change that claim themselves, so nobody is found by it.", "link_claim")


def _check_trust(provider: Provider) -> None:
    if provider.second_factor is Trust.ACR and not provider.acr:
        raise BadProvider("Write the acr value that proves a second factor.", "acr")


def is_canonical(text: str) -> bool:
    """Say whether a text can be compared as it stands: visible ASCII, no space anywhere."""
    return text.isascii() and text.isprintable() and " " not in text and bool(text)
