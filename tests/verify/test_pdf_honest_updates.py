# mypy: allow-untyped-calls
"""What honest software appends to signed PDF files, and storage adds behind them."""

import io
import re
from unittest import mock

import pytest
from pyhanko.pdf_utils import generic
from pyhanko.pdf_utils.incremental_writer import IncrementalPdfFileWriter
from pyhanko.pdf_utils.reader import PdfFileReader
from pyhanko.pdf_utils.writer import copy_into_new_writer
from pyhanko.sign.fields import (
    MDPPerm,
    SigFieldSpec,
    append_signature_field,
)
from pyhanko.sign.signers import PdfSignatureMetadata, PdfTimeStamper, sign_pdf
from pyhanko.sign.signers.pdf_signer import PdfSigner

from monitor.model import Coverage, Finding, Integrity, Overall
from tests.verify import making as make
from tests.verify.pdf_bytes import (
    Update,
    body,
    cross_reference_stream,
    root,
    size_of,
    with_entry,
)
from tests.verify.pdf_updates import METADATA, XMP, page_number, page_with_form, refused, verdict


def test_metadata_and_document_information_may_follow() -> None:
    data = make.signed_page()
    info = number_of_info(data)
    text = b"<</Producer (x) /Title (Cong van)>>"
    assert verdict(Update({info: text}).on(data)).overall is Overall.VALID
    catalog = body(data, root(data))
    other = re.sub(rb"/Metadata \d+ 0 R", b"/Metadata 60 0 R", catalog)
    if b"/Metadata" not in catalog:
        other = with_entry(catalog, b"/Metadata 60 0 R")
    update = Update({root(data): other, 60: METADATA % (len(XMP), XMP)})
    assert verdict(update.on(data)).overall is Overall.VALID


def number_of_info(data: bytes) -> int:
    return int(re.findall(rb"/Info (\d+) 0 R", data)[-1])


def test_validation_data_may_follow_even_without_changes_permitted() -> None:
    for level in (None, MDPPerm.NO_CHANGES, MDPPerm.FILL_FORMS):
        data = make.sign_pdf(make.page(), certify=level)
        der = make.officer().der
        stream = b"<</Length %d>>\nstream\n%s\nendstream" % (len(der), der)
        catalog = with_entry(body(data, root(data)), b"/DSS 60 0 R")
        update = Update({root(data): catalog, 60: b"<</Certs [61 0 R]>>", 61: stream})
        assert verdict(update.on(data)).overall is Overall.VALID


def test_an_extension_level_may_follow() -> None:
    data = make.signed_page()
    catalog = re.sub(rb"/ExtensionLevel \d+", b"/ExtensionLevel 8", body(data, root(data)))
    assert verdict(Update({root(data): catalog}).on(data)).overall is Overall.VALID


def test_a_file_that_refers_to_what_it_never_defines_can_be_signed_again() -> None:
    plain = make.page()
    catalog = with_entry(body(plain, root(plain)), b"/PageLabels 77 0 R /Names 78 0 R")
    data = make.sign_pdf(Update({root(plain): catalog, 90: b"<<>>"}).on(plain))
    new = size_of(data)
    # left to the general analysis
    marked = with_entry(body(data, root(data)), b"/MarkInfo %d 0 R" % new)
    later = Update({root(data): marked, new: b"<<>>", new + 1: b"[79 0 R]"}).on(data)
    assert verdict(later).overall is Overall.VALID


def test_numbers_that_software_writes_otherwise_are_the_same() -> None:
    """Libraries write `200.00001` as `200.0` or `200` when they write a page again."""
    plain = make.page()
    exact = body(plain, 4).replace(b"[ 0 0 200 200 ]", b"[ 0 0.0 200.00001 200 ]")
    signed = make.sign_pdf(Update({4: exact}).on(plain))
    page = page_number(signed)
    again = re.sub(rb"/MediaBox \[.*?\]", b"/MediaBox [0 0 200 200.0]", body(signed, page))
    assert verdict(Update({page: again}).on(signed)).overall is Overall.VALID
    larger = again.replace(b"200.0]", b"201]")
    assert refused(Update({page: larger}).on(signed))


def test_the_same_object_written_again_changes_nothing() -> None:
    data = make.signed_page()
    again = Update({n: body(data, n) for n in (1, 3, 4)}).on(data)
    assert verdict(again).overall is Overall.VALID


@pytest.mark.parametrize("freed", [0, 4])
def test_a_section_may_free_a_number_that_was_never_used(freed: int) -> None:
    """So iText 5 writes the number of its own cross-reference stream."""
    data = make.signed_page() + b"\n"
    size = size_of(data)
    added = b"%d 0 obj\n<</A 1>>\nendobj\n" % size
    rows = [(freed, 0, 0, 1)] if freed else []
    rows += [(size, 1, len(data), 0), (size + 1, 0, 0, 65535)]
    place = len(data) + len(added)
    found = verdict(data + added + cross_reference_stream(data, size + 1, rows, place))
    assert found.overall is (Overall.INVALID if freed else Overall.VALID)


def test_a_certified_form_without_changes_takes_a_time_stamp_and_its_validation_data() -> None:
    data = make.sign_pdf(page_with_form(), certify=MDPPerm.NO_CHANGES)
    writer = IncrementalPdfFileWriter(io.BytesIO(data))
    stamped = PdfTimeStamper(make.timestamper()).timestamp_pdf(writer, "sha256").getvalue()
    assert verdict(bytes(stamped)).overall is Overall.VALID


@pytest.mark.parametrize("stamped", [False, True])
def test_a_broken_time_stamp_of_the_document_leaves_open_what_has_no_other(stamped: bool) -> None:
    stamp = make.timestamper() if stamped else None
    data = Update({60: b"<</A 1>>"}).on(make.sign_pdf(make.page(), stamp=stamp))
    writer = IncrementalPdfFileWriter(io.BytesIO(data))
    data = bytes(PdfTimeStamper(make.timestamper()).timestamp_pdf(writer, "sha256").getvalue())
    assert verdict(data).overall is Overall.VALID
    found = verdict(data.replace(b"<</A 1>>", b"<</A 2>>"))
    assert found.overall is (Overall.VALID if stamped else Overall.INDETERMINATE)
    assert found.integrity is Integrity.INTACT
    assert Finding.TIMESTAMP_INVALID in found.findings


def test_the_clerk_signs_a_form_that_was_filled_in() -> None:
    data = make.sign_pdf(page_with_form())
    filled = Update({41: body(data, 41).replace(b"(100)", b"(900)")}).on(data)
    assert verdict(make.sign_pdf(filled, make.agency())).overall is Overall.VALID


def test_six_signatures_with_time_stamps_and_validation_data_are_all_valid() -> None:
    data = make.page()
    for at in range(6):
        signer = make.agency() if at % 2 else make.officer()
        data = make.sign_pdf(data, signer, visible=True, stamp=make.timestamper())
    stamper = PdfTimeStamper(make.timestamper())
    for _ in range(2):
        writer = IncrementalPdfFileWriter(io.BytesIO(data))
        data = bytes(stamper.timestamp_pdf(writer, "sha256").getvalue())
    found = verdict(data)
    assert found.overall is Overall.VALID
    assert len(found.signatures) == 8


def test_fields_prepared_before_the_first_signature_are_signed_one_by_one() -> None:
    def prepare(writer: IncrementalPdfFileWriter) -> None:
        for name in "AB":
            append_signature_field(writer, SigFieldSpec(name, box=(10, 10, 90, 40)))

    for level in (None, MDPPerm.FILL_FORMS):
        data = make.sign_pdf(make.update(make.page(), prepare), field="A", certify=level)
        assert verdict(data).overall is Overall.VALID
        assert verdict(make.sign_pdf(data, make.agency(), field="B")).overall is Overall.VALID


def test_signatures_in_files_of_cross_reference_streams_and_encrypted_ones_are_valid() -> None:
    writer = copy_into_new_writer(PdfFileReader(io.BytesIO(make.page())))
    writer.stream_xrefs = True
    out = io.BytesIO()
    writer.write(out)
    data = make.sign_pdf(make.sign_pdf(out.getvalue(), visible=True), make.agency(), visible=True)
    assert verdict(data).overall is Overall.VALID


@pytest.mark.parametrize("tail", [b"\n", b"\r\n\r\n", b"\0" * 3000, b"\n%%EOF\n", b"%%EOF"])
def test_what_storage_adds_behind_a_file_changes_nothing(tail: bytes) -> None:
    for data in (
        make.signed_page(),
        make.sign_pdf(make.signed_page(), make.agency(), visible=True),
    ):
        found = verdict(data + tail)
        assert found.overall is Overall.VALID
        assert found.signatures[-1].coverage is Coverage.WHOLE


@pytest.mark.parametrize("spoil", ["ByteRange", "Contents", "rewritten"])
def test_a_signature_over_the_remains_of_another_does_not_hide_them(spoil: str) -> None:
    """What the reader is shown are two signatures, of which one is destroyed."""
    data = make.sign_pdf(make.page(), visible=True)
    if spoil == "ByteRange":
        data = data.replace(b"/ByteRange", b"/Xyteraxge")
    elif spoil == "Contents":
        data = re.sub(rb"<[0-9A-Fa-f]{999,}>", lambda m: b"<00>".ljust(len(m[0])), data)
    else:
        out = io.BytesIO()
        copy_into_new_writer(PdfFileReader(io.BytesIO(data))).write(out)
        data = out.getvalue()
    found = verdict(make.sign_pdf(data, make.agency()))
    assert found.overall is Overall.INVALID


def test_an_encrypted_file_is_signed_again_and_its_pages_may_not_change() -> None:
    data = _encrypted()
    for name in ("A", "B", "C"):
        data = _signed_encrypted(data, name)
    assert verdict(data).overall is Overall.VALID

    again = IncrementalPdfFileWriter(io.BytesIO(data), strict=False)
    again.encrypt("")
    page = again.root["/Pages"]["/Kids"][0]
    page[generic.pdf_name("/Rotate")] = generic.NumberObject(180)
    again.update_container(page)
    turned = io.BytesIO()
    again.write(turned)
    assert refused(turned.getvalue())


@pytest.mark.parametrize("box", [None, (10, 10, 90, 40)])
@pytest.mark.parametrize("level", [MDPPerm.FILL_FORMS, MDPPerm.NO_CHANGES])
def test_the_certification_of_an_encrypted_file_means_what_it_says(
    level: MDPPerm, box: tuple[int, int, int, int] | None
) -> None:
    data = _signed_encrypted(_encrypted(), "A", level)
    assert verdict(data).overall is Overall.VALID
    with mock.patch.object(PdfSigner, "_enforce_certification_constraints"):
        found = verdict(_signed_encrypted(data, "B", box=box))
    if level is MDPPerm.NO_CHANGES:
        assert found.overall is Overall.INVALID
    else:
        assert found.overall is Overall.VALID
        assert (Finding.CERTIFIED_SIGNED_LATER in found.findings) == (box is not None)


def _encrypted() -> bytes:
    writer = copy_into_new_writer(PdfFileReader(io.BytesIO(make.page())))
    writer.encrypt(owner_pass="chu", user_pass="")
    out = io.BytesIO()
    writer.write(out)
    return out.getvalue()


def _signed_encrypted(
    data: bytes,
    field: str,
    level: MDPPerm | None = None,
    box: tuple[int, int, int, int] | None = (10, 10, 90, 40),
) -> bytes:
    writer = IncrementalPdfFileWriter(io.BytesIO(data), strict=False)
    writer.encrypt("")
    append_signature_field(writer, SigFieldSpec(field, box=box))
    meta = PdfSignatureMetadata(
        field_name=field,
        md_algorithm="sha256",
        certify=level is not None,
        docmdp_permissions=level or MDPPerm.FILL_FORMS,
    )
    return bytes(sign_pdf(writer, meta, make.signer(make.officer())).getvalue())
