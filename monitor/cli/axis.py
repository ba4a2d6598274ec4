"""`congvu axis`: documents on the exchange axis."""

from datetime import datetime
from typing import Annotated, Literal

import typer

from monitor import settings
from monitor.cli.options import (
    MOST,
    AsCsv,
    AsJson,
    AtMost,
    Config,
    InLanguage,
    a_day,
    days_of,
    form_of,
)
from monitor.model import Direction

group = typer.Typer(
    no_args_is_help=True,
    help="What became of documents on the exchange axis: who took them up, who never did.",
    epilog="How statuses are read: docs/axis.md.",
)

State = Literal[
    "sent", "arrived", "received", "assigned", "processing", "done", "rejected", "recalled", "late",
]  # fmt: skip
Way = Literal["out", "in"]
OfAgency = Annotated[str | None, typer.Option(help="Code of one of our agencies.")]
Since = Annotated[datetime | None, a_day("--from", "First Vietnam day of sending.")]
Until = Annotated[datetime | None, a_day("--to", "Last Vietnam day of sending.")]


@group.command("list", epilog="Example: `congvu axis list --agency so-yt --from 2026-03-01`")
def axis_list(
    agency: OfAgency = None,
    direction: Annotated[
        Way | None, typer.Option(help="`out`: sent by ours, `in`: received by ours; else both.")
    ] = None,
    since: Since = None,
    until: Until = None,
    state: Annotated[State | None, typer.Option(help="How far it has come.")] = None,
    limit: AtMost = None,
    as_csv: AsCsv = False,
    as_json: AsJson = False,
    language: InLanguage = None,
    config: Config = None,
) -> None:
    """Documents and receivers, the newest first, with how far each has come."""
    from monitor.commands.axis import list_
    from monitor.record.axis_flow import DeliveryState, Wanted

    form = form_of(as_csv=as_csv, as_json=as_json)
    wanted = Wanted(
        agency, Direction(direction) if direction else None, *days_of(since, until),
        DeliveryState(state) if state else None, limit=limit or MOST[form],
    )  # fmt: skip
    loaded = settings.load(config)
    raise typer.Exit(list_(wanted, form, language or loaded.language, loaded))


@group.command("late", epilog="Example: `congvu axis late --agency so-yt --csv > doi-don-doc.csv`")
def axis_late(
    agency: OfAgency = None,
    direction: Annotated[
        Way,
        typer.Option(
            help="`out`: sent by ours and not taken up by the receiver (whom to call); `in`: not "
            "taken up by ours (who is slow)."
        ),
    ] = "out",
    since: Since = None,
    until: Until = None,
    limit: AtMost = None,
    as_csv: AsCsv = False,
    as_json: AsJson = False,
    language: InLanguage = None,
    config: Config = None,
) -> None:
    """Documents that their receivers never took up, the oldest first.

    After measure.receive_within_days working days without any status beyond "arrived".
    """
    from monitor.commands.axis import list_
    from monitor.record.axis_flow import DeliveryState, Wanted

    form = form_of(as_csv=as_csv, as_json=as_json)
    wanted = Wanted(
        agency, Direction(direction), *days_of(since, until), DeliveryState.LATE,
        oldest_first=True, limit=limit or MOST[form],
    )  # fmt: skip
    loaded = settings.load(config)
    raise typer.Exit(list_(wanted, form, language or loaded.language, loaded))


@group.command("show", epilog="Example: `congvu axis show 12/QĐ-UBND`")
def axis_show(
    number: Annotated[
        str, typer.Argument(help="Number, number and notation (12/QĐ-UBND), or DocumentId.")
    ],
    agency: Annotated[str | None, typer.Option(help="Code of the sending agency.")] = None,
    as_json: AsJson = False,
    language: InLanguage = None,
    config: Config = None,
) -> None:
    """One document from end to end: every receiver, every status, and after how long."""
    from monitor.commands.axis import show

    loaded = settings.load(config)
    raise typer.Exit(show(number, agency, as_json, language or loaded.language, loaded))
