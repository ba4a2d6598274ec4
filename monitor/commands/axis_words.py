"""What `congvu axis` says, in both languages."""

from collections.abc import Mapping
from datetime import date, datetime, timedelta

from monitor.clock import VIETNAM
from monitor.model import AxisStatus, Business, DocumentRole, Language, Overall
from monitor.record.axis_flow import DeliveryState

_VI: Mapping[str, str] = {
    DeliveryState.SENT: "đã gửi",
    DeliveryState.ARRIVED: "đã đến",
    DeliveryState.RECEIVED: "đã tiếp nhận",
    DeliveryState.ASSIGNED: "đã chuyển xử lý",
    DeliveryState.PROCESSING: "đang xử lý",
    DeliveryState.DONE: "đã hoàn thành",
    DeliveryState.REJECTED: "từ chối nhận",
    DeliveryState.RECALLED: "đã thu hồi",
    DeliveryState.LATE: "quá hạn tiếp nhận",
    AxisStatus.RECALL_AGREED: "đồng ý thu hồi, cập nhật",
    AxisStatus.RECALL_REFUSED: "từ chối thu hồi, cập nhật",
    AxisStatus.OTHER: "mã trạng thái chưa rõ",
    Business.NEW: "văn bản mới",
    Business.REVOKE: "thu hồi",
    Business.UPDATE: "cập nhật",
    Business.REPLACE: "thay thế",
    DocumentRole.MAIN: "văn bản",
    DocumentRole.APPENDIX: "phụ lục",
    DocumentRole.COPY: "bản sao",
    Overall.VALID: "hợp lệ",
    Overall.INVALID: "không hợp lệ",
    Overall.INDETERMINATE: "chưa kết luận được",
    Overall.UNSIGNED: "không ký số",
    Overall.UNREADABLE: "không đọc được",
    "number": "Số, ký hiệu",
    "at_sent": "Ngày gửi",
    "sender_code": "Mã bên gửi",
    "sender": "Bên gửi",
    "code": "Mã bên nhận",
    "receiver": "Bên nhận",
    "state": "Trạng thái",
    "since": "Từ",
    "taken_after": "Tiếp nhận sau",
    "waited": "Số ngày làm việc đã chờ",
    "at_arrived": "Đã đến",
    "at_received": "Đã tiếp nhận",
    "at_assigned": "Đã chuyển xử lý",
    "at_processing": "Đang xử lý",
    "at_done": "Đã hoàn thành",
    "at_rejected": "Từ chối nhận",
    "at_recalled": "Thu hồi",
    "note": "Ghi chú",
    "clocks": "đồng hồ hai bên lệch nhau: có thời điểm trước khi gửi",
    "sent_unknown": "không rõ lúc gửi: tính từ khi thu nhận",
    "counted": "{count} lượt gửi",
    "more": "; mới hiện {limit} dòng, có thể còn nữa (--limit)",
    "rule": "Quá hạn: bên nhận chưa tiếp nhận sau {days} ngày làm việc kể từ ngày gửi.",
    "lone": "{count} văn bản chỉ thấy trạng thái, chưa thấy thông điệp gửi.",
    "title": "Văn bản {number}",
    "identifier": "Mã văn bản (DocumentId)",
    "issued": "Ngày ban hành",
    "type": "Loại văn bản",
    "business": "Nghiệp vụ",
    "paper": "Gửi kèm bản giấy",
    "yes": "có",
    "no": "không",
    "unknown": "không rõ",
    "due": "Hạn xử lý",
    "container": "Chữ ký trên thông điệp",
    "copies": "Số bản thu được",
    "findings": "Ghi nhận",
    "files": "Tệp đính kèm",
    "related": "Liên quan",
    "says_revoke": "thu hồi văn bản {number}",
    "says_update": "cập nhật văn bản {number}",
    "says_replace": "thay thế văn bản {number}",
    "is_revoke": "bị thu hồi bởi {number}, {when}",
    "is_update": "được cập nhật bởi {number}, {when}",
    "is_replace": "bị thay thế bởi {number}, {when}",
    "unseen": "chưa thu được",
    "unnumbered": "không số",
    "after": "sau {duration}",
    "before": "trước lúc gửi",
    "others": "Trạng thái của nơi không có trong danh sách nhận",
    "no_status": "chưa có trạng thái nào",
    "minutes": "{minutes} phút",
    "hours": "{hours} giờ {minutes} phút",
    "days": "{days} ngày {hours} giờ",
}
_EN: Mapping[str, str] = {
    DeliveryState.SENT: "sent",
    DeliveryState.ARRIVED: "arrived",
    DeliveryState.RECEIVED: "received",
    DeliveryState.ASSIGNED: "assigned",
    DeliveryState.PROCESSING: "processing",
    DeliveryState.DONE: "done",
    DeliveryState.REJECTED: "rejected",
    DeliveryState.RECALLED: "recalled",
    DeliveryState.LATE: "not taken up in time",
    AxisStatus.RECALL_AGREED: "recall or update agreed",
    AxisStatus.RECALL_REFUSED: "recall or update refused",
    AxisStatus.OTHER: "status of an unknown code",
    Business.NEW: "new",
    Business.REVOKE: "revocation",
    Business.UPDATE: "update",
    Business.REPLACE: "replacement",
    DocumentRole.MAIN: "document",
    DocumentRole.APPENDIX: "appendix",
    DocumentRole.COPY: "copy",
    Overall.VALID: "valid",
    Overall.INVALID: "invalid",
    Overall.INDETERMINATE: "indeterminate",
    Overall.UNSIGNED: "unsigned",
    Overall.UNREADABLE: "unreadable",
    "number": "Number",
    "at_sent": "Sent",
    "sender_code": "Sender's code",
    "sender": "Sender",
    "code": "Receiver's code",
    "receiver": "Receiver",
    "state": "State",
    "since": "Since",
    "taken_after": "Taken up after",
    "waited": "Working days waited",
    "at_arrived": "Arrived",
    "at_received": "Received",
    "at_assigned": "Assigned",
    "at_processing": "Processing",
    "at_done": "Done",
    "at_rejected": "Rejected",
    "at_recalled": "Recalled",
    "note": "Note",
    "clocks": "the clocks of both sides differ: something was before the sending",
    "sent_unknown": "when it was sent is not known: counted from its capture",
    "counted": "{count} deliveries",
    "more": "; the limit is {limit}, there may be more (--limit)",
    "rule": "Late: not taken up {days} working days after the day of sending.",
    "lone": "Of {count} documents only statuses have been seen.",
    "title": "Document {number}",
    "identifier": "DocumentId",
    "issued": "Issued",
    "type": "Type",
    "business": "Business",
    "paper": "Paper as well",
    "yes": "yes",
    "no": "no",
    "unknown": "not known",
    "due": "Due",
    "container": "Signature on the message",
    "copies": "Copies captured",
    "findings": "Findings",
    "files": "Files",
    "related": "Related",
    "says_revoke": "revokes {number}",
    "says_update": "updates {number}",
    "says_replace": "replaces {number}",
    "is_revoke": "revoked by {number}, {when}",
    "is_update": "updated by {number}, {when}",
    "is_replace": "replaced by {number}, {when}",
    "unseen": "never captured",
    "unnumbered": "without a number",
    "after": "after {duration}",
    "before": "before the sending",
    "others": "Statuses from whom is not among the receivers",
    "no_status": "no status yet",
    "minutes": "{minutes} min",
    "hours": "{hours} h {minutes} min",
    "days": "{days} d {hours} h",
}


class Words:
    """The texts of one language."""

    def __init__(self, language: Language) -> None:
        self._texts = _VI if language is Language.VI else _EN

    def __call__(self, key: str, **values: object) -> str:
        return self._texts[key].format(**values)

    def day(self, day: date | None) -> str:
        return day.strftime("%d/%m/%Y") if day else ""

    def when(self, instant: datetime | None) -> str:
        """Vietnam time to the minute; empty for None."""
        return instant.astimezone(VIETNAM).strftime("%d/%m/%Y %H:%M") if instant else ""

    def duration(self, span: timedelta | None) -> str:
        """To the minute, from a day on to the hour; empty for None."""
        if span is None:
            return ""
        minutes = int(span.total_seconds()) // 60
        hours, days = minutes // 60, minutes // 1440
        if days:
            return self("days", days=days, hours=hours % 24)
        if hours:
            return self("hours", hours=hours, minutes=minutes % 60)
        return self("minutes", minutes=minutes)
