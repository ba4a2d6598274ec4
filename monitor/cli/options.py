"""Options that several commands take."""

from collections.abc import Mapping
from datetime import date, datetime
from pathlib import Path
from typing import Annotated, Any, Literal

import typer

from monitor.errors import UserError
from monitor.model import Language


def a_day(name: str, says: str) -> Any:
    """An option that takes a Vietnam day, as 2026-10-31."""
    return typer.Option(name, formats=["%Y-%m-%d"], help=says)


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

Since = Annotated[datetime | None, a_day("--from", "First Vietnam day.")]
Until = Annotated[datetime | None, a_day("--to", "Last Vietnam day.")]
AtMost = Annotated[
    int | None,
    typer.Option(
        "--limit", min=1, max=10_000_000, help="Rows; 50 in a table, all in --csv and --json."
    ),
]
Reveal = Annotated[bool, typer.Option(help="Show sender and subject; needs --reason.")]
Because = Annotated[
    str | None, typer.Option("--reason", help="Why they are shown; goes to the audit log.")
]
AsCsv = Annotated[bool, typer.Option("--csv", help="As CSV (UTF-8, for Excel).")]

ColumnsFile = Annotated[
    Path | None,
    typer.Option("--mapping", help="TOML file that maps columns to fields; docs/lists.md."),
]
Apply = Annotated[bool, typer.Option("--apply", help="Change the record.")]
SkipProblems = Annotated[
    bool, typer.Option("--skip-problems", help="Leave out rows with problems.")
]
Shown = Annotated[
    int, typer.Option("--show", min=0, max=100_000, help="So many differences are printed.")
]


Form = Literal["csv", "json", "text"]
MOST: Mapping[Form, int] = {"text": 50, "csv": 10_000_000, "json": 10_000_000}
"""Rows unless a limit is given: what is counted from a file is to be all there is."""


def days_of(since: datetime | None, until: datetime | None) -> tuple[date | None, date | None]:
    """First and last day. Raises UserError where the last is before the first."""
    first, last = since.date() if since else None, until.date() if until else None
    if first and last and last < first:
        raise UserError("--to is before --from")
    return first, last


def form_of(*, as_csv: bool, as_json: bool) -> Form:
    """Raises UserError where both are wanted."""
    if as_csv and as_json:
        raise UserError("--csv and --json exclude each other: choose one")
    return "csv" if as_csv else "json" if as_json else "text"


def revealed_for(*, reveal: bool, reason: str | None) -> str | None:
    """Why what is sealed is shown; None keeps it sealed. Raises UserError without a reason."""
    if reveal and not (reason or "").strip():
        raise UserError("--reveal needs --reason: it is written to the audit log")
    return reason if reveal else None
