"""Addresses that a certificate names: lists, its issuer, OCSP (RFC 5280 4.2.1.13 and 4.2.2.1).

No more than a few of each are read, whatever the certificate says.
"""

from monitor.verify import ber
from monitor.verify.certificate import CRL_POINTS, Certificate

_AUTHORITY_ACCESS = "1.3.6.1.5.5.7.1.1"
_OCSP, _ISSUERS = "1.3.6.1.5.5.7.48.1", "1.3.6.1.5.5.7.48.2"
_URI = 0x86
_MAX = 4


def lists_of(found: Certificate) -> tuple[str, ...]:
    """Where the lists of its issuer are."""
    extension = found.extensions.get(CRL_POINTS)
    try:
        points = ber.read(extension.value).children if extension else ()
        return _urls([name for point in points for name in _names(point)])
    except (ber.Malformed, IndexError):
        return ()


def issuers_of(found: Certificate) -> tuple[str, ...]:
    """Where the certificate of its issuer is."""
    return _access(found, _ISSUERS)


def responders_of(found: Certificate) -> tuple[str, ...]:
    """Who answers for it."""
    return _access(found, _OCSP)


def _access(found: Certificate, method: str) -> tuple[str, ...]:
    extension = found.extensions.get(_AUTHORITY_ACCESS)
    try:
        described = [d.children for d in ber.read(extension.value).children] if extension else []
        return _urls([fields[1] for fields in described if ber.oid(fields[0]) == method])
    except (ber.Malformed, IndexError):
        return ()


def _names(node: ber.Node) -> list[ber.Node]:
    """The general names inside a DistributionPoint."""
    if not node.constructed:
        return [node]
    return [name for child in node.children for name in _names(child)]


def _urls(names: list[ber.Node]) -> tuple[str, ...]:
    texts = (name.content.decode("ascii", "replace") for name in names if name.tag == _URI)
    return tuple(text for text in texts if text.startswith(("http://", "https://")))[:_MAX]
