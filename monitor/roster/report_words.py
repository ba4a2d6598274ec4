"""The words of the hand-on reports, in Vietnamese and English."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date

from monitor.model import Language
from monitor.roster.report import Lacking, Report, ReportKind, ReportRow

Cell = str | int | None
VI, EN = Language.VI, Language.EN
Both = Mapping[Language, str]

TITLES: Mapping[ReportKind, Both] = {
    ReportKind.PEOPLE_WITHOUT_MAILBOX: {
        VI: "CBCCVC chưa có hộp thư điện tử công vụ đang hoạt động",
        EN: "People without an enabled official mailbox",
    },
    ReportKind.MAILBOXES_WITHOUT_PERSON: {
        VI: "Hộp thư cá nhân không thuộc về ai trong danh sách CBCCVC",
        EN: "Personal mailboxes that nobody on the roster has",
    },
    ReportKind.MAILBOXES_OF_PEOPLE_WHO_LEFT: {
        VI: "Hộp thư còn hoạt động của người đã nghỉ, chuyển công tác",
        EN: "Enabled mailboxes of people who left",
    },
    ReportKind.DUPLICATES: {
        VI: "Tài khoản, địa chỉ và nhân sự trùng lặp",
        EN: "Accounts, addresses and people that are there twice",
    },
    ReportKind.DORMANT: {
        VI: "Tài khoản lâu không sử dụng",
        EN: "Dormant accounts",
    },
    ReportKind.NEVER_LOGGED_IN: {
        VI: "Tài khoản chưa từng đăng nhập",
        EN: "Accounts that never logged in",
    },
}

WORDS: Mapping[str, Both] = {
    # why
    "no_address": {VI: "danh sách không ghi địa chỉ", EN: "no address on the roster"},
    "no_account": {VI: "địa chỉ chưa có tài khoản", EN: "no account has the address"},
    "locked": {VI: "tạm khóa", EN: "locked"},
    "closed": {VI: "đã thu hồi", EN: "closed"},
    "enabled": {VI: "đang hoạt động", EN: "enabled"},
    "never_anybodys": {VI: "chưa từng của ai", EN: "never anybody's"},
    "given_up": {VI: "chủ cũ đã đổi địa chỉ", EN: "its former owner has another address"},
    "not_yet_employed": {VI: "chủ chưa vào làm", EN: "its owner is not employed yet"},
    "unused": {VI: "không ai sử dụng", EN: "nobody used it"},
    "used_after": {VI: "có người sử dụng sau khi nghỉ", EN: "somebody used it after that"},
    "polled_after": {VI: "máy vẫn lấy thư sau khi nghỉ", EN: "machines fetched mail after that"},
    "several_accounts": {VI: "một người có nhiều tài khoản", EN: "one person, several accounts"},
    "several_people": {VI: "nhiều người chung một hộp thư", EN: "one mailbox, several people"},
    "two_lists": {VI: "một hộp thư ở hai danh sách", EN: "one mailbox on two lists"},
    "two_posts": {VI: "một người ở hai nơi", EN: "one person in two posts"},
    # role and kind
    "leader": {VI: "lãnh đạo", EN: "leader"},
    "staff": {VI: "cán bộ", EN: "staff"},
    "personal": {VI: "cá nhân", EN: "personal"},
    "mailbox": {VI: "hộp thư cơ quan", EN: "agency's own"},
    "shared": {VI: "dùng chung", EN: "shared"},
    # kinds of activity
    "sent": {VI: "gửi thư", EN: "mail sent"},
    "login": {VI: "đăng nhập", EN: "login"},
    "submission": {VI: "gửi bằng phần mềm thư", EN: "submission"},
    "imap": {VI: "IMAP", EN: "IMAP"},
    "pop": {VI: "POP", EN: "POP"},
    "sync": {VI: "đồng bộ điện thoại", EN: "sync"},
    "automatic": {VI: "tự động", EN: "automatic"},
}

HEADINGS: Mapping[str, Both] = {
    "number": {VI: "STT", EN: "No."},
    "code": {VI: "Mã cơ quan", EN: "Agency code"},
    "agency": {VI: "Cơ quan, đơn vị", EN: "Agency"},
    "person": {VI: "Mã người", EN: "Person"},
    "name": {VI: "Họ và tên", EN: "Name"},
    "staff_number": {VI: "Mã cán bộ", EN: "Staff number"},
    "role": {VI: "Chức danh", EN: "Role"},
    "address": {VI: "Mã địa chỉ", EN: "Address"},
    "real_address": {VI: "Địa chỉ thư", EN: "Mail address"},
    "kind": {VI: "Loại", EN: "Kind"},
    "state": {VI: "Trạng thái", EN: "State"},
    "source": {VI: "Nguồn", EN: "Source"},
    "together": {VI: "Nhóm", EN: "Group"},
    "why": {VI: "Lý do", EN: "Why"},
    "employed_since": {VI: "Làm việc từ", EN: "Employed since"},
    "created": {VI: "Ngày cấp", EN: "Created"},
    "left": {VI: "Ngày nghỉ", EN: "Left on"},
    "days": {VI: "Số ngày", EN: "Days"},
    "last_human": {VI: "Người sử dụng lần cuối", EN: "Last used by a person"},
    "last_other": {VI: "Máy lấy thư lần cuối", EN: "Last fetched by a machine"},
    "reported": {VI: "Đăng nhập cuối (hệ thống báo)", EN: "Last log-on (system reports)"},
    "rows": {VI: "Số dòng", EN: "Rows"},
    "sheet": {VI: "Danh sách", EN: "List"},
}


@dataclass(frozen=True, slots=True)
class Column:
    """One column: the key of its heading, and what a row has in it."""

    heading: str
    value: Callable[[ReportRow], str | int | date | None]
    only_revealed: bool = False


def _of(name: str, heading: str | None = None, *, only_revealed: bool = False) -> Column:
    return Column(heading or name, lambda row: getattr(row, name), only_revealed)


PERSON = (
    _of("person"), _of("staff_number", only_revealed=True), _of("name", only_revealed=True),
)  # fmt: skip
ADDRESS = (_of("address"), _of("real_address", only_revealed=True))
COLUMNS: Mapping[ReportKind, tuple[Column, ...]] = {
    ReportKind.PEOPLE_WITHOUT_MAILBOX: (
        *PERSON, _of("role"), _of("day", "employed_since"), _of("why"), *ADDRESS,
    ),
    ReportKind.MAILBOXES_WITHOUT_PERSON: (
        *ADDRESS, _of("state"), _of("day", "created"), _of("why"), *PERSON, _of("source"),
    ),
    ReportKind.MAILBOXES_OF_PEOPLE_WHO_LEFT: (
        *PERSON, *ADDRESS, _of("day", "left"), _of("days"), _of("why"), _of("last_human"),
        _of("last_other"), _of("source"),
    ),
    ReportKind.DUPLICATES: (
        _of("together"), _of("why"), *PERSON, _of("role"), *ADDRESS, _of("state"), _of("source"),
    ),
    ReportKind.DORMANT: (
        *ADDRESS, _of("kind"), _of("days"), _of("last_human"), _of("last_other"), _of("reported"),
        _of("source"),
    ),
    ReportKind.NEVER_LOGGED_IN: (
        *ADDRESS, _of("kind"), _of("day", "created"), _of("days"), _of("source"),
    ),
}  # fmt: skip
"""Behind number, code and name of the agency."""
WORDED = frozenset({"why", "role", "kind", "state"})
"""Columns of a closed vocabulary."""


class Wording:
    """A report in one language."""

    def __init__(self, report: Report, language: Language) -> None:
        self._report = report
        self._language = language
        self._columns = tuple(
            column
            for column in (_of("code"), _of("agency"), *COLUMNS[report.wanted.kind])
            if report.revealed or not column.only_revealed
        )

    def headings(self) -> list[str]:
        """Of all columns, the running number first."""
        return [self.heading("number"), *(self.heading(each.heading) for each in self._columns)]

    def cells(self, row: ReportRow) -> list[Cell]:
        """One row in the order of the headings, without the running number."""
        return [self._cell(column.value(row), column.heading) for column in self._columns]

    def heading(self, key: str) -> str:
        return HEADINGS[key][self._language]

    def _cell(self, value: str | int | date | None, heading: str) -> Cell:
        if isinstance(value, date):
            return self.day(value)
        if heading in WORDED and isinstance(value, str):
            return WORDS[value][self._language]
        return value

    def day(self, day: date) -> str:
        """A day as readers of the language write it."""
        return day.strftime("%d/%m/%Y") if self._language is VI else day.isoformat()

    def title(self) -> str:
        return TITLES[self._report.wanted.kind][self._language]

    def preamble(self) -> list[str]:
        """What stands above the rows: the day, how many rows, the rule, what it stands on."""
        return [line for line in (self._counted(), *self._rules(), *self._basis()) if line]

    def lacking(self) -> str:
        """Why there is no data, and what to do."""
        assert self._report.lacking is not None  # noqa: S101 - asked for only then
        return LACKING[self._report.lacking][self._language]

    def _counted(self) -> str:
        report = self._report
        agency = report.wanted.agency
        day = self.day(report.wanted.on)
        if report.lacking:
            rows = {VI: "không có dữ liệu", EN: "no data"}[self._language]
        else:
            rows = {VI: f"{report.total} dòng", EN: f"{report.total} rows"}[self._language]
        scope = {VI: f", cơ quan {agency}", EN: f", agency {agency}"}[self._language]
        held = {VI: "Số liệu đến hết ngày", EN: "As of"}[self._language]
        return f"{held} {day}{scope if agency else ''}: {rows}"

    def _rules(self) -> list[str]:
        report = self._report
        if report.limit_days is None:
            return []
        human = ", ".join(WORDS[kind][self._language] for kind in report.human)
        return [
            RULES[report.wanted.kind][self._language].format(days=report.limit_days, human=human)
        ]

    def _basis(self) -> list[str]:
        report, language = self._report, self._language
        lines = []
        if report.basis.lists:
            lists = "; ".join(map(self._list, report.basis.lists))
            lines.append({VI: "Danh sách: ", EN: "Lists: "}[language] + lists)
        first, last = report.basis.activity_from, report.basis.activity_until
        if report.limit_days is not None and first and last:
            span = f"{self.day(first)} – {self.day(last)}"
            lines.append({VI: "Nhật ký sử dụng: ", EN: "Activity is known: "}[language] + span)
        if report.left_out:
            words = {
                VI: "Chưa có danh sách CBCCVC, không xét: ",
                EN: "Without a roster, left out: ",
            }[language]
            lines.append(words + ", ".join(report.left_out))
        return lines

    def _list(self, text: str) -> str:
        what, _, rest = text.partition(" ")
        source, _, day = rest.rpartition(" ")  # a source may have blanks
        named = {
            "people": {VI: "nhân sự", EN: "people"}, "accounts": {VI: "tài khoản", EN: "accounts"},
        }  # fmt: skip
        return f"{named[what][self._language]} {source} {self.day(date.fromisoformat(day))}"


LACKING: Mapping[Lacking, Both] = {
    Lacking.PEOPLE: {
        VI: "Không có dữ liệu: chưa nhập danh sách CBCCVC nào đến ngày này (congvu roster import).",
        EN: "No data: no roster was imported for this day (congvu roster import).",
    },
    Lacking.ACCOUNTS: {
        VI: "Không có dữ liệu: chưa nhập danh sách tài khoản nào đến ngày này "
        "(congvu roster import).",
        EN: "No data: no list of accounts was imported for this day (congvu roster import).",
    },
    Lacking.ACTIVITY: {
        VI: "Không có dữ liệu: chưa có nhật ký hệ thống thư ([[logs]]) và danh sách tài khoản "
        "không ghi lần đăng nhập cuối.",
        EN: "No data: no log of a mail system ([[logs]]) is read, and no list of accounts reports "
        "last log-ons.",
    },
}
RULES: Mapping[ReportKind, Both] = {
    ReportKind.DORMANT: {
        VI: "Quy tắc: quá {days} ngày không có dấu hiệu sử dụng nào, của người ({human}) hay của "
        "máy; lần đăng nhập do hệ thống thư báo được coi là muộn hơn tối đa 14 ngày.",
        EN: "Rule: no sign of use, by a person ({human}) or a machine, for more than {days} days; "
        "a log-on that the mail system reports may be 14 days later than it says.",
    },
    ReportKind.NEVER_LOGGED_IN: {
        VI: "Quy tắc: cấp từ {days} ngày trở lên, chưa ghi nhận lần đăng nhập hay gửi thư nào, kể "
        "cả bằng máy.",
        EN: "Rule: made at least {days} days ago and no log-on or mail, by machines either, is "
        "known.",
    },
}
