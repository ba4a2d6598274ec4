"""The demo province's public key infrastructure, generated from a seed.

Two classes of CA as in Viet Nam, each a root and a sub-CA: public-service (`cong_vu`) and public
(`cong_cong`). Beside them what a validator must refuse: a forged root and sub-CA under the
public-service CA's very names, an officer whose certificate expired, one whose was revoked, and
one issued by a sub-CA that is published nowhere. Subjects and key usages follow VGCA G2 (agency
`E, UID, CN, O, L, C`; officer `E, CN, OU, O, L, C`; EKU clientAuth, emailProtection and
smartcardLogon). Every certificate carries the demo mark (monitor/material/demo_mark.py).

With the same seed and time every certificate and CRL has the same bytes, unless RSA keys are
asked for: those are random.
"""

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from typing import Literal

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec, rsa
from cryptography.hazmat.primitives.serialization import pkcs12
from cryptography.x509.oid import ExtendedKeyUsageOID as Eku
from cryptography.x509.oid import NameOID

from monitor.demo.agencies import (
    AGENCIES,
    LEADER,
    OFFICERS,
    PROVINCE,
    PROVINCE_OFFICE,
    DemoAgency,
    DemoOfficer,
)
from monitor.material.demo_mark import DEMO_EXTENSION_OID, DEMO_MARK
from monitor.model import Anchor, Revocation, TrustClass, TrustMaterial
from monitor.whole_file import make_folder, whole_file

KeyType = Literal["ec", "rsa"]
PrivateKey = ec.EllipticCurvePrivateKey | rsa.RSAPrivateKey

P256_ORDER = 0xFFFFFFFF00000000FFFFFFFFFFFFFFFFBCE6FAADA7179E84F3B9CAC2FC632551
YEAR = timedelta(days=365)
DAY = timedelta(days=1)
READABLE = 0o644
"""Files of the trust folders hold nothing secret."""
SMARTCARD_LOGON = x509.ObjectIdentifier("1.3.6.1.4.1.311.20.2.2")
POLICY = x509.ObjectIdentifier("1.3.6.1.4.1.32473.79.2")
WORTHLESS = "DEMO – không có giá trị"


@dataclass(frozen=True)
class Identity:
    """A certificate with its private key and the certificates above it."""

    certificate: x509.Certificate
    key: PrivateKey
    chain: tuple[x509.Certificate, ...] = ()
    """Issuers, nearest first, the root last; empty for a root."""

    @property
    def der(self) -> bytes:
        """The certificate, DER."""
        return der(self.certificate)

    def pkcs12(self) -> bytes:
        """Key and certificates without a password: they are worth nothing."""
        return pkcs12.serialize_key_and_certificates(
            None, self.key, self.certificate, self.chain, serialization.NoEncryption()
        )

    @property
    def email(self) -> str:
        """The first rfc822Name of the SAN; an error for a certificate without one."""
        san = self.certificate.extensions.get_extension_for_class(x509.SubjectAlternativeName)
        return str(san.value.get_values_for_type(x509.RFC822Name)[0])


@dataclass(frozen=True)
class _Profile:
    """In what CA, signer and time-stamp certificates differ."""

    not_before: datetime
    not_after: datetime
    ca: bool = False
    path_length: int | None = None
    ekus: tuple[x509.ObjectIdentifier, ...] = ()
    eku_critical: bool = False
    email: str | None = None


_SIGNER_EKUS = (Eku.CLIENT_AUTH, Eku.EMAIL_PROTECTION, SMARTCARD_LOGON)


def der(thing: x509.Certificate | x509.CertificateRevocationList) -> bytes:
    """DER of a certificate or CRL."""
    return thing.public_bytes(serialization.Encoding.DER)


def _name(*parts: tuple[x509.ObjectIdentifier, str | None]) -> x509.Name:
    return x509.Name([x509.NameAttribute(oid, value) for oid, value in parts if value])


def _ca_name(common_name: str) -> x509.Name:
    return _name(
        (NameOID.COMMON_NAME, f"{common_name} {WORTHLESS}"),
        (NameOID.ORGANIZATION_NAME, f"{DEMO_MARK} – Cơ quan chứng thực giả định"),
        (NameOID.COUNTRY_NAME, "VN"),
    )


class Pki:
    """A generated PKI; leaves are made when first asked for and kept."""

    def __init__(self, seed: int, now: datetime, key_type: KeyType = "ec") -> None:
        self.seed = seed
        self.now = now.replace(microsecond=0)
        self.key_type = key_type
        self._made: dict[str, Identity] = {}
        self.root = self._root("cong_vu", "Root CA Công vụ")
        self.sub = self._sub("cong_vu", "CA cơ quan Nhà nước", self.root)
        self.public_root = self._root("cong_cong", "Root CA Công cộng")
        self.public_sub = self._sub("cong_cong", "CA Công cộng", self.public_root)
        self.forged_root = self._root("forged", "Root CA Công vụ")
        self.forged_sub = self._sub("forged", "CA cơ quan Nhà nước", self.forged_root)
        self.unpublished_sub = self._sub("unpublished", "CA chưa công bố", self.root)

    @classmethod
    def create(cls, seed: int, now: datetime, key_type: KeyType = "ec") -> "Pki":
        """A PKI whose certificates are valid around `now` (aware).

        `key_type` "rsa" makes RSA-2048 keys, which are slow and differ from run to run.
        """
        return cls(seed, now, key_type)

    # -- who signs ------------------------------------------------------------------------------

    def officer(
        self,
        agency: DemoAgency = PROVINCE_OFFICE,
        officer: DemoOfficer = LEADER,
        trust_class: TrustClass = TrustClass.CONG_VU,
    ) -> Identity:
        """A person's signing certificate, valid now."""
        issuer = self.public_sub if trust_class is TrustClass.CONG_CONG else self.sub
        label = f"officer/{trust_class}/{agency.code}/{officer.local_part}"
        return self._person(label, agency, officer, issuer)

    def organisation(
        self,
        agency: DemoAgency = PROVINCE_OFFICE,
        trust_class: TrustClass = TrustClass.CONG_VU,
    ) -> Identity:
        """An agency's signing certificate (its seal), valid now."""
        issuer = self.public_sub if trust_class is TrustClass.CONG_CONG else self.sub
        subject = _name(
            (NameOID.EMAIL_ADDRESS, agency.mailbox),
            (NameOID.USER_ID, agency.uid),
            (NameOID.COMMON_NAME, agency.name),
            (NameOID.ORGANIZATION_NAME, f"{DEMO_MARK} – UBND {PROVINCE}"),
            (NameOID.LOCALITY_NAME, PROVINCE),
            (NameOID.COUNTRY_NAME, "VN"),
        )
        label = f"organisation/{trust_class}/{agency.code}"
        return self._issue(label, subject, issuer, self._signer(agency.mailbox))

    def expired(
        self, agency: DemoAgency = PROVINCE_OFFICE, officer: DemoOfficer = LEADER
    ) -> Identity:
        """A person's certificate that ended 30 days ago."""
        label = f"expired/{agency.code}/{officer.local_part}"
        return self._person(label, agency, officer, self.sub, ended=True)

    def revoked(
        self, agency: DemoAgency = PROVINCE_OFFICE, officer: DemoOfficer = LEADER
    ) -> Identity:
        """A person's certificate on the sub-CA's CRL since 10 days ago (keyCompromise)."""
        label = f"revoked/{agency.code}/{officer.local_part}"
        return self._person(label, agency, officer, self.sub)

    def forged(
        self, agency: DemoAgency = PROVINCE_OFFICE, officer: DemoOfficer = LEADER
    ) -> Identity:
        """A person's certificate from CAs that bear the public-service CAs' names."""
        label = f"forged/{agency.code}/{officer.local_part}"
        return self._person(label, agency, officer, self.forged_sub)

    def unpublished(
        self, agency: DemoAgency = PROVINCE_OFFICE, officer: DemoOfficer = LEADER
    ) -> Identity:
        """A person's certificate whose sub-CA is in no folder: its chain cannot be built."""
        label = f"unpublished/{agency.code}/{officer.local_part}"
        return self._person(label, agency, officer, self.unpublished_sub)

    @property
    def tsa(self) -> Identity:
        """The time-stamp authority, below the public-service root."""
        subject = _name(
            (NameOID.COMMON_NAME, f"TSA {WORTHLESS}"),
            (NameOID.ORGANIZATION_NAME, f"{DEMO_MARK} – Dấu thời gian"),
            (NameOID.COUNTRY_NAME, "VN"),
        )
        profile = _Profile(
            self.now - 4 * YEAR,
            self.now + 9 * YEAR,
            ekus=(Eku.TIME_STAMPING,),
            eku_critical=True,
        )
        return self._issue("tsa", subject, self.root, profile)

    # -- what a verifier is given ---------------------------------------------------------------

    def anchors(self) -> Mapping[TrustClass, Sequence[bytes]]:
        """DER of the trusted roots by class."""
        return {
            TrustClass.CONG_VU: [self.root.der],
            TrustClass.CONG_CONG: [self.public_root.der],
        }

    def intermediates(self) -> Sequence[bytes]:
        """DER of the published sub-CAs."""
        return [self.sub.der, self.public_sub.der]

    def crls(
        self, issued_at: datetime | None = None, lasting: timedelta = 90 * DAY
    ) -> Sequence[bytes]:
        """DER of each trusted CA's current CRL.

        Lists every officer's `revoked` certificate; `issued_at` is `now` unless given.
        """
        at = (issued_at or self.now).replace(microsecond=0)
        issuers = (self.root, self.sub, self.public_root, self.public_sub)
        return [der(self._crl(issuer, at, lasting)) for issuer in issuers]

    def material(
        self, issued_at: datetime | None = None, revocation: Revocation = Revocation.REQUIRE
    ) -> TrustMaterial:
        """All of it as what a child process is given."""
        return TrustMaterial.model_construct(
            anchors=tuple(
                Anchor.model_construct(certificate=data, trust_class=trust_class)
                for trust_class, ders in self.anchors().items()
                for data in ders
            ),
            intermediates=tuple(self.intermediates()),
            crls=tuple(self.crls(issued_at)),
            revocation=revocation,
        )

    def write(
        self, folder: Path, issued_at: datetime | None = None, lasting: timedelta = 90 * DAY
    ) -> None:
        """Lay out `anchors/<class>/`, `intermediates/` and `crls/` as PEM files in `folder`."""
        for trust_class, roots in self.anchors().items():
            _write_pem(folder / "anchors" / trust_class.value, "root", roots)
        _write_pem(folder / "intermediates", "sub", self.intermediates())
        _write_pem(folder / "crls", "ca", self.crls(issued_at, lasting))

    # -- how they are made ----------------------------------------------------------------------

    def _signer(self, email: str, *, ended: bool = False) -> _Profile:
        begin, end = (-2 * YEAR, -30 * DAY) if ended else (-YEAR, 2 * YEAR)
        return _Profile(self.now + begin, self.now + end, ekus=_SIGNER_EKUS, email=email)

    def _root(self, label: str, common_name: str) -> Identity:
        profile = _Profile(self.now - 6 * YEAR, self.now + 14 * YEAR, ca=True)
        return self._issue(f"root/{label}", _ca_name(common_name), None, profile)

    def _sub(self, label: str, common_name: str, issuer: Identity) -> Identity:
        profile = _Profile(self.now - 5 * YEAR, self.now + 10 * YEAR, ca=True, path_length=0)
        return self._issue(f"sub/{label}", _ca_name(common_name), issuer, profile)

    def _person(
        self,
        label: str,
        agency: DemoAgency,
        officer: DemoOfficer,
        issuer: Identity,
        *,
        ended: bool = False,
    ) -> Identity:
        email = agency.address(officer)
        subject = _name(
            (NameOID.EMAIL_ADDRESS, email),
            (NameOID.COMMON_NAME, officer.post),
            (NameOID.ORGANIZATIONAL_UNIT_NAME, agency.name),
            (NameOID.ORGANIZATION_NAME, f"{DEMO_MARK} – UBND {PROVINCE}"),
            (NameOID.LOCALITY_NAME, PROVINCE),
            (NameOID.COUNTRY_NAME, "VN"),
        )
        return self._issue(label, subject, issuer, self._signer(email, ended=ended))

    def _issue(
        self, label: str, subject: x509.Name, issuer: Identity | None, profile: _Profile
    ) -> Identity:
        """The identity of that label, made on the first call; self-signed without an issuer."""
        if label not in self._made:
            key = self._key(label)
            by = (issuer.certificate.subject, issuer.key) if issuer else (subject, key)
            unsigned = self._certificate(label, subject, key, profile).issuer_name(by[0])
            certificate = _with_extensions(unsigned, key, by[1], profile).sign(
                by[1], hashes.SHA256(), ecdsa_deterministic=_deterministic(by[1])
            )
            chain = (issuer.certificate, *issuer.chain) if issuer else ()
            self._made[label] = Identity(certificate, key, chain)
        return self._made[label]

    def _certificate(
        self, label: str, subject: x509.Name, key: PrivateKey, profile: _Profile
    ) -> x509.CertificateBuilder:
        return (
            x509.CertificateBuilder()
            .subject_name(subject)
            .public_key(key.public_key())
            .serial_number(self._serial(label))
            .not_valid_before(profile.not_before)
            .not_valid_after(profile.not_after)
        )

    def _crl(
        self, issuer: Identity, at: datetime, lasting: timedelta
    ) -> x509.CertificateRevocationList:
        builder = (
            x509.CertificateRevocationListBuilder()
            .issuer_name(issuer.certificate.subject)
            .last_update(at)
            .next_update(at + lasting)
            .add_extension(_authority_key(issuer.key), critical=False)
            .add_extension(x509.CRLNumber(int(at.timestamp())), critical=False)
        )
        for serial in self._revoked_serials() if issuer is self.sub else ():
            builder = builder.add_revoked_certificate(self._revocation(serial))
        return builder.sign(
            issuer.key, hashes.SHA256(), ecdsa_deterministic=_deterministic(issuer.key)
        )

    def _revoked_serials(self) -> list[int]:
        labels = [f"revoked/{a.code}/{o.local_part}" for a in AGENCIES for o in OFFICERS]
        return [self._serial(label) for label in labels]

    def _serial(self, label: str) -> int:
        return self._number(f"serial/{label}", 120) | 1

    def _revocation(self, serial: int) -> x509.RevokedCertificate:
        return (
            x509.RevokedCertificateBuilder()
            .serial_number(serial)
            .revocation_date(self.now - 10 * DAY)
            .add_extension(x509.CRLReason(x509.ReasonFlags.key_compromise), critical=False)
            .build()
        )

    def _key(self, label: str) -> PrivateKey:
        if self.key_type == "rsa":
            return rsa.generate_private_key(public_exponent=65537, key_size=2048)
        secret = self._number(f"key/{label}", 512) % (P256_ORDER - 1) + 1
        return ec.derive_private_key(secret, ec.SECP256R1())

    def _number(self, label: str, bits: int) -> int:
        digest = hashlib.sha512(f"congvu-demo/{self.seed}/{label}".encode()).digest()
        return int.from_bytes(digest) >> (512 - bits)


def _deterministic(key: PrivateKey) -> bool | None:
    """RFC 6979 for ECDSA; the option has no meaning for RSA, which always is."""
    return True if isinstance(key, ec.EllipticCurvePrivateKey) else None


def _authority_key(key: PrivateKey) -> x509.AuthorityKeyIdentifier:
    return x509.AuthorityKeyIdentifier.from_issuer_public_key(key.public_key())


def _with_extensions(
    builder: x509.CertificateBuilder, key: PrivateKey, issuer_key: PrivateKey, profile: _Profile
) -> x509.CertificateBuilder:
    """The certificate with its extensions, RFC 5280 4.2."""
    mark = DEMO_MARK.encode()
    demo = x509.UnrecognizedExtension(
        x509.ObjectIdentifier(DEMO_EXTENSION_OID), bytes([0x0C, len(mark)]) + mark
    )
    policy = x509.CertificatePolicies([x509.PolicyInformation(POLICY, None)])
    builder = (
        builder.add_extension(x509.BasicConstraints(profile.ca, profile.path_length), critical=True)
        .add_extension(_key_usage(ca=profile.ca), critical=True)
        .add_extension(x509.SubjectKeyIdentifier.from_public_key(key.public_key()), critical=False)
        .add_extension(_authority_key(issuer_key), critical=False)
        .add_extension(policy, critical=False)
        .add_extension(demo, critical=False)
    )
    if profile.ekus:
        eku = x509.ExtendedKeyUsage(profile.ekus)
        builder = builder.add_extension(eku, critical=profile.eku_critical)
    if profile.email:
        names = x509.SubjectAlternativeName([x509.RFC822Name(profile.email)])
        builder = builder.add_extension(names, critical=False)
    return builder


def _key_usage(*, ca: bool) -> x509.KeyUsage:
    return x509.KeyUsage(
        digital_signature=not ca,
        content_commitment=not ca,
        key_encipherment=False,
        data_encipherment=False,
        key_agreement=False,
        key_cert_sign=ca,
        crl_sign=ca,
        encipher_only=False,
        decipher_only=False,
    )


def _write_pem(folder: Path, stem: str, ders: Sequence[bytes]) -> None:
    """One PEM file a certificate or CRL, numbered; the folder is made and others are kept.

    Each is there whole: a daemon that reads the folder meanwhile would report half a file.
    """
    make_folder(folder)
    for number, data in enumerate(ders, start=1):
        with whole_file(folder / f"{stem}-{number}.pem", READABLE) as file:
            file.write(_pem(data))


def _pem(data: bytes) -> bytes:
    encoding = serialization.Encoding.PEM
    try:
        return x509.load_der_x509_certificate(data).public_bytes(encoding)
    except ValueError:
        return x509.load_der_x509_crl(data).public_bytes(encoding)
