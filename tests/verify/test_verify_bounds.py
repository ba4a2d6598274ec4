"""Bombs, giants and junk: every file has an answer within bounds, and none is falsely valid."""

import zlib

import pytest
from pyhanko.pdf_utils import generic
from pyhanko.pdf_utils.incremental_writer import IncrementalPdfFileWriter

from monitor.model import Finding, Overall, Verdict
from monitor.verify import pdf_changes, pdf_raw
from monitor.verify.judge import Judge
from tests.verify import making as make

_JUDGE = Judge(make.material())


def verdict(data: bytes) -> Verdict:
    return _JUDGE.judge(data, "a.pdf", make.moment()).verdict


def test_an_inflating_bomb_is_read_to_the_bound_only() -> None:
    bomb = zlib.compress(b"0" * 300_000_000, 9)
    entries = b"/Type /ObjStm /N 1 /First 4 /Filter /FlateDecode /Length %d" % len(bomb)
    head = b"%PDF-1.7\n1 0 obj\n<<" + entries + b">>\nstream\n"
    data = head + bomb + b"\nendstream\nendobj\nstartxref\n0\n%%EOF"
    assert sum(len(t or b"") for t in pdf_raw.object_streams(data)) == pdf_raw.MAX_INFLATED
    assert verdict(data).overall in {Overall.UNREADABLE, Overall.UNSIGNED}


def test_thousands_of_byte_ranges_are_looked_at_to_the_bound() -> None:
    found = verdict(b"%PDF-1.7\n" + b"/ByteRange [0 1 2 3] " * 20_000)
    assert found.overall is Overall.INVALID
    assert len(found.signatures) <= pdf_raw.MAX_RANGES


def test_deep_nesting_is_no_recursion_of_ours() -> None:
    nested = (
        b"%PDF-1.7\n1 0 obj" + b"[" * 500_000 + b"\ntrailer<</Root 1 0 R>>\nstartxref\n9\n%%EOF"
    )
    assert verdict(nested).overall is not Overall.VALID


def _retab(writer: IncrementalPdfFileWriter) -> None:
    """A change that only the general analysis can judge."""
    page = writer.root["/Pages"]["/Kids"][0]
    page[generic.pdf_name("/Tabs")] = generic.pdf_name("/S")
    writer.update_container(page)


def test_a_history_too_large_to_walk_is_our_limit(monkeypatch: pytest.MonkeyPatch) -> None:
    data = make.update(make.signed_page(), _retab)
    assert verdict(data).overall is Overall.INVALID
    monkeypatch.setattr(pdf_changes, "MAX_WALKED", 1)
    found = Judge(make.material()).judge(data, "a.pdf", make.moment()).verdict
    assert (found.overall, found.cause) == (Overall.INDETERMINATE, "ours")
    assert Finding.LIMIT_REACHED in found.findings


def test_thousands_of_pages_signed_twice_are_judged() -> None:
    data = make.sign_pdf(make.sign_pdf(make.page(pages=2000)), make.agency(), visible=True)
    assert verdict(data).overall is Overall.VALID


def test_something_before_the_header_does_not_make_a_file_unreadable() -> None:
    assert verdict(b"\r\n" + make.page()).overall is Overall.UNSIGNED
