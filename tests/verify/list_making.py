"""Revocation lists of every kind and OCSP responses for tests, made with `cryptography`."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.x509 import ocsp

from tests.verify.making import DAY, NOW, Identity

URL = "http://crl.example/a.crl"


@dataclass(frozen=True)
class Revoked:
    """One entry."""

    identity: Identity
    when: datetime = NOW - DAY
    reason: x509.ReasonFlags | None = None
    named_issuer: bool = False
    """With a certificateIssuer, as in an indirect list."""


def listing(
    issuer: Identity,
    entries: Sequence[Revoked] = (),
    *,
    number: int | None = None,
    base: int | None = None,
    point: x509.IssuingDistributionPoint | None = None,
    issued: datetime = NOW - DAY,
    until: datetime = NOW + DAY,
) -> bytes:
    """A list, a delta where `base` is given."""
    builder = (
        x509.CertificateRevocationListBuilder()
        .issuer_name(issuer.certificate.subject)
        .last_update(issued)
        .next_update(until)
    )
    if number is not None:
        builder = builder.add_extension(x509.CRLNumber(number), critical=False)
    if base is not None:
        builder = builder.add_extension(x509.DeltaCRLIndicator(base), critical=True)
    if point is not None:
        builder = builder.add_extension(point, critical=True)
    for entry in entries:
        builder = builder.add_revoked_certificate(_entry(entry))
    return builder.sign(issuer.key, hashes.SHA256()).public_bytes(serialization.Encoding.DER)


def _entry(entry: Revoked) -> x509.RevokedCertificate:
    certificate = entry.identity.certificate
    builder = (
        x509.RevokedCertificateBuilder()
        .serial_number(certificate.serial_number)
        .revocation_date(entry.when)
    )
    if entry.reason is not None:
        builder = builder.add_extension(x509.CRLReason(entry.reason), critical=False)
    if entry.named_issuer:
        names = x509.CertificateIssuer([x509.DirectoryName(certificate.issuer)])
        builder = builder.add_extension(names, critical=True)
    return builder.build()


def part(
    *,
    url: str | None = None,
    users: bool = False,
    authorities: bool = False,
    indirect: bool = False,
    reasons: frozenset[x509.ReasonFlags] | None = None,
) -> x509.IssuingDistributionPoint:
    """What a list says of the part that it covers."""
    return x509.IssuingDistributionPoint(
        full_name=[x509.UniformResourceIdentifier(url)] if url else None,
        relative_name=None,
        only_contains_user_certs=users,
        only_contains_ca_certs=authorities,
        only_some_reasons=reasons,
        indirect_crl=indirect,
        only_contains_attribute_certs=False,
    )


def points(
    url: str | None = URL, issuer: x509.Name | None = None
) -> tuple[x509.CRLDistributionPoints, bool]:
    """A certificate's own distribution point, for `making.issue`."""
    point = x509.DistributionPoint(
        full_name=[x509.UniformResourceIdentifier(url)] if url else None,
        relative_name=None,
        reasons=None,
        crl_issuer=[x509.DirectoryName(issuer)] if issuer else None,
    )
    return x509.CRLDistributionPoints([point]), False


def answer(
    subject: Identity,
    issuer: Identity,
    responder: Identity,
    *,
    revoked: datetime | None = None,
    issued: datetime = NOW - DAY,
    until: datetime = NOW + DAY,
) -> bytes:
    """An OCSP response, without a nonce."""
    status = ocsp.OCSPCertStatus.REVOKED if revoked else ocsp.OCSPCertStatus.GOOD
    builder = (
        ocsp.OCSPResponseBuilder()
        .add_response(
            cert=subject.certificate, issuer=issuer.certificate, algorithm=hashes.SHA1(),
            cert_status=status, this_update=issued, next_update=until, revocation_time=revoked,
            revocation_reason=None,
        )
        .responder_id(ocsp.OCSPResponderEncoding.HASH, responder.certificate)
        .certificates([responder.certificate])
    )  # fmt: skip
    made = builder.sign(responder.key, hashes.SHA256())
    return made.public_bytes(serialization.Encoding.DER)
