"""Digest and signature algorithms: what each identifier means, and the check itself.

What was used is a fact (`Use`); whether that was good enough, the policy says for a day
(`strength.py`). What the cryptographic library lacks raises `Unsupported`: that is our lack,
never the signer's fault.
"""

import functools
import hashlib
import hmac
from collections.abc import Iterable
from dataclasses import dataclass
from typing import NamedTuple

from cryptography.exceptions import InvalidSignature, UnsupportedAlgorithm
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import dsa, ec, ed448, ed25519, padding, rsa, utils
from cryptography.hazmat.primitives.serialization import load_der_public_key

from monitor.verify import ber

DIGESTS = {
    "1.2.840.113549.2.5": "md5",
    "1.3.14.3.2.26": "sha1",
    "2.16.840.1.101.3.4.2.4": "sha224",
    "2.16.840.1.101.3.4.2.1": "sha256",
    "2.16.840.1.101.3.4.2.2": "sha384",
    "2.16.840.1.101.3.4.2.3": "sha512",
    "2.16.840.1.101.3.4.2.5": "sha512_224",
    "2.16.840.1.101.3.4.2.6": "sha512_256",
    "2.16.840.1.101.3.4.2.7": "sha3_224",
    "2.16.840.1.101.3.4.2.8": "sha3_256",
    "2.16.840.1.101.3.4.2.9": "sha3_384",
    "2.16.840.1.101.3.4.2.10": "sha3_512",
    "2.16.840.1.101.3.4.2.12": "shake_256",
    "1.3.36.3.2.1": "ripemd160",
    "1.2.840.113549.2.2": "md2",
}
"""Name, as hashlib spells it, of each digest's object identifier."""

_IDENTIFIERS = {name: dotted for dotted, name in DIGESTS.items()}

_HASHES: dict[str, type[hashes.HashAlgorithm]] = {
    "md5": hashes.MD5,
    "sha1": hashes.SHA1,
    "sha224": hashes.SHA224,
    "sha256": hashes.SHA256,
    "sha384": hashes.SHA384,
    "sha512": hashes.SHA512,
    "sha512_224": hashes.SHA512_224,
    "sha512_256": hashes.SHA512_256,
    "sha3_224": hashes.SHA3_224,
    "sha3_256": hashes.SHA3_256,
    "sha3_384": hashes.SHA3_384,
    "sha3_512": hashes.SHA3_512,
}

_RSA, _PSS = "1.2.840.113549.1.1.1", "1.2.840.113549.1.1.10"
_EC_KEY, _DSA_KEY = "1.2.840.10045.2.1", "1.2.840.10040.4.1"
_ED25519, _ED448 = "1.3.101.112", "1.3.101.113"

_SIGNATURES: dict[str, tuple[str, str | None]] = {
    _RSA: ("rsa", None),
    "1.2.840.113549.1.1.2": ("rsa", "md2"),
    "1.2.840.113549.1.1.4": ("rsa", "md5"),
    "1.2.840.113549.1.1.5": ("rsa", "sha1"),
    "1.3.14.3.2.29": ("rsa", "sha1"),
    "1.2.840.113549.1.1.11": ("rsa", "sha256"),
    "1.2.840.113549.1.1.12": ("rsa", "sha384"),
    "1.2.840.113549.1.1.13": ("rsa", "sha512"),
    "1.2.840.113549.1.1.14": ("rsa", "sha224"),
    "1.2.840.113549.1.1.15": ("rsa", "sha512_224"),
    "1.2.840.113549.1.1.16": ("rsa", "sha512_256"),
    "2.16.840.1.101.3.4.3.13": ("rsa", "sha3_224"),
    "2.16.840.1.101.3.4.3.14": ("rsa", "sha3_256"),
    "2.16.840.1.101.3.4.3.15": ("rsa", "sha3_384"),
    "2.16.840.1.101.3.4.3.16": ("rsa", "sha3_512"),
    "1.3.36.3.3.1.2": ("rsa", "ripemd160"),
    _PSS: ("pss", None),
    _EC_KEY: ("ecdsa", None),
    "1.2.840.10045.4.1": ("ecdsa", "sha1"),
    "1.2.840.10045.4.3.1": ("ecdsa", "sha224"),
    "1.2.840.10045.4.3.2": ("ecdsa", "sha256"),
    "1.2.840.10045.4.3.3": ("ecdsa", "sha384"),
    "1.2.840.10045.4.3.4": ("ecdsa", "sha512"),
    "2.16.840.1.101.3.4.3.9": ("ecdsa", "sha3_224"),
    "2.16.840.1.101.3.4.3.10": ("ecdsa", "sha3_256"),
    "2.16.840.1.101.3.4.3.11": ("ecdsa", "sha3_384"),
    "2.16.840.1.101.3.4.3.12": ("ecdsa", "sha3_512"),
    "0.4.0.127.0.7.1.1.4.1.1": ("ecdsa", "sha1"),
    "0.4.0.127.0.7.1.1.4.1.2": ("ecdsa", "sha224"),
    "0.4.0.127.0.7.1.1.4.1.3": ("ecdsa", "sha256"),
    "0.4.0.127.0.7.1.1.4.1.4": ("ecdsa", "sha384"),
    "0.4.0.127.0.7.1.1.4.1.5": ("ecdsa", "sha512"),
    _DSA_KEY: ("dsa", None),
    "1.2.840.10040.4.3": ("dsa", "sha1"),
    "1.3.14.3.2.27": ("dsa", "sha1"),
    "2.16.840.1.101.3.4.3.1": ("dsa", "sha224"),
    "2.16.840.1.101.3.4.3.2": ("dsa", "sha256"),
    "2.16.840.1.101.3.4.3.3": ("dsa", "sha384"),
    "2.16.840.1.101.3.4.3.4": ("dsa", "sha512"),
    _ED25519: ("eddsa", "sha512"),
    _ED448: ("eddsa", "shake_256"),
}
"""Family and fixed digest of each signature algorithm's object identifier."""

Chunks = bytes | memoryview | Iterable[bytes | memoryview]
"""Signed bytes: in one piece, or the pieces in their order."""


class Unsupported(Exception):
    """An algorithm this product cannot compute."""


class Use(NamedTuple):
    """One algorithm that something rests on: a digest by its name, or a key's family and size."""

    name: str
    bits: int = 0
    """Of the modulus or the curve; 0 for a digest."""


@dataclass(frozen=True, slots=True)
class Algorithm:
    """A signature algorithm with its parameters resolved."""

    family: str
    digest: str | None
    """None when the algorithm leaves it to the digest algorithm beside it."""
    mask_digest: str | None = None
    salt_length: int = 20


def digest_name(algorithm: ber.Node) -> str:
    """Name of an AlgorithmIdentifier's digest; its dotted identifier when it is unknown."""
    identifier = ber.oid(algorithm.expect(ber.SEQUENCE).children[0])
    if identifier in DIGESTS:
        return DIGESTS[identifier]
    family = _SIGNATURES.get(identifier)  # some producers put the signature algorithm here
    return family[1] if family and family[1] else identifier


def signature_algorithm(node: ber.Node) -> Algorithm:
    """The meaning of an AlgorithmIdentifier of a signature (RFC 8017, 5754, 8419)."""
    children = node.expect(ber.SEQUENCE).children
    if not children:
        raise ber.Malformed("empty algorithm identifier")
    identifier = ber.oid(children[0])
    family = _SIGNATURES.get(identifier)
    if family is None:
        raise Unsupported(identifier)
    if family[0] == "pss":
        return _pss(children[1] if len(children) > 1 else None)
    return Algorithm(*family)


def _pss(parameters: ber.Node | None) -> Algorithm:
    """RSASSA-PSS-params (RFC 8017 A.2.3) with their defaults."""
    digest, mask, salt = "sha1", "sha1", 20
    for field in parameters.children if parameters and parameters.constructed else ():
        inner = field.children[0]
        if field.tag == 0xA0:
            digest = digest_name(inner)
        elif field.tag == 0xA1 and len(inner.children) > 1:
            mask = digest_name(inner.children[1])
        elif field.tag == 0xA2:
            salt = ber.integer(inner)
    return Algorithm("pss", digest, mask, salt)


def compute(digest: str, chunks: Chunks) -> bytes:
    """Digest of bytes by name; raises `Unsupported` for one that cannot be computed."""
    try:
        state = hashlib.new(digest, usedforsecurity=False)
    except ValueError:
        raise Unsupported(digest) from None
    for chunk in (chunks,) if isinstance(chunks, bytes | memoryview) else chunks:
        state.update(chunk)
    if digest == "shake_256":
        return state.digest(64)  # type: ignore[call-arg]  # an extendable output, RFC 8419
    return state.digest()


@dataclass(frozen=True, slots=True)
class Hashed:
    """A digest by name and value."""

    digest: str
    value: bytes


def hashed(digest: str, chunks: Chunks) -> Hashed:
    """The digest of bytes; raises `Unsupported` for one that cannot be computed."""
    return Hashed(digest, compute(digest, chunks))


@dataclass(frozen=True, slots=True)
class PublicKey:
    """A SubjectPublicKeyInfo with what the policy asks of it."""

    spki: bytes
    family: str
    bits: int
    modulus: int = 0
    exponent: int = 0

    @property
    def use(self) -> Use:
        return Use(self.family, self.bits)


def public_key(spki: bytes) -> PublicKey:
    """Family and size of a key, read by hand so that odd and short keys have an answer too.

    Raises `ber.Malformed` for a key that is none.
    """
    try:
        return _public_key(spki)
    except (ValueError, IndexError) as error:
        raise ber.Malformed("no public key") from error


@functools.lru_cache(maxsize=2048)
def _public_key(spki: bytes) -> PublicKey:
    algorithm, value = ber.read(spki).expect(ber.SEQUENCE).children[:2]
    identifier = ber.oid(algorithm.children[0])
    family = (_SIGNATURES.get(identifier) or (identifier, None))[0]
    if identifier in {_RSA, _PSS}:
        modulus, exponent = (ber.integer(n) for n in ber.read(ber.bits(value)).children[:2])
        return PublicKey(spki, "rsa", modulus.bit_length(), modulus, exponent)
    if family == "dsa" and len(algorithm.children) > 1:
        return PublicKey(spki, family, ber.integer(algorithm.children[1].children[0]).bit_length())
    if family == "ecdsa":
        point = ber.bits(value)
        coordinates = 2 if point[:1] == b"\x04" else 1
        return PublicKey(spki, family, (len(point) - 1) // coordinates * 8)
    return PublicKey(spki, family, {_ED25519: 256, _ED448: 456}.get(identifier, 0))


@functools.lru_cache(maxsize=1024)
def _loaded(spki: bytes) -> object:
    return load_der_public_key(spki)


def verifies(
    key: PublicKey,
    algorithm: Algorithm,
    hashed: Hashed,
    signature: bytes,
    message: Chunks | None = None,
) -> bool:
    """Does a signature fit a key and a digest that was computed already?

    `message` is needed for EdDSA, which signs the message itself. Raises `Unsupported` for what
    the library lacks.
    """
    try:
        return _verify(key, algorithm, hashed, signature, message)
    except InvalidSignature:
        return False
    except UnsupportedAlgorithm as error:
        raise Unsupported(str(error)) from error
    except ValueError:
        if key.family == "rsa" and algorithm.family == "rsa":
            return _pkcs1(key, hashed, signature)
        if key.family not in {"rsa", "dsa", "ecdsa", "eddsa"}:
            raise Unsupported(key.family) from None
        return False


def _verify(
    key: PublicKey,
    algorithm: Algorithm,
    hashed: Hashed,
    signature: bytes,
    message: Chunks | None,
) -> bool:
    if algorithm.family == "rsa" and hashed.digest not in _HASHES:
        return _pkcs1(key, hashed, signature)
    loaded = _loaded(key.spki)
    if isinstance(loaded, ed25519.Ed25519PublicKey | ed448.Ed448PublicKey):
        loaded.verify(signature, b"".join(_pieces(message)))
        return True
    kind = _HASHES.get(hashed.digest)
    if kind is None:
        raise Unsupported(hashed.digest)
    if isinstance(loaded, rsa.RSAPublicKey):
        if algorithm.family == "pss":
            mask = _HASHES.get(algorithm.mask_digest or hashed.digest)
            if mask is None:
                raise Unsupported(algorithm.mask_digest or hashed.digest)
            pad: padding.AsymmetricPadding = padding.PSS(
                padding.MGF1(mask()), algorithm.salt_length
            )
        elif algorithm.family == "rsa":
            pad = padding.PKCS1v15()
        else:
            return False
        loaded.verify(signature, hashed.value, pad, utils.Prehashed(kind()))
        return True
    if isinstance(loaded, ec.EllipticCurvePublicKey):
        loaded.verify(signature, hashed.value, ec.ECDSA(utils.Prehashed(kind())))
        return True
    if isinstance(loaded, dsa.DSAPublicKey):
        loaded.verify(signature, hashed.value, utils.Prehashed(kind()))
        return True
    raise Unsupported(key.family)


def _pieces(message: Chunks | None) -> Iterable[bytes | memoryview]:
    if message is None:
        raise Unsupported("the algorithm signs the message, which is not at hand")
    return (message,) if isinstance(message, bytes | memoryview) else message


def _pkcs1(key: PublicKey, hashed: Hashed, signature: bytes) -> bool:
    """RSASSA-PKCS1-v1_5 (RFC 8017 8.2.2) by hand, for keys and digests the library refuses.

    The expected encoding is built and compared whole, with and without the NULL parameter.
    """
    identifier = _IDENTIFIERS.get(hashed.digest)
    size = (key.modulus.bit_length() + 7) // 8
    if identifier is None or key.family != "rsa":
        raise Unsupported(hashed.digest)
    if size > 2048 or key.exponent.bit_length() > 64:
        raise Unsupported("RSA key of absurd size")
    if key.modulus < 3 or key.exponent < 3 or len(signature) > size:
        return False
    opened = pow(int.from_bytes(signature, "big"), key.exponent, key.modulus).to_bytes(size, "big")
    for parameters in (b"\x05\x00", b""):
        info = ber.encode(
            ber.SEQUENCE,
            ber.encode(ber.SEQUENCE, _encoded_oid(identifier) + parameters)
            + ber.encode(ber.OCTET_STRING, hashed.value),
        )
        expected = b"\0\x01" + b"\xff" * (size - len(info) - 3) + b"\0" + info
        if hmac.compare_digest(opened, expected):
            return True
    return False


def _encoded_oid(dotted: str) -> bytes:
    first, second, *rest = map(int, dotted.split("."))
    content = bytearray()
    for arc in (first * 40 + second, *rest):
        groups = [arc & 0x7F]
        while arc := arc >> 7:
            groups.append(arc & 0x7F | 0x80)
        content += bytes(reversed(groups))
    return ber.encode(ber.OID, bytes(content))
