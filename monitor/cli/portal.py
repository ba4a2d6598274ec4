"""`congvu portal`: web portals on which agencies publish documents."""

from typing import Annotated

import typer

from monitor import settings
from monitor.cli.options import AsJson, Config

group = typer.Typer(
    no_args_is_help=True,
    help="Web portals on which agencies publish documents.",
    epilog="Connecting a portal step by step: docs/portals.md.",
)


@group.callback()
def portal() -> None:
    """Web portals on which agencies publish documents."""


@group.command("check", epilog="Example: `congvu portal check --source cong --pages 50`")
def check(
    source: Annotated[
        str | None, typer.Option("--source", help="Name in [[portals]]; needed if there are many.")
    ] = None,
    pages: Annotated[
        int, typer.Option("--pages", min=1, help="Addresses that are asked at most.")
    ] = 200,
    as_json: AsJson = False,
    config: Config = None,
) -> None:
    """Go through a portal as a round would, and keep nothing.

    One line an address as it is asked: what would be taken, what robots.txt forbids, what is too
    large, what failed, and documents on hosts that are not in the list.
    Exit status 0 when there are documents to take, else 1.
    """
    from monitor.commands.portal import Request
    from monitor.commands.portal import check as walk

    raise typer.Exit(walk(Request(source, pages, as_json), settings.load(config)))
