"""Vietnamese words of the dashboards; vocabularies of verdicts come from monitor.explain."""

from collections.abc import Mapping
from enum import StrEnum
from functools import cache

from grafana import look
from monitor.explain.catalogue import catalogue
from monitor.explain.vocabulary import WEIGHTS, Change, Weight
from monitor.measure.indicators import CATALOGUE
from monitor.model import (
    Cause,
    Channel,
    Check,
    CheckStatus,
    Direction,
    Finding,
    FreemailWay,
    Language,
    Origin,
    Overall,
    SignerKind,
    SubIndication,
    TimeSource,
    TrustClass,
)
from monitor.posture.explaining import posture_words
from monitor.posture.names import Found, Why

NO_DATA = "không có dữ liệu"

INDICATORS = {each.id: each.name.vi for each in CATALOGUE.values()}
"""As readers see them; docs/indicators.md has their definitions."""
STATES = {
    "ok": "đủ tin cậy",
    "insufficient": "chưa đủ dữ liệu",
    "no_data": NO_DATA,
    "stale": "dữ liệu cũ",
}
STATE_COLOURS = {
    "ok": look.GREEN, "insufficient": look.ORANGE, "no_data": look.GREY, "stale": look.PURPLE,
}  # fmt: skip
LEVELS = {
    "province": "Cấp tỉnh",
    "department": "Sở, ban, ngành",
    "district": "Cấp huyện",
    "commune": "Cấp xã",
}
"""Levels that a registry adds appear under their own names."""
GROUPS = {**LEVELS, "province": "Toàn tỉnh", "province_level": "Cấp tỉnh"}
"""Levels and the province, as metrics name them."""
VERDICT_COLOURS = {
    "valid": look.BLUE, "invalid": look.RED, "indeterminate": look.PURPLE,
    "unsigned": look.ORANGE, "unreadable": look.GREY,
}  # fmt: skip
INDICATIONS = {
    "TOTAL-PASSED": "đạt",
    "TOTAL-FAILED": "không đạt",
    "INDETERMINATE": "chưa kết luận",
}
INDICATION_COLOURS = {
    "TOTAL-PASSED": look.BLUE, "TOTAL-FAILED": look.RED, "INDETERMINATE": look.PURPLE,
}  # fmt: skip
ROLES = {
    "": "Tất cả",
    "leader": "Lãnh đạo",
    "staff": "Cán bộ",
    "mailbox": "Hộp thư cơ quan",
    "shared": "Hộp thư chung",
    "unknown": "Chưa rõ của ai",
}
ACCOUNT_STATES = {
    "active": "đang dùng",
    "idle": "ít dùng",
    "dormant": "bỏ không",
    "never_logged_in": "chưa từng đăng nhập",
    "locked": "bị khóa",
    "closed": "đã đóng",
}
AXIS_STATES = {
    "sent": "đã gửi",
    "arrived": "đã đến",
    "received": "đã tiếp nhận",
    "done": "đã hoàn thành",
    "rejected": "bị từ chối",
    "recalled": "được thu hồi",
}
STEPS = {
    "roster": "1. Trong danh sách",
    "provisioned": "2. Được cấp hộp thư",
    "active": "3. Có sử dụng",
    "habitual": "4. Thường xuyên",
    "sends": "5. Gửi văn bản",
    "signs": "6. Ký số",
    "validates": "7. Ký số hợp lệ",
}
"""The funnel."""
WINDOWS = {
    "wd5": "5 ngày làm việc",
    "30d": "30 ngày",
    "period": "Tháng này",
    "last_month": "Tháng trước",
}
ASSESSMENTS = {
    "met": "đạt",
    "missed": "chưa đạt",
    "on_track": "đúng tiến độ",
    "behind": "chậm tiến độ",
    "unassessable": "không đánh giá được",
    "unconfirmed": "chỉ tiêu chưa xác nhận",
}
ASSESSMENT_COLOURS = {
    "met": look.GREEN, "missed": look.RED, "on_track": look.BLUE, "behind": look.ORANGE,
    "unassessable": look.GREY, "unconfirmed": look.GREY,
}  # fmt: skip
SEVERITIES = {"page": "khẩn", "ticket": "cần xử lý", "info": "để biết"}

CHECK_STATUSES = {
    str(status): posture_words(Language.VI).status(status)
    for status in (
        CheckStatus.PASS, CheckStatus.FAIL, CheckStatus.NOT_APPLICABLE, CheckStatus.UNKNOWN,
    )
}  # fmt: skip
CHECK_SIGNS = {"pass": "✓ đạt", "fail": "✗ không", "not_applicable": "–", "unknown": "?"}
"""In narrow columns."""
CHECK_HEADINGS = {
    str(Check.MX_GATEWAY): "MX",
    str(Check.MX_RESOLVES): "Địa chỉ",
    str(Check.SPF_VALID): "SPF",
    str(Check.SPF_CLOSED): "SPF đóng",
    str(Check.SPF_GATEWAY): "SPF cổng",
    str(Check.DKIM_KEY): "DKIM",
    str(Check.DMARC_VALID): "DMARC",
    str(Check.DMARC_POLICY): "Chặn giả",
    str(Check.DMARC_REPORTS): "Báo cáo",
    str(Check.MTA_STS): "MTA-STS",
    str(Check.TLS_RPT): "TLS-RPT",
    str(Check.DNSSEC): "DNSSEC",
    str(Check.NAMES_RESOLVE): "Bí danh",
}
"""Of narrow columns; the panel of all checks has their titles."""
CHECK_COLOURS = {
    "pass": look.BLUE, "fail": look.RED, "not_applicable": look.GREY, "unknown": look.PURPLE,
}  # fmt: skip
ORIGINS = {
    str(Origin.INTERNAL): "gửi từ bên trong",
    str(Origin.ALIGNED): "đã chứng minh",
    str(Origin.UNALIGNED): "không chứng minh được",
    str(Origin.UNKNOWN): "chưa kiểm tra được",
}
ORIGIN_COLOURS = {
    str(Origin.INTERNAL): look.SKY, str(Origin.ALIGNED): look.BLUE,
    str(Origin.UNALIGNED): look.RED, str(Origin.UNKNOWN): look.PURPLE,
}  # fmt: skip
FREEMAIL_WAYS = {
    str(FreemailWay.TO): "gửi tới thư miễn phí",
    str(FreemailWay.FROM): "nhận từ thư miễn phí",
    str(FreemailWay.FORWARDED): "tự động chuyển tới thư miễn phí",
    str(FreemailWay.ACCOUNT): "viết bằng hộp thư miễn phí",
}


def _of(kind: type[StrEnum]) -> Mapping[str, str]:
    texts = catalogue(Language.VI)
    return {str(member): texts.word(member) for member in kind}


@cache
def verdicts() -> Mapping[str, str]:
    """`overall` words."""
    return _of(Overall)


@cache
def causes() -> Mapping[str, str]:
    """Why something is indeterminate, in short."""
    return {Cause.OURS: "hệ thống thiếu dữ liệu", Cause.SIGNER: "do người ký"}


@cache
def channels() -> Mapping[str, str]:
    """In short: columns are narrow."""
    return {
        Channel.MAIL: "Thư điện tử", Channel.DOCSYS: "Quản lý văn bản",
        Channel.AXIS: "Trục liên thông", Channel.PORTAL: "Cổng thông tin",
    }  # fmt: skip


@cache
def directions() -> Mapping[str, str]:
    return _of(Direction)


@cache
def trust_classes() -> Mapping[str, str]:
    return _of(TrustClass)


@cache
def signer_kinds() -> Mapping[str, str]:
    return _of(SignerKind)


@cache
def time_sources() -> Mapping[str, str]:
    return _of(TimeSource)


@cache
def checks() -> Mapping[str, str]:
    """What is checked of a mail domain."""
    return {str(check): posture_words(Language.VI).title(check) for check in Check}


@cache
def checks_in_short() -> Mapping[str, str]:
    """In lists of many."""
    return {str(check): posture_words(Language.VI).short(check) for check in Check}


@cache
def dns_outcomes() -> Mapping[str, str]:
    """What became of questions about names."""
    answered = {
        str(Found.FOUND): "có", str(Found.NO_DATA): "không có bản ghi",
        str(Found.NO_NAME): "không có tên",
    }  # fmt: skip
    texts = posture_words(Language.VI).worded["why"]
    return {**answered, **{str(why): texts[why] for why in Why}}


@cache
def changes() -> Mapping[str, str]:
    """Why a recorded verdict became another."""
    return _of(Change)


def definition(indicator: str) -> str:
    """What is divided by what."""
    found = CATALOGUE[indicator]
    return f"Tử số: {found.numerator.vi}. Mẫu số: {found.denominator.vi}."


@cache
def findings() -> Mapping[str, str]:
    """Names of findings."""
    texts = catalogue(Language.VI)
    return {str(finding): texts.entry(finding).name or str(finding) for finding in Finding}


@cache
def reasons() -> Mapping[str, str]:
    """What can stand as the reason of a verdict: findings and sub-indications."""
    return {**{key: _sentence(text) for key, text in _of(SubIndication).items()}, **findings()}


def _sentence(text: str) -> str:
    return text[:1].upper() + text[1:]


NOTES = tuple(str(finding) for finding, weight in WEIGHTS.items() if weight is Weight.NOTE)
"""Findings that are no reason for anything."""
