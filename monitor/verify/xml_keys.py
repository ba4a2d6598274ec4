"""KeyInfo (XML-DSig 4.5): the certificates and keys a signature brings; a hint, never trust."""

from collections.abc import Callable
from dataclasses import dataclass

from cryptography.exceptions import UnsupportedAlgorithm
from cryptography.hazmat.primitives.asymmetric import dsa, ec, rsa
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

from monitor.verify import ber
from monitor.verify.algorithms import PublicKey, public_key
from monitor.verify.certificate import Certificate, certificate
from monitor.verify.xml_tree import DSIG, DSIG11, Element, Refused, decoded, local_of, text_of

MAX_CERTIFICATES = 64
_RFC4050 = "http://www.w3.org/2001/04/xmldsig-more#"
_CURVES: dict[str, type[ec.EllipticCurve]] = {
    "1.2.840.10045.3.1.7": ec.SECP256R1,
    "1.3.132.0.34": ec.SECP384R1,
    "1.3.132.0.35": ec.SECP521R1,
    "1.3.132.0.33": ec.SECP224R1,
    "1.3.132.0.10": ec.SECP256K1,
}


@dataclass(frozen=True)
class KeyInfo:
    certificates: tuple[Certificate, ...] = ()
    key: PublicKey | None = None
    """The bare key of KeyValue."""
    serials: frozenset[int] = frozenset()
    """Serial numbers that X509IssuerSerial names."""
    foreign: bool = False
    """A key of another kind (OpenPGP)."""


def read(element: Element | None) -> KeyInfo:
    """What a KeyInfo holds; what cannot be read in it is left out."""
    if element is None:
        return KeyInfo()
    found: list[Certificate] = []
    for node in element.iter(f"{{{DSIG}}}X509Certificate"):
        if len(found) < MAX_CERTIFICATES:
            found += certificates_of(node)
    serials = {
        int(text)
        for node in element.iter(f"{{{DSIG}}}X509SerialNumber")
        if (text := text_of(node).strip()).isdecimal() and len(text) < 100
    }
    return KeyInfo(
        certificates=tuple(dict.fromkeys(found)),
        key=_bare_key(element.find(f"{{{DSIG}}}KeyValue")),
        serials=frozenset(serials),
        foreign=element.find(f"{{{DSIG}}}PGPData") is not None,
    )


def certificates_of(node: Element) -> list[Certificate]:
    """The certificate of an element with base64 of DER; empty where there is none."""
    try:
        return [certificate(decoded(text_of(node)))]
    except (Refused, ber.Malformed):
        return []


def _bare_key(value: Element | None) -> PublicKey | None:
    if value is None:
        return None
    try:
        for node in value:
            reader = _READERS.get(str(node.tag))
            if reader is not None:
                key = reader(node)
                encoded = key.public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo)
                return public_key(encoded)
    except (Refused, ValueError, UnsupportedAlgorithm, ber.Malformed):
        return None
    return None


def _number(node: Element, name: str) -> int:
    return int.from_bytes(decoded(text_of(node.find(f"{{{DSIG}}}{name}"))), "big")


def _rsa(node: Element) -> rsa.RSAPublicKey:
    return rsa.RSAPublicNumbers(_number(node, "Exponent"), _number(node, "Modulus")).public_key()


def _dsa(node: Element) -> dsa.DSAPublicKey:
    parameters = dsa.DSAParameterNumbers(*(_number(node, name) for name in "PQG"))
    return dsa.DSAPublicNumbers(_number(node, "Y"), parameters).public_key()


def _ec(node: Element) -> ec.EllipticCurvePublicKey:
    """ECKeyValue of XML-DSig 1.1 (a point) and of RFC 4050 (two coordinates)."""
    curve: type[ec.EllipticCurve] | None = None
    point = b""
    numbers: dict[str, int] = {}
    for child in node.iter("*"):
        name = local_of(child)
        if name == "NamedCurve":
            uri = child.get("URI") or child.get("URN") or ""
            curve = _CURVES.get(uri.rpartition(":")[2])
        elif name == "PublicKey" and child.text:
            point = decoded(child.text) if child.text.strip() else point
        elif name in {"X", "Y"} and (child.get("Value") or "").isdecimal():
            numbers[name] = int((child.get("Value") or "")[:200])
    if curve is None:
        raise Refused("unknown curve")
    if point:
        return ec.EllipticCurvePublicKey.from_encoded_point(curve(), point)
    return ec.EllipticCurvePublicNumbers(
        numbers.get("X", 0), numbers.get("Y", 0), curve()
    ).public_key()


_Key = rsa.RSAPublicKey | dsa.DSAPublicKey | ec.EllipticCurvePublicKey
_READERS: dict[str, Callable[[Element], _Key]] = {
    f"{{{DSIG}}}RSAKeyValue": _rsa,
    f"{{{DSIG}}}DSAKeyValue": _dsa,
    f"{{{DSIG11}}}ECKeyValue": _ec,
    f"{{{_RFC4050}}}ECDSAKeyValue": _ec,
    f"{{{_RFC4050}}}ECKeyValue": _ec,
}
