"""docs/indicators.md: below each heading a table made from the catalogue; the rest is by hand."""

import re
from collections.abc import Iterable, Sequence
from functools import partial

from monitor.measure.indicators import CATALOGUE, Definition, Facts, Series, Unit
from monitor.measure.windows import WindowName

UNITS = {
    Unit.OFFICIALS: "cán bộ (officials)",
    Unit.MESSAGES: "thư (messages)",
    Unit.DOCUMENTS: "văn bản (documents)",
    Unit.SIGNATURES: "chữ ký (signatures)",
    Unit.AGENCIES: "cơ quan (agencies)",
    Unit.CHECKS: "phép kiểm tra (checks)",
}
FACTS = {
    Facts.CAPTURE: "thư và văn bản thu nhận được, đã kiểm tra (captured and verified)",
    Facts.REGISTERS: "sổ văn bản đi, đối chiếu với văn bản thu nhận được (registers)",
    Facts.ROSTERS: "danh sách cán bộ, tài khoản và hoạt động (rosters, accounts, activity)",
    Facts.NAMES: "bản ghi DNS của tên miền (DNS)",
}
SCOPES = {"agency": "cơ quan", "level": "cấp", "province": "toàn tỉnh"}
YES = {True: "có", False: "không"}


def with_tables(page: str) -> str:
    """The page with the table of every indicator renewed; raises LookupError for a lacking one."""
    for each in CATALOGUE.values():
        head = rf"(?m)^## {each.id}\n\n(?:\*\*.+\n\n)?(?:\|.*\n)*\n?"
        page, found = re.subn(head, partial(_made, section(each)), page)
        if found != 1:
            raise LookupError(f"docs/indicators.md: no section {each.id!r}")
    return page


def _made(text: str, _found: re.Match[str]) -> str:
    return text


def section(each: Definition) -> str:
    """Heading, names and table of one indicator."""
    rows = "".join(f"| {name} | {value} |\n" for name, value in _rows(each))
    return f"## {each.id}\n\n**{each.name.vi}** · {each.name.en}\n\n| | |\n|---|---|\n{rows}\n"


def _rows(each: Definition) -> Iterable[tuple[str, str]]:
    yield "Tử số", each.numerator.vi
    yield "Mẫu số", each.denominator.vi
    yield "Numerator", each.numerator.en
    yield "Denominator", each.denominator.en
    yield "Đơn vị", UNITS[each.unit]
    yield "Số liệu từ", FACTS[each.facts]
    yield "Kênh", _named(each.channels)
    yield "Phạm vi", ", ".join(SCOPES[scope] for scope in each.scopes)
    yield "Kỳ (bảng `figure`)", _named(each.windows)
    yield "Prometheus, một cơ quan", _given(each.agency)
    yield "Prometheus, cấp và toàn tỉnh", _given(each.group)
    yield "Trạng thái theo kỳ", f"`{each.state_window}`" if each.agency.ratio else "–"
    yield "Ước lượng khi kiểm tra theo mẫu", YES[each.sampled]
    yield "Khoảng biến động (`_low`, `_high`)", YES[each.interval]
    yield "Theo dõi sụt giảm", YES[each.drops]
    yield "Có phần tự khai", YES[each.declared]
    yield "Căn cứ", each.rule


def _named(values: Sequence[str]) -> str:
    return ", ".join(f"`{value}`" for value in values)


def _given(series: Series) -> str:
    parts: Sequence[tuple[str, Sequence[WindowName]]] = (
        ("tỷ lệ", series.ratio), ("mẫu số", series.denominator),
        ("cận dưới", series.low), ("cận trên", series.high),
    )  # fmt: skip
    return "; ".join(f"{name} {_named(windows)}" for name, windows in parts if windows) or "–"
