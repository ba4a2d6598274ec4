"""Who may speak for whom: CA certificates, and the signatures of known CAs."""

from collections.abc import Iterable

from monitor.verify import ber
from monitor.verify.certificate import KEY_CERT_SIGN, Certificate
from monitor.verify.crl import RevocationList
from monitor.verify.ocsp import OcspResponse


def certifies(found: Certificate) -> bool:
    """Is it a CA (RFC 5280 4.2.1.9, 4.2.1.3)? A self-signed one of version 1 says it by that."""
    try:
        if found.key_usage is not None and KEY_CERT_SIGN not in found.key_usage:
            return False
        if found.authority is None:
            return found.version < 3 and found.self_signed
        return found.authority[0]
    except (ber.Malformed, IndexError):
        return False


def voucher(found: Certificate, authorities: Iterable[Certificate]) -> Certificate | None:
    """A CA among those given whose key signed a certificate, itself excepted."""
    if found.self_issued:
        return None
    named = (ca for ca in authorities if ca.subject.key == found.issuer.key)
    return next((ca for ca in named if certifies(ca) and found.issued_by(ca)), None)


def responsible(response: OcspResponse, authorities: Iterable[Certificate]) -> Certificate | None:
    """A CA among those given that signed a response, or entitled who did."""
    return next((ca for ca in authorities if signed_by(response, ca)), None)


def signed_by(found: OcspResponse | RevocationList, authority: Certificate) -> bool:
    """Is it the authority's? What cannot be read is nobody's."""
    try:
        return found.signed_by(authority)
    except (ber.Malformed, IndexError):
        return False
