"""``rightsdesk backup`` and ``restore``: copies of the embedded databases, and the way back."""

from pathlib import Path
from typing import Annotated, Final

import typer

from rightsdesk.web.app import clock
from rightsdesk.web.backups.making import back_up
from rightsdesk.web.backups.putting_back import PutBack, Wish, put_back
from rightsdesk.web.commands.opening import in_words, opened, show
from rightsdesk.web.settings import from_environment

_MB: Final = 1024 * 1024
Json = Annotated[bool, typer.Option("--json", help="Print JSON.")]


def backup(
    folder: Annotated[Path, typer.Argument(help="Folder for the backups, on another disk than the data folder.")],
    keep_days: Annotated[
        int | None, typer.Option(help="Remove backups older than this many days; without it all stay.", min=1)
    ] = None,
    as_json: Json = False,
) -> None:
    """Write a sealed backup while the portal runs. The keys in older ones go after seven days, as erasures promise."""
    with opened() as portal:
        made = back_up(portal, folder.expanduser().absolute(), keep_days or 0)
    if as_json:
        said = {"folder": str(made.folder), "made_at": made.made_at.isoformat(), "bytes": made.size}
        show(said | {"removed": made.removed, "keys_removed": made.keys_removed})
        return
    typer.echo(f"{made.folder} is whole: {made.size / _MB:,.1f} MB, sealed. Only the key file opens it.")
    if made.keys_removed:
        typer.echo(f"The keys of {made.keys_removed} backups of more than seven days were removed.")
    if made.removed:
        typer.echo(f"{made.removed} older backups were removed.")


def restore(
    folder: Annotated[Path, typer.Argument(help="Folder of the backups (the newest is taken), or one of them.")],
    force: Annotated[bool, typer.Option("--force", help="Move a database that is there aside.")] = False,
    key_file: Annotated[
        Path | None,
        typer.Option(help="Copy of the key file from the day of the backup, where keys were renewed since."),
    ] = None,
    region: Annotated[str, typer.Option(help="Region whose databases are restored; the first one when not said.")] = "",
    as_json: Json = False,
) -> None:
    """Put a backup back while the portal rests; what was erased since is erased again before anybody is served."""
    settings = from_environment(region, needs=frozenset())
    with in_words():
        wish = Wish(force, key_file.expanduser().absolute() if key_file else None)
        done = put_back(settings, folder.expanduser().absolute(), wish, clock())
    show(_plain(done)) if as_json else _tell(done)


def _plain(done: PutBack) -> dict[str, object]:
    return {
        "folder": str(done.folder),
        "made_at": done.made_at.isoformat(),
        "keys": done.keys,
        "aside": [str(path) for path in done.aside],
        "agencies": [
            {"slug": one.slug, "entries": one.entries, "lost": one.lost, "erased_again": one.erased_again}
            for one in done.agencies
        ],
        "letters": list(done.letters),
    }


def _tell(done: PutBack) -> None:
    typer.echo(f"The portal is as it was at {done.made_at:%Y-%m-%d %H:%M} UTC; everybody signs in again.")
    for one in done.agencies:
        lost = "nobody can say how many entries" if one.lost is None else f"{one.lost:,} entries"
        typer.echo(
            f"{one.slug}: {one.erased_again:,} people erased again; {lost} of the ledger came later and are lost."
        )
    typer.echo("Enter again what was decided, blocked or corrected since, orders and staff first.")
    if done.keys == "kept":
        typer.echo("The keys' database was kept: it is newer than the backup's.")
    if done.letters:
        typer.echo(f"Letters that may go twice: {', '.join(done.letters)}")
    for path in done.aside:
        typer.echo(f"Moved aside, to be removed when all is well: {path}")
