"""The catalogue: what every indicator is, in one place (DESIGN "Indicators"; docs/indicators.md).

Figures in SQL, metrics, plans, rules and dashboards take from here what there is and what it is
called. An indicator whose facts nobody gives stands here like the others: it has no data, and once
rows of it are in `day_fact` it is shown without a change here.
"""

import hashlib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from enum import StrEnum
from typing import Final

from monitor.measure.windows import WindowName
from monitor.model import Channel, Language


class Unit(StrEnum):
    """What a denominator counts."""

    OFFICIALS = "officials"
    MESSAGES = "messages"
    DOCUMENTS = "documents"
    SIGNATURES = "signatures"
    AGENCIES = "agencies"
    CHECKS = "checks"


class Facts(StrEnum):
    """Where numerator and denominator come from."""

    CAPTURE = "capture"
    """What was captured and verified."""
    REGISTERS = "registers"
    """Agencies' registers, corrected by what was captured: in part their own word."""
    ROSTERS = "rosters"
    """Rosters, accounts and activity."""
    NAMES = "names"
    """Domains' published settings (DNS)."""


@dataclass(frozen=True, slots=True)
class Text:
    """A phrase for readers of figures, and for operators."""

    vi: str
    en: str

    def __getitem__(self, language: Language) -> str:
        return self.vi if language is Language.VI else self.en


@dataclass(frozen=True, slots=True)
class Series:
    """The windows of which Prometheus is given what; the table `figure` has all."""

    ratio: tuple[WindowName, ...]
    denominator: tuple[WindowName, ...]
    low: tuple[WindowName, ...] = ()
    """Lower bound of the process interval."""
    high: tuple[WindowName, ...] = ()


WD5, WD20 = WindowName.WD5, WindowName.WD20_PRIOR
DAYS_30, PERIOD, LAST_MONTH = WindowName.DAYS_30, WindowName.PERIOD, WindowName.LAST_MONTH
EVERY: Final = ("agency", "level", "province")
GROUPS: Final = ("level", "province")
"""Values of `Scope` of one that counts agencies."""
NOW: Final = (WD5, WD20, DAYS_30, PERIOD)
MONTHLY: Final = (*NOW, LAST_MONTH)
NO_SERIES: Final = Series((), ())
ONLY_30: Final = Series((DAYS_30,), ())
SIGNED: Final = Series((WD5, DAYS_30, PERIOD), (WD5,), low=(WD5,), high=(WD5,))
"""Of an agency. The running month is the only window with what was captured today; what wd5 is
held against is `congvu_adoption_baseline_ratio`; months stand in the table `figure`."""
SIGNED_DOCUMENTS: Final = replace(SIGNED, denominator=(WD5, DAYS_30))
"""Beside `congvu_adoption_undecided_ratio`, which is of thirty days."""
WATCHED_GROUP: Final = Series(
    MONTHLY, MONTHLY, low=(WD5, WD20, DAYS_30, LAST_MONTH), high=(WD5, WD20, DAYS_30, LAST_MONTH)
)
OF_A_MONTH: Final = Series((LAST_MONTH,), ())
OF_A_MONTH_GROUP: Final = Series((DAYS_30, LAST_MONTH), (DAYS_30, LAST_MONTH))
LIVE_GROUP: Final = Series(NOW, NOW)


@dataclass(frozen=True, slots=True)
class Definition:
    """One indicator: what is divided by what, of whom, where and over which days."""

    id: str
    name: Text
    numerator: Text
    denominator: Text
    unit: Unit
    facts: Facts
    channels: tuple[Channel, ...]
    rule: str
    """The decree or section it comes from."""
    agency: Series = NO_SERIES
    """What Prometheus is given of an agency: it has a budget of series (docs/metrics.md)."""
    group: Series = LIVE_GROUP
    """What it is given of a level and of the province: they are few."""
    windows: tuple[WindowName, ...] = NOW
    """Those computed, of every scope."""
    scopes: tuple[str, ...] = EVERY
    sampled: bool = False
    """Only verified units decide it: an estimate where verification is sampled."""
    interval: bool = False
    """It carries a process interval, of the habit behind the figure."""
    drops: bool = False
    """Its last five working days are held against a baseline (docs/runbooks)."""
    declared: bool = False
    """An agency's own word has a part in it, unless only what was observed counts."""
    classes: tuple[str, ...] = ("formal",)
    """Classes of documents; `formal` is the series of the indicator."""
    bases: tuple[str, ...] = field(default=("",))
    """`` is the series of the indicator; the others stand beside it in the table `figure`."""
    state_window: WindowName = DAYS_30
    """The window whose state `congvu_adoption_state` tells; where that has no data, of `period`."""
    version: int = 1
    """Of its rule: whoever changes what counts raises it, and closed periods say by which of them
    they were counted (tests/measure/test_definition_versions.py pins it to the statements)."""

    @property
    def digest(self) -> str:
        """SHA-256 of what it says, hexadecimal."""
        said = (
            self.id, self.version, self.numerator, self.denominator, self.unit, self.facts,
            self.channels, self.rule, self.classes, self.bases,
        )  # fmt: skip
        return hashlib.sha256(repr(said).encode()).hexdigest()

    @property
    def given_out(self) -> tuple[WindowName, ...]:
        """The windows of which Prometheus is given anything."""
        of = (self.agency, self.group)
        wanted = {window for series in of for window in (*series.ratio, *series.denominator)}
        return tuple(window for window in self.windows if window in wanted)

    @property
    def of_accounts(self) -> bool:
        return self.facts is Facts.ROSTERS

    @property
    def of_registers(self) -> bool:
        """Over all documents of a register."""
        return self.facts is Facts.REGISTERS

    @property
    def by_channel(self) -> bool:
        """Measured a channel each, and in more than one."""
        return len(self.channels) > 1


ALL_CHANNELS: Final = tuple(Channel)
PAIRED: Final = (Channel.DOCSYS, Channel.AXIS)
SENT: Final = (Channel.DOCSYS, Channel.AXIS, Channel.MAIL)
OFFICIALS_ON_ROSTER: Final = Text(
    "cán bộ, công chức, viên chức trong danh sách của cơ quan", "officials on the roster"
)
FORMAL_ISSUED: Final = Text(
    "văn bản chính thức đã phát hành, không tính văn bản chuyển tiếp",
    "formal documents issued, not relayed",
)
REGISTERED: Final = Text(
    "mọi văn bản trong sổ văn bản đi của cơ quan", "all documents in the agency's register"
)
VALID_SIGNATURES: Final = Text("chữ ký số hợp lệ", "valid signatures")

_ALL: Final = (
    Definition(
        "accounts_provisioned",
        Text("Được cấp tài khoản công vụ", "Officials with an official account"),
        Text(
            "cán bộ trong danh sách có tài khoản công vụ riêng đang hoạt động",
            "officials on the roster with an enabled official account of their own",
        ),
        OFFICIALS_ON_ROSTER,
        Unit.OFFICIALS, Facts.ROSTERS, (Channel.MAIL,),
        "Kế hoạch của tỉnh; Nghị định 30/2020/NĐ-CP (công tác văn thư)",
        agency=ONLY_30, classes=("",),
    ),
    Definition(
        "accounts_active",
        Text("Có sử dụng tài khoản", "Officials who use their account"),
        Text(
            "cán bộ trong danh sách có hoạt động của con người trong kỳ (gửi thư, đăng nhập)",
            "officials with human activity in the window (mail sent by a person, a login)",
        ),
        OFFICIALS_ON_ROSTER,
        Unit.OFFICIALS, Facts.ROSTERS, (Channel.MAIL,),
        "Kế hoạch của tỉnh; loại hoạt động: accounts.human",
        agency=Series((WD5, DAYS_30), (WD5,)),
        windows=(*NOW, WindowName.DAYS_7, WindowName.DAYS_90, WindowName.DAYS_180),
        drops=True, classes=("",), bases=("", "provisioned"),
    ),
    Definition(
        "accounts_habitual",
        Text("Sử dụng thường xuyên", "Officials who use their account habitually"),
        Text(
            "cán bộ có hoạt động trong ít nhất N ngày làm việc của kỳ (accounts.habitual_days)",
            "officials active on at least N working days of the window (accounts.habitual_days)",
        ),
        OFFICIALS_ON_ROSTER,
        Unit.OFFICIALS, Facts.ROSTERS, (Channel.MAIL,),
        "Kế hoạch của tỉnh (“thường xuyên”); N do tỉnh định: accounts.habitual_days",
        agency=ONLY_30, windows=(WD20, DAYS_30, PERIOD), classes=("",),
        bases=("", "provisioned"),
    ),
    Definition(
        "mail_signed",
        Text("Thư công vụ được ký số", "Outgoing mail that is signed"),
        Text(
            "trong đó thư, hoặc mọi văn bản chính thức đính kèm, có chữ ký số hợp lệ",
            "those in which the message or every formal document is validly signed",
        ),
        Text(
            "thư gửi đi có văn bản chính thức đính kèm", "outgoing messages with formal documents"
        ),
        Unit.MESSAGES, Facts.CAPTURE, (Channel.MAIL,),
        "Nghị định 30/2020/NĐ-CP Điều 5; Luật Giao dịch điện tử 20/2023/QH15",
        agency=SIGNED, group=WATCHED_GROUP, windows=MONTHLY, sampled=True, interval=True,
        drops=True,
    ),
    Definition(
        "document_signed",
        Text("Văn bản được ký số", "Documents that are signed"),
        Text(
            "văn bản có chữ ký số hợp lệ của người ký thuộc cơ quan ban hành",
            "those with a valid signature by a signer of the issuing agency",
        ),
        FORMAL_ISSUED,
        Unit.DOCUMENTS, Facts.CAPTURE, ALL_CHANNELS,
        "Nghị định 30/2020/NĐ-CP Điều 5; Luật Giao dịch điện tử 20/2023/QH15",
        agency=SIGNED_DOCUMENTS, group=WATCHED_GROUP, windows=MONTHLY, sampled=True, interval=True,
        drops=True, classes=("formal", "editable"),
    ),
    Definition(
        "document_paired",
        Text("Văn bản đủ cặp chữ ký", "Documents with the complete pair of signatures"),
        Text(
            "văn bản hợp lệ, đủ chữ ký của người có thẩm quyền và của cơ quan ban hành",
            "those that are valid and bear a person's and the organisation's signature of the "
            "issuing agency",
        ),
        FORMAL_ISSUED,
        Unit.DOCUMENTS, Facts.CAPTURE, PAIRED,
        "Nghị định 30/2020/NĐ-CP Điều 5 và Phụ lục I",
        agency=ONLY_30, sampled=True, classes=("formal", "editable"), bases=("", "main"),
    ),
    Definition(
        "document_electronic",
        Text("Văn bản gửi điện tử", "Documents sent electronically"),
        Text(
            "văn bản gửi điện tử, có hoặc không kèm bản giấy",
            "those sent electronically, with or without paper",
        ),
        REGISTERED,
        Unit.DOCUMENTS, Facts.REGISTERS, (Channel.DOCSYS,),
        "Quyết định 28/2018/QĐ-TTg",
        agency=OF_A_MONTH, group=OF_A_MONTH_GROUP, windows=MONTHLY, declared=True,
        bases=("", "observed"), state_window=LAST_MONTH,
    ),
    Definition(
        "document_parallel_paper",
        Text("Gửi điện tử song song bản giấy", "Documents sent electronically and on paper"),
        Text("văn bản gửi điện tử và vẫn gửi bản giấy", "those sent electronically and on paper"),
        REGISTERED,
        Unit.DOCUMENTS, Facts.REGISTERS, (Channel.DOCSYS,),
        "Quyết định 28/2018/QĐ-TTg (không gửi bản giấy khi đã gửi điện tử)",
        agency=OF_A_MONTH, group=OF_A_MONTH_GROUP, windows=MONTHLY, declared=True,
        bases=("", "observed"), state_window=LAST_MONTH,
    ),
    Definition(
        "document_paperless",
        Text("Chỉ gửi điện tử", "Documents sent only electronically"),
        Text("văn bản chỉ gửi điện tử, không có bản giấy", "those sent electronically alone"),
        REGISTERED,
        Unit.DOCUMENTS, Facts.REGISTERS, (Channel.DOCSYS,),
        "Quyết định 28/2018/QĐ-TTg",
        agency=OF_A_MONTH, group=OF_A_MONTH_GROUP, windows=MONTHLY, declared=True,
        bases=("", "observed"), state_window=LAST_MONTH,
    ),
    Definition(
        "agencies_signing",
        Text("Cơ quan có ký số", "Agencies that sign"),
        Text(
            "cơ quan có ít nhất một văn bản được ký số hợp lệ",
            "agencies with at least one validly signed document",
        ),
        Text("cơ quan có phát hành văn bản trong kỳ", "agencies that issued any"),
        Unit.AGENCIES, Facts.CAPTURE, ALL_CHANNELS,
        "Nghị định 30/2020/NĐ-CP Điều 5",
        scopes=GROUPS, sampled=True, classes=("formal", "editable"),
    ),
    Definition(
        "dispatched_on_time",
        Text("Văn bản gửi đúng hạn", "Documents sent in time"),
        Text(
            "văn bản gửi chậm nhất trong buổi sáng ngày làm việc sau ngày ký "
            "(measure.dispatch_until)",
            "those sent by the next working morning after signing (measure.dispatch_until)",
        ),
        Text(
            "văn bản biết rõ cả thời điểm ký và thời điểm gửi",
            "documents with both times known",
        ),
        Unit.DOCUMENTS, Facts.CAPTURE, SENT,
        "Quyết định 28/2018/QĐ-TTg",
        group=Series(MONTHLY, MONTHLY), windows=MONTHLY, sampled=True, declared=True,
        classes=("formal", "editable"),
        bases=("", "observed"),
    ),
    Definition(
        "signature_timestamped",
        Text("Chữ ký có dấu thời gian", "Signatures with a time-stamp"),
        Text("chữ ký có dấu thời gian tin cậy", "those with a trusted time-stamp"),
        VALID_SIGNATURES,
        Unit.SIGNATURES, Facts.CAPTURE, ALL_CHANNELS,
        "Thông tư 41/2017/TT-BTTTT",
        sampled=True, classes=("formal", "editable"),
    ),
    Definition(
        "signature_public_service_ca",
        Text("Chữ ký bằng chứng thư số công vụ", "Signatures by public-service certificates"),
        Text(
            "chữ ký bằng chứng thư số của tổ chức chứng thực chuyên dùng công vụ",
            "those from the public-service CA",
        ),
        VALID_SIGNATURES,
        Unit.SIGNATURES, Facts.CAPTURE, ALL_CHANNELS,
        "Nghị định 68/2024/NĐ-CP",
        sampled=True, classes=("formal", "editable"),
    ),
    Definition(
        "freemail",
        Text("Trao đổi công vụ qua thư miễn phí", "Official correspondence with free mail"),
        Text(
            "thư gửi tới, nhận từ, viết bằng hoặc bị tự động chuyển tiếp tới hộp thư miễn phí",
            "those sent to, got from, written at or sent on by themselves to free-mail domains",
        ),
        Text(
            "thư gửi đi và nhận về có văn bản đính kèm, không tính thư tự động và thư nội bộ, "
            "cùng mọi thư công vụ đi qua thư miễn phí",
            "messages sent out and received with documents attached, neither automatic nor "
            "internal, and all that went by free mail",
        ),
        Unit.MESSAGES, Facts.CAPTURE, (Channel.MAIL,),
        "Kế hoạch của tỉnh; quy chế thư công vụ (cấm tự động chuyển thư ra ngoài)",
        agency=Series((WD20, DAYS_30), (WD5,), low=(WD5,)),
        group=replace(LIVE_GROUP, low=(WD5,)), interval=True, version=2,
    ),
    Definition(
        "domain_posture",
        Text("Cấu hình an toàn của tên miền thư", "Posture of mail domains"),
        Text("phép kiểm tra đạt", "checks passed"),
        Text("phép kiểm tra áp dụng cho tên miền", "checks that apply"),
        Unit.CHECKS, Facts.NAMES, (Channel.MAIL,),
        "SPF RFC 7208, DKIM RFC 6376, DMARC RFC 7489 và 9989, MTA-STS RFC 8461, DNSSEC RFC 4035",
        agency=ONLY_30,
    ),
)  # fmt: skip

CATALOGUE: Mapping[str, Definition] = {each.id: each for each in _ALL}
"""By id, in the order of DESIGN."""

SHOWN_OF_AGENCIES: Final = [
    (each.id, window.value) for each in _ALL if each.agency.ratio
    for window in each.windows
    if window in {*each.agency.ratio, *each.agency.denominator, each.state_window, PERIOD}
]  # fmt: skip
"""Indicators and windows that metrics of an agency are made of; a state falls back on `period`."""


def of(facts: Facts) -> Iterator[Definition]:
    """The indicators made of these facts."""
    return (each for each in CATALOGUE.values() if each.facts is facts)
