# mypy: allow-untyped-calls
"""PDF signatures as producers make them, and what changes after them mean."""

import io
import random

import pytest
from pyhanko.pdf_utils import generic
from pyhanko.pdf_utils.incremental_writer import IncrementalPdfFileWriter
from pyhanko.pdf_utils.reader import PdfFileReader
from pyhanko.pdf_utils.writer import copy_into_new_writer
from pyhanko.sign.fields import MDPPerm, SigFieldSpec, SigSeedSubFilter, append_signature_field

from monitor.model import (
    Coverage,
    Finding,
    Integrity,
    Overall,
    SignerKind,
    Trust,
    TrustMaterial,
    Verdict,
)
from monitor.verify.judge import Judge
from tests.verify import making as make

_JUDGE = Judge(make.material())
_name = generic.pdf_name


def verdict(data: bytes, material: TrustMaterial | None = None) -> Verdict:
    judge = Judge(material) if material else _JUDGE
    return judge.judge(data, "a.pdf", make.moment()).verdict


# -- what is valid --------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("subfilter", "label"),
    [(SigSeedSubFilter.PADES, "PAdES"), (SigSeedSubFilter.ADOBE_PKCS7_DETACHED, "PKCS7")],
)
def test_a_fresh_signature_covers_the_whole_file(subfilter: SigSeedSubFilter, label: str) -> None:
    found = verdict(make.sign_pdf(make.page(), subfilter=subfilter))
    assert (found.overall, found.integrity, found.trust) == (
        Overall.VALID, Integrity.INTACT, Trust.TRUSTED,
    )  # fmt: skip
    signature = found.signatures[0]
    assert (signature.format, signature.coverage) == (label, Coverage.WHOLE)
    assert signature.signer_organisation == "Sở Thử nghiệm"
    assert signature.signer_emails == ("ky@so.example",)


def test_the_pair_of_a_person_and_an_agency_is_told_apart() -> None:
    data = make.sign_pdf(make.signed_page(), make.agency(), visible=True)
    found = verdict(data)
    assert found.overall is Overall.VALID
    assert [s.signer_kind for s in found.signatures] == [
        SignerKind.PERSON, SignerKind.ORGANISATION,
    ]  # fmt: skip
    assert [s.coverage for s in found.signatures] == [Coverage.REVISION, Coverage.WHOLE]
    assert found.signatures[1].signer_uid == "MNS:1057059"


def test_five_signatures_one_after_another_are_all_valid() -> None:
    data = make.page()
    for _ in range(5):
        data = make.sign_pdf(data, visible=True)
    found = verdict(data)
    assert found.overall is Overall.VALID
    assert len(found.signatures) == 5


def test_certified_then_signed_is_valid_with_its_own_finding() -> None:
    certified = make.sign_pdf(make.page(), certify=MDPPerm.FILL_FORMS)
    found = verdict(make.sign_pdf(certified, make.agency(), visible=True))
    assert found.overall is Overall.VALID
    assert Finding.CERTIFIED_SIGNED_LATER in found.findings


def test_blanks_after_the_end_change_nothing() -> None:
    assert verdict(make.signed_page() + b"\r\n\r\n").overall is Overall.VALID


def test_a_broken_cross_reference_table_does_not_matter_when_all_bytes_are_signed() -> None:
    hybrid = make.page().replace(b"startxref", b"startxref ", 1)
    found = verdict(make.sign_pdf(hybrid))
    assert found.integrity is Integrity.INTACT


def test_an_empty_password_opens_an_encrypted_file() -> None:
    writer = copy_into_new_writer(PdfFileReader(io.BytesIO(make.page())))
    writer.encrypt("owner", "")
    out = io.BytesIO()
    writer.write(out)
    signed = _sign_encrypted(out.getvalue())
    assert verdict(signed).overall is Overall.VALID


def _sign_encrypted(data: bytes) -> bytes:
    from pyhanko.sign import signers

    writer = IncrementalPdfFileWriter(io.BytesIO(data))
    writer.encrypt("")
    meta = signers.PdfSignatureMetadata(field_name="Sig1", md_algorithm="sha256")
    return bytes(signers.sign_pdf(writer, meta, make.signer(make.officer())).getvalue())


def test_a_password_makes_a_file_unreadable_not_invalid() -> None:
    writer = copy_into_new_writer(PdfFileReader(io.BytesIO(make.page())))
    writer.encrypt("owner", "user")
    out = io.BytesIO()
    writer.write(out)
    found = verdict(out.getvalue())
    assert (found.overall, found.findings) == (Overall.UNREADABLE, (Finding.ENCRYPTED,))


# -- tampering ------------------------------------------------------------------------------------


@pytest.mark.parametrize("seed", range(4))
def test_no_flipped_byte_that_is_covered_leaves_a_file_valid(seed: int) -> None:
    data = make.sign_pdf(make.page(), visible=True) if seed % 2 else make.signed_page()
    chooser = random.Random(seed)
    start = data.index(b"/Contents <") + 10
    gap = range(start, data.index(b">", start) + 1)
    for _ in range(60):
        at = chooser.randrange(len(data))
        while at in gap:
            at = chooser.randrange(len(data))
        changed = bytearray(data)
        changed[at] ^= 1 << chooser.randrange(8)
        assert verdict(bytes(changed)).overall is not Overall.VALID, at


@pytest.mark.parametrize("seed", range(3))
def test_no_flipped_byte_of_an_earlier_revision_leaves_two_signatures_valid(seed: int) -> None:
    data = _twice()
    chooser = random.Random(seed)
    gaps = [(at, data.index(b">", at)) for at in _all(data, b"/Contents <")]
    for _ in range(25):
        at = chooser.randrange(len(data))
        if any(low <= at <= high for low, high in gaps):
            continue
        changed = bytearray(data)
        changed[at] ^= 0x01
        assert verdict(bytes(changed)).overall is not Overall.VALID, at


def _twice() -> bytes:
    return make.sign_pdf(make.signed_page(), make.agency())


def _all(data: bytes, needle: bytes) -> list[int]:
    found, at = [], data.find(needle)
    while at >= 0:
        found.append(at)
        at = data.find(needle, at + 1)
    return found


def test_a_flipped_signature_value_is_invalid() -> None:
    data = bytearray(make.signed_page())
    start = data.index(b"/Contents <") + 11
    length = 4 + int(data[start + 4 : start + 8], 16)
    last = start + 2 * length - 1
    data[last] = ord("1") if data[last] == ord("0") else ord("0")
    found = verdict(bytes(data))
    assert (found.overall, found.integrity) == (Overall.INVALID, Integrity.MODIFIED)


# -- changes after signing ------------------------------------------------------------------------


def _replace_text(writer: IncrementalPdfFileWriter) -> None:
    page = writer.root["/Pages"]["/Kids"][0]
    content = page.raw_get("/Contents").get_object()
    content._data = b"BT /F1 12 Tf 20 100 Td (Gia mao) Tj ET"
    content._encoded_data = None
    writer.mark_update(page.raw_get("/Contents"))


def _new_text(writer: IncrementalPdfFileWriter) -> None:
    body = generic.StreamObject(stream_data=b"BT /F1 12 Tf 20 50 Td (Gia mao) Tj ET")
    page = writer.root["/Pages"]["/Kids"][0]
    page["/Contents"] = generic.ArrayObject([page.raw_get("/Contents"), writer.add_object(body)])
    writer.update_container(page)


def _new_font(writer: IncrementalPdfFileWriter) -> None:
    page = writer.root["/Pages"]["/Kids"][0]
    page["/Resources"]["/Font"]["/F1"][_name("/BaseFont")] = _name("/Symbol")
    writer.update_container(page)


def _stamp_annotation(writer: IncrementalPdfFileWriter) -> None:
    annotation = generic.DictionaryObject({
        _name("/Type"): _name("/Annot"), _name("/Subtype"): _name("/FreeText"),
        _name("/Rect"): generic.ArrayObject(map(generic.NumberObject, (10, 10, 90, 90))),
        _name("/Contents"): generic.pdf_string("Gia mao"),
    })  # fmt: skip
    page = writer.root["/Pages"]["/Kids"][0]
    page[_name("/Annots")] = generic.ArrayObject([writer.add_object(annotation)])
    writer.update_container(page)


def _open_action(writer: IncrementalPdfFileWriter) -> None:
    action = generic.DictionaryObject({
        _name("/S"): _name("/JavaScript"), _name("/JS"): generic.pdf_string("app.alert(1)")
    })  # fmt: skip
    writer.root[_name("/OpenAction")] = action
    writer.update_root()


def _drawn_field(writer: IncrementalPdfFileWriter) -> None:
    append_signature_field(writer, SigFieldSpec("Fake", box=(10, 10, 190, 190)))
    field = writer.root["/AcroForm"]["/Fields"][-1]
    form = generic.StreamObject(
        {
            _name("/Type"): _name("/XObject"), _name("/Subtype"): _name("/Form"),
            _name("/BBox"): generic.ArrayObject(map(generic.NumberObject, (0, 0, 180, 180))),
        },
        stream_data=b"0 0 180 180 re f",
    )  # fmt: skip
    field[_name("/AP")] = generic.DictionaryObject({_name("/N"): writer.add_object(form)})
    writer.update_container(field)


_CHANGES = [
    _replace_text, _new_text, _new_font, _stamp_annotation, _open_action, _drawn_field,
]  # fmt: skip


@pytest.mark.parametrize("change", _CHANGES)
@pytest.mark.parametrize(
    "certified", [None, MDPPerm.NO_CHANGES, MDPPerm.FILL_FORMS, MDPPerm.ANNOTATE]
)
def test_what_is_drawn_after_signing_is_modified(
    change: make.Change, certified: MDPPerm | None
) -> None:
    data = make.sign_pdf(make.page(), certify=certified)
    found = verdict(make.update(data, change))
    assert (found.overall, found.integrity) == (Overall.INVALID, Integrity.MODIFIED)
    assert Finding.CHANGED_AFTER_SIGNING in found.findings


@pytest.mark.parametrize("change", _CHANGES)
def test_a_later_signature_does_not_heal_an_earlier_one(change: make.Change) -> None:
    changed = make.update(make.signed_page(), change)
    found = verdict(make.sign_pdf(changed, make.agency()))
    if change is not _drawn_field:  # what a later signer drew and signed is that signer's
        assert found.overall is Overall.INVALID
    assert found.signatures[-1].integrity is Integrity.INTACT


def _with_form(writer: IncrementalPdfFileWriter) -> None:
    field = generic.DictionaryObject({
        _name("/FT"): _name("/Tx"), _name("/T"): generic.pdf_string("Gia"),
        _name("/Type"): _name("/Annot"), _name("/Subtype"): _name("/Widget"),
        _name("/V"): generic.pdf_string("100"),
        _name("/Rect"): generic.ArrayObject(map(generic.NumberObject, (10, 10, 90, 30))),
    })  # fmt: skip
    reference = writer.add_object(field)
    writer.root[_name("/AcroForm")] = writer.add_object(
        generic.DictionaryObject({_name("/Fields"): generic.ArrayObject([reference])})
    )
    writer.update_root()
    page = writer.root["/Pages"]["/Kids"][0]
    page[_name("/Annots")] = generic.ArrayObject([reference])
    writer.update_container(page)


def _fill(writer: IncrementalPdfFileWriter) -> None:
    field = writer.root["/AcroForm"]["/Fields"][0]
    field[_name("/V")] = generic.pdf_string("900")
    writer.update_container(field)


@pytest.mark.parametrize(
    ("certified", "overall"),
    [
        (None, Overall.INVALID),
        (MDPPerm.NO_CHANGES, Overall.INVALID),
        (MDPPerm.FILL_FORMS, Overall.INDETERMINATE),
    ],
)
def test_a_value_filled_in_after_the_last_signature_is_never_valid(
    certified: MDPPerm | None, overall: Overall
) -> None:
    data = make.sign_pdf(make.update(make.page(), _with_form), certify=certified)
    assert verdict(data).overall is Overall.VALID
    assert verdict(make.update(data, _fill)).overall is overall


def test_a_value_filled_in_and_signed_by_the_next_signer_is_valid() -> None:
    data = make.sign_pdf(make.update(make.page(), _with_form))
    found = verdict(make.sign_pdf(make.update(data, _fill), make.agency()))
    assert found.overall is Overall.VALID


def test_a_stranger_who_signs_on_a_certified_document_modifies_it() -> None:
    certified = make.sign_pdf(make.page(), certify=MDPPerm.FILL_FORMS)
    found = verdict(make.sign_pdf(certified, make.stranger(), visible=True))
    assert found.overall is Overall.INVALID


def test_a_stranger_who_signs_beside_an_officer_is_never_valid() -> None:
    found = verdict(make.sign_pdf(make.signed_page(), make.stranger(), visible=True))
    assert (found.overall, found.cause) == (Overall.INDETERMINATE, "signer")


def test_an_object_that_fills_a_dangling_reference_is_modified() -> None:
    prepared = make.update(make.page(), _dangle)
    signed = make.sign_pdf(prepared)
    assert verdict(signed).overall is Overall.VALID
    number = int(prepared[prepared.rindex(b"/Marker ") + 8 :].split()[0])
    body = b"%d 0 obj\n<</Length 20>>\nstream\n0 0 200 200 re f    \nendstream\nendobj\n" % number
    found = verdict(_append_object(signed, number, body))
    assert found.overall is not Overall.VALID


def _dangle(writer: IncrementalPdfFileWriter) -> None:
    """A page whose contents name an object that does not exist yet, far beyond the table."""
    page = writer.root["/Pages"]["/Kids"][0]
    future = 60
    page["/Contents"] = generic.ArrayObject(
        [page.raw_get("/Contents"), generic.IndirectObject(future, 0, writer)]
    )
    page[_name("/Marker")] = generic.NumberObject(future)
    writer.update_container(page)


def _append_object(data: bytes, number: int, body: bytes) -> bytes:
    """One object more, with a classic cross-reference section of its own."""
    previous = int(data[data.rindex(b"startxref") + 9 :].split()[0])
    root = PdfFileReader(io.BytesIO(data), strict=False).root_ref
    at = len(data) + 1
    table = len(data) + 1 + len(body)
    return (
        data
        + b"\n"
        + body
        + (
            f"xref\n{number} 1\n{at:010d} 00000 n \ntrailer\n<</Size {number + 1} /Prev {previous}"
            f" /Root {root.idnum} 0 R>>\nstartxref\n{table}\n%%EOF\n"
        ).encode()
    )


def test_an_object_nobody_refers_to_is_harmless_and_noted() -> None:
    data = make.signed_page()
    body = b"90 0 obj\n<</Nothing 1>>\nendobj\n"
    found = verdict(_append_object(data, 90, body))
    assert found.overall is Overall.VALID
    assert Finding.SIGNED_THEN_EXTENDED in found.findings


@pytest.mark.parametrize(
    "tail",
    [
        b"\n4 0 obj\n<</Length 5>>\nstream\nhello\nendstream\nendobj\n",
        b"\n4 0 obj\n<<>>\nendobj\ntrailer\n<</Root 1 0 R>>\n%%EOF\n",
        b"\nxref\n0 0\ntrailer\n<<>>\nstartxref\n0\n%%EOF\n",
    ],
)
def test_objects_appended_without_a_sound_section_are_never_valid(tail: bytes) -> None:
    assert verdict(make.signed_page() + tail).overall is not Overall.VALID
