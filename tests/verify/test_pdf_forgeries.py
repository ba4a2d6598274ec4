# mypy: allow-untyped-calls
"""Forged and destroyed PDF signatures: wrapping, universal forgery, remnants of optimisers."""

import asyncio
import io
import re
from hashlib import sha256

import pytest
from pyhanko.pdf_utils import generic
from pyhanko.pdf_utils.incremental_writer import IncrementalPdfFileWriter
from pyhanko.pdf_utils.reader import PdfFileReader
from pyhanko.pdf_utils.writer import copy_into_new_writer
from pyhanko.sign import signers
from pyhanko.sign.fields import SigFieldSpec, append_signature_field

from monitor.model import Finding, Integrity, Overall, Verdict
from monitor.verify.judge import Judge
from tests.verify import making as make

_JUDGE = Judge(make.material())


def verdict(data: bytes) -> Verdict:
    return _JUDGE.judge(data, "a.pdf", make.moment()).verdict


def _byte_range(data: bytes) -> re.Match[bytes]:
    found = re.search(rb"/ByteRange ?\[([^\]]*)\]", data)
    assert found is not None
    return found


def _with_range(data: bytes, text: bytes) -> bytes:
    """The file with another /ByteRange entry of the same length."""
    found = _byte_range(data)
    assert len(text) <= len(found[0])
    return data[: found.start()] + text.ljust(len(found[0])) + data[found.end() :]


def _numbers(data: bytes) -> list[int]:
    return [int(n) for n in _byte_range(data)[1].split()]


@pytest.mark.parametrize(
    "text",
    [
        b"",
        b"/ByteRange []",
        b"/ByteRange null",
        b"/ByteRange [0 0 0 0]",
        b"/ByteRange [0 10 10 0]",
        b"/ByteRange [0 -1 -1 -1]",
        b"/ByteRange [-1 -1 -1 -1]",
        b"/ByteRange [0 1 2 3]",
        b"/ByteRange [1 2 3 4]",
        b"/ByteRange [0 9999999999 1 1]",
        b"/ByteRange (0 1 2 3)",
        b"/ByteRange [0 1]",
        b"/ByteRange 5 0 R",
    ],
)
def test_universal_forgery_by_an_absurd_byte_range_is_never_valid(text: bytes) -> None:
    found = verdict(_with_range(make.signed_page(), text))
    assert found.overall in {Overall.INVALID, Overall.UNREADABLE}


@pytest.mark.parametrize("contents", [b"", b"<>", b"<00>", b"null", b"()", b"<3000>", b"<zz>"])
def test_universal_forgery_by_empty_contents_is_never_valid(contents: bytes) -> None:
    data = make.signed_page()
    start = data.index(b"/Contents <") + 10
    stop = data.index(b">", start) + 1
    forged = data[:start] + contents.ljust(stop - start) + data[stop:]
    assert verdict(forged).overall is not Overall.VALID
    renamed = data.replace(b"/Contents <", b"/Kontents <")
    assert verdict(renamed).overall is not Overall.VALID


def test_a_gap_wider_than_the_contents_hides_an_object_and_is_never_valid() -> None:
    """Signature wrapping: the second range moves on and leaves room for foreign objects."""
    data = make.signed_page()
    _, first, second, rest = _numbers(data)
    padding = b"\n9 0 obj\n<<>>\nendobj\n".ljust(500)
    moved = data[:second] + padding + data[second:]
    text = b"/ByteRange [0 %d %d %d]" % (first, second + len(padding), rest)
    found = verdict(_with_range(moved, text))
    assert (found.overall, found.integrity) == (Overall.INVALID, Integrity.MODIFIED)


def test_a_decoy_range_beside_the_real_one_is_never_valid() -> None:
    data = make.signed_page()
    old = b"/ByteRange [0 %d %d %d]" % tuple(_numbers(data)[1:])
    tail = b"\n80 0 obj\n<</Type /Sig " + old + b" /Contents <00>>>\nendobj\n"
    assert verdict(data + tail).overall is not Overall.VALID


def test_rewritten_by_an_optimiser_is_destroyed_not_unsigned() -> None:
    reader = PdfFileReader(io.BytesIO(make.sign_pdf(make.page(), visible=True)))
    out = io.BytesIO()
    copy_into_new_writer(reader).write(out)
    found = verdict(out.getvalue())
    assert (found.overall, found.integrity) == (Overall.INVALID, Integrity.DESTROYED)
    assert Finding.REMNANT_DESTROYED in found.findings


def test_a_signature_whose_form_was_removed_is_destroyed_not_unsigned() -> None:
    def forget(writer: IncrementalPdfFileWriter) -> None:
        del writer.root["/AcroForm"]
        writer.update_root()

    found = verdict(make.update(make.signed_page(), forget))
    assert (found.overall, found.integrity) == (Overall.INVALID, Integrity.DESTROYED)


def test_a_field_whose_signature_was_removed_is_not_unsigned() -> None:
    def forget(writer: IncrementalPdfFileWriter) -> None:
        field = writer.root["/AcroForm"]["/Fields"][0]
        del field["/V"]
        writer.update_container(field)

    assert verdict(make.update(make.signed_page(), forget)).overall is Overall.INVALID


def test_a_signature_dictionary_that_cannot_be_read_is_not_an_empty_field() -> None:
    twice = make.sign_pdf(make.signed_page(), make.agency())
    start = twice.rindex(b"/ByteRange [0 ")
    for spoilt in (b"/ByteRange [0!", b"/ByteRange <<0", b"/ByteRange {0 "):
        damaged = twice[:start] + spoilt + twice[start + 14 :]
        assert verdict(damaged).overall is Overall.INVALID


def test_a_replaced_signature_dictionary_is_never_valid() -> None:
    def replace(writer: IncrementalPdfFileWriter) -> None:
        signature = writer.root["/AcroForm"]["/Fields"][0]["/V"]
        signature[generic.pdf_name("/Name")] = generic.pdf_string("Chu tich")
        writer.update_container(signature)

    assert verdict(make.update(make.signed_page(), replace)).overall is not Overall.VALID


def test_a_truncated_file_is_destroyed() -> None:
    data = make.signed_page()
    found = verdict(data[: len(data) - 200])
    assert (found.overall, found.integrity) == (Overall.INVALID, Integrity.DESTROYED)


@pytest.mark.parametrize("kind", ["/DocTimeStamp", "/Sig"])
def test_a_drawing_passed_off_as_a_document_timestamp_is_never_valid(kind: str) -> None:
    """A time-stamp does not count as a signature; what its visible field draws would be free."""

    def draw(writer: IncrementalPdfFileWriter) -> None:
        append_signature_field(writer, SigFieldSpec("Stamp", box=(10, 10, 190, 190)))
        field = writer.root["/AcroForm"]["/Fields"][-1]
        seal = generic.StreamObject(stream_data=b"0 0 180 180 re f")
        field[generic.pdf_name("/AP")] = generic.DictionaryObject(
            {generic.pdf_name("/N"): writer.add_object(seal)}
        )
        value = generic.DictionaryObject({
            generic.pdf_name("/Type"): generic.pdf_name(kind),
            generic.pdf_name("/SubFilter"): generic.pdf_name("/ETSI.RFC3161"),
            generic.pdf_name("/Contents"): generic.ByteStringObject(b"\x30\x03\x02\x01\x00"),
            generic.pdf_name("/ByteRange"): generic.ArrayObject(
                map(generic.NumberObject, (0, 10, 20, 10))
            ),
        })  # fmt: skip
        field[generic.pdf_name("/V")] = writer.add_object(value)
        writer.update_container(field)

    assert verdict(make.update(make.signed_page(), draw)).overall is Overall.INVALID


def test_a_visible_timestamp_by_a_stranger_is_never_valid() -> None:
    forged = make.issue(make.name("TSA"), own_key=make.key(2048), usage=make.usages(sign=True))

    def reserve(writer: IncrementalPdfFileWriter) -> None:
        append_signature_field(writer, SigFieldSpec("Stamp", box=(10, 10, 190, 190)))
        field = writer.root["/AcroForm"]["/Fields"][-1]
        seal = generic.StreamObject(stream_data=b"0 0 180 180 re f")
        field[generic.pdf_name("/AP")] = generic.DictionaryObject(
            {generic.pdf_name("/N"): writer.add_object(seal)}
        )
        writer.update_container(field)

    drawn = make.update(make.signed_page(), reserve)
    stamper = signers.PdfTimeStamper(make.timestamper(forged), field_name="Stamp")
    out = stamper.timestamp_pdf(IncrementalPdfFileWriter(io.BytesIO(drawn)), "sha256")
    assert verdict(bytes(out.getvalue())).overall is Overall.INVALID


def test_an_embedded_signed_file_does_not_sign_the_one_around_it() -> None:
    inner = make.signed_page()

    def embed(writer: IncrementalPdfFileWriter) -> None:
        stream = generic.StreamObject(stream_data=inner)
        stream[generic.pdf_name("/Type")] = generic.pdf_name("/EmbeddedFile")
        writer.root[generic.pdf_name("/Kept")] = writer.add_object(stream)
        writer.update_root()

    outer = make.update(make.page(), embed)
    assert verdict(outer).overall is Overall.UNSIGNED
    assert verdict(make.sign_pdf(outer)).overall is Overall.VALID


def test_a_plain_file_is_unsigned() -> None:
    found = verdict(make.page())
    assert (found.overall, found.integrity, found.findings) == (
        Overall.UNSIGNED, Integrity.NONE, (),
    )  # fmt: skip


@pytest.mark.parametrize(
    "data",
    [
        b"%PDF-1.7\n",
        b"%PDF-1.7\n%%EOF",
        b"%PDF-1.7\nstartxref\n0\n%%EOF",
        b"%PDF-1.7\n/ByteRange [0 1 2 3]",
        b"%PDF-1.7\ntrailer<</Root 1 0 R>>\nstartxref\n9\n%%EOF",
        (
            b"%PDF-1.7\n1 0 obj<</Pages 1 0 R/Kids[1 0 R]>>endobj\nxref\n0 2\n0000000000 65535 f \n"
            b"0000000009 00000 n \ntrailer<</Size 2/Root 1 0 R>>\nstartxref\n58\n%%EOF"
        ),
    ],
)
def test_broken_files_never_crash_and_are_never_valid(data: bytes) -> None:
    assert verdict(data).overall in {Overall.UNREADABLE, Overall.INVALID, Overall.UNSIGNED}


def test_every_truncation_of_a_signed_file_has_an_answer() -> None:
    data = make.signed_page()
    for length in range(8, len(data), 701):
        assert verdict(data[:length]).overall is not Overall.VALID


def _with_cms(data: bytes, cms: bytes) -> bytes:
    """The file with another CMS in its /Contents."""
    start = data.index(b"/Contents <") + 11
    stop = data.index(b">", start)
    return data[:start] + cms.hex().encode().ljust(stop - start, b"0") + data[stop:]


def test_a_cms_that_signs_something_else_is_never_valid() -> None:
    """A signed mail, a time-stamp token or another file's signature in the place of this one's."""
    data = make.signed_page()
    start = data.index(b"/Contents <") + 11
    covered = data[: start - 1] + data[data.index(b">", start) + 1 :]
    assert verdict(_with_cms(data, make.cms(covered))).overall is Overall.VALID
    token = asyncio.run(make.timestamper().async_timestamp(sha256(covered).digest(), "sha256"))
    strange = {
        "attached": make.cms(b"Content-Type: text/plain\r\n\r\nA", attached=True),
        "attached, empty": make.cms(b"", attached=True),
        "detached": make.cms(b"other"),
        "token": token.dump(),
        "stranger": make.cms(covered, make.stranger()),
    }
    for name, cms in strange.items():
        assert verdict(_with_cms(data, cms)).overall is not Overall.VALID, name


def test_octets_behind_the_cms_in_its_gap_change_nothing_a_reader_sees() -> None:
    data = make.signed_page()
    stop = data.index(b">", data.index(b"/Contents <"))
    assert verdict(data[: stop - 8] + b"41424344" + data[stop:]).overall in {
        Overall.VALID, Overall.INDETERMINATE,
    }  # fmt: skip


@pytest.mark.parametrize("gap", [b"(%s)", b"<%s", b"[<%s>]", b" %s "])
def test_contents_that_are_no_hexadecimal_string_are_never_valid(gap: bytes) -> None:
    data = make.signed_page()
    start = data.index(b"/Contents <") + 10
    stop = data.index(b">", start) + 1
    forged = (gap % data[start + 1 : stop - 3]).ljust(stop - start)
    assert verdict(data[:start] + forged[: stop - start] + data[stop:]).overall is not Overall.VALID
