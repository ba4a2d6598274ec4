# mypy: allow-untyped-calls
"""Annotations and fields that come after signing: evil annotation and sneaky signature attacks.

(Rohlmann et al., "Breaking the Specification: PDF Certification", 2021.)
"""

import re

import pytest
from pyhanko.sign.fields import (
    MDPPerm,
)

from monitor.model import Integrity, Overall
from tests.verify import making as make
from tests.verify.pdf_bytes import (
    Update,
    body,
    number_of,
    with_entry,
)
from tests.verify.pdf_updates import (
    EVIL,
    SEAL,
    field_number,
    page_number,
    refused,
    verdict,
    with_annotation,
)

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
    found = verdict(with_annotation(data, annotation, SEAL, listed=listed))
    assert (found.overall, found.integrity) == (Overall.INVALID, Integrity.MODIFIED)


def test_a_second_field_may_not_show_the_same_signature_elsewhere() -> None:
    """Sneaky signature: the drawing of a new field borrows a signature that is already there."""
    data = make.sign_pdf(make.page(), visible=True)
    signature = number_of(data, "/AcroForm", "/Fields", 0, "/V")
    field = _WIDGET + b"/Rect [0 0 99 99] /V %d 0 R /AP <</N 60 0 R>>>>" % signature
    assert refused(with_annotation(data, field, SEAL))


def test_a_field_of_the_same_name_may_not_come() -> None:
    data = make.sign_pdf(make.page(), field="Chu ky")
    for kind in (b"/Sig", b"/Tx"):
        field = b"<</FT %s /T (Chu ky) /Type /Annot /Subtype /Widget /Rect [0 0 9 9]>>" % kind
        assert refused(with_annotation(data, field))


def test_the_picture_of_a_signature_may_not_be_replaced() -> None:
    data = make.sign_pdf(make.page(), visible=True)
    picture = number_of(data, "/AcroForm", "/Fields", 0, "/AP", "/N")
    assert refused(Update({picture: EVIL}).on(data))
    field = field_number(data)
    moved = re.sub(rb"/Rect \[.*?\]", b"/Rect [ 0 0 200 200 ]", body(data, field))
    assert refused(Update({field: moved}).on(data))
    other = re.sub(rb"/N \d+ 0 R", b"/N 80 0 R", body(data, field))
    assert refused(Update({field: other, 80: EVIL}).on(data))
    hidden = re.sub(rb"/F \d+", b"/F 2", body(data, field))
    assert refused(Update({field: hidden}).on(data))


def test_a_stranger_with_a_signature_over_the_page_makes_nothing_valid() -> None:
    for level in (None, MDPPerm.FILL_FORMS, MDPPerm.ANNOTATE):
        data = make.sign_pdf(make.page(), certify=level)
        found = verdict(make.sign_pdf(data, make.stranger(), visible=True))
        assert found.overall is not Overall.VALID


@pytest.mark.parametrize(
    "annotation",
    [
        b"<</Type /Annot /Subtype /Text /Rect [0 0 20 20] /Contents (Da xem)>>",
        b"<</Type /Annot /Subtype /Text /Rect [0 0 0 0] /Contents (Da xem)>>",
        b"<</Type /Annot /Subtype /Popup /Rect [0 0 99 99] /Open true>>",
        b"<</Type /Annot /Subtype /Highlight /Rect [0 0 99 9] /QuadPoints [0 9 99 9 0 0 99 0]>>",
        b"<</Type /Annot /Subtype /StrikeOut /Rect [0 0 99 9] /QuadPoints [0 9 99 9 0 0 99 0]>>",
        b"<</Type /Annot /Subtype /Ink /Rect [0 0 99 99] /InkList [[0 0 99 99]]>>",
        b"<</Type /Annot /Subtype /Caret /Rect [0 0 9 9] /Contents (khong)>>",
        b"<</Type /Annot /Subtype /Link /Rect [0 0 9 9] /Dest [4 0 R /Fit]>>",
    ],
)
def test_a_comment_after_a_certification_that_permits_comments_is_refused_and_said(
    annotation: bytes,
) -> None:
    """No kind is harmless: each can be drawn by a picture of its own, or alters what is read."""
    data = make.sign_pdf(make.page(), certify=MDPPerm.ANNOTATE)
    assert verdict(data).overall is Overall.VALID
    assert refused(with_annotation(data, annotation, SEAL, listed=False))


def test_a_comment_that_was_there_may_neither_change_nor_go() -> None:
    plain = make.page()
    note = b"<</Type /Annot /Subtype /Text /Rect [0 0 20 20] /Contents (Dong y)>>"
    page = with_entry(body(plain, 4), b"/Annots [40 0 R]")
    data = make.sign_pdf(Update({4: page, 40: note}).on(plain), certify=MDPPerm.ANNOTATE)
    assert verdict(data).overall is Overall.VALID
    assert refused(Update({40: note.replace(b"Dong y", b"Khong dong y")}).on(data))
    assert refused(Update({40: b"null"}).on(data))
    page_now = body(data, page_number(data))
    assert refused(Update({page_number(data): page_now.replace(b"40 0 R", b"")}).on(data))
