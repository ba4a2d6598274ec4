"""Keys of DKIM signatures as they are published (RFC 6376 3.6.1, RFC 8463 4, RFC 8301)."""

import base64
import binascii
from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum

from cryptography.exceptions import UnsupportedAlgorithm
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPublicKey
from cryptography.hazmat.primitives.serialization import load_der_public_key

from monitor.posture.tags import read_tags

SHORTEST_RSA = 1024
"""Bits; a signature by a shorter key is none (RFC 8301 3.2)."""
LONGEST_RSA = 8192
"""Bits; longer ones are not computed with: nobody is to make us."""
LONGEST_EXPONENT = 64
"""Bits."""
MAX_RECORD = 4096
"""Characters; a key of 8,192 bits takes half."""
_BLANK = str.maketrans("", "", " \t\r\n")
_P = 2**255 - 19
_TORSION = (
    int.from_bytes(
        bytes.fromhex("26e8958fc2b227b045c3f489f2ef98f0d5dfac05d3c63339b13802886d53fc05"), "little"
    ),
    int.from_bytes(
        bytes.fromhex("c7176a703d4dd84fba3c0b760d10670f2a2053fa2c39ccc64ec7fd7792ac037a"), "little"
    ),
)
_SMALL_ORDER = frozenset((0, 1, _P - 1, _P, _P + 1, *_TORSION))
"""Ed25519 points of order eight and less, by their y: anybody can sign by them (RFC 8032 8.9)."""


class KeyType(StrEnum):
    """`k=`"""

    RSA = "rsa"
    ED25519 = "ed25519"


class KeyFault(StrEnum):
    """Why no signature passes by a record."""

    NOT_A_RECORD = "not_a_record"
    """It is no list of tags, or too long for one."""
    VERSION = "version"
    """`v=` is not DKIM1, or not the first tag."""
    NO_KEY = "no_key"
    """`p=` is missing."""
    REVOKED = "revoked"
    """`p=` is empty."""
    KEY_TYPE = "key_type"
    """`k=` names a kind of key that is not known."""
    KEY_UNREADABLE = "key_unreadable"
    """`p=` is no Base64, or no key of its kind."""
    KEY_SHORT = "key_short"
    """RSA of less than 1,024 bits."""
    KEY_LONG = "key_long"
    """RSA of more than 8,192 bits, or with an exponent of more than 64."""
    HASH = "hash"
    """`h=` allows no SHA-256."""
    SERVICE = "service"
    """`s=` is for something that is not mail."""


@dataclass(frozen=True, slots=True)
class KeyRecord:
    """One TXT record at `selector._domainkey.domain`."""

    faults: tuple[KeyFault, ...]
    """Without any, signatures may pass by it."""
    type: KeyType | None = None
    bits: int = 0
    """Of the modulus of an RSA key, 256 of Ed25519; 0 where it could not be read."""
    key: RSAPublicKey | Ed25519PublicKey | None = None
    """None where it could not be read, or is too long to be computed with."""
    testing: bool = False
    """`t=y`: the owner tries it out, nobody is to rely on it."""
    strict: bool = False
    """`t=s`: `i=` must be of `d=` itself, not below it."""

    @property
    def usable(self) -> bool:
        return not self.faults


def read_key(text: str) -> KeyRecord:
    """What a TXT record says; never raises. `text` has one character an octet (`names.Answer`)."""
    tags = read_tags(text) if len(text) <= MAX_RECORD else None
    if tags is None:
        return KeyRecord((KeyFault.NOT_A_RECORD,))
    faults = [*_of_version(tags), *_of_use(tags)]
    flags = _words(tags.get("t", ""))
    kind, bits, key = None, 0, None
    try:
        kind = _type(tags)
        bits, key = _key(kind, tags)
    except _Unusable as unusable:
        faults.append(unusable.fault)
        bits = unusable.bits
    if kind is KeyType.RSA and key is not None and bits < SHORTEST_RSA:
        faults.append(KeyFault.KEY_SHORT)
    return KeyRecord(tuple(faults), kind, bits, key, "y" in flags, "s" in flags)


class _Unusable(Exception):
    def __init__(self, fault: KeyFault, bits: int = 0) -> None:
        super().__init__(fault)
        self.fault, self.bits = fault, bits


def _of_version(tags: Mapping[str, str]) -> list[KeyFault]:
    if "v" not in tags or (tags["v"] == "DKIM1" and next(iter(tags)) == "v"):
        return []
    return [KeyFault.VERSION]


def _of_use(tags: Mapping[str, str]) -> list[KeyFault]:
    faults = []
    if "h" in tags and "sha256" not in _words(tags["h"]):
        faults.append(KeyFault.HASH)
    if "s" in tags and not {"*", "email"} & _words(tags["s"]):
        faults.append(KeyFault.SERVICE)
    return faults


def _words(value: str) -> set[str]:
    return {word.strip().lower() for word in value.split(":")}


def _type(tags: Mapping[str, str]) -> KeyType:
    try:
        return KeyType(tags.get("k", "rsa").lower())
    except ValueError:
        raise _Unusable(KeyFault.KEY_TYPE) from None


def _key(kind: KeyType, tags: Mapping[str, str]) -> tuple[int, RSAPublicKey | Ed25519PublicKey]:
    if "p" not in tags:
        raise _Unusable(KeyFault.NO_KEY)
    if not tags["p"]:
        raise _Unusable(KeyFault.REVOKED)
    try:
        data = base64.b64decode(tags["p"].translate(_BLANK), validate=True)
        if kind is KeyType.ED25519:
            return 256, _edwards(data)
        # Both are published: a SubjectPublicKeyInfo (RFC 6376 C.2) and a bare RSAPublicKey.
        key = load_der_public_key(data)
    except (binascii.Error, ValueError, UnsupportedAlgorithm):
        raise _Unusable(KeyFault.KEY_UNREADABLE) from None
    return _rsa(key)


def _edwards(data: bytes) -> Ed25519PublicKey:
    """Raises ValueError for what is no point that a secret belongs to."""
    if int.from_bytes(data, "little") % 2**255 in _SMALL_ORDER:
        raise ValueError("of small order")
    return Ed25519PublicKey.from_public_bytes(data)


def _rsa(key: object) -> tuple[int, RSAPublicKey]:
    if not isinstance(key, RSAPublicKey) or key.public_numbers().n % 2 == 0:
        raise _Unusable(KeyFault.KEY_UNREADABLE)  # no product of two primes is even
    if key.key_size > LONGEST_RSA or key.public_numbers().e.bit_length() > LONGEST_EXPONENT:
        raise _Unusable(KeyFault.KEY_LONG, key.key_size)
    return key.key_size, key
