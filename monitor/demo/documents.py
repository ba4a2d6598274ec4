"""The documents of the demo province: one maker for every kind a validator has to tell apart.

Each document says what it is and what the verdict must be, so that a test or a reader can compare
the product's answer with the truth.
"""

import io
import random
import zipfile
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from enum import StrEnum
from hashlib import sha256

from pyhanko.pdf_utils.reader import PdfFileReader
from pyhanko.pdf_utils.writer import PdfFileWriter

from monitor.clock import VIETNAM
from monitor.demo.agencies import CLERK, LEADER, PROVINCE, PROVINCE_OFFICE, DemoAgency
from monitor.demo.letter import AMOUNT_LINE, Letter, plain, render
from monitor.demo.pki import Identity, Pki
from monitor.demo.signing import Manner, sign_pdf
from monitor.material.demo_mark import DEMO_LABEL
from monitor.model import Cause, DocumentClass, Overall, TrustClass


class DocumentKind(StrEnum):
    """What a demo document is."""

    PAIR = "pair"
    """Person and organisation, both time-stamped: complete after Nghị định 30."""
    PERSON = "person"
    SEAL = "seal"
    """Organisation only, as an appendix has."""
    CLERK_SEAL = "clerk_seal"
    """The clerk's and the organisation's, as a certified copy has: two signatures and no pair."""
    PUBLIC_CA = "public_ca"
    """A pair whose certificates come from the public CA."""
    NO_TIMESTAMP = "no_timestamp"
    PKCS7 = "pkcs7"
    """SubFilter adbe.pkcs7.detached instead of PAdES."""
    TAMPERED = "tampered"
    EXPIRED = "expired"
    """Claims a time after the certificate's end, and the time-stamp agrees."""
    EXPIRED_CLAIMED = "expired_claimed"
    """Claims a time before the certificate's end; nothing proves it."""
    REVOKED = "revoked"
    FORGED_CA = "forged_ca"
    """Under a CA that only bears the public-service CA's name; the forged chain is embedded."""
    UNPUBLISHED_CA = "unpublished_ca"
    """The sub-CA's certificate is nowhere to be had."""
    REMNANT = "remnant"
    """Rewritten by an optimiser after signing."""
    UNSIGNED = "unsigned"
    ENCRYPTED = "encrypted"
    CORRUPT = "corrupt"
    EDITABLE = "editable"
    """An unsigned docx."""


@dataclass(frozen=True)
class Truth:
    """The verdict a kind deserves."""

    overall: Overall
    cause: Cause | None = None
    paired: bool = False
    """For its own agency (Nghị định 30/2020 Điều 5)."""


TRUTH: Mapping[DocumentKind, Truth] = {
    DocumentKind.PAIR: Truth(Overall.VALID, paired=True),
    DocumentKind.PERSON: Truth(Overall.VALID),
    DocumentKind.SEAL: Truth(Overall.VALID),
    DocumentKind.CLERK_SEAL: Truth(Overall.VALID),
    DocumentKind.PUBLIC_CA: Truth(Overall.VALID, paired=True),
    DocumentKind.NO_TIMESTAMP: Truth(Overall.VALID),
    DocumentKind.PKCS7: Truth(Overall.VALID),
    DocumentKind.TAMPERED: Truth(Overall.INVALID),
    DocumentKind.EXPIRED: Truth(Overall.INVALID),
    DocumentKind.EXPIRED_CLAIMED: Truth(Overall.INDETERMINATE, Cause.SIGNER),
    DocumentKind.REVOKED: Truth(Overall.INVALID),
    DocumentKind.FORGED_CA: Truth(Overall.INDETERMINATE, Cause.SIGNER),
    DocumentKind.UNPUBLISHED_CA: Truth(Overall.INDETERMINATE, Cause.OURS),
    DocumentKind.REMNANT: Truth(Overall.INVALID),
    DocumentKind.UNSIGNED: Truth(Overall.UNSIGNED),
    DocumentKind.ENCRYPTED: Truth(Overall.UNREADABLE),
    DocumentKind.CORRUPT: Truth(Overall.UNREADABLE),
    DocumentKind.EDITABLE: Truth(Overall.UNSIGNED),
}

FIRST_NUMBER = 301
"""Of what the demo sends; what its register has of the weeks before ends below it."""
SUBJECTS = (
    "báo cáo tình hình sử dụng thư điện tử công vụ",
    "triển khai chữ ký số chuyên dùng công vụ",
    "mời họp giao ban tháng",
    "đôn đốc gửi nhận văn bản điện tử",
    "góp ý dự thảo kế hoạch chuyển đổi số",
    "rà soát chứng thư chữ ký số sắp hết hạn",
)
BODY = (
    "Kính gửi: Các sở, ban, ngành; UBND các xã, phường",
    "",
    "Đây là văn bản của hệ thống trình diễn congvu, do máy tạo ra.",
    "Cơ quan, chức danh, số và ký hiệu đều là giả định.",
    "This letter was generated for the congvu demo. Nothing in it is real.",
)
LOCKED = "demo-password"
"""User password of encrypted documents: a reader without it can judge nothing."""


@dataclass(frozen=True)
class DemoDocument:
    """One document and the truth about it."""

    kind: DocumentKind
    agency: DemoAgency
    """Whose document it is: the signers' agency, or the one its letterhead names."""
    name: str
    data: bytes
    number: int
    notation: str
    document_class: DocumentClass

    @property
    def content_hash(self) -> str:
        """SHA-256 of the bytes, lower-case hexadecimal."""
        return sha256(self.data).hexdigest()

    @property
    def truth(self) -> Truth:
        """The verdict it deserves."""
        return TRUTH[self.kind]


class DocumentMaker:
    """Makes documents that differ in number, subject and size; numbers run on per agency.

    The order of choices depends on `seed`; signature values and file identifiers are random.
    """

    def __init__(self, pki: Pki, seed: int = 0, first_number: int = FIRST_NUMBER) -> None:
        self.pki = pki
        self._random = random.Random(f"documents/{seed}")  # noqa: S311  # no secret: demo content
        self._first = first_number
        self._numbers: dict[str, int] = {}

    def make(
        self,
        kind: DocumentKind,
        agency: DemoAgency = PROVINCE_OFFICE,
        at: datetime | None = None,
        number: int | None = None,
    ) -> DemoDocument:
        """A fresh document, signed at `at` (aware; the PKI's time unless given), with the agency's
        next number unless one is given.

        Takes 1 to 80 ms of processor time; must not be called inside an event loop.
        """
        at = at or self.pki.now
        if number is None:
            number = self._numbers.get(agency.code, self._first)
            self._numbers[agency.code] = number + 1
        letter = self._letter(agency, number, at)
        data = _BUILDERS[kind](self.pki, agency, letter, at)
        editable = kind is DocumentKind.EDITABLE
        stem = plain(letter.code.replace("/", "-")).lower()
        return DemoDocument(
            kind,
            agency,
            f"{agency.label}-{stem}.{'docx' if editable else 'pdf'}",
            data,
            number,
            agency.notation,
            DocumentClass.EDITABLE if editable else DocumentClass.FORMAL,
        )

    def stamp(self, document: DemoDocument, receiver: DemoAgency, at: datetime) -> DemoDocument:
        """The document with its receiver's "đến" stamp: one more signature, of another agency."""
        manner = Manner(at, self.pki.tsa)
        seal = self.pki.organisation(receiver)
        return replace(document, data=sign_pdf(document.data, seal, manner, "Arrival"))

    def _letter(self, agency: DemoAgency, number: int, at: datetime) -> Letter:
        return Letter(
            agency=agency.name,
            superior=f"UBND {PROVINCE}",
            place="Hoa Sen",
            number=number,
            notation=agency.notation,
            issued_on=at.astimezone(VIETNAM).date(),
            subject=self._random.choice(SUBJECTS),
            body=BODY,
            signer=LEADER.post,
            picture_side=self._random.choice((48, 64, 96, 128, 160, 192)),
        )


# -- one builder a kind -----------------------------------------------------------------------


def _signed_by(pki: Pki, letter: Letter, signers: list[Identity], at: datetime) -> bytes:
    data = render(letter)
    for index, signer in enumerate(signers, start=1):
        data = sign_pdf(data, signer, Manner(at, pki.tsa), f"Signature{index}")
    return data


def _pair(pki: Pki, agency: DemoAgency, letter: Letter, at: datetime) -> bytes:
    return _signed_by(pki, letter, [pki.officer(agency), pki.organisation(agency)], at)


def _person(pki: Pki, agency: DemoAgency, letter: Letter, at: datetime) -> bytes:
    return _signed_by(pki, letter, [pki.officer(agency)], at)


def _seal(pki: Pki, agency: DemoAgency, letter: Letter, at: datetime) -> bytes:
    return _signed_by(pki, letter, [pki.organisation(agency)], at)


def _clerk_seal(pki: Pki, agency: DemoAgency, letter: Letter, at: datetime) -> bytes:
    return _signed_by(pki, letter, [pki.officer(agency, CLERK), pki.organisation(agency)], at)


def _public_ca(pki: Pki, agency: DemoAgency, letter: Letter, at: datetime) -> bytes:
    public = TrustClass.CONG_CONG
    person = pki.officer(agency, trust_class=public)
    return _signed_by(pki, letter, [person, pki.organisation(agency, trust_class=public)], at)


def _no_timestamp(pki: Pki, agency: DemoAgency, letter: Letter, at: datetime) -> bytes:
    return sign_pdf(render(letter), pki.officer(agency, CLERK), Manner(at))


def _pkcs7(pki: Pki, agency: DemoAgency, letter: Letter, at: datetime) -> bytes:
    return sign_pdf(render(letter), pki.officer(agency), Manner(at, pki.tsa, pades=False))


def _tampered(pki: Pki, agency: DemoAgency, letter: Letter, at: datetime) -> bytes:
    drawn = plain(AMOUNT_LINE).encode()
    return _pair(pki, agency, letter, at).replace(drawn, drawn.replace(b"1000", b"9000"))


def _expired(pki: Pki, agency: DemoAgency, letter: Letter, at: datetime) -> bytes:
    manner = Manner(at, pki.tsa, pades=False)
    return sign_pdf(render(letter), pki.expired(agency), manner)


def _expired_claimed(pki: Pki, agency: DemoAgency, letter: Letter, at: datetime) -> bytes:
    del at
    signer = pki.expired(agency)
    claimed = signer.certificate.not_valid_after_utc - timedelta(days=7)
    return sign_pdf(render(letter), signer, Manner(claimed))


def _revoked(pki: Pki, agency: DemoAgency, letter: Letter, at: datetime) -> bytes:
    return _signed_by(pki, letter, [pki.revoked(agency)], at)


def _forged_ca(pki: Pki, agency: DemoAgency, letter: Letter, at: datetime) -> bytes:
    manner = Manner(at, pki.tsa, embed_chain=True)
    return sign_pdf(render(letter), pki.forged(agency), manner)


def _unpublished_ca(pki: Pki, agency: DemoAgency, letter: Letter, at: datetime) -> bytes:
    return _signed_by(pki, letter, [pki.unpublished(agency)], at)


def _remnant(pki: Pki, agency: DemoAgency, letter: Letter, at: datetime) -> bytes:
    """What an optimiser leaves: streams compressed, so that ByteRange points past the end."""
    writer = _rewrite(_person(pki, agency, letter, at))
    page = writer.root["/Pages"]["/Kids"][0]
    page["/Contents"].compress()
    page["/Resources"]["/XObject"]["/Im0"].compress()
    return _written(writer)


def _rewrite(data: bytes) -> PdfFileWriter:
    """A writer that holds copies of all objects a reader reaches."""
    reader = PdfFileReader(io.BytesIO(data))
    writer = PdfFileWriter(init_page_tree=False, stream_xrefs=False)  # type: ignore[no-untyped-call]  # pyHanko
    for key in reader.root:
        writer.root[key] = writer.import_object(reader.root.raw_get(key))
    return writer


def _written(writer: PdfFileWriter) -> bytes:
    out = io.BytesIO()
    writer.write(out)  # type: ignore[no-untyped-call]  # pyHanko
    return out.getvalue()


def _unsigned(pki: Pki, agency: DemoAgency, letter: Letter, at: datetime) -> bytes:
    del pki, agency, at
    return render(letter)


def _encrypted(pki: Pki, agency: DemoAgency, letter: Letter, at: datetime) -> bytes:
    del pki, agency, at
    writer = _rewrite(render(letter))
    writer.encrypt(LOCKED, LOCKED)  # type: ignore[no-untyped-call]  # pyHanko
    return _written(writer)


def _corrupt(pki: Pki, agency: DemoAgency, letter: Letter, at: datetime) -> bytes:
    """The header of a PDF and then nothing that any reader could recover."""
    del pki, agency, at
    noise = sha256(letter.code.encode() + letter.subject.encode()).digest()
    return b"%PDF-1.7\n" + noise * 200


_DOCX = {
    "[Content_Types].xml": (
        '<Types xmlns="http://schemas.openxmlformats.org/package/2006/content-types">'
        '<Default Extension="rels" '
        'ContentType="application/vnd.openxmlformats-package.relationships+xml"/>'
        '<Override PartName="/word/document.xml" ContentType="application/'
        'vnd.openxmlformats-officedocument.wordprocessingml.document.main+xml"/></Types>'
    ),
    "_rels/.rels": (
        '<Relationships xmlns="http://schemas.openxmlformats.org/package/2006/relationships">'
        '<Relationship Id="rId1" Type="http://schemas.openxmlformats.org/officeDocument/2006/'
        'relationships/officeDocument" Target="word/document.xml"/></Relationships>'
    ),
}


def _editable(pki: Pki, agency: DemoAgency, letter: Letter, at: datetime) -> bytes:
    del pki
    lines = (DEMO_LABEL, agency.name, f"Số: {letter.code}", f"V/v {letter.subject}", *letter.body)
    runs = "".join(f"<w:p><w:r><w:t>{line}</w:t></w:r></w:p>" for line in lines)
    namespace = "http://schemas.openxmlformats.org/wordprocessingml/2006/main"
    body = f'<w:document xmlns:w="{namespace}"><w:body>{runs}</w:body></w:document>'
    out = io.BytesIO()
    local = at.astimezone(VIETNAM)
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, text in (*_DOCX.items(), ("word/document.xml", body)):
            when = (local.year, local.month, local.day, local.hour, local.minute, 0)
            declared = '<?xml version="1.0" encoding="UTF-8" standalone="yes"?>\n' + text
            archive.writestr(zipfile.ZipInfo(name, when), declared)
    return out.getvalue()


_Builder = Callable[[Pki, DemoAgency, Letter, datetime], bytes]

_BUILDERS: Mapping[DocumentKind, _Builder] = {
    DocumentKind.PAIR: _pair,
    DocumentKind.PERSON: _person,
    DocumentKind.SEAL: _seal,
    DocumentKind.CLERK_SEAL: _clerk_seal,
    DocumentKind.PUBLIC_CA: _public_ca,
    DocumentKind.NO_TIMESTAMP: _no_timestamp,
    DocumentKind.PKCS7: _pkcs7,
    DocumentKind.TAMPERED: _tampered,
    DocumentKind.EXPIRED: _expired,
    DocumentKind.EXPIRED_CLAIMED: _expired_claimed,
    DocumentKind.REVOKED: _revoked,
    DocumentKind.FORGED_CA: _forged_ca,
    DocumentKind.UNPUBLISHED_CA: _unpublished_ca,
    DocumentKind.REMNANT: _remnant,
    DocumentKind.UNSIGNED: _unsigned,
    DocumentKind.ENCRYPTED: _encrypted,
    DocumentKind.CORRUPT: _corrupt,
    DocumentKind.EDITABLE: _editable,
}
