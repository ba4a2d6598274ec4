"""`congvu coverage`: how much was captured of what a gateway's log or a register says was sent."""

import asyncio
import json
import sys
from collections.abc import Iterable, Sequence
from datetime import date
from itertools import groupby

from monitor.commands.tables import show, table
from monitor.errors import UserError
from monitor.measure.coverage import CoverageDay, coverage_days
from monitor.model import Channel
from monitor.observe import Observer, configure_logging
from monitor.record.access import attached
from monitor.record.agencies import require_known
from monitor.settings import Settings

NOTHING = (
    "Chưa có dữ liệu: chưa đọc được nhật ký cổng thư của những ngày này ([[logs]], "
    "docs/activity.md), chưa nhập sổ văn bản đi (congvu register import, docs/registers.md).\n"
)


def coverage(days: tuple[date, date], agency: str | None, as_json: bool, settings: Settings) -> int:
    """Print one row an agency, or one row a day where one agency is asked for.

    Raises UserError for an agency that nobody knows, and days in the wrong order.
    """
    if days[1] < days[0]:
        raise UserError("--to is before --from")
    configure_logging("error", "console")

    async def ask() -> list[CoverageDay]:
        async with attached(settings, Observer()) as database:
            async with database.connection() as connection:
                await require_known(connection, agency)
            return await coverage_days(database, *days, agency)

    found = asyncio.run(ask())
    if as_json:
        _print_lines(found)
    elif not found:
        sys.stdout.write(NOTHING)
    else:
        _print_tables(found, days, by_day=agency is not None)
    return 0


SOURCES = {
    Channel.MAIL: "Thư, theo nhật ký cổng thư",
    Channel.DOCSYS: "Văn bản điện tử, theo sổ văn bản đi (có số tự khai)",
}
"""What was sent, and who says so."""


def _print_tables(found: Sequence[CoverageDay], days: tuple[date, date], *, by_day: bool) -> None:
    first, last = (day.strftime("%d/%m/%Y") for day in days)
    for channel, in_channel in groupby(found, key=lambda each: each.channel):
        sys.stdout.write(f"{SOURCES.get(channel, channel)}, từ {first} đến {last}:\n")
        _print_table(list(in_channel), by_day=by_day)


def _print_table(found: Sequence[CoverageDay], *, by_day: bool) -> None:
    figures = ("Đã gửi", "Đã thu nhận", "Thiếu", "Tỷ lệ (%)")
    listed = table("Ngày" if by_day else "Cơ quan", *figures, right=figures)
    if by_day:
        for each in found:
            listed.add_row(each.day.strftime("%d/%m/%Y"), *_cells([each]))
    else:
        for code, days in groupby(found, key=lambda each: each.agency):
            listed.add_row(code, *_cells(list(days)))
    listed.add_row("Tổng cộng", *_cells(found))
    show(listed)


def _cells(days: Sequence[CoverageDay]) -> Iterable[str]:
    logged, captured = sum(each.logged for each in days), sum(each.captured for each in days)
    share = f"{captured / logged:.1%}".rstrip("%").replace(".", ",")
    return (*(f"{n:,}".replace(",", ".") for n in (logged, captured, logged - captured)), share)


def _print_lines(found: Iterable[CoverageDay]) -> None:
    for each in found:
        line = {
            "day": each.day.isoformat(), "agency": each.agency, "channel": each.channel,
            "logged": each.logged, "captured": each.captured,
        }  # fmt: skip
        sys.stdout.write(json.dumps(line) + "\n")
