"""The mark that every demo certificate carries, so that none is ever taken for a real one.

Two marks, either of which is enough: a private extension below the enterprise number reserved
for documentation (RFC 5612), and the words in every organisation name. The trust import and the
loader of the real store refuse a certificate for which `is_demo_certificate` is true.
"""

DEMO_EXTENSION_OID = "1.3.6.1.4.1.32473.79.1"
"""Non-critical extension of every demo certificate; its value is the UTF8String of `DEMO_MARK`."""

DEMO_MARK = "congvu DEMO"
"""Part of the organisation name (O) of every demo certificate."""

DEMO_LABEL = "DỮ LIỆU DEMO – DEMO DATA"
"""Shown wherever demo data is."""

_OID_DER = bytes.fromhex("060a2b0601040181fd594f01")


def is_demo_certificate(der: bytes) -> bool:
    """Whether a certificate (or any DER that holds one, as a CMS) was made for the demo.

    Looks for the marks in the raw bytes: a certificate that a parser rejects is recognised too,
    and nothing can be raised. No real certificate holds either mark.
    """
    return _OID_DER in der or DEMO_MARK.encode() in der
