# mypy: allow-untyped-calls
"""Form values, field locks and certifications after signing."""

from unittest import mock

import pytest
from pyhanko.pdf_utils.incremental_writer import IncrementalPdfFileWriter
from pyhanko.sign.fields import (
    FieldMDPAction,
    FieldMDPSpec,
    MDPPerm,
    SigFieldSpec,
    append_signature_field,
)
from pyhanko.sign.signers.pdf_signer import PdfSigner

from monitor.model import Integrity, Overall
from tests.verify import making as make
from tests.verify.pdf_bytes import (
    Update,
    body,
    number_of,
)
from tests.verify.pdf_updates import EVIL, SEAL, page_with_form, refused, verdict


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
    data = make.sign_pdf(page_with_form(), certify=level)
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
    data = make.sign_pdf(page_with_form(), certify=level)
    changed = body(data, 41).replace(old, new)
    assert changed != body(data, 41)
    found = verdict(Update({41: changed, 60: EVIL}).on(data))
    assert found.overall in {Overall.INVALID, Overall.INDETERMINATE}
    if level is not MDPPerm.FILL_FORMS:
        assert found.overall is Overall.INVALID


def test_a_field_that_goes_is_never_valid() -> None:
    data = make.sign_pdf(page_with_form())
    form = number_of(data, "/AcroForm")
    gone = body(data, form).replace(b"41 0 R", b"")
    assert gone != body(data, form)
    assert refused(Update({form: gone}).on(data))


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


def _two_prepared(lock: FieldMDPSpec | None = None) -> bytes:
    def prepare(writer: IncrementalPdfFileWriter) -> None:
        append_signature_field(writer, SigFieldSpec("A", box=(10, 10, 90, 40), field_mdp_spec=lock))
        append_signature_field(writer, SigFieldSpec("B", box=(10, 50, 90, 80)))

    return make.sign_pdf(make.update(make.page(), prepare), field="A")


@pytest.mark.parametrize(("locked", "expected"), [("B", Overall.INVALID), ("C", Overall.VALID)])
def test_a_prepared_field_is_signed_unless_an_earlier_signature_locks_it(
    locked: str, expected: Overall
) -> None:
    data = _two_prepared(FieldMDPSpec(FieldMDPAction.INCLUDE, [locked]))
    with mock.patch.object(PdfSigner, "_enforce_certification_constraints"):
        assert verdict(make.sign_pdf(data, make.agency(), field="B")).overall is expected


def test_a_prepared_field_gets_its_signature_and_its_picture_alone() -> None:
    data = _two_prepared()
    old = number_of(data, "/AcroForm", "/Fields", 1)
    signed = make.sign_pdf(data, make.agency(), field="B")
    assert verdict(signed).overall is Overall.VALID
    drawn = body(data, old).replace(b"/T (B)", b"/T (B) /AP <</N 60 0 R>>")
    assert drawn != body(data, old)
    for change in (drawn, drawn.replace(b"/AP", b"/V 61 0 R /AP")):
        objects = {old: change, 60: SEAL, 61: b"<</Type /Sig /Filter /Adobe.PPKLite>>"}
        assert verdict(Update(objects).on(data)).overall is Overall.INVALID
    moved = body(signed, old).replace(b"/T (B)", b"/T (B) /MK <</BG [1]>>")
    assert refused(Update({old: moved}).on(signed))
