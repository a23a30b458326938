"""``rightsdesk staff``: who works at an agency's desk."""

from base64 import b32encode
from typing import Annotated, Final

import typer

from rightsdesk.requests.agencies.agency import Colleague, Role
from rightsdesk.requests.agencies.staffing import add_colleague, remove_colleague
from rightsdesk.requests.agencies.store import Staff
from rightsdesk.requests.people.register.store import Register
from rightsdesk.verification.staff import accounts
from rightsdesk.web.commands.opening import agency_opened, refuse, show
from rightsdesk.web.onroster import proposed
from rightsdesk.web.sessions import STAFF, Sessions
from rightsdesk.web.staffroom import staff_means

app = typer.Typer(help="Who works at an agency's desk.", no_args_is_help=True)
AgencySlug = Annotated[str, typer.Argument(help="Slug of the agency.")]
Email = Annotated[str, typer.Argument(help="Work e-mail, the name to sign in with.")]
_BYTES: Final = 15


@app.command()
def add(
    agency: AgencySlug,
    email: Email,
    role: Annotated[list[Role], typer.Option(help="What they may do; may be repeated.")],
    name: Annotated[str, typer.Option(help="Their name as families read it.")] = "",
    person: Annotated[str, typer.Option(help="Their sourcedId on the roster, where they are on it.")] = "",
    as_json: Annotated[bool, typer.Option("--json", help="Print JSON.")] = False,
) -> None:
    """Add somebody and print a first password for a person to hand over; the app is set up at the first sign-in."""
    with agency_opened(agency) as (portal, desk):
        now = portal.now()
        password = b32encode(portal.draw(_BYTES)).decode().lower()
        with portal.storage.write() as tx:
            means, vault = staff_means(portal, tx, desk, now), portal.vault.agency(desk.id)
            tie = Register(tx, desk, vault).sourced(person) if person else proposed(tx, desk, vault, email, now)
            called = name or email.partition("@")[0]
            colleague = Colleague(portal.fresh_id(), called, email.strip(), frozenset(role), tie)
            record = portal.ledger(tx, desk.id, now)
            add_colleague(Staff(tx, desk.id, vault), record, colleague, "operator", now)
            accounts.hand_out_password(means, colleague.id, password, now)
    if as_json:
        show(_plain(colleague) | {"password": password})
    else:
        typer.echo(f"{email} is added. First password: {password}")


@app.command()
def remove(agency: AgencySlug, email: Email) -> None:
    """Take somebody off the desk and end their sessions; what they decided keeps their name."""
    with agency_opened(agency) as (portal, desk):
        now = portal.now()
        with portal.storage.write() as tx:
            vault = portal.vault.agency(desk.id)
            staff = Staff(tx, desk.id, vault)
            found = staff.addressed(email)
            if found is None:
                refuse(f"Nobody at the desk of {desk.name} signs in with this address.")
            remove_colleague(staff, portal.ledger(tx, desk.id, now), found.id, "operator", now)
            Sessions(tx, desk.id, vault, now, portal.draw, STAFF).end_all(staff=found.id)
    typer.echo(f"{email} is removed.")


@app.command(name="list")
def every(agency: AgencySlug, as_json: Annotated[bool, typer.Option("--json", help="Print JSON.")] = False) -> None:
    """List who works at the desk."""
    with agency_opened(agency, looks=True) as (portal, desk), portal.storage.read() as tx:
        people = Staff(tx, desk.id, portal.vault.agency(desk.id)).every()
    if as_json:
        show([_plain(one) for one in people])
        return
    for one in people:
        typer.echo(f"{one.email:40} {one.name:24} {', '.join(sorted(one.roles))}")


def _plain(colleague: Colleague) -> dict[str, object]:
    return {"email": colleague.email, "name": colleague.name, "roles": sorted(colleague.roles)}
