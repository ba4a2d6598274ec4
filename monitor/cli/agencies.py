"""`congvu agencies`: the registry of agencies."""

from datetime import datetime
from pathlib import Path
from typing import Annotated, Literal

import typer

from monitor import settings
from monitor.cli.options import AsJson, ColumnsFile, Config, a_day
from monitor.errors import UserError

group = typer.Typer(
    no_args_is_help=True,
    help="Who is who: the registry of agencies, lists into it and out of it.",
    epilog="What a registry holds, and mergers step by step: docs/agencies.md.",
)


ListFormat = Literal["csv", "xlsx", "toml"]


RegistryPath = Annotated[
    Path | None, typer.Option("--registry", help="Registry file; agencies.registry unless given.")
]


OnDay = Annotated[datetime | None, a_day("--on", "Vietnam day; today unless given.")]


@group.command(
    "import",
    epilog="Example: `congvu agencies import danh-muc.xlsx --from 2025-07-01`, read what it says, "
    "then the same with `--apply`.",
)
def agencies_import(
    file: Annotated[Path, typer.Argument(help="CSV, Excel (.xlsx) or TOML (as the registry).")],
    mapping: ColumnsFile = None,
    since: Annotated[
        datetime | None,
        a_day("--from", "First Vietnam day on which the list holds; today unless given."),
    ] = None,
    whole: Annotated[
        bool,
        typer.Option("--whole/--partial", help="A complete list: agencies not on it have ended."),
    ] = False,
    allow_ending: Annotated[
        int, typer.Option(min=0, help="With --whole: so many may end for not being on the list.")
    ] = 0,
    apply: Annotated[
        bool, typer.Option("--apply", help="Write it; else it is only shown.")
    ] = False,
    registry: RegistryPath = None,
    as_json: AsJson = False,
    config: Config = None,
) -> None:
    """Bring a list of agencies into the registry: what is new, what changed, what ended.

    Shows the difference; with --apply it is written, all of it or nothing, and the version before
    is kept beside the registry. History stays: a changed agency's entry ends on the day before
    --from and a second one begins. Columns are found by their headings (code, name, level, parent,
    domains, addresses, organ_codes, system_names, uid, valid_from, valid_to, successors, aliases,
    name_en, or the usual Vietnamese words); several entries in a cell are separated by `;`. What a
    list has no column for stays as it is. Without codes, agencies are recognised by organ code,
    UID or exact name.

    Exit status 0 when all is well, applied or not, 1 when there are problems, 2 for a mistake in
    the call.
    """  # fmt: skip
    from monitor.agencies.importing import Wish
    from monitor.commands.agencies import ImportRequest, import_list, registry_path, the_day

    path = registry_path(registry, settings.load(config))
    wish = Wish(the_day(since), whole, allow_ending)
    raise typer.Exit(import_list(ImportRequest(file, path, wish, mapping, apply, as_json)))


@group.command("export", epilog="Example: `congvu agencies export --on 2025-06-30 -o cu.xlsx`")
def agencies_export(
    on: OnDay = None,
    whole_history: Annotated[
        bool, typer.Option("--history", help="All entries, past and future ones too.")
    ] = False,
    form: Annotated[
        ListFormat | None, typer.Option("--format", help="As -o is named, else CSV.")
    ] = None,
    output: Annotated[
        Path | None, typer.Option("-o", "--output", help="File; standard output unless given.")
    ] = None,
    registry: RegistryPath = None,
    config: Config = None,
) -> None:
    """Write agencies as a list: what was exported imports again as no change.

    CSV (UTF-8, for Excel) and Excel have the columns of `import`. TOML has everything that is said
    of agencies; certificates and mailboxes of the registry are in none of them.
    """
    from monitor.commands.agencies import export, registry_path, the_day

    if on and whole_history:
        raise UserError("say either --on DAY or --history")
    path = registry_path(registry, settings.load(config))
    raise typer.Exit(export(path, None if whole_history else the_day(on), form, output))


@group.command("list")
def agencies_list(
    on: OnDay = None,
    tree: Annotated[bool, typer.Option("--tree", help="Each below its parent, indented.")] = False,
    registry: RegistryPath = None,
    as_json: AsJson = False,
    config: Config = None,
) -> None:
    """The agencies in force on a day. Exit status 1 when there is none."""
    from monitor.commands.agencies import list_agencies, registry_path, the_day

    path = registry_path(registry, settings.load(config))
    raise typer.Exit(list_agencies(path, the_day(on), tree, as_json))


@group.command("history")
def agencies_history(
    code: Annotated[str, typer.Argument(help="Code of the agency.")],
    registry: RegistryPath = None,
    as_json: AsJson = False,
    config: Config = None,
) -> None:
    """The life of one agency: its entries, whom it succeeded, who succeeded it."""
    from monitor.commands.agencies import history, registry_path

    raise typer.Exit(history(registry_path(registry, settings.load(config)), code, as_json))
