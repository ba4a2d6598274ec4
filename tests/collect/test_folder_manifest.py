"""What a manifest may say and how it is told that it may not."""

import json
from contextlib import suppress
from datetime import UTC, date, datetime, timedelta
from typing import Literal
from unicodedata import normalize

import pytest
from hypothesis import given
from hypothesis import strategies as st

from monitor.collect.events import Rejection
from monitor.collect.manifest import (
    ManifestRejected,
    is_manifest,
    is_safe_name,
    parse,
    read_date,
    read_time,
)
from monitor.collect.reasons import Reason
from monitor.model import DocumentRole, PaperFlag

CSV = (
    "file,agency,number,notation,issued_on,sent_at,paper,size,sha256\r\n"
    'a.pdf,H99.1,12,"12/QĐ-UBND",2026-03-31,2026-03-31T08:15:00+07:00,parallel,5,'
    + "AB" * 32
    + "\r\n"
)


def test_a_csv_row_becomes_a_claim() -> None:
    (row,) = parse("manifest.csv", CSV.encode()).rows
    claim = row.claim
    assert (claim.file_name, claim.agency, claim.number, claim.notation) == (
        "a.pdf",
        "H99.1",
        "12",
        "12/QĐ-UBND",
    )
    assert claim.issued_on == date(2026, 3, 31)
    assert claim.sent_at == datetime(2026, 3, 31, 1, 15, tzinfo=UTC)
    assert claim.paper is PaperFlag.PARALLEL
    assert (row.number, row.size, row.sha256) == (2, 5, "ab" * 32)


def test_json_says_the_same() -> None:
    fields = dict(zip(*(line.split(",") for line in CSV.replace('"', "").split()), strict=True))
    typed = fields | {"number": 12, "size": 5}
    (from_csv,) = parse("manifest.csv", CSV.encode()).rows
    for document in ([typed], {"documents": [typed]}):
        (row,) = parse("manifest.json", json.dumps(document).encode()).rows
        assert (row.claim, row.size, row.sha256) == (from_csv.claim, from_csv.size, from_csv.sha256)


@pytest.mark.parametrize("form", ["NFC", "NFD"])
@pytest.mark.parametrize("mark", ["", "\ufeff"])
def test_vietnamese_headings_semicolons_and_marks_are_understood(
    form: Literal["NFC", "NFD"], mark: str
) -> None:
    text = mark + normalize(
        form,
        "TÊN TỆP;Mã cơ quan;Số;Ký hiệu;Ngày ban hành;Thời điểm gửi;Gửi kèm bản giấy;Khác\n"
        "báo cáo.pdf;H99.1;7;BC;1/3/2026;01/03/2026 7:05;Có;x\n",
    )
    (row,) = parse("manifest.csv", text.encode()).rows
    assert row.claim.file_name == normalize("NFC", "báo cáo.pdf")
    assert row.claim.issued_on == date(2026, 3, 1)
    assert row.claim.sent_at == datetime(2026, 3, 1, 0, 5, tzinfo=UTC)
    assert row.claim.paper is PaperFlag.PARALLEL


def rejected(name: str, data: bytes) -> Reason:
    with pytest.raises(ManifestRejected) as caught:
        parse(name, data)
    return caught.value.reason


def test_a_wrong_encoding_is_told_by_row_and_column() -> None:
    text = "file,agency,notation\na.pdf,X,A\nb.pdf,X,QĐ\n"
    reason = rejected("manifest.csv", text.encode("cp1258"))
    assert (reason.rejection, reason.detail) == (Rejection.MANIFEST_ENCODING, "row 3, column 3")
    assert "UTF-8" in reason.english
    assert "dòng" not in reason.english
    assert rejected("manifest.csv", text.encode("utf-16")).rejection is Rejection.MANIFEST_ENCODING


@pytest.mark.parametrize(
    ("name", "data", "rejection"),
    [
        ("manifest.csv", b"", Rejection.MANIFEST_COLUMNS),
        ("manifest.csv", b"name,agency\na,b\n", Rejection.MANIFEST_COLUMNS),
        ("manifest.csv", b'file,agency\n"a.pdf,X\n', Rejection.MANIFEST_UNREADABLE),
        ("manifest.json", b"", Rejection.MANIFEST_UNREADABLE),
        ("manifest.json", b'{"file": "a"}', Rejection.MANIFEST_UNREADABLE),
        ("manifest.json", b"[1]", Rejection.MANIFEST_UNREADABLE),
        ("manifest.json", b"[" * 100_000, Rejection.MANIFEST_UNREADABLE),
        ("manifest.csv", b"file,agency\n" + b"a,b\n" * 100_001, Rejection.MANIFEST_TOO_LARGE),
    ],
)
def test_a_manifest_that_cannot_be_used_is_rejected_whole(
    name: str, data: bytes, rejection: Rejection
) -> None:
    assert rejected(name, data).rejection is rejection


@pytest.mark.parametrize(
    ("fields", "rejection", "column"),
    [
        ("../a.pdf,X,,,", Rejection.NAME_UNSAFE, "file"),
        (",X,,,", Rejection.NAME_UNSAFE, "file"),
        ("a.pdf,,,,", Rejection.ROW_INVALID, "agency"),
        ("a.pdf,X,31/02/2026,,", Rejection.ROW_INVALID, "issued_on"),
        ("a.pdf,X,0020-01-01,,", Rejection.ROW_INVALID, "issued_on"),
        ("a.pdf,X,,2026-03-31,", Rejection.ROW_INVALID, "sent_at"),
        ("a.pdf,X,,,maybe", Rejection.ROW_INVALID, "paper"),
        ("a.pdf," + "X" * 5000 + ",,,", Rejection.ROW_INVALID, "agency"),
    ],
)
def test_a_bad_row_is_told_by_row_and_column_and_costs_no_other(
    fields: str, rejection: Rejection, column: str
) -> None:
    text = f"file,agency,issued_on,sent_at,paper\n{fields}\nb.pdf,X,,,\n"
    manifest = parse("manifest.csv", text.encode())
    (bad,) = manifest.bad_rows
    assert (bad.reason.rejection, bad.reason.detail) == (rejection, f"row 2, {column}")
    assert [row.file_name for row in manifest.rows] == ["b.pdf"]


def test_two_claims_on_one_file_leave_the_first() -> None:
    text = "file,agency,number\na.pdf,X,1\na.pdf,X,1\na.pdf,X,2\n"
    manifest = parse("manifest.csv", text.encode())
    assert [row.number for row in manifest.rows] == [2]
    assert [bad.reason.rejection for bad in manifest.bad_rows] == [Rejection.ROW_DUPLICATE]


@pytest.mark.parametrize(
    "name",
    ["", ".", "..", ".hidden", "a/b", "a\\b", "/etc/passwd", "a\x00b", "a\nb", "x" * 256,
     "ă" * 128, "\udc80", "manifest.csv", "Manifest-2.JSON"],
)  # fmt: skip
def test_names_that_are_no_plain_file_names_are_unsafe(name: str) -> None:
    assert not is_safe_name(name)


@pytest.mark.parametrize("name", ["a.pdf", "Công văn số 12 (bản cuối).pdf", "x" * 255, "a..b"])
def test_plain_names_are_safe(name: str) -> None:
    assert is_safe_name(name)


def test_only_final_names_are_manifests() -> None:
    assert is_manifest("manifest.csv")
    assert is_manifest("MANIFEST-2026-03.Json")
    assert not is_manifest("manifest.csv.tmp")
    assert not is_manifest(".manifest.csv")
    assert not is_manifest("my-manifest.csv")


@given(st.binary(max_size=300) | st.text(max_size=200).map(lambda text: text.encode("utf-8")))
def test_any_bytes_are_parsed_or_rejected(data: bytes) -> None:
    for name, start in (("manifest.csv", b"file,agency,sent_at\n"), ("manifest.json", b"")):
        with suppress(ManifestRejected):
            parse(name, start + data)


@given(st.dates(date(1945, 1, 1), date(2199, 12, 31)))
def test_three_ways_to_write_a_date_are_one_date(day: date) -> None:
    assert {read_date(day.strftime(form)) for form in ("%Y-%m-%d", "%Y/%m/%d", "%d/%m/%Y")} == {day}


@pytest.mark.parametrize(
    "text",
    ["2026-03-31T08:15:00+07:00", "2026-03-31 08:15", "31/03/2026 8:15:00", "2026/03/31 01:15Z"],
)
def test_a_time_without_offset_is_vietnam_time(text: str) -> None:
    assert read_time(text) - datetime(2026, 3, 31, 1, 15, tzinfo=UTC) == timedelta(0)


@pytest.mark.parametrize(
    ("word", "role"),
    [
        ("Chính", DocumentRole.MAIN),
        ("PHỤ LỤC", DocumentRole.APPENDIX),
        ("bản  sao y", DocumentRole.COPY),
        ("copy", DocumentRole.COPY),
        ("", None),
    ],
)
def test_a_manifest_may_say_which_file_is_an_appendix_or_a_copy(
    word: str, role: DocumentRole | None
) -> None:
    text = f"Tệp;Cơ quan;Loại tệp\na.pdf;X;{word}\n"
    (row,) = parse("manifest.csv", text.encode()).rows
    assert row.claim.role is role


def test_an_unknown_role_is_told_and_not_guessed() -> None:
    (bad,) = parse("manifest.csv", b"file,agency,role\na.pdf,X,other\n").bad_rows
    assert (bad.reason.rejection, bad.reason.detail) == (Rejection.ROW_INVALID, "row 2, role")
