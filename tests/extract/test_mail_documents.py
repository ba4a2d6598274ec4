"""Which files of a mail are documents, and of which class."""

import base64
import dataclasses
import unicodedata
import zipfile

import pytest

from monitor.extract.classify import classify, is_mail
from monitor.extract.documents import Contents, contents_of_file
from monitor.model import DocumentClass, Finding, Kind, Limits
from tests.extract.mail_samples import (
    HEADER,
    LIMITS,
    PDF,
    archive,
    attachment,
    b64,
    contents,
    mail,
    mixed,
)
from tests.verify.smime_samples import (
    TEXT,
    certificates_only,
    clear_signed,
    enveloped,
    header,
    opaque,
    pki,
    signed,
)

DOCX = archive({"[Content_Types].xml": b"<Types/>", "word/document.xml": b"<w/>"})
ODT = archive({"mimetype": b"application/vnd.oasis.opendocument.text", "content.xml": b"<o/>"}, 0)
ASICE = archive({"mimetype": b"application/vnd.etsi.asic-e+zip", "a.pdf": PDF}, 0)
EDXML = b'<?xml version="1.0"?><edXML xmlns="http://www.mic.gov.vn/TBT/QCVN_102_2016"/>'
SIGNED_XML = b'<a><Signature xmlns="http://www.w3.org/2000/09/xmldsig#"/></a>'
DOC = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(600)
PNG = b"\x89PNG\r\n\x1a\n" + bytes(100)
LEADER = pki().officer()
ATTACHED = signed(PDF, LEADER, detached=False)
DETACHED = signed(PDF, LEADER)
FORMAL, EDITABLE = DocumentClass.FORMAL, DocumentClass.EDITABLE


def names(found: Contents) -> list[str | None]:
    return [document.name for document in found.documents]


@pytest.mark.parametrize(
    ("data", "name", "kind", "document"),
    [
        (PDF, "a.pdf", Kind.PDF, FORMAL),
        (b"\r\n junk" + PDF, "scan.tmp", Kind.PDF, FORMAL),
        (ATTACHED, "a.pdf.p7m", Kind.CMS, FORMAL),
        (ASICE, "a.asice", Kind.ASIC, FORMAL),
        (EDXML, "van-ban.edxml", Kind.EDXML, FORMAL),
        (SIGNED_XML, "hd.xml", Kind.XMLDSIG, FORMAL),
        (DOCX, "a.docx", Kind.OOXML, EDITABLE),
        (ODT, "a.odt", Kind.ODF, EDITABLE),
        (DOC, "a.doc", Kind.OTHER, EDITABLE),
        (DOC, "a.xls", Kind.OTHER, EDITABLE),
        (b"{\\rtf1 x}", "a.rtf", Kind.OTHER, EDITABLE),
        (DOC, "winmail.msg", Kind.OTHER, None),
        (b"\x78\x9f\x3e\x22" + bytes(99), "winmail.dat", Kind.OTHER, None),
        (PNG, "logo.png", Kind.OTHER, None),
        (b"BEGIN:VCALENDAR\r\n", "moi.ics", Kind.OTHER, None),
        (b"BEGIN:VCARD\r\n", "a.vcf", Kind.OTHER, None),
        (b"<html><body/></html>", "a.html", Kind.OTHER, None),
        (b"<x/>", "a.xml", Kind.OTHER, None),
        (b"", "a.pdf.txt", Kind.OTHER, None),
    ],
)
def test_content_says_what_a_file_is(
    data: bytes, name: str, kind: Kind, document: DocumentClass | None
) -> None:
    nature = classify(data, name)
    assert (nature.kind, nature.document) == (kind, document)


def test_a_lying_type_or_name_changes_nothing() -> None:
    found = contents(mail(attachment(PDF, "anh.jpg", "image/jpeg"), attachment(PNG, "a.pdf.png")))
    assert [(d.name, d.kind, d.document_class) for d in found.documents] == [
        ("anh.jpg", Kind.PDF, FORMAL)
    ]


def test_the_text_of_a_mail_and_its_pictures_are_no_documents() -> None:
    body = mixed(
        b"Content-Type: text/plain\r\n\r\nFrom: a\r\nTo: b\r\nSubject: quoted\r\n\r\nx",
        b"Content-Type: text/html\r\n\r\n<html><Signature/></html>",
        attachment(PNG, "logo.png", "image/png"),
        attachment(b"BEGIN:VCALENDAR", "moi.ics", "text/calendar"),
        boundary="a1",
        kind="multipart/alternative",
    )
    assert contents(mail(body)).documents == []


def test_a_mail_may_be_nothing_but_a_document() -> None:
    assert names(contents(HEADER + attachment(PDF, "a.pdf", "application/pdf"))) == ["a.pdf"]


def test_one_content_is_one_document_however_often_it_is_sent() -> None:
    raw = mail(
        attachment(PDF, "a.pdf"),
        attachment(PDF, "ban-sao.pdf"),
        attachment(archive({"trong.pdf": PDF}), "a.zip"),
    )
    assert names(contents(raw)) == ["a.pdf"]


def test_documents_of_forwarded_and_attached_mails_count() -> None:
    inner = HEADER + mixed(attachment(PDF, "trong.pdf"), boundary="inner")
    other = mail(attachment(PDF + b"2", "khac.pdf"))
    raw = mail(
        b"Content-Type: message/rfc822\r\n\r\n" + inner,
        attachment(other, "thu.eml"),
        attachment(archive({"cu.eml": mail(attachment(PDF + b"3", "cu.pdf"))}), "a.zip"),
    )
    found = contents(raw)
    assert names(found) == ["trong.pdf", "khac.pdf", "cu.pdf"]
    assert len(found.messages) == 2


def test_documents_inside_signed_mails_count_and_the_signature_does_not() -> None:
    content = mixed(TEXT, attachment(PDF, "a.pdf"))
    for body in (
        clear_signed(content, LEADER),
        opaque(signed(content, LEADER, detached=False)),
        clear_signed(opaque(signed(content, LEADER, detached=False)), LEADER),
    ):
        assert names(contents(header("a@b.vn") + body)) == ["a.pdf"]


def test_a_document_in_the_place_of_a_signature_is_a_document() -> None:
    parts = (TEXT, attachment(PDF, "a.pdf", "application/pdf"), attachment(DETACHED, "smime.p7s"))
    raw = HEADER + mixed(*parts, kind="multipart/signed")
    assert names(contents(raw)) == ["a.pdf"]


def test_an_encrypted_mail_shows_no_document() -> None:
    assert contents(header("a@b.vn") + opaque(enveloped(PDF), "enveloped-data")).documents == []


def test_an_encrypted_document_is_a_document_nobody_can_read() -> None:
    part = attachment(enveloped(PDF), "hop-dong.pdf.p7m", "application/pkcs7-mime")
    assert names(contents(mail(TEXT, part))) == ["hop-dong.pdf.p7m"]


def test_a_signed_document_is_one_whatever_type_it_is_sent_under() -> None:
    for media_type in ("application/pkcs7-mime", "application/octet-stream", "application/pdf"):
        part = attachment(ATTACHED, "bao-cao.pdf.p7m", media_type)
        (document,) = contents(mail(TEXT, part)).documents
        assert (document.kind, document.document_class) == (Kind.CMS, FORMAL)


def test_a_detached_signature_counts_with_the_file_it_is_beside() -> None:
    for name in ("a.pdf.p7s", "a.p7s", "A.PDF.p7s"):
        found = contents(mail(attachment(PDF, "a.pdf"), attachment(DETACHED, name)))
        (document,) = found.documents
        assert (document.name, document.data) == ("a.pdf", PDF)
        assert (document.signature, document.signature_name) == (DETACHED, name)


def test_an_editable_file_with_a_signature_beside_it_is_a_signed_container() -> None:
    found = contents(mail(attachment(DETACHED, "a.docx.p7s"), attachment(DOCX, "a.docx")))
    assert [d.document_class for d in found.documents] == [FORMAL]


def test_an_ambiguous_or_lonely_signature_belongs_to_nothing() -> None:
    twice = [attachment(PDF, "a.pdf"), attachment(DOCX, "a.docx"), attachment(DETACHED, "a.p7s")]
    found = contents(mail(*twice))
    assert [d.signature for d in found.documents] == [None, None]
    assert contents(mail(attachment(DETACHED, "b.p7s"))).documents == []


def test_certificates_alone_are_no_document() -> None:
    found = contents(mail(attachment(certificates_only([LEADER.der]), "ca.p7b")))
    assert found.documents == []


def test_files_in_an_archive_pair_with_each_other_and_not_across() -> None:
    raw = mail(
        attachment(archive({"a.pdf": PDF, "a.pdf.p7s": DETACHED}), "x.zip"),
        attachment(PDF + b"2", "b.pdf"),
        attachment(archive({"b.pdf.p7s": DETACHED}), "y.zip"),
    )
    assert [(d.name, d.signature) for d in contents(raw).documents] == [
        ("a.pdf", DETACHED),
        ("b.pdf", None),
    ]


def test_uuencoded_files_in_a_text_are_found() -> None:
    import binascii

    lines = b"".join(binascii.b2a_uu(PDF[at : at + 45]) for at in range(0, len(PDF), 45))
    text = b"Kinh gui\r\n\r\nbegin 644 cong van.pdf\r\n" + lines + b"`\r\nend\r\n-- \r\n"
    (document,) = contents(HEADER + b"\r\n" + text).documents
    assert (document.name, document.data) == ("cong van.pdf", PDF)


@pytest.mark.parametrize("magic", [b"Rar!\x1a\x07\x01\x00", b"7z\xbc\xaf\x27\x1c", b"PK\x03\x04"])
def test_an_archive_that_gives_nothing_stands_for_its_documents_in_no_ratio(magic: bytes) -> None:
    found = contents(mail(attachment(magic + b"\xff" * 99, "van-ban.rar")))
    (document,) = found.documents
    assert (document.name, document.document_class) == ("van-ban.rar", DocumentClass.ARCHIVE)
    assert document.closed == found.findings
    assert len(found.findings) == 1


@pytest.mark.parametrize(
    "part",
    [
        b"Content-Disposition: attachment; filename*=utf-8''C%C3%B4ng%20v%C4%83n.pdf",
        b"Content-Disposition: a; filename=x.pdf; filename*=utf-8''C%C3%B4ng%20v%C4%83n.pdf",
        b"Content-Disposition: a;\n filename*0*=utf-8''C%C3%B4ng;\r\n filename*1*=%20v%C4%83n.pdf",
        b'Content-Type: application/pdf; name="=?utf-8?B?Q8O0bmcgdsSDbi5wZGY=?="',
        b'Content-Disposition: attachment; filename="=?utf-8?Q?C=C3=B4ng v=C4=83n.pdf?="',
        'Content-Disposition: attachment; filename="Công văn.pdf"'.encode(),
        unicodedata.normalize("NFD", 'Content-Disposition: a; filename="Công văn.pdf"').encode(),
        b"Content-Disposition: attachment; filename*=windows-1258''C%F4ng%20v%E3n.pdf",
    ],
)
def test_a_file_name_is_nfc_text_however_it_was_written(part: bytes) -> None:
    raw = mail(part + b"\r\nContent-Transfer-Encoding: base64\r\n\r\n" + b64(PDF))
    assert names(contents(raw)) == ["Công văn.pdf"]


# -- archives -----------------------------------------------------------------------------------


def unpacked(data: bytes, **limits: int) -> Contents:
    return contents_of_file("a.zip", data, LIMITS.model_copy(update=limits))


def test_archives_in_archives_are_opened_to_a_depth() -> None:
    nested = archive({"a.pdf": PDF})
    for level in range(3):
        nested = archive({f"{level}.zip": nested})
    assert names(unpacked(nested, archive_depth=4)) == ["a.pdf"]
    shallow = unpacked(nested, archive_depth=3)
    assert (shallow.documents, shallow.findings) == ([], {Finding.ARCHIVE_LIMIT})


def test_entries_are_bounded_and_the_rest_is_said() -> None:
    found = unpacked(archive({f"{n}.pdf": PDF + b"%d" % n for n in range(30)}), archive_entries=10)
    assert len(found.documents) == 10
    assert found.findings == {Finding.ARCHIVE_LIMIT}


def test_a_directory_of_absurd_length_is_not_read() -> None:
    many = archive({f"{n}": b"" for n in range(2000)})
    assert unpacked(many, archive_entries=10).findings == {Finding.ARCHIVE_LIMIT}


def test_a_decompression_bomb_stays_closed() -> None:
    bomb = archive({"a.pdf": PDF, "bomb.pdf": PDF + bytes(50_000_000)})
    found = unpacked(bomb)
    assert names(found) == ["a.pdf"]
    assert found.findings == {Finding.ARCHIVE_LIMIT}


def test_all_archives_of_an_item_share_one_budget() -> None:
    each = [archive({"x.pdf": PDF + bytes([n]) * 700_000}, zipfile.ZIP_STORED) for n in range(4)]
    raw = mail(*(attachment(data, f"{n}.zip") for n, data in enumerate(each)))
    found = contents(raw, LIMITS.model_copy(update={"archive_bytes": 1_500_000}))
    opened = [each for each in found.documents if not each.closed]
    assert len(opened) == 2
    assert Finding.ARCHIVE_LIMIT in found.findings


def test_entries_that_share_bytes_are_a_bomb() -> None:
    plain = archive({"a.pdf": PDF})
    start = plain.index(b"PK\x01\x02")
    record = plain[start : plain.index(b"PK\x05\x06")]
    end = bytearray(plain[plain.index(b"PK\x05\x06") :])
    end[8:12] = (2).to_bytes(2, "little") * 2
    end[12:16] = (2 * len(record)).to_bytes(4, "little")
    found = unpacked(plain[:start] + record * 2 + bytes(end))
    (document,) = found.documents
    assert (document.closed, found.findings) == (frozenset(found.findings), {Finding.ARCHIVE_LIMIT})


def test_an_encrypted_entry_is_said_and_the_others_are_read() -> None:
    data = bytearray(archive({"a.pdf": PDF, "b.pdf": PDF + b"2"}))
    second = data.index(b"PK\x01\x02", data.index(b"PK\x01\x02") + 4)
    data[second + 8] |= 1
    found = unpacked(bytes(data))
    assert names(found) == ["a.pdf"]
    assert found.findings == {Finding.ARCHIVE_ENCRYPTED}


def test_a_damaged_entry_is_said_and_the_others_are_read() -> None:
    data = archive({"a.pdf": PDF * 9, "b.pdf": PDF + b"2"})
    found = unpacked(data[:45] + b"\xff\xff\xff" + data[48:])
    assert names(found) == ["b.pdf"]
    assert found.findings == {Finding.MALFORMED}


@pytest.mark.parametrize("method", [zipfile.ZIP_BZIP2, zipfile.ZIP_LZMA])
def test_a_compression_that_is_not_bounded_is_not_opened(method: int) -> None:
    assert unpacked(archive({"a.pdf": PDF}, method)).findings == {Finding.FORMAT_UNSUPPORTED}


@pytest.mark.parametrize(
    "name", ["../../etc/passwd.pdf", "/abs/a.pdf", "C:\\x\\a.pdf", "a/../b.pdf"]
)
def test_names_are_labels_and_never_paths(name: str) -> None:
    (document,) = unpacked(archive({name: PDF})).documents
    assert document.name == name.replace("\\", "/") or document.name == name


def test_a_name_in_utf8_without_its_flag_is_read() -> None:
    wanted = "Công văn.pdf"
    data = archive({wanted: PDF})
    flag = (0x800).to_bytes(2, "little")
    plain = data.replace(b"PK\x03\x04\x14\x00" + flag, b"PK\x03\x04\x14\x00\x00\x00")
    plain = plain.replace(b"\x14\x00" + flag, b"\x14\x00\x00\x00")
    assert names(unpacked(plain)) == [wanted]


@pytest.mark.parametrize("cut", [4, 30, 60, -30])
def test_a_truncated_archive_is_malformed_and_no_error(cut: int) -> None:
    assert unpacked(archive({"a.pdf": PDF})[:cut]).findings == {Finding.MALFORMED}


# -- is it a mail? ------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("data", "name", "yes"),
    [
        (HEADER + b"\r\nx", None, True),
        (b"From a Mon Mar  2 2026\n" + HEADER + b"\n", None, True),
        (b"Subject: x\n\ny", "a.eml", True),
        (b"Subject: x\n\ny", "a.txt", False),
        (b"X-Own: " + b"y" * 40_000 + b"\nTo: x\nDate: y\n\n", None, False),
        (b"Hello\nFrom: a\nTo: b\n\n", None, False),
        (b"just text", None, False),
        (b"", "a.eml", False),
        (b" folded: x\nFrom: a\n", None, False),
    ],
)
def test_a_message_is_told_by_its_header(data: bytes, name: str | None, yes: bool) -> None:
    assert is_mail(data, name) is yes


def test_limits_of_mails_inside_archives_hold() -> None:
    raw = mail(attachment(PDF, "a.pdf"))
    for _ in range(6):
        raw = mail(attachment(archive({"a.eml": raw}), "a.zip"))
    found = contents(raw, Limits())
    assert (found.documents, found.findings) == ([], {Finding.ARCHIVE_LIMIT})


def test_a_document_knows_its_hash_once() -> None:
    (document,) = contents(mail(attachment(PDF, "a.pdf"))).documents
    again = dataclasses.replace(document, name="b")
    assert again.content_hash == document.content_hash


def test_armour_without_an_end_is_no_signature_and_costs_no_time() -> None:
    """Half a million opening lines were half a million searches to the end of the file."""
    assert classify(b"-----BEGIN CMS-----\n" * 500_000, "a.p7m").kind is Kind.OTHER


def test_an_armoured_signature_is_a_document() -> None:
    armoured = b"-----BEGIN CMS-----\n" + base64.encodebytes(ATTACHED) + b"-----END CMS-----\n"
    assert classify(armoured, "a.p7m").kind is Kind.CMS
