"""What `congvu accounts` says, in both languages; numbers as each writes them."""

from collections.abc import Mapping
from datetime import date

from monitor.measure.funnel import Step
from monitor.model import Language

_VI: Mapping[str, str] = {
    Step.ROSTER: "Tổng số CBCCVC",
    Step.PROVISIONED: "Đã cấp tài khoản",
    Step.ACTIVE: "Có sử dụng",
    Step.HABITUAL: "Sử dụng thường xuyên",
    Step.SENDS: "Gửi văn bản",
    Step.SIGNS: "Có ký số",
    Step.VALIDATES: "Ký số hợp lệ",
    "no_data": "chưa có dữ liệu",
    "funnel": "{name} ({agency}): từ {first} đến {last}, {days} ngày làm việc",
    "habitual_rule": "Sử dụng thường xuyên: ít nhất {n} ngày làm việc trong kỳ.",
    "columns": "% trong danh sách; → so với bước trước; lãnh đạo",
    "leaders": "lãnh đạo",
    "mailboxes": "Hộp thư của cơ quan ({count}):",
    "mailbox": "hộp thư {number}: có người mở {opened} trong {days} ngày làm việc",
    "no_mailbox": "Cơ quan không có hộp thư chung.",
    "month": "Kỳ",
    "rate": "Tỷ lệ (%)",
    "documents": "VB đi",
    "all": "Tất cả cơ quan",
    "same": "Cùng các cơ quan: {count} cơ quan có mặt suốt từ {first} đến {last}",
    "agency": "Cơ quan {code}",
    "level": "Cấp {code}",
    "province": "Toàn tỉnh",
    "leaders_only": "chỉ tính lãnh đạo",
}
_EN: Mapping[str, str] = {
    Step.ROSTER: "Officials",
    Step.PROVISIONED: "With an account",
    Step.ACTIVE: "Active",
    Step.HABITUAL: "Habitual",
    Step.SENDS: "Send documents",
    Step.SIGNS: "Sign",
    Step.VALIDATES: "Sign validly",
    "no_data": "no data",
    "funnel": "{name} ({agency}): {first} to {last}, {days} working days",
    "habitual_rule": "Habitual: on at least {n} working days of the window.",
    "columns": "% of the roster; → against the step before; leaders",
    "leaders": "leaders",
    "mailboxes": "Mailboxes of the agency ({count}):",
    "mailbox": "mailbox {number}: opened on {opened} of {days} working days",
    "no_mailbox": "The agency has no mailbox of its own.",
    "month": "Period",
    "rate": "%",
    "documents": "Documents sent",
    "all": "All agencies",
    "same": "Same agencies: {count} in force from {first} to {last} throughout",
    "agency": "Agency {code}",
    "level": "Level {code}",
    "province": "Province",
    "leaders_only": "leaders only",
}


class Words:
    """The texts of one language."""

    def __init__(self, language: Language) -> None:
        self._vietnamese = language is Language.VI
        self._texts = _VI if self._vietnamese else _EN

    def __call__(self, key: str, **values: object) -> str:
        return self._texts[key].format(**values)

    def number(self, value: int | None) -> str:
        """With the language's sign for thousands; what is not known says so."""
        if value is None:
            return self("no_data")
        return f"{value:,}".replace(",", ".") if self._vietnamese else f"{value:,}"

    def percent(self, numerator: int | None, denominator: int | None) -> str:
        """`12,3%`; empty without a denominator."""
        if numerator is None or not denominator:
            return ""
        text = f"{100 * numerator / denominator:.1f}%"
        return text.replace(".", ",") if self._vietnamese else text

    def share(self, numerator: int | None, denominator: int | None) -> str:
        """The same without its sign, for columns whose headings have it."""
        return self.percent(numerator, denominator).removesuffix("%")

    def day(self, day: date) -> str:
        return day.strftime("%d/%m/%Y")
