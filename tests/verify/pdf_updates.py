# mypy: allow-untyped-calls
"""Updates that tests of signed PDF files share."""

import re

from monitor.model import Finding, Integrity, Overall, Verdict
from monitor.verify.judge import Judge
from tests.verify import making as make
from tests.verify.pdf_bytes import (
    Update,
    body,
    number_of,
    root,
    size_of,
    with_entry,
)

_JUDGE = Judge(make.material())
XMP = b"""<x:xmpmeta xmlns:x='adobe:ns:meta/'><rdf:RDF
 xmlns:rdf='http://www.w3.org/1999/02/22-rdf-syntax-ns#'/></x:xmpmeta>"""
METADATA = b"<</Type /Metadata /Subtype /XML /Length %d>>\nstream\n%s\nendstream"
SEAL = b"<</Subtype /Form /BBox [0 0 9 9] /Length 10>>\nstream\n0 0 9 9 re\nendstream"
EVIL = b"<</Length 20>>\nstream\n0 0 200 200 re f    \nendstream"


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


def page_number(data: bytes) -> int:
    return number_of(data, "/Pages", "/Kids", 0)


def field_number(data: bytes) -> int:
    return number_of(data, "/AcroForm", "/Fields", 0)


def with_annotation(data: bytes, annotation: bytes, *more: bytes, listed: bool = True) -> bytes:
    """A new object on the page, and in the form where `listed`."""
    page, form, new = page_number(data), number_of(data, "/AcroForm"), size_of(data)
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


def harmless(**parts: object) -> Update:
    """An update that adds an object nobody refers to."""
    return Update({90: b"<</Nothing 1>>"}, **parts)  # type: ignore[arg-type]  # fields by name


def page_with_form() -> bytes:
    """A page with a text field whose picture shows what its value says."""
    plain = make.page()
    catalog = with_entry(body(plain, root(plain)), b"/AcroForm 40 0 R")
    page = with_entry(body(plain, 4), b"/Annots [41 0 R]")
    return Update({
        root(plain): catalog, 4: page,
        40: b"<</Fields [41 0 R] /DA (/F1 9 Tf) /DR <</Font <</F1 43 0 R>>>>>>",
        41: (b"<</FT /Tx /T (Gia) /V (100) /Type /Annot /Subtype /Widget /Rect [0 0 90 20] "
             b"/AP <</N 42 0 R>>>>"),
        42: SEAL, 43: b"<</Type /Font /Subtype /Type1 /BaseFont /Helvetica>>",
    }).on(plain)  # fmt: skip
