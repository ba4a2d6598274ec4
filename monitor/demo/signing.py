"""Signing by pyHanko inside the process: PDF signatures, CMS, time-stamps by the demo's TSA.

Signers embed only their own certificate, as government files do, unless told to add the chain.
"""

import hashlib
import io
import os
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from asn1crypto import algos, cms, core, keys, tsp
from asn1crypto import x509 as asn1_x509
from cryptography.hazmat.primitives import serialization
from pyhanko.pdf_utils.incremental_writer import IncrementalPdfFileWriter
from pyhanko.sign import PdfSignatureMetadata, PdfSigner, SimpleSigner
from pyhanko.sign.fields import SigSeedSubFilter
from pyhanko.sign.signers.pdf_cms import PdfCMSSignedAttributes
from pyhanko.sign.signers.pdf_signer import PdfSigningSession
from pyhanko_certvalidator.registry import SimpleCertificateStore

from monitor.demo.pki import Identity, PrivateKey, der

TSA_POLICY = "1.3.6.1.4.1.32473.79.3"
NO_CERTIFICATES = SimpleCertificateStore()  # type: ignore[no-untyped-call]  # pyHanko
CONTENTS_BYTES = 16_384
"""Reserved for /Contents: room for a time-stamped signature, and no trial signature to size it."""


@dataclass(frozen=True)
class Manner:
    """How something is signed."""

    at: datetime
    """Claimed signing time, and the time-stamp's."""
    tsa: Identity | None = None
    """Without one there is no time-stamp."""
    pades: bool = True
    """SubFilter ETSI.CAdES.detached (PAdES B-B, with a TSA B-T), else adbe.pkcs7.detached."""
    embed_chain: bool = False
    """Add the issuers' certificates, the root's included."""


def sign_pdf(data: bytes, signer: Identity, manner: Manner, field: str = "Signature1") -> bytes:
    """The PDF with one more approval signature; must not be called inside an event loop."""
    subfilter = SigSeedSubFilter.PADES if manner.pades else SigSeedSubFilter.ADOBE_PKCS7_DETACHED
    metadata = PdfSignatureMetadata(
        field_name=field, md_algorithm="sha256", subfilter=subfilter, location="tỉnh Hoa Sen (DEMO)"
    )
    tool = _DatedPdfSigner(metadata, signer=_Signer(signer, manner))
    tool.at = manner.at
    out = tool.sign_pdf(IncrementalPdfFileWriter(io.BytesIO(data)), bytes_reserved=CONTENTS_BYTES)
    return bytes(out.getvalue())


async def sign_cms(
    data: bytes, signer: Identity, manner: Manner, *, detached: bool = True
) -> bytes:
    """CMS SignedData over `data`, DER (RFC 5652)."""
    signed = await _Signer(signer, manner).async_sign_general_data(
        data,
        "sha256",
        detached=detached,
        signed_attr_settings=PdfCMSSignedAttributes(signing_time=manner.at),
    )
    return bytes(signed.dump())


class _DatedPdfSigner(PdfSigner):
    """Claims a given signing time instead of the system's."""

    at: datetime

    def init_signing_session(self, *args: Any, **kwargs: Any) -> PdfSigningSession:
        session = super().init_signing_session(*args, **kwargs)
        session.system_time = self.at
        return session


class _Signer(SimpleSigner):
    """pyHanko's signer, with the CMS and its time-stamp assembled by `_signed_data`."""

    def __init__(self, identity: Identity, manner: Manner) -> None:
        super().__init__(_asn1(identity.der), _asn1_key(identity.key), NO_CERTIFICATES)
        self.identity = identity
        self.manner = manner

    def _package_signature(
        self, *, signed_attrs: cms.CMSAttributes, signature: bytes, **rest: Any
    ) -> cms.ContentInfo:
        content = _seq(DATA)
        if "content" in (encapsulated := rest["encap_content_info"] or {}):
            content = _seq(DATA, _tlv(0xA0, _tlv(0x04, encapsulated["content"])))
        tsa = self.manner.tsa
        token = timestamp(signature, tsa, self.manner.at) if tsa else None
        encoded = _signed_data(1, content, self, signed_attrs.dump(), signature, token)
        ready = _Encoded.load(encoded)
        ready.encoded = encoded
        return ready


class _Encoded(cms.ContentInfo):  # type: ignore[misc]  # asn1crypto is untyped
    """A CMS that gives its own bytes back.

    asn1crypto takes a value whose length ends in the byte 0x80 for one of indefinite length and
    encodes it anew, several times at each level: 5 to 20 s for one time-stamped signature in a
    hundred.
    """

    encoded: bytes

    def dump(self, force: bool = False) -> bytes:  # noqa: ARG002  # asn1crypto's
        return self.encoded


def timestamp(content: bytes, tsa: Identity, at: datetime) -> bytes:
    """A time-stamp token over `content` (RFC 3161), DER, with a whole second as its time."""
    at = at.replace(microsecond=0)
    info = tsp.TSTInfo(
        {
            "version": "v1",
            "policy": TSA_POLICY,
            "message_imprint": {
                "hash_algorithm": {"algorithm": "sha256"},
                "hashed_message": hashlib.sha256(content).digest(),
            },
            "serial_number": int.from_bytes(os.urandom(8)),
            "gen_time": at,
        }
    ).dump()
    certificate_hash = _tlv(0x04, hashlib.sha256(tsa.der).digest())
    signed = _tlv(
        0x31,
        *sorted(
            (
                _attribute("1.2.840.113549.1.9.3", TST_INFO),
                _attribute("1.2.840.113549.1.9.5", core.UTCTime(at).dump()),
                _attribute("1.2.840.113549.1.9.4", _tlv(0x04, hashlib.sha256(info).digest())),
                _attribute("1.2.840.113549.1.9.16.2.47", _seq(_seq(_seq(certificate_hash)))),
            )
        ),
    )
    wrapped = _seq(TST_INFO, _tlv(0xA0, _tlv(0x04, info)))
    signer = _Signer(tsa, Manner(at))
    return _signed_data(3, wrapped, signer, signed, signer.sign_raw(signed, "sha256"), None)


# -- CMS by hand (RFC 5652 5.1 and 5.3), DER -------------------------------------------------

SIGNED_DATA = core.ObjectIdentifier("1.2.840.113549.1.7.2").dump()
DATA = core.ObjectIdentifier("1.2.840.113549.1.7.1").dump()
TST_INFO = core.ObjectIdentifier("1.2.840.113549.1.9.16.1.4").dump()
SIGNATURE_TIMESTAMP = "1.2.840.113549.1.9.16.2.14"
SHA256 = algos.DigestAlgorithm({"algorithm": "sha256"}).dump()


def _signed_data(  # the fields of SignedData
    version: int,
    content: bytes,
    signer: _Signer,
    signed_attributes: bytes,
    signature: bytes,
    token: bytes | None,
) -> bytes:
    """ContentInfo of a SignedData by one signer; `content` is its EncapsulatedContentInfo."""
    chain = signer.identity.chain if signer.manner.embed_chain else ()
    certificates = sorted([signer.identity.der, *(der(c) for c in chain)])
    info = _signer_info(signer, signed_attributes, signature, token)
    signed = _seq(
        _tlv(0x02, bytes([version])),
        _tlv(0x31, SHA256),
        content,
        _tlv(0xA0, *certificates),
        _tlv(0x31, info),
    )
    return _seq(SIGNED_DATA, _tlv(0xA0, signed))


def _signer_info(
    signer: _Signer, signed_attributes: bytes, signature: bytes, token: bytes | None
) -> bytes:
    certificate = signer.identity.certificate
    serial = core.Integer(certificate.serial_number).dump()
    mechanism = signer.get_signature_mechanism_for_digest("sha256").dump()
    stamped = _tlv(0xA1, _attribute(SIGNATURE_TIMESTAMP, token)) if token else b""
    return _seq(
        _tlv(0x02, b"\x01"),
        _seq(certificate.issuer.public_bytes(), serial),
        SHA256,
        b"\xa0" + signed_attributes[1:],
        mechanism,
        _tlv(0x04, signature),
        stamped,
    )


def _attribute(oid: str, value: bytes) -> bytes:
    """One attribute: of a time-stamp token its content type, time, digest and certificate (RFC
    5652 11, RFC 5816).
    """
    return _seq(core.ObjectIdentifier(oid).dump(), _tlv(0x31, value))


def _seq(*parts: bytes) -> bytes:
    return _tlv(0x30, *parts)


def _tlv(tag: int, *parts: bytes) -> bytes:
    value = b"".join(parts)
    if len(value) < 0x80:
        return bytes([tag, len(value)]) + value
    length = len(value).to_bytes((len(value).bit_length() + 7) // 8)
    return bytes([tag, 0x80 | len(length)]) + length + value


def _asn1(data: bytes) -> asn1_x509.Certificate:
    return asn1_x509.Certificate.load(data)


def _asn1_key(key: PrivateKey) -> keys.PrivateKeyInfo:
    return keys.PrivateKeyInfo.load(
        key.private_bytes(
            serialization.Encoding.DER,
            serialization.PrivateFormat.PKCS8,
            serialization.NoEncryption(),
        )
    )
