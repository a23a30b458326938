"""What every command begins with: the settings, the portal, and refusals that end in one plain sentence."""

import json
import sys
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import Annotated, NoReturn, TypeAlias

import typer
from sqlalchemy.exc import SQLAlchemyError

from rightsdesk.requests.agencies.agency import Agency
from rightsdesk.requests.agencies.errors import AgencyProblem, OtherRegion
from rightsdesk.requests.agencies.store import Agencies
from rightsdesk.requests.cases.errors import CaseProblem
from rightsdesk.requests.law.errors import LawProblem
from rightsdesk.requests.ledger.errors import LedgerProblem
from rightsdesk.requests.people.errors import PeopleProblem
from rightsdesk.web import belonging, schema
from rightsdesk.web.app import control_of, wire_all
from rightsdesk.web.backups.errors import BackupProblem
from rightsdesk.web.backups.turns import beside_others
from rightsdesk.web.portal import Portal
from rightsdesk.web.regions import Regions
from rightsdesk.web.restoring import keep_erased, refuse_older
from rightsdesk.web.rosters import mend
from rightsdesk.web.settings import Settings, from_environment, regions_from_environment
from rightsdesk.web.whereabouts import refuse_lost

REFUSED = 1
Region: TypeAlias = Annotated[str, typer.Option(help="Only this region; all of them when not said.")]
PROBLEMS = (AgencyProblem, BackupProblem, CaseProblem, LawProblem, LedgerProblem, PeopleProblem)


@contextmanager
def regions_opened(settings: Sequence[Settings], *, looks: bool = False) -> Iterator[Regions]:
    """Yield the portals of these regions, each with an up-to-date database; refusals end the command likewise.

    An older copy of a database is written to by nobody before it was taken over; who only ``looks`` may see it. Who
    serves calls ``ready`` when the log has begun.
    """
    with regions_as_they_are(settings) as regions:
        for portal in regions.portals:
            schema.migrate(portal.storage.engine)
            belonging.take(portal.settings, portal.storage)
        regions.enter()
        if not looks:
            ready(*regions.portals)
        yield regions


def ready(*portals: Portal) -> None:
    """Return when these portals may be written to; what a restored copy has forgotten to be erased is erased again.

    The indexes that a killed import left off are made again.

    Raises:
        KeyLost: the key file is another portal's: nothing could be read, and what was written nobody could read later.
        OlderCopy: a database is older than what this machine signed, and nobody took it over yet.
        ErasureLedgerBroken: a list of erasures was altered or cut off.
    """
    for portal in portals:
        portal.vault.store.check(1)
        refuse_older(portal)
        keep_erased(portal)
        mend(portal)


@contextmanager
def regions_as_they_are(settings: Sequence[Settings]) -> Iterator[Regions]:
    """Yield the portals of these regions without bringing anything up to date; refusals end the command likewise."""
    with in_words(), ExitStack() as held:
        for one in settings:
            held.enter_context(beside_others(one.data))
            refuse_lost(one)
        regions = wire_all(settings)
        held.callback(regions.close)
        try:
            yield regions
        except OtherRegion as error:
            regions.first.turn_away("command", error)
            raise


@contextmanager
def agency_opened(slug: str, *, looks: bool = False) -> Iterator[tuple[Portal, Agency]]:
    """Yield an agency and the portal of its region, found by the control store; no other region is opened."""
    with in_words():
        region = _region_of(slug)
    with regions_opened((from_environment(region, frozenset()),), looks=looks) as regions:
        yield regions.first, agency_named(regions.first, slug)


def every_region(region: str = "") -> tuple[Settings, ...]:
    """Return the settings of the region that was named, or of all; for commands that send nothing."""
    return regions_from_environment(region, frozenset())


def one_region(region: str, needs: frozenset[str] = frozenset()) -> Settings:
    """Return the settings of the region that was named, or of the only one; of several none is guessed."""
    known = from_environment(needs=frozenset()).regions
    if region and region not in known:
        refuse(f"There is no region {region}. Configured: {', '.join(known)}.")
    if not region and len(known) > 1:
        refuse(f"There are the regions {', '.join(known)}. Say which one with --region.")
    return from_environment(region, needs)


def _region_of(slug: str) -> str:
    control = control_of(from_environment(needs=frozenset()))
    if control is None:
        return ""
    try:
        control.create()
        return control.home(slug).region
    finally:
        control.engine.dispose()


@contextmanager
def in_words() -> Iterator[None]:
    """End the command with exit code 1 and a sentence when the domain, a file or the database refuses."""
    try:
        yield
    except PROBLEMS as problem:
        refuse(str(problem))
    except OSError as problem:  # a full disk, a missing file, a folder that nobody may write to
        refuse(f"{problem.filename or 'A file'} cannot be used: {problem.strerror or type(problem).__name__}.")
    except SQLAlchemyError as problem:  # its text would print the values of a statement
        refuse(f"The database cannot be used ({type(problem).__name__}). See rightsdesk doctor.")


def agency_named(portal: Portal, slug: str) -> Agency:
    """Return the agency of this slug, or end the command."""
    with portal.storage.read() as tx:
        return Agencies(tx).named(slug)


def secret_from(place: str) -> str:
    """Return the secret in a file, or the first line of the input for ``-``: a command line is seen by others."""
    try:
        with in_words():
            said = sys.stdin.readline() if place == "-" else Path(place).read_text("utf-8") if place else ""
    except UnicodeDecodeError:
        refuse("The secret's file is not text in UTF-8.")
    return said.strip()


def refuse(words: str) -> NoReturn:
    """End the command with exit code 1 and one sentence on standard error."""
    typer.echo(words, err=True)
    raise typer.Exit(REFUSED)


def show(value: object) -> None:
    """Print a value as JSON on one line, so that a program can read it line by line while the command goes on."""
    typer.echo(json.dumps(value, ensure_ascii=False))
