"""`congvu sampling`: which share of messages is verified."""

from typing import Annotated

import typer

from monitor import settings
from monitor.cli.options import AsJson, Config
from monitor.model import Channel

group = typer.Typer(
    no_args_is_help=True,
    help="Which share of messages is verified, and setting it by hand.",
    epilog="What it does to figures: docs/sampling.md.",
)


@group.command("show")
def sampling_show(
    changes: Annotated[int, typer.Option(min=1, max=10_000, help="How many changes.")] = 20,
    as_json: AsJson = False,
    config: Config = None,
) -> None:
    """The rate in force, of each channel, and how it came to be; newest change first."""
    from monitor.commands.sampling import show

    raise typer.Exit(show(changes, as_json, settings.load(config)))


@group.command("set")
def sampling_set(
    rate: Annotated[str, typer.Argument(help="From 0.01 to 1; `all` ends a channel's own rate.")],
    reason: Annotated[str, typer.Option(help="Why; it goes to the audit log.")],
    channel: Annotated[Channel | None, typer.Option(help="Of this channel alone.")] = None,
    config: Config = None,
) -> None:
    """Set the rate of all nodes, in force half a minute later.

    Under a backlog it may still be lowered by itself (sampling.automatic), but it never rises above
    this. A channel with a rate of its own keeps it.
    """
    from monitor.commands.sampling import set_rate

    raise typer.Exit(set_rate(rate, channel, reason, settings.load(config)))
