"""How people sign in: the providers whose word this agency takes, entered, changed, switched off and removed."""

from dataclasses import dataclass, replace
from typing import Final

from starlette.responses import Response

from rightsdesk.verification.assurance import Act
from rightsdesk.verification.school.changing import Changing
from rightsdesk.verification.school.errors import BadProvider
from rightsdesk.verification.school.kinds import KINDS, LinkKey, ProviderKind, Side, Trust
from rightsdesk.verification.school.provider import Provider, proposed
from rightsdesk.verification.school.store import Providers
from rightsdesk.web.desk.refusing import abandon
from rightsdesk.web.desk.shown import Fault
from rightsdesk.web.desk.typed import identity
from rightsdesk.web.guards import lacks
from rightsdesk.web.office.shells import OfficeShell, actor, office_shell
from rightsdesk.web.problems import NotFound
from rightsdesk.web.schooling import returns_to
from rightsdesk.web.visits import Visit
from rightsdesk.web.watchers import watched

# By what a first sign-in finds its person where a kind has its own claim for it; elsewhere the school says.
_LINKS: Final = {ProviderKind.CLASSLINK: (LinkKey.SOURCED_ID, "SourcedId")}
_LENGTHS: Final = {"label": 80, "client_id": 200, "link_claim": 60, "acr": 120, "issuer": 200, "tenant": 120}
_MORE: Final = {"tenant_claim": 60, "person_claim": 60, "scopes": 200, "userinfo": 200}
_ORIGINS: Final = 10
_SECRET: Final = 400  # characters


@dataclass(frozen=True, slots=True)
class ProviderLine:
    """One provider in the list, and what its kind is called."""

    it: Provider
    known: str


@dataclass(frozen=True, slots=True)
class SignInPage:
    """The providers, and the kinds that can be added: code and name."""

    shell: OfficeShell
    providers: tuple[ProviderLine, ...]
    kinds: tuple[tuple[str, str], ...]


@dataclass(frozen=True, slots=True)
class ProviderPage:
    """One provider that is being added or changed; ``returns`` are our addresses that are entered there.

    ``tested`` is "good" or why a test failed, "" where there was none.
    """

    shell: OfficeShell
    it: Provider
    known: str
    returns: tuple[str, ...]
    is_new: bool = False
    tested: str = ""
    error: Fault | None = None


def providers(visit: Visit) -> Response:
    """Show the providers, or the form for one more once its kind is chosen."""
    kind = _kind(visit.query("kind"))
    if kind is None:
        lines = tuple(ProviderLine(one, KINDS[one.kind].name) for one in store(visit).every())
        kinds = tuple((str(one), known.name) for one, known in KINDS.items())
        return visit.render("office/sign_in.html", SignInPage(office_shell(visit, "office.sign_in"), lines, kinds))
    if lacks(visit, Act.CHANGE_SIGN_IN):
        # Before the form and not after it: nobody types a long secret twice.
        return visit.see(f"{visit.url('desk.second_factor')}?next={visit.url('office.sign_in')}%3Fkind%3D{kind}")
    key, claim = _LINKS.get(kind, (LinkKey.NONE, ""))
    fresh = replace(proposed(visit.portal.fresh_id(), kind, ""), link_key=key, link_claim=claim)
    return visit.render("office/provider.html", provider_page(visit, fresh, is_new=True))


def add(visit: Visit) -> Response:
    """Enter a provider."""
    form, kind = visit.form, _kind(visit.form.text("kind"))
    if kind is None:
        return visit.see(visit.url("office.sign_in"))
    tenant = form.text("tenant")[: _LENGTHS["tenant"]]
    typed = _typed(visit, proposed(visit.portal.fresh_id(), kind, "", tenant))
    try:
        settled = changing(visit).add(typed, form.text("client_secret")[:_SECRET])
    except BadProvider as problem:
        return _again(visit, provider_page(visit, typed, is_new=True), problem)
    return visit.see(f"{visit.url('office.provider', provider=str(settled.id))}?said=added")


def provider(visit: Visit) -> Response:
    """Show one provider."""
    return visit.render("office/provider.html", provider_page(visit, found(visit)))


def change(visit: Visit) -> Response:
    """Change a provider, switch it off or remove it."""
    before, form = found(visit), visit.form
    if form.text("do") == "remove":
        changing(visit).remove(before.id)
        return visit.see(f"{visit.url('office.sign_in')}?said=saved")
    typed = _typed(visit, before)
    try:
        changing(visit).change(typed, form.text("client_secret")[:_SECRET])
    except BadProvider as problem:
        return _again(visit, provider_page(visit, typed), problem)
    return visit.see(f"{visit.url('office.provider', provider=str(before.id))}?said=saved")


def provider_page(visit: Visit, it: Provider, *, is_new: bool = False) -> ProviderPage:
    """Return the page of one provider, entered or not."""
    slug = store(visit).free(it.slug) if is_new else it.slug
    returns = tuple(returns_to(visit, slug, side) for side in (Side.FAMILY, Side.STAFF))
    return ProviderPage(office_shell(visit, "office.sign_in"), it, KINDS[it.kind].name, returns, is_new)


def found(visit: Visit) -> Provider:
    """Return the provider that the path names.

    Raises:
        NotFound: not this agency's, or unknown.
    """
    found = store(visit).numbered(identity(visit.part("provider")))
    if found is None:
        raise NotFound
    return found


def store(visit: Visit) -> Providers:
    """Return this agency's providers."""
    return Providers(visit.tx, visit.here.id, visit.vault)


def changing(visit: Visit) -> Changing:
    """Return what a change by whoever sits here is made with."""
    record = watched(visit)
    return Changing(store(visit), record, actor(visit), visit.now, on_loopback=visit.portal.schools.on_loopback)


def _kind(typed: str) -> ProviderKind | None:
    return ProviderKind(typed) if typed in set(ProviderKind) else None


def _typed(visit: Visit, base: Provider) -> Provider:
    """Return a provider with what the form says; what the form does not hold stays as it was."""
    form, sent = visit.form, {name for name, _ in visit.form.fields}
    said = {name: form.text(name)[:length] for name, length in (_LENGTHS | _MORE).items() if name in sent}
    if base.kind is ProviderKind.ENTRA:
        said.pop("issuer", "")  # it holds the tenant
    origins = tuple(form.text("origins").split())[:_ORIGINS] if "origins" in sent else base.origins
    link, trust = form.text("link_key"), form.text("second_factor")
    return replace(
        base,
        **said,  # type: ignore[arg-type]  # the texts among its fields
        origins=origins,
        link_key=LinkKey(link) if link in set(LinkKey) else base.link_key,
        second_factor=Trust(trust) if trust in set(Trust) else base.second_factor,
        for_families=bool(form.text("families")),
        for_staff=bool(form.text("staff")),
    )


def _again(visit: Visit, page: ProviderPage, problem: BadProvider) -> Response:
    abandon(visit)
    fault = Fault(visit.say(str(problem)), problem.field or "main")
    return visit.render("office/provider.html", replace(page, error=fault), status=422)
