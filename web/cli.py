"""The command ``rightsdesk``: every group of commands in one place."""

import typer

from rightsdesk.web.commands import agencies, backups, laws, ledgers, rosters, serving, staffing
from rightsdesk.web.demo import command as demo

app = typer.Typer(
    help="Ask a school agency to show, correct or erase a student's data: the portal's commands.",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,  # a traceback that prints local values would print personal ones
)
app.add_typer(agencies.app, name="agency")
app.add_typer(staffing.app, name="staff")
app.add_typer(rosters.app, name="roster")
app.add_typer(laws.app, name="law")
app.add_typer(ledgers.audit, name="audit")
app.add_typer(ledgers.keys, name="keys")
app.command()(serving.serve)
app.command()(serving.work)
app.command()(serving.migrate)
app.command()(serving.doctor)
app.command()(backups.backup)
app.command()(backups.restore)
app.command()(demo.demo)


def main() -> None:
    """Run the command line; exit codes are 0 done, 1 refused with a reason, 2 wrong usage."""
    app()
