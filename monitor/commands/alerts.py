"""`congvu alerts`: drops that hold, and taking note of them."""

import asyncio
import sys
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta

from monitor.calendar import WorkingCalendar
from monitor.clock import now, vietnam_day
from monitor.commands.tables import NOTHING, show, table
from monitor.commands.written import print_json
from monitor.errors import UserError
from monitor.explain import safe
from monitor.measure.drops import WATCHED, Drop, DropWatch, Share, acknowledge
from monitor.measure.figures import Scope
from monitor.model import Channel
from monitor.observe import Observer, configure_logging
from monitor.record import attached
from monitor.record.agencies import require_known
from monitor.record.audit import operator
from monitor.settings import Settings

INDICATORS = {
    "document_signed": "Văn bản có chữ ký số",
    "mail_signed": "Thư có chữ ký số",
    "accounts_active": "Dùng thư công vụ",
}
CHANNELS: Mapping[str, str] = {
    Channel.MAIL: "thư", Channel.DOCSYS: "phần mềm văn bản", Channel.AXIS: "trục liên thông",
    Channel.PORTAL: "cổng thông tin",
}  # fmt: skip
PROVINCE = "toàn tỉnh"
NO_DROPS = "Không có mức giảm nào đang kéo dài.\n"
NO_FIGURES = (
    "Chưa nói được: chưa đủ 25 ngày làm việc có số liệu, hoặc nguồn đã ngừng (congvu doctor).\n"
)


@dataclass(frozen=True, slots=True)
class Which:
    """What an acknowledgement is for; None of indicator or channel is all that hold."""

    agency: str | None
    group: str | None
    indicator: str | None
    channel: str | None

    def matches(self, drop: Drop) -> bool:
        return (
            (drop.scope is Scope.AGENCY) == (self.agency is not None)
            and group_of(drop) == (self.agency or self.group)
            and self.indicator in {None, drop.indicator}
            and self.channel in {None, drop.channel}
        )


def listed(everything: bool, as_json: bool, settings: Settings) -> int:
    """Print what dropped, or with `everything` all that is watched. Status 0."""
    configure_logging("error", "console")
    found = asyncio.run(_drops(settings))
    shown = sorted((d for d in found if everything or _holds(d) or d.acknowledged), key=_order)
    if as_json:
        for drop in shown:
            print_json(_fields(drop))
    elif not shown:
        sys.stdout.write(NO_DROPS if found else NO_FIGURES)
    else:
        _print(shown)
        show_proofs(shown, WorkingCalendar(settings.calendar, now().year))
    return 0


def note(which: Which, reason: str, as_json: bool, settings: Settings) -> int:
    """Make the present level of what holds the new baseline.

    Raises UserError for whom nobody knows, and where nothing holds.
    """
    configure_logging("error", "console")
    if which.indicator is not None and which.indicator not in WATCHED:
        raise UserError(f"--indicator {which.indicator}: one of {', '.join(WATCHED)}")
    if (which.agency is None) == (which.group is None):
        raise UserError("say either --agency CODE or --group LEVEL (or --group province)")
    if not reason.strip():
        raise UserError("--reason: say why; it goes to the audit log")
    noted = asyncio.run(_acknowledge(which, reason, settings))
    if as_json:
        for drop in noted:
            print_json(_fields(drop))
    else:
        for drop in noted:
            sys.stdout.write(f"Đã ghi nhận: {_what(drop)}, {_who(drop)}: {_level(drop.recent)}\n")
        sys.stdout.write("Cảnh báo tắt trong vài phút; mức này là mốc so sánh mới.\n")
    return 0


async def _drops(settings: Settings) -> Sequence[Drop]:
    async with attached(settings, Observer()) as database:
        return await DropWatch(database, settings).refresh()


async def _acknowledge(which: Which, reason: str, settings: Settings) -> Sequence[Drop]:
    async with attached(settings, Observer()) as database:
        async with database.connection() as connection:
            level = which.group if which.group not in {"province", "province_level"} else None
            await require_known(connection, which.agency, level)
        found = await DropWatch(database, settings).refresh()
        noted = [drop for drop in found if which.matches(drop) and _holds(drop)]
        if not noted:
            raise UserError(
                f"{which.agency or which.group}: nothing holds there; `congvu alerts list` shows "
                "what does"
            )
        async with database.connection() as connection, connection.transaction():
            await acknowledge(connection, noted, operator(), reason.strip())
        return noted


def _holds(drop: Drop) -> bool:
    return bool(drop.drop_days or drop.silent_days or drop.decline_days)


def group_of(drop: Drop) -> str:
    """Its agency, or its group as metrics name it: a level may be called `province` as well."""
    if drop.scope is Scope.LEVEL and drop.code == Scope.PROVINCE:
        return "province_level"
    return drop.code


def _order(drop: Drop) -> tuple[int, str, str, str]:
    place = (Scope.PROVINCE, Scope.LEVEL, Scope.AGENCY).index(drop.scope)
    return (place, drop.code, drop.indicator, drop.channel)


def _print(drops: Sequence[Drop]) -> None:
    made = table("Đơn vị", "Chỉ tiêu", "Mốc so sánh", "5 ngày gần nhất", "Tình trạng")
    for drop in drops:
        made.add_row(
            safe(_who(drop)), _what(drop), _level(drop.baseline), _level(drop.recent), _state(drop)
        )
    show(made)


def show_proofs(drops: Sequence[Drop], calendar: WorkingCalendar) -> None:
    """Under the table: of what holds the days that were compared, and how to see each document."""
    for line in (line for drop in drops if _holds(drop) for line in _proof(drop, calendar)):
        sys.stdout.write(f"{line}\n")


def _proof(drop: Drop, calendar: WorkingCalendar) -> Iterator[str]:
    """What was compared, and the command that shows it document by document."""
    if drop.recent is None or not drop.recent_days:
        return
    first, last = drop.recent_days[0], vietnam_day(now()) - timedelta(days=1)
    left_out = [d for d in calendar.working_days(first, last) if d not in drop.recent_days]
    yield (
        f"{_who(drop)}, {_what(drop)}: các ngày {_days(drop.recent_days)}, so với mốc "
        f"{_day(drop.baseline.first_day)} – {_day(drop.baseline.last_day)}."
    )
    if left_out:
        yield f"  Không tính {_days(left_out)}: nguồn ngừng, hoặc thu được dưới 90%."
    if drop.indicator in {"document_signed", "mail_signed"}:
        whose = f" --agency {drop.code}" if drop.scope is Scope.AGENCY else ""
        yield (
            f"  congvu documents list{whose} --channel {drop.channel} --from {first} "
            f"--to {drop.recent_days[-1]}"
        )
    elif drop.scope is Scope.AGENCY:
        yield f"  congvu accounts figures --agency {drop.code}"


def _days(days: Sequence[date]) -> str:
    return ", ".join(f"{day:%d/%m}" for day in days)


def _who(drop: Drop) -> str:
    return PROVINCE if drop.scope is Scope.PROVINCE else group_of(drop)


def _what(drop: Drop) -> str:
    name = INDICATORS.get(drop.indicator, drop.indicator)
    if drop.indicator != "document_signed":
        return name
    return f"{name} ({CHANNELS.get(drop.channel, drop.channel)})"


def _level(share: Share | None) -> str:
    if share is None:
        return NOTHING
    percent = f"{share.ratio:.1%}".replace(".", ",")
    return f"{percent} ({share.numerator:.0f}/{share.denominator:.0f})"


def _state(drop: Drop) -> str:
    parts = []
    if drop.drop_began:
        parts.append(f"giảm từ {_day(drop.drop_began)}, {drop.drop_days} ngày làm việc")
    if drop.silent_since:
        parts.append(
            f"không có chữ ký hợp lệ nào từ {_day(drop.silent_since)}, "
            f"{drop.silent_days} ngày làm việc"
        )
    if drop.decline_days:
        parts.append(f"thấp hơn tháng trước ({_level(drop.month)}), {drop.decline_days} ngày")
    if drop.acknowledged:
        parts.append(f"mức đến {_day(drop.acknowledged)} đã được ghi nhận")
    return "; ".join(parts) or "bình thường"


def _day(day: date) -> str:
    return f"{day:%d/%m/%Y}"


def _fields(drop: Drop) -> dict[str, object]:
    return {
        "indicator": drop.indicator,
        "scope": drop.scope,
        "code": drop.code,
        "channel": drop.channel,
        "baseline": _share_fields(drop.baseline),
        "baseline_low": drop.baseline_low,
        "recent": _share_fields(drop.recent),
        "recent_days": [day.isoformat() for day in drop.recent_days],
        "drop_days": drop.drop_days,
        "drop_began": drop.drop_began.isoformat() if drop.drop_began else None,
        "silent_days": drop.silent_days,
        "silent_since": drop.silent_since.isoformat() if drop.silent_since else None,
        "decline_days": drop.decline_days,
        "last_month": _share_fields(drop.month),
        "acknowledged": drop.acknowledged.isoformat() if drop.acknowledged else None,
    }


def _share_fields(share: Share | None) -> dict[str, object] | None:
    if share is None:
        return None
    return {
        "first_day": share.first_day.isoformat(),
        "last_day": share.last_day.isoformat(),
        "numerator": share.numerator,
        "denominator": share.denominator,
        "ratio": share.ratio,
    }
