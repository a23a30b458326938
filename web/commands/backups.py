"""``rightsdesk backup`` and ``restore``: copies of the embedded databases, and the way back."""

from collections.abc import Sequence
from dataclasses import asdict
from pathlib import Path
from typing import Annotated, Final

import typer

from rightsdesk.web.app import clock
from rightsdesk.web.backups.making import Made, back_up
from rightsdesk.web.backups.proving import Again
from rightsdesk.web.backups.putting_back import PutBack, Wish, put_back
from rightsdesk.web.backups.taking_over import Taken, take_over
from rightsdesk.web.commands.opening import Region, every_region, in_words, one_region, regions_opened, show
from rightsdesk.web.settings import Settings

_MB: Final = 1024 * 1024
Json = Annotated[bool, typer.Option("--json", help="Print JSON.")]


def backup(
    folder: Annotated[Path, typer.Argument(help="Folder for the backups, on another disk than the data folder.")],
    keep_days: Annotated[
        int | None, typer.Option(help="Remove backups older than this many days; without it all stay.", min=1)
    ] = None,
    region: Region = "",
    as_json: Json = False,
) -> None:
    """Write a sealed backup while the portal runs. The keys in older ones go after seven days, as erasures promise.

    Of several regions each has a folder of its own below this one, and a line of its own in the answer.
    """
    for settings in every_region(region):
        with regions_opened((settings,), looks=True) as regions:
            made = back_up(regions.first, _of_region(folder, settings), keep_days or 0)
        _show_made(settings, made) if as_json else _tell_made(made)


def _of_region(folder: Path, settings: Settings) -> Path:
    whole = folder.expanduser().absolute()
    return whole / settings.region if len(settings.regions) > 1 else whole


def _show_made(settings: Settings, made: Made) -> None:
    said = {"folder": str(made.folder), "made_at": made.made_at.isoformat(), "bytes": made.size}
    named = {"region": settings.region} if len(settings.regions) > 1 else {}
    show(said | {"removed": made.removed, "keys_removed": made.keys_removed} | named)


def _tell_made(made: Made) -> None:
    typer.echo(f"{made.folder} is whole: {made.size / _MB:,.1f} MB, sealed. Only the key file opens it.")
    if made.keys_removed:
        typer.echo(f"The keys of {made.keys_removed} backups of more than seven days were removed.")
    if made.removed:
        typer.echo(f"{made.removed} older backups were removed.")


def restore(
    folder: Annotated[
        Path | None,
        typer.Argument(
            help="Folder of the backups (the newest is taken), or one of them. Without it: take over databases that "
            "pg_restore put back."
        ),
    ] = None,
    force: Annotated[bool, typer.Option("--force", help="Move a database that is there aside.")] = False,
    key_file: Annotated[
        Path | None,
        typer.Option(help="Copy of the key file from the day of the backup, where keys were renewed since."),
    ] = None,
    region: Annotated[str, typer.Option(help="Region whose databases are restored; the only one if not said.")] = "",
    as_json: Json = False,
) -> None:
    """Put a backup back while the portal rests; what was erased since is erased again before anybody is served."""
    settings = one_region(region)
    if folder is None:
        with in_words():
            taken = take_over(settings, clock())
        show(_said(_some(taken.aside), taken.ledgers, taken.letters)) if as_json else _tell_taken(taken)
        return
    below = _of_region(folder, settings)
    with in_words():
        wish = Wish(force, key_file.expanduser().absolute() if key_file else None)
        done = put_back(settings, below if below.is_dir() else folder.expanduser().absolute(), wish, clock())
    show(_plain(done)) if as_json else _tell(done)


def _plain(done: PutBack) -> dict[str, object]:
    made = {"folder": str(done.folder), "made_at": done.made_at.isoformat(), "keys": done.keys}
    return made | _said(done.aside, done.agencies, done.letters)


def _said(aside: Sequence[Path], agencies: Sequence[Again], letters: Sequence[str]) -> dict[str, object]:
    return {
        "aside": [str(path) for path in aside],
        "agencies": [asdict(one) for one in agencies],
        "letters": list(letters),
    }


def _tell(done: PutBack) -> None:
    typer.echo(f"The portal is as it was at {done.made_at:%Y-%m-%d %H:%M} UTC; everybody signs in again.")
    _tell_agencies(done.agencies)
    if done.keys == "kept":
        typer.echo("The keys' database was kept: it is newer than the backup's.")
    _tell_rest(done.letters, done.aside)


def _tell_taken(done: Taken) -> None:
    typer.echo("The databases are taken over; everybody signs in again.")
    _tell_agencies(done.ledgers)
    _tell_rest(done.letters, _some(done.aside))


def _tell_agencies(agencies: Sequence[Again]) -> None:
    for one in agencies:
        lost = "nobody can say how many entries" if one.lost is None else f"{one.lost:,} entries"
        typer.echo(
            f"{one.slug}: {one.erased_again:,} people erased again; {lost} of the ledger came later and are lost."
        )
    typer.echo("What was corrected since is corrected again.")
    typer.echo("Enter again what was decided or blocked since, orders and staff first.")


def _tell_rest(letters: Sequence[str], aside: Sequence[Path]) -> None:
    if letters:
        typer.echo(f"Letters that may go twice: {', '.join(letters)}")
    for path in aside:
        typer.echo(f"Moved aside, to be removed when all is well: {path}")


def _some(path: Path | None) -> tuple[Path, ...]:
    return (path,) if path else ()
