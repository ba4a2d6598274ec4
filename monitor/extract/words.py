"""Text of header fields: charsets, encoded words (RFC 2047), names in Unicode NFC.

Government mail arrives in UTF-8, windows-1258 (whose letters decode to combining marks), NFD from
Macs, raw 8-bit headers and encoded words cut through a character. A guess is always said so.
"""

import binascii
import codecs
import re
import unicodedata
from collections.abc import Iterator
from dataclasses import dataclass

from monitor.verify.smime_entity import decode_transfer
from monitor.verify.smime_params import Parameter

MAX_TEXT = 4096
MAX_RAW = 32 * 1024

_ENCODED_WORD = re.compile(
    rb"=\?([A-Za-z0-9_.:+-]{1,60})(?:\*[A-Za-z0-9-]*)?\?([bBqQ])\?(.{0,2000}?)\?=", re.DOTALL
)
_HIDDEN = re.compile(
    "[\x00-\x1f\x7f-\x9f\u2028\u2029\u200e\u200f\u202a-\u202e\u2066-\u2069\ud800-\udfff]+"
)
_BLANKS = re.compile(r"\s+")
_CHARSETS = (
    "us-ascii utf-8 utf-7 utf-16 utf-16le utf-16be iso-8859-1 iso-8859-2 iso-8859-3 iso-8859-4 "
    "iso-8859-5 iso-8859-6 iso-8859-7 iso-8859-8 iso-8859-9 iso-8859-10 iso-8859-11 iso-8859-13 "
    "iso-8859-14 iso-8859-15 iso-8859-16 cp1250 cp1251 cp1252 cp1253 cp1254 cp1255 cp1256 cp1257 "
    "cp1258 cp437 cp850 cp866 cp874 koi8-r koi8-u mac-roman tis-620 gb2312 gbk gb18030 hz big5 "
    "big5hkscs shift_jis cp932 euc-jp iso-2022-jp euc-kr cp949 iso-2022-kr"
)
_KNOWN = {codecs.lookup(name).name: name for name in _CHARSETS.split()}
"""Looked up here, once: a child may not import a codec's module later, and no other is used."""
_SHIFTED = ("utf-7", "utf-16", "unicode-1-1-utf-7", "x-unicode-2-0-utf-7", "iso-2022", "hz")
"""Charsets that write other letters in bytes below 128."""
_ALIASES = {
    "utf8mb4": "utf-8", "unicode": "utf-8", "unicode-1-1-utf-8": "utf-8",
    "unicode-1-1-utf-7": "utf-7",
    "x-unicode-2-0-utf-7": "utf-7", "ansi": "cp1252", "ascii8": "cp1252", "win-1258": "cp1258",
    "x-cp1258": "cp1258", "x-windows-1258": "cp1258", "x-gbk": "gbk", "x-sjis": "shift_jis",
    "ks_c_5601-1987": "cp949", "iso-8859-8-i": "iso-8859-8", "x-mac-roman": "mac-roman",
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Decoded:
    """Readable text in NFC; `guessed` when its charset was missing, unknown or wrong."""

    text: str
    guessed: bool = False


def decode_charset(data: bytes, charset: str | None) -> Decoded:
    """Bytes in a named charset, or in UTF-8, windows-1258 or Latin-1 when that one is no help."""
    if data.isascii() and (charset is None or not charset.lower().startswith(_SHIFTED)):
        return Decoded(data.decode("ascii"))
    codec = _codec(charset) if charset else None
    if codec:
        try:
            return Decoded(data.decode(codec))
        except UnicodeError:
            pass
    try:
        return Decoded(data.decode("utf-8"), guessed=charset is not None)
    except UnicodeError:
        pass
    try:
        return Decoded(data.decode("cp1258"), guessed=True)
    except UnicodeError:
        return Decoded(data.decode("latin-1"), guessed=True)


def _codec(charset: str) -> str | None:
    name = charset.strip().strip("\"'").lower()
    return _SPELLINGS.get(_ALIASES.get(name, name))


def _spellings() -> Iterator[tuple[str, str]]:
    """Common spellings of every known charset: `iso8859-1`, `windows-1258`, `latin1`."""
    for codec, name in _KNOWN.items():
        yield codec, name
        yield name, name
        yield name.replace("-", "_"), name
        if name.startswith("iso-8859"):
            yield name.replace("iso-", "iso"), name
            yield name.replace("iso-8859-", "iso8859_"), name
        if name.startswith("cp125"):
            yield name.replace("cp", "windows-"), name
            yield name.replace("cp", "windows"), name
            yield name.replace("cp", "cp-"), name
    yield from (("utf8", "utf-8"), ("latin1", "iso-8859-1"), ("ascii", "us-ascii"))


_SPELLINGS = dict(_spellings())


def decode_header(value: bytes) -> Decoded:
    """An unstructured field (RFC 2047), encoded words with raw blanks and cut characters included.

    Bytes of neighbouring words in one charset are joined before they are decoded, because many
    mailers cut a line inside a character.
    """
    value = value[:MAX_RAW]
    if b"=?" not in value:
        return _tidy(decode_charset(value, None))
    pieces: list[tuple[bytes, str | None]] = []
    position = 0
    for match in _ENCODED_WORD.finditer(value):
        between = value[position : match.start()]
        if between.strip() or not pieces or pieces[-1][1] is None:
            pieces.append((between, None))
        charset = match[1].decode("ascii").lower()
        data = _encoded_text(match[3], match[2])
        if pieces[-1][1] == charset:
            pieces[-1] = (pieces[-1][0] + data, charset)
        else:
            pieces.append((data, charset))
        position = match.end()
    pieces.append((value[position:], None))
    decoded = [decode_charset(data, charset) for data, charset in pieces if data]
    text = "".join(each.text for each in decoded)
    return _tidy(Decoded(text, any(each.guessed for each in decoded)))


def _encoded_text(text: bytes, encoding: bytes) -> bytes:
    if encoding in b"qQ":
        return binascii.a2b_qp(text, header=True)
    return decode_transfer(text, "base64")[0]


def decode_parameter(parameter: Parameter) -> Decoded:
    """A file name: its RFC 2231 charset, else the encoded words that mailers put there instead."""
    if parameter.charset:
        return _tidy(decode_charset(parameter.value[:MAX_RAW], parameter.charset))
    return decode_header(parameter.value)


def tidy(text: str) -> str:
    """NFC, without control and direction marks, blanks single, at most 4096 characters."""
    plain = text[: MAX_TEXT * 2]
    if not plain.isascii():
        plain = unicodedata.normalize("NFC", plain)
    return _BLANKS.sub(" ", _HIDDEN.sub(" ", plain)).strip()[:MAX_TEXT]


def _tidy(decoded: Decoded) -> Decoded:
    return Decoded(tidy(decoded.text), decoded.guessed)
