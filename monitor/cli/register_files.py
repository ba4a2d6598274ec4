"""`congvu register`, the commands about entries and the files that they meet."""

from pathlib import Path
from typing import Annotated, Literal

import typer

from monitor import settings
from monitor.cli.options import (
    AsJson,
    Because,
    Config,
    InLanguage,
    Since,
    Until,
    days_of,
    revealed_for,
)
from monitor.cli.register import group

__all__ = ["group"]

Agency = Annotated[str | None, typer.Option(help="Code of the agency whose register it is.")]

Which = Annotated[
    Literal["out", "in"] | None, typer.Option("--direction", help="Only issued, only received.")
]

Why = Annotated[str, typer.Option(help="Why; goes to the audit log.")]

EntryNumber = Annotated[str, typer.Argument(help="Number of the entry, as lists print it.")]

Content = Annotated[str, typer.Argument(help="Content hash of the file, or its first characters.")]


@group.command("list")
def register_list(
    agency: Agency = None,
    since: Since = None,
    until: Until = None,
    direction: Which = None,
    limit: Annotated[int, typer.Option(min=1, max=1_000_000)] = 50,
    as_json: AsJson = False,
    language: InLanguage = None,
    config: Config = None,
) -> None:
    """Entries of registers, newest first, and how many files each has met."""
    from monitor.commands.register_files import list_entries
    from monitor.register.entries import Wanted

    wanted = Wanted(agency, *days_of(since, until), direction, limit)
    raise typer.Exit(list_entries(wanted, as_json, language, settings.load(config)))


@group.command("show")
def register_show(
    name: Annotated[
        str, typer.Argument(help="Number and notation (12/QĐ-UBND), or number of the entry.")
    ],
    agency: Agency = None,
    since: Since = None,
    until: Until = None,
    reveal: Annotated[
        bool, typer.Option(help="Show subject, signer and recipients; needs --reason.")
    ] = False,
    reason: Because = None,
    as_json: AsJson = False,
    language: InLanguage = None,
    config: Config = None,
) -> None:
    """All that a register says of a document, and the files that it has met."""
    from monitor.commands.register_files import show_entries
    from monitor.register.entries import Wanted

    opened = revealed_for(reveal=reveal, reason=reason)
    wanted = Wanted(agency, *days_of(since, until))
    raise typer.Exit(show_entries(name, wanted, opened, as_json, language, settings.load(config)))


@group.command("unmatched")
def register_unmatched(
    agency: Agency = None,
    since: Since = None,
    until: Until = None,
    side: Annotated[
        Literal["register", "files"] | None,
        typer.Option(help="Only entries without a file, or only files without an entry."),
    ] = None,
    csv: Annotated[
        Path | None, typer.Option("--csv", help="Write all of them to this file.")
    ] = None,
    limit: Annotated[int, typer.Option(min=1, max=1_000_000, help="Rows shown of a side.")] = 50,
    as_json: AsJson = False,
    language: InLanguage = None,
    config: Config = None,
) -> None:
    """Entries that have met no file and files that have met no entry: why, and what comes nearest.

    Of the last 31 days unless --from and --to say otherwise. `link` and `unlink` settle what is in
    doubt.
    """
    from monitor.commands.register_files import show_unmatched
    from monitor.register.entries import Wanted

    wanted = Wanted(agency, *days_of(since, until), None, limit)
    raise typer.Exit(show_unmatched(side, wanted, csv, as_json, language, settings.load(config)))


@group.command("link")
def register_link(
    entry: EntryNumber,
    content: Content,
    reason: Why,
    language: InLanguage = None,
    config: Config = None,
) -> None:
    """Say that a file is an entry's, whatever the two say of themselves.

    It goes for every channel that the file was sent in, and before anything that is matched.
    """
    from monitor.commands.register_files import say

    raise typer.Exit(say("by_hand", entry, content, reason, language, settings.load(config)))


@group.command("unlink")
def register_unlink(
    entry: EntryNumber,
    content: Content,
    reason: Why,
    language: InLanguage = None,
    config: Config = None,
) -> None:
    """Say that a file is not an entry's: the two are never matched again, but by `link`."""
    from monitor.commands.register_files import say

    raise typer.Exit(say("refused", entry, content, reason, language, settings.load(config)))
