"""What a mail with a report says, in both languages."""

from collections.abc import Mapping

from monitor.model import Language

_VI: Mapping[str, str] = {
    "subject": "Báo cáo thư điện tử công vụ, chữ ký số: {period}, {name} (bản {version})",
    "greeting": "Kính gửi Quý cơ quan,",
    "province": "Gửi kèm báo cáo tình hình sử dụng thư điện tử công vụ và chữ ký số của {name}.",
    "agency": "Gửi kèm phiếu số liệu thư điện tử công vụ và chữ ký số của {name}: chỉ có số liệu "
              "của quý cơ quan, kèm danh sách văn bản chưa đạt và việc cần làm.",
    "period": "Kỳ báo cáo: {span}.",
    "original": "Phiên bản 1, số liệu chốt lúc {at}.",
    "restated": "Phiên bản {version}, số liệu chốt lại lúc {at}: thay cho bản trước. Chỗ nào khác "
                "và vì sao: xem trong báo cáo.",
    "facts": "Mã băm của số liệu (SHA-256): {facts}",
    "attached": "Tệp kèm theo, với mã băm SHA-256:",
    "left": "Tệp quá lớn để gửi qua thư, xin nhận ở nơi lập báo cáo:",
    "file": "- {name} ({size})",
    "nothing": "Không có tệp nào đủ nhỏ để gửi kèm.",
    "ask": "Số liệu đã chốt không thay đổi. Có điều gì chưa rõ, xin hỏi: {issuer}{sender}.",
    "whole": "toàn tỉnh",
}  # fmt: skip
_EN: Mapping[str, str] = {
    "subject": "Official e-mail, digital signatures: {period}, {name} (version {version})",
    "greeting": "To whom it may concern,",
    "province": "Attached is the report on the use of official e-mail and digital signatures of "
                "{name}.",
    "agency": "Attached are the figures of {name} on official e-mail and digital signatures: its "
              "own alone, with its documents that failed and what to do.",
    "period": "Period: {span}.",
    "original": "Version 1, closed at {at}.",
    "restated": "Version {version}, closed again at {at}, in the place of the one before. What "
                "differs, and why, stands in the report.",
    "facts": "Digest of the facts (SHA-256): {facts}",
    "attached": "Attached, with their SHA-256:",
    "left": "Too large for a mail, to be had from the reporting office:",
    "file": "- {name} ({size})",
    "nothing": "No file is small enough to be attached.",
    "ask": "Closed figures do not change. For questions: {issuer}{sender}.",
    "whole": "the whole province",
}  # fmt: skip
WORDS: Mapping[Language, Mapping[str, str]] = {Language.VI: _VI, Language.EN: _EN}


def size_words(size: int, language: Language) -> str:
    """A size for readers: "1,2 MB"."""
    text = f"{size / 1_000_000:.1f} MB" if size >= 100_000 else f"{max(1, size // 1000)} KB"
    return text.replace(".", ",") if language is Language.VI else text
