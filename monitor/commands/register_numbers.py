"""`congvu register numbers` and `history`: gaps, doubles, and what was said before."""

import asyncio
import csv
import io
import json
import sys
from collections.abc import Callable, Coroutine, Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass, fields
from datetime import date
from typing import Any, Literal, TypeVar

from monitor import clock
from monitor.clock import VIETNAM
from monitor.commands.tables import show, table
from monitor.errors import UserError
from monitor.explain import safe
from monitor.model import Language
from monitor.observe import Observer, configure_logging
from monitor.record import attached, register_numbers
from monitor.record.connection import Connection
from monitor.record.register_numbers import Gap, Numbers, Series, State
from monitor.record.register_rows import RegisterDirection
from monitor.register.numbers import number_key
from monitor.settings import Settings
from monitor.tables import inert

MOST = 100_000
"""Gaps and doubles that are looked up."""
ON_A_TERMINAL = 200
MOST_RUNS = 50
MANY_DOUBLES = 0.2
"""From this share on, numbers seem to run apart for each type."""
VI, EN = Language.VI, Language.EN
Form = Literal["csv", "json", "text"]
Answer = TypeVar("Answer")
WORDS: Mapping[str, Mapping[Language, str]] = {
    "out": {VI: "văn bản đi", EN: "outgoing documents"},
    "in": {VI: "văn bản đến", EN: "incoming documents"},
    "title": {VI: "Số {kind} năm {year}", EN: "Numbers of {kind} of {year}"},
    "none": {
        VI: "Chưa có sổ nào của năm và cơ quan này: congvu register import",
        EN: "There is no register of this year and agency: congvu register import",
    },
    "agency": {VI: "Cơ quan", EN: "Agency"},
    "series": {VI: "Dãy số", EN: "Series"},
    "entries": {VI: "Số văn bản", EN: "Entries"},
    "first": {VI: "Từ số", EN: "From"},
    "last": {VI: "Đến số", EN: "To"},
    "missing": {VI: "Số thiếu", EN: "Missing"},
    "too_many": {VI: "Trùng số", EN: "Doubles"},
    "without_number": {VI: "Không có số", EN: "Without number"},
    "gaps": {VI: "Các số thiếu", EN: "Missing numbers"},
    "doubles": {VI: "Các số trùng", EN: "Numbers of several documents"},
    "between": {VI: "Ban hành giữa", EN: "Between"},
    "number": {VI: "Số", EN: "Number"},
    "documents": {VI: "Văn bản", EN: "Documents"},
    "which": {VI: "Gồm", EN: "Which"},
    "how_many": {VI: "Số lượng", EN: "How many"},
    "kind": {VI: "Loại", EN: "Kind"},
    "gap": {VI: "thiếu", EN: "missing"},
    "double": {VI: "trùng", EN: "double"},
    "whole": {VI: "chung", EN: "all"},
    "not_from_one": {
        VI: "{agency}: chưa có sổ từ ngày 01/01, nên chỉ đếm từ số nhỏ nhất đã có.",
        EN: "{agency}: no register since 1 January, so counted from the least number there is.",
    },
    "apart": {
        VI: "{agency}: nhiều số trùng; có thể số chạy riêng theo loại văn bản: đặt "
        'numbering = "type" (hoặc "notation") trong profile rồi nhập lại (docs/registers.md).',
        EN: "{agency}: many doubles; numbers may run apart for each type: set "
        'numbering = "type" (or "notation") in the profile and import again (docs/registers.md).',
    },
    "more": {
        VI: "… và {count} dòng nữa: --csv có đủ",
        EN: "… and {count} more: --csv has all",
    },
}


@dataclass(frozen=True, slots=True)
class NumbersRequest:
    """Which numbers, and how they are written."""

    agency: str | None
    year: int | None
    """This year unless given."""
    direction: RegisterDirection
    form: Form
    language: Language


@dataclass(frozen=True, slots=True)
class HistoryRequest:
    """Whose imports, or which entry's past."""

    number: str | None
    agency: str | None
    direction: RegisterDirection
    year: int | None
    as_json: bool


def show_numbers(request: NumbersRequest, settings: Settings) -> int:
    """Print gaps and doubles; 1 where there are any, or no register."""
    year = request.year or clock.vietnam_day(clock.now()).year

    async def ask(connection: Connection) -> Numbers:
        return await register_numbers.numbers(
            connection, request.agency, request.direction, year, MOST
        )

    found = _asked(ask, settings)
    if request.form == "json":
        said = {"direction": request.direction, "year": year, **asdict(found)}
        sys.stdout.write(json.dumps(said, ensure_ascii=False, default=str) + "\n")
    elif request.form == "csv":
        sys.stdout.write(_csv(found, request.language))
    else:
        _Page(found, request, year).print()
    return 0 if found.series and not (found.gaps or found.doubles) else 1


def _asked(ask: Callable[[Connection], Coroutine[Any, Any, Answer]], settings: Settings) -> Answer:
    configure_logging("error", "console")

    async def run() -> Answer:
        async with attached(settings, Observer()) as database, database.connection() as connection:
            return await ask(connection)

    return asyncio.run(run())


class _Page:
    """What is printed of a year's numbers."""

    def __init__(self, found: Numbers, request: NumbersRequest, year: int) -> None:
        self._found = found
        self._language = request.language
        self._title = self._word("title").format(kind=self._word(request.direction), year=year)

    def _word(self, word: str) -> str:
        return WORDS[word][self._language]

    def print(self) -> None:
        sys.stdout.write(self._title + "\n")
        if not self._found.series:
            sys.stdout.write(self._word("none") + "\n")
            return
        self._print_series()
        self._print(
            "gaps", ("agency", "series", "number", "how_many", "between"),
            (
                (each.agency, self._series(each.series), _range(each),
                 str(each.last - each.first + 1), _between(each))
                for each in self._found.gaps
            ), len(self._found.gaps),
        )  # fmt: skip
        self._print(
            "doubles", ("agency", "series", "number", "documents", "which"),
            (
                (each.agency, self._series(each.series), str(each.number), str(each.documents),
                 "; ".join(each.which))
                for each in self._found.doubles
            ), len(self._found.doubles),
        )  # fmt: skip
        for each in self._found.series:
            sys.stdout.writelines(f"{line}\n" for line in self._remarks(each))

    def _print_series(self) -> None:
        columns = (
            "agency", "series", "entries", "first", "last", "missing", "too_many",
            "without_number",
        )  # fmt: skip
        headings = tuple(map(self._word, columns))
        listed = table(*headings, keep=headings[:1], right=headings[2:])
        for each in self._found.series:
            figures = (getattr(each, name) for name in columns[2:])
            listed.add_row(
                each.agency, self._series(each.series),
                *("–" if figure is None else str(figure) for figure in figures),
            )  # fmt: skip
        show(listed)

    def _print(
        self, title: str, columns: Sequence[str], rows: Iterator[Sequence[str]], count: int
    ) -> None:
        if not count:
            return
        sys.stdout.write(f"{self._word(title)}:\n")
        listed = table(*map(self._word, columns), keep=(self._word(columns[0]),))
        for _, cells in zip(range(ON_A_TERMINAL), rows, strict=False):
            listed.add_row(*(safe(cell, 300) for cell in cells))
        show(listed)
        if count > ON_A_TERMINAL:
            sys.stdout.write(self._word("more").format(count=count - ON_A_TERMINAL) + "\n\n")

    def _remarks(self, each: Series) -> Iterator[str]:
        if not each.from_one and each.first not in {None, 1}:
            yield self._word("not_from_one").format(agency=each.agency)
        if not each.series and each.too_many > MANY_DOUBLES * each.entries:
            yield self._word("apart").format(agency=each.agency)

    def _series(self, series: str) -> str:
        return safe(series, 60) or self._word("whole")


def _range(gap: Gap) -> str:
    return str(gap.first) if gap.first == gap.last else f"{gap.first}–{gap.last}"


def _between(gap: Gap) -> str:
    after = f"{gap.after_day:%d/%m/%Y}" if gap.after_day else "01/01"
    return f"{after} – {gap.before_day:%d/%m/%Y}"


def _csv(found: Numbers, language: Language) -> str:
    """One line a gap or double; with a byte order mark, so that Excel shows Vietnamese."""
    text = io.StringIO()
    text.write("\ufeff")
    writer = csv.writer(text)
    columns = ("agency", "series", "kind", "first", "last", "how_many", "which")
    writer.writerow([WORDS[column][language] for column in columns])
    gap, double = WORDS["gap"][language], WORDS["double"][language]
    lines = [
        *((g.agency, g.series, gap, g.first, g.last, g.last - g.first + 1, _between(g))
          for g in found.gaps),
        *((d.agency, d.series, double, d.number, d.number, d.documents, "; ".join(d.which))
          for d in found.doubles),
    ]  # fmt: skip
    writer.writerows([inert(cell) for cell in line] for line in lines)
    return text.getvalue()


# -- history ---------------------------------------------------------------------------------------


def show_history(request: HistoryRequest, settings: Settings) -> int:
    """Imports of registers; with a number what its entries have said. 1 where there is nothing."""
    if request.number is None:
        return _show_runs(request, settings)
    if request.agency is None:
        raise UserError("--agency is needed: numbers are an agency's own")
    key = number_key(request.number)
    if not key:
        raise UserError(f"{request.number}: no number; write it as the register does: 12/QĐ-UBND")
    agency = request.agency

    async def ask(connection: Connection) -> list[State]:
        return await register_numbers.states(
            connection, agency, request.direction, key, request.year
        )

    found = _asked(ask, settings)
    if request.as_json:
        for each in found:
            sys.stdout.write(json.dumps(asdict(each), ensure_ascii=False, default=str) + "\n")
    elif found:
        _print_states(found)
    else:
        sys.stdout.write(f"{agency} has no {request.number} in a register ({request.direction})\n")
    return 0 if found else 1


def _print_states(found: Sequence[State]) -> None:
    listed = table("year", "document", "since", "source", "as of", "says", keep=("since",))
    before: dict[tuple[int, int], State] = {}
    for each in found:
        listed.add_row(
            str(each.year), str(each.ordinal), f"{each.at.astimezone(VIETNAM):%Y-%m-%d %H:%M}",
            safe(each.source), str(each.as_of),
            safe("; ".join(_says(each, before.get((each.year, each.ordinal)))), 400),
        )  # fmt: skip
        before[each.year, each.ordinal] = each
    show(listed)


def _says(state: State, before: State | None) -> Iterator[str]:
    """All that it says at first, then what is other than before."""
    for field in fields(State)[7:]:
        value = getattr(state, field.name)
        if before is None:
            if value not in (None, False, [], ()):
                yield f"{field.name}: {value}"
        elif value != (was := getattr(before, field.name)):
            yield f"{field.name}: {_value(was)} → {_value(value)}"
    if state.gone_at is not None:
        yield f"missing since the import of {state.gone_at.astimezone(VIETNAM):%Y-%m-%d %H:%M}"


def _value(value: object) -> str:
    return "–" if value is None else str(value)


def _show_runs(request: HistoryRequest, settings: Settings) -> int:
    async def ask(
        connection: Connection,
    ) -> tuple[list[register_numbers.Run], list[register_numbers.Days]]:
        days = await register_numbers.days(connection, request.agency) if request.agency else []
        return await register_numbers.runs(connection, request.agency, MOST_RUNS), days

    found, days = _asked(ask, settings)
    if request.as_json:
        said = {
            "imports": [asdict(each) for each in found], "days": [asdict(each) for each in days],
        }  # fmt: skip
        sys.stdout.write(json.dumps(said, ensure_ascii=False, default=str) + "\n")
        return 0 if found else 1
    counts = ("added", "changed", "gone", "unchanged")
    listed = table("at", "source", "as of", "list", "entries", "by", keep=("at", "as of"))
    for each in found:
        listed.add_row(
            f"{each.at.astimezone(VIETNAM):%Y-%m-%d %H:%M}", safe(each.source), str(each.as_of),
            "whole" if each.whole else "partial",
            ", ".join(f"{n:,} {word}" for word in counts if (n := getattr(each, word))) or "none",
            safe(each.actor),
        )  # fmt: skip
    show(listed)
    for each_span in days:
        sys.stdout.write(
            f"register ({each_span.direction}) given for {_days(each_span.first_day)} – "
            f"{_days(each_span.last_day)}\n"
        )
    return 0 if found else 1


def _days(day: date) -> str:
    return f"{day:%Y-%m-%d}"
