"""`congvu documents explain`: the page about one recorded document."""

from dataclasses import replace
from datetime import UTC, date, datetime
from uuid import UUID

from monitor.commands.document_page import document_page, verdict_of
from monitor.explain import Page, catalogue
from monitor.model import Language, Overall, TrustClass
from monitor.record.queries import (
    ChangeRecord,
    DocumentRecord,
    Explained,
    MetEntry,
    Revealed,
    SendingRecord,
    SignatureRecord,
    StandingRecord,
)

AT = datetime(2026, 11, 2, 1, 30, tzinfo=UTC)
DOCUMENT = DocumentRecord(
    document_uid=UUID(int=7), day=date(2026, 11, 2), agency="so-y-te", channel="mail",
    content_hash="ab" * 32, first_at=AT, document_class="formal", kind="pdf", size=1234567,
    file_name="cong\x1b[31m-van.pdf", number="12", notation="SYT-VP", issued_on=date(2026, 11, 1),
    paper=None, counted=True, relayed=False, signed_by_issuer=True, paired=True,
    organisation_signed=True, role="main", role_by=None, dispatch_known=True, origin=None,
    overall="valid", cause=None, integrity="intact", trust="trusted", provisional=False,
    findings=("not_timestamped",), decided_at=AT,
)  # fmt: skip
SIGNATURE = SignatureRecord(
    ordinal=0, format="PAdES", level="B-B", indication="TOTAL-PASSED", sub_indication=None,
    cause=None, integrity="intact", trust="trusted", counts=True, signer_kind="organisation",
    signer_agency="so-y-te", signer_organisation=None, trust_class="cong_vu",
    certificate_sha256="c" * 64, certificate_not_after=AT, revoked_at=None, signing_time=AT,
    signing_time_source="claimed", coverage="whole", provisional=False,
    findings=("not_timestamped",),
)  # fmt: skip
SENDING = SendingRecord(
    at=AT, dispatch=UUID(int=8), direction="out", automatic=False, message_verdict="unsigned",
    copies=1, sender_agency="so-y-te", recipient_agencies=("so-tai-chinh",), sources=("gateway",),
)  # fmt: skip
STANDING = StandingRecord(
    state="open", provisional=True, receipt_at=AT, judged_at=AT, due_at=AT, epoch=2,
    epoch_since=AT, failures=0, failure=None, evidence_bytes=100,
)  # fmt: skip
CHANGE = ChangeRecord(
    at=AT, reason="revocation_data", epoch=2, old_overall="indeterminate", old_cause="ours",
    old_trust="unknown", new_overall="valid", new_cause=None, new_trust="trusted",
)  # fmt: skip
RECORD = Explained(DOCUMENT, (SENDING,), (SIGNATURE,), STANDING, (CHANGE,))


def page(
    record: Explained = RECORD,
    revealed: Revealed | None = None,
    language: Language = Language.VI,
) -> str:
    made = document_page(record, revealed, catalogue(language), Page())
    return "\n".join(line.text for line in made)


def test_it_says_what_the_document_is_and_how_it_counts() -> None:
    text = page()
    assert "HỒ SƠ VĂN BẢN: cong\N{REPLACEMENT CHARACTER}[31m-van.pdf" in text
    assert "Số, ký hiệu:  12/SYT-VP, ngày ban hành 01/11/2026" in text
    assert "Gửi lần đầu:  02/11/2026 08:30" in text
    assert "1.234.567 byte, văn bản chính thức" in text
    assert "được tính là văn bản do cơ quan ban hành và ký số hợp lệ" in " ".join(text.split())
    assert "Cặp chữ ký:   đủ chữ ký của người có thẩm quyền và của cơ quan" in text
    alone = page(replace(RECORD, document=replace(DOCUMENT, paired=False)))
    assert "Cặp chữ ký:   chưa đủ chữ ký" in alone


def test_an_archive_that_could_not_be_opened_is_said_to_count_for_nothing() -> None:
    closed = replace(
        DOCUMENT, document_class="archive", overall="unreadable", signed_by_issuer=False
    )
    text = " ".join(page(replace(RECORD, document=closed, signatures=())).split())
    assert "Thống kê: không được tính: tệp nén không mở được" in text
    assert "Cặp chữ ký" not in text


def test_its_verdict_is_explained_as_that_of_a_file() -> None:
    judged = verdict_of(RECORD)
    assert judged.overall is Overall.VALID
    assert judged.signatures[0].trust_class is TrustClass.CONG_VU
    text = " ".join(page().split())
    assert "Hợp lệ: tệp PDF còn nguyên vẹn và có chữ ký số của cơ quan «so-y-te»" in text
    assert "Bật dịch vụ dấu thời gian" in text


def test_the_history_of_its_verdict_is_told_in_a_readers_words() -> None:
    text = " ".join(page().split())
    assert "từ “chưa kiểm tra được” thành “hợp lệ”, vì có dữ liệu thu hồi mới." in text
    assert "còn có thể thay đổi khi có thêm dữ liệu; kiểm tra lại 02/11/2026 08:30" in text
    english = " ".join(page(language=Language.EN).split())
    assert "from “could not be checked” to “valid”, because newer revocation data" in english


def test_sendings_name_the_agencies_that_received_it() -> None:
    assert "- 02/11/2026 08:30, gửi đi, nơi nhận: so-tai-chinh" in page()
    nobody = replace(RECORD, sendings=(replace(SENDING, recipient_agencies=(), direction=None),))
    text = " ".join(page(nobody).split())
    assert "thư điện tử công vụ, nơi nhận: ngoài danh mục cơ quan" in text


def test_what_is_sealed_is_shown_only_when_it_was_opened() -> None:
    opened = Revealed("a@syt.vn", "V/v kinh phí\n", ('{"subject": "CN=Sở Y tế"}', None))
    assert "V/v kinh phí" not in page()
    text = page(revealed=opened)
    assert "Trích yếu:    V/v kinh phí" in text
    assert "Người ký 1:   CN=Sở Y tế" in text


def test_a_document_without_kept_evidence_has_no_history() -> None:
    text = page(replace(RECORD, standing=None, changes=()))
    assert "Các lần thay đổi" not in text
    assert "kiểm tra lại" not in text


def test_an_appendix_and_a_copy_are_judged_by_their_own_rule_and_say_by_whose_word() -> None:
    appendix = replace(DOCUMENT, paired=False, role="appendix", role_by="file_name")
    text = " ".join(page(replace(RECORD, document=appendix)).split())
    assert "Quy tắc: phụ lục ở tệp riêng: chỉ cần chữ ký của cơ quan" in text
    assert "theo tên tệp, đi cùng văn bản chính" in text
    assert "Cặp chữ ký: đã có chữ ký của cơ quan" in text
    copy = replace(appendix, organisation_signed=False, role="copy", role_by="register")
    text = " ".join(page(replace(RECORD, document=copy)).split())
    assert "bản sao: chỉ cần chữ ký của cơ quan thực hiện sao" in text
    assert "sổ văn bản ghi như vậy" in text
    assert "Cặp chữ ký: chưa có chữ ký hợp lệ của cơ quan" in text


def test_it_names_the_register_entry_that_it_met_and_where_it_was_published() -> None:
    met = MetEntry(71, "so-y-te", "out", "12", "SYT-VP", date(2026, 11, 1), None, True, "number")
    published = replace(
        DOCUMENT, channel="portal", dispatch_known=False,
        origin="https://syt.example/vb/12\x1b[2J.pdf",
    )  # fmt: skip
    text = " ".join(page(replace(RECORD, document=published, entries=(met,))).split())
    assert "Sổ văn bản: mục 71, số 12/SYT-VP, so-y-te, 01/11/2026: khớp theo số" in text
    assert "không còn trong sổ" in text
    assert "Đăng tại: https://syt.example/vb/12\N{REPLACEMENT CHARACTER}[2J.pdf" in text
    assert "Gặp lần đầu: 02/11/2026 08:30" in text
    assert "Gửi lần đầu" not in text


def test_what_was_not_drawn_is_said_to_be_counted_and_never_to_be_checked() -> None:
    undrawn = replace(
        DOCUMENT, overall="indeterminate", cause="ours", findings=("not_sampled",),
        signed_by_issuer=False, paired=False, sampled=False, sampled_rate=0.2,
    )  # fmt: skip
    record = Explained(undrawn, (SENDING,), (), None, ())
    text = " ".join(page(record).split())
    assert "không rút vào mẫu kiểm tra (tỷ lệ 0,2)" in text
    assert "chưa đủ chữ ký" not in text
    english = " ".join(page(record, language=Language.EN).split())
    assert "not drawn for verification (rate 0.2)" in english
    assert "cannot be checked later" in english
    assert "checked again" not in english


def test_a_verdict_from_a_later_sending_is_shown_and_said_to_be_in_no_ratio() -> None:
    later = replace(DOCUMENT, sampled=False, sampled_rate=0.2)
    text = " ".join(page(replace(RECORD, document=later), language=Language.EN).split())
    assert "not in the sample" in text
    assert "is in no ratio" in text
    assert "Valid" in text
