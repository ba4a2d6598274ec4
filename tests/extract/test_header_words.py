"""Readable text from header fields: charsets, encoded words, Vietnamese in NFC."""

import base64
import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from monitor.extract.words import MAX_TEXT, decode_charset, decode_header, decode_parameter, tidy
from monitor.verify.smime_params import Parameter

NAME = "Công văn số 12 của Ủy ban nhân dân xã"


def word(data: bytes, charset: str = "utf-8") -> bytes:
    return b"=?" + charset.encode() + b"?B?" + base64.b64encode(data) + b"?="


def cp1258(text: str) -> bytes:
    """windows-1258 as Windows writes it: base letters with combining tone marks."""
    out = b""
    for letter in unicodedata.normalize("NFC", text):
        try:
            out += letter.encode("cp1258")
            continue
        except UnicodeEncodeError:
            pieces = unicodedata.normalize("NFD", letter)
        tone = next(mark for mark in pieces if mark in "\u0300\u0301\u0303\u0309\u0323")
        base = unicodedata.normalize("NFC", pieces.replace(tone, ""))
        out += base.encode("cp1258") + tone.encode("cp1258")
    return out


@pytest.mark.parametrize(
    "value",
    [
        NAME.encode(),
        unicodedata.normalize("NFD", NAME).encode(),
        word(NAME.encode()),
        word(unicodedata.normalize("NFD", NAME).encode()),
        word(cp1258(NAME), "windows-1258"),
        word(cp1258(NAME), "CP1258"),
        word(NAME.encode("utf-16"), "utf-16"),
        word(NAME.encode("utf-7"), "UTF-7"),
        word(NAME.encode(), "UTF8*vi"),
    ],
    ids=["raw", "raw-nfd", "b", "b-nfd", "windows-1258", "cp1258", "utf-16", "utf-7", "language"],
)
def test_one_name_is_one_text_in_every_encoding(value: bytes) -> None:
    decoded = decode_header(value)
    assert (decoded.text, decoded.guessed) == (NAME, False)


def test_windows_1258_in_a_raw_header_is_guessed_and_said_so() -> None:
    decoded = decode_header(cp1258("Số 12 của xã Tân Phú"))
    assert (decoded.text, decoded.guessed) == ("Số 12 của xã Tân Phú", True)


def test_a_character_cut_between_two_words_is_joined() -> None:
    data = NAME.encode()
    for cut in range(1, len(data) - 1):
        assert decode_header(word(data[:cut]) + b"\r\n " + word(data[cut:])).text == NAME


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (b"=?utf-8?Q?C=C3=B4ng_v=C4=83n?=", "Công văn"),
        (b"=?utf-8?q?C=C3=B4ng v=C4=83n s=E1=BB=91 12?=", "Công văn số 12"),
        (b"=?utf-8?Q?=C3=B4?=", "ô"),
        (b"=?utf-8?B?Q8O0bmc?=", "Công"),
        (b"=?utf-8?B?Q8O0bmc===?= x", "Công x"),
        (b"Re: =?utf-8?Q?C=C3=B4ng?= so =?utf-8?Q?m=E1=BB=99t?=", "Re: Công so một"),
        (b"=?utf-8?Q?a?=  =?utf-8?Q?b?=", "ab"),
        (b"=?utf-8?Q?a?= =?us-ascii?Q?b?=", "ab"),
        (b"=?utf-8?Q?C=C3?==?utf-8?B?tG5n?=", "Công"),
        (b"=?x?Q", "=?x?Q"),
        (b'"=?utf-8?Q?C=C3=B4ng?=.pdf"', '"Công.pdf"'),
    ],
)
def test_broken_encoded_words_are_read_as_meant(value: bytes, text: str) -> None:
    assert decode_header(value).text == text


@pytest.mark.parametrize("charset", ["unknown-8bit", "us-ascii", "x-viet", "idna", "rot13", "zlib"])
def test_an_unknown_or_wrong_charset_is_guessed_and_said_so(charset: str) -> None:
    assert decode_header(word(NAME.encode(), charset)) == decode_charset(NAME.encode(), charset)
    decoded = decode_header(word(NAME.encode(), charset))
    assert (decoded.text, decoded.guessed) == (NAME, True)


def test_a_file_name_takes_its_rfc_2231_charset_else_encoded_words() -> None:
    assert decode_parameter(Parameter(cp1258(NAME), "windows-1258")).text == NAME
    assert decode_parameter(Parameter(word(NAME.encode()))).text == NAME
    assert decode_parameter(Parameter(NAME.encode())).text == NAME


def test_marks_that_hide_a_name_are_taken_out() -> None:
    assert tidy("cong\u202efdp.exe\x00\x1b[1m\r\n x\ud800") == "cong fdp.exe [1m x"


def test_a_text_is_cut_at_its_bound() -> None:
    assert len(decode_header(b"a" * 100_000).text) == MAX_TEXT


@given(st.binary(max_size=500), st.text(max_size=12))
def test_any_bytes_in_any_charset_are_text_that_can_be_stored(data: bytes, charset: str) -> None:
    for decoded in (
        decode_header(data),
        decode_header(word(data)),
        decode_parameter(Parameter(data, charset)),
    ):
        assert decoded.text == unicodedata.normalize("NFC", decoded.text)
        assert "\x00" not in decoded.text
        decoded.text.encode("utf-8")
