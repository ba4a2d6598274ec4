"""What `congvu posture` says around the explanations, in both languages."""

from collections.abc import Mapping
from datetime import datetime, timedelta

from monitor.clock import VIETNAM
from monitor.model import Language

_VI: Mapping[str, str] = {
    "domain": "Tên miền",
    "aliases": "tên",
    "legend": "{passed} đạt   {failed} không đạt   {not_applicable} không áp dụng   "
    "{unknown} chưa kiểm tra được",
    "stands": "Dấu {unknown} sau kết quả: lần kiểm tra cuối không được trả lời, kết quả trước còn "
    "giữ.",
    "order": "Thứ tự dấu: {listed}.",
    "failing": "không đạt: {listed}",
    "since": "{what} (từ {day})",
    "open": "chưa kiểm tra được: {listed}",
    "held": "chưa hỏi lại được, còn giữ kết quả cũ: {listed}",
    "held_from": "{what} ({status}, có kết quả lúc {when}, cách đây {age})",
    "suspected": "đang nghi không đạt, chờ lần kiểm tra sau xác nhận: {listed}",
    "not_looked": "chưa kiểm tra lần nào",
    "summary": "{domains} tên miền, {checks} phép kiểm tra: {passed} đạt, {failed} không đạt, "
    "{not_applicable} không áp dụng, {unknown} chưa kiểm tra được.",
    "fallen": "Mới chuyển từ đạt sang không đạt trong 7 ngày qua: {count}.",
    "looked": "Kiểm tra lần cuối: {first} đến {last}.",
    "live": "Hỏi trực tiếp lúc {when}; không lưu vào hệ thống.",
    "more": "Xem lý do và việc cần làm của một tên miền: congvu posture TÊN_MIỀN",
    "gateways": "Cổng thư chính thức",
    "certificate": "Chứng thư đến {when} (còn {days} ngày).",
    "ended": "Chứng thư đã hết hạn từ {when}.",
    "of": "Của",
    "nobody": "không thuộc cơ quan nào trong danh mục",
    "last_look": "Kiểm tra lần cuối",
    "next_look": "Lần tới",
    "from": "từ {when}",
    "was": "trước đó {status}",
    "reason": "Lý do",
    "same": "như ở “{check}”.",
    "seen": "Đã thấy",
    "advice": "Cần làm",
    "unanswered": "Lần kiểm tra cuối",
    "unanswered_at": "{when}: {says} Kết quả trên kiểm tra được lúc {decided}, cách đây {age}.",
    "suspicion": "Đang nghi",
    "suspicion_of": "không đạt từ {when}: {says} Chờ lần kiểm tra sau xác nhận.",
    "history": "Thay đổi",
    "changed": "{when}  {check}: {before} → {after}. {says}",
    "no_changes": "Không có thay đổi nào từ {day}.",
    "selectors": "Bộ chọn DKIM (selector) thấy trong thư: {listed}.",
    "selector": "{name} (lần cuối {day})",
    "no_resolver": "Chưa khai báo máy chủ DNS: đặt resolvers trong phần [dns] của tệp cấu hình, ví "
    'dụ resolvers = ["10.0.0.53"]. Chưa có thì không hỏi được gì, kết quả là "chưa kiểm tra được".',
    "no_registry": "Chưa có danh mục cơ quan: đặt agencies.registry; tên miền thư lấy từ đó.",
    "nothing_yet": "Chưa có tên miền nào: danh mục cơ quan chưa ghi domains hoặc addresses, hoặc "
    "congvu run chưa chạy từ khi có. Kiểm tra ngay: congvu posture --live.",
    "nothing_of": "Cơ quan này không có tên miền thư nào trong danh mục.",
    "all_well": "Không có phép kiểm tra nào không đạt.",
    "days": "{days} ngày",
    "hours": "{hours} giờ",
    "minutes": "{minutes} phút",
    "column_agencies": "Mã cơ quan",
    "column_names": "Cơ quan",
    "column_check": "Phép kiểm tra",
    "column_title": "Tên phép kiểm tra",
    "column_status": "Kết quả",
    "column_since": "Từ lúc",
    "column_decided": "Có kết quả lúc",
    "column_last": "Lần kiểm tra cuối",
    "column_checked": "Lúc kiểm tra cuối",
    "column_at": "Lúc",
    "column_before": "Trước",
    "column_after": "Sau",
}
_EN: Mapping[str, str] = {
    "domain": "Domain",
    "aliases": "names",
    "legend": "{passed} passes   {failed} fails   {not_applicable} does not apply   "
    "{unknown} could not be checked",
    "stands": "A {unknown} behind a result: the last look had no answer, the result before stands.",
    "order": "Order of the signs: {listed}.",
    "failing": "fails: {listed}",
    "since": "{what} (since {day})",
    "open": "could not be checked: {listed}",
    "held": "could not be asked again, the result before stands: {listed}",
    "held_from": "{what} ({status}, seen {when}, {age} ago)",
    "suspected": "suspected to fail, the next look has to confirm it: {listed}",
    "not_looked": "not looked at yet",
    "summary": "{domains} domains, {checks} checks: {passed} pass, {failed} fail, "
    "{not_applicable} do not apply, {unknown} could not be checked.",
    "fallen": "Fell from passing to failing within the last 7 days: {count}.",
    "looked": "Last looked at: {first} to {last}.",
    "live": "Asked now, {when}; nothing of it is recorded.",
    "more": "Why, and what to do about one domain: congvu posture DOMAIN",
    "gateways": "The official gateway",
    "certificate": "Certificate until {when} ({days} days left).",
    "ended": "The certificate ended {when}.",
    "of": "Of",
    "nobody": "of no agency of the registry",
    "last_look": "Last look",
    "next_look": "Next look",
    "from": "since {when}",
    "was": "{status} before",
    "reason": "Why",
    "same": "as under “{check}”.",
    "seen": "Seen",
    "advice": "To do",
    "unanswered": "Last look",
    "unanswered_at": "{when}: {says} The result above was seen {decided}, {age} ago.",
    "suspicion": "Suspected",
    "suspicion_of": "to fail since {when}: {says} The next look has to confirm it.",
    "history": "Changes",
    "changed": "{when}  {check}: {before} → {after}. {says}",
    "no_changes": "No change since {day}.",
    "selectors": "DKIM selectors seen in mail: {listed}.",
    "selector": "{name} (last {day})",
    "no_resolver": "No resolver is named: set resolvers in [dns] of the settings, for example "
    'resolvers = ["10.0.0.53"]. Without one nothing can be asked, and all is "could not be '
    'checked".',
    "no_registry": "There is no registry of agencies: set agencies.registry, which names their "
    "mail domains.",
    "nothing_yet": "There is no domain yet: the registry names no domains or addresses, or congvu "
    "run has not run since it does. To ask at once: congvu posture --live.",
    "nothing_of": "The registry names no mail domain of this agency.",
    "all_well": "No check fails.",
    "days": "{days} days",
    "hours": "{hours} hours",
    "minutes": "{minutes} minutes",
    "column_agencies": "Agency codes",
    "column_names": "Agencies",
    "column_check": "Check",
    "column_title": "What is checked",
    "column_status": "Result",
    "column_since": "Since",
    "column_decided": "Seen at",
    "column_last": "Last look",
    "column_checked": "Last looked at",
    "column_at": "At",
    "column_before": "Before",
    "column_after": "After",
}


class Words:
    """The texts of one language."""

    def __init__(self, language: Language) -> None:
        self.language = language
        self._texts = _VI if language is Language.VI else _EN

    def __call__(self, key: str, **values: object) -> str:
        return self._texts[key].format(**values)

    def age(self, span: timedelta) -> str:
        """In the largest unit that it has one of."""
        minutes = max(0, int(span.total_seconds()) // 60)
        if minutes >= 2 * 1440:
            return self("days", days=minutes // 1440)
        if minutes >= 2 * 60:
            return self("hours", hours=minutes // 60)
        return self("minutes", minutes=minutes)


def when(instant: datetime) -> str:
    """Vietnam time to the minute."""
    return instant.astimezone(VIETNAM).strftime("%d/%m/%Y %H:%M")


def day(instant: datetime) -> str:
    """Vietnam day."""
    return instant.astimezone(VIETNAM).strftime("%d/%m/%Y")
