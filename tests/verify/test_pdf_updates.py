# mypy: allow-untyped-calls
"""What is appended to a signed PDF: forgeries of every published family, and honest updates.

Families: incremental saving, shadow, evil annotation and sneaky signature attacks, and updates
that one reader sees differently from another (pdf-insecurity.org; Mladenov et al. 2019, Mainka et
al. 2021, Rohlmann et al. 2021).
"""

import io
import re
from unittest import mock

import pytest
from pyhanko.pdf_utils.incremental_writer import IncrementalPdfFileWriter
from pyhanko.pdf_utils.reader import PdfFileReader
from pyhanko.pdf_utils.writer import copy_into_new_writer
from pyhanko.sign.fields import (
    FieldMDPAction,
    FieldMDPSpec,
    MDPPerm,
    SigFieldSpec,
    append_signature_field,
)
from pyhanko.sign.signers import PdfTimeStamper
from pyhanko.sign.signers.pdf_signer import PdfSigner

from monitor.model import Coverage, Finding, Integrity, Overall, Verdict
from monitor.verify.judge import Judge
from tests.verify import making as make
from tests.verify.pdf_bytes import (
    Update,
    body,
    cross_reference_stream,
    last_table,
    number_of,
    packed,
    root,
    size_of,
    with_entry,
)

_JUDGE = Judge(make.material())
_XMP = b"""<x:xmpmeta xmlns:x='adobe:ns:meta/'><rdf:RDF
 xmlns:rdf='http://www.w3.org/1999/02/22-rdf-syntax-ns#'/></x:xmpmeta>"""
_METADATA = b"<</Type /Metadata /Subtype /XML /Length %d>>\nstream\n%s\nendstream"
_SEAL = b"<</Subtype /Form /BBox [0 0 9 9] /Length 10>>\nstream\n0 0 9 9 re\nendstream"
_EVIL = b"<</Length 20>>\nstream\n0 0 200 200 re f    \nendstream"


def verdict(data: bytes) -> Verdict:
    return _JUDGE.judge(data, "a.pdf", make.moment()).verdict


def refused(data: bytes) -> bool:
    """Invalid, as modified, with the reason said."""
    found = verdict(data)
    return (
        found.overall is Overall.INVALID
        and found.integrity is Integrity.MODIFIED
        and Finding.CHANGED_AFTER_SIGNING in found.findings
    )


def _signed() -> bytes:
    return make.signed_page()


def _page(data: bytes) -> int:
    return number_of(data, "/Pages", "/Kids", 0)


def _field(data: bytes) -> int:
    return number_of(data, "/AcroForm", "/Fields", 0)


def _with_annotation(data: bytes, annotation: bytes, *more: bytes, listed: bool = True) -> bytes:
    """A new object on the page, and in the form where `listed`."""
    page, form, new = _page(data), number_of(data, "/AcroForm"), size_of(data)
    annotation = annotation.replace(b"60 0 R", b"%d 0 R" % (new + 1))
    objects = {
        page: re.sub(rb"/Annots \[", b"/Annots [ %d 0 R " % new, body(data, page)),
        new: annotation,
    }
    if listed:
        fields = re.sub(rb"/Fields \[(.*?)\]", rb"/Fields [\1 %d 0 R]" % new, body(data, form))
        objects[form] = fields
    objects |= {new + at: text for at, text in enumerate(more, 1)}
    return Update(objects).on(data)


# -- incremental saving ---------------------------------------------------------------------------


def _page_object(data: bytes) -> bytes:
    """The page drawn anew, as an object."""
    number = _page(data)
    return b"%d 0 obj\n%s\nendobj\n" % (number, body(data, number).replace(b"3 0 R", b"60 0 R"))


@pytest.mark.parametrize(
    "tail",
    [
        b"",
        b"trailer\n<</Root 1 0 R /Size 70>>\n",
        b"trailer\n<</Root 1 0 R /Size 70>>\nstartxref\n0\n%%EOF\n",
        b"xref\n0 0\ntrailer\n<</Root 1 0 R /Size 70>>\nstartxref\n99999\n%%EOF\n",
        b"xref\ntrailer\n<</Root 1 0 R /Size 70>>\n%%EOF",
        b"startxref\n%%EOF",
        b"startxref\n478\n%%EOF\n",
        b"%%EOF",
        b"%",
    ],
)
@pytest.mark.parametrize("glue", [b"", b"\n", b"%", b"\r%%EOF\r", b"\n%\xff\n"])
def test_pages_appended_without_a_sound_section_are_never_valid(glue: bytes, tail: bytes) -> None:
    data = _signed()
    assert verdict(data + glue + _page_object(data) + tail).overall is not Overall.VALID


def test_a_section_that_repeats_the_last_one_around_new_objects_is_never_valid() -> None:
    data = _signed()
    table = last_table(data)
    repeated = data[table:]
    assert verdict(data + _page_object(data) + repeated).overall is not Overall.VALID


def test_a_copy_of_the_signature_in_the_update_is_never_valid() -> None:
    data = _signed()
    signature = number_of(data, "/AcroForm", "/Fields", 0, "/V")
    page = _page(data)
    objects = {page: body(data, page).replace(b"3 0 R", b"60 0 R"), 60: _EVIL}
    copied = objects | {signature: body(data, signature)}
    assert refused(Update(copied).on(data))
    moved = objects | {70: body(data, signature), _field(data): body(data, _field(data)).replace(
        b"/V %d 0 R" % signature, b"/V 70 0 R")}  # fmt: skip
    assert refused(Update(moved).on(data))


def test_a_second_file_behind_the_signed_one_is_never_valid() -> None:
    data = _signed()
    assert verdict(data + make.page("Gia mao")).overall is not Overall.VALID
    assert verdict(make.page("Gia mao") + data).overall is not Overall.VALID
    assert verdict(data + data).overall is not Overall.VALID


# -- what one reader sees and another does not ----------------------------------------------------


def _harmless(**parts: object) -> Update:
    """An update that adds an object nobody refers to."""
    return Update({90: b"<</Nothing 1>>"}, **parts)  # type: ignore[arg-type]  # fields by name


def test_an_update_that_adds_an_object_nobody_refers_to_is_harmless() -> None:
    assert verdict(_harmless().on(_signed())).overall is Overall.VALID


@pytest.mark.parametrize("place", ["before", "between", "behind"])
@pytest.mark.parametrize(
    "hidden",
    [
        b"4 0 obj\n<</Type /Page /Contents 90 0 R>>\nendobj\n",
        b"4 %x\n0 %y\nobj\n<</Type /Page>>\nendobj\n",
        b"0004 00 obj<</Type/Page>>endobj\n",
        b"4 70000 obj\n<</Type /Page>>\nendobj\n",
        b"trailer\n<</Root 90 0 R>>\n",
        b"xref\n0 0\n",
        b"startxref\n17\n%%EOF\n",
    ],
)
def test_structure_that_no_section_names_is_never_valid(hidden: bytes, place: str) -> None:
    """A reader that repairs files would show it."""
    assert refused(_harmless(**{place: hidden}).on(_signed()))


def test_an_object_inside_a_stream_of_the_update_is_never_valid() -> None:
    inside = b"<</Length 36>>\nstream\n\n4 0 obj\n<</Type /Page>>\nendobj\n\nendstream"
    assert refused(Update({90: inside}).on(_signed()))


def test_an_object_named_twice_in_one_section_is_never_valid() -> None:
    """One reader takes the first entry, another the last."""
    data = _signed()
    page = _page(data)
    hidden = b"%d 0 obj\n<</Type /Page /Contents 90 0 R>>\nendobj\n" % page
    twice = b"%d 1\n%010d 00000 n \n%d 1\n%010d 00000 n \n" % (
        page, len(data) + 1, page, data.rindex(b"\n%d 0 obj" % page) + 1,
    )  # fmt: skip
    assert refused(_harmless(before=hidden, entries=twice).on(data))


def test_a_key_named_twice_is_never_valid() -> None:
    data = _signed()
    page, new = _page(data), size_of(data)
    text = body(data, page)
    for again in (b"/Contents 60 0 R", b"/Cont#65nts 60 0 R"):
        assert refused(Update({page: with_entry(text, again), 60: _EVIL}).on(data))
    field = b"<</FT /Sig /T (A) /T (B) /Type /Annot /Subtype /Widget /Rect [0 0 0 0]>>"
    assert refused(_with_annotation(data, field))
    assert refused(_harmless(trailer=b" /Root %d 0 R" % new).on(data))


def test_a_later_catalog_prepared_in_the_signed_bytes_is_never_valid() -> None:
    """Shadow attack: the signed file hides another catalog; an update switches to it."""
    plain = make.page()
    hidden = {
        40: b"<</Type /Catalog /Pages 41 0 R>>",
        41: b"<</Type /Pages /Count 1 /Kids [42 0 R]>>",
        42: b"<</Type /Page /MediaBox [0 0 200 200] /Parent 41 0 R /Contents 43 0 R>>",
        43: _EVIL,
    }
    signed = make.sign_pdf(Update(hidden).on(plain))
    assert verdict(signed).overall is Overall.VALID
    assert verdict(_harmless(root=b"40 0 R").on(signed)).overall is Overall.INVALID
    switched = {root(signed): body(signed, root(signed)).replace(b"/Pages 2 0 R", b"/Pages 41 0 R")}
    assert refused(Update(switched).on(signed))


def test_a_hidden_object_that_an_entry_makes_the_current_one_is_never_valid() -> None:
    """Shadow attack: both texts are in the signed bytes; the update is a table alone."""
    other = b"3 0 obj\n<</Length 4>>\nstream\nq Q \nendstream\nendobj\n"
    signed = make.sign_pdf(Update({40: b"<<>>"}, before=other).on(make.page()))
    entry = b"3 1\n%010d 00000 n \n" % signed.index(other)
    assert refused(_harmless(entries=entry).on(signed))


def test_an_object_that_an_update_frees_is_never_valid() -> None:
    """Shadow attack: what covered the prepared text is taken away."""
    assert refused(_harmless(entries=b"3 1\n0000000000 00001 f \n").on(_signed()))


@pytest.mark.parametrize("generation", [1, 65535])
def test_an_object_number_of_another_generation_is_never_valid(generation: int) -> None:
    assert refused(Update({3: _EVIL}, generation=generation).on(_signed()))


def test_an_entry_that_waits_in_the_signed_bytes_for_its_object_is_never_valid() -> None:
    """The signed table names a place behind the end of the file, which an update fills."""
    plain = make.page()
    page = body(plain, 4).replace(b"/Contents 3 0 R", b"/Contents [3 0 R 30 0 R]")
    waiting = b"30 1\n%010d 00000 n \n"
    length = len(make.sign_pdf(Update({4: page, 40: b"<<>>"}, entries=waiting % 0).on(plain)))
    prepared = Update({4: page, 40: b"<<>>"}, entries=waiting % (length + 20)).on(plain)
    signed = make.sign_pdf(prepared)
    assert abs(len(signed) - length) < 20
    late = b" " * 60 + b"30 0 obj\n%s\nendobj\n" % _EVIL
    assert refused(_harmless(before=late).on(signed))


def test_a_stream_that_reaches_out_of_the_signed_bytes_is_never_valid() -> None:
    """Its /Length ends in the update, so what a page draws grows after signing."""
    plain = make.page()
    for entry in (b"/Length 99999", b"/L#65ngth 99999", b"/Length 50 0 R"):
        text = b"<<%s>>\nstream\nBT ET\nendstream" % entry
        objects = {50: b"99999", 3: text}
        signed = make.sign_pdf(Update(objects).on(plain))
        assert refused(_harmless().on(signed)), entry


def test_a_reference_of_the_signed_bytes_that_an_update_fills_is_never_valid() -> None:
    for spelling in (b"60 0 R", b"060 0 R", b"60 %c\n0 R", b"60\0000 R"):
        page = body(make.page(), 4).replace(b"/Contents 3 0 R", b"/Contents 30 0 R")
        listed = {4: page, 30: b"[3 0 R %s]" % spelling}
        signed = make.sign_pdf(Update(listed).on(make.page()))
        assert verdict(Update({60: _EVIL}).on(signed)).overall is not Overall.VALID, spelling


def test_objects_packed_into_an_object_stream_are_judged_like_others() -> None:
    data = _signed()
    page = _page(data)
    assert verdict(packed(data, {90: b"<</Nothing 1>>"})).overall is Overall.VALID
    evil = body(data, page).replace(b"3 0 R", b"60 0 R")
    assert refused(packed(data, {page: evil}))
    assert refused(packed(data, {90: b"<</Nothing 1 /Nothing 2>>"}))


def test_an_object_stream_that_an_earlier_section_waits_for_is_never_valid() -> None:
    """The signed section says that an object is in a stream which only an update brings."""
    plain = make.page()
    page = body(plain, 4).replace(b"/Contents 3 0 R", b"/Contents [3 0 R 30 0 R]")
    prepared = Update({4: page}).on(plain)
    rows = [(30, 2, 70, 0), (31, 1, len(prepared), 0)]
    prepared += cross_reference_stream(prepared, 31, rows, len(prepared))
    signed = make.sign_pdf(prepared)
    assert verdict(signed).overall is Overall.VALID
    filled = packed(signed, {30: b"[ 4 0 R ]"}, stream=70, reuse=True)
    assert refused(filled)


def test_an_object_stream_may_not_be_replaced() -> None:
    plain = packed(make.page(), {40: b"<</Was 1>>"}, stream=50)
    signed = make.sign_pdf(plain)
    assert refused(packed(signed, {40: b"<</Was 2>>"}, stream=50, reuse=True))
    assert refused(packed(signed, {40: b"<</Was 2>>"}))


def test_a_field_lock_that_permits_nothing_is_kept() -> None:
    def lock(writer: IncrementalPdfFileWriter) -> None:
        spec = FieldMDPSpec(FieldMDPAction.INCLUDE, ["Khac"])
        nothing = MDPPerm.NO_CHANGES
        append_signature_field(
            writer, SigFieldSpec("A", field_mdp_spec=spec, doc_mdp_update_value=nothing)
        )

    data = make.sign_pdf(make.update(make.page(), lock), field="A")
    assert verdict(data).overall is Overall.VALID
    assert refused(_harmless_field(data))


def _harmless_field(data: bytes) -> bytes:
    """One more signature, by somebody who may sign."""
    with mock.patch.object(PdfSigner, "_enforce_certification_constraints"):
        return make.sign_pdf(data, make.agency())


def test_what_a_certification_or_a_lock_forbids_stays_forbidden_for_the_next_signer() -> None:
    def lock(writer: IncrementalPdfFileWriter) -> None:
        every = FieldMDPSpec(FieldMDPAction.ALL)
        append_signature_field(writer, SigFieldSpec("A", field_mdp_spec=every))

    locked = make.sign_pdf(make.update(make.page(), lock), field="A")
    certified = make.sign_pdf(make.page(), certify=MDPPerm.NO_CHANGES)
    for data in (locked, certified):
        assert verdict(data).overall is Overall.VALID
        found = verdict(_harmless_field(data))
        assert found.overall is Overall.INVALID
        assert found.signatures[0].integrity is Integrity.MODIFIED
        assert found.signatures[1].integrity is Integrity.INTACT


# -- shadow attacks on what is shown --------------------------------------------------------------


_CATALOG = [
    b"/OpenAction <</S /JavaScript /JS (app.alert\\(1\\))>>",
    b"/OpenAction <</S /Launch /F (calc.exe)>>",
    b"/AA <</WC <</S /JavaScript /JS (x)>>>>",
    b"/Names <</EmbeddedFiles <</Names []>>>>",
    b"/Names <</JavaScript <</Names [(a) <</S /JavaScript /JS (x)>>]>>>>",
    b"/OCProperties <</OCGs [] /D <</BaseState /OFF>>>>",
    b"/StructTreeRoot <</Type /StructTreeRoot>>",
    b"/Outlines <</Type /Outlines>>",
    b"/ViewerPreferences <</HideToolbar true>>",
    b"/PageMode /FullScreen",
    b"/URI <</Base (http://x)>>",
    b"/Collection <</View /T>>",
    b"/Perms <<>>",
]


@pytest.mark.parametrize("entry", _CATALOG)
@pytest.mark.parametrize("level", [None, MDPPerm.NO_CHANGES, MDPPerm.FILL_FORMS, MDPPerm.ANNOTATE])
def test_nothing_that_acts_comes_into_the_catalog(entry: bytes, level: MDPPerm | None) -> None:
    data = make.sign_pdf(make.page(), certify=level)
    changed = with_entry(body(data, root(data)), entry)
    assert refused(Update({root(data): changed}).on(data))


def test_an_indirect_entry_of_the_catalog_may_not_be_overridden() -> None:
    """Layers that are switched later, actions that are replaced later."""
    plain = make.page()
    for entry, before, after in (
        (b"/OCProperties 40 0 R", b"<</D <</ON [41 0 R]>>>>", b"<</D <</OFF [41 0 R]>>>>"),
        (b"/OpenAction 40 0 R", b"<</S /GoTo /D [4 0 R /Fit]>>", b"<</S /JavaScript /JS (x)>>"),
        (b"/Names 40 0 R", b"<<>>", b"<</EmbeddedFiles <</Names []>>>>"),
    ):
        prepared = Update({root(plain): with_entry(body(plain, root(plain)), entry), 40: before,
                           41: b"<</Type /OCG /Name (a)>>"}).on(plain)  # fmt: skip
        signed = make.sign_pdf(prepared)
        assert verdict(signed).overall is Overall.VALID
        assert refused(Update({40: after}).on(signed))


@pytest.mark.parametrize(
    ("old", "new"),
    [
        (b"/Contents 3 0 R", b"/Contents 60 0 R"),
        (b"/Contents 3 0 R", b"/Contents [3 0 R 60 0 R]"),
        (b"/BaseFont /Helvetica", b"/BaseFont /Symbol"),
        (b"/MediaBox [ 0 0 200 200 ]", b"/MediaBox [ 0 0 100 100 ]"),
        (b"/Parent", b"/Rotate 180 /Parent"),
        (b"/Parent", b"/CropBox [0 0 9 9] /Parent"),
        (b"/Parent", b"/AA <</O <</S /JavaScript /JS (x)>>>> /Parent"),
        (b"/Parent", b"/Group <</S /Transparency>> /Parent"),
        (b"/Parent", b"/UserUnit 2 /Parent"),
        (b"/Annots [ 8 0 R ]", b""),
        (b"/Annots [ 8 0 R ]", b"/Annots [ ]"),
        (b"/Annots [ 8 0 R ]", b"/Annots [ 8 0 R 60 0 R ]"),
        (b"/Annots [ 8 0 R ]", b"/Annots [ 8 0 R <</Subtype /Stamp /Rect [0 0 9 9]>> ]"),
    ],
)
def test_a_page_may_not_be_drawn_anew(old: bytes, new: bytes) -> None:
    data = _signed()
    page = _page(data)
    changed = body(data, page).replace(old, new)
    assert changed != body(data, page)
    assert refused(Update({page: changed, 60: _EVIL}).on(data))


def test_pages_may_neither_go_nor_come_nor_change_places() -> None:
    data = make.sign_pdf(make.page(pages=3))
    pages = number_of(data, "/Pages")
    text = body(data, pages)
    kids = re.findall(rb"\d+ 0 R", re.search(rb"/Kids \[(.*?)\]", text)[1])  # type: ignore[index]
    for order in ([0, 1], [2, 1, 0], [0, 0, 1, 2]):
        listed = b"/Kids [ %s ]" % b" ".join(kids[at] for at in order)
        changed = re.sub(rb"/Kids \[.*?\]", listed, text)
        changed = changed.replace(b"/Count 3", b"/Count %d" % len(order))
        assert refused(Update({pages: changed}).on(data))


def test_streams_that_a_page_uses_may_not_be_replaced() -> None:
    plain = make.page()
    image = (
        b"<</Type /XObject /Subtype /Image /Width 1 /Height 1 /Length 3>>\nstream\nabc\nendstream"
    )
    page = body(plain, 4).replace(b"/Font <<", b"/XObject <</I 40 0 R>> /Font <<")
    signed = make.sign_pdf(Update({4: page, 40: image}).on(plain))
    assert refused(Update({40: image.replace(b"abc", b"xyz")}).on(signed))
    assert refused(Update({3: _EVIL}).on(signed))


def test_metadata_may_not_be_what_a_page_draws() -> None:
    """An object that claims to be metadata is replaced, and a page draws it."""
    plain = make.page()
    page = body(plain, 4).replace(b"/Contents 3 0 R", b"/Contents [3 0 R 40 0 R]")
    catalog = with_entry(body(plain, root(plain)), b"/Metadata 40 0 R")
    objects = {4: page, root(plain): catalog, 40: _METADATA % (len(_XMP), _XMP)}
    signed = make.sign_pdf(Update(objects).on(plain))
    other = _XMP + b" 0 0 9 9 re f"
    kept = number_of(signed, "/Metadata")
    assert verdict(Update({kept: _METADATA % (len(other), other)}).on(signed)).overall not in {
        Overall.VALID, Overall.UNSIGNED,
    }  # fmt: skip
    assert refused(Update({40: _METADATA % (len(_XMP), _XMP)}).on(signed))


# -- evil annotations and sneaky signatures -------------------------------------------------------


_WIDGET = b"<</FT /Sig /T (Moi) /Type /Annot /Subtype /Widget /P 4 0 R /F 4 "


@pytest.mark.parametrize("level", [None, MDPPerm.FILL_FORMS, MDPPerm.ANNOTATE])
@pytest.mark.parametrize(
    "annotation",
    [
        b"<</Type /Annot /Subtype /FreeText /Rect [0 0 99 99] /Contents (Gia mao) /DA (/F1 9 Tf)>>",
        b"<</Type /Annot /Subtype /Stamp /Rect [0 0 99 99] /AP <</N 60 0 R>>>>",
        b"<</Type /Annot /Subtype /Redact /Rect [0 0 99 99] /OverlayText (x)>>",
        b"<</Type /Annot /Subtype /Link /Rect [0 0 99 99] /A <</S /URI /URI (http://x)>>>>",
        b"<</Type /Annot /Subtype /FileAttachment /Rect [0 0 9 9] /FS <</F (a)>>>>",
        b"<</FT /Tx /T (Moi) /Type /Annot /Subtype /Widget /Rect [0 0 99 99] /V (Gia mao)>>",
        b"<</FT /Btn /T (Moi) /Type /Annot /Subtype /Widget /Rect [0 0 9 9] /MK <</BG [1]>>>>",
        _WIDGET + b"/Rect [0 0 99 99] /AP <</N 60 0 R>>>>",
        _WIDGET + b"/Rect [0 0 99 99] /MK <</BG [1 1 1]>>>>",
        _WIDGET + b"/Rect [0 0 0 0] /AA <</PO <</S /JavaScript /JS (x)>>>>>>",
        _WIDGET + b"/Rect [0 0 0 0] /A <</S /JavaScript /JS (x)>>>>",
        _WIDGET.replace(b"/Widget", b"/FreeText") + b"/Rect [0 0 99 99] /Contents (Gia mao)>>",
        _WIDGET.replace(b"/Widget", b"/Stamp") + b"/Rect [0 0 99 99] /Name /Approved>>",
    ],
)
@pytest.mark.parametrize("listed", [True, False])
def test_no_annotation_comes_after_signing(
    annotation: bytes, listed: bool, level: MDPPerm | None
) -> None:
    data = make.sign_pdf(make.page(), certify=level)
    found = verdict(_with_annotation(data, annotation, _SEAL, listed=listed))
    assert (found.overall, found.integrity) == (Overall.INVALID, Integrity.MODIFIED)


def test_a_second_field_may_not_show_the_same_signature_elsewhere() -> None:
    """Sneaky signature: the drawing of a new field borrows a signature that is already there."""
    data = make.sign_pdf(make.page(), visible=True)
    signature = number_of(data, "/AcroForm", "/Fields", 0, "/V")
    field = _WIDGET + b"/Rect [0 0 99 99] /V %d 0 R /AP <</N 60 0 R>>>>" % signature
    assert refused(_with_annotation(data, field, _SEAL))


def test_a_field_of_the_same_name_may_not_come() -> None:
    data = make.sign_pdf(make.page(), field="Chu ky")
    for kind in (b"/Sig", b"/Tx"):
        field = b"<</FT %s /T (Chu ky) /Type /Annot /Subtype /Widget /Rect [0 0 9 9]>>" % kind
        assert refused(_with_annotation(data, field))


def test_the_picture_of_a_signature_may_not_be_replaced() -> None:
    data = make.sign_pdf(make.page(), visible=True)
    picture = number_of(data, "/AcroForm", "/Fields", 0, "/AP", "/N")
    assert refused(Update({picture: _EVIL}).on(data))
    field = _field(data)
    moved = re.sub(rb"/Rect \[.*?\]", b"/Rect [ 0 0 200 200 ]", body(data, field))
    assert refused(Update({field: moved}).on(data))
    other = re.sub(rb"/N \d+ 0 R", b"/N 80 0 R", body(data, field))
    assert refused(Update({field: other, 80: _EVIL}).on(data))
    hidden = re.sub(rb"/F \d+", b"/F 2", body(data, field))
    assert refused(Update({field: hidden}).on(data))


def test_a_stranger_with_a_signature_over_the_page_makes_nothing_valid() -> None:
    for level in (None, MDPPerm.FILL_FORMS, MDPPerm.ANNOTATE):
        data = make.sign_pdf(make.page(), certify=level)
        found = verdict(make.sign_pdf(data, make.stranger(), visible=True))
        assert found.overall is not Overall.VALID


# -- forms ----------------------------------------------------------------------------------------


def _form() -> bytes:
    """A page with a text field whose picture shows what its value says."""
    plain = make.page()
    catalog = with_entry(body(plain, root(plain)), b"/AcroForm 40 0 R")
    page = with_entry(body(plain, 4), b"/Annots [41 0 R]")
    return Update({
        root(plain): catalog, 4: page,
        40: b"<</Fields [41 0 R] /DA (/F1 9 Tf) /DR <</Font <</F1 43 0 R>>>>>>",
        41: (b"<</FT /Tx /T (Gia) /V (100) /Type /Annot /Subtype /Widget /Rect [0 0 90 20] "
             b"/AP <</N 42 0 R>>>>"),
        42: _SEAL, 43: b"<</Type /Font /Subtype /Type1 /BaseFont /Helvetica>>",
    }).on(plain)  # fmt: skip


@pytest.mark.parametrize(
    ("old", "new"),
    [
        (b"/SigFlags 3", b"/SigFlags 3 /NeedAppearances true"),
        (b"/DA (\\057F1 9 Tf)", b"/DA (/Symbol 9 Tf)"),
        (b"43 0 R", b"60 0 R"),
        (b"/SigFlags 3", b"/SigFlags 3 /XFA (x)"),
    ],
)
@pytest.mark.parametrize("level", [None, MDPPerm.FILL_FORMS])
def test_values_may_not_be_drawn_anew(old: bytes, new: bytes, level: MDPPerm | None) -> None:
    data = make.sign_pdf(_form(), certify=level)
    form = number_of(data, "/AcroForm")
    text = body(data, form)
    assert old in text, text
    font = b"<</Type /Font /Subtype /Type1 /BaseFont /Symbol>>"
    assert verdict(Update({form: text.replace(old, new), 60: font}).on(data)).overall not in {
        Overall.VALID, Overall.UNSIGNED,
    }  # fmt: skip


@pytest.mark.parametrize(
    ("old", "new"),
    [
        (b"/V (100)", b"/V (900)"),
        (b"/AP <</N 42 0 R>>", b"/AP <</N 60 0 R>>"),
        (b"/Rect [0 0 90 20]", b"/Rect [0 0 9 9]"),
        (b"/V (100)", b"/V (100) /F 2"),
        (b"/V (100)", b"/V (100) /AA <</K <</S /JavaScript /JS (x)>>>>"),
        (b"/V (100)", b"/V (100) /MaxLen 1"),
        (b"/FT /Tx", b"/FT /Btn"),
    ],
)
@pytest.mark.parametrize("level", [None, MDPPerm.NO_CHANGES, MDPPerm.FILL_FORMS])
def test_a_field_changed_after_the_last_signature_is_never_valid(
    old: bytes, new: bytes, level: MDPPerm | None
) -> None:
    data = make.sign_pdf(_form(), certify=level)
    changed = body(data, 41).replace(old, new)
    assert changed != body(data, 41)
    found = verdict(Update({41: changed, 60: _EVIL}).on(data))
    assert found.overall in {Overall.INVALID, Overall.INDETERMINATE}
    if level is not MDPPerm.FILL_FORMS:
        assert found.overall is Overall.INVALID


def test_a_field_that_goes_is_never_valid() -> None:
    data = make.sign_pdf(_form())
    form = number_of(data, "/AcroForm")
    gone = body(data, form).replace(b"41 0 R", b"")
    assert gone != body(data, form)
    assert refused(Update({form: gone}).on(data))


# -- what is honest -------------------------------------------------------------------------------


def test_metadata_and_document_information_may_follow() -> None:
    data = _signed()
    info = number_of_info(data)
    text = b"<</Producer (x) /Title (Cong van)>>"
    assert verdict(Update({info: text}).on(data)).overall is Overall.VALID
    catalog = body(data, root(data))
    other = re.sub(rb"/Metadata \d+ 0 R", b"/Metadata 60 0 R", catalog)
    if b"/Metadata" not in catalog:
        other = with_entry(catalog, b"/Metadata 60 0 R")
    update = Update({root(data): other, 60: _METADATA % (len(_XMP), _XMP)})
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
    data = _signed()
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
    page = _page(signed)
    again = re.sub(rb"/MediaBox \[.*?\]", b"/MediaBox [0 0 200 200.0]", body(signed, page))
    assert verdict(Update({page: again}).on(signed)).overall is Overall.VALID
    larger = again.replace(b"200.0]", b"201]")
    assert refused(Update({page: larger}).on(signed))


def test_the_same_object_written_again_changes_nothing() -> None:
    data = _signed()
    again = Update({n: body(data, n) for n in (1, 3, 4)}).on(data)
    assert verdict(again).overall is Overall.VALID


def test_the_clerk_signs_a_form_that_was_filled_in() -> None:
    data = make.sign_pdf(_form())
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
    for data in (_signed(), make.sign_pdf(_signed(), make.agency(), visible=True)):
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
