"""The words by which document systems say how a document was sent, how far and how secret it is.

Of each the closed list that the record keeps. A word that is not known is a precise problem, never
a guess; the mapping's `[values]` say what it means.
"""

from enum import StrEnum
from functools import lru_cache

from monitor.tables import items
from monitor.tables.word_keys import by_word, word_key


class Paper(StrEnum):
    """How a document was sent (`register_entry.paper`)."""

    ELECTRONIC = "electronic"
    PARALLEL = "parallel"
    PAPER = "paper"


class Status(StrEnum):
    """How far a document is (`register_entry.status`)."""

    DRAFT = "draft"
    """Not issued yet: no entry of a register."""
    ISSUED = "issued"
    ARRIVED = "arrived"
    RECEIVED = "received"
    PROCESSING = "processing"
    DONE = "done"
    REJECTED = "rejected"
    RECALLED = "recalled"
    CANCELLED = "cancelled"
    """The number was given and no document has it."""


_WAYS = by_word({
    Paper.ELECTRONIC: (
        "electronic", "e", "online", "điện tử", "bản điện tử", "văn bản điện tử", "gửi điện tử",
        "hoàn toàn điện tử", "chỉ điện tử", "chỉ gửi điện tử", "điện tử không kèm bản giấy",
        "không gửi bản giấy", "không kèm bản giấy", "không gửi kèm bản giấy", "thuần điện tử",
        "liên thông", "gửi liên thông", "qua trục", "trục liên thông", "qua trục liên thông",
        "trục liên thông văn bản", "qua mạng", "gửi qua mạng", "mạng", "qua phần mềm",
        "phần mềm", "qua hệ thống", "hệ thống qlvb", "qlvb", "qlvbđh", "thư điện tử",
        "thư điện tử công vụ", "email", "e-mail", "mail", "qua email", "thư công vụ",
    ),
    Paper.PAPER: (
        "paper", "giấy", "bản giấy", "văn bản giấy", "gửi bản giấy", "gửi giấy", "chỉ bản giấy",
        "chỉ giấy", "chỉ gửi bản giấy", "bưu điện", "đường bưu điện", "qua bưu điện",
        "gửi bưu điện", "bưu chính", "chuyển phát", "chuyển phát nhanh", "công văn giấy",
        "trực tiếp", "gửi trực tiếp", "nộp trực tiếp", "văn thư chuyển", "truyền thống",
    ),
    Paper.PARALLEL: (
        "parallel", "both", "cả hai", "cả 2", "song song", "gửi song song", "hỗn hợp", "kết hợp",
        "cả điện tử và giấy", "cả giấy và điện tử", "gửi kèm bản giấy", "kèm bản giấy",
        "có kèm bản giấy", "điện tử kèm bản giấy", "điện tử có kèm bản giấy",
        "điện tử và bản giấy", "điện tử kèm giấy", "điện tử song song bản giấy",
        "song song điện tử và giấy", "song song giấy và điện tử", "điện tử giấy",
        "giấy điện tử", "electronic and paper",
    ),
})  # fmt: skip
_STATUSES = by_word({
    Status.DRAFT: (
        "draft", "pending", "dự thảo", "đang soạn thảo", "soạn thảo", "đang trình", "trình ký",
        "đang trình ký", "chờ ký", "chờ ký số", "chờ duyệt", "chờ phê duyệt", "chờ cấp số",
        "chờ ban hành", "chờ phát hành", "chưa phát hành", "chưa ban hành", "chưa gửi",
    ),
    Status.ISSUED: (
        "issued", "sent", "published", "phát hành", "đã phát hành", "ban hành", "đã ban hành",
        "gửi", "đã gửi", "đã gửi đi", "đã chuyển", "đã ký", "đã ký số", "đã cấp số",
        "đã đóng dấu", "còn hiệu lực", "hết hiệu lực",
    ),
    Status.ARRIVED: (
        "arrived", "new", "đã đến", "mới đến", "mới", "chờ tiếp nhận", "chưa tiếp nhận",
        "chờ vào sổ", "chưa vào sổ",
    ),
    Status.RECEIVED: (
        "received", "tiếp nhận", "đã tiếp nhận", "đã nhận", "vào sổ", "đã vào sổ",
    ),
    Status.PROCESSING: (
        "processing", "assigned", "đang xử lý", "chờ xử lý", "chưa xử lý", "đã chuyển xử lý",
        "chuyển xử lý", "phân công", "đã phân công", "chờ phân công", "đang thực hiện",
        "quá hạn", "đang xử lý quá hạn",
    ),
    Status.DONE: (
        "done", "completed", "đã xử lý", "hoàn thành", "đã hoàn thành", "kết thúc",
        "đã kết thúc", "xử lý xong", "đã xử lý xong",
    ),
    Status.REJECTED: (
        "rejected", "returned", "từ chối", "từ chối nhận", "đã từ chối", "từ chối tiếp nhận",
        "trả lại", "đã trả lại", "bị trả lại",
    ),
    Status.RECALLED: ("recalled", "revoked", "thu hồi", "đã thu hồi", "bị thu hồi"),
    Status.CANCELLED: (
        "cancelled", "canceled", "deleted", "void", "hủy", "đã hủy", "bị hủy", "hủy bỏ",
        "hủy số", "số hủy", "xóa", "đã xóa", "số trống", "bỏ trống", "để trống",
    ),
})  # fmt: skip
_SECRECY = by_word({
    "no": (
        "no", "none", "normal", "public", "false", "0", "không", "không mật", "thường",
        "bình thường", "không có", "nội bộ", "lưu hành nội bộ", "công khai", "k",
    ),
    "yes": (
        "yes", "secret", "confidential", "top secret", "true", "x", "có", "mật", "tối mật",
        "tuyệt mật", "độ mật", "độ tối mật", "độ tuyệt mật", "a", "b", "c",
    ),
})  # fmt: skip


@lru_cache(maxsize=4096)
def way_of(text: str) -> Paper:
    """How a document was sent; a cell may name several ways. ValueError tells what to do."""
    whole = _WAYS.get(word_key(text))
    if whole is not None:
        return Paper(whole)
    parts = [part for each in items(text.replace("+", ";").replace("/", ";").replace("&", ";"))
             for part in each.split(" và ")]  # fmt: skip
    ways = {_WAYS.get(word_key(part)) for part in parts}
    if None in ways or not ways:
        raise ValueError(
            f"“{text[:60]}” is no known way of sending: write electronic, paper or parallel, or "
            "say what it means as values.form in the mapping"
        )
    return Paper(ways.pop() or "") if len(ways) == 1 else Paper.PARALLEL


@lru_cache(maxsize=4096)
def status_of(text: str) -> Status:
    """How far a document is. ValueError tells what to do."""
    found = _STATUSES.get(word_key(text))
    if found is None:
        raise ValueError(
            f"“{text[:60]}” is no known status: say what it means as values.status in the "
            f"mapping, one of {', '.join(Status)}"
        )
    return Status(found)


@lru_cache(maxsize=4096)
def is_secret(text: str) -> bool:
    """Is a document a state secret's? ValueError tells what to do, as what is unknown may be."""
    found = _SECRECY.get(word_key(text))
    if found is None:
        raise ValueError(
            f"“{text[:60]}” is no known degree of secrecy: say yes or no for it as "
            "values.secrecy in the mapping"
        )
    return found == "yes"
