"""Options that several commands take."""

from datetime import datetime
from pathlib import Path
from typing import Annotated, Literal

import typer

from monitor.errors import UserError
from monitor.model import Language

Config = Annotated[
    Path | None,
    typer.Option(
        "--config", help="TOML file of settings; see config/congvu.toml.", envvar="CONGVU_CONFIG"
    ),
]

AsJson = Annotated[bool, typer.Option("--json", help="One JSON line an answer.")]

InLanguage = Annotated[
    Language | None,
    typer.Option("--language", help="Of the explanation; the setting `language` unless given."),
]

Since = Annotated[
    datetime | None, typer.Option("--from", formats=["%Y-%m-%d"], help="First Vietnam day.")
]
Until = Annotated[
    datetime | None, typer.Option("--to", formats=["%Y-%m-%d"], help="Last Vietnam day.")
]
AtMost = Annotated[int, typer.Option("--limit", min=1, max=1_000_000)]
Reveal = Annotated[bool, typer.Option(help="Show sender and subject; needs --reason.")]
Because = Annotated[
    str | None, typer.Option("--reason", help="Why they are shown; goes to the audit log.")
]
AsCsv = Annotated[bool, typer.Option("--csv", help="As CSV (UTF-8, for Excel).")]


def form_of(*, as_csv: bool, as_json: bool) -> Literal["csv", "json", "text"]:
    """Raises UserError where both are wanted."""
    if as_csv and as_json:
        raise UserError("--csv and --json exclude each other: choose one")
    return "csv" if as_csv else "json" if as_json else "text"


def revealed_for(*, reveal: bool, reason: str | None) -> str | None:
    """Why what is sealed is shown; None keeps it sealed. Raises UserError without a reason."""
    if reveal and not reason:
        raise UserError("--reveal needs --reason: it is written to the audit log")
    return reason if reveal else None
