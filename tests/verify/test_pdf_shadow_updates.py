# mypy: allow-untyped-calls
"""Shadow attacks: what is shown or done by a signed PDF may not change (Mainka et al. 2021)."""

import re

import pytest
from pyhanko.sign.fields import (
    MDPPerm,
)

from monitor.model import Overall
from tests.verify import making as make
from tests.verify.pdf_bytes import (
    Update,
    body,
    number_of,
    root,
    with_entry,
)
from tests.verify.pdf_updates import EVIL, METADATA, XMP, page_number, refused, verdict

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
    data = make.signed_page()
    page = page_number(data)
    changed = body(data, page).replace(old, new)
    assert changed != body(data, page)
    assert refused(Update({page: changed, 60: EVIL}).on(data))


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
    assert refused(Update({3: EVIL}).on(signed))


def test_metadata_may_not_be_what_a_page_draws() -> None:
    """An object that claims to be metadata is replaced, and a page draws it."""
    plain = make.page()
    page = body(plain, 4).replace(b"/Contents 3 0 R", b"/Contents [3 0 R 40 0 R]")
    catalog = with_entry(body(plain, root(plain)), b"/Metadata 40 0 R")
    objects = {4: page, root(plain): catalog, 40: METADATA % (len(XMP), XMP)}
    signed = make.sign_pdf(Update(objects).on(plain))
    other = XMP + b" 0 0 9 9 re f"
    kept = number_of(signed, "/Metadata")
    assert verdict(Update({kept: METADATA % (len(other), other)}).on(signed)).overall not in {
        Overall.VALID, Overall.UNSIGNED,
    }  # fmt: skip
    assert refused(Update({40: METADATA % (len(XMP), XMP)}).on(signed))
