"""`congvu quarantine`: what was set aside."""

from typing import Annotated

import typer

from monitor import settings
from monitor.cli.options import AsJson, Config

group = typer.Typer(no_args_is_help=True, help="What was set aside, and putting it back.")


@group.command("list")
def quarantine_list(as_json: AsJson = False, config: Config = None) -> None:
    """Every item that was set aside, and why."""
    from monitor.commands.quarantine import list_items

    raise typer.Exit(list_items(settings.load(config), as_json))


@group.command("show")
def quarantine_show(
    item: Annotated[str, typer.Argument(help="Item id.")],
    raw: Annotated[bool, typer.Option("--raw", help="Write the item's bytes instead.")] = False,
    config: Config = None,
) -> None:
    """One item: its header and the reason."""
    from monitor.commands.quarantine import show

    raise typer.Exit(show(settings.load(config), item, raw))


@group.command("requeue")
def quarantine_requeue(
    items: Annotated[list[str] | None, typer.Argument(help="Item ids.")] = None,
    every: Annotated[bool, typer.Option("--all", help="All of them.")] = False,
    config: Config = None,
) -> None:
    """Put items back into the spool; the running daemon takes them within seconds."""
    from monitor.commands.quarantine import requeue

    raise typer.Exit(requeue(settings.load(config), items or [], every))
