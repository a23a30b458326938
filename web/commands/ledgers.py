"""``rightsdesk audit`` and ``rightsdesk keys``: prove the ledger, renew the keys."""

from typing import Annotated

import typer

from rightsdesk.requests.agencies.agency import Agency
from rightsdesk.requests.agencies.store import Agencies
from rightsdesk.requests.ledger.verify import Verdict, verify
from rightsdesk.web.commands.opening import REFUSED, agency_named, opened, show
from rightsdesk.web.portal import Portal
from rightsdesk.web.reindexing import ImportRuns, renew_keys
from rightsdesk.web.restoring import keep_erased

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
    as_json: Annotated[bool, typer.Option("--json", help="Print JSON.")] = False,
) -> None:
    """Walk the chain of each agency and name the first entry that was altered, removed, inserted or cut off."""
    with opened() as portal:
        verdicts = [(one, _verdict(portal, one)) for one in _agencies(portal, agency)]
    bad = next(((one, verdict) for one, verdict in verdicts if not verdict.ok), None)
    entries = sum(verdict.entries for _, verdict in verdicts)
    if as_json:
        show({"entries": entries, "ok": bad is None, "first_bad": bad[1].first_bad if bad else None})
    elif bad is None:
        typer.echo(f"{entries:,} entries, none altered.")
    else:
        typer.echo(f"{bad[0].slug}: entry {bad[1].first_bad} is the first that is wrong. {bad[1].why}")
    if bad is not None:
        raise typer.Exit(REFUSED)


@keys.command()
def rotate() -> None:
    """Renew the master key, each agency's keys and the blind indexes, beside a running server and without a pause."""
    with opened() as portal:
        keep_erased(portal)  # a restored copy lacks the tombstones for which an older key must stay
        portal.vault.rotate_master()
        for agency in _agencies(portal, ""):
            try:
                done = renew_keys(portal, agency)
            except ImportRuns as running:
                typer.echo(f"{agency.slug}: {running}", err=True)
                raise typer.Exit(REFUSED) from running
            typer.echo(f"{agency.slug}: {done.wrapped:,} keys wrapped anew, {done.entered:,} index entries renewed.")
            if done.lingering:
                kept = f"{done.lingering:,} entries can only be found by it until they are erased or come in again."
                typer.echo(f"  The older index key stays: {kept}")


def _agencies(portal: Portal, slug: str) -> list[Agency]:
    if slug:
        return [agency_named(portal, slug)]
    with portal.storage.read() as tx:
        return list(Agencies(tx).every())


def _verdict(portal: Portal, agency: Agency) -> Verdict:
    with portal.storage.read() as tx:
        return verify(tx, agency.id, portal.checkpoints)
