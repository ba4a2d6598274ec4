"""Lists in old Vietnamese encodings: the right one is taken, or none."""

import unicodedata
from collections.abc import Callable
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from monitor.tables import ColumnMapping
from monitor.tables.syllables import is_syllable, share_of_syllables
from tests.tables.lists import HEADINGS, in_tcvn3, in_vni, in_windows_1258, listing, messages

NAMES = [
    "Nguyễn Thị Ánh Tuyết", "Trần Văn Đức", "Lê Hoàng Phương Uyên", "Phạm Quốc Khánh",
    "Huỳnh Ngọc Như Quỳnh", "Đặng Hữu Nghĩa", "Bùi Thuý Kiều", "Võ Đình Trường", "Ngô Chí Hiếu",
    "Dương Yến Nhi", "Lý Thường Kiệt", "Hồ Xuân Hương", "Đỗ Thị Mỹ Duyên", "Phan Bội Châu",
]  # fmt: skip
LIST = HEADINGS + "".join(
    f"{number:04},{name},Sở Y tế,a{number}@soyte.demo.gov.vn,01/02/2020\n"
    for number, name in enumerate(NAMES)
)
LETTERS = sorted(
    {
        unicodedata.normalize("NFC", base + tone)
        for base in "aăâeêioôơuưy"
        for tone in ("", "\u0300", "\u0301", "\u0303", "\u0309", "\u0323")
    }
    | set("bcdđghklmnpqrstvx ")
)
CAPITALS = sorted("ĂÂÊÔƠƯĐBCDGHKLMNPQRSTVXAEIOUY")
TEXT = st.text(st.sampled_from(LETTERS + [letter.upper() for letter in LETTERS]), max_size=60)
TCVN3_TEXT = st.text(st.sampled_from(LETTERS + CAPITALS), max_size=60)
ENCODINGS: dict[str, Callable[[str], bytes]] = {
    "utf-8": lambda text: text.encode(),
    "utf-16": lambda text: text.encode("utf-16"),
    "utf-16-le": lambda text: text.encode("utf-16-le"),
    "utf-16-be": lambda text: text.encode("utf-16-be"),
    "windows-1258": in_windows_1258,
    "tcvn3": in_tcvn3,
    "vni": in_vni,
}


def _encoded(encoding: str) -> bytes:
    text = LIST.replace("Á", "á") if encoding == "tcvn3" else LIST
    return ENCODINGS[encoding](text)


@pytest.mark.parametrize("encoding", ENCODINGS)
def test_the_encoding_is_told_by_what_the_text_looks_like(tmp_path: Path, encoding: str) -> None:
    table = listing(tmp_path, _encoded(encoding))
    names = [row.values["name"].casefold() for row in table.rows]
    assert names == [name.casefold() for name in NAMES]
    assert table.encoding == encoding
    assert table.problems == []


def test_a_mark_at_the_beginning_of_utf8_is_no_part_of_the_first_heading(tmp_path: Path) -> None:
    table = listing(tmp_path, LIST.encode("utf-8-sig"))
    assert table.columns["staff_number"] == "Mã cán bộ"


@pytest.mark.parametrize("encoding", ["windows-1258", "tcvn3", "vni"])
@given(names=st.lists(st.sampled_from(NAMES), min_size=3, max_size=8))
@settings(
    max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
def test_short_lists_are_never_read_in_a_wrong_encoding(
    tmp_path: Path, encoding: str, names: list[str]
) -> None:
    text = "Cơ quan,Họ và tên\n" + "".join(f"Sở Y tế,{name}\n" for name in names)
    data = ENCODINGS[encoding](text.replace("Á", "á") if encoding == "tcvn3" else text)
    table = listing(tmp_path, data)
    read = [row.values["name"].casefold() for row in table.rows]
    assert read == [name.casefold() for name in names] or "the encoding is not clear" in str(
        table.problems[0]
    )


@pytest.mark.parametrize("encoding", ENCODINGS)
@given(data=st.data())
@settings(
    max_examples=80, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
def test_what_is_written_in_an_encoding_is_read_back_in_nfc(
    tmp_path: Path, encoding: str, data: st.DataObject
) -> None:
    texts = {"tcvn3": TCVN3_TEXT}.get(encoding, TEXT)
    name = data.draw(texts).strip() or "không"
    mapping = ColumnMapping(encoding=encoding, columns={"name": "B", "agency": "A"}, header_row=0)
    table = listing(tmp_path, ENCODINGS[encoding](f"x,{name}\n"), mapping)
    [row] = table.rows
    assert row.values["name"] == unicodedata.normalize("NFC", name)


def test_what_is_clear_in_no_encoding_is_refused(tmp_path: Path) -> None:
    [told] = messages(listing(tmp_path, "Cơ quan,Café,Müller\n".encode("latin-1", "ignore")))
    assert told.startswith(
        "danh-sach.csv: the encoding is not clear: it is not UTF-8 (line 1), and of its words with "
        "accents so many would be Vietnamese as windows-1258 ("
    )
    assert told.endswith(
        "save the list as UTF-8, or set encoding in the mapping (utf-8, utf-16, windows-1258, "
        "tcvn3, vni, windows-1252)"
    )


def test_the_line_that_is_not_utf8_is_named(tmp_path: Path) -> None:
    data = LIST.encode() + b"9999,Nguy\xd4n,S\xf4 Y t\xd5,,\n"
    [told] = messages(listing(tmp_path, data, ColumnMapping(encoding="utf-8")))
    assert told == (
        f"danh-sach.csv: is not UTF-8, as the mapping says (line {len(NAMES) + 2}): correct "
        "encoding in the mapping"
    )


def test_an_encoding_that_is_not_known_is_told(tmp_path: Path) -> None:
    [told] = messages(listing(tmp_path, LIST, ColumnMapping(encoding="ebcdic")))
    assert told == (
        "danh-sach.csv: the mapping's encoding “ebcdic” is not known: write one of utf-8, utf-16, "
        "windows-1258, tcvn3, vni, windows-1252"
    )


def test_the_mapping_decides_where_it_names_the_encoding(tmp_path: Path) -> None:
    text = "Name,Agency\nCafé,Müller\n"
    mapping = ColumnMapping(encoding="cp1252")
    [row] = listing(tmp_path, text.encode("cp1252"), mapping).rows
    assert row.values == {"name": "Café", "agency": "Müller"}


@pytest.mark.parametrize(("font", "encode"), [("tcvn3", in_tcvn3), ("vni", in_vni)])
def test_unicode_that_is_vietnamese_only_in_an_old_font_needs_the_font_named(
    tmp_path: Path, font: str, encode: Callable[[str], bytes]
) -> None:
    # as a spreadsheet program exports a sheet typed in .VnTime or VNI
    text = encode(LIST.replace("Á", "á")).decode("latin-1")
    told = messages(listing(tmp_path, text))
    assert any(f'set font = "{font}" in the mapping' in one for one in told)
    mapping = ColumnMapping.model_validate({"font": font})
    names = [row.values["name"].casefold() for row in listing(tmp_path, text, mapping).rows]
    assert names == [name.casefold() for name in NAMES]


@pytest.mark.parametrize("word", ["nghiêng", "Đức", "QUỲNH", "thuở", "khuỷu", "Ấn", "giữa", "yếu"])
def test_vietnamese_words_are_syllables(word: str) -> None:
    assert is_syllable(word)


@pytest.mark.parametrize("word", ["NguyÔn", "V¨n", "Nguyêdn", "Café", "ấế", "nguyôn", "Müller"])
def test_words_of_a_wrong_decoding_are_not(word: str) -> None:
    assert not is_syllable(word)


def test_a_text_without_accents_says_nothing() -> None:
    assert share_of_syllables("Nguyen Van A") == 0.0
