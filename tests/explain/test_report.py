"""The report: everything a clerk needs, in an order that can be read, at 80 columns."""

from datetime import UTC, datetime, timedelta

from monitor.explain import lines, report
from monitor.explain.page import Tone
from monitor.model import (
    Cause,
    Finding,
    Indication,
    Integrity,
    Kind,
    Language,
    Overall,
    SignerKind,
    SubIndication,
    TimeSource,
)
from tests.explain.making import SIGNED, signature, verdict

STAMP = signature(signer_name="Phòng Văn thư (DEMO)", signer_kind=None, signer_unit="Văn phòng")


def test_it_says_who_signed_when_how_that_is_known_and_until_when_the_certificate_lasts() -> None:
    page = report(verdict(signature()), Language.VI)
    assert "Kết luận:     HỢP LỆ" in page
    assert "Chữ ký số: 1 (cơ quan)" in page
    assert "  1. cơ quan «Sở Y tế (DEMO)»" in page
    assert "Chứng thư:    chuyên dùng công vụ; do «CA thử nghiệm (DEMO)» cấp" in page
    assert "hết hạn 01/10/2028 07:00" in " ".join(page.split())
    assert "Thời gian ký: 01/10/2026 09:05, theo dấu thời gian" in page
    assert "Hình thức:    PAdES B-T, có dấu thời gian" in page
    assert "- Không phải xử lý gì thêm." in page


def test_times_are_vietnam_times_with_their_source() -> None:
    late = signature(
        signing_time=datetime(2026, 12, 31, 18, 0, tzinfo=UTC),
        signing_time_source=TimeSource.CLAIMED,
    )
    page = report(verdict(late), Language.VI)
    assert "Thời gian ký: 01/01/2027 01:00, theo người ký khai, không có bằng chứng" in page


def test_signatures_that_differ_in_time_alone_are_told_once() -> None:
    later = STAMP.model_copy(update={"signing_time": SIGNED + timedelta(minutes=3)})
    page = report(verdict(STAMP, later, signature()), Language.VI)
    assert "Chữ ký số: 3 (cơ quan 1, chưa rõ loại 2)" in page
    assert "  1–2. «Phòng Văn thư (DEMO) – Sở Y tế (DEMO)»" in page
    assert "01/10/2026 09:05, 01/10/2026 09:08, theo dấu thời gian" in page
    assert "  3. cơ quan «Sở Y tế (DEMO)»" in page


def test_a_registry_stamp_is_called_one() -> None:
    page = report(verdict(STAMP.model_copy(update={"signer_kind": SignerKind.STAMP})), Language.VI)
    assert "Chữ ký số: 1 (dấu nghiệp vụ)" in page


def test_problems_come_before_notes_and_name_the_signatures_they_are_about() -> None:
    bad = signature(
        indication=Indication.TOTAL_FAILED, sub_indication=SubIndication.HASH_FAILURE,
        integrity=Integrity.MODIFIED, findings=(Finding.DIGEST_MISMATCH,),
    )  # fmt: skip
    judged = verdict(
        signature(), bad, overall=Overall.INVALID, integrity=Integrity.MODIFIED,
        findings=(Finding.HYBRID_XREF, Finding.DIGEST_MISMATCH, Finding.NOT_TIMESTAMPED),
    )  # fmt: skip
    page = report(judged, Language.VI)
    order = [page.index(word) for word in ("- Lỗi: ", "- Cần chú ý: ", "- Ghi nhận: ")]
    assert order == sorted(order)
    assert "Lỗi: Nội dung không khớp chữ ký (chữ ký 2)." in page
    assert "không hợp lệ: nội dung không đúng với nội dung đã ký" in page


def test_what_to_do_is_said_once_to_the_one_who_can() -> None:
    open_one = signature(
        indication=Indication.INDETERMINATE, sub_indication=SubIndication.TRY_LATER,
        cause=Cause.OURS, findings=(Finding.REVOCATION_UNCHECKED,),
    )  # fmt: skip
    judged = verdict(
        open_one, overall=Overall.INDETERMINATE, cause=Cause.OURS,
        findings=(Finding.REVOCATION_UNCHECKED,),
    )  # fmt: skip
    page = report(judged, Language.VI)
    assert page.count("Nạp danh sách chứng thư bị thu hồi") == 1
    assert "Người vận hành hệ thống:" in page
    assert "Văn thư cơ quan ban hành:" not in page


def test_documents_inside_are_indented_below_their_mail() -> None:
    inner = verdict(signature(), path="van-ban.pdf")
    mail = verdict(
        path="thu.eml", kind=Kind.MAIL, overall=Overall.UNSIGNED, integrity=Integrity.NONE,
        parts=(inner, verdict(path="bang.zip", kind=Kind.ZIP, parts=(inner,))),
    )  # fmt: skip
    page = report(mail, Language.VI).split("\n")
    assert "Tài liệu bên trong: 2" in page
    assert "    Tài liệu:     van-ban.pdf" in page
    assert "        Tài liệu:     van-ban.pdf" in page
    assert any("kèm 2 tài liệu (2 hợp lệ)" in line for line in page)


def test_lines_fit_the_width_they_are_made_for() -> None:
    deep = verdict(signature(), path="a" * 300)
    for _ in range(8):
        deep = verdict(signature(), kind=Kind.ZIP, parts=(deep,), path="lớp.zip")
    for width in (60, 80, 100):
        assert max(len(line.text) for line in lines(deep, Language.VI, width)) <= width


def test_the_conclusion_bears_the_tone_of_the_verdict() -> None:
    tones = {
        Overall.VALID: Tone.GOOD,
        Overall.INVALID: Tone.BAD,
        Overall.INDETERMINATE: Tone.OPEN,
        Overall.UNSIGNED: Tone.OPEN,
        Overall.UNREADABLE: Tone.BAD,
    }
    for overall, tone in tones.items():
        shown = {line.tone for line in lines(verdict(overall=overall), Language.EN)}
        assert shown - {Tone.PLAIN, Tone.HEADING} == {tone}
