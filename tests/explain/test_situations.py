"""Typical files of an agency, really judged, and the sentence a clerk reads."""

import re

import pytest

from monitor.demo.documents import DocumentKind
from monitor.explain import sentence
from monitor.model import Language, Revocation, Verdict
from tests.support import lookalikes

HEAD = "«Lãnh đạo DEMO 01 – congvu DEMO – UBND tỉnh Hoa Sen»"
SEAL = "cơ quan «Văn phòng UBND tỉnh Hoa Sen (DEMO) – congvu DEMO – UBND tỉnh Hoa Sen»"
CA = "(«CA cơ quan Nhà nước DEMO – không có giá trị»)"
REVOKED = "24/10/2026 09:30"
STAMPED = "ký ngày 01/11/2026 09:30 (theo dấu thời gian)"

SENTENCES = {
    DocumentKind.PAIR: f"Hợp lệ: tệp PDF còn nguyên vẹn và có 2 chữ ký số, gồm chữ ký của {HEAD} "
    f"và của {SEAL}, {STAMPED}",
    DocumentKind.SEAL: f"Hợp lệ: tệp PDF còn nguyên vẹn và có chữ ký số của {SEAL}, {STAMPED}",
    DocumentKind.NO_TIMESTAMP: "Hợp lệ: tệp PDF còn nguyên vẹn và có chữ ký số của "
    f"{HEAD.replace('Lãnh đạo DEMO 01', 'Văn thư DEMO 03')}, "
    "ký ngày 01/11/2026 09:30 (theo người ký khai, không có bằng chứng)",
    DocumentKind.TAMPERED: f"Không hợp lệ: nội dung tệp PDF không đúng với nội dung mà {HEAD} "
    f"(chữ ký thứ 1) đã ký số, {STAMPED}.",
    DocumentKind.EXPIRED: f"Không hợp lệ: chứng thư chữ ký số của {HEAD} đã hết hạn "
    f"(ngày 04/10/2026) trước khi ký, {STAMPED}.",
    DocumentKind.REVOKED: f"Không hợp lệ: chứng thư chữ ký số của {HEAD} đã bị thu hồi "
    f"(từ {REVOKED}) trước thời điểm ký, {STAMPED}.",
    DocumentKind.FORGED_CA: f"Chưa xác nhận được: nơi cấp {CA} chứng thư cho {HEAD} không có "
    "trong danh sách tin cậy, nên tên ghi trong chứng thư không chứng minh được gì; nội dung vẫn "
    f"còn nguyên vẹn, {STAMPED}.",
    DocumentKind.UNPUBLISHED_CA: "Chưa kiểm tra được: hệ thống chưa có chứng thư của nơi cấp "
    f"(«CA chưa công bố DEMO – không có giá trị») cho chữ ký của {HEAD}, nên chưa nối được đường "
    f"dẫn đến chứng thư gốc tin cậy; nội dung vẫn còn nguyên vẹn, {STAMPED}; cần kiểm tra lại khi "
    "có dữ liệu.",
    DocumentKind.REMNANT: "Không hợp lệ: chữ ký số trên tệp PDF đã bị phá hủy, thường do tệp bị "
    "ghi lại sau khi ký, nên không còn chứng minh được nội dung.",
    DocumentKind.UNSIGNED: "Chưa ký số: tệp PDF không có chữ ký số nào.",
    DocumentKind.ENCRYPTED: "Không đọc được: tệp PDF được mã hóa nên chưa kiểm tra được chữ ký số "
    "bên trong.",
    DocumentKind.CORRUPT: "Không đọc được: tệp PDF bị hỏng, không đúng định dạng nên chưa kiểm "
    "tra được chữ ký số.",
    DocumentKind.EDITABLE: "Chưa ký số: tệp Office không có chữ ký số nào.",
}


def said(judged: Verdict) -> str:
    return sentence(judged, Language.VI)


@pytest.mark.parametrize("kind", list(SENTENCES))
def test_a_clerk_reads_what_is_the_matter(kind: DocumentKind) -> None:
    judged = lookalikes.judge("van-ban.pdf", lookalikes.document(kind))
    # What is said after it, such as that a verdict is provisional, depends on revocation data.
    assert said(judged).startswith(SENTENCES[kind])


def test_without_revocation_lists_nothing_is_called_valid_or_invalid() -> None:
    lacking = lookalikes.PKI.material(lookalikes.NOW).model_copy(update={"crls": ()})
    text = said(lookalikes.judge("a.pdf", lookalikes.document(DocumentKind.SEAL), lacking))
    assert text.startswith(
        "Chưa kiểm tra được: chưa có danh sách chứng thư bị thu hồi của nơi cấp chứng thư cho "
        f"{SEAL}"
    )


def test_a_soft_check_says_what_it_did_not_check() -> None:
    soft = lookalikes.PKI.material(lookalikes.NOW, Revocation.SOFT)
    lacking = soft.model_copy(update={"crls": ()})
    text = said(lookalikes.judge("a.pdf", lookalikes.document(DocumentKind.SEAL), lacking))
    assert text.startswith("Hợp lệ: ")
    assert "lưu ý chưa kiểm tra được chứng thư có bị thu hồi hay không" in text


def test_a_store_without_anchors_is_our_lack() -> None:
    empty = lookalikes.PKI.material(lookalikes.NOW).model_copy(
        update={"anchors": (), "intermediates": ()}
    )
    text = said(lookalikes.judge("a.pdf", lookalikes.document(DocumentKind.FORGED_CA), empty))
    assert text.startswith("Chưa kiểm tra được: hệ thống chưa có chứng thư gốc tin cậy nào")


def test_a_spoofed_mail_is_called_one_though_its_signature_is_good() -> None:
    text = said(lookalikes.spoofed_mail())
    assert re.match(
        r"Không hợp lệ: địa chỉ người gửi \(From\) ghi trên thư không thuộc về «Văn thư DEMO 03 –"
        r" [^»]+» là người ký, thư có dấu hiệu giả mạo, ký ngày 01/11/2026 09:30", text
    )  # fmt: skip
    assert text.endswith("; kèm 1 tài liệu (1 không hợp lệ).")


def test_several_signatures_of_one_stamp_are_counted_together() -> None:
    text = said(lookalikes.ministry())
    assert f"có 4 chữ ký số, gồm 1 chữ ký của {HEAD}, 2 chữ ký của «Văn thư DEMO 03" in text
    assert "ký từ 01/11/2026 09:37 đến 01/11/2026 09:58 (theo dấu thời gian)" in text
