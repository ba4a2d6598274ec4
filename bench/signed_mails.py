"""Distinct, freshly signed PDFs in mails, made before a bench starts; a small PKI to judge them.

RSA-2048 and SHA-256 as in the corpus of Ministry PDFs: one approval signature by pyHanko in an
incremental update, chain of root and signer, no time-stamp; the CRL of the root beside it. What
fills the file is random, so neither compression nor a cache by content helps anybody.
"""
# pyHanko's writers are not annotated:
# mypy: allow-untyped-calls

import base64
import io
import os
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from functools import cache, partial
from multiprocessing import get_context
from pathlib import Path

from asn1crypto import keys
from asn1crypto import x509 as asn1_x509
from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import rsa
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat
from cryptography.x509.oid import NameOID
from pyhanko.pdf_utils import generic
from pyhanko.pdf_utils.incremental_writer import IncrementalPdfFileWriter
from pyhanko.pdf_utils.writer import PageObject, PdfFileWriter
from pyhanko.sign import signers
from pyhanko_certvalidator.registry import SimpleCertificateStore

LINE = b"\r\n"


@dataclass(frozen=True)
class Pki:
    """DER of a root, of a signer and its PKCS#8 key, and of the root's CRL."""

    root: bytes
    signer: bytes
    key: bytes
    crl: bytes

    def write(self, folder: Path) -> None:
        """Trust folders as `[verify]` wants them."""
        for name, data in (("anchors/cong_vu/root.der", self.root), ("crls/root.der", self.crl)):
            path = folder / name
            path.parent.mkdir(parents=True)
            path.write_bytes(data)


def make_pki() -> Pki:
    """A PKI valid around now."""
    now = datetime.now(UTC)
    root_key, key = (rsa.generate_private_key(65537, 2048) for _ in range(2))
    root_name = _name("Bench Root CA", "Bench")

    def issued(name: x509.Name, number: int, key: rsa.RSAPrivateKey, *, ca: bool) -> bytes:
        certificate = (
            x509.CertificateBuilder()
            .issuer_name(root_name)
            .not_valid_before(now - timedelta(days=30))
            .not_valid_after(now + timedelta(days=365))
            .subject_name(name)
            .serial_number(number)
            .public_key(key.public_key())
            .add_extension(x509.BasicConstraints(ca=ca, path_length=None), critical=True)
            .add_extension(_usage(ca=ca), critical=True)
            .sign(root_key, hashes.SHA256())
        )
        return certificate.public_bytes(Encoding.DER)

    crl = (
        x509.CertificateRevocationListBuilder()
        .issuer_name(root_name)
        .last_update(now - timedelta(minutes=1))
        .next_update(now + timedelta(days=30))
        .sign(root_key, hashes.SHA256())
    )
    signer_name = _name("Nguyễn Văn Một", "Sở Thử nghiệm Một")
    return Pki(
        issued(root_name, 1, root_key, ca=True),
        issued(signer_name, 2, key, ca=False),
        key.private_bytes(Encoding.DER, PrivateFormat.PKCS8, NoEncryption()),
        crl.public_bytes(Encoding.DER),
    )


def _name(common_name: str, organisation: str) -> x509.Name:
    pairs = ((NameOID.COMMON_NAME, common_name), (NameOID.ORGANIZATION_NAME, organisation))
    return x509.Name([x509.NameAttribute(oid, text) for oid, text in pairs])


def _usage(*, ca: bool) -> x509.KeyUsage:
    return x509.KeyUsage(
        digital_signature=not ca,
        content_commitment=not ca,
        key_cert_sign=ca,
        crl_sign=ca,
        key_encipherment=False,
        data_encipherment=False,
        key_agreement=False,
        encipher_only=False,
        decipher_only=False,
    )


def signed_pdf(pki: Pki, size: int) -> bytes:
    """A PDF of about `size` bytes with one signature."""
    writer = IncrementalPdfFileWriter(io.BytesIO(_unsigned_pdf(size - 8_000)))
    metadata = signers.PdfSignatureMetadata(field_name="Signature1")
    return bytes(signers.sign_pdf(writer, metadata, _signer(pki)).getbuffer())


def _unsigned_pdf(filling: int) -> bytes:
    writer = PdfFileWriter()
    picture = generic.StreamObject(stream_data=os.urandom(filling))
    entries = {"/Type": "/XObject", "/Subtype": "/Image", "/ColorSpace": "/DeviceGray"}
    for key, name in entries.items():
        picture[generic.pdf_name(key)] = generic.pdf_name(name)
    numbers = {"/Width": 300, "/Height": filling // 300, "/BitsPerComponent": 8}
    for key, number in numbers.items():
        picture[generic.pdf_name(key)] = generic.NumberObject(number)
    drawing = generic.StreamObject(stream_data=b"q 400 0 0 600 90 120 cm /Im0 Do Q")
    resources = generic.DictionaryObject(
        {
            generic.pdf_name("/XObject"): generic.DictionaryObject(
                {generic.pdf_name("/Im0"): writer.add_object(picture)}
            )
        }
    )
    page = PageObject(
        contents=writer.add_object(drawing), media_box=(0, 0, 595, 842), resources=resources
    )
    writer.insert_page(page)
    output = io.BytesIO()
    writer.write(output)
    return output.getvalue()


@cache
def _signer(pki: Pki) -> signers.SimpleSigner:
    store = SimpleCertificateStore()
    store.register(asn1_x509.Certificate.load(pki.root))
    return signers.SimpleSigner(
        signing_cert=asn1_x509.Certificate.load(pki.signer),
        signing_key=keys.PrivateKeyInfo.load(pki.key),
        cert_registry=store,
    )


def mail(number: int, tag: str, pdf: bytes) -> bytes:
    """An official's mail with a document, as a gateway hands its journal copy on."""
    date = datetime.now(UTC).strftime("%a, %d %b %Y %H:%M:%S +0000")
    start = (
        "Received: from ws.mot.example (ws.mot.example [127.0.0.2]) by gw.example (Postfix)\r\n"
        f" with ESMTPSA id {number:08X}; {date}\r\n"
        "From: Nguyen <nguyen@mot.example>\r\nTo: tran@hai.example\r\n"
        f"Message-ID: <{tag}-{number}@mot.example>\r\nSubject: Cong van so {number}\r\n"
        f"Date: {date}\r\nMIME-Version: 1.0\r\n"
        'Content-Type: multipart/mixed; boundary="b"\r\n\r\n'
        "--b\r\nContent-Type: text/plain; charset=utf-8\r\n\r\nKính gửi.\r\n"
        "--b\r\nContent-Type: application/pdf\r\nContent-Transfer-Encoding: base64\r\n"
        f'Content-Disposition: attachment; filename="{number}.pdf"\r\n\r\n'
    ).encode()
    return start + base64.encodebytes(pdf).replace(b"\n", LINE) + b"--b--\r\n"


def _make(pki: Pki, tag: str, mail_bytes: int, folder: Path, number: int) -> None:
    pdf = signed_pdf(pki, (mail_bytes - 1000) * 57 // 78)
    (folder / f"{number:06}.eml").write_bytes(mail(number, tag, pdf))


def make_mails(pki: Pki, count: int, mail_bytes: int, folder: Path) -> None:
    """Write `count` mails of about `mail_bytes` as files, by all cores.

    No line of them begins with a dot, so SMTP takes them as they are.
    """
    folder.mkdir(parents=True, exist_ok=True)
    make = partial(_make, pki, f"bench{os.getpid()}", mail_bytes, folder)
    with ProcessPoolExecutor(mp_context=get_context("spawn")) as workers:
        list(workers.map(make, range(count), chunksize=20))
