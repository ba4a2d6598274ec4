"""The public edXML samples, read to the right fields.

What they say was read by eye: three are of one author's test documents and bear the same
DocumentId, one opens `From` twice, two are statuses.
"""

from datetime import date, datetime

from monitor.clock import VIETNAM
from monitor.extract.documents import contents_of_file
from monitor.extract.edxml import open_message
from monitor.model import (
    AxisFacts,
    AxisKind,
    AxisReference,
    AxisStatus,
    Business,
    Finding,
    Kind,
    Limits,
    Organ,
)
from tests.support.corpus import corpus, with_corpus

pytestmark = with_corpus

OFFICE = "000.00.00.G22"
DOCUMENT_ID = "000.00.00.G22,2015/09/30,7816/VPCP-TTĐT"


def sample(name: str) -> bytes:
    return (corpus() / "files" / "edxml" / f"edxml-{name}.edxml").read_bytes()


def facts(name: str) -> AxisFacts:
    opened = open_message(sample(name))
    assert opened is not None
    assert opened.facts is not None
    return opened.facts


def letter(day: date) -> AxisFacts:
    """What the three documents of the author have in common."""
    return AxisFacts(
        kind=AxisKind.DOCUMENT,
        sender=Organ(code=OFFICE, name="Văn phòng Chính phủ"),
        receivers=(
            Organ(code="000.00.00.H41", name="UBND Tỉnh Nghệ An"),
            Organ(code="000.00.00.H14", name="UBND Tỉnh Cao Bằng"),
            Organ(code="000.00.00.G17", name="Sở Thông tin truyền thông Hải Phòng"),
        ),
        document_id=DOCUMENT_ID,
        number="7816",
        notation="VPCP-TTĐT",
        issued_on=day,
        document_type="Công văn",
        subject="V/v kết nối, liên thông phần mềm quản lý văn bản",
        signer=("TL. BO TRUONG, Cuc truong cuc ung dung cong nghe thong tin, Nguyen Thanh Phuc"),
        due_on=day,
        paper=False,
        appendixes=("Công văn về việc kết nối, liên thông phần mềm quản lý văn bản",),
        said_at=datetime(day.year, day.month, day.day, tzinfo=VIETNAM),
        attachments=("1896_QD-TTg_m_294779.doc",),
    )


def test_a_new_document_with_a_message_as_its_payload() -> None:
    expected = letter(date(2019, 4, 11)).model_copy(update={"business": Business.NEW})
    assert facts("dc0bdef0-c7a3-4aaf-b717-777303442973") == expected


def test_a_replacement_lists_what_it_replaces() -> None:
    replaced = AxisReference(organ=OFFICE, document_id="000.00.00.G22,2014/01/30,7806/VPCP-TTĐT")
    expected = letter(date(2018, 9, 28)).model_copy(
        update={"business": Business.REPLACE, "concerns": (replaced,)}
    )
    assert facts("edoc-replacement") == expected


def test_a_revocation_names_what_it_revokes() -> None:
    revoked = AxisReference(
        organ="000.00.00.H14",
        document_id="000.00.04.G14,2012/08/06,267/VPCP-TTĐT",
        code="267/VPCP-TTĐT",
        issued_on=date(2018, 9, 28),
    )
    expected = letter(date(2018, 9, 28)).model_copy(
        update={"business": Business.REVOKE, "concerns": (revoked,), "answers": revoked}
    )
    assert facts("edoc-revocation") == expected


def test_a_message_that_is_not_well_formed_is_read_to_its_end() -> None:
    assert facts("edoc") == AxisFacts(
        kind=AxisKind.DOCUMENT,
        sender=Organ(code="777.77.04.D77", name="Văn phòng Chính phủ"),
        receivers=(Organ(code="777.77.03.D77", name="Trung tâm test production 02323232323"),),
        document_id="9fbfbad2-f1f8-4256-a2eb-50fb1061cddb",
        number="3232sss",
        notation="PRO-TEST-CASE1",
        issued_on=date(2019, 1, 17),
        document_type="Thông tư",
        subject="Văn bản liên thông chỉ đạo - 190701",
        signer="Quyền 1, Bộ trưởng, Trương Minh Tuấn",
        due_on=date(2018, 6, 25),
        appendixes=("Phụ lục",),
        said_at=datetime(2018, 6, 20, 16, 35, 56, tzinfo=VIETNAM),
        attachments=("GUIDE_INSTALL OPENVPN.SIGNED.PDF",),
        findings=(Finding.REPAIRED,),
    )


def test_two_statuses_of_one_document_name_it_alike() -> None:
    arrived, received = facts("status"), facts("status-acceptance-03")
    sender = Organ(code="000.00.00.H41", name="UBND Tỉnh Nghệ An")
    about = AxisReference(organ=OFFICE, document_id=DOCUMENT_ID, code="7816/VPCP-TTĐT")
    assert arrived == AxisFacts(
        kind=AxisKind.STATUS,
        sender=sender,
        answers=about.model_copy(update={"issued_on": date(2018, 9, 28)}),
        status=AxisStatus.ARRIVED,
        status_code="01",
        said_at=datetime(2018, 9, 28, 17, 25, 11, tzinfo=VIETNAM),
    )
    assert received == AxisFacts(
        kind=AxisKind.STATUS,
        sender=sender,
        answers=about.model_copy(update={"issued_on": date(2015, 9, 30)}),
        status=AxisStatus.RECEIVED,
        status_code="03",
        said_at=datetime(2015, 9, 20, 11, 8, 36, tzinfo=VIETNAM),
    )


def test_the_documents_in_the_payloads_are_found() -> None:
    for name, kinds in (
        ("dc0bdef0-c7a3-4aaf-b717-777303442973", []),
        ("edoc-replacement", [Kind.PDF]),
        ("edoc-revocation", [Kind.PDF]),
        ("edoc", []),
        ("status", []),
    ):
        found = contents_of_file(f"{name}.edxml", sample(name), Limits())
        assert [each.kind for each in found.documents] == kinds
        assert min(depth for depth, _ in found.axis) == 0
