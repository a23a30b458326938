"""``rightsdesk law``: check worked due dates against the rule book."""

from pathlib import Path
from typing import Annotated

import typer

from rightsdesk.requests.law.errors import LawProblem
from rightsdesk.requests.law.examples import check_examples
from rightsdesk.requests.law.rulebook import load
from rightsdesk.web.commands.opening import REFUSED, refuse

app = typer.Typer(help="Look into the law as the portal knows it.", no_args_is_help=True)


@app.callback()
def group() -> None:
    """Look into the law as the portal knows it."""


@app.command()
def examples(
    file: Annotated[Path, typer.Argument(help="CSV of worked due dates.", exists=True, dir_okay=False)],
) -> None:
    """Count each worked due date again and say whether the rule book agrees."""
    passed = failed = 0
    try:
        for result in check_examples(file, load()):
            typer.echo(result.line())
            passed, failed = passed + result.ok, failed + (not result.ok)
    except LawProblem as problem:
        refuse(str(problem))
    typer.echo(f"{passed} passed, {failed} failed")
    if failed:
        raise typer.Exit(REFUSED)
