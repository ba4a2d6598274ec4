"""Algorithm identifiers of XML signatures (RFC 9231, XML-DSig 1.1) and the check of a value."""

from cryptography.hazmat.primitives.asymmetric import utils

from monitor.verify.algorithms import Algorithm, PublicKey, Unsupported, hashed, verifies
from monitor.verify.xml_tree import DSIG, DSIG11, Element

_MORE, _MORE2007, _ENC = (
    "http://www.w3.org/2001/04/xmldsig-more#",
    "http://www.w3.org/2007/05/xmldsig-more#",
    "http://www.w3.org/2001/04/xmlenc#",
)
_MORE2021 = "http://www.w3.org/2021/04/xmldsig-more#"
_SIZES = {"sha1": 20, "sha224": 28, "sha256": 32, "sha384": 48, "sha512": 64,
          "sha3_224": 28, "sha3_256": 32, "sha3_384": 48, "sha3_512": 64}  # fmt: skip

DIGESTS = {
    DSIG + "sha1": "sha1",
    _MORE + "md5": "md5",
    _MORE + "sha224": "sha224",
    _ENC + "sha256": "sha256",
    _MORE + "sha256": "sha256",
    _MORE + "sha384": "sha384",
    _ENC + "sha384": "sha384",
    _ENC + "sha512": "sha512",
    _ENC + "ripemd160": "ripemd160",
    _MORE2007 + "sha3-224": "sha3_224",
    _MORE2007 + "sha3-256": "sha3_256",
    _MORE2007 + "sha3-384": "sha3_384",
    _MORE2007 + "sha3-512": "sha3_512",
}
"""Name, as hashlib spells it, of each digest's URI."""

_SIGNATURES = {
    DSIG + "rsa-sha1": Algorithm("rsa", "sha1"),
    DSIG + "dsa-sha1": Algorithm("dsa", "sha1"),
    DSIG11 + "dsa-sha256": Algorithm("dsa", "sha256"),
    _MORE + "rsa-md5": Algorithm("rsa", "md5"),
    _MORE + "rsa-ripemd160": Algorithm("rsa", "ripemd160"),
    _MORE2021 + "eddsa-ed25519": Algorithm("eddsa", "sha512"),
    _MORE2021 + "eddsa-ed448": Algorithm("eddsa", "shake_256"),
    _MORE2007 + "sha1-rsa-MGF1": Algorithm("pss", "sha1", "sha1", 20),
}
for _size in ("224", "256", "384", "512"):
    _SIGNATURES[f"{_MORE}rsa-sha{_size}"] = Algorithm("rsa", f"sha{_size}")
    _SIGNATURES[f"{_MORE2007}sha{_size}-rsa-MGF1"] = Algorithm(
        "pss", f"sha{_size}", f"sha{_size}", _SIZES[f"sha{_size}"]
    )
    _SIGNATURES[f"{_MORE2007}sha3-{_size}-rsa-MGF1"] = Algorithm(
        "pss", f"sha3_{_size}", f"sha3_{_size}", _SIZES[f"sha3_{_size}"]
    )
    _SIGNATURES[f"{_MORE2021}ecdsa-sha3-{_size}"] = Algorithm("ecdsa", f"sha3_{_size}")
for _size in ("1", "224", "256", "384", "512"):
    _SIGNATURES[f"{_MORE}ecdsa-sha{_size}"] = Algorithm("ecdsa", f"sha{_size}")

_PSS = _MORE2007 + "rsa-pss"


def digest_of(method: Element | None) -> str:
    """Digest name of a DigestMethod; its URI when it is unknown here."""
    uri = (method.get("Algorithm") or "").strip() if method is not None else ""
    return DIGESTS.get(uri, uri)


def signature_algorithm(method: Element) -> Algorithm:
    """The meaning of a SignatureMethod; raises `Unsupported`, for every HMAC as well."""
    uri = (method.get("Algorithm") or "").strip()
    if uri == _PSS:
        return _pss(method)
    found = _SIGNATURES.get(uri)
    if found is None:
        raise Unsupported(uri)
    return found


def _pss(method: Element) -> Algorithm:
    """RSAPSSParams (RFC 9231 2.3.9): SHA-256 unless said; MGF1 with the same digest."""
    digest = "sha256"
    mask: str | None = None
    salt: int | None = None
    for node in method.iter(f"{{{_MORE2007}}}*"):
        name = str(node.tag).rpartition("}")[2]
        if name == "SaltLength":
            salt = _number(node.text)
        elif name == "MaskGenerationFunction":
            inner = node.find(f"{{{DSIG}}}DigestMethod")
            mask = digest_of(inner) if inner is not None else None
    top = method.find(f"{{{_MORE2007}}}RSAPSSParams/{{{DSIG}}}DigestMethod")
    if top is not None:
        digest = digest_of(top)
    if digest not in _SIZES:
        raise Unsupported(digest)
    return Algorithm("pss", digest, mask or digest, _SIZES[digest] if salt is None else salt)


def _number(text: str | None) -> int:
    if text is None or not text.strip().isdecimal() or len(text) > 8:
        raise Unsupported("salt length")
    return int(text)


def fits(key: PublicKey, algorithm: Algorithm, signed: bytes, value: bytes) -> bool:
    """Does a SignatureValue fit a key and the canonical SignedInfo? Raises `Unsupported`.

    ECDSA and DSA values are r and s side by side (XML-DSig 6.4.1, RFC 9231 2.3.6); DER, which
    some producers write, is accepted where that does not fit: it is the same pair of numbers.
    """
    families = {"pss": {"rsa"}}.get(algorithm.family, {algorithm.family})
    if key.family not in families or algorithm.digest is None:
        return False
    if algorithm.family == "eddsa":
        return verifies(key, algorithm, hashed("sha512", signed), value, signed)
    digest = hashed(algorithm.digest, signed)
    return any(verifies(key, algorithm, digest, v, signed) for v in encodings(algorithm, value))


def encodings(algorithm: Algorithm, value: bytes) -> tuple[bytes, ...]:
    """The forms of a SignatureValue that a cryptographic library takes."""
    if algorithm.family not in {"ecdsa", "dsa"}:
        return (value,)
    found: list[bytes] = []
    half = len(value) // 2
    if value and len(value) % 2 == 0:
        pair = (int.from_bytes(value[:half], "big"), int.from_bytes(value[half:], "big"))
        found.append(utils.encode_dss_signature(*pair))
    return (*found, value) if value[:1] == b"\x30" else tuple(found)
