"""``rightsdesk agency provider``: whose school sign-in an agency's families and staff use."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict
from typing import Annotated, Final

import typer
from sqlmodel import Session

from rightsdesk.requests.agencies.agency import Agency
from rightsdesk.verification.errors import VerificationProblem
from rightsdesk.verification.school.changing import Changing
from rightsdesk.verification.school.errors import SchoolProblem, Why
from rightsdesk.verification.school.kinds import LinkKey, ProviderKind, Trust
from rightsdesk.verification.school.provider import Provider, proposed
from rightsdesk.web.commands.opening import agency_opened, refuse, secret_from, show
from rightsdesk.web.portal import Portal
from rightsdesk.web.schooling import school_means
from rightsdesk.web.watchers import watched_operator

app = typer.Typer(help="Whose school sign-in an agency's families and staff use.", no_args_is_help=True)
AgencySlug = Annotated[str, typer.Argument(help="Slug of the agency.")]
Name = Annotated[str, typer.Argument(help="Short name of the provider, as it stands in the paths.")]
AsJson = Annotated[bool, typer.Option("--json", help="Print JSON.")]

# What each way to fail means to the person who set the provider up.
WORDS: Final = {
    Why.UNREACHABLE: "Nothing answers at that address, or not with a page that can be used.",
    Why.SLOW: "The provider did not answer within five seconds.",
    Why.TOO_LARGE: "The answer is larger than such a document ever is.",
    Why.REDIRECT: "The address leads to another one. Enter the issuer exactly as the provider writes it.",
    Why.ADDRESS: "An address lies on an origin that is not listed, or inside a network. List it with --origin.",
    Why.DOCUMENT: "What is there is no discovery document, or it has no signature that is accepted here.",
    Why.ISSUER: "The document names another issuer. Enter the issuer exactly as the document writes it.",
    Why.KEYS: "The provider publishes no key that can be used.",
}


@app.command()
def add(
    agency: AgencySlug,
    kind: Annotated[ProviderKind, typer.Option(help="What kind of provider it is.")],
    client_id: Annotated[str, typer.Option(help="Client id that the provider gave out.")],
    *,
    secret_file: Annotated[str, typer.Option(help="File with the client's secret; - reads it from input.")] = "",
    tenant: Annotated[str, typer.Option(help="The district's id at the provider.")] = "",
    issuer: Annotated[str, typer.Option(help="Issuer, exactly as its document writes it; known for most kinds.")] = "",
    name: Annotated[str, typer.Option(help="Short name in the paths; the kind if not said.")] = "",
    label: Annotated[str, typer.Option(help="Name on the button.")] = "",
    scopes: Annotated[str, typer.Option(help="Scopes to ask for.")] = "",
    tenant_claim: Annotated[str, typer.Option(help="Claim that names the district.")] = "",
    person_claim: Annotated[str, typer.Option(help="Claim that names the person; sub if not said.")] = "",
    origin: Annotated[list[str] | None, typer.Option(help="Another origin it uses; may be repeated.")] = None,
    userinfo: Annotated[str, typer.Option(help="Address that tells what the token lacks.")] = "",
    link_key: Annotated[LinkKey, typer.Option(help="By what a first sign-in finds its person.")] = LinkKey.NONE,
    link_claim: Annotated[str, typer.Option(help="Claim that holds it.")] = "",
    second_factor: Annotated[Trust, typer.Option(help="Claim that proves a second factor.")] = Trust.NONE,
    acr: Annotated[str, typer.Option(help="The acr value that proves it.")] = "",
    families: Annotated[bool, typer.Option(help="Families sign in here.")] = True,
    staff: Annotated[bool, typer.Option(help="Staff sign in here.")] = False,
    as_json: AsJson = False,
) -> None:
    """Enter a provider. Its secret is read from a file, or from input: a command line is seen by others."""
    secret = secret_from(secret_file)
    said = {"issuer": issuer, "slug": name, "label": label, "scopes": scopes, "tenant_claim": tenant_claim}
    said |= {"person_claim": person_claim, "userinfo": userinfo, "link_claim": link_claim, "acr": acr}
    told: dict[str, object] = {**said, "origins": tuple(origin or ()), "link_key": link_key}
    told |= {"second_factor": second_factor, "for_families": families, "for_staff": staff}
    with _changing(agency) as (portal, desk, changing):
        entered = changing.add(proposed(portal.fresh_id(), kind, client_id, tenant, **told), secret)
    back = [f"{portal.settings.public_url}{path}/callback" for path in _paths(desk, entered)]
    if as_json:
        show(_plain(entered) | {"callbacks": back})
        return
    typer.echo(f"{entered.label} is entered as {entered.slug}. Tell the provider to send people back to:")
    for address in back:
        typer.echo(f"  {address}")


@app.command(name="list")
def every(agency: AgencySlug, as_json: AsJson = False) -> None:
    """List the providers of an agency; secrets are never shown."""
    with agency_opened(agency, looks=True) as (portal, desk), portal.storage.read() as tx:
        found = school_means(portal, tx, desk, portal.now()).providers.every()
    if as_json:
        show([_plain(one) for one in found])
        return
    for one in found:
        sides = [word for word, used in (("families", one.for_families), ("staff", one.for_staff)) if used]
        typer.echo(f"{one.slug:20} {one.label} ({one.issuer}; {', '.join(sides) or 'switched off'})")


@app.command()
def remove(agency: AgencySlug, provider: Name) -> None:
    """Forget a provider; whom it signed in stays known, in case it is entered again."""
    with _changing(agency) as (_, _, changing):
        changing.remove(_named(changing, provider).id)
    typer.echo(f"{provider} is removed.")


@app.command(name="test")
def try_out(agency: AgencySlug, provider: Name, as_json: AsJson = False) -> None:
    """Fetch what a provider says about itself, and say what is wrong with it."""
    with agency_opened(agency, looks=True) as (portal, desk):
        with portal.storage.read() as tx:
            found = school_means(portal, tx, desk, portal.now()).providers.named(provider)
        if found is None:
            refuse("This agency has no provider of this name.")
        problem = _problem(portal, found)
    if as_json:
        show({"provider": provider, "ok": problem is None, "why": problem.why.value if problem else ""})
    if problem:
        refuse(WORDS.get(problem.why, str(problem)))
    if not as_json:
        typer.echo(f"{found.label} answers as it must. Whether the secret is right shows at the first sign-in.")


def _problem(portal: Portal, provider: Provider) -> SchoolProblem | None:
    schools, now = portal.schools, portal.now()
    try:
        with schools.caller(provider) as caller:
            schools.keys(schools.document(provider, now, caller), caller, now)
    except SchoolProblem as problem:
        return problem
    return None


@contextmanager
def _changing(slug: str) -> Iterator[tuple[Portal, Agency, Changing]]:
    with agency_opened(slug) as (portal, desk), portal.storage.write() as tx:
        try:
            yield portal, desk, _tools(portal, tx, desk)
        except VerificationProblem as problem:
            refuse(str(problem))


def _tools(portal: Portal, tx: Session, desk: Agency) -> Changing:
    means = school_means(portal, tx, desk, portal.now())
    record, now = watched_operator(portal, tx, desk), portal.now()
    return Changing(means.providers, record, "operator", now, on_loopback=portal.schools.on_loopback)


def _named(changing: Changing, name: str) -> Provider:
    found = changing.providers.named(name)
    if found is None:
        refuse("This agency has no provider of this name.")
    return found


def _paths(desk: Agency, one: Provider) -> list[str]:
    family, staff = f"/{desk.slug}/sign-in/{one.slug}", f"/desk/{desk.slug}/sign-in/{one.slug}"
    return [path for path, used in ((family, one.for_families), (staff, one.for_staff)) if used]


def _plain(one: Provider) -> dict[str, object]:
    return {name: value for name, value in asdict(one).items() if name != "id"}
