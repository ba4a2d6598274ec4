"""RAR, 7z and tar: their documents count like those of a ZIP, inside the same bounds."""

import gzip
import io
import zipfile

import pytest

from monitor.extract import packed
from monitor.extract.documents import Contents, contents_of_file
from monitor.model import DocumentClass, Finding, Limits
from tests.extract.archive_samples import rar, tar_of_folders, written
from tests.extract.mail_samples import LIMITS
from tests.support.needs import needs

PDF = b"%PDF-1.7\n% one"
FILES = {"Quyết định 12/văn bản.pdf": PDF, "b.pdf": PDF + b"2"}
pytestmark = needs("bsdtar")  # which comes with the library


def opened(data: bytes, limits: Limits = LIMITS) -> Contents:
    return contents_of_file("a.bin", data, limits)


@pytest.mark.parametrize(
    ("form", "packing"),
    [
        ("7zip", None),
        ("pax_restricted", None),
        ("pax_restricted", "gzip"),
        ("pax_restricted", "bzip2"),
        ("pax_restricted", "xz"),
    ],
)
def test_the_documents_of_an_archive_are_found_under_their_names(
    form: str, packing: str | None
) -> None:
    found = opened(written(FILES, form, packing))
    assert [(each.name, each.data) for each in found.documents] == list(FILES.items())
    assert found.findings == set()


def test_a_rar_gives_its_documents() -> None:
    found = opened(rar({"a.pdf": PDF, "b.txt": b"text"}))
    assert [(each.name, each.data) for each in found.documents] == [("a.pdf", PDF)]


def test_what_is_encrypted_in_a_rar_is_never_taken_for_its_content() -> None:
    (document,) = opened(rar({"a.pdf": PDF}, encrypted=True)).documents
    assert document.document_class is DocumentClass.ARCHIVE
    assert document.closed == {Finding.ARCHIVE_ENCRYPTED}


def test_a_file_of_a_rar_whose_sum_is_wrong_is_left_out() -> None:
    (document,) = opened(rar({"a.pdf": PDF}, wrong_sum=True)).documents
    assert document.closed == {Finding.MALFORMED}


def test_a_bomb_stays_closed() -> None:
    found = opened(written({"a.pdf": PDF, "zeros": bytes(300_000_000)}, "7zip"))
    assert [each.name for each in found.documents] == ["a.pdf"]
    assert found.findings == {Finding.ARCHIVE_LIMIT}


def test_entries_are_bounded_over_all_archives_of_an_item() -> None:
    many = written({f"{n}.pdf": PDF + bytes([n]) for n in range(9)}, "7zip")
    found = opened(many, LIMITS.model_copy(update={"archive_entries": 4}))
    assert len(found.documents) == 4
    assert found.findings == {Finding.ARCHIVE_LIMIT}


def test_folders_are_bounded_too() -> None:
    folders = tar_of_folders(50)
    assert opened(folders, LIMITS.model_copy(update={"archive_entries": 2})).findings == {
        Finding.ARCHIVE_LIMIT
    }
    assert opened(folders).findings == set()


def test_a_compressed_single_file_is_said_to_be_unopened() -> None:
    (document,) = opened(gzip.compress(PDF)).documents
    assert document.closed == {Finding.FORMAT_UNSUPPORTED}


@pytest.mark.parametrize("form", ["7zip", "rar"])
def test_a_cut_or_changed_archive_raises_nothing_and_says_so(form: str) -> None:
    data = rar({"a.pdf": PDF, "b.pdf": PDF + b"2"}) if form == "rar" else written(FILES, form)
    for at in range(8, len(data), 3):
        changed = bytearray(data)
        changed[at] ^= 0x55
        opened(bytes(changed))
        cut = opened(data[:at])
        assert cut.findings or [each.data for each in cut.documents], at


def test_what_a_reader_of_zips_would_open_as_another_archive_says_so() -> None:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as archive:
        archive.writestr("c.pdf", PDF)
    assert opened(rar({"a.pdf": PDF, "c.zip": out.getvalue()})).findings == set()
    for behind in (b"", b"PK\x05\x06"):  # a comment, which looks like one more end
        both = rar({"a.pdf": PDF}) + out.getvalue()[:-2] + bytes([len(behind), 0]) + behind
        found = opened(both)
        assert [each.name for each in found.documents] == ["a.pdf"]
        assert found.findings == {Finding.MALFORMED}


def test_without_the_library_an_archive_is_said_to_be_unopened(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(packed, "_LIBARCHIVE", None)
    (document,) = opened(rar({"a.pdf": PDF})).documents
    assert document.closed == {Finding.FORMAT_UNSUPPORTED}
    assert not packed.can_unpack()
