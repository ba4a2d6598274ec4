"""Broken mails made from good ones: bytes flipped, cut, doubled, spliced; headers gone wild."""

import base64
import random
from collections.abc import Iterator, Sequence
from pathlib import Path

from monitor.demo.agencies import AGENCIES
from monitor.demo.documents import DocumentKind, DocumentMaker
from monitor.demo.pki import Pki
from tests.support.mails import NOW

LARGEST_SEED = 600_000
NASTY = (
    b"\x00", b"\xff", b"\r\n\r\n", b"--", b"=?utf-8?b?", b"%PDF-1.7\n", b"/ByteRange [0 0 0 0]",
    b"\x30\x80", b"\x30\x84\xff\xff\xff\xff", b"endstream", b"<<" * 50, b"(" * 200,
    b"/Contents <>", b"startxref\n-1\n", b"Content-Type: multipart/mixed; boundary=\r\n",
)  # fmt: skip
TYPES = ("application/pdf", "application/pkcs7-mime; smime-type=signed-data", "application/zip")


def seeds(corpus: Path | None) -> Sequence[bytes]:
    """Files and mails to start from: the project's own, and real ones where they are at hand."""
    stock = [
        b"%PDF-1.4\n1 0 obj<<>>endobj\ntrailer<</Root 1 0 R>>\n%%EOF",
        b"plain text",
        b"PK\x03\x04",
    ]
    pki = Pki.create(1, NOW)
    maker = DocumentMaker(pki, 1)
    stock += [maker.make(kind, AGENCIES[0], NOW).data for kind in DocumentKind]
    if corpus:
        kinds = ("pdf", "smime", "cms", "ooxml", "asic", "edxml")
        paths = (path for kind in kinds for path in sorted((corpus / "files" / kind).iterdir()))
        stock += [path.read_bytes() for path in paths if path.stat().st_size < LARGEST_SEED]
    return stock


def mutants(stock: Sequence[bytes], chance: random.Random) -> Iterator[bytes]:
    """Mails without end, each distinct, CRLF ended."""
    number = 0
    while True:
        number += 1
        content = mutated(chance.choice(stock), chance)
        mail = wrapped(content, number, chance)
        if chance.random() < 0.3:
            mail = mutated(mail, chance)
        yield mail.replace(b"\r\n", b"\n").replace(b"\n", b"\r\n") + b"\r\nend %d\r\n" % number


def mutated(data: bytes, chance: random.Random) -> bytes:
    """One to eight changes anywhere."""
    broken = bytearray(data)
    for _ in range(chance.randint(1, 8)):
        at = chance.randrange(len(broken) + 1)
        size = chance.choice((1, 1, 4, 64, 1024))
        match chance.randrange(6):
            case 0:
                broken[at : at + 1] = bytes([chance.randrange(256)])
            case 1:
                del broken[at : at + size]
            case 2:
                broken[at:at] = chance.choice(NASTY)
            case 3:
                broken[at:at] = broken[max(0, at - size) : at]
            case 4:
                broken[at : at + size] = chance.randbytes(min(size, len(broken) - at))
            case _:
                if chance.random() < 0.2:
                    del broken[at:]
    return bytes(broken)


def wrapped(content: bytes, number: int, chance: random.Random) -> bytes:
    """The content as a mail of its own, or attached to one."""
    if chance.random() < 0.25:
        return content
    body = base64.encodebytes(content)
    kind = chance.choice(TYPES)
    return (
        (
            "From: nguyen@mot.example\r\nTo: tran@hai.example\r\n"
            f"Message-ID: <m{number}@mot.example>\r\n"
            f"MIME-Version: 1.0\r\nContent-Type: multipart/mixed; boundary=b{number}\r\n\r\n"
            f'--b{number}\r\nContent-Type: {kind}; name="cv.pdf"\r\n'
            f"Content-Transfer-Encoding: base64\r\n\r\n"
        ).encode()
        + body
        + f"\r\n--b{number}--\r\n".encode()
    )
