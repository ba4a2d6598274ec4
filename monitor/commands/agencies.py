"""`congvu agencies`: lists into the registry and out of it, and what it says of a day."""

import sys
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass
from datetime import date, datetime
from difflib import get_close_matches
from pathlib import Path
from typing import Literal

from monitor import clock
from monitor.agencies import Agency, Registry
from monitor.agencies.exporting import as_csv, as_toml, as_xlsx, in_tree_order
from monitor.agencies.importing import (
    Added,
    AgencyList,
    Changed,
    Difference,
    Ended,
    Plan,
    RegistryFile,
    Wish,
    plan,
    read_list,
)
from monitor.commands.tables import show, table
from monitor.commands.written import print_json
from monitor.errors import UserError
from monitor.explain import safe
from monitor.settings import Settings
from monitor.tables import ColumnMapping

Format = Literal["csv", "xlsx", "toml"]


def registry_path(given: Path | None, settings: Settings) -> Path:
    """The registry file that is meant. Raises UserError where none is named."""
    path = given or settings.agencies.registry
    if path is None:
        raise UserError(
            "no registry is named: set agencies.registry in the settings, or give --registry PATH"
        )
    return path


def the_day(written: datetime | None) -> date:
    """The day that was given, or today's in Vietnam."""
    return written.date() if written else clock.vietnam_day(clock.now())


# -- import ----------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class ImportRequest:
    """What the operator asked for."""

    file: Path
    registry: Path
    wish: Wish
    mapping: Path | None = None
    apply: bool = False
    as_json: bool = False


def import_list(request: ImportRequest) -> int:
    """Show what a list changes, and with `apply` change it; 1 when there are problems.

    Raises UserError for files that cannot be read or written.
    """
    mapping = ColumnMapping.load(request.mapping) if request.mapping else None
    registry = RegistryFile(request.registry)
    given = read_list(request.file, mapping)
    planned = plan(registry.content, given, request.wish)
    kept: Path | None = None
    applied = False
    if not planned.problems and planned.difference:
        if request.apply:
            kept = registry.apply(planned, clock.now())
            applied = True
        else:
            registry.edited(planned)
    if request.as_json:
        _print_json(request, registry, planned, applied, kept)
    else:
        _print_plan(request, registry, given, planned)
        _say_outcome(request, registry, planned, kept)
    return 1 if planned.problems else 0


def _print_json(
    request: ImportRequest, registry: RegistryFile, planned: Plan, applied: bool, kept: Path | None
) -> None:
    difference = planned.difference
    answer = {
        "list": request.file.name,
        "registry": str(registry.path),
        "from": request.wish.since,
        "whole": request.wish.whole,
        "applied": applied,
        "kept": kept and str(kept),
        "added": [asdict(each) for each in difference.added],
        "changed": [asdict(each) for each in difference.changed],
        "ended": [asdict(each) for each in difference.ended],
        "unchanged": difference.unchanged,
        "problems": [{**asdict(each.place), "what": each.what} for each in planned.problems],
    }
    print_json(answer)


def _print_plan(
    request: ImportRequest, registry: RegistryFile, given: AgencyList, planned: Plan
) -> None:
    encoding = f" ({given.encoding})" if given.encoding else ""
    lines = [f"{given.file}{encoding}, as of {request.wish.since}, on {request.registry}"]
    if given.ignored:
        lines.append(f"columns that are not read: {', '.join(given.ignored)}")
    if not registry.content.agencies and request.wish.since >= the_day(None):
        lines.append(
            f"mails before {request.wish.since} will be nobody's: is the list of an earlier day "
            "too (--from)?"
        )
    lines += _difference(planned.difference)
    for line in lines:
        sys.stdout.write(_shown(line) + "\n")
    sys.stdout.flush()
    for problem in planned.problems:
        sys.stderr.write(f"congvu: {safe(str(problem))}\n")


def _shown(line: str) -> str:
    """A line without what a terminal obeys, its indentation kept."""
    bare = line.lstrip(" ")
    return " " * (len(line) - len(bare)) + safe(bare)


def _difference(difference: Difference) -> Iterator[str]:
    yield f"added {len(difference.added)}"
    yield from map(_added, difference.added)
    yield f"changed {len(difference.changed)}"
    for change in difference.changed:
        yield from _changed(change)
    yield f"ended {len(difference.ended)}"
    yield from map(_ended, difference.ended)
    yield f"unchanged {difference.unchanged}"


def _added(each: Added) -> str:
    below = f", below {each.parent}" if each.parent else ""
    made = " (code made of the name)" if each.made else ""
    since = f"from {each.since}" if each.since else "since ever"
    return f"  + {each.code}{made}  {each.name} ({each.level}{below}) {since}  [row {each.row}]"


def _changed(each: Changed) -> Iterator[str]:
    since = f"from {each.since}" if each.since else "since ever"
    yield f"  ~ {each.code}  {each.name} {since}  [row {each.row}]"
    for key, (old, new) in each.fields.items():
        yield f"      {key}: {_value(old)} → {_value(new)}"


def _ended(each: Ended) -> str:
    heirs = f"succeeded by {', '.join(each.successors)}" if each.successors else "no successor"
    where = f"row {each.row}" if each.row else "not on the list"
    return f"  - {each.code}  {each.name}, last day {each.last_day}, {heirs}  [{where}]"


def _value(value: object) -> str:
    if isinstance(value, tuple):
        return "; ".join(value) or "nothing"
    return str(value) if value else "nothing"


def _say_outcome(
    request: ImportRequest, registry: RegistryFile, planned: Plan, kept: Path | None
) -> None:
    if planned.problems:
        number = len(planned.problems)
        said = f"{number} problem{'s' * (number > 1)}: nothing is applied until all are corrected"
    elif not planned.difference:
        said = "the registry says all of this already: nothing to apply"
    elif request.apply:
        beside = f"; the version before is {kept}" if kept else ""
        said = f"applied to {registry.path}{beside}. A running daemon takes it up within seconds"
    else:
        said = "nothing is written yet: add --apply"
    sys.stdout.write(f"{said}.\n")


# -- export ----------------------------------------------------------------------------------------


def export(path: Path, on: date | None, form: Format | None, output: Path | None) -> int:
    """Write the agencies of a day, or with `on` None all entries. Raises UserError."""
    registry = Registry.load(path)
    form = form or _format_of(output)
    agencies = registry.agencies if on is None else tuple(registry.at(on).agencies.values())
    if form == "toml":
        made = as_toml(agencies, registry.levels)
    else:
        made = as_csv(agencies) if form == "csv" else as_xlsx(agencies)
    if output is None:
        if form == "xlsx" and sys.stdout.isatty():
            raise UserError("an Excel file is nothing for a terminal: give -o FILE.xlsx")
        sys.stdout.buffer.write(made)
        sys.stdout.flush()
        return 0
    try:
        output.write_bytes(made)
    except OSError as error:
        raise UserError(f"{output}: cannot be written: {error.strerror}") from None
    sys.stderr.write(f"{output}: {len(agencies)} entries\n")
    return 0


def _format_of(output: Path | None) -> Format:
    if output is None or output.suffix.lower() == ".csv":
        return "csv"
    forms: Mapping[str, Format] = {".xlsx": "xlsx", ".toml": "toml"}
    if output.suffix.lower() not in forms:
        raise UserError(f"{output}: name it .csv, .xlsx or .toml, or give --format")
    return forms[output.suffix.lower()]


# -- list and history ------------------------------------------------------------------------------


def list_agencies(path: Path, on: date, tree: bool, as_json: bool) -> int:
    """Print the agencies of a day, those below others indented with `tree`; 1 if there are none."""
    view = Registry.load(path).at(on)
    agencies = list(view.agencies.values())
    if tree:
        agencies = in_tree_order(agencies, view)
    if as_json:
        _print_entries(agencies)
        return 0 if agencies else 1
    made = table(
        "STT", "Mã", "Cơ quan, đơn vị", "Cấp", "Cấp trên", "Tên miền, địa chỉ", "Mã định danh",
        "Từ ngày", "Đến ngày", keep=("STT", "Mã", "Từ ngày", "Đến ngày"),
    )  # fmt: skip
    for number, agency in enumerate(agencies, 1):
        indent = "  " * len(view.ancestors(agency.code)) if tree else ""
        made.add_row(str(number), *_columns(agency, indent))
    show(made)
    return 0 if agencies else 1


def _columns(agency: Agency, indent: str = "") -> Sequence[str]:
    return (
        agency.code,
        indent + safe(agency.name),
        safe(agency.level),
        agency.parent or "",
        safe(", ".join((*agency.domains, *agency.addresses))),
        safe(", ".join(agency.organ_codes)),
        _day(agency.valid_from),
        _day(agency.valid_to),
    )


def _day(day: date | None) -> str:
    return f"{day:%d/%m/%Y}" if day else ""


def history(path: Path, code: str, as_json: bool) -> int:
    """Print an agency's life, whom it succeeded and who succeeded it. Raises UserError."""
    registry, code = Registry.load(path), code.strip().lower()
    entries = sorted(
        (agency for agency in registry.agencies if agency.code == code), key=lambda a: a.period
    )
    if not entries:
        near = get_close_matches(code, registry.codes(), 3, 0.5)
        hint = f": is it {' or '.join(near)}?" if near else "; congvu agencies list shows them"
        raise UserError(f"{path}: there is no agency {code}{hint}")
    before = sorted(other for other in registry.codes() if code in registry.heirs(other))
    after = sorted(registry.heirs(code))
    if as_json:
        _print_entries(entries, predecessors=before, heirs=after)
        return 0
    made = table(
        "Từ ngày", "Đến ngày", "Cơ quan, đơn vị", "Cấp", "Cấp trên", "Tên miền, địa chỉ",
        "Mã định danh", "Kế thừa trực tiếp", keep=("Từ ngày", "Đến ngày"),
    )  # fmt: skip
    for agency in entries:
        _, name, level, parent, mail, organs, first, last = _columns(agency)
        made.add_row(first, last, name, level, parent, mail, organs, ", ".join(agency.successors))
    show(made)
    sys.stdout.write(f"Tiền thân: {_named(before, registry)}\n")
    sys.stdout.write(f"Kế thừa: {_named(after, registry)}\n")
    return 0


def _named(codes: Iterable[str], registry: Registry) -> str:
    """Codes with the last name of each."""
    names = {a.code: a.name for a in sorted(registry.agencies, key=lambda a: a.period)}
    return "; ".join(f"{code} ({safe(names.get(code, code))})" for code in codes) or "không có"


def _print_entries(agencies: Iterable[Agency], **more: Sequence[str]) -> None:
    for agency in agencies:
        print_json({**agency.stated(), **more})
