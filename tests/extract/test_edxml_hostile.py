"""Messages that are made to hurt: refused, or read within bounds, and never more than that."""

import base64
import tracemalloc
import zlib

import pytest

from monitor.extract import edxml
from monitor.extract.documents import contents_of_file
from monitor.extract.edxml import MAX_APPENDIXES, MAX_CONCERNS, MAX_RECEIVERS, open_message
from monitor.model import AxisKind, Finding, Limits
from tests.extract import edxml_making as make
from tests.extract.edxml_making import DOCUMENT_ID, FROM, HEADER, ID, facts

LAUGHS = "".join(f'<!ENTITY l{n} "{f"&l{n - 1};" * 10}">' for n in range(1, 10))


def declared(declaration: str, header: str = HEADER) -> bytes:
    text = make.message(header).decode()
    head, _, rest = text.partition("?>")
    return f"{head}?>{declaration}{rest}".encode()


@pytest.mark.parametrize(
    "data",
    [
        declared(f'<!DOCTYPE a [<!ENTITY l0 "ha">{LAUGHS}]>', f"{FROM}{ID}<Subject>&l9;</Subject>"),
        declared('<!DOCTYPE a [<!ENTITY x SYSTEM "file:///etc/passwd">]>',
                 f"{FROM}<DocumentId>&x;</DocumentId>"),
        declared('<!DOCTYPE a [<!ENTITY % x SYSTEM "http://127.0.0.1:1/x.dtd"> %x;]>'),
        declared('<!DOCTYPE a SYSTEM "http://127.0.0.1:1/x" [<!ATTLIST From x CDATA "y">]>'),
    ],
)  # fmt: skip
def test_declarations_of_entities_are_refused(data: bytes) -> None:
    assert open_message(data) is None
    text = data.decode()
    for declared_as, encoding in (("UTF-16", "utf-16"), ("UTF-8", "utf-16"), ("UTF-16", "utf-32")):
        assert open_message(text.replace("UTF-8", declared_as).encode(encoding)) is None


@pytest.mark.parametrize(
    "doctype",
    ['<!DOCTYPE a SYSTEM "file:///etc/passwd">', '<!DOCTYPE a PUBLIC "-//x" "http://x/">'],
)
def test_a_message_that_declares_a_type_elsewhere_says_nothing_of_itself(doctype: str) -> None:
    opened = open_message(declared(doctype))
    assert opened is not None
    assert opened.facts is None


def test_an_entity_that_nobody_declares_is_nothing() -> None:
    assert facts(make.message(f"{FROM}{ID}<Subject>a&xxe;b</Subject>")).subject == "ab"


def test_a_hundred_thousand_receivers_are_five_thousand_and_it_is_said() -> None:
    many = "".join(f"<To><OrganId>H53.{n}</OrganId><OrganName>{n}</OrganName></To>"
                   for n in range(100_000))  # fmt: skip
    found = facts(make.message(f"{FROM}{many}{ID}{make.CODE}"))
    assert len(found.receivers) == MAX_RECEIVERS
    assert (found.document_id, found.number) == (DOCUMENT_ID, "125")
    assert found.findings == (Finding.LIMIT_REACHED,)


def test_everything_else_that_may_stand_often_is_bounded_too() -> None:
    header = HEADER + "".join(f"<Appendix>{n}</Appendix>" for n in range(1000))
    replaced = "".join(
        f"<ReplacementInfo><DocumentId>{n}</DocumentId></ReplacementInfo>" for n in range(10_000)
    )
    references = "".join(make.reference(f"{n}.pdf") for n in range(10_000))
    traces = make.TRACE * 10_000 + make.business("3", replaced)
    found = facts(make.message(header, traces, references))
    assert len(found.appendixes) == MAX_APPENDIXES
    assert len(found.concerns) == MAX_CONCERNS
    assert len(found.attachments) == 1000
    assert Finding.LIMIT_REACHED in found.findings


def test_a_whole_answer_with_the_longest_of_everything_stays_small() -> None:
    """An answer of a child is 16 MB at most, evidence of signatures included."""
    long = "ệ" * 20_000
    many = f"<To><OrganId>{long}</OrganId><OrganName>{long}</OrganName></To>"
    different = "".join(many.replace("ệ", chr(0x4E00 + n), 1) for n in range(20))
    header = f"{FROM}<Subject>{long}</Subject><DocumentId>{long}</DocumentId>{different}"
    found = facts(make.message(header, references=make.reference(long)))
    assert len(found.model_dump_json()) / len(found.receivers) < 4_000
    assert max(len(organ.name or "") for organ in found.receivers) == 200


def test_deep_nesting_is_no_recursion() -> None:
    for depth in (200, 5_000, 200_000):
        data = make.message(f"{HEADER}{'<a>' * depth}{'</a>' * depth}")
        opened = open_message(data)
        assert opened is None or opened.facts is None or opened.facts.document_id == DOCUMENT_ID
    opened_tags = make.message("<From>" * 100_000 + "<OrganId>H53</OrganId>")
    assert open_message(opened_tags) is not None


def test_fields_below_many_unclosed_blocks_are_the_messages() -> None:
    header = FROM + "<To><OrganId>H1</OrganId>" * 150 + ID + "<Subject>V/v</Subject>"
    found = facts(make.message(header))
    assert (found.document_id, found.subject) == (DOCUMENT_ID, "V/v")
    assert found.sender.code == "000.20.31.H53"


def test_a_large_payload_is_read_without_copying_it_many_times() -> None:
    data = make.message(attachments=make.attached("a.pdf", b"%PDF-1.7 " + bytes(30_000_000)))
    tracemalloc.start()
    try:
        found = contents_of_file("a.edxml", data, Limits())
        _, peak = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    assert [len(each.data) for each in found.documents] == [30_000_009]
    assert peak < 5 * len(data)


def bomb() -> bytes:
    """80 MB of zeros in 80 KB, in a ZIP in a ZIP."""
    return make.zipped({"a.zip": make.zipped({"a.pdf": b"%PDF-1.7" + bytes(80_000_000)})})


def test_a_payload_that_unpacks_without_end_ends_at_the_limit() -> None:
    data = make.message(attachments=make.attached("a.zip", bomb()))
    found = contents_of_file("a.edxml", data, Limits())
    assert Finding.ARCHIVE_LIMIT in found.findings
    assert all(len(each.data) < 1_000_000 for each in found.documents)
    assert [each.kind for _, each in found.axis] == [AxisKind.DOCUMENT]


def test_names_in_payloads_are_labels_and_never_paths() -> None:
    inner = make.zipped({"../../../etc/cron.d/x.pdf": b"%PDF-1.7 a", "/abs.pdf": b"%PDF-1.7 b"})
    attachments = make.attached("../../a.zip", inner) + make.attached("../up.pdf", b"%PDF-1.7 c")
    found = contents_of_file("a.edxml", make.message(attachments=attachments), Limits())
    assert [each.name for each in found.documents][-1] == "up.pdf"
    assert len(found.documents) == 3


# -- encodings ------------------------------------------------------------------------------------


@pytest.mark.parametrize("encoding", ["utf-16", "utf-16-le", "utf-16-be"])
def test_a_message_in_utf_16_is_read(encoding: str) -> None:
    text = make.message().decode().replace("UTF-8", "UTF-16")
    mark = "" if encoding == "utf-16" else "\ufeff"
    found = facts((mark + text).encode(encoding))
    assert (found.sender.name, found.findings) == ("Sở Y tế", ())


def test_a_byte_order_mark_makes_no_difference() -> None:
    assert facts(b"\xef\xbb\xbf" + make.message()) == facts(make.message())


@pytest.mark.parametrize("declared_as", ["UTF-16", "windows-1258", "us-ascii", "x-unknown"])
def test_a_message_in_another_encoding_than_it_declares_keeps_its_fields(declared_as: str) -> None:
    found = facts(make.message().replace(b"UTF-8", declared_as.encode()))
    assert (found.document_id, found.sender.code) == (DOCUMENT_ID, "000.20.31.H53")
    if declared_as != "windows-1258":
        assert (found.sender.name, found.findings) == ("Sở Y tế", (Finding.REPAIRED,))


def test_windows_1258_that_calls_itself_utf_8_is_read() -> None:
    decomposed = "So\u031b\u0309 Y t\u00ea\u0301".replace("o\u031b", "\u01a1")
    data = make.message(f"<From><OrganId>H53</OrganId><OrganName>{decomposed}</OrganName></From>")
    found = facts(data.decode().encode("cp1258"))
    assert (found.sender.name, found.findings) == ("Sở Y tế", (Finding.REPAIRED,))


@pytest.mark.parametrize("bad", [b"\0", b"\x01", b"\x1b[31m", b"\x08"])
def test_characters_that_xml_may_not_hold_are_left_out(bad: bytes) -> None:
    data = make.message().replace("Sở".encode(), "Sở".encode() + bad)
    found = facts(data)
    assert (found.sender.name or "").replace("[31m", "") == "Sở Y tế"
    assert (found.document_id, found.findings) == (DOCUMENT_ID, (Finding.REPAIRED,))


def test_no_part_of_a_message_raises_when_octets_are_changed() -> None:
    data = make.message(
        HEADER + "<DueDate>2026/11/30</DueDate>",
        make.TRACE + make.business("3", "<DocumentId>x</DocumentId>", "1"),
        make.reference("a.pdf", "cid:1"),
        make.attached("a.pdf", b"%PDF-1.7", "cid:1"),
    )
    for at in range(0, len(data), 3):
        for octet in (0, 60, 62, 38, 255):
            changed = bytearray(data)
            changed[at] = octet
            opened = open_message(bytes(changed))
            assert opened is None or opened.facts is None or opened.facts.kind in AxisKind


def test_base64_may_have_white_space_anywhere_and_nothing_else() -> None:
    content = zlib.compress(bytes(range(256)) * 20)
    text = base64.encodebytes(content).decode().replace("\n", "\r\n\t ")
    opened = open_message(make.message(attachments=make.attached("a", b"", encoded=text)))
    assert opened is not None
    assert opened.attached[0].data == content
    for broken in (text + "!", text + "\u00a0", "data:;base64," + text):
        opened = open_message(make.message(attachments=make.attached("a", b"", encoded=broken)))
        assert opened is not None
        assert opened.attached[0].data is None


def test_attachments_are_looked_through_once_however_many_the_manifest_lists(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    looks = 0
    unnamed = edxml._Header._unnamed

    def counted(header: edxml._Header) -> int:
        nonlocal looks
        looks += 1
        return unnamed(header)

    monkeypatch.setattr(edxml._Header, "_unnamed", counted)
    listed = "".join(make.reference(f"{n}.pdf") for n in range(50))
    found = facts(make.message(references=listed, attachments=make.attached("", b"x") * 9))
    assert found.findings == (Finding.ATTACHMENT_MISSING,)
    assert looks == 1
