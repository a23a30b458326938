"""``rightsdesk demo``: seed a made-up district once, then serve it."""

import json
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Annotated, Final

import typer

from rightsdesk.requests.agencies.agency import Role
from rightsdesk.requests.agencies.errors import NoSuchAgency
from rightsdesk.requests.agencies.store import Agencies
from rightsdesk.web.commands.opening import refuse, regions_opened, show
from rightsdesk.web.commands.serving import listen, taken
from rightsdesk.web.demo import seeding
from rightsdesk.web.demo.colleagues import hire
from rightsdesk.web.demo.district import people
from rightsdesk.web.demo.script import Desk
from rightsdesk.web.portal import Portal
from rightsdesk.web.settings import Settings, read

NOTES: Final = "demo.json"


@dataclass(frozen=True, slots=True)
class Login:
    """A member of the demo's staff and how they sign in."""

    email: str
    password: str
    totp_secret: str
    role: str


@dataclass(frozen=True, slots=True)
class Notes:
    """What a visitor of the demo needs; programs rely on every name."""

    url: str
    agency: str
    parent_phone: str
    student_phone: str
    staff: tuple[Login, ...]
    sms_file: str
    mail_file: str


def demo(
    port: Annotated[int, typer.Option(help="Port on 127.0.0.1; 0 takes a free one.", min=0, max=65535)] = 8000,
    data: Annotated[Path, typer.Option(help="Folder for the demo's data.")] = Path("data"),
    as_json: Annotated[bool, typer.Option("--json", help="Print one JSON object before serving.")] = False,
) -> None:
    """Seed a made-up district in DATA the first time, print how to sign in, and serve it on this machine only."""
    with taken("127.0.0.1", port) as place, regions_opened((_settings(data, place.getsockname()[1]),)) as regions:
        portal = regions.first
        notes = _notes(portal.settings, _seeded(portal, portal.settings.data))
        show(asdict(notes)) if as_json else _tell(notes)
        listen(regions, place)


def _settings(data: Path, port: int) -> Settings:
    folder = data.expanduser().absolute()
    return read(
        {
            "RIGHTSDESK_PUBLIC_URL": f"http://127.0.0.1:{port}",
            "RIGHTSDESK_DATA": str(folder),
            "RIGHTSDESK_SMS": f"file:{folder / 'texts.jsonl'}",
            "RIGHTSDESK_MAIL": f"file:{folder / 'mail.jsonl'}",
        }
    )


def _notes(settings: Settings, logins: tuple[Login, ...]) -> Notes:
    named = people()
    return Notes(
        url=settings.public_url,
        agency=seeding.MARIGOLD,
        parent_phone=named.parent.number,
        student_phone=named.student_15.number,
        staff=logins,
        sms_file=settings.sms.place,
        mail_file=settings.mail.place,
    )


def _seeded(portal: Portal, folder: Path) -> tuple[Login, ...]:
    kept = folder / NOTES
    if _is_there(portal):
        if not kept.exists():
            refuse(f"The demo in {folder} was not finished. Remove that folder, or name another one with --data.")
        return tuple(Login(**one) for one in json.loads(kept.read_text("utf-8")))
    typer.echo("Making a district of 300 students with 50 requests. This takes a few seconds.", err=True)
    made = seeding.agency(portal)
    seeding.roster(portal, made, folder)
    hired = hire(portal, made)
    seeding.holdings(portal, made)
    story = seeding.story(portal, made)
    seeding.restriction(portal, made, story.restricted, hired[0].id)
    desk = Desk(hired[0].id, hired[1].id, frozenset({Role.APPROVER, Role.LEAD}))
    seeding.cases(portal, made, desk, story.everybody)
    logins = tuple(Login(one.email, one.password, one.totp_secret, one.role) for one in hired)
    kept.touch(mode=0o600)
    kept.write_text(json.dumps([asdict(one) for one in logins]), "utf-8")
    return logins


def _is_there(portal: Portal) -> bool:
    try:
        with portal.storage.read() as tx:
            Agencies(tx).named(seeding.MARIGOLD)
    except NoSuchAgency:
        return False
    return True


def _tell(notes: Notes) -> None:
    typer.echo(f"\nFamilies:  {notes.url}/{notes.agency}/")
    typer.echo(f"  a parent's number    {notes.parent_phone}")
    typer.echo(f"  a student's number   {notes.student_phone}")
    typer.echo(f"Staff:     {notes.url}/desk/{notes.agency}/sign-in")
    for login in notes.staff:
        typer.echo(f"  {login.role:14} {login.email}  password: {login.password}")
        typer.echo(f"  {'':14} authenticator secret: {login.totp_secret}")
    typer.echo(f"Texts are written to {notes.sms_file}")
    typer.echo(f"Mail is written to   {notes.mail_file}")
    typer.echo(f"\nReady: {notes.url}  (Ctrl-C stops)")
