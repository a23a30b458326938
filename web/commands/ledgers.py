"""``rightsdesk audit`` and ``rightsdesk keys``: prove the ledger, renew the keys."""

from collections.abc import Iterator
from typing import Annotated
from uuid import UUID

import typer

from rightsdesk.requests.agencies.agency import Agency
from rightsdesk.requests.agencies.store import Agencies
from rightsdesk.requests.ledger.verify import Verdict, verify
from rightsdesk.web.commands.opening import REFUSED, Region, agency_opened, every_region, regions_opened, show
from rightsdesk.web.portal import Portal
from rightsdesk.web.reindexing import ImportRuns, renew_keys
from rightsdesk.web.restoring import ledgers, strange_ledgers

audit = typer.Typer(help="Prove that the ledger was not altered.", no_args_is_help=True)
keys = typer.Typer(help="Care for the keys.", no_args_is_help=True)


@audit.callback()
def audit_group() -> None:
    """Prove that the ledger was not altered."""


@keys.callback()
def keys_group() -> None:
    """Care for the keys."""


@audit.command(name="verify")
def check(
    agency: Annotated[str, typer.Option(help="Only this agency.")] = "",
    region: Region = "",
    as_json: Annotated[bool, typer.Option("--json", help="Print JSON.")] = False,
) -> None:
    """Walk the chain of each agency and name the first entry that was altered, removed, inserted or cut off."""
    verdicts = _of_agency(agency) if agency else _of_regions(region)
    bad = next(((name, verdict) for name, verdict in verdicts if not verdict.ok), None)
    entries = sum(verdict.entries for _, verdict in verdicts)
    if as_json:
        show({"entries": entries, "ok": bad is None, "first_bad": bad[1].first_bad if bad else None})
    elif bad is None:
        typer.echo(f"{entries:,} entries, none altered.")
    else:
        typer.echo(f"{bad[0]}: entry {bad[1].first_bad} is the first that is wrong. {bad[1].why}")
    if bad is not None:
        raise typer.Exit(REFUSED)


@keys.command()
def rotate(region: Region = "") -> None:
    """Renew the master key, each agency's keys and the blind indexes, beside a running server and without a pause."""
    with regions_opened(every_region(region)) as regions:
        for portal in regions.portals:
            portal.vault.rotate_master()
            for agency in _agencies(portal):
                _renew(portal, agency)


def _renew(portal: Portal, agency: Agency) -> None:
    try:
        done = renew_keys(portal, agency)
    except ImportRuns as running:
        typer.echo(f"{agency.slug}: {running}", err=True)
        raise typer.Exit(REFUSED) from running
    typer.echo(f"{agency.slug}: {done.wrapped:,} keys wrapped anew, {done.entered:,} index entries renewed.")
    if done.lingering:
        kept = f"{done.lingering:,} entries can only be found by it until they are erased or come in again."
        typer.echo(f"  The older index key stays: {kept}")


def _of_agency(slug: str) -> list[tuple[str, Verdict]]:
    with agency_opened(slug, looks=True) as (portal, agency):
        return [(agency.slug, _verdict(portal, agency.id))]


def _of_regions(region: str) -> list[tuple[str, Verdict]]:
    with regions_opened(every_region(region), looks=True) as regions:
        return [pair for portal in regions.portals for pair in _of_region(portal)]


def _of_region(portal: Portal) -> Iterator[tuple[str, Verdict]]:
    for name, ledger in ledgers(portal):
        yield name, _verdict(portal, ledger)
    for name, _ in strange_ledgers(portal):
        yield name, Verdict(0, ok=False, first_bad=1, why="This machine signed it, and the database does not hold it.")


def _agencies(portal: Portal) -> list[Agency]:
    with portal.storage.read() as tx:
        return list(Agencies(tx).every())


def _verdict(portal: Portal, ledger: UUID) -> Verdict:
    with portal.storage.read() as tx:
        return verify(tx, ledger, portal.checkpoints)
