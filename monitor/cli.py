"""The command line: what there is to call. What each command does is in `monitor/commands/`."""

import sys
from datetime import datetime, timedelta
from pathlib import Path
from typing import Annotated, Literal

import typer

from monitor import __version__, settings
from monitor.errors import CongvuError, UserError
from monitor.model import Channel, Language, Overall, Revocation, TrustClass

app = typer.Typer(
    name="congvu",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
    rich_markup_mode="markdown",
    help="Sees, proves and reports how far agencies use official e-mail and digital signatures.",
    epilog="Start with `congvu demo`; connect your own gateway with docs/deploy-postfix.md.",
)
documents = typer.Typer(no_args_is_help=True, help="Find and explain what a figure was made of.")
quarantine = typer.Typer(no_args_is_help=True, help="What was set aside, and putting it back.")
app.add_typer(documents, name="documents")
app.add_typer(quarantine, name="quarantine")
trust_store = typer.Typer(
    no_args_is_help=True,
    help="The certification authorities that are trusted, and their revocation lists.",
    epilog="From nothing to a working store: docs/trust.md.",
)
app.add_typer(trust_store, name="trust")

privacy = typer.Typer(
    no_args_is_help=True,
    help="What of people is kept, how long, under which key, and who looked at it.",
    epilog="Rules and how to: docs/privacy.md.",
)
app.add_typer(privacy, name="privacy")

agencies = typer.Typer(
    no_args_is_help=True,
    help="Who is who: the registry of agencies, lists into it and out of it.",
    epilog="What a registry holds, and mergers step by step: docs/agencies.md.",
)
app.add_typer(agencies, name="agencies")

roster = typer.Typer(
    no_args_is_help=True,
    help="People and their official accounts: lists into the record.",
    epilog="What lists look like, as-of days, what is stored of a person: docs/rosters.md.",
)
app.add_typer(roster, name="roster")

activity = typer.Typer(
    no_args_is_help=True,
    help="The logs that say who is active.",
    epilog="Which logs, and what counts: docs/activity.md.",
)
app.add_typer(activity, name="activity")

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


def _version(wanted: bool) -> None:
    if wanted:
        sys.stdout.write(f"congvu {__version__}\n")
        raise typer.Exit


@app.callback()
def common(
    _version_wanted: Annotated[
        bool, typer.Option("--version", callback=_version, is_eager=True, help="Print the version.")
    ] = False,
) -> None:
    """Sees, proves and reports how far agencies use official e-mail and digital signatures."""


@app.command()
def run(config: Config = None) -> None:
    """Run the daemon until SIGTERM or Ctrl-C.

    Takes journal copies by SMTP and documents from folders, verifies, records and exposes.
    Exit status 0 after an orderly stop, 1 when a part of it failed.
    """
    from monitor.daemon import Daemon

    raise typer.Exit(Daemon(settings.load(config)).run_until_signalled())


@app.command()
def demo(
    state: Annotated[Path, typer.Option(help="Folder of the demo's state.")] = Path("var/demo"),
    seed: Annotated[int, typer.Option(help="The same seed gives the same province and mails.")] = 1,
    rate: Annotated[float, typer.Option(help="Messages a second.", min=0.1, max=200)] = 2.0,
) -> None:
    """Run the daemon with a fictional province that feeds it.

    Everything is generated and labelled as demo data, in a database of its own.
    """
    from monitor.commands.demo import demo as run_demo

    raise typer.Exit(run_demo(state, seed, rate))


@app.command("check-config")
def check_config(config: Config = None) -> None:
    """Read the settings and everything they name, and say what is wrong; starts nothing."""
    from monitor.commands.check_config import check

    raise typer.Exit(check(config))


@app.command()
def doctor(config: Config = None) -> None:
    """What is connected, what is stale, and what to do about it."""
    from monitor.commands.doctor import doctor as examine

    raise typer.Exit(examine(settings.load(config)))


@app.command()
def verify(
    files: Annotated[list[str], typer.Argument(help="Files to judge.")],
    trust: Annotated[
        list[Path] | None,
        typer.Option(help="Trust anchors: PEM/DER file or folder. An empty folder: no anchors."),
    ] = None,
    intermediates: Annotated[
        list[Path] | None, typer.Option(help="CA certificates that complete chains.")
    ] = None,
    crl: Annotated[list[Path] | None, typer.Option(help="Certificate revocation lists.")] = None,
    at: Annotated[
        str,
        typer.Option(
            help="Validation time: `best` (time-stamp, else claimed, else now) or ISO 8601."
        ),
    ] = "best",
    now: Annotated[str | None, typer.Option(help="Replaces the clock (ISO 8601).")] = None,
    revocation: Annotated[
        Revocation, typer.Option(help="Missing revocation data: indeterminate, or a finding.")
    ] = Revocation.REQUIRE,
    content: Annotated[Path | None, typer.Option(help="What a detached signature signs.")] = None,
    online: Annotated[
        bool,
        typer.Option("--online", help="Fetch what is lacking from [fetch] hosts; else no network."),
    ] = False,
    as_json: AsJson = False,
    brief: Annotated[bool, typer.Option("--brief", help="One sentence a file.")] = False,
    language: InLanguage = None,
    config: Config = None,
) -> None:
    """Judge the signatures of files: PDF, S/MIME mail, CMS, XML, ASiC and Office containers.

    Exit status 0 when all are valid, 1 when some file is not, 2 for a mistake in the call.
    """
    from monitor.commands.verify import Request
    from monitor.commands.verify import verify as judge

    loaded = settings.load(config)
    request = Request(
        tuple(files), tuple(trust or ()), tuple(intermediates or ()), tuple(crl or ()),
        at, now, revocation, content, as_json, brief, language or loaded.language, online,
    )  # fmt: skip
    raise typer.Exit(judge(request, loaded))


@app.command()
def replay(
    paths: Annotated[
        list[Path], typer.Argument(help="mbox, Maildir, .eml file, folder or spool segment.")
    ],
    source: Annotated[str, typer.Option(help="Configured mail source that the mails came from.")],
    config: Config = None,
) -> None:
    """Hand stored mails to the daemon as if they had been captured.

    The same mail replayed twice counts once. A replayed mail's receipt proves no earlier
    existence than today, so signatures are judged by their time-stamps or by now.
    """
    from monitor.commands.replay import replay as hand_over

    raise typer.Exit(hand_over(paths, source, settings.load(config)))


@app.command()
def coverage(
    agency: Annotated[
        str | None, typer.Option(help="Code of one agency: its days, one by one.")
    ] = None,
    since: Annotated[
        datetime | None,
        typer.Option("--from", formats=["%Y-%m-%d"], help="First Vietnam day; 7 days ago."),
    ] = None,
    until: Annotated[
        datetime | None, typer.Option("--to", formats=["%Y-%m-%d"], help="Last Vietnam day; today.")
    ] = None,
    as_json: AsJson = False,
    config: Config = None,
) -> None:
    """How much of what the gateway's log says was sent has been captured.

    A broken journal rule shows here, agency by agency, and not as falling adoption.
    """
    from monitor.clock import now, vietnam_day
    from monitor.commands.coverage import coverage as compare

    last = until.date() if until else vietnam_day(now())
    first = since.date() if since else last - timedelta(days=7)
    raise typer.Exit(compare((first, last), agency, as_json, settings.load(config)))


@app.command()
def targets(
    agency: Annotated[str | None, typer.Option(help="Code of one agency.")] = None,
    plan: Annotated[
        Path | None, typer.Option(help="Plan file; the setting measure.targets unless given.")
    ] = None,
    as_json: AsJson = False,
    config: Config = None,
) -> None:
    """How far the plan's targets are reached: units short, days left, the straight line.

    What has no data, too little, or too much that could not be checked is not assessed: never 0%.
    """
    from monitor.commands.targets import targets as report

    raise typer.Exit(report(plan, agency, as_json, settings.load(config)))


@documents.command("list")
def documents_list(
    agency: Annotated[str | None, typer.Option(help="Code of the issuing agency.")] = None,
    since: Annotated[
        datetime | None, typer.Option("--from", formats=["%Y-%m-%d"], help="First Vietnam day.")
    ] = None,
    until: Annotated[
        datetime | None, typer.Option("--to", formats=["%Y-%m-%d"], help="Last Vietnam day.")
    ] = None,
    verdict: Annotated[Overall | None, typer.Option(help="Only this verdict.")] = None,
    channel: Annotated[Channel | None, typer.Option(help="Only this channel.")] = None,
    limit: Annotated[int, typer.Option(min=1, max=1_000_000)] = 50,
    as_json: AsJson = False,
    config: Config = None,
) -> None:
    """The documents behind a figure, newest first."""
    from monitor.commands.documents import list_documents
    from monitor.record.queries import Wanted

    days = (since.date() if since else None, until.date() if until else None)
    wanted = Wanted(agency, *days, verdict, channel, limit)
    raise typer.Exit(list_documents(wanted, as_json, settings.load(config)))


@documents.command("explain")
def documents_explain(
    document: Annotated[
        str, typer.Argument(help="Content hash (or its first characters) or number.")
    ],
    reveal: Annotated[bool, typer.Option(help="Show sender and subject; needs --reason.")] = False,
    reason: Annotated[
        str | None, typer.Option(help="Why they are shown; goes to the audit log.")
    ] = None,
    as_json: AsJson = False,
    language: InLanguage = None,
    config: Config = None,
) -> None:
    """Everything recorded of one document: verdict, signatures, reasons, sendings."""
    from monitor.commands.documents import explain

    if reveal and not reason:
        raise UserError("--reveal needs --reason: it is written to the audit log")
    loaded = settings.load(config)
    opened = reason if reveal else None
    raise typer.Exit(explain(document, opened, as_json, language or loaded.language, loaded))


@documents.command("unknown")
def documents_unknown(
    limit: Annotated[int, typer.Option(min=1, max=100_000)] = 50, config: Config = None
) -> None:
    """Domains of senders that no agency of the registry owns."""
    from monitor.commands.documents import unknown_senders

    raise typer.Exit(unknown_senders(limit, settings.load(config)))


@quarantine.command("list")
def quarantine_list(as_json: AsJson = False, config: Config = None) -> None:
    """Every item that was set aside, and why."""
    from monitor.commands.quarantine import list_items

    raise typer.Exit(list_items(settings.load(config), as_json))


@quarantine.command("show")
def quarantine_show(
    item: Annotated[str, typer.Argument(help="Item id.")],
    raw: Annotated[bool, typer.Option("--raw", help="Write the item's bytes instead.")] = False,
    config: Config = None,
) -> None:
    """One item: its header and the reason."""
    from monitor.commands.quarantine import show

    raise typer.Exit(show(settings.load(config), item, raw))


@quarantine.command("requeue")
def quarantine_requeue(
    items: Annotated[list[str] | None, typer.Argument(help="Item ids.")] = None,
    every: Annotated[bool, typer.Option("--all", help="All of them.")] = False,
    config: Config = None,
) -> None:
    """Put items back into the spool; the running daemon takes them within seconds."""
    from monitor.commands.quarantine import requeue

    raise typer.Exit(requeue(settings.load(config), items or [], every))


@trust_store.command("list")
def trust_list(as_json: AsJson = False, config: Config = None) -> None:
    """Every trust anchor and intermediate in force: subject, SHA-256, class, validity, pin.

    `look` names what is odd: expired, expires soon, weak, demo. Exit status 1 without any anchor.
    """
    from monitor.commands.trust import list_store

    raise typer.Exit(list_store(settings.load(config), as_json))


@trust_store.command(
    "import",
    epilog="Example: `congvu trust import /media/usb/*.crt --config /etc/congvu/congvu.toml`",
)
def trust_import(
    files: Annotated[
        list[Path],
        typer.Argument(help="PEM, DER or PKCS#7 files or folders: certificates, CRLs, OCSP."),
    ],
    unpinned: Annotated[
        bool, typer.Option("--unpinned", help="Take a CA that no pin knows; needs --class.")
    ] = False,
    trust_class: Annotated[
        TrustClass | None, typer.Option("--class", help="Class of an anchor that no pin knows.")
    ] = None,
    expired: Annotated[
        bool, typer.Option("--expired", help="Take CAs that have expired, for old signatures.")
    ] = False,
    as_json: AsJson = False,
    config: Config = None,
) -> None:
    """Bring CA certificates and revocation lists into the configured folders.

    A certificate enters if its SHA-256 is a pin, or if a CA of the store signed it (then as an
    intermediate). Anything else needs --unpinned: compare its SHA-256 with a source you trust
    first. One that bears the name of a pinned CA with another key never enters.
    A list enters if a CA of the store signed it and it is newer than what is there.
    Repeating an import changes nothing. Exit status 1 when something was refused.
    """
    from monitor.commands.trust import Request, import_files
    from monitor.material.importing import Wish

    request = Request(tuple(files), Wish(unpinned, trust_class, expired), as_json)
    raise typer.Exit(import_files(request, settings.load(config)))


@trust_store.command("status")
def trust_status(as_json: AsJson = False, config: Config = None) -> None:
    """How fresh the revocation list of every CA is, which files are unusable, and what to do.

    Exit status 0 when there is nothing to do, else 1.
    """
    from monitor.commands.trust import show_status

    raise typer.Exit(show_status(settings.load(config), as_json))


Reason = Annotated[str | None, typer.Option(help="Why; it goes to the audit log.")]
Apply = Annotated[bool, typer.Option("--apply", help="Do it; otherwise only say what it would do.")]


@privacy.command("reveal")
def privacy_reveal(
    who: Annotated[str, typer.Argument(help="Pseudonym as reports print it, or its number.")],
    reason: Annotated[str, typer.Option(help="Why it is shown; goes to the audit log.")],
    as_json: AsJson = False,
    config: Config = None,
) -> None:
    """Show the address or person behind a pseudonym; noted in the audit log first."""
    from monitor.commands.privacy import reveal

    raise typer.Exit(reveal(who, reason, as_json, settings.load(config)))


@privacy.command("pseudonym")
def privacy_pseudonym(
    address: Annotated[str, typer.Argument(help="A mail address that you know.")],
    config: Config = None,
) -> None:
    """The pseudonym of an address. Exit status 1 when the record does not have it."""
    from monitor.commands.privacy import pseudonym

    raise typer.Exit(pseudonym(address, settings.load(config)))


@privacy.command("audit")
def privacy_audit(
    since: Annotated[
        datetime | None, typer.Option(formats=["%Y-%m-%d"], help="From this Vietnam day on.")
    ] = None,
    as_json: AsJson = False,
    config: Config = None,
) -> None:
    """Who showed or removed what is personal, when and why; newest first."""
    from monitor.commands.privacy import audit_log

    raise typer.Exit(audit_log(since, as_json, settings.load(config)))


@privacy.command("rotate-key")
def privacy_rotate_key(
    apply: Apply = False,
    forget: Annotated[
        bool, typer.Option("--forget-old", help="Remove older keys that nothing needs any more.")
    ] = False,
    reason: Reason = None,
    config: Config = None,
) -> None:
    """Bring in a new sealing key; pseudonyms change, what is sealed is sealed again.

    Needs the daemon stopped until it says that it may run again. May be interrupted at any point:
    the next start of anything puts the keys right, and the same command goes on.
    """
    from monitor.commands.privacy import forget_old, rotate_key

    loaded = settings.load(config)
    if forget:
        raise typer.Exit(forget_old(reason or "nothing is sealed with them any more", loaded))
    raise typer.Exit(rotate_key(apply, reason or "a new key", loaded))


@privacy.command("retention")
def privacy_retention(apply: Apply = False, as_json: AsJson = False, config: Config = None) -> None:
    """What is older than the privacy settings allow, by table; figures are never changed."""
    from monitor.commands.privacy import retain

    raise typer.Exit(retain(apply, as_json, settings.load(config)))


@privacy.command("erase")
def privacy_erase(
    person: Annotated[str | None, typer.Option(help="Pseudonym of one person who left.")] = None,
    due: Annotated[
        bool, typer.Option("--due", help="All who left over privacy.erase_after_days ago.")
    ] = False,
    apply: Apply = False,
    reason: Reason = None,
    config: Config = None,
) -> None:
    """Erase people who left, and the addresses that were theirs alone; counts stay."""
    from monitor.commands.privacy import erase

    if bool(person) == due:
        raise UserError("say either --person WHO or --due")
    raise typer.Exit(erase(person, apply, reason, settings.load(config)))


ListFormat = Literal["csv", "xlsx", "toml"]
RegistryPath = Annotated[
    Path | None, typer.Option("--registry", help="Registry file; agencies.registry unless given.")
]
OnDay = Annotated[
    datetime | None,
    typer.Option("--on", formats=["%Y-%m-%d"], help="Vietnam day; today unless given."),
]


@agencies.command(
    "import",
    epilog="Example: `congvu agencies import danh-muc.xlsx --from 2025-07-01`, read what it says, "
    "then the same with `--apply`.",
)
def agencies_import(
    file: Annotated[Path, typer.Argument(help="CSV, Excel (.xlsx) or TOML (as the registry).")],
    mapping: Annotated[
        Path | None, typer.Option(help="TOML file that maps columns to fields; docs/lists.md.")
    ] = None,
    since: Annotated[
        datetime | None,
        typer.Option(
            "--from",
            formats=["%Y-%m-%d"],
            help="First Vietnam day on which the list holds; today unless given.",
        ),
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


@agencies.command("export", epilog="Example: `congvu agencies export --on 2025-06-30 -o cu.xlsx`")
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


@agencies.command("list")
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


@agencies.command("history")
def agencies_history(
    code: Annotated[str, typer.Argument(help="Code of the agency.")],
    registry: RegistryPath = None,
    as_json: AsJson = False,
    config: Config = None,
) -> None:
    """The life of one agency: its entries, whom it succeeded, who succeeded it."""
    from monitor.commands.agencies import history, registry_path

    raise typer.Exit(history(registry_path(registry, settings.load(config)), code, as_json))


ReportKind = Literal[
    "people-without-mailbox", "mailboxes-without-person", "mailboxes-of-people-who-left",
    "duplicates", "dormant", "never-logged-in",
]  # fmt: skip
ReportFormat = Literal["table", "csv", "xlsx", "json"]
RosterKind = Literal["people", "accounts"]
RosterFormat = Literal["auto", "table", "zimbra-gaa", "zmaccts", "ldif"]


@roster.command(
    "import",
    epilog="Example: `congvu roster import can-bo.xlsx --kind people --source so-noi-vu --as-of "
    "2025-11-01`, read what it says, then the same with `--apply`.",
)
def roster_import(
    file: Annotated[
        Path | None,
        typer.Argument(help="CSV or Excel (.xlsx) list, dump of Zimbra, or LDIF."),
    ] = None,
    kind: Annotated[
        RosterKind | None, typer.Option(help="What the list is of; a directory's is of accounts.")
    ] = None,
    source: Annotated[
        str | None,
        typer.Option(help="Whose list it is: the same name each time. A directory's own name."),
    ] = None,
    directory: Annotated[
        str | None, typer.Option(help="Read the accounts of this one of [[directories]] instead.")
    ] = None,
    form: Annotated[
        RosterFormat, typer.Option("--format", help="Of the file; found out unless given.")
    ] = "auto",
    mapping: Annotated[
        Path | None, typer.Option(help="TOML file that maps columns to fields; docs/lists.md.")
    ] = None,
    as_of: Annotated[
        datetime | None,
        typer.Option(
            "--as-of",
            formats=["%Y-%m-%d"],
            help="Vietnam day that it tells of; today unless given.",
        ),
    ] = None,
    whole: Annotated[
        bool, typer.Option("--whole/--partial", help="Is who is missing in it not there any more?")
    ] = True,
    apply: Annotated[bool, typer.Option("--apply", help="Change the record.")] = False,
    skip_problems: Annotated[
        bool, typer.Option("--skip-problems", help="Leave out rows with problems.")
    ] = False,
    allow_ending: Annotated[
        int, typer.Option(min=0, help="So many may end, though it is more than a tenth.")
    ] = 0,
    shown: Annotated[
        int, typer.Option("--show", min=0, max=100_000, help="So many differences are printed.")
    ] = 20,
    reveal: Annotated[
        bool, typer.Option(help="Show staff numbers and addresses; needs --reason.")
    ] = False,
    reason: Annotated[
        str | None, typer.Option(help="Why they are shown; goes to the audit log.")
    ] = None,
    as_json: AsJson = False,
    config: Config = None,
) -> None:
    """Compare a list of people or accounts with the record; with --apply, change the record.

    Nothing is deleted: periods end and others begin on the day of the list, in one transaction.
    Exit status 1 when there are problems or too much would end, 2 for a mistake in the call.
    """
    from monitor.commands.roster import Request, import_list

    if (file is None) == (directory is None):
        raise UserError("name a FILE, or one of [[directories]] with --directory")
    if kind is None and file is not None:
        raise UserError("--kind is needed: is it a list of people or of accounts?")
    if not (named := (source or directory or "").strip()):
        raise UserError("--source is needed: whose list is it? The same name each time")
    if reveal and not (reason or "").strip():
        raise UserError("--reveal needs --reason: it is written to the audit log")
    request = Request(
        kind or "accounts", named, file, directory, form, mapping,
        as_of.date() if as_of else None, whole, apply, skip_problems, allow_ending, shown,
        reason if reveal else None, as_json,
    )  # fmt: skip
    raise typer.Exit(import_list(request, settings.load(config)))


@roster.command(
    "report",
    epilog="Example: `congvu roster report people-without-mailbox --agency so-yt -o so-yt.xlsx`",
)
def roster_report(
    kind: Annotated[ReportKind, typer.Argument(help="Which report.")],
    agency: Annotated[str | None, typer.Option(help="Code of one agency.")] = None,
    on: Annotated[
        datetime | None,
        typer.Option(formats=["%Y-%m-%d"], help="Vietnam day that it holds for; today."),
    ] = None,
    form: Annotated[
        ReportFormat | None, typer.Option("--format", help="The file's suffix, or a table.")
    ] = None,
    output: Annotated[
        Path | None, typer.Option("-o", "--output", help="File, readable for its owner alone.")
    ] = None,
    reveal: Annotated[bool, typer.Option(help="Show real addresses; needs --reason.")] = False,
    reason: Annotated[
        str | None, typer.Option(help="Why they are shown; goes to the audit log.")
    ] = None,
    language: InLanguage = None,
    config: Config = None,
) -> None:
    """A list to hand on: who has no mailbox, whose mailbox is nobody's, who left, who is dormant.

    People and addresses are pseudonyms unless revealed. Exit status 1 where there is no data.
    """
    from monitor.commands.roster_reports import Request, make_report
    from monitor.roster.report import ReportKind as Kind

    loaded = settings.load(config)
    request = Request(
        Kind(kind), agency, on.date() if on else None, form, output, language or loaded.language,
        _reason(reveal, reason),
    )  # fmt: skip
    raise typer.Exit(make_report(request, loaded))


@roster.command("show")
def roster_show(
    who: Annotated[str, typer.Argument(help="A mail address, or a pseudonym from a report.")],
    reveal: Annotated[bool, typer.Option(help="Show real addresses; needs --reason.")] = False,
    reason: Annotated[
        str | None, typer.Option(help="Why they are shown; goes to the audit log.")
    ] = None,
    as_json: AsJson = False,
    language: InLanguage = None,
    config: Config = None,
) -> None:
    """All that is recorded of one account or person: periods, aliases, last use and who says so."""
    from monitor.commands.roster_reports import show

    loaded = settings.load(config)
    opened = _reason(reveal, reason)
    raise typer.Exit(show(who, opened, as_json, language or loaded.language, loaded))


def _reason(reveal: bool, reason: str | None) -> str | None:
    """Why something is revealed; None where nothing is."""
    if reveal and not (reason or "").strip():
        raise UserError("--reveal needs --reason: it is written to the audit log")
    return reason if reveal else None


@activity.command("status")
def activity_status(as_json: AsJson = False, config: Config = None) -> None:
    """How far each log is read, its newest line, what is unread and what is wrong.

    Exit status 1 when a log cannot be read or nothing of it has been read yet.
    """
    from monitor.commands.activity import status

    raise typer.Exit(status(settings.load(config), as_json))


@activity.command("import")
def activity_import(
    files: Annotated[list[Path], typer.Argument(help="Closed logs, plain or compressed.")],
    log: Annotated[str, typer.Option(help="Configured log whose format they have.")],
    config: Config = None,
) -> None:
    """Read old logs once: the days before congvu was there.

    Files are known by their content: repeating it changes nothing, and goes on where an import
    was interrupted.
    """
    from monitor.commands.activity import import_logs

    raise typer.Exit(import_logs(files, log, settings.load(config)))


def main() -> None:
    """Entry point: a mistake is one plain message and status 2, never a traceback."""
    try:
        app()
    except UserError as error:
        sys.stderr.write(f"congvu: {error}\n")
        raise SystemExit(2) from None
    except CongvuError as error:
        sys.stderr.write(f"congvu: {type(error).__name__}: {error}\n")
        raise SystemExit(1) from None
    except KeyboardInterrupt:
        raise SystemExit(130) from None
