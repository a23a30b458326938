"""``rightsdesk agency``: enter agencies and list them."""

from dataclasses import replace
from typing import Annotated

import typer

from rightsdesk.requests.agencies.agency import Agency, check_name, check_slug, check_zone, prefix_for
from rightsdesk.requests.agencies.store import Agencies
from rightsdesk.requests.law.errors import UnknownLaw
from rightsdesk.requests.ledger.audit import Event
from rightsdesk.web.commands import directories, providers
from rightsdesk.web.commands.opening import every_region, one_region, regions_opened, show
from rightsdesk.web.portal import Portal
from rightsdesk.web.regions import home_of

app = typer.Typer(help="Enter agencies and list them.", no_args_is_help=True)
app.add_typer(providers.app, name="provider")
app.add_typer(directories.app, name="directory")


@app.command()
def add(
    slug: Annotated[str, typer.Argument(help="First part of the agency's paths, like marigold.")],
    name: Annotated[str, typer.Option(help="Full name of the agency.")],
    zone: Annotated[str, typer.Option(help="Its time zone, like America/New_York.")],
    region: Annotated[str, typer.Option(help="Region whose database holds its people; the only one if not said.")] = "",
    law: Annotated[
        list[str] | None, typer.Option(help="Code of a law that binds it; may be repeated; us-ferpa if not said.")
    ] = None,
    short_name: Annotated[str, typer.Option(help="Name in texts, 40 letters at most.")] = "",
    prefix: Annotated[str, typer.Option(help="Letters that begin its references.")] = "",
    town: Annotated[str, typer.Option(help="Where it is, for the search page.")] = "",
    phone: Annotated[str, typer.Option(help="Number of the records office.")] = "",
    hours: Annotated[str, typer.Option(help="When the office answers.")] = "",
) -> None:
    """Enter an agency. It must exist before a roster can be imported."""
    with regions_opened((one_region(region),)) as regions:
        portal = regions.first
        agency = Agency(
            id=portal.fresh_id(),
            slug=check_slug(slug),
            name=check_name(name),
            short_name=(short_name.strip() or check_name(name))[:40],
            prefix=(prefix or prefix_for(name)).upper(),
            zone=check_zone(zone),
            region=portal.settings.region,
            laws=_laws(portal, law or ["us-ferpa"]),
            town=town,
            office_phone=phone,
            office_hours=hours,
        )
        if regions.control:  # first: a slug is one agency's over all regions, and what breaks off can be run again
            agency = replace(agency, id=regions.control.settle(home_of(agency)).id)
        with portal.storage.write() as tx:
            Agencies(tx).add(agency, portal.now())
            portal.ledger(tx, agency.id, portal.now())(Event("agency_changed", "operator", facts=(("what", "added"),)))
    typer.echo(f"{agency.name} is entered. Its pages begin at {portal.settings.public_url}/{agency.slug}/")


@app.command(name="list")
def every(
    as_json: Annotated[bool, typer.Option("--json", help="Print JSON.")] = False,
) -> None:
    """List the agencies of every region."""
    with regions_opened(every_region(), looks=True) as regions:
        found = list(regions.agencies())
    if as_json:
        show([_plain(agency) for agency in found])
        return
    for agency in found:
        typer.echo(f"{agency.slug:24} {agency.name} ({agency.zone}; {', '.join(agency.laws)})")


def _plain(agency: Agency) -> dict[str, object]:
    bare = replace(agency, holidays=frozenset())
    names = ("slug", "name", "zone", "region", "prefix")
    return {name: getattr(bare, name) for name in names} | {"laws": list(bare.laws)}


def _laws(portal: Portal, codes: list[str]) -> tuple[str, ...]:
    known = {law.code for law in portal.rulebook.laws}
    unknown = [code for code in codes if code not in known]
    if unknown:
        raise UnknownLaw(f"No law has the code {', '.join(unknown)}. Known: {', '.join(sorted(known))}.")
    return tuple(dict.fromkeys(codes))
