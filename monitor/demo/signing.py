"""Signing by pyHanko inside the process: PDF signatures, CMS, time-stamps by the demo's TSA.

Signers embed only their own certificate, as government files do, unless told to add the chain.
"""

import hashlib
import io
import os
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from asn1crypto import cms, keys, tsp
from asn1crypto import x509 as asn1_x509
from cryptography.hazmat.primitives import serialization
from pyhanko.pdf_utils.incremental_writer import IncrementalPdfFileWriter
from pyhanko.sign import PdfSignatureMetadata, PdfSigner, SimpleSigner
from pyhanko.sign.fields import SigSeedSubFilter
from pyhanko.sign.general import as_signing_certificate_v2
from pyhanko.sign.signers.pdf_cms import PdfCMSSignedAttributes
from pyhanko.sign.signers.pdf_signer import PdfSigningSession
from pyhanko.sign.timestamps import TimeStamper
from pyhanko_certvalidator.registry import SimpleCertificateStore

from monitor.demo.pki import Identity, PrivateKey, der

TSA_POLICY = "1.3.6.1.4.1.32473.79.3"
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
    tool = _DatedPdfSigner(
        metadata, signer=_signer(signer, manner), timestamper=_timestamper(manner)
    )
    tool.at = manner.at
    out = tool.sign_pdf(IncrementalPdfFileWriter(io.BytesIO(data)), bytes_reserved=CONTENTS_BYTES)
    return bytes(out.getvalue())


async def sign_cms(
    data: bytes, signer: Identity, manner: Manner, *, detached: bool = True
) -> bytes:
    """CMS SignedData over `data`, DER (RFC 5652)."""
    signed = await _signer(signer, manner).async_sign_general_data(
        data,
        "sha256",
        detached=detached,
        timestamper=_timestamper(manner),
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
    """Assembles the CMS level by level, each as bytes, for the reason `_frozen` gives."""

    def _package_signature(
        self,
        *,
        digest_algorithm: str,
        cms_version: str,
        signed_attrs: cms.CMSAttributes,
        signature: bytes,
        unsigned_attrs: cms.CMSAttributes | None,
        encap_content_info: Any,
    ) -> cms.ContentInfo:
        signer_info = self.signer_info(digest_algorithm, _frozen(signed_attrs), signature)
        if unsigned_attrs is not None:
            signer_info["unsigned_attrs"] = _frozen(unsigned_attrs)
        certificates = [self.signing_cert, *self.cert_registry]
        content = encap_content_info or {"content_type": "data"}
        return _signed_data(cms_version, content, certificates, signer_info)


class DemoTimeStamper(TimeStamper):
    """A time-stamp authority inside the process (RFC 3161), with one fixed time."""

    def __init__(self, tsa: Identity, at: datetime) -> None:
        super().__init__(include_nonce=True)  # type: ignore[no-untyped-call]  # pyHanko
        self._certificate = _asn1(tsa.der)
        self._signer = _signer(tsa, Manner(at))
        self._at = at

    async def async_request_tsa_response(self, req: tsp.TimeStampReq) -> tsp.TimeStampResp:
        info = self._info(req).dump()
        attributes = _tst_attributes(self._certificate, hashlib.sha256(info).digest(), self._at)
        signature = self._signer.sign_raw(attributes.dump(), "sha256")
        signer_info = self._signer.signer_info("sha256", attributes, signature)
        content = {"content_type": "tst_info", "content": cms.ParsableOctetString(info)}
        token = _signed_data("v3", content, [self._certificate], signer_info)
        return tsp.TimeStampResp({"status": {"status": "granted"}, "time_stamp_token": token})

    def _info(self, req: tsp.TimeStampReq) -> tsp.TSTInfo:
        return tsp.TSTInfo(
            {
                "version": "v1",
                "policy": TSA_POLICY,
                "message_imprint": _frozen(req["message_imprint"]),
                "serial_number": int.from_bytes(os.urandom(8)),
                "gen_time": self._at.replace(microsecond=0),
                "nonce": req["nonce"].native,
            }
        )


def _signed_data(
    version: str, content: Any, certificates: Iterable[asn1_x509.Certificate], signer_info: Any
) -> cms.ContentInfo:
    """CMS SignedData by one signer (RFC 5652 5.1)."""
    signed = cms.SignedData(
        {
            "version": version,
            "digest_algorithms": [{"algorithm": "sha256"}],
            "encap_content_info": content,
            "certificates": [
                cms.CertificateChoices(name="certificate", value=c) for c in certificates
            ],
            "signer_infos": [_frozen(signer_info)],
        }
    )
    return _frozen(cms.ContentInfo({"content_type": "signed_data", "content": _frozen(signed)}))


def _frozen(value: Any) -> Any:
    """The same ASN.1 value as parsed from its bytes.

    asn1crypto encodes a built value anew at every level around it, and takes one whose length
    happens to end in the byte 0x80 for indefinite, which multiplies the work: one signature in
    about a hundred took 5 to 20 s.
    """
    return type(value).load(value.dump())


def _tst_attributes(
    certificate: asn1_x509.Certificate, digest: bytes, at: datetime
) -> cms.CMSAttributes:
    """Signed attributes of a time-stamp token (RFC 3161 2.4.2, RFC 5816)."""
    values = {
        "content_type": "tst_info",
        "signing_time": cms.Time({"utc_time": at.replace(microsecond=0)}),
        "signing_certificate_v2": as_signing_certificate_v2(certificate),
        "message_digest": digest,
    }
    built = [cms.CMSAttribute({"type": name, "values": (v,)}) for name, v in values.items()]
    return cms.CMSAttributes.load(cms.CMSAttributes([_frozen(a) for a in built]).dump())


def _timestamper(manner: Manner) -> DemoTimeStamper | None:
    return DemoTimeStamper(manner.tsa, manner.at) if manner.tsa else None


def _signer(identity: Identity, manner: Manner) -> SimpleSigner:
    others = [der(c) for c in identity.chain] if manner.embed_chain else []
    return _Signer(
        signing_cert=_asn1(identity.der),
        signing_key=_asn1_key(identity.key),
        cert_registry=_store(others),
    )


def _store(ders: Iterable[bytes]) -> SimpleCertificateStore:
    store: SimpleCertificateStore = SimpleCertificateStore.from_certs(  # type: ignore[no-untyped-call]  # pyHanko
        [_asn1(data) for data in ders]
    )
    return store


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
