# mypy: allow-untyped-calls
"""Updates of signed PDF files that one reader sees differently from another, and saved ones.

Incremental saving and the parser's part of shadow attacks (pdf-insecurity.org; Mladenov et al.
2019, Mainka et al. 2021).
"""

import pytest

from monitor.model import Overall
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
from tests.verify.pdf_updates import (
    EVIL,
    field_number,
    harmless,
    page_number,
    refused,
    verdict,
    with_annotation,
)


def _page_object(data: bytes) -> bytes:
    """The page drawn anew, as an object."""
    number = page_number(data)
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
    data = make.signed_page()
    assert verdict(data + glue + _page_object(data) + tail).overall is not Overall.VALID


def test_a_section_that_repeats_the_last_one_around_new_objects_is_never_valid() -> None:
    data = make.signed_page()
    table = last_table(data)
    repeated = data[table:]
    assert verdict(data + _page_object(data) + repeated).overall is not Overall.VALID


def test_a_copy_of_the_signature_in_the_update_is_never_valid() -> None:
    data = make.signed_page()
    signature = number_of(data, "/AcroForm", "/Fields", 0, "/V")
    page = page_number(data)
    objects = {page: body(data, page).replace(b"3 0 R", b"60 0 R"), 60: EVIL}
    copied = objects | {signature: body(data, signature)}
    assert refused(Update(copied).on(data))
    field = field_number(data)
    other = body(data, field).replace(b"/V %d 0 R" % signature, b"/V 70 0 R")
    moved = objects | {70: body(data, signature), field: other}
    assert refused(Update(moved).on(data))


def test_a_second_file_behind_the_signed_one_is_never_valid() -> None:
    data = make.signed_page()
    assert verdict(data + make.page("Gia mao")).overall is not Overall.VALID
    assert verdict(make.page("Gia mao") + data).overall is not Overall.VALID
    assert verdict(data + data).overall is not Overall.VALID


def test_an_update_that_adds_an_object_nobody_refers_to_is_harmless() -> None:
    assert verdict(harmless().on(make.signed_page())).overall is Overall.VALID


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
    assert refused(harmless(**{place: hidden}).on(make.signed_page()))


def test_an_object_inside_a_stream_of_the_update_is_never_valid() -> None:
    inside = b"<</Length 36>>\nstream\n\n4 0 obj\n<</Type /Page>>\nendobj\n\nendstream"
    assert refused(Update({90: inside}).on(make.signed_page()))


def test_an_object_named_twice_in_one_section_is_never_valid() -> None:
    """One reader takes the first entry, another the last."""
    data = make.signed_page()
    page = page_number(data)
    hidden = b"%d 0 obj\n<</Type /Page /Contents 90 0 R>>\nendobj\n" % page
    twice = b"%d 1\n%010d 00000 n \n%d 1\n%010d 00000 n \n" % (
        page, len(data) + 1, page, data.rindex(b"\n%d 0 obj" % page) + 1,
    )  # fmt: skip
    assert refused(harmless(before=hidden, entries=twice).on(data))


def test_a_key_named_twice_is_never_valid() -> None:
    data = make.signed_page()
    page, new = page_number(data), size_of(data)
    text = body(data, page)
    for again in (b"/Contents 60 0 R", b"/Cont#65nts 60 0 R"):
        assert refused(Update({page: with_entry(text, again), 60: EVIL}).on(data))
    field = b"<</FT /Sig /T (A) /T (B) /Type /Annot /Subtype /Widget /Rect [0 0 0 0]>>"
    assert refused(with_annotation(data, field))
    assert refused(harmless(trailer=b" /Root %d 0 R" % new).on(data))


def test_a_later_catalog_prepared_in_the_signed_bytes_is_never_valid() -> None:
    """Shadow attack: the signed file hides another catalog; an update switches to it."""
    plain = make.page()
    hidden = {
        40: b"<</Type /Catalog /Pages 41 0 R>>",
        41: b"<</Type /Pages /Count 1 /Kids [42 0 R]>>",
        42: b"<</Type /Page /MediaBox [0 0 200 200] /Parent 41 0 R /Contents 43 0 R>>",
        43: EVIL,
    }
    signed = make.sign_pdf(Update(hidden).on(plain))
    assert verdict(signed).overall is Overall.VALID
    assert verdict(harmless(root=b"40 0 R").on(signed)).overall is Overall.INVALID
    switched = {root(signed): body(signed, root(signed)).replace(b"/Pages 2 0 R", b"/Pages 41 0 R")}
    assert refused(Update(switched).on(signed))


def test_a_hidden_object_that_an_entry_makes_the_current_one_is_never_valid() -> None:
    """Shadow attack: both texts are in the signed bytes; the update is a table alone."""
    other = b"3 0 obj\n<</Length 4>>\nstream\nq Q \nendstream\nendobj\n"
    signed = make.sign_pdf(Update({40: b"<<>>"}, before=other).on(make.page()))
    entry = b"3 1\n%010d 00000 n \n" % signed.index(other)
    assert refused(harmless(entries=entry).on(signed))


def test_an_object_that_an_update_frees_is_never_valid() -> None:
    """Shadow attack: what covered the prepared text is taken away."""
    assert refused(harmless(entries=b"3 1\n0000000000 00001 f \n").on(make.signed_page()))


@pytest.mark.parametrize("generation", [1, 65535])
def test_an_object_number_of_another_generation_is_never_valid(generation: int) -> None:
    assert refused(Update({3: EVIL}, generation=generation).on(make.signed_page()))


def test_an_entry_that_waits_in_the_signed_bytes_for_its_object_is_never_valid() -> None:
    """The signed table names a place behind the end of the file, which an update fills."""
    plain = make.page()
    page = body(plain, 4).replace(b"/Contents 3 0 R", b"/Contents [3 0 R 30 0 R]")
    waiting = b"30 1\n%010d 00000 n \n"
    length = len(make.sign_pdf(Update({4: page, 40: b"<<>>"}, entries=waiting % 0).on(plain)))
    prepared = Update({4: page, 40: b"<<>>"}, entries=waiting % (length + 20)).on(plain)
    signed = make.sign_pdf(prepared)
    assert abs(len(signed) - length) < 20
    late = b" " * 60 + b"30 0 obj\n%s\nendobj\n" % EVIL
    assert refused(harmless(before=late).on(signed))


def test_a_stream_that_reaches_out_of_the_signed_bytes_is_never_valid() -> None:
    """Its /Length ends in the update, so what a page draws grows after signing."""
    plain = make.page()
    for entry in (b"/Length 99999", b"/L#65ngth 99999", b"/Length 50 0 R"):
        text = b"<<%s>>\nstream\nBT ET\nendstream" % entry
        objects = {50: b"99999", 3: text}
        signed = make.sign_pdf(Update(objects).on(plain))
        assert refused(harmless().on(signed)), entry


def test_a_reference_of_the_signed_bytes_that_an_update_fills_is_never_valid() -> None:
    for spelling in (b"60 0 R", b"060 0 R", b"60 %c\n0 R", b"60\0000 R"):
        page = body(make.page(), 4).replace(b"/Contents 3 0 R", b"/Contents 30 0 R")
        listed = {4: page, 30: b"[3 0 R %s]" % spelling}
        signed = make.sign_pdf(Update(listed).on(make.page()))
        assert verdict(Update({60: EVIL}).on(signed)).overall is not Overall.VALID, spelling


def test_objects_packed_into_an_object_stream_are_judged_like_others() -> None:
    data = make.signed_page()
    page = page_number(data)
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
