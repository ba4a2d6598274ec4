"""SignedData of CMS (RFC 5652) and PKCS#7 1.5, read tolerantly and without judging."""

import contextlib
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from monitor.verify import ber
from monitor.verify.algorithms import Algorithm, Unsupported, digest_name, signature_algorithm
from monitor.verify.certificate import Certificate, Name, certificate
from monitor.verify.revocation import MAX_EVIDENCE, Evidence

DATA, SIGNED_DATA, TST_INFO = (
    "1.2.840.113549.1.7.1",
    "1.2.840.113549.1.7.2",
    "1.2.840.113549.1.9.16.1.4",
)
CONTENT_TYPE, MESSAGE_DIGEST, SIGNING_TIME = (
    "1.2.840.113549.1.9.3",
    "1.2.840.113549.1.9.4",
    "1.2.840.113549.1.9.5",
)
SIGNING_CERTIFICATE, SIGNING_CERTIFICATE_V2 = (
    "1.2.840.113549.1.9.16.2.12",
    "1.2.840.113549.1.9.16.2.47",
)
SIGNATURE_TIMESTAMP = "1.2.840.113549.1.9.16.2.14"
ARCHIVE_TIMESTAMPS = frozenset(
    {"1.2.840.113549.1.9.16.2.27", "1.2.840.113549.1.9.16.2.48", "0.4.0.1733.2.4", "0.4.0.1733.2.5"}
)
_CERTIFICATE_VALUES, _REVOCATION_VALUES = "1.2.840.113549.1.9.16.2.23", "1.2.840.113549.1.9.16.2.24"
_ADOBE_REVOCATION = "1.2.840.113583.1.1.8"
_OCSP_FORMATS = frozenset({"1.3.6.1.5.5.7.16.2", "1.3.6.1.5.5.7.48.1.1"})

MAX_SIGNERS, MAX_CERTIFICATES = 64, 256

Attributes = Mapping[str, tuple[ber.Node, ...]]


class NotSigned(ber.Malformed):
    """CMS of another type; `content_type` is its dotted identifier."""

    def __init__(self, content_type: str) -> None:
        super().__init__(f"CMS of type {content_type}")
        self.content_type = content_type


@dataclass(frozen=True)
class SignerInfo:
    """One signer's block."""

    issuer: Name | None
    serial: bytes | None
    """INTEGER as encoded; with `issuer` it names the certificate."""
    key_id: bytes | None
    digest: str
    algorithm: Algorithm | None
    """None for one that is unknown here."""
    signature: bytes
    signed_node: ber.Node | None
    signed: Attributes
    unsigned: Attributes

    def names(self, candidate: Certificate) -> bool:
        """Does the signer identifier name this certificate?"""
        if self.key_id is not None:
            return candidate.subject_key_id == self.key_id
        return (
            self.issuer is not None
            and candidate.serial_raw == self.serial
            and candidate.issuer.key == self.issuer.key
        )

    @property
    def claimed_time(self) -> datetime | None:
        """signingTime, where it is one."""
        try:
            values = self.signed.get(SIGNING_TIME)
            return ber.time(values[0]) if values else None
        except ber.Malformed:
            return None


@dataclass(frozen=True)
class SignedData:
    content_type: str
    content: bytes | None
    """Encapsulated content; None for a detached signature."""
    certificates: tuple[Certificate, ...]
    evidence: Evidence
    signers: tuple[SignerInfo, ...]
    outer: ber.Node
    """The ContentInfo, or the bare SignedData."""
    body: ber.Node
    unread: int = 0
    """Signer blocks that are there and could not be read."""

    def emptied(self) -> bytes:
        """The structure as found but for its content: what may be kept of it."""
        if self.content is None:
            return self.outer.raw
        version, digests, encapsulated, *rest = self.body.children
        bare = ber.encode(ber.SEQUENCE, encapsulated.children[0].raw)
        fields = (version.raw, digests.raw, bare, *(each.raw for each in rest))
        signed_data = ber.encode(ber.SEQUENCE, b"".join(fields))
        if self.body is self.outer:
            return signed_data
        kind = self.outer.children[0].raw
        return ber.encode(ber.SEQUENCE, kind + ber.encode(0xA0, signed_data))


def parse(cms: bytes) -> SignedData:
    """The SignedData of a ContentInfo, or a bare one; raises `ber.Malformed` or `NotSigned`."""
    try:
        return _parse(cms)
    except (IndexError, ValueError, RecursionError) as error:
        if isinstance(error, ber.Malformed):
            raise
        raise ber.Malformed(f"no SignedData: {error}") from error


def _parse(cms: bytes) -> SignedData:
    outer = ber.read(cms).expect(ber.SEQUENCE)
    body = outer
    if outer.children[0].tag == ber.OID:
        kind = ber.oid(outer.children[0])
        if kind != SIGNED_DATA:
            raise NotSigned(kind)
        body = outer.children[1].expect(0xA0).children[0].expect(ber.SEQUENCE)
    _, _, encapsulated, *rest = body.children
    certificates: list[Certificate] = []
    evidence = Evidence()
    for node in rest:
        if node.tag == 0xA0:
            certificates = _certificates(node)
        elif node.tag == 0xA1:
            evidence = _revocation(node)
    blocks = rest[-1].expect(ber.SET).children if rest else []
    signers = _signers(blocks)
    fields = encapsulated.expect(ber.SEQUENCE).children
    return SignedData(
        content_type=ber.oid(fields[0]),
        content=_encapsulated(fields[1:]),
        certificates=tuple(certificates),
        evidence=evidence,
        signers=signers,
        outer=outer,
        body=body,
        unread=len(blocks) - len(signers),
    )


def _encapsulated(fields: list[ber.Node]) -> bytes | None:
    """eContent; PKCS#7 1.5 allows any type there, whose content octets are signed."""
    if not fields or not fields[0].children:
        return None
    inner = fields[0].children[0]
    return ber.octets(inner) if inner.tag & 0xDF == ber.OCTET_STRING else inner.content


def _certificates(node: ber.Node) -> list[Certificate]:
    """Those that can be read: a signature may well do without the others."""
    found: list[Certificate] = []
    for child in node.children[:MAX_CERTIFICATES]:
        if child.tag != ber.SEQUENCE:
            continue
        with contextlib.suppress(ber.Malformed):
            found.append(certificate(child.raw))
    return found


def _revocation(node: ber.Node) -> Evidence:
    crls, ocsps = [], []
    for child in node.children[:MAX_EVIDENCE]:
        if child.tag == ber.SEQUENCE:
            crls.append(child.raw)
        elif child.tag == 0xA1 and ber.oid(child.children[0]) in _OCSP_FORMATS:
            ocsps.append(child.children[1].raw)
    return Evidence(tuple(crls), tuple(ocsps))


def _signers(blocks: Sequence[ber.Node]) -> tuple[SignerInfo, ...]:
    found: list[SignerInfo] = []
    for block in blocks[:MAX_SIGNERS]:
        with contextlib.suppress(ber.Malformed, IndexError, ValueError):
            found.append(_signer(block))
    return tuple(found)


def _signer(node: ber.Node) -> SignerInfo:
    _, identifier, digest, *rest = node.expect(ber.SEQUENCE).children
    issuer = serial = key_id = None
    if identifier.tag == ber.SEQUENCE:
        issuer, serial = Name(identifier.children[0]), identifier.children[1].raw
    else:
        key_id = ber.octets(identifier)
        if key_id[:1] == b"\x04" and len(key_id) > 2 and key_id[1] == len(key_id) - 2:
            key_id = key_id[2:]  # some producers tag the key identifier explicitly
    signed_node = rest.pop(0) if rest[0].tag == 0xA0 else None
    algorithm_node, signature, *unsigned = rest
    try:
        algorithm = signature_algorithm(algorithm_node)
    except Unsupported:
        algorithm = None
    return SignerInfo(
        issuer=issuer,
        serial=serial,
        key_id=key_id,
        digest=digest_name(digest),
        algorithm=algorithm,
        signature=ber.octets(signature),
        signed_node=signed_node,
        signed=_attributes(signed_node, strict=True),
        unsigned=_attributes(unsigned[0] if unsigned else None, strict=False),
    )


def _attributes(node: ber.Node | None, *, strict: bool) -> dict[str, tuple[ber.Node, ...]]:
    """Values by type; a signed attribute may occur once only (RFC 5652 11)."""
    found: dict[str, tuple[ber.Node, ...]] = {}
    for attribute in node.children if node is not None else ():
        kind = ber.oid(attribute.children[0])
        values = tuple(attribute.children[1].children)
        if kind in found and strict:
            raise ber.Malformed(f"signed attribute {kind} occurs twice")
        found[kind] = found.get(kind, ()) + values
    return found


def attribute_bytes(signer: SignerInfo) -> Iterator[bytes]:
    """Encodings of the signed attributes that a signature may have been made over.

    As found, with the SET tag (RFC 5652 5.4), then in DER where that differs: some producers
    store BER or unsorted attributes and sign DER, others sign what they store.
    """
    node = signer.signed_node
    if node is None:
        return
    found = b"\x31" + node.raw[1:]
    yield found
    try:
        canonical = ber.der(ber.Node(node.buffer, 0x31, node.start, node.body, node.stop, node.end))
    except ber.Malformed:
        return
    if canonical != found:
        yield canonical


def embedded_revocation(signer: SignerInfo) -> Evidence:
    """Revocation data in attributes: Adobe's archival (signed) and CAdES revocation-values."""
    found = Evidence()
    for values in (signer.signed.get(_ADOBE_REVOCATION), signer.unsigned.get(_REVOCATION_VALUES)):
        try:
            for value in values or ():
                found += _archived(value)
        except (ber.Malformed, IndexError):
            continue
    return found


def _archived(value: ber.Node) -> Evidence:
    crls: list[bytes] = []
    ocsps: list[bytes] = []
    for part in value.children:
        if part.tag in {0xA0, 0xA1}:
            items = [item.raw for item in part.children[0].children[:MAX_EVIDENCE]]
            (crls if part.tag == 0xA0 else ocsps).extend(items)
    return Evidence(tuple(crls), tuple(ocsps))


def certificate_values(signer: SignerInfo) -> list[Certificate]:
    """Certificates of the CAdES certificate-values attribute."""
    found: list[Certificate] = []
    try:
        for value in signer.unsigned.get(_CERTIFICATE_VALUES, ()):
            found += [certificate(item.raw) for item in value.children[:MAX_CERTIFICATES]]
    except ber.Malformed:
        pass
    return found
