"""`congvu roster`: lists of people and accounts into the record."""

import asyncio
import sys
from collections.abc import Iterator
from dataclasses import asdict, dataclass, field
from datetime import date
from pathlib import Path
from typing import Any, Literal

from monitor import clock
from monitor.agencies import Registry
from monitor.commands.imports import RowProgress, print_counts, print_more, print_places
from monitor.commands.tables import show, table
from monitor.commands.written import print_json
from monitor.errors import UserError
from monitor.explain import safe
from monitor.observe import Observer, configure_logging
from monitor.record import Database, Sealer, attached, audit, roster
from monitor.record.pseudonyms import short
from monitor.record.roster_rows import Count, Difference, Outcome, Terms, What
from monitor.roster.accounts import read_accounts
from monitor.roster.agencies import Agencies
from monitor.roster.dump_kinds import read_dump
from monitor.roster.importing import Imported, import_accounts, import_people
from monitor.roster.ldap import read_directory
from monitor.roster.ldif import read_ldif
from monitor.roster.listed import ListedAccount, Listing
from monitor.roster.people import read_people
from monitor.roster.words import LeaderPosts
from monitor.roster.zimbra import read_zmprov
from monitor.roster.zimbra_accts import read_zmaccts
from monitor.settings import Settings
from monitor.tables import ColumnMapping

Format = Literal["auto", "table", "zimbra-gaa", "zmaccts", "ldif"]
ACCOUNTS_ONLY = "directories and dumps list accounts: --kind accounts"
COUNTS: tuple[Count, ...] = ("added", "changed", "ended", "unchanged")


@dataclass(frozen=True, slots=True)
class Request:
    """What the operator asked for; exactly one of `file` and `directory` is given."""

    what: What
    source: str
    file: Path | None = None
    directory: str | None = None
    """Name of one of the settings' `directories`."""
    form: Format = "auto"
    mapping: Path | None = None
    as_of: date | None = None
    """Vietnam day; today unless given."""
    whole: bool = True
    apply: bool = False
    skip_problems: bool = False
    allow_ending: int = 0
    shown: int = 20
    people: str | None = None
    """Source of the people whose staff numbers accounts name."""
    reveal: str | None = None
    """Why staff numbers and addresses are shown."""
    as_json: bool = False

    @property
    def name(self) -> str:
        return self.file.name if self.file else f"directory {self.directory}"


@dataclass
class Report:
    """What an import says, and whom the differences that are shown are about, if that is shown."""

    request: Request
    as_of: date
    imported: Imported
    revealed: list[str | None] = field(default_factory=list)


def import_list(request: Request, settings: Settings) -> int:
    """Show what a list changes, and with `apply` change it.

    1 when there are problems or nothing was applied though it was wanted. Raises UserError.
    """
    configure_logging("error", "console")
    if settings.agencies.registry is None:
        raise UserError("lists name agencies: set agencies.registry in the settings first")
    registry = Registry.load(settings.agencies.registry)
    report = asyncio.run(_imported(request, registry, settings))
    outcome = report.imported.outcome
    if request.as_json:
        print_json(_as_json(report))
    else:
        _print(report)
    stopped = outcome.too_many_end or (report.imported.problems and not outcome.applied)
    return 1 if stopped or (request.apply and not outcome.applied) else 0


async def _imported(request: Request, registry: Registry, settings: Settings) -> Report:
    today = clock.vietnam_day(clock.now())
    as_of = request.as_of or today
    if as_of > today:
        raise UserError(f"--as-of {as_of} is still to come: lists tell what was on a day")
    terms = Terms(
        request.source, as_of, request.whole, audit.operator(), request.apply,
        request.skip_problems, request.allow_ending, request.shown, request.people,
    )  # fmt: skip
    async with attached(settings, Observer()) as database:
        sealer = Sealer.load(settings.state_dir)
        progress = RowProgress(request.name)
        try:
            imported = await _import(
                request, Agencies(registry, as_of), terms, settings, database, sealer, progress
            )
        finally:
            progress.clear()
        report = Report(request, as_of, imported)
        if request.reveal:
            report.revealed = await _revealed(request, as_of, imported.outcome, database, sealer)
    return report


async def _import(
    request: Request,
    agencies: Agencies,
    terms: Terms,
    settings: Settings,
    database: Database,
    sealer: Sealer,
    progress: RowProgress,
) -> Imported:
    mapping = ColumnMapping.load(request.mapping) if request.mapping else None
    if request.what == "people":
        if request.file is None or request.form not in {"auto", "table"}:
            raise UserError(ACCOUNTS_ONLY)
        if mapping is None and read_dump(request.file, terms.as_of) is not None:
            raise UserError(f"{request.file.name}: {ACCOUNTS_ONLY}")
        posts = LeaderPosts(settings.accounts.leader_words)
        people = read_people(request.file, mapping, agencies, posts)
        return await import_people(people, agencies, terms, settings, database, sealer, progress)
    accounts = _accounts(request, mapping, agencies, terms.as_of, settings)
    return await import_accounts(accounts, agencies, terms, settings, database, sealer, progress)


def _accounts(
    request: Request,
    mapping: ColumnMapping | None,
    agencies: Agencies,
    as_of: date,
    settings: Settings,
) -> Listing[ListedAccount]:
    if request.file is None:
        named = {source.name: source for source in settings.directories}
        if request.directory not in named:
            known = ", ".join(sorted(named)) or "none"
            raise UserError(f"{request.directory}: no such directory; configured: {known}")
        return read_directory(named[request.directory], as_of)
    match request.form:
        case "zimbra-gaa":
            return read_zmprov(request.file, as_of)
        case "zmaccts":
            return read_zmaccts(request.file)
        case "ldif":
            return read_ldif(request.file, as_of)
        case "auto" if mapping is None and (dump := read_dump(request.file, as_of)) is not None:
            return dump
    return read_accounts(request.file, mapping, agencies)


async def _revealed(
    request: Request, as_of: date, outcome: Outcome, database: Database, sealer: Sealer
) -> list[str | None]:
    """Staff numbers or addresses, after the reason is in the audit log."""
    async with database.connection() as connection:
        subject = f"differences of the list of {request.what} from {request.source} as of {as_of}"
        await audit.note(connection, audit.operator(), "reveal", subject, request.reveal or "")
    return [roster.opened(sealer, request.what, each) for each in outcome.differences]


# -- what is said ----------------------------------------------------------------------------------


def _print(report: Report) -> None:
    outcome = report.imported.outcome
    for line in report.imported.how_read:
        sys.stdout.write(f"{safe(report.request.name)}: {safe(line, 400)}\n")
    print_counts(outcome.counts, COUNTS)
    _print_differences(report)
    print_places("Worth knowing", report.imported.remarks)
    print_places("Problems", report.imported.problems)
    sys.stdout.writelines(f"{line}\n" for line in _conclusion(report))


def _print_differences(report: Report) -> None:
    outcome = report.imported.outcome
    if not outcome.differences:
        return
    who = ("is",) if report.revealed else ()
    listed = table("row", "what", "pseudonym", *who, "before", "after", "days", keep=("pseudonym",))
    revealed = report.revealed or [None] * len(outcome.differences)
    for difference, name in zip(outcome.differences, revealed, strict=True):
        listed.add_row(
            str(difference.at_row or "–"), difference.what, short(difference.pseudonym),
            *([safe(name or "–")] if who else []),
            _standing(difference.old_agency, difference.old_standing),
            _standing(difference.agency, difference.standing), _days(difference),
        )  # fmt: skip
    show(listed)
    every = sum(outcome.total(word) for word in COUNTS if word != "unchanged")
    print_more(every - len(outcome.differences))


def _standing(agency: str | None, standing: str | None) -> str:
    return f"{agency or '–'}: {standing}" if standing else "–"


def _days(difference: Difference) -> str:
    if difference.last_day is not None:
        return f"until {difference.last_day}"
    return f"from {difference.first_day}" if difference.first_day else "addresses, or days"


def _conclusion(report: Report) -> Iterator[str]:
    request, outcome, imported = report.request, report.imported.outcome, report.imported
    what = f"{request.name}: {request.what} from {request.source} as of {report.as_of}"
    if imported.left_out and request.skip_problems:
        yield f"Rows left out for their problems: {imported.left_out}. Nobody in them is ended."
    if outcome.ends_withheld:
        yield "Who stands in some of them cannot be read, so nobody is ended as missing."
    if outcome.applied:
        yield f"{what}: applied."
    elif outcome.too_many_end:
        yield (
            f"{what}: nothing was changed. {outcome.ending} of {outcome.present} would end: is "
            "this the whole list? If not, --partial; if they have really ended, "
            f"--allow-ending {outcome.ending}"
        )
    elif imported.problems and not request.skip_problems:
        yield (
            f"{what}: nothing was changed. Correct the problems, or leave out their rows with "
            "--skip-problems"
        )
    elif request.apply:
        yield f"{what}: nothing was changed: too much of the list cannot be read."
    else:
        yield f"{what}: a dry run, nothing was changed; --apply applies it."


def _as_json(report: Report) -> dict[str, Any]:
    request, outcome, imported = report.request, report.imported.outcome, report.imported
    revealed = report.revealed or [None] * len(outcome.differences)
    return {
        "kind": request.what, "source": request.source, "as_of": report.as_of,
        "whole": request.whole, "applied": outcome.applied,
        **{word: outcome.total(word) for word in COUNTS},
        "agencies": [asdict(count) for count in outcome.counts],
        "differences": [
            {
                **{key: value for key, value in asdict(each).items() if key != "sealed"},
                "pseudonym": short(each.pseudonym), "revealed": name,
            }
            for each, name in zip(outcome.differences, revealed, strict=True)
        ],
        "problems": [str(each) for each in imported.problems],
        "remarks": [str(each) for each in imported.remarks],
        "how_read": list(imported.how_read),
        "left_out": imported.left_out, "ending": outcome.ending, "present": outcome.present,
        "too_many_end": outcome.too_many_end, "ends_withheld": outcome.ends_withheld,
    }  # fmt: skip
