"""`congvu register import` and `congvu register profiles`: exports of document systems."""

import asyncio
import sys
from collections.abc import Iterator
from dataclasses import asdict, dataclass
from datetime import date
from pathlib import Path
from typing import Any

from monitor import clock
from monitor.agencies import Registry
from monitor.commands.imports import RowProgress, print_counts, print_more, print_places
from monitor.commands.tables import show, table
from monitor.commands.written import print_json
from monitor.errors import UserError
from monitor.explain import safe
from monitor.observe import Observer, configure_logging
from monitor.record import Sealer, attached, audit
from monitor.record.register_rows import Count, Difference, Outcome, RegisterDirection, Terms
from monitor.register.importing import Imported, import_listing
from monitor.register.profile import FOLDER, Profile, load_profile, shipped
from monitor.register.reading import Listing, Understanding
from monitor.settings import Settings

COUNTS: tuple[Count, ...] = ("added", "changed", "gone", "unchanged")
DOUBLES_SHOWN = 20
"""Doubles of a dry run on a terminal; `congvu register numbers` and --json have more."""
EXAMPLE = (
    "The profile {name} is an example that nobody has confirmed: compare what is read from where "
    "with the export itself, then copy the profile, set confirmed = true and give the copy as "
    "--profile FILE."
)


@dataclass(frozen=True, slots=True)
class Request:
    """What the operator asked for."""

    files: tuple[Path, ...]
    source: str
    direction: RegisterDirection | None = None
    """None: the profile says it."""
    profile: str | None = None
    """Name of a shipped one, or path of a file."""
    agency: str | None = None
    as_of: date | None = None
    """Vietnam day; today unless given."""
    whole: bool = False
    first: date | None = None
    last: date | None = None
    apply: bool = False
    skip_problems: bool = False
    allow_gone: int = 0
    shown: int = 20
    as_json: bool = False


@dataclass(frozen=True, slots=True)
class Report:
    """What an import says, and of what."""

    request: Request
    profile: Profile
    terms: Terms
    imported: Imported
    names: tuple[str, ...]
    """Of the files as places call them."""


def import_registers(request: Request, settings: Settings) -> int:
    """Show what registers change, and with `apply` change it.

    1 when there are problems or nothing was applied though it was wanted. Raises UserError.
    """
    configure_logging("error", "console")
    if settings.agencies.registry is None:
        raise UserError("registers name agencies: set agencies.registry in the settings first")
    registry = Registry.load(settings.agencies.registry)
    report = asyncio.run(_imported(request, registry, settings))
    if request.as_json:
        print_json(_as_json(report))
    else:
        _print(report)
    outcome = report.imported.outcome
    stopped = outcome.too_many_gone or outcome.days_unclear
    stopped = stopped or bool(report.imported.problems and not outcome.applied)
    return 1 if stopped or (request.apply and not outcome.applied) else 0


async def _imported(request: Request, registry: Registry, settings: Settings) -> Report:
    profile = load_profile(request.profile)
    terms = _terms(request, profile)
    how = Understanding(
        terms.direction, profile, terms.as_of, _agency(request, registry), terms.first, terms.last
    )
    listing = Listing(request.files, registry, how)
    async with attached(settings, Observer()) as database:
        names = ", ".join(path.name for path in request.files)
        progress = RowProgress(names)
        try:
            imported = await import_listing(
                listing, registry.codes(), terms, database, Sealer.load(settings.state_dir),
                progress,
            )  # fmt: skip
        finally:
            progress.clear()
    return Report(request, profile, terms, imported, tuple(each.file for each in listing.tables))


def _terms(request: Request, profile: Profile) -> Terms:
    today = clock.vietnam_day(clock.now())
    as_of = request.as_of or today
    if as_of > today:
        raise UserError(f"--as-of {as_of} is still to come: lists tell what was on a day")
    direction = request.direction or profile.direction
    if direction is None:
        raise UserError(
            "--direction is needed: out for documents that the agency issued (văn bản đi), in for "
            "those it received (văn bản đến)"
        )
    if profile.direction not in {None, direction}:
        raise UserError(
            f"the profile {request.profile} is of direction {profile.direction}, --direction says "
            f"{direction}: leave --direction away, or give another profile"
        )
    if (request.first is None) != (request.last is None):
        raise UserError("--from and --to go together: the days that the list is complete for")
    if request.first and request.last and request.first > request.last:
        raise UserError(f"--from {request.first} is after --to {request.last}: exchange them")
    return Terms(
        request.source, direction, as_of, audit.operator(), request.whole, request.first,
        request.last, request.apply, request.skip_problems, request.allow_gone, request.shown,
    )  # fmt: skip


def _agency(request: Request, registry: Registry) -> str | None:
    if request.agency is None:
        return None
    code = request.agency.strip().lower()
    if code not in registry.codes():
        raise UserError(f"--agency {request.agency}: no such code in the registry")
    return code


# -- on a terminal ---------------------------------------------------------------------------------


def _print(report: Report) -> None:
    imported = report.imported
    for line in (*_example(report), *imported.how_read):
        sys.stdout.write(f"{safe(line, 600)}\n")
    print_counts(imported.outcome.counts, COUNTS)
    _print_fields(imported.outcome)
    _print_differences(report)
    more = imported.outcome.double_numbers - min(len(imported.doubles), DOUBLES_SHOWN)
    print_places("Worth knowing", imported.remarks)
    print_places("Two documents under one number", imported.doubles[:DOUBLES_SHOWN], more)
    print_places("Problems", imported.problems)
    sys.stdout.writelines(f"{line}\n" for line in _conclusion(report))


def _example(report: Report) -> Iterator[str]:
    if not report.profile.confirmed:
        yield EXAMPLE.format(name=report.request.profile)


def _print_fields(outcome: Outcome) -> None:
    if outcome.changed_fields:
        fields = ", ".join(f"{field} {times}" for field, times in outcome.changed_fields)
        sys.stdout.write(f"What has changed: {fields}\n\n")


def _print_differences(report: Report) -> None:
    outcome = report.imported.outcome
    if not outcome.differences:
        return
    listed = table("row", "what", "agency", "number", "day", "changed", keep=("row", "what"))
    for each in outcome.differences:
        listed.add_row(
            _row(report, each), each.what, each.agency, safe(each.number, 80), str(each.day),
            safe("; ".join(_changes(each)), 300),
        )  # fmt: skip
    show(listed)
    every = sum(outcome.total(word) for word in COUNTS if word != "unchanged")
    print_more(every - len(outcome.differences))


def _row(report: Report, difference: Difference) -> str:
    spot = difference.spot
    if spot is None:
        return "–"
    return f"{report.names[spot.file]}:{spot.row}" if len(report.names) > 1 else str(spot.row)


def _changes(difference: Difference) -> Iterator[str]:
    """`paper: electronic → parallel`; of what is sealed its name alone."""
    for field in difference.fields:
        if field in difference.after:
            before, after = difference.before[field], difference.after[field]
            yield f"{field}: {_value(before)} → {_value(after)}"
        else:
            yield field


def _value(value: object) -> str:
    return "–" if value is None or value == "" else str(value)


def _conclusion(report: Report) -> Iterator[str]:
    request, imported, terms = report.request, report.imported, report.terms
    outcome = imported.outcome
    files = ", ".join(path.name for path in request.files)
    what = (
        f"{safe(files, 200)}: register ({terms.direction}) from {terms.source} as of {terms.as_of}"
    )
    if imported.left_out and request.skip_problems:
        yield f"Rows left out for their problems: {imported.left_out}."
    if outcome.gone_withheld:
        yield "Rows are left out, so nothing is taken for missing."
    if outcome.applied:
        yield f"{what}: {'applied' if _differs(outcome) else 'applied, nothing has changed'}."
    elif outcome.days_unclear:
        yield (
            f"{what}: nothing was changed. A whole list from {outcome.first_day} to "
            f"{outcome.last_day} is unusually long: is a year mistyped? If not, say with --from "
            "and --to which days it is complete for"
        )
    elif outcome.too_many_gone:
        yield (
            f"{what}: nothing was changed. {outcome.gone} of {outcome.present} entries would be "
            "gone: is the file whole? If not, leave --whole away; if they really are, "
            f"--allow-gone {outcome.gone}"
        )
    elif imported.problems and not request.skip_problems:
        yield (
            f"{what}: nothing was changed. Correct the problems, or leave out their rows with "
            "--skip-problems"
        )
    elif request.apply:
        yield f"{what}: nothing was changed: too much of the list cannot be read."
    elif not _differs(outcome):
        yield f"{what}: a dry run; all of it is in the record as it is."
    else:
        yield f"{what}: a dry run, nothing was changed; --apply applies it."


def _differs(outcome: Outcome) -> bool:
    return any(outcome.total(word) for word in COUNTS if word != "unchanged")


def _as_json(report: Report) -> dict[str, Any]:
    request, imported, terms = report.request, report.imported, report.terms
    outcome = imported.outcome
    return {
        "files": [str(path) for path in request.files], "source": terms.source,
        "direction": terms.direction, "as_of": terms.as_of, "whole": terms.whole,
        "from": terms.first, "to": terms.last,
        "profile": request.profile, "profile_confirmed": report.profile.confirmed,
        "applied": outcome.applied, **{word: outcome.total(word) for word in COUNTS},
        "agencies": [asdict(count) for count in outcome.counts],
        "changed_fields": dict(outcome.changed_fields),
        "differences": [
            {
                "file": report.names[each.spot.file] if each.spot else None,
                "row": each.spot.row if each.spot else None, "what": each.what,
                "agency": each.agency, "number": each.number, "day": each.day,
                "fields": list(each.fields), "before": each.before, "after": each.after,
            }
            for each in outcome.differences
        ],
        "problems": [str(each) for each in imported.problems],
        "remarks": [str(each) for each in imported.remarks],
        "doubles": [str(each) for each in imported.doubles],
        "double_rows": outcome.double_numbers, "repeated_rows": outcome.repeated_rows,
        "how_read": list(imported.how_read), "left_out": imported.left_out,
        "first_day": outcome.first_day, "last_day": outcome.last_day,
        "present": outcome.present, "too_many_gone": outcome.too_many_gone,
        "gone_withheld": outcome.gone_withheld, "days_unclear": outcome.days_unclear,
    }  # fmt: skip


# -- profiles --------------------------------------------------------------------------------------


def list_profiles(*, as_json: bool) -> int:
    """The profiles that congvu brings along."""
    profiles = {name: load_profile(name) for name in shipped()}
    if as_json:
        for name, each in profiles.items():
            said = {
                "name": name, "title": each.title, "direction": each.direction,
                "confirmed": each.confirmed, "known": each.known.strip(),
                "file": str(FOLDER / f"{name}.toml"),
            }  # fmt: skip
            print_json(said)
        return 0
    listed = table("name", "direction", "confirmed", "title", keep=("name",))
    for name, each in profiles.items():
        confirmed = "yes" if each.confirmed else "no: an example"
        listed.add_row(name, each.direction or "either", confirmed, each.title)
    show(listed)
    sys.stdout.write(
        "An example is confirmed by nobody: compare it with a real export, copy the file, set\n"
        f"confirmed = true and give the copy as --profile FILE. They lie in {FOLDER}\n"
    )
    return 0
