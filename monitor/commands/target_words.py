"""The words of `congvu targets`, in both languages."""

from collections.abc import Mapping
from dataclasses import dataclass

from monitor.measure.figures import State
from monitor.measure.plan import Target
from monitor.measure.progress import Assessment
from monitor.model import Language, Role


@dataclass(frozen=True)
class Words:
    """All that is printed beside numbers and what the plan itself says."""

    columns: tuple[str, ...]
    assessments: Mapping[Assessment, str]
    reasons: Mapping[State, str]
    """Why a figure may not be used."""
    units: Mapping[str, str]
    """What is counted, by the first part of an indicator's name."""
    province: str
    levels: Mapping[str, str]
    days_left: str
    days_over: str
    line: str
    decimal: str
    self_declared: str
    """Beside a figure that holds what agencies say of themselves."""

    def unit(self, target: Target) -> str:
        """What the target counts."""
        if target.role is Role.MAILBOX:
            return self.units[Role.MAILBOX]
        return self.units[target.indicator.value.partition("_")[0]]

    def number(self, value: int) -> str:
        return f"{value:,}".replace(",", "." if self.decimal == "," else ",")


WORDS: Mapping[Language, Words] = {
    Language.VI: Words(
        columns=(
            "Chỉ tiêu", "Phạm vi", "Thực hiện", "Mục tiêu", "Còn thiếu", "Hạn", "Tiến độ",
            "Đánh giá", "Nguồn",
        ),
        assessments={
            Assessment.MET: "Đạt",
            Assessment.MISSED: "Chưa đạt",
            Assessment.ON_TRACK: "Đúng tiến độ",
            Assessment.BEHIND: "Chậm tiến độ",
            Assessment.UNASSESSABLE: "Không đánh giá được",
            Assessment.UNCONFIRMED: "Chỉ tiêu chưa được xác nhận",
        },
        reasons={
            State.NO_DATA: "chưa có số liệu",
            State.STALE: "số liệu chưa kiểm tra được đủ",
            State.INSUFFICIENT: "số liệu quá ít",
        },
        units={
            "accounts": "cán bộ", "mail": "thư", "document": "văn bản", "agencies": "cơ quan",
            "dispatched": "văn bản", "signature": "chữ ký", "freemail": "thư",
            "domain": "phép kiểm tra",
            Role.MAILBOX: "hộp thư",
        },
        province="toàn tỉnh",
        levels={
            "province": "cấp tỉnh", "department": "sở, ban, ngành", "district": "cấp huyện",
            "commune": "cấp xã",
        },
        days_left="còn {} ngày",
        days_over="quá {} ngày",
        line="cần {} hôm nay",
        decimal=",",
        self_declared="có số tự khai",
    ),
    Language.EN: Words(
        columns=(
            "Target", "Scope", "Reached", "Goal", "Short", "Due", "Line", "Assessment", "Source",
        ),
        assessments={
            Assessment.MET: "met",
            Assessment.MISSED: "missed",
            Assessment.ON_TRACK: "on track",
            Assessment.BEHIND: "behind",
            Assessment.UNASSESSABLE: "cannot be assessed",
            Assessment.UNCONFIRMED: "target not confirmed",
        },
        reasons={
            State.NO_DATA: "no data",
            State.STALE: "too much could not be checked",
            State.INSUFFICIENT: "too few",
        },
        units={
            "accounts": "officials", "mail": "mails", "document": "documents",
            "agencies": "agencies", "dispatched": "documents", "signature": "signatures",
            "freemail": "mails", "domain": "checks",
            Role.MAILBOX: "mailboxes",
        },
        province="whole province",
        levels={},
        days_left="{} days left",
        days_over="{} days over",
        line="{} needed today",
        decimal=".",
        self_declared="partly self-declared",
    ),
}  # fmt: skip
