"""``rightsdesk agency directory``: where an agency keeps its students' passwords."""

from dataclasses import asdict
from pathlib import Path
from typing import Annotated, Final

import typer

from rightsdesk.verification.directories.changing import Changing
from rightsdesk.verification.directories.port import ExtraMissing, Kind
from rightsdesk.verification.directories.store import Directories
from rightsdesk.verification.directories.terms import BadDirectory, Dialect, Terms
from rightsdesk.web.commands.opening import agency_opened, in_words, refuse, secret_from, show
from rightsdesk.web.directories import directory_of
from rightsdesk.web.watchers import watched_operator

app = typer.Typer(help="Where an agency keeps its students' passwords.", no_args_is_help=True)
AgencySlug = Annotated[str, typer.Argument(help="Slug of the agency.")]
AsJson = Annotated[bool, typer.Option("--json", help="Print JSON.")]

# What each code means to the person who set the directory up.
WORDS: Final = {
    "unreachable": "Nothing answers at that address, or not within ten seconds, or nobody vouches for its certificate.",
    "inside": "Its address lies inside a network of ours. The operator can enter it by this command.",
    "not_secure": "It answers, but the connection cannot be made secure. See its certificate and --authority-file.",
    "not_let_in": "It does not let us in. See --login and the secret.",
    "no_such_place": "It lets us in, but has no such place, or does not let us search there. See --base.",
    "not_scim": "It answers, but not as SCIM 2.0 does. See the address: it often ends with /v2.",
    "not_installed": str(ExtraMissing()),
}
_HERE: Final = {
    Kind.BUILT_IN: "Passwords are kept here. There is nothing to reach.",
    Kind.ELSEWHERE: "The school keeps the passwords itself. There is nothing to reach.",
}


@app.command(name="set")
def settle(
    agency: AgencySlug,
    kind: Annotated[Kind, typer.Option(help="Where the passwords are.")],
    *,
    url: Annotated[str, typer.Option(help="Its address; for elsewhere, the school's own page for passwords.")] = "",
    login: Annotated[str, typer.Option(help="LDAP: distinguished name by which we are let in.")] = "",
    secret_file: Annotated[str, typer.Option(help="File with the password or token; - reads it from input.")] = "",
    base: Annotated[str, typer.Option(help="LDAP: name below which accounts are found.")] = "",
    attribute: Annotated[str, typer.Option(help="LDAP: attribute that holds the username.")] = "uid",
    dialect: Annotated[Dialect, typer.Option(help="LDAP: how it takes a new password.")] = Dialect.STANDARD,
    authority_file: Annotated[str, typer.Option(help="File with certificates (PEM) that vouch for it.")] = "",
) -> None:
    """Say where an agency's passwords are. Secrets come from a file or from input; without one the old one stays."""
    with in_words():
        authority = Path(authority_file).read_text("utf-8", "replace").strip() if authority_file else ""
    terms = Terms(kind, url, login, secret_from(secret_file), base, attribute, dialect, authority)
    with agency_opened(agency) as (portal, desk), portal.storage.write() as tx:
        now, kept = portal.now(), Directories(tx, desk.id, portal.vault.agency(desk.id))
        try:
            settled = Changing(kept, watched_operator(portal, tx, desk), "operator", now).set(terms)
        except BadDirectory as problem:
            refuse(str(problem))
    typer.echo(
        f"Students' passwords of {desk.slug}: {settled.kind}. Try it: rightsdesk agency directory test {desk.slug}"
    )


@app.command(name="show")
def look(agency: AgencySlug, as_json: AsJson = False) -> None:
    """Show where an agency's passwords are; secrets are never shown."""
    said = _plain(_terms(agency))
    if as_json:
        show(said)
        return
    for name, value in said.items():
        if value != "":
            typer.echo(f"{name:10} {value}")


@app.command(name="test")
def try_out(agency: AgencySlug, as_json: AsJson = False) -> None:
    """Reach the directory, change nothing, and say what is wrong."""
    with agency_opened(agency, looks=True) as (portal, desk):
        with portal.storage.read() as tx:
            terms = Directories(tx, desk.id, portal.vault.agency(desk.id)).terms()
        why = directory_of(portal, desk, terms).reach()
    if as_json:
        show({"kind": terms.kind, "ok": not why, "why": why})
    if why:
        refuse(WORDS[why])
    if not as_json:
        typer.echo(
            _HERE.get(terms.kind, "It answers and lets us in. Whether it lets us change passwords shows the first.")
        )


def _terms(slug: str) -> Terms:
    with agency_opened(slug, looks=True) as (portal, desk), portal.storage.read() as tx:
        return Directories(tx, desk.id, portal.vault.agency(desk.id)).terms()


def _plain(terms: Terms) -> dict[str, object]:
    """Return what may be shown: of the secret and the certificates only whether they are there."""
    said: dict[str, object]
    hidden: dict[str, object] = {"secret": bool(terms.secret), "authority": bool(terms.authority)}
    if terms.kind is Kind.LDAP:
        said = asdict(terms) | hidden
        said.pop("is_inside")
        return said
    said = {"kind": terms.kind, "url": terms.url}
    return said | hidden if terms.kind is Kind.SCIM else said
