"""Reports that are signed: PAdES by a PKCS#12 key."""

from monitor.report.signing.signing import sign

__all__ = [
    "sign",
]
