"""`congvu viewer`: the role by which Grafana reads the record."""

from typing import Annotated

import typer

from monitor import settings
from monitor.cli.options import AsJson, Config

group = typer.Typer(
    no_args_is_help=True,
    help="The read-only role by which Grafana reads views of counts.",
    epilog="How to set up Grafana: docs/grafana.md.",
)


@group.command("show")
def viewer_show(as_json: AsJson = False, config: Config = None) -> None:
    """Host, port, database and user for Grafana's data source, and where the password lies."""
    from monitor.commands.viewer import show

    raise typer.Exit(show(as_json, settings.load(config)))


@group.command("sql")
def viewer_sql(config: Config = None) -> None:
    """What an administrator of another server (database.dsn) runs there to make the role."""
    from monitor.commands.viewer import print_sql

    raise typer.Exit(print_sql(settings.load(config)))


@group.command("password")
def viewer_password(
    new: Annotated[
        bool, typer.Option("--new", help="Make a new one; the old one ends at once.")
    ] = False,
    config: Config = None,
) -> None:
    """Print the role's password on the embedded server, to put it into Grafana.

    After `--new` Grafana is refused until it has the new one.
    """
    from monitor.commands.viewer import password

    raise typer.Exit(password(new, settings.load(config)))
