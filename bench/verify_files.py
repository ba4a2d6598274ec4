"""The signed files of the verifying bench: a collection of real ones, or made on the spot."""

# ruff: noqa: PLC0415  # what makes files is loaded by the process that makes them alone

import base64
import csv
import io
import json
import os
import random
import re
import zipfile
from collections.abc import Iterator
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from pathlib import Path

from monitor.model import Anchor, Moment, Revocation, TrustMaterial

KINDS = ("pdf", "smime", "cms", "xmldsig", "ooxml", "odf", "asic", "edxml")
REVISIONS = (1, 5, 20, 80)
"""Signatures, each of them a revision, in the files that show growth."""
_PEM = re.compile(rb"-----BEGIN [^-]+-----(.*?)-----END", re.DOTALL)


@dataclass(frozen=True)
class Signed:
    """A signed file on disk, with what it is judged by."""

    path: str
    kind: str
    anchors: tuple[str, ...] = ()
    """Files with certificates: `int_*` are intermediates, `crl_*` lists, all others anchors."""
    content: str = ""
    """What a detached signature covers."""
    at: str = "best"

    @property
    def data(self) -> bytes:
        return Path(self.path).read_bytes()

    @property
    def beside(self) -> bytes | None:
        return Path(self.content).read_bytes() if self.content else None

    @property
    def moment(self) -> Moment:
        at = None if self.at in {"", "best"} else datetime.fromisoformat(self.at)
        return Moment(now=datetime.now(UTC), at=at)

    def ders(self, prefix: str) -> list[bytes]:
        """DER of the files of one sort: `int_`, `crl_`, or all others for an empty prefix."""
        return [
            der
            for name in map(Path, self.anchors)
            if (name.name[:4] if name.name[:4] in {"int_", "crl_"} else "") == prefix
            for der in _encoded(name.read_bytes())
        ]

    @property
    def material(self) -> TrustMaterial:
        return TrustMaterial(
            anchors=tuple(Anchor(certificate=base64.b64encode(d)) for d in self.ders("")),
            intermediates=tuple(map(base64.b64encode, self.ders("int_"))),
            crls=tuple(map(base64.b64encode, self.ders("crl_"))),
            revocation=Revocation.SOFT,
        )


def _encoded(data: bytes) -> list[bytes]:
    return [base64.b64decode(match) for match in _PEM.findall(data)] or [data]


def save(files: list[Signed], where: Path) -> None:
    where.write_text(json.dumps([asdict(file) for file in files]))


def load(where: Path) -> list[Signed]:
    return [Signed(**{**row, "anchors": tuple(row["anchors"])})
            for row in json.loads(where.read_text())]  # fmt: skip


# -- real ones ------------------------------------------------------------------------------------


def collected() -> list[Signed]:
    """The signed files of the corpus; none where it is not at hand."""
    from tests.support.corpus import CORPUS

    if CORPUS is None:
        return []
    with (CORPUS / "manifest.tsv").open(encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file, delimiter="\t", quoting=csv.QUOTE_NONE))
    return [
        Signed(
            path=str(CORPUS / row["path"]),
            kind=row["kind"],
            anchors=tuple(str(CORPUS / name) for name in row["anchors"].split(";") if name),
            content=str(CORPUS / row["content"]) if row["content"] else "",
            at=row["at"],
        )
        for row in rows
        if row["kind"] in KINDS and row["signatures"] != "0"
    ]


# -- made on the spot -----------------------------------------------------------------------------


def generated(folder: Path, each: int = 12) -> list[Signed]:
    """Some distinct files of every kind, by a small PKI whose root is the anchor."""
    from cryptography.hazmat.primitives.serialization import Encoding

    from tests.verify import making as make

    anchor = folder / "root.pem"
    anchor.write_bytes(make.root().certificate.public_bytes(Encoding.PEM))
    found = []
    for number in range(each):
        for kind, name, data in _made(number):
            path = folder / f"{number}-{name}"
            path.write_bytes(data)
            found.append(Signed(str(path), kind, (str(anchor),)))
    return found


def _made(number: int) -> Iterator[tuple[str, str, bytes]]:
    """One file of each kind."""
    from tests.verify import making as make
    from tests.verify import package_making as package
    from tests.verify import xml_making as xml
    from tests.verify.test_edxml_messages import attachment, message

    text = f"Van ban {number} {random.random()}"
    yield from ((("pdf", f"{name}.pdf", data)) for name, data in _pdfs(text))
    content = text.encode() * 100
    yield "cms", "a.p7m", make.cms(content, attached=True)
    yield "smime", "a.eml", _mail(content)
    yield "xmldsig", "a.xml", xml.enveloped(f"<Title>{text}</Title>", xades=True)
    parts = {**package.docx_files(), "word/document.xml": f"<document>{text}</document>".encode()}
    yield "ooxml", "a.docx", package.docx(parts, signed=parts)
    yield "odf", "a.odt", package.odf({**package.odf_files(), "Pictures/a b.png": content})
    yield "asic", "a.asics", _asic(content)
    inner = attachment("a.pdf", make.sign_pdf(make.page(text)))
    yield "edxml", "a.edxml", message(inner).encode()


def _pdfs(text: str) -> Iterator[tuple[str, bytes]]:
    from pyhanko.sign.fields import MDPPerm

    from tests.verify import making as make

    once = make.sign_pdf(make.page(text, pages=40))
    certified = make.sign_pdf(make.page(text), certify=MDPPerm.FILL_FORMS)
    yield "once", once
    yield "twice", make.sign_pdf(once, make.agency(), visible=True)
    yield "certified", make.sign_pdf(certified, make.agency(), visible=True)
    yield "stamped", make.sign_pdf(make.page(text, pages=5), stamp=make.timestamper())


def _mail(content: bytes) -> bytes:
    from tests.verify import making as make

    inner = b"Content-Type: text/plain\r\n\r\n" + content
    signature = base64.encodebytes(make.cms(inner)).replace(b"\n", b"\r\n")
    kind = b'multipart/signed; protocol="application/pkcs7-signature"; boundary=b'
    part = b"Content-Type: application/pkcs7-signature\r\nContent-Transfer-Encoding: base64\r\n"
    head = b"From: ky@so.example\r\nSubject: a\r\nMIME-Version: 1.0\r\nContent-Type: " + kind
    boundary = b"\r\n--b"
    return boundary.join(
        [head + b"\r\n", b"\r\n" + inner, b"\r\n" + part + b"\r\n" + signature, b"--\r\n"]
    )


def _asic(content: bytes) -> bytes:
    from tests.verify import making as make

    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as archive:
        archive.writestr("mimetype", "application/vnd.etsi.asic-s+zip")
        archive.writestr("a.txt", content)
        archive.writestr("META-INF/signature.p7s", make.cms(content))
    return out.getvalue()


def fresh(folder: Path, count: int = 40) -> list[Signed]:
    """Distinct freshly signed and time-stamped PDFs of about 200 KB, as an office sends them."""
    from tests.verify import making as make

    found = []
    for number in range(count):
        path = folder / f"fresh-{number}.pdf"
        path.write_bytes(make.sign_pdf(_padded(180_000, pages=3), stamp=make.timestamper()))
        found.append(Signed(str(path), "pdf", (str(folder / "root.pem"),)))
    return found


def growing(folder: Path) -> list[Signed]:
    """A document signed again and again, at the steps of `REVISIONS`."""
    from tests.verify import making as make

    data, found = make.page(pages=3), []
    for number in range(1, max(REVISIONS) + 1):
        data = make.sign_pdf(data, make.agency() if number % 2 else make.officer(), visible=True)
        if number in REVISIONS:
            path = folder / f"signed-{number}.pdf"
            path.write_bytes(data)
            found.append(Signed(str(path), "pdf", (str(folder / "root.pem"),)))
    return found


def large(folder: Path, megabytes: int = 100) -> Iterator[Signed]:
    """Large files: unsigned, signed once, signed twice."""
    from tests.verify import making as make

    data = _padded(megabytes * 1_000_000)
    for name in ("unsigned", "signed once", "signed twice"):
        path = folder / f"{name}.pdf"
        path.write_bytes(data)
        yield Signed(str(path), "pdf", (str(folder / "root.pem"),))
        data = make.sign_pdf(data, make.agency(), visible=True)


def _padded(size: int, pages: int = 1) -> bytes:
    """A page with a picture's worth of noise in the file."""
    from tests.verify import making as make
    from tests.verify.pdf_bytes import Update

    noise = b"<</Length %d>>\nstream\n%s\nendstream" % (size, os.urandom(size))
    return Update({60: noise}).on(make.page(pages=pages))
