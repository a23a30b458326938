"""``rightsdesk staff``: who works at an agency's desk."""

from typing import Annotated, Final

import typer

from rightsdesk.requests.agencies.agency import Colleague, Role
from rightsdesk.requests.agencies.staffing import add_colleague, note_reset, remove_colleague
from rightsdesk.requests.agencies.store import Staff
from rightsdesk.requests.people.register.store import Register
from rightsdesk.verification.staff import factors
from rightsdesk.verification.staff.invitations import inviting
from rightsdesk.verification.staff.invitations.inviting import Purpose, Way
from rightsdesk.web.commands.opening import agency_opened, refuse, show
from rightsdesk.web.onroster import proposed
from rightsdesk.web.sessions import STAFF, Sessions
from rightsdesk.web.staffmail import link_of
from rightsdesk.web.staffroom import staff_means

app = typer.Typer(help="Who works at an agency's desk.", no_args_is_help=True)
AgencySlug = Annotated[str, typer.Argument(help="Slug of the agency.")]
Email = Annotated[str, typer.Argument(help="Work e-mail, the name to sign in with.")]
Printed = Annotated[
    bool, typer.Option("--print-invitation", help="Print the link, to be handed over, instead of mailing it.")
]
_NOBODY: Final = "Nobody at the desk of {} signs in with this address."


@app.command()
def add(
    agency: AgencySlug,
    email: Email,
    role: Annotated[list[Role], typer.Option(help="What they may do; may be repeated.")],
    name: Annotated[str, typer.Option(help="Their name as families read it.")] = "",
    person: Annotated[str, typer.Option(help="Their sourcedId on the roster, where they are on it.")] = "",
    print_invitation: Printed = False,
    as_json: Annotated[bool, typer.Option("--json", help="Print JSON.")] = False,
) -> None:
    """Add somebody and invite them by mail, or print the invitation: a link that works once, for seven days."""
    with agency_opened(agency) as (portal, desk):
        now = portal.now()
        with portal.storage.write() as tx:
            vault = portal.vault.agency(desk.id)
            tie = Register(tx, desk, vault).sourced(person) if person else proposed(tx, desk, vault, email, now)
            called = name or email.partition("@")[0]
            colleague = Colleague(portal.fresh_id(), called, email.strip(), frozenset(role), tie)
            record = portal.ledger(tx, desk.id, now)
            add_colleague(Staff(tx, desk.id, vault), record, colleague, "operator", now)
            way = Way.PRINT if print_invitation else Way.MAIL
            handed = inviting.invite(
                staff_means(portal, tx, desk, now), colleague.id, Purpose.JOIN, way, "operator", now
            )
        link = link_of(portal, desk, handed.token) if handed.token else ""
    _tell(_plain(colleague), f"{email} is added.", link, as_json=as_json)


@app.command()
def invite(
    agency: AgencySlug,
    email: Email,
    print_invitation: Printed = False,
    as_json: Annotated[bool, typer.Option("--json", help="Print JSON.")] = False,
) -> None:
    """Invite somebody at the desk anew; what they sign in with now stops working, and their sessions end."""
    with agency_opened(agency) as (portal, desk):
        now = portal.now()
        with portal.storage.write() as tx:
            vault, means = portal.vault.agency(desk.id), staff_means(portal, tx, desk, now)
            staff = Staff(tx, desk.id, vault)
            found = staff.addressed(email) or refuse(_NOBODY.format(desk.name))
            note_reset(staff, found.id, "operator")
            Sessions(tx, desk.id, vault, now, portal.draw, STAFF).end_all(staff=found.id)
            if factors.has_joined(means, found.id):
                factors.reset(means, found.id, found.email, Purpose.JOIN, "operator")
            way = Way.PRINT if print_invitation else Way.MAIL
            handed = inviting.invite(means, found.id, Purpose.JOIN, way, "operator", now)
        link = link_of(portal, desk, handed.token) if handed.token else ""
    _tell(_plain(found), f"{email} is invited anew.", link, as_json=as_json)


@app.command()
def remove(agency: AgencySlug, email: Email) -> None:
    """Take somebody off the desk and end their sessions; what they decided keeps their name."""
    with agency_opened(agency) as (portal, desk):
        now = portal.now()
        with portal.storage.write() as tx:
            vault = portal.vault.agency(desk.id)
            staff = Staff(tx, desk.id, vault)
            found = staff.addressed(email) or refuse(_NOBODY.format(desk.name))
            remove_colleague(staff, portal.ledger(tx, desk.id, now), found.id, "operator", now)
            factors.forget(staff_means(portal, tx, desk, now), found.id, now)
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


def _tell(plain: dict[str, object], words: str, link: str, *, as_json: bool) -> None:
    if as_json:
        show(plain | ({"invitation": link} if link else {}))
    else:
        typer.echo(f"{words} {f'Invitation: {link}' if link else 'The invitation goes by mail.'}")


def _plain(colleague: Colleague) -> dict[str, object]:
    return {"email": colleague.email, "name": colleague.name, "roles": sorted(colleague.roles)}
