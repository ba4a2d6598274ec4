"""A PDF in the look of a Vietnamese official letter (Nghị định 30/2020, Phụ lục I), unsigned.

One A4 page of text in the standard fonts, which have no Vietnamese letters: what is drawn is
plain ASCII, what is copied or searched is Vietnamese (`/ActualText`), and so are the title and
subject. A grey picture gives the file a real letter's size. The bytes depend on the input alone.
"""

import hashlib
import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from monitor.material.demo_mark import DEMO_LABEL

AMOUNT_LINE = "Tổng số hồ sơ: 1000"
"""A line that a forger would change; it stands uncompressed in the page's content."""


@dataclass(frozen=True)
class Letter:
    """What an official letter says."""

    agency: str
    superior: str
    place: str
    number: int
    notation: str
    issued_on: date
    subject: str
    body: tuple[str, ...]
    signer: str
    picture_side: int = 96
    """Width and height of the picture in pixels; the file grows by its square."""

    @property
    def code(self) -> str:
        """Number and notation as printed: `12/STC-VP`."""
        return f"{self.number}/{self.notation}"


PAGE = (
    b"<< /Type /Page /Parent 2 0 R /MediaBox [0 0 595 842] /Contents 4 0 R /Resources "
    b"<< /Font << /F1 5 0 R /F2 6 0 R /F3 7 0 R >> /XObject << /Im0 8 0 R >> >> >>"
)


def plain(text: str) -> str:
    """The text without diacritics, ASCII only: `Đồng Lúa` is `Dong Lua`."""
    swapped = text.replace("đ", "d").replace("Đ", "D").replace("–", "-")
    return unicodedata.normalize("NFD", swapped).encode("ascii", "ignore").decode()


def render(letter: Letter) -> bytes:
    """The letter as PDF 1.7, a few KB to 60 KB."""
    picture = _picture(letter)
    side = letter.picture_side
    page = _content(letter)
    info = b"/Title %s /Subject %s /Author %s /Producer (congvu demo)" % (
        _text(f"{letter.code}: {letter.subject}"),
        _text(f"{letter.subject} ({DEMO_LABEL})"),
        _text(letter.agency),
    )
    return _file(
        [
            b"<< /Type /Catalog /Pages 2 0 R /Lang (vi-VN) >>",
            b"<< /Type /Pages /Kids [3 0 R] /Count 1 >>",
            PAGE,
            _stream(b"", page),
            _font(b"Times-Roman"),
            _font(b"Times-Bold"),
            _font(b"Times-Italic"),
            _stream(
                b"/Type /XObject /Subtype /Image /Width %d /Height %d /ColorSpace /DeviceGray "
                b"/BitsPerComponent 8 " % (side, side),
                picture,
            ),
            b"<< %s >>" % info,
        ]
    )


@dataclass(frozen=True)
class _Line:
    font: str
    size: int
    x: int
    y: int
    text: str


def _content(letter: Letter) -> bytes:
    day = letter.issued_on
    lines = [
        _Line("F1", 10, 60, 790, letter.superior.upper()),
        _Line("F2", 10, 60, 776, letter.agency.upper()),
        _Line("F2", 10, 300, 790, "CỘNG HÒA XÃ HỘI CHỦ NGHĨA VIỆT NAM"),
        _Line("F2", 10, 340, 776, "Độc lập – Tự do – Hạnh phúc"),
        _Line("F1", 11, 60, 750, f"Số: {letter.code}"),
        _Line(
            "F3", 11, 300, 750,
            f"{letter.place}, ngày {day.day:02d} tháng {day.month:02d} năm {day.year}",
        ),
        _Line("F1", 11, 60, 732, f"V/v {letter.subject}"),
        *(_Line("F1", 12, 60, 690 - 18 * n, text) for n, text in enumerate(letter.body)),
        _Line("F1", 12, 60, 500, AMOUNT_LINE),
        _Line("F2", 12, 340, 440, "TM. CƠ QUAN BAN HÀNH"),
        _Line("F2", 12, 340, 330, letter.signer),
        _Line("F2", 16, 60, 60, f"{DEMO_LABEL} – KHÔNG CÓ GIÁ TRỊ"),
    ]  # fmt: skip
    drawn = b"\n".join(_draw(line) for line in lines)
    return b"q 90 0 0 90 60 340 cm /Im0 Do Q\n" + drawn


def _draw(line: _Line) -> bytes:
    """Drawn in ASCII, read aloud and copied in Vietnamese (ISO 32000-1 14.9.4)."""
    shown = plain(line.text).replace("\\", "\\\\").replace("(", "\\(").replace(")", "\\)")
    return b"/Span << /ActualText %s >> BDC BT /%s %d Tf %d %d Td (%s) Tj ET EMC" % (
        _text(line.text), line.font.encode(), line.size, line.x, line.y, shown.encode(),
    )  # fmt: skip


def _text(text: str) -> bytes:
    """A text string (ISO 32000-1 7.9.2.2) as hexadecimal UTF-16BE, composed."""
    composed = unicodedata.normalize("NFC", text)
    return b"<FEFF" + composed.encode("utf-16-be").hex().upper().encode() + b">"


def _font(name: bytes) -> bytes:
    return b"<< /Type /Font /Subtype /Type1 /BaseFont /%s /Encoding /WinAnsiEncoding >>" % name


def _stream(entries: bytes, data: bytes) -> bytes:
    return b"<< %s/Length %d >>\nstream\n%s\nendstream" % (entries, len(data), data)


def _picture(letter: Letter) -> bytes:
    """Grey noise of 16 shades that depends on number, notation and agency."""
    seed = f"{letter.agency}|{letter.code}|{letter.subject}".encode()
    wanted = letter.picture_side**2
    noise = hashlib.shake_128(seed).digest(wanted)
    return noise.translate(bytes(0xF0 | (value & 0x0F) for value in range(256)))


def _file(objects: Sequence[bytes]) -> bytes:
    """Objects numbered from 1, the last being the information dictionary; one xref table."""
    out = bytearray(b"%PDF-1.7\n%\xe2\xe3\xcf\xd3\n")
    offsets = []
    for number, body in enumerate(objects, start=1):
        offsets.append(len(out))
        out += b"%d 0 obj\n%s\nendobj\n" % (number, body)
    start = len(out)
    out += b"xref\n0 %d\n0000000000 65535 f \n" % (len(objects) + 1)
    out += b"".join(b"%010d 00000 n \n" % offset for offset in offsets)
    digest = hashlib.md5(out, usedforsecurity=False).hexdigest().encode()
    out += b"trailer\n<< /Size %d /Root 1 0 R /Info %d 0 R /ID [<%s> <%s>] >>\n" % (
        len(objects) + 1, len(objects), digest, digest,
    )  # fmt: skip
    return bytes(out + b"startxref\n%d\n%%%%EOF\n" % start)
