"""Why something was set aside, in one English and one Vietnamese line for whoever put it there."""

from dataclasses import dataclass

from monitor.collect.events import Rejection

_WORDS: dict[Rejection, tuple[str, str]] = {
    Rejection.MANIFEST_UNREADABLE: (
        "the manifest cannot be read as CSV or JSON",
        "không đọc được bảng kê ở dạng CSV hoặc JSON",
    ),
    Rejection.MANIFEST_TOO_LARGE: ("the manifest is too large", "bảng kê quá lớn"),
    Rejection.MANIFEST_ENCODING: (
        "the manifest is not UTF-8: save it as CSV UTF-8",
        "bảng kê không phải UTF-8: hãy lưu lại ở dạng CSV UTF-8",
    ),
    Rejection.MANIFEST_COLUMNS: (
        "the manifest lacks a needed column",
        "bảng kê thiếu cột bắt buộc",
    ),
    Rejection.ROW_INVALID: (
        "a value is missing or cannot be understood",
        "giá trị bị thiếu hoặc không hiểu được",
    ),
    Rejection.ROW_DUPLICATE: (
        "two rows claim different things of one file",
        "hai dòng khai khác nhau về cùng một tệp",
    ),
    Rejection.NAME_UNSAFE: (
        "the file name is not allowed: no folders, no leading dot, at most 255 bytes",
        "tên tệp không được phép: không chứa thư mục, không bắt đầu bằng dấu chấm, tối đa 255 byte",
    ),
    Rejection.AGENCY_NOT_ALLOWED: (
        "this folder may not speak for the agency: is it lacking in the folder's `agencies`?",
        "thư mục này không được gửi thay cho cơ quan đó: xem `agencies` trong cấu hình",
    ),
    Rejection.NOT_REGULAR: (
        "not a regular file (a link, folder, pipe or device)",
        "không phải tệp thông thường (liên kết, thư mục, ống dẫn hoặc thiết bị)",
    ),
    Rejection.LINKED: (
        "the file has several names (hard links)",
        "tệp có nhiều tên (liên kết cứng)",
    ),
    Rejection.TOO_LARGE: ("the file is too large", "tệp quá lớn"),
    Rejection.SIZE_MISMATCH: (
        "the file has not the size that the manifest gives",
        "kích thước tệp khác với bảng kê",
    ),
    Rejection.HASH_MISMATCH: (
        "the file has not the SHA-256 that the manifest gives",
        "mã băm SHA-256 của tệp khác với bảng kê",
    ),
    Rejection.FILE_MISSING: (
        "the file did not come in time",
        "tệp không đến trong thời hạn",
    ),
    Rejection.ORPHAN: (
        "no manifest named the file in time",
        "không có bảng kê nào nêu tên tệp trong thời hạn",
    ),
    Rejection.NOT_OF_THE_AXIS: (
        "the axis leaves files named .edxml, .xml or .zip here, and no others",
        "thư mục này chỉ nhận tệp .edxml, .xml hoặc .zip của trục liên thông",
    ),
    Rejection.UNREADABLE: ("the file cannot be read", "không đọc được tệp"),
    Rejection.EMPTY: ("the file is empty", "tệp rỗng"),
    Rejection.NOT_A_MAIL: (
        "the file does not begin with the header of a mail",
        "tệp không bắt đầu bằng phần đầu của thư điện tử",
    ),
    Rejection.NOT_AN_MBOX: (
        'the file is no mbox: it does not begin with a "From " line',
        'tệp không phải mbox: không bắt đầu bằng dòng "From "',
    ),
}
_PLACES = (("names the same file", "nêu cùng tệp"), ("row ", "dòng "), ("column ", "cột "))
"""What a detail says of places in a manifest."""


@dataclass(frozen=True, slots=True)
class Reason:
    """A bounded word, with where or how much."""

    rejection: Rejection
    detail: str = ""

    @property
    def english(self) -> str:
        return self._line(0, self.detail)

    @property
    def vietnamese(self) -> str:
        detail = self.detail
        for english, vietnamese in _PLACES:
            detail = detail.replace(english, vietnamese)
        return self._line(1, detail)

    def _line(self, language: int, detail: str) -> str:
        return _WORDS[self.rejection][language] + (f" ({detail})" if detail else "")

    def text(self) -> str:
        """Content of a `.reason.txt`: the word, then one line a language."""
        return f"{self.rejection.value}\n{self.english}\n{self.vietnamese}\n"
