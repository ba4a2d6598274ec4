# mypy: allow-untyped-calls
"""A small PKI and signed files for the verifier's tests, made with independent tools.

Certificates come from `cryptography`, signatures from pyHanko or by hand; nothing here uses the
code under test.
"""

import asyncio
import base64
import functools
import io
import uuid
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from asn1crypto import keys
from asn1crypto import x509 as asn1_x509
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec, rsa
from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID
from pyhanko.pdf_utils import generic
from pyhanko.pdf_utils.incremental_writer import IncrementalPdfFileWriter
from pyhanko.pdf_utils.writer import PageObject, PdfFileWriter
from pyhanko.sign import fields, signers, timestamps
from pyhanko.sign.fields import MDPPerm, SigSeedSubFilter
from pyhanko_certvalidator.registry import SimpleCertificateStore

from monitor.model import Anchor, Moment, Revocation, TrustClass, TrustMaterial

NOW = datetime.now(UTC).replace(microsecond=0)
DAY = timedelta(days=1)
Key = ec.EllipticCurvePrivateKey | rsa.RSAPrivateKey


@dataclass(frozen=True)
class Identity:
    """A certificate, its key, and the certificates above it, nearest first."""

    certificate: x509.Certificate
    key: Key
    chain: tuple[x509.Certificate, ...] = ()

    @property
    def der(self) -> bytes:
        return self.certificate.public_bytes(serialization.Encoding.DER)


def name(common: str, **parts: str) -> x509.Name:
    known = {"o": NameOID.ORGANIZATION_NAME, "ou": NameOID.ORGANIZATIONAL_UNIT_NAME,
             "uid": NameOID.USER_ID, "e": NameOID.EMAIL_ADDRESS}  # fmt: skip
    attributes = [x509.NameAttribute(known[k], v) for k, v in parts.items()]
    return x509.Name([*attributes, x509.NameAttribute(NameOID.COMMON_NAME, common)])


def key(bits: int = 0) -> Key:
    return (
        rsa.generate_private_key(65537, bits) if bits else ec.generate_private_key(ec.SECP256R1())
    )


def issue(
    subject: x509.Name,
    issuer: Identity | None = None,
    *,
    own_key: Key | None = None,
    ca: bool = False,
    path_length: int | None = None,
    extensions: Sequence[tuple[x509.ExtensionType, bool]] = (),
    usage: x509.KeyUsage | None = None,
    not_before: datetime = NOW - 30 * DAY,
    not_after: datetime = NOW + 365 * DAY,
) -> Identity:
    """A certificate; self-signed without an issuer."""
    own = own_key or key()
    signer = issuer.key if issuer else own
    builder = (
        x509.CertificateBuilder()
        .subject_name(subject)
        .issuer_name(issuer.certificate.subject if issuer else subject)
        .public_key(own.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(not_before)
        .not_valid_after(not_after)
        .add_extension(x509.BasicConstraints(ca, path_length if ca else None), critical=True)
    )
    if usage or ca:
        builder = builder.add_extension(usage or usages(certify=True), critical=True)
    for extension, critical in extensions:
        builder = builder.add_extension(extension, critical)
    above = (issuer.certificate, *issuer.chain) if issuer else ()
    return Identity(builder.sign(signer, hashes.SHA256()), own, above)


def usages(*, certify: bool = False, sign: bool = False, encrypt: bool = False) -> x509.KeyUsage:
    return x509.KeyUsage(
        digital_signature=sign, content_commitment=sign, key_encipherment=encrypt,
        data_encipherment=False, key_agreement=False, key_cert_sign=certify, crl_sign=certify,
        encipher_only=False, decipher_only=False,
    )  # fmt: skip


@functools.cache
def root() -> Identity:
    return issue(name("Root CA", o="Ban Cơ yếu"), ca=True)


@functools.cache
def intermediate() -> Identity:
    return issue(name("Sub CA", o="Ban Cơ yếu"), root(), ca=True)


@functools.cache
def officer() -> Identity:
    subject = name("Người Ký", o="Sở Thử nghiệm", ou="Văn phòng", e="ky@so.example")
    return issue(subject, intermediate(), usage=usages(sign=True))


@functools.cache
def agency() -> Identity:
    subject = name("Sở Thử nghiệm", o="UBND tỉnh", uid="MNS:1057059")
    return issue(subject, intermediate(), usage=usages(sign=True))


@functools.cache
def stranger() -> Identity:
    return issue(name("Người Lạ"))


@functools.cache
def authority() -> Identity:
    return issue(
        name("TSA"),
        root(),
        own_key=key(2048),
        usage=usages(sign=True),
        extensions=[(x509.ExtendedKeyUsage([ExtendedKeyUsageOID.TIME_STAMPING]), True)],
    )


# -- trust ----------------------------------------------------------------------------------------


def material(
    *anchors: Identity,
    intermediates: Sequence[Identity] = (),
    crls: Sequence[bytes] = (),
    revocation: Revocation = Revocation.SOFT,
    trust_class: TrustClass = TrustClass.CONG_VU,
) -> TrustMaterial:
    return TrustMaterial(
        anchors=tuple(
            Anchor(certificate=base64.b64encode(a.der), trust_class=trust_class)
            for a in (anchors or (root(),))
        ),
        intermediates=tuple(base64.b64encode(i.der) for i in intermediates),
        crls=tuple(base64.b64encode(c) for c in crls),
        revocation=revocation,
    )


def nothing_trusted() -> TrustMaterial:
    return TrustMaterial(revocation=Revocation.SOFT)


def moment(
    now: datetime | None = None,
    at: datetime | None = None,
    receipt: datetime | None = None,
) -> Moment:
    """Without `now` it is five minutes from now: signatures claim the clock's time, not `NOW`."""
    return Moment(now=now or datetime.now(UTC) + timedelta(minutes=5), at=at, receipt=receipt)


def crl(
    issuer: Identity,
    *revoked: tuple[Identity, datetime],
    this_update: datetime = NOW - DAY,
    next_update: datetime = NOW + DAY,
) -> bytes:
    builder = (
        x509.CertificateRevocationListBuilder()
        .issuer_name(issuer.certificate.subject)
        .last_update(this_update)
        .next_update(next_update)
    )
    for identity, when in revoked:
        entry = (
            x509.RevokedCertificateBuilder()
            .serial_number(identity.certificate.serial_number)
            .revocation_date(when)
            .build()
        )
        builder = builder.add_revoked_certificate(entry)
    return builder.sign(issuer.key, hashes.SHA256()).public_bytes(serialization.Encoding.DER)


# -- signatures -----------------------------------------------------------------------------------


def _asn1(certificate: x509.Certificate) -> asn1_x509.Certificate:
    return asn1_x509.Certificate.load(certificate.public_bytes(serialization.Encoding.DER))


def _asn1_key(identity: Identity) -> keys.PrivateKeyInfo:
    encoded = identity.key.private_bytes(
        serialization.Encoding.DER,
        serialization.PrivateFormat.PKCS8,
        serialization.NoEncryption(),
    )
    return keys.PrivateKeyInfo.load(encoded)


def signer(identity: Identity, *, leaf_only: bool = False) -> signers.SimpleSigner:
    store = SimpleCertificateStore()
    store.register_multiple([] if leaf_only else [_asn1(c) for c in identity.chain])
    return signers.SimpleSigner(
        signing_cert=_asn1(identity.certificate),
        signing_key=_asn1_key(identity),
        cert_registry=store,
    )


def timestamper(
    identity: Identity | None = None, when: datetime | None = None
) -> timestamps.DummyTimeStamper:
    who = identity or authority()
    store = SimpleCertificateStore()
    store.register_multiple([_asn1(c) for c in who.chain])
    return timestamps.DummyTimeStamper(
        tsa_cert=_asn1(who.certificate),
        tsa_key=_asn1_key(who),
        certs_to_embed=store,
        fixed_dt=when,
    )


def cms(
    content: bytes,
    identity: Identity | None = None,
    *,
    attached: bool = False,
    digest: str = "sha256",
    stamp: timestamps.DummyTimeStamper | None = None,
    leaf_only: bool = False,
) -> bytes:
    """CAdES-like CMS over some bytes, detached unless asked otherwise."""
    who = signer(identity or officer(), leaf_only=leaf_only)
    made = asyncio.run(
        who.async_sign_general_data(content, digest, detached=not attached, timestamper=stamp)
    )
    return bytes(made.dump())


@functools.cache
def page(text: str = "Van ban", pages: int = 1) -> bytes:
    """A plain PDF."""
    writer = PdfFileWriter(stream_xrefs=False)
    for number in range(pages):
        body = generic.StreamObject(
            stream_data=f"BT /F1 12 Tf 20 100 Td ({text} {number}) Tj ET".encode()
        )
        font = generic.DictionaryObject({
            generic.pdf_name("/Type"): generic.pdf_name("/Font"),
            generic.pdf_name("/Subtype"): generic.pdf_name("/Type1"),
            generic.pdf_name("/BaseFont"): generic.pdf_name("/Helvetica"),
        })  # fmt: skip
        resources = generic.DictionaryObject({
            generic.pdf_name("/Font"): generic.DictionaryObject({generic.pdf_name("/F1"): font})
        })  # fmt: skip
        writer.insert_page(
            PageObject(
                contents=writer.add_object(body), media_box=(0, 0, 200, 200), resources=resources
            )
        )
    out = io.BytesIO()
    writer.write(out)
    return out.getvalue()


def sign_pdf(
    data: bytes,
    identity: Identity | None = None,
    *,
    certify: MDPPerm | None = None,
    visible: bool = False,
    stamp: timestamps.DummyTimeStamper | None = None,
    subfilter: SigSeedSubFilter = SigSeedSubFilter.PADES,
    leaf_only: bool = False,
    field: str | None = None,
) -> bytes:
    """The file with one more signature, as an incremental update."""
    writer = IncrementalPdfFileWriter(io.BytesIO(data), strict=False)
    field = field or f"Sig{uuid.uuid4().hex[:8]}"
    box = (10, 10, 90, 40) if visible else None
    if "/AcroForm" not in writer.root or field not in _names(writer):
        fields.append_signature_field(writer, fields.SigFieldSpec(field, box=box))
    meta = signers.PdfSignatureMetadata(
        field_name=field,
        md_algorithm="sha256",
        subfilter=subfilter,
        certify=certify is not None,
        docmdp_permissions=certify or MDPPerm.FILL_FORMS,
    )
    out = signers.sign_pdf(
        writer, meta, signer(identity or officer(), leaf_only=leaf_only), timestamper=stamp
    )
    return bytes(out.getvalue())


def _names(writer: IncrementalPdfFileWriter) -> set[str]:
    return {str(found[0]) for found in fields.enumerate_sig_fields(writer.prev)}


@functools.cache
def signed_page() -> bytes:
    """A page signed by the officer."""
    return sign_pdf(page())


Change = Callable[[IncrementalPdfFileWriter], None]


def update(data: bytes, change: Change) -> bytes:
    """The file with an incremental update made by `change(writer)`."""
    writer = IncrementalPdfFileWriter(io.BytesIO(data), strict=False)
    change(writer)
    out = io.BytesIO()
    writer.write(out)
    return out.getvalue()
