"""What `congvu register list|show|unmatched` say, in both languages."""

from collections.abc import Mapping
from datetime import date, datetime

from monitor.clock import VIETNAM
from monitor.model import Language

_VI: Mapping[str, str] = {
    "entry": "Mục",
    "agency": "Cơ quan",
    "register": "Sổ",
    "number": "Số, ký hiệu",
    "arrival_number": "Số đến",
    "day": "Ngày",
    "issued_on": "Ngày ban hành",
    "type": "Loại văn bản",
    "role": "Loại tệp",
    "form": "Hình thức gửi",
    "status": "Trạng thái",
    "signed_at": "Ký lúc",
    "sent_at": "Gửi lúc",
    "recipients": "Số nơi nhận",
    "file_names": "Tên tệp",
    "files": "Tệp",
    "hash": "Mã băm",
    "channel": "Kênh",
    "why": "Lý do",
    "candidates": "Gần nhất",
    "subject": "Trích yếu",
    "signer": "Người ký",
    "recipient_names": "Nơi nhận",
    "out": "văn bản đi",
    "in": "văn bản đến",
    "main": "văn bản",
    "appendix": "phụ lục",
    "copy": "bản sao",
    "electronic": "điện tử",
    "parallel": "điện tử và giấy",
    "paper": "giấy",
    "unsaid": "sổ không ghi",
    "mail": "thư điện tử",
    "docsys": "phần mềm QLVB&ĐH",
    "axis": "trục liên thông",
    "portal": "cổng thông tin",
    "issued": "đã ban hành",
    "arrived": "đã đến",
    "received": "đã tiếp nhận",
    "processing": "đang xử lý",
    "done": "đã hoàn thành",
    "rejected": "từ chối nhận",
    "recalled": "đã thu hồi",
    "cancelled": "đã hủy số",
    "secret": "văn bản mật: không đưa vào thống kê",
    "gone": "không còn trong sổ",
    "title": "MỤC {entry} TRONG SỔ VĂN BẢN",
    "met": "Tệp đã gặp",
    "none_met": "Chưa gặp tệp nào.",
    "file": "{hash} {name}, {channel}, {when}, {verdict}, {role}: {how}",
    "hash_how": "khớp theo nội dung (mã băm)",
    "number_how": "khớp theo số, ký hiệu và ngày",
    "file_name_how": "khớp theo tên tệp",
    "by_hand_how": "gắn bằng tay",
    "refused_how": "đã gỡ bằng tay, không khớp lại",
    "ambiguous": "nhiều khả năng như nhau: chọn một và gắn bằng tay",
    "other_day": "cùng số, ký hiệu nhưng khác ngày: đối chiếu ngày ban hành",
    "other_notation": "cùng số, gần ngày nhưng khác ký hiệu: đối chiếu ký hiệu",
    "refused": "đã gỡ bằng tay",
    "no_file": "không có tệp nào mang số này: chưa gửi điện tử, hoặc gửi qua kênh chưa thu thập",
    "no_register": "chưa có sổ của cơ quan cho ngày này: nhập sổ",
    "no_number": "tệp không kèm số, ký hiệu; tên và nội dung không có trong sổ",
    "not_registered": "số, ký hiệu này không có trong sổ",
    "of_out": "đi",
    "of_in": "đến",
    "in_no_figure": "mật, không thống kê",
    "entries_total": "{count} mục trong sổ chưa gặp tệp{more}",
    "files_total": "{count} tệp chưa có trong sổ{more}",
    "more": " (hiện {shown}; --limit hoặc --csv để xem hết)",
    "listed": "{count} mục{more}",
    "listed_more": "; đã đủ số lượng tối đa, có thể còn nữa (--limit)",
    "written": "đã ghi {count} dòng vào {path}",
    "linked": "Đã gắn mục {entry} với {count} văn bản có nội dung này; số liệu cập nhật ở lần đo "
    "kế tiếp.",
    "unlinked": "Đã gỡ mục {entry} khỏi {count} văn bản có nội dung này và sẽ không khớp lại.",
}  # fmt: skip
_EN: Mapping[str, str] = {
    "entry": "Entry",
    "agency": "Agency",
    "register": "Register",
    "number": "Number",
    "arrival_number": "Arrival number",
    "day": "Day",
    "issued_on": "Issued on",
    "type": "Type",
    "role": "Role",
    "form": "Sent as",
    "status": "Status",
    "signed_at": "Signed at",
    "sent_at": "Sent at",
    "recipients": "Recipients",
    "file_names": "File names",
    "files": "Files",
    "hash": "Hash",
    "channel": "Channel",
    "why": "Why",
    "candidates": "Nearest",
    "subject": "Subject",
    "signer": "Signer",
    "recipient_names": "To",
    "out": "outgoing",
    "in": "incoming",
    "main": "document",
    "appendix": "appendix",
    "copy": "copy",
    "electronic": "electronic",
    "parallel": "electronic and paper",
    "paper": "paper",
    "unsaid": "not said",
    "mail": "mail",
    "docsys": "document system",
    "axis": "exchange axis",
    "portal": "portal",
    "issued": "issued",
    "arrived": "arrived",
    "received": "received",
    "processing": "in progress",
    "done": "done",
    "rejected": "rejected",
    "recalled": "recalled",
    "cancelled": "number cancelled",
    "secret": "secret: in no figure",
    "gone": "no longer in the register",
    "title": "ENTRY {entry} OF A REGISTER",
    "met": "Files met",
    "none_met": "No file has been met.",
    "file": "{hash} {name}, {channel}, {when}, {verdict}, {role}: {how}",
    "hash_how": "by the content's hash",
    "number_how": "by number, notation and day",
    "file_name_how": "by the file's name",
    "by_hand_how": "linked by hand",
    "refused_how": "unlinked by hand, not matched again",
    "ambiguous": "several are equally likely: choose one and link it by hand",
    "other_day": "the same number, another day: compare the day of issue",
    "other_notation": "the same number about that day, another notation: compare the notation",
    "refused": "unlinked by hand",
    "no_file": "no file bears this number: not sent electronically, or by a channel not captured",
    "no_register": "the agency's register has not been given for this day: import it",
    "no_number": "the file came without a number; its name and content are in no register",
    "not_registered": "the register has no such number",
    "of_out": "out",
    "of_in": "in",
    "in_no_figure": "secret, in no figure",
    "entries_total": "{count} entries have met no file{more}",
    "files_total": "{count} files have met no entry{more}",
    "more": " ({shown} shown; --limit or --csv for all)",
    "listed": "{count} entries{more}",
    "listed_more": "; that is the limit, there may be more (--limit)",
    "written": "{count} rows written to {path}",
    "linked": "Entry {entry} is linked with {count} documents of this content; figures follow with "
    "the next measurement.",
    "unlinked": "Entry {entry} is unlinked from {count} documents of this content, for good.",
}


class Words:
    """The texts of one language."""

    def __init__(self, language: Language) -> None:
        self._texts = _VI if language is Language.VI else _EN

    def __call__(self, key: str, **values: object) -> str:
        return self._texts[key].format(**values)

    def known(self, word: str | None) -> str:
        """A word of the record; as it stands where these texts have none for it."""
        return self._texts.get(word or "", word or "–")

    @staticmethod
    def day(day: date | None) -> str:
        return day.strftime("%d/%m/%Y") if day else "–"

    @staticmethod
    def when(moment: datetime | None) -> str:
        return moment.astimezone(VIETNAM).strftime("%d/%m/%Y %H:%M") if moment else "–"
