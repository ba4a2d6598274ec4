"""What is opened in the signed bytes and closed in an update: a reader shows what came later."""

import re

import pytest

from monitor.model import Finding, Integrity, Overall
from monitor.verify.judge import Judge
from monitor.verify.pdf_open_ends import open_ends
from tests.verify import making as make
from tests.verify.pdf_bytes import Update, body

_JUDGE = Judge(make.material())
_OPEN = {
    "string": (b"(BT ET", b") 0 0 200 200 re f"),
    "string with parentheses": (b"(a (b) \\) (c", b") 0 0 200 200 re f"),
    "string in a dictionary": (b"<</A [(x) (y]>>", b")]>>"),
    "hexadecimal string": (b"[<41 42", b"43>]"),
    "array": (b"[3 0 R", b"60 0 R]"),
    "array behind a bracket too many": (b"] [3 0 R", b"60 0 R]"),
    "array in a dictionary": (b"<</A [3 0 R >>", b"60 0 R] >>"),
    "dictionary in an array": (b"[<</A 1 ]", b"/B 2>> ]"),
    "dictionary": (b"<</Length 3 /A <</B 1>>", b"/Contents 60 0 R>>"),
    "deep array": (b"[" * 9 + b"3 0 R" + b"]" * 8, b"60 0 R]"),
    "stream": (b"<</Length 3>>\nstream\n0 0 ", b"200 200 re f\nendstream"),
}


def _prepared(text: bytes) -> bytes:
    """A signed file with an object that has no end, as the last before the table."""
    plain = make.page()
    page = body(plain, 4).replace(b"/Contents 3 0 R", b"/Contents [3 0 R 40 0 R]")
    before = b"40 0 obj\n%s\n" % text
    place = len(plain) + 1
    update = Update({4: page}, before=before, entries=b"40 1\n%010d 00000 n \n" % place)
    return update.on(plain)


@pytest.mark.parametrize("kind", _OPEN)
def test_an_object_that_only_an_update_closes_is_found(kind: str) -> None:
    opened, closing = _OPEN[kind]
    first = b"%%PDF-1.7\n40 0 obj\n%s\nendobj\nxref\n0 0\n" % opened
    first += b"trailer\n" + b"startxref\n9\n%%EOF\n"
    data = first + b"41 0 obj\n%s\nendobj\nstartxref\n99\n%%%%EOF\n" % closing
    ends = [data.index(b"startxref"), data.rindex(b"startxref")]
    found = list(open_ends(data, [data.index(b"40 0 obj")], ends))
    assert found
    assert found[0][1] > len(first)


@pytest.mark.parametrize("kind", sorted(_OPEN.keys() - {"stream"}))
def test_an_object_without_an_end_makes_what_follows_a_change(kind: str) -> None:
    """(A stream would end with the next `endstream`, which the signature brings.)"""
    opened, closing = _OPEN[kind]
    signed = make.sign_pdf(_prepared(opened))
    assert _JUDGE.judge(signed, "a.pdf", make.moment()).verdict.overall is Overall.VALID
    later = Update({90: b"<</Nothing 1>>"}, between=closing + b"\n").on(signed)
    found = _JUDGE.judge(later, "a.pdf", make.moment()).verdict
    assert (found.overall, found.integrity) == (Overall.INVALID, Integrity.MODIFIED)
    assert Finding.CHANGED_AFTER_SIGNING in found.findings


@pytest.mark.parametrize(
    "closed",
    [
        b"<</A (x\\) \\( (y) z) /B <41 42> /C [1 2 (])] /D#28 /E>>",
        b"[" * 30 + b"]" * 30,
        b"<<" + b"/A <<" * 9 + b">>" * 9 + b">>",
        b"% ( [ <<\n[1 0 R % ]\n]",
        b"<</Length 3 /A [[[[[1]]]]]>>\nstream\n((( [[ <<\nendstream",
        b"<</A (endobj startxref)>>",
        b"17",
        b"null ]",
    ],
)
@pytest.mark.parametrize("end", [b"\nendobj\n", b"endobj ", b"\n"])
def test_an_object_that_is_closed_is_none_of_them(closed: bytes, end: bytes) -> None:
    data = b"40 0 obj\n%s%s" % (closed, end) + b"xref\n0 0\ntrailer\n<<>>\nstartxref\n9\n%%EOF\n"
    assert list(open_ends(data, [0], [data.rindex(b"startxref")])) == []


def test_no_object_of_ordinary_files_is_one_of_them() -> None:
    data = make.sign_pdf(make.sign_pdf(make.page(pages=3), visible=True), make.agency())
    starts = [match.start() for match in re.finditer(rb"\d+ 0 obj", data)]
    ends = [match.start() for match in re.finditer(rb"startxref", data)]
    assert len(ends) == 3
    assert list(open_ends(data, starts, ends)) == []
