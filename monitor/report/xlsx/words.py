"""The few words that only a workbook needs, in both languages."""

from collections.abc import Mapping
from dataclasses import dataclass

from monitor.measure.figures import State
from monitor.model import Language
from monitor.report.model import Standing


@dataclass(frozen=True, slots=True)
class BookWords:
    """Names of sheets and headings that are not in the report itself."""

    country: str
    motto: str
    dated: str
    """Of place, day, month and year."""
    cover: str
    method: str
    charts: str
    figures: str
    contents: str
    trace: str
    closing: str
    provisional: str
    continued: str
    """Of the number of the part."""
    interval: str
    page: str
    target: str
    with_target: str
    label: str
    below: str
    above: str
    no_data: str
    """Behind the name of a bar that is not there."""
    marks: Mapping[State, str]
    """What the marks behind numbers mean, below the table."""
    sampled: str
    unknown: str
    standings: Mapping[Standing, str]
    """Above every printed page, but for plain closings."""
    figure_columns: Mapping[str, str]


VI = BookWords(
    country="CỘNG HÒA XÃ HỘI CHỦ NGHĨA VIỆT NAM",
    motto="Độc lập - Tự do - Hạnh phúc",
    dated="{place}ngày {day} tháng {month} năm {year}",
    cover="Tổng hợp",
    method="Phương pháp",
    charts="Biểu đồ",
    figures="Số liệu chi tiết",
    contents="Các trang tính",
    trace="Nguồn số liệu",
    closing=(
        "Mã lần chốt {id}, phiên bản {version}, lúc {at}. "
        "Mã đối chiếu dữ kiện (SHA-256): {facts}"
    ),
    provisional="Số liệu tạm tính lúc {at}, chưa chốt.",
    continued="{title} (tiếp theo, phần {part})",
    interval="Khoảng tin cậy 95%",
    page="Trang &P/&N",
    target="Chỉ tiêu {value}",
    with_target="{title} (nét đứt: chỉ tiêu {value})",
    label="Tên",
    below="{title}: sai số dưới",
    above="{title}: sai số trên",
    no_data="không có số liệu",
    marks={
        State.INSUFFICIENT: "* Chưa đủ số liệu để kết luận.",
        State.STALE: "† Quá 5% số văn bản chưa kiểm tra xong; tỷ lệ còn thay đổi.",
    },
    sampled="≈ Tỷ lệ ước lượng từ mẫu; khoảng tin cậy 95% ở cột bên.",
    unknown="– Không có số liệu hoặc không áp dụng; không phải là 0.",
    standings={
        Standing.RESTATED: "SỐ LIỆU ĐIỀU CHỈNH – BẢN {version}",
        Standing.PROVISIONAL: "SỐ LIỆU TẠM TÍNH – CHƯA CHỐT",
    },
    figure_columns={
        "about": "Kỳ", "panel": "Nhóm so sánh", "indicator": "Chỉ số", "scope": "Phạm vi",
        "code": "Mã", "name": "Tên", "level": "Cấp", "channel": "Kênh",
        "document_class": "Loại văn bản", "role": "Vai trò", "base": "Mẫu số tính theo",
        "first_day": "Từ ngày", "last_day": "Đến ngày", "numerator": "Tử số",
        "denominator": "Mẫu số", "undecided": "Chưa kiểm tra được", "checked": "Đã kiểm tra",
        "ratio": "Tỷ lệ", "low": "Cận dưới 95%", "high": "Cận trên 95%",
        "sample_fraction": "Tỷ lệ mẫu", "coverage": "Độ phủ",
        "undecided_share": "Tỷ lệ chưa kiểm tra được", "state": "Trạng thái",
        "definition": "Phiên bản định nghĩa",
    },
)  # fmt: skip

EN = BookWords(
    country="SOCIALIST REPUBLIC OF VIET NAM",
    motto="Independence - Freedom - Happiness",
    dated="{place}{day}/{month}/{year}",
    cover="Summary",
    method="Method",
    charts="Charts",
    figures="All figures",
    contents="Sheets",
    trace="Source of the figures",
    closing="Closing {id}, version {version}, at {at}. Identity of the facts (SHA-256): {facts}",
    provisional="Provisional figures as of {at}, not closed.",
    continued="{title} (continued, part {part})",
    interval="95% confidence interval",
    page="Page &P/&N",
    target="Target {value}",
    with_target="{title} (dashed: target {value})",
    label="Name",
    below="{title}: error below",
    above="{title}: error above",
    no_data="no data",
    marks={
        State.INSUFFICIENT: "* Too little data to conclude from.",
        State.STALE: "† More than 5% of documents are not yet checked; the ratio may still change.",
    },
    sampled="≈ A ratio estimated from a sample; its 95% interval is in the next column.",
    unknown="– No data, or does not apply; it is not 0.",
    standings={
        Standing.RESTATED: "RESTATED FIGURES – VERSION {version}",
        Standing.PROVISIONAL: "PROVISIONAL FIGURES – NOT CLOSED",
    },
    figure_columns={
        "about": "Period", "panel": "Panel", "indicator": "Indicator", "scope": "Scope",
        "code": "Code", "name": "Name", "level": "Level", "channel": "Channel",
        "document_class": "Document class", "role": "Role", "base": "Base",
        "first_day": "First day", "last_day": "Last day", "numerator": "Numerator",
        "denominator": "Denominator", "undecided": "Undecided", "checked": "Checked",
        "ratio": "Ratio", "low": "Low, 95%", "high": "High, 95%",
        "sample_fraction": "Sample fraction", "coverage": "Coverage",
        "undecided_share": "Undecided share", "state": "State", "definition": "Definition",
    },
)  # fmt: skip


def book_words(language: Language) -> BookWords:
    return VI if language is Language.VI else EN
