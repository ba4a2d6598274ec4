"""Certificates (RFC 5280), read leniently: what cannot be understood never hides the rest.

Names serve to find candidates and to describe a signer; nothing is trusted for its name.
"""

import functools
import hashlib
import unicodedata
from collections.abc import Mapping
from dataclasses import dataclass

from monitor.verify import ber
from monitor.verify.algorithms import (
    Algorithm,
    PublicKey,
    Unsupported,
    Use,
    hashed,
    public_key,
    signature_algorithm,
    verifies,
)
from monitor.verify.alternative_names import LONGEST_ADDRESS, addresses_of
from monitor.verify.smime_address import mailbox_key

COMMON_NAME, SURNAME, SERIAL_NUMBER = "2.5.4.3", "2.5.4.4", "2.5.4.5"
COUNTRY, LOCALITY, STATE, ORGANISATION, UNIT = (
    "2.5.4.6",
    "2.5.4.7",
    "2.5.4.8",
    "2.5.4.10",
    "2.5.4.11",
)
TITLE, GIVEN_NAME, ORGANISATION_IDENTIFIER = "2.5.4.12", "2.5.4.42", "2.5.4.97"
EMAIL, UID = "1.2.840.113549.1.9.1", "0.9.2342.19200300.100.1.1"

_SHORT = {
    COMMON_NAME: "CN", SURNAME: "SN", SERIAL_NUMBER: "serialNumber", COUNTRY: "C", LOCALITY: "L",
    STATE: "ST", ORGANISATION: "O", UNIT: "OU", TITLE: "title", GIVEN_NAME: "GN", EMAIL: "E",
    UID: "UID", ORGANISATION_IDENTIFIER: "organizationIdentifier",
    "0.9.2342.19200300.100.1.25": "DC",
}  # fmt: skip

SUBJECT_KEY_ID, KEY_USAGE, SUBJECT_ALT_NAME = "2.5.29.14", "2.5.29.15", "2.5.29.17"
BASIC_CONSTRAINTS, NAME_CONSTRAINTS = "2.5.29.19", "2.5.29.30"
CRL_POINTS, POLICIES, AUTHORITY_KEY_ID = "2.5.29.31", "2.5.29.32", "2.5.29.35"
EXTENDED_KEY_USAGE, QC_STATEMENTS = "2.5.29.37", "1.3.6.1.5.5.7.1.3"
OCSP_NOCHECK, OCSP_SIGNING = "1.3.6.1.5.5.7.48.1.5", "1.3.6.1.5.5.7.3.9"
NO_REVOCATION = "2.5.29.56"

KNOWN_EXTENSIONS = frozenset({
    SUBJECT_KEY_ID, KEY_USAGE, SUBJECT_ALT_NAME, BASIC_CONSTRAINTS, NAME_CONSTRAINTS, CRL_POINTS,
    POLICIES, AUTHORITY_KEY_ID, EXTENDED_KEY_USAGE, QC_STATEMENTS, OCSP_NOCHECK, NO_REVOCATION,
    "2.5.29.18", "2.5.29.16", "2.5.29.33", "2.5.29.36", "2.5.29.46", "2.5.29.54", "2.5.29.9",
    "1.3.6.1.5.5.7.1.1", "1.3.6.1.5.5.7.1.11", "2.16.840.1.113730.1.1", "2.16.840.1.113730.1.13",
})  # fmt: skip
"""Extensions that may be critical: processed here, or without a meaning for a signature's path."""

DIGITAL_SIGNATURE, NON_REPUDIATION, KEY_CERT_SIGN, CRL_SIGN = 0, 1, 5, 6
"""Bits of keyUsage (RFC 5280 4.2.1.3)."""


@dataclass(frozen=True, slots=True)
class Extension:
    critical: bool
    value: bytes


class Name:
    """A distinguished name: its attributes in order, and a form to compare it by."""

    __slots__ = ("attributes", "key", "raw")

    def __init__(self, node: ber.Node) -> None:
        self.raw = node.raw
        self.attributes = tuple(_attributes(node))
        self.key = tuple((oid, _folded(value)) for oid, value in self.attributes)

    def get(self, oid: str) -> str | None:
        """The first value of an attribute, NFC."""
        return next((value for found, value in self.attributes if found == oid), None)

    def all(self, oid: str) -> tuple[str, ...]:
        return tuple(value for found, value in self.attributes if found == oid)

    def __str__(self) -> str:
        """In the order of RFC 4514: the most specific attribute first."""
        pairs = reversed(self.attributes)
        return ", ".join(f"{_SHORT.get(oid, oid)}={value}" for oid, value in pairs)[:4096]


def _attributes(node: ber.Node) -> list[tuple[str, str]]:
    found = []
    for rdn in node.children:
        for pair in rdn.children:
            if pair.constructed and len(pair.children) >= 2:
                identifier, value = pair.children[:2]
                found.append((ber.oid(identifier), text(value)))
    return found


def _folded(value: str) -> str:
    """Comparison of RFC 5280 7.1 in its common simplification: case and spaces do not count."""
    return " ".join(value.casefold().split())


_CODECS = {0x1E: "utf-16-be", 0x1C: "utf-32-be", 0x14: "latin-1"}


def text(node: ber.Node) -> str:
    """A directory string, NFC and without control characters."""
    content = ber.octets(node)
    codec = _CODECS.get(node.tag, "utf-8")
    try:
        value = content.decode(codec)
    except UnicodeDecodeError:
        value = content.decode("latin-1")
    value = unicodedata.normalize("NFC", value)
    return "".join(c if c.isprintable() else " " for c in value).strip()


class Certificate:
    """One certificate; it equals another by its DER alone.

    `der` is in DER around what is signed, however long the lengths were written: the signature does
    not cover them, and one certificate must not have several hashes.
    """

    def __init__(self, der: bytes) -> None:
        outer = ber.read(der).expect(ber.SEQUENCE)
        tbs, algorithm, signature = outer.children  # and nothing more, or its hash says nothing
        self.tbs = tbs.raw
        self._algorithm = algorithm
        self.signature = ber.bits(signature.expect(ber.BIT_STRING))
        value = ber.encode(ber.BIT_STRING, b"\0" + self.signature)
        self.der = ber.encode(ber.SEQUENCE, self.tbs + algorithm.raw + value)
        fields = tbs.expect(ber.SEQUENCE).children
        at = 1 if fields[0].tag == 0xA0 else 0
        if fields[at + 1].raw != algorithm.raw:  # RFC 5280 4.1.1.2
            raise ber.Malformed("two signature algorithms")
        self.version = ber.integer(fields[0].children[0]) + 1 if at else 1
        self.serial_raw = fields[at].expect(ber.INTEGER).raw
        self.serial = ber.integer(fields[at])
        self.issuer = Name(fields[at + 2])
        validity = fields[at + 3].children
        self.not_before, self.not_after = ber.time(validity[0]), ber.time(validity[1])
        self.subject = Name(fields[at + 4])
        self.spki = fields[at + 5].raw
        self.extensions: Mapping[str, Extension] = _extensions(fields[at + 6 :])
        self.sha256 = hashlib.sha256(self.der).hexdigest()

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Certificate) and self.sha256 == other.sha256

    def __hash__(self) -> int:
        return hash(self.sha256)

    @functools.cached_property
    def key(self) -> PublicKey:
        """Raises `ber.Malformed` for a key that is none."""
        return public_key(self.spki)

    @functools.cached_property
    def algorithm(self) -> Algorithm:
        """Of the issuer's signature on this certificate; raises `Unsupported`."""
        return signature_algorithm(self._algorithm)

    @functools.cached_property
    def self_issued(self) -> bool:
        return self.subject.key == self.issuer.key

    @functools.cached_property
    def self_signed(self) -> bool:
        """Does its own key fit its signature? What cannot be computed counts as no."""
        return self.self_issued and self.issued_by(self)

    def issued_by(self, issuer: "Certificate") -> bool:
        """Does the issuer's key fit this certificate's signature? (cached)"""
        try:
            return _fits(self, issuer.spki)
        except (Unsupported, ber.Malformed):
            return False

    @property
    def digest_use(self) -> Use:
        """Of the issuer's signature on this certificate; without a name where it is unknown."""
        try:
            return Use(self.algorithm.digest or "")
        except (Unsupported, ber.Malformed):
            return Use("")

    # -- extensions ------------------------------------------------------------------------------

    def _value(self, oid: str) -> ber.Node | None:
        extension = self.extensions.get(oid)
        return ber.read(extension.value) if extension else None

    @functools.cached_property
    def authority(self) -> tuple[bool, int | None] | None:
        """BasicConstraints as (cA, pathLenConstraint), or None."""
        node = self._value(BASIC_CONSTRAINTS)
        if node is None:
            return None
        fields = node.children
        certifies = bool(fields and fields[0].tag == ber.BOOLEAN and any(fields[0].content))
        lengths = [ber.integer(f) for f in fields if f.tag == ber.INTEGER]
        return certifies, lengths[0] if lengths else None

    @functools.cached_property
    def key_usage(self) -> frozenset[int] | None:
        """Bits set in keyUsage, or None where the extension is absent."""
        node = self._value(KEY_USAGE)
        if node is None:
            return None
        octets = ber.bits(node)
        return frozenset(i for i in range(len(octets) * 8) if octets[i // 8] & (0x80 >> i % 8))

    @functools.cached_property
    def extended_key_usage(self) -> frozenset[str] | None:
        node = self._value(EXTENDED_KEY_USAGE)
        return None if node is None else frozenset(ber.oid(child) for child in node.children)

    @functools.cached_property
    def subject_key_id(self) -> bytes | None:
        node = self._value(SUBJECT_KEY_ID)
        return None if node is None else ber.octets(node)

    @functools.cached_property
    def alternative_names(self) -> tuple[tuple[int, bytes], ...]:
        """SubjectAltName as (tag number, content octets)."""
        node = self._value(SUBJECT_ALT_NAME)
        if node is None:
            return ()
        return tuple((child.tag & 0x1F, child.content) for child in node.children)

    @functools.cached_property
    def emails(self) -> tuple[str, ...]:
        """Addresses of the SAN, then of the subject's E; comparable, without repetition."""
        try:
            named = addresses_of(self.alternative_names)
        except ber.Malformed:
            named = []
        found = (mailbox_key(address.strip(" ")) for address in (*named, *self.subject.all(EMAIL)))
        return tuple(dict.fromkeys(a for a in found if 0 < len(a) <= LONGEST_ADDRESS))

    @functools.cached_property
    def qualified_types(self) -> frozenset[str]:
        """Object identifiers inside qcStatements (ETSI EN 319 412-5)."""
        try:
            node = self._value(QC_STATEMENTS)
            return frozenset() if node is None else frozenset(_identifiers(node))
        except ber.Malformed:
            return frozenset()


def _identifiers(node: ber.Node) -> list[str]:
    found = []
    for child in node.children:
        if child.tag == ber.OID:
            found.append(ber.oid(child))
        elif child.constructed:
            found += _identifiers(child)
    return found


def _extensions(rest: list[ber.Node]) -> dict[str, Extension]:
    found: dict[str, Extension] = {}
    for node in rest:
        if node.tag != 0xA3:
            continue
        for extension in node.children[0].children:
            fields = extension.children
            critical = fields[1].tag == ber.BOOLEAN and any(fields[1].content)
            found[ber.oid(fields[0])] = Extension(critical, ber.octets(fields[-1]))
    return found


@functools.lru_cache(maxsize=4096)
def _fits(certificate: Certificate, spki: bytes) -> bool:
    key, algorithm = public_key(spki), certificate.algorithm
    digest = algorithm.digest
    if digest is None:
        return False
    tbs = certificate.tbs
    return verifies(key, algorithm, hashed(digest, tbs), certificate.signature, tbs)


@functools.lru_cache(maxsize=2048)
def certificate(der: bytes) -> Certificate:
    """The certificate of DER bytes, read once; raises `ber.Malformed` for what is none."""
    try:
        return Certificate(der)
    except (IndexError, ValueError, OverflowError) as error:
        raise ber.Malformed(f"no certificate: {error}") from error
