"""`congvu activity`: the logs that say who is active."""

from pathlib import Path
from typing import Annotated

import typer

from monitor import settings
from monitor.cli.options import AsJson, Config

group = typer.Typer(
    no_args_is_help=True,
    help="The logs that say who is active.",
    epilog="Which logs, and what counts: docs/activity.md.",
)


@group.command("status")
def activity_status(as_json: AsJson = False, config: Config = None) -> None:
    """How far each log is read, its newest line, what is unread and what is wrong.

    Exit status 1 when a log cannot be read or nothing of it has been read yet.
    """
    from monitor.commands.activity import status

    raise typer.Exit(status(settings.load(config), as_json))


@group.command("import")
def activity_import(
    files: Annotated[list[Path], typer.Argument(help="Closed logs, plain or compressed.")],
    log: Annotated[str, typer.Option(help="Configured log whose format they have.")],
    again: Annotated[
        bool,
        typer.Option(
            "--again", help="Read files that were read before, as after a change of the registry."
        ),
    ] = False,
    config: Config = None,
) -> None:
    """Read old logs once: the days before congvu was there.

    Files are known by their content: repeating it changes nothing, and goes on where an import
    was interrupted.
    """
    from monitor.commands.activity import import_logs

    raise typer.Exit(import_logs(files, log, settings.load(config), again=again))
