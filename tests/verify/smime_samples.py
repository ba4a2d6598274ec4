"""Signed mails built by code: the demo province's PKI and cryptography's PKCS#7 builder."""

import base64
import functools
import zlib
from collections.abc import Sequence
from datetime import UTC, datetime

from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import Encoding, pkcs7

from monitor.demo.pki import Identity, Pki
from monitor.extract.mail import read_mail
from monitor.model import (
    Anchor,
    Judgement,
    Limits,
    Moment,
    Revocation,
    TrustMaterial,
)
from monitor.verify import ber
from monitor.verify.judge import Judge
from monitor.verify.smime_entity import Entity

NOW = datetime(2026, 3, 2, 2, 0, tzinfo=UTC)
MOMENT = Moment(now=NOW, at=NOW)
TEXT = b"Content-Type: text/plain; charset=utf-8\r\n\r\nK\xc3\xadnh g\xe1\xbb\xadi\r\n"
ATTACK = b"Content-Type: text/html\r\n\r\n<p>Pay the other account</p>\r\n"
DATA, SIGNED, COMPRESSED = (
    "2a864886f70d010701",
    "2a864886f70d010702",
    "2a864886f70d0109100109",
)


@functools.cache
def pki() -> Pki:
    """One PKI for all tests."""
    return Pki.create(7, NOW)


def material() -> TrustMaterial:
    return TrustMaterial(
        anchors=tuple(
            Anchor(certificate=base64.b64encode(der), trust_class=trust_class)
            for trust_class, ders in pki().anchors().items()
            for der in ders
        ),
        intermediates=tuple(base64.b64encode(der) for der in pki().intermediates()),
        crls=tuple(base64.b64encode(der) for der in pki().crls()),
        revocation=Revocation.REQUIRE,
    )


@functools.cache
def judge_of_mails() -> Judge:
    return Judge(material())


def judged(message: Entity) -> Judgement:
    """The verdict of one message by the PKI's own anchors."""
    judge = judge_of_mails()
    return judge.conclude(judge.mail(message), "mail", MOMENT)


def judge(raw: bytes) -> Judgement:
    return judged(read_mail(raw, None, Limits()).root)


def signed(content: bytes, *who: Identity, detached: bool = True) -> bytes:
    """A SignedData over exact bytes, one signer block an identity."""
    builder = pkcs7.PKCS7SignatureBuilder().set_data(content)
    for identity in who:
        key = identity.key
        assert isinstance(key, ec.EllipticCurvePrivateKey)
        builder = builder.add_signer(identity.certificate, key, hashes.SHA256())
    options = [pkcs7.PKCS7Options.Binary]
    if detached:
        options.append(pkcs7.PKCS7Options.DetachedSignature)
    return builder.sign(Encoding.DER, options)


def header(sender: str, *more: str) -> bytes:
    """A message header that still lacks its Content-Type."""
    lines = [
        f"From: {sender}" if sender else "X-No-From: 1",
        "To: ubnd@example.vn",
        "Subject: Bao cao",
        "Message-ID: <1@example.vn>",
        "Date: Mon, 2 Mar 2026 09:00:00 +0700",
        "MIME-Version: 1.0",
        *more,
    ]
    return "".join(line + "\r\n" for line in lines).encode()


def b64(data: bytes) -> bytes:
    return base64.encodebytes(data).replace(b"\n", b"\r\n")


def multipart(kind: str, boundary: str, *parts: bytes) -> bytes:
    """An entity of that media type, with its own Content-Type line."""
    mark = boundary.encode()
    body = b"".join(b"--" + mark + b"\r\n" + part + b"\r\n" for part in parts)
    return (
        f'Content-Type: {kind}; boundary="{boundary}"\r\n\r\n'.encode()
        + body
        + b"--"
        + mark
        + b"--\r\n"
    )


def signature_part(cms: bytes, name: str = "smime.p7s") -> bytes:
    return (
        f"Content-Type: application/pkcs7-signature; name={name}\r\n"
        "Content-Transfer-Encoding: base64\r\n"
        f"Content-Disposition: attachment; filename={name}\r\n\r\n"
    ).encode() + b64(cms)


SIGNED_TYPE = 'multipart/signed; protocol="application/pkcs7-signature"; micalg=sha-256'


def clear_signed(content: bytes, *who: Identity, boundary: str = "sig") -> bytes:
    """A multipart/signed entity without message header."""
    return multipart(SIGNED_TYPE, boundary, content, signature_part(signed(content, *who)))


def opaque(cms: bytes, smime_type: str = "signed-data", name: str = "smime.p7m") -> bytes:
    """An application/pkcs7-mime entity without message header."""
    return (
        f"Content-Type: application/pkcs7-mime; smime-type={smime_type}; name={name}\r\n"
        "Content-Transfer-Encoding: base64\r\n\r\n"
    ).encode() + b64(cms)


def content_info(kind: str, body: bytes) -> bytes:
    return ber.encode(0x30, ber.encode(0x06, bytes.fromhex(kind)) + ber.encode(0xA0, body))


def compressed(content: bytes) -> bytes:
    """A CompressedData (RFC 3274) around an entity."""
    inner = ber.encode(0x06, bytes.fromhex(DATA)) + ber.encode(
        0xA0, ber.encode(0x04, zlib.compress(content))
    )
    algorithm = ber.encode(0x30, ber.encode(0x06, bytes.fromhex("2a864886f70d0109100308")))
    body = ber.encode(0x02, b"\0") + algorithm + ber.encode(0x30, inner)
    return content_info(COMPRESSED, ber.encode(0x30, body))


def enveloped(content: bytes, to: x509.Certificate | None = None) -> bytes:
    """An EnvelopedData nobody here can open: the structure is all that is read of it."""
    del to
    recipients = ber.encode(0x31, b"")
    encrypted = ber.encode(
        0x30, ber.encode(0x06, bytes.fromhex(DATA)) + ber.encode(0x80, content[::-1])
    )
    return content_info(
        "2a864886f70d010703", ber.encode(0x30, ber.encode(0x02, b"\0") + recipients + encrypted)
    )


def certificates_only(certificates: Sequence[bytes]) -> bytes:
    """A SignedData without a signer (RFC 8551 3.8)."""
    body = (
        ber.encode(0x02, b"\1")
        + ber.encode(0x31, b"")
        + ber.encode(0x30, ber.encode(0x06, bytes.fromhex(DATA)))
        + ber.encode(0xA0, b"".join(certificates))
        + ber.encode(0x31, b"")
    )
    return content_info(SIGNED, ber.encode(0x30, body))
