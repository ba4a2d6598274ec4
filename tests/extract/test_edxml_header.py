"""The header of an edXML message: the fields of documents and statuses, in every writing met."""

from datetime import date, datetime, timedelta, timezone
from unicodedata import normalize

import pytest

from monitor.clock import VIETNAM
from monitor.extract.edxml import open_message
from monitor.model import (
    AxisKind,
    AxisReference,
    AxisStatus,
    Business,
    Finding,
    Kind,
    Organ,
)
from monitor.verify.sniff import kind_of
from tests.extract import edxml_making as make
from tests.extract.edxml_making import CODE, DOCUMENT_ID, FROM, HEADER, ID, ISSUED, TO, facts

ABOUT = AxisReference(
    organ="000.20.31.H53",
    document_id=DOCUMENT_ID,
    code="125/SYT-VP",
    issued_on=date(2026, 11, 16),
)


def test_a_document_is_read_to_its_fields() -> None:
    header = (
        f"{HEADER}<DueDate>2026/11/30</DueDate><DocumentType><Type>1</Type>"
        "<TypeName>Công văn</TypeName></DocumentType><SignerInfo><Competence>KT. GIÁM ĐỐC"
        "</Competence><Position>Phó Giám đốc</Position><FullName>Trần Bình</FullName></SignerInfo>"
        "<OtherInfo><Appendixes><Appendix>Phụ lục I</Appendix></Appendixes></OtherInfo>"
        "<ToPlaces><Place>Như trên</Place></ToPlaces>"
    )
    found = facts(make.message(header, make.TRACE + make.business("0", paper="1")))
    assert found.model_dump(exclude_defaults=True) == {
        "kind": AxisKind.DOCUMENT,
        "sender": {"code": "000.20.31.H53", "name": "Sở Y tế"},
        "receivers": ({"code": "000.00.00.H41", "name": "UBND tỉnh"},),
        "document_id": DOCUMENT_ID,
        "number": "125",
        "notation": "SYT-VP",
        "issued_on": date(2026, 11, 16),
        "document_type": "Công văn",
        "subject": "V/v phòng bệnh",
        "signer": "KT. GIÁM ĐỐC, Phó Giám đốc, Trần Bình",
        "due_on": date(2026, 11, 30),
        "business": Business.NEW,
        "paper": True,
        "appendixes": ("Phụ lục I",),
        "said_at": datetime(2026, 11, 16, 9, 30, tzinfo=VIETNAM),
    }


def test_a_status_is_read_to_its_fields() -> None:
    assert facts(make.status("03")).model_dump(exclude_defaults=True) == {
        "kind": AxisKind.STATUS,
        "sender": {"code": "000.00.00.H41", "name": "UBND tỉnh"},
        "answers": ABOUT.model_dump(),
        "status": AxisStatus.RECEIVED,
        "status_code": "03",
        "said_at": datetime(2026, 11, 16, 17, 25, 11, tzinfo=VIETNAM),
    }


# -- name spaces and shapes -----------------------------------------------------------------------


@pytest.mark.parametrize(
    ("space", "prefix"),
    [
        *((space, prefix) for space in (make.QCVN, make.FLAT, "urn:other")
          for prefix in ("", "edXML:", "e:")),
        ("", ""),
    ],
)  # fmt: skip
def test_name_spaces_and_prefixes_make_no_difference(space: str, prefix: str) -> None:
    plain = make.message().replace(f' xmlns="{make.QCVN}"'.encode(), b"")
    text = plain.decode()
    declared = f' xmlns{":" + prefix[:-1] if prefix else ""}="{space}"' if space else ""
    head, _, rest = text.partition("?>")
    rest = rest.replace("</", "\0").replace("<", f"<{prefix}").replace("\0", f"</{prefix}")
    rest = rest.replace(f"<{prefix}edXML>", f"<{prefix}edXML{declared}>", 1)
    assert facts(f"{head}?>{rest}".encode()) == facts(make.message())


def test_a_prefix_that_nobody_declares_is_none() -> None:
    plain = make.message(attachments=make.attached("a.pdf", b"%PDF-1.7")).decode()
    bare = plain.replace(f' xmlns="{make.QCVN}"', "").replace("</", "\0").replace("<?", "\1")
    data = bare.replace("<", "<edXML:").replace("\0", "</edXML:").replace("\1", "<?").encode()
    opened = open_message(data)
    assert opened is not None
    assert [each.data for each in opened.attached] == [b"%PDF-1.7"]
    found = facts(data)
    assert found.findings == (Finding.REPAIRED,)
    assert found.model_copy(update={"findings": ()}) == facts(plain.encode())


@pytest.mark.parametrize("root", ["EdXMLEnvelope", "edXMLEnvelope"])
def test_the_flat_variant_of_document_systems_is_read(root: str) -> None:
    data = (
        f'<{root} xmlns="{make.FLAT}"><MessageHeader><From><OrganId>H37.DN.001</OrganId>'
        "<OrganName>Công ty A</OrganName></From><To><OrganId>H37.DN.002</OrganId></To>"
        "<Code><CodeNumber>123</CodeNumber><CodeNotation>UBND-VP</CodeNotation></Code>"
        "<PromulgationInfo><Promulgator>A</Promulgator>"
        "<PromulgationDate>2026-05-20T00:00:00.000Z</PromulgationDate></PromulgationInfo>"
        "<DocumentType>Công văn</DocumentType><Subject>V/v</Subject><SignerInfo><Signer>B</Signer>"
        "<Position>GĐ</Position></SignerInfo><DocumentId>ab535a99</DocumentId><TraceHeaderList>"
        "<TraceHeader><Time>2026-05-20T08:00:00+07:00</Time></TraceHeader></TraceHeaderList>"
        "</MessageHeader><Manifest><Attachment><FileName>a.pdf</FileName><FileType>pdf</FileType>"
        f"<Content>JVBERi0xLjcK</Content></Attachment></Manifest></{root}>"
    ).encode()
    found = facts(data)
    assert (found.sender.code, found.receivers[0].code) == ("H37.DN.001", "H37.DN.002")
    assert (found.document_id, found.number, found.notation) == ("ab535a99", "123", "UBND-VP")
    assert (found.issued_on, found.document_type) == (date(2026, 5, 20), "Công văn")
    assert found.signer == "GĐ, B"
    assert found.said_at == datetime(2026, 5, 20, 8, 0, tzinfo=VIETNAM)
    assert (found.attachments, found.findings) == (("a.pdf",), ())
    opened = open_message(data)
    assert opened is not None
    assert [each.data for each in opened.attached] == [b"%PDF-1.7\n"]


def test_a_status_in_an_envelope_of_soap_is_read() -> None:
    data = (
        '<SOAP-ENV:Envelope xmlns:SOAP-ENV="http://schemas.xmlsoap.org/soap/envelope/">'
        '<SOAP-ENV:Header><edXML:Status xmlns:edXML="http://schemas.xmlsoap.org/soap/envelope/">'
        "<edXML:ResponseFor><edXML:OrganId>000.20.31.H53</edXML:OrganId>"
        f"<edXML:DocumentId>{DOCUMENT_ID}</edXML:DocumentId></edXML:ResponseFor><edXML:From>"
        "<edXML:OrganId>H41</edXML:OrganId></edXML:From><edXML:StatusCode>02</edXML:StatusCode>"
        "<edXML:Timestamp>2026/11/16 17:25:11</edXML:Timestamp></edXML:Status></SOAP-ENV:Header>"
        "<SOAP-ENV:Body/></SOAP-ENV:Envelope>"
    ).encode()
    assert kind_of(data, "") is Kind.EDXML
    found = facts(data)
    assert (found.sender.code, found.status) == ("H41", AxisStatus.REJECTED)
    assert found.answers == AxisReference(organ="000.20.31.H53", document_id=DOCUMENT_ID)


def test_a_from_that_is_opened_twice_is_read_all_the_same() -> None:
    """Seen in the wild: everything behind it lies inside."""
    broken = make.message(HEADER.replace("<From>", "<From> <From>"))
    found = facts(broken)
    assert found.findings == (Finding.REPAIRED,)
    assert found.model_copy(update={"findings": ()}) == facts(make.message())


@pytest.mark.parametrize("tag", ["To", "Code", "PromulgationInfo", "OrganName", "Subject"])
def test_a_tag_that_is_not_closed_takes_nothing_else_with_it(tag: str) -> None:
    found = facts(make.message(HEADER.replace(f"</{tag}>", "")))
    assert (found.sender.code, found.document_id, found.number, found.issued_on) == (
        "000.20.31.H53", DOCUMENT_ID, "125", date(2026, 11, 16),
    )  # fmt: skip
    assert Finding.REPAIRED in found.findings


@pytest.mark.parametrize("cut", [0.5, 0.7, 0.9])
def test_a_message_that_is_cut_off_gives_what_is_there(cut: float) -> None:
    data = make.message(attachments=make.attached("a.pdf", bytes(2000)))
    found = facts(data[: int(len(data) * cut)])
    assert (found.sender.code, found.document_id) == ("000.20.31.H53", DOCUMENT_ID)
    assert Finding.REPAIRED in found.findings


# -- agencies -------------------------------------------------------------------------------------


def test_organ_codes_are_upper_case_without_blanks_and_names_composed() -> None:
    name = normalize("NFD", "Sở Y tế")
    found = facts(make.message(f"<From><OrganId> h53 .31.20.\n</OrganId><OrganName>{name}"
                               f"</OrganName></From>{ID}"))  # fmt: skip
    assert found.sender == Organ(code="H53.31.20", name="Sở Y tế")


def test_a_receiver_that_stands_twice_is_one_and_one_to_may_list_several() -> None:
    several = "<To><OrganId>H53.1</OrganId><OrganId>H53.2</OrganId></To>"
    found = facts(make.message(HEADER + TO + several))
    assert [organ.code for organ in found.receivers] == ["000.00.00.H41", "H53.1", "H53.2"]


def test_a_sender_without_a_name_has_who_is_in_charge() -> None:
    charge = "<From><OrganId>H53</OrganId><OrganizationInCharge>UBND</OrganizationInCharge></From>"
    assert facts(make.message(charge)).sender.name == "UBND"


def test_people_and_places_never_become_agencies() -> None:
    inside = (
        "<StaffInfo><OrganId>H1</OrganId><Department>P</Department></StaffInfo>"
        "<BussinessDocumentInfo><ReceiverList><Receiver><OrganId>H2</OrganId></Receiver>"
        "</ReceiverList></BussinessDocumentInfo>"
    )
    found = facts(make.message(traces=make.business("0", inside)))
    assert [organ.code for organ in (found.sender, *found.receivers)] == [
        "000.20.31.H53", "000.00.00.H41",
    ]  # fmt: skip


# -- number and identifier ------------------------------------------------------------------------


@pytest.mark.parametrize(
    "code",
    [
        CODE,
        "<Code>125/SYT-VP</Code>",
        "<Code><CodeNumber>125/SYT-VP</CodeNumber><CodeNotation/></Code>",
        "<Code><CodeNumber>125</CodeNumber><CodeNotation>125/SYT-VP</CodeNotation></Code>",
        "<Code><CodeNotation>125/SYT-VP</CodeNotation></Code>",
        "<CodeNumber>125</CodeNumber><CodeNotation>SYT-VP</CodeNotation>",
    ],
)
def test_number_and_notation_are_told_apart(code: str) -> None:
    found = facts(make.message(f"{FROM}{ID}{code}"))
    assert (found.number, found.notation) == ("125", "SYT-VP")


def test_a_number_of_a_kind_without_notation_stays_a_number() -> None:
    found = facts(make.message(f"{FROM}<Code>125</Code>"))
    assert (found.number, found.notation) == ("125", None)


def test_without_an_identifier_document_and_status_derive_the_same() -> None:
    document = facts(make.message(f"{FROM}{TO}{CODE}{ISSUED}<Subject>V/v</Subject>"))
    assert document.document_id == "000.20.31.H53,2026/11/16,125/SYT-VP"
    said = facts(
        make.status(
            answers="<OrganId>000.20.31.h53</OrganId><Code>125/SYT-VP</Code>"
            "<PromulgationDate>16/11/2026</PromulgationDate>"
        )
    )
    assert said.answers is not None
    assert said.answers.document_id == document.document_id


def test_an_identifier_is_not_made_up_of_less_than_code_day_and_number() -> None:
    assert facts(make.message(f"{FROM}{CODE}")).document_id is None


def test_the_issuer_is_taken_from_an_identifier_of_the_standards_form() -> None:
    said = facts(make.status(answers=ID))
    assert said.answers == AxisReference(organ="H53.31.20", document_id=DOCUMENT_ID)


# -- days and times -------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "text",
    [
        "2026/11/16",
        "16/11/2026",
        "2026-11-16",
        "16-11-2026",
        "2026/11/16 00:00:00",
        "16/11/2026 07:30",
        "2026-11-16T00:00:00",
        "2026-11-16T00:00:00.000Z",
        "2026-11-16+07:00",
        " 2026/11/16\n",
    ],
)
def test_days_are_read_in_every_order(text: str) -> None:
    found = facts(make.message(HEADER.replace("2026/11/16</P", f"{text}</P")))
    assert (found.issued_on, found.findings) == (date(2026, 11, 16), ())


@pytest.mark.parametrize(
    "text",
    ["0020/11/16", "16/11/0020", "2026/13/01", "31/02/2026", "2026", "20261116", "hôm nay",
     "2026/11/16 25:00", "2026/11/16 lúc 9h", "１６/11/2026", "9" * 5000],
)  # fmt: skip
def test_a_day_that_cannot_be_is_dropped_and_said(text: str) -> None:
    found = facts(make.message(HEADER.replace("2026/11/16</P", f"{text}</P")))
    assert (found.issued_on, found.findings) == (None, (Finding.DATE_IMPLAUSIBLE,))


def test_an_empty_day_says_nothing() -> None:
    found = facts(make.message(HEADER + "<DueDate> </DueDate>"))
    assert (found.due_on, found.findings) == (None, ())


@pytest.mark.parametrize(
    ("text", "hours"),
    [
        ("2026/11/16 17:25:11", 7),
        ("16/11/2026 17:25:11", 7),
        ("2026-11-16T17:25:11", 7),
        ("2026-11-16T17:25:11.123+07:00", 7),
        ("2026-11-16T10:25:11Z", 7),
        ("2026-11-16T13:25:11+0300", 7),
    ],
)
def test_times_without_an_offset_are_vietnam_time(text: str, hours: int) -> None:
    at = datetime(2026, 11, 16, 17, 25, 11, tzinfo=timezone(timedelta(hours=hours)))
    assert facts(make.status(at=text)).said_at == at


def test_a_document_was_last_traced_when_its_newest_trace_says() -> None:
    traces = "".join(
        f"<TraceHeader><Timestamp>{at}</Timestamp></TraceHeader>"
        for at in ("2026/11/16 09:30:00", "17/11/2026 08:00:00", "0020/12/01 00:00:00")
    )
    found = facts(make.message(traces=traces))
    assert found.said_at == datetime(2026, 11, 17, 8, 0, tzinfo=VIETNAM)
    assert found.findings == (Finding.DATE_IMPLAUSIBLE,)


# -- statuses and business ------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("code", "status"),
    [
        ("1", AxisStatus.ARRIVED),
        ("01", AxisStatus.ARRIVED),
        ("01 ", AxisStatus.ARRIVED),
        ("02", AxisStatus.REJECTED),
        ("03", AxisStatus.RECEIVED),
        ("04", AxisStatus.ASSIGNED),
        ("05", AxisStatus.PROCESSING),
        ("06", AxisStatus.DONE),
        ("13", AxisStatus.RECALLED),
        ("15", AxisStatus.RECALL_AGREED),
        ("16", AxisStatus.RECALL_REFUSED),
        ("07", AxisStatus.OTHER),
        ("-1", AxisStatus.OTHER),
        ("١", AxisStatus.OTHER),
        ("đã đến", AxisStatus.OTHER),
        ("1" * 4000, AxisStatus.OTHER),
    ],
)
def test_status_codes_are_known_with_and_without_zeros(code: str, status: AxisStatus) -> None:
    found = facts(make.status(code))
    assert (found.kind, found.status, found.status_code) == (
        AxisKind.STATUS, status, code.strip(),
    )  # fmt: skip


def test_a_document_that_bears_a_status_code_is_still_one() -> None:
    found = facts(make.message(HEADER + "<StatusCode>01</StatusCode>"))
    assert (found.kind, found.status) == (AxisKind.DOCUMENT, None)


@pytest.mark.parametrize(
    ("word", "meaning"),
    [
        ("0", Business.NEW),
        ("00", Business.NEW),
        ("Văn bản mới", Business.NEW),
        ("1", Business.REVOKE),
        ("Thu hồi", Business.REVOKE),
        ("2", Business.UPDATE),
        ("CẬP NHẬT", Business.UPDATE),
        ("3", Business.REPLACE),
        ("thay thế", Business.REPLACE),
        ("9", None),
        ("không rõ", None),
        ("", None),
    ],
)
@pytest.mark.parametrize("spelling", ["Bussiness", "Business"])
def test_business_is_known_by_number_and_word_in_both_spellings(
    spelling: str, word: str, meaning: Business | None
) -> None:
    trace = make.business(word).replace("Bussiness", spelling)
    assert facts(make.message(traces=trace)).business is meaning


@pytest.mark.parametrize(
    ("text", "meaning"),
    [("0", False), ("1", True), ("true", True), ("False", False), ("có", True), ("không", False),
     ("2", None), ("", None)],
)  # fmt: skip
def test_paper_says_yes_or_no_or_nothing(text: str, meaning: bool | None) -> None:
    assert facts(make.message(traces=make.business("0", paper=text))).paper is meaning


def test_of_several_businesses_the_last_counts_and_any_paper() -> None:
    traces = make.business("0", paper="1") + make.business("2", paper="0") + make.business("x")
    found = facts(make.message(traces=traces))
    assert (found.business, found.paper) == (Business.UPDATE, True)


def test_replaced_documents_are_listed_once() -> None:
    listed = (
        "<ReplacementInfoList><ReplacementInfo><DocumentId>H53.1,2026/01/30,7/A</DocumentId>"
        "<OrganIdList><OrganId>H41</OrganId></OrganIdList></ReplacementInfo><ReplacementInfo>"
        "<DocumentId>H53.1,2026/01/30,7/A</DocumentId></ReplacementInfo><ReplacementInfo>"
        "<DocumentId>9fbf-uuid</DocumentId></ReplacementInfo></ReplacementInfoList>"
    )
    assert facts(make.message(traces=make.business("3", listed))).concerns == (
        AxisReference(organ="H53.1", document_id="H53.1,2026/01/30,7/A"),
        AxisReference(organ="000.20.31.H53", document_id="9fbf-uuid"),
    )


def test_a_revocation_names_its_documents_by_what_it_responds_to() -> None:
    answers = f"<ResponseFor><OrganId>000.20.31.H53</OrganId>{ID}</ResponseFor>"
    header = HEADER.replace(ID, "<DocumentId>new</DocumentId>") + answers
    found = facts(make.message(header, make.business("1")))
    about = AxisReference(organ="000.20.31.H53", document_id=DOCUMENT_ID)
    assert (found.document_id, found.concerns, found.answers) == ("new", (about,), about)


def test_an_update_names_its_document_beside_its_kind() -> None:
    found = facts(make.message(traces=make.business("2", "<DocumentId>old</DocumentId>")))
    assert found.concerns == (AxisReference(organ="000.20.31.H53", document_id="old"),)


def test_a_revocation_without_any_other_name_is_of_its_own() -> None:
    assert facts(make.message(traces=make.business("1"))).concerns == (ABOUT,)


def test_a_new_document_concerns_no_other() -> None:
    answers = f"<ResponseFor><OrganId>H41</OrganId>{ID}</ResponseFor>"
    found = facts(
        make.message(HEADER + answers, make.business("0", "<DocumentId>old</DocumentId>"))
    )
    assert found.concerns == ()
    assert found.answers is not None
    assert found.answers.organ == "H41"


# -- attachments ----------------------------------------------------------------------------------


def test_a_listed_file_is_known_by_identifier_or_name() -> None:
    for listed, there in (
        (("a.pdf", "cid:1"), ("b.pdf", "1")),
        (("a.pdf", "cid:1"), ("A.PDF", "")),
        (("a.pdf", ""), ("x/a.pdf", "cid:9")),
        (("a.pdf", "cid:1"), ("", "")),
    ):
        name, content_id = there
        found = facts(
            make.message(
                references=make.reference(*listed),
                attachments=make.attached(name, b"%PDF-1.7", content_id),
            )
        )
        assert (found.attachments, found.findings) == (("a.pdf",), ())


def test_a_listed_file_that_is_not_there_is_said() -> None:
    references = make.reference("a.pdf", "cid:1") + make.reference("b.pdf", "cid:2")
    for attachments in (
        make.attached("a.pdf", b"%PDF-1.7", "cid:1"),
        make.attached("a.pdf", b"%PDF-1.7", "cid:1") + make.attached("b.pdf", b"", "cid:2"),
        "",
    ):
        found = facts(make.message(references=references, attachments=attachments))
        assert found.attachments == ("a.pdf", "b.pdf")
        assert found.findings == (Finding.ATTACHMENT_MISSING,)


def test_names_that_point_elsewhere_lose_their_folders() -> None:
    names = ("../../etc/passwd", "..\\..\\a.pdf", "/etc/shadow", "C:\\x\\b.pdf", "..")
    attachments = "".join(make.attached(name, b"%PDF-1.7") for name in names)
    found = facts(make.message(attachments=attachments))
    assert found.attachments == ("passwd", "a.pdf", "shadow", "b.pdf")


# -- what is no header, and what is ambiguous -----------------------------------------------------


@pytest.mark.parametrize(
    "data", [b"<edXML/>", make.message(""), make.message("<Subject>x</Subject>")]
)
def test_a_header_that_names_nobody_and_nothing_is_none(data: bytes) -> None:
    opened = open_message(data)
    assert opened is not None
    assert opened.facts is None


@pytest.mark.parametrize("data", [b"", b"%PDF-1.7", b"\0" * 100, b"<", b"{}"])
def test_what_is_no_xml_is_no_message(data: bytes) -> None:
    assert open_message(data) is None


@pytest.mark.parametrize(
    "more",
    ["<DocumentId>another</DocumentId>", "<From><OrganId>H99</OrganId></From>",
     "</MessageHeader><MessageHeader><DocumentId>another</DocumentId>"],
)  # fmt: skip
def test_of_doubled_elements_the_first_holds_and_it_is_said(more: str) -> None:
    found = facts(make.message(HEADER + more))
    assert (found.sender.code, found.document_id) == ("000.20.31.H53", DOCUMENT_ID)
    assert found.findings == (Finding.HEADER_DUPLICATE,)


def test_the_same_element_twice_is_no_ambiguity() -> None:
    assert facts(make.message(HEADER + ID + FROM)).findings == ()


def test_a_comment_or_cdata_in_a_field_is_not_its_text() -> None:
    found = facts(make.message(f"{FROM}<DocumentId>a<!-- x -->b<![CDATA[<c>]]></DocumentId>"))
    assert found.document_id == "ab<c>"


def test_control_characters_and_direction_marks_are_left_out() -> None:
    found = facts(make.message(f"{FROM}{ID}<Subject>Số\u202e 12\n\t/x\u2066</Subject>"))
    assert found.subject == "Số 12 /x"
