"""``rightsdesk roster``: bring in a school roster."""

from collections.abc import Iterator
from contextlib import contextmanager, nullcontext
from pathlib import Path
from typing import Annotated

import typer

from rightsdesk.requests.people.roster.importing import Wish, import_package
from rightsdesk.requests.people.roster.outcome import Outcome, State
from rightsdesk.requests.people.roster.terms import Progress
from rightsdesk.web.commands.opening import REFUSED, agency_opened, show
from rightsdesk.web.rosters import terms, unwatched

app = typer.Typer(help="Bring in a school roster.", no_args_is_help=True)
SHOWN = 20


@app.callback()
def group() -> None:
    """Bring in a school roster."""


@app.command(name="import")
def bring_in(
    agency: Annotated[str, typer.Argument(help="Slug of the agency.")],
    file: Annotated[Path, typer.Argument(help="OneRoster 1.1 or 1.2 CSV package, a ZIP.", exists=True, dir_okay=False)],
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Only say what would change.")] = False,
    as_json: Annotated[bool, typer.Option("--json", help="Print JSON.")] = False,
    force: Annotated[bool, typer.Option("--force", help="Use it even when it is older than the last one.")] = False,
) -> None:
    """Import a package: checked whole, then applied in one step or not at all. The same file twice changes nothing."""
    with agency_opened(agency) as (portal, owner), nullcontext(unwatched) if as_json else _bar() as progress:
        portal.storage.spare_memory()
        wanted = terms(portal, owner, "operator", progress)
        outcome = import_package(file, wanted, Wish(only_look=dry_run, even_older=force))
    if as_json:
        show(outcome.as_json())
    else:
        _tell(outcome, f"would be {outcome.state.value}" if dry_run else outcome.state.value)
    if outcome.words:
        typer.echo(outcome.words, err=True)
    if outcome.state in {State.REFUSED, State.HELD}:
        raise typer.Exit(REFUSED)


@contextmanager
def _bar() -> Iterator[Progress]:
    # No other command draws anything, and none of them should pay for what draws.
    from rich import progress as shown  # noqa: PLC0415 - as above
    from rich.console import Console  # noqa: PLC0415 - as above

    columns = (shown.TextColumn("{task.description:10}"), shown.BarColumn(), shown.TimeRemainingColumn())
    with shown.Progress(*columns, console=Console(stderr=True), transient=True) as bar:
        task = bar.add_task("reading", total=None)

        def tell(phase: str, done: int, total: int) -> None:
            bar.update(task, description=phase, completed=done, total=total or None)

        yield tell


def _tell(outcome: Outcome, state: str) -> None:
    typer.echo(f"{state}.")
    for name, change in outcome.counts.kinds():
        typer.echo(f"  {name:14} {change.added:8,} added {change.changed:8,} changed {change.removed:8,} removed")
    dropped = outcome.dropped
    if dropped.under_13 or dropped.age_unknown:
        typer.echo(f"  student numbers not kept: {dropped.under_13:,} under 13, {dropped.age_unknown:,} age unknown")
    for problem in outcome.problems[:SHOWN]:
        typer.echo(f"  {problem.severity.value:7} {problem.file}:{problem.line} {problem.column} {problem.code}")
    if len(outcome.problems) > SHOWN:
        typer.echo(f"  and {len(outcome.problems) - SHOWN:,} more; --json prints them all")
