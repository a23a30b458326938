"""What every command begins with: the settings, the portal, and refusals that end in one plain sentence."""

import json
from collections.abc import Iterator
from contextlib import contextmanager
from typing import NoReturn

import typer
from sqlalchemy.exc import SQLAlchemyError

from rightsdesk.requests.agencies.agency import Agency
from rightsdesk.requests.agencies.errors import AgencyProblem
from rightsdesk.requests.agencies.store import Agencies
from rightsdesk.requests.cases.errors import CaseProblem
from rightsdesk.requests.law.errors import LawProblem
from rightsdesk.requests.ledger.errors import LedgerProblem
from rightsdesk.requests.people.errors import PeopleProblem
from rightsdesk.web import schema
from rightsdesk.web.app import wire
from rightsdesk.web.backups.errors import BackupProblem
from rightsdesk.web.backups.turns import beside_others
from rightsdesk.web.portal import Portal
from rightsdesk.web.settings import Settings, from_environment

REFUSED = 1
PROBLEMS = (AgencyProblem, BackupProblem, CaseProblem, LawProblem, LedgerProblem, PeopleProblem)


@contextmanager
def opened(settings: Settings | None = None) -> Iterator[Portal]:
    """Yield the wired portal with an up-to-date database; a refusal of the domain ends the command with exit code 1."""
    settings = settings or from_environment(needs=frozenset())
    with in_words(), beside_others(settings.data):
        portal = wire(settings)
        schema.migrate(portal.storage.engine)
        try:
            yield portal
        finally:
            portal.storage.close()


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


def refuse(words: str) -> NoReturn:
    """End the command with exit code 1 and one sentence on standard error."""
    typer.echo(words, err=True)
    raise typer.Exit(REFUSED)


def show(value: object) -> None:
    """Print a value as JSON on one line, so that a program can read it line by line while the command goes on."""
    typer.echo(json.dumps(value, ensure_ascii=False))
