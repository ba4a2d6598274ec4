"""What `congvu freemail` says, in both languages."""

from collections.abc import Mapping
from typing import Final

from monitor.model import Direction, FreemailWay, Language, Origin

_VI: Final[Mapping[str, str]] = {
    "message": "thư",
    "day": "lúc",
    "agency": "cơ quan",
    "way": "cách",
    "direction": "chiều",
    "attached": "văn bản",
    "origin": "nguồn gốc",
    "sender": "người gửi",
    "subject": "trích yếu",
    "documents": "mã băm văn bản",
    "domain": "tên miền",
    "decides": "kết luận",
    "why": "vì sao",
    "free": "thư miễn phí",
    "official": "không phải",
    "of_settings": "tệp cấu hình, [freemail] domains",
    "of_official": "tệp cấu hình, [freemail] official",
    "count": "{count} thư",
    "more": "{count} thư; giới hạn là {count}, có thể còn nữa (--limit)",
    "list": "{count} tên miền; danh sách đi kèm congvu rà soát ngày {day}. Một tên miền gồm cả các "
    "tên miền cấp dưới. Thêm hoặc bớt: [freemail] trong tệp cấu hình (docs/freemail.md).",
    "is_free": "{name}: thư miễn phí, theo {domain} ({why}).",
    "is_official": "{name}: không phải thư miễn phí, theo {domain} ({why}).",
    "is_agencys": "{name}: không phải thư miễn phí; tên miền của cơ quan {agency} trong danh mục.",
    "is_unlisted": "{name}: không có trong danh sách thư miễn phí.",
    "unknown": "chưa rõ",
    "unproven": "Người gửi của thư “nhận từ” là theo thư tự ghi; cột nguồn gốc cho biết đã chứng "
    "minh được hay chưa.",
}
_EN: Final[Mapping[str, str]] = {
    "message": "message",
    "day": "at",
    "agency": "agency",
    "way": "way",
    "direction": "direction",
    "attached": "documents",
    "origin": "origin",
    "sender": "sender",
    "subject": "subject",
    "documents": "hashes",
    "domain": "domain",
    "decides": "decides",
    "why": "why",
    "free": "free mail",
    "official": "is not",
    "of_settings": "settings, [freemail] domains",
    "of_official": "settings, [freemail] official",
    "count": "{count} messages",
    "more": "{count} messages; the limit is {count}, there may be more (--limit)",
    "list": "{count} domains; the list that comes with congvu was gone through on {day}. A domain "
    "stands for all below it. Add or take away: [freemail] of the settings (docs/freemail.md).",
    "is_free": "{name}: free mail, by {domain} ({why}).",
    "is_official": "{name}: not free mail, by {domain} ({why}).",
    "is_agencys": "{name}: not free mail; a domain of the agency {agency} in the registry.",
    "is_unlisted": "{name}: not in the list of free mail.",
    "unknown": "unknown",
    "unproven": "The sender of what was got “from” free mail is as the message says itself; the "
    "column origin tells whether that was proven.",
}
_WAYS: Final[Mapping[FreemailWay, tuple[str, str]]] = {
    FreemailWay.TO: ("gửi tới", "to"),
    FreemailWay.FROM: ("nhận từ", "from"),
    FreemailWay.FORWARDED: ("tự động chuyển tới", "sent on by itself"),
    FreemailWay.ACCOUNT: ("viết bằng hộp thư miễn phí", "written at free mail"),
}
_DIRECTIONS: Final[Mapping[Direction, tuple[str, str]]] = {
    Direction.OUT: ("đi", "out"),
    Direction.IN: ("đến", "in"),
    Direction.INTERNAL: ("nội bộ", "internal"),
}
_ORIGINS: Final[Mapping[Origin, tuple[str, str]]] = {
    Origin.INTERNAL: ("gửi từ bên trong", "submitted inside"),
    Origin.ALIGNED: ("đã chứng minh", "proven"),
    Origin.UNALIGNED: ("không chứng minh được", "nothing proves it"),
    Origin.UNKNOWN: ("chưa kiểm tra được", "could not be checked"),
}


class Words:
    """The phrases in one language."""

    def __init__(self, language: Language) -> None:
        self._second = language is not Language.VI
        self._phrases = _EN if self._second else _VI

    def __call__(self, key: str, **values: object) -> str:
        return self._phrases[key].format(**values)

    def either(self, vietnamese: str, english: str) -> str:
        """What is written in both languages elsewhere."""
        return english if self._second else vietnamese

    def way(self, way: str) -> str:
        return _WAYS[FreemailWay(way)][self._second]

    def direction(self, direction: str) -> str:
        return _DIRECTIONS[Direction(direction)][self._second]

    def origin(self, origin: str | None) -> str:
        return _ORIGINS[Origin(origin)][self._second] if origin else self("unknown")
