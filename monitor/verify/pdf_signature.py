"""One PDF signature dictionary: its SubFilter, and the signature it holds (ISO 32000-1 12.8.3)."""

import re
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta

from monitor.model import Finding, Integrity
from monitor.model import SubIndication as Sub
from monitor.verify import ber
from monitor.verify.algorithms import Algorithm, Unsupported, Use, compute, hashed, verifies
from monitor.verify.certificate import Certificate
from monitor.verify.cms import cms_facts
from monitor.verify.facts import SignerFacts
from monitor.verify.pdf_raw import Range
from monitor.verify.revocation import Evidence
from monitor.verify.signed_data import NotSigned
from monitor.verify.timestamps import token
from monitor.verify.trust import Purpose, read_certificates

_NAME = rb"\s*/([^\s/<>\[\]()]+)"
_SUB_FILTER = re.compile(rb"/SubFilter" + _NAME)
_TYPE = re.compile(rb"/Type" + _NAME)
_TIME = re.compile(rb"/M\s*(?:\(((?:\\.|[^\\()]){0,120})\)|<([0-9A-Fa-f\s]{0,120})>)", re.DOTALL)
_ESCAPE = re.compile(rb"\\([0-7]{1,3})|\\(.)", re.DOTALL)
_USAGE_RIGHTS = re.compile(rb"/TransformMethod\s*/UR3?\b")
_DATE = re.compile(
    r"\s*(?:D:)?(\d{4})(\d{2})?(\d{2})?(\d{2})?(\d{2})?(\d{2})?\s*"
    r"(?:([+-])(\d{2})'?(?:(\d{2})'?)?|Z.*)?"
)


@dataclass(frozen=True)
class SignatureDictionary:
    """What matters of a signature dictionary."""

    contents: bytes
    sub_filter: str = ""
    timestamp_type: bool = False
    time: datetime | None = None
    """/M, the time the signing software claims."""
    certificates: tuple[bytes, ...] = ()
    """/Cert, for bare RSA signatures only."""
    usage_rights: bool = False

    @classmethod
    def of_text(cls, text: bytes, contents: bytes) -> "SignatureDictionary":
        """From the dictionary's text, unencrypted and without its /Contents."""
        sub_filter, time = _SUB_FILTER.search(text), _TIME.search(text)
        types = {match[1] for match in _TYPE.finditer(text)}
        return cls(
            contents=contents,
            sub_filter=sub_filter[1].decode("latin-1") if sub_filter else "",
            timestamp_type=b"DocTimeStamp" in types,
            time=pdf_date(_string(time).decode("latin-1")) if time else None,
            usage_rights=_USAGE_RIGHTS.search(text) is not None,
        )

    @property
    def timestamp(self) -> bool:
        """Is it a document time-stamp? Some lack /Type, so /SubFilter says it too."""
        return self.timestamp_type or self.sub_filter == "ETSI.RFC3161"

    @property
    def format(self) -> str:
        return "PAdES" if self.sub_filter.startswith("ETSI.") else "PKCS7"


def _string(match: re.Match[bytes]) -> bytes:
    """The octets of a literal or hexadecimal string (ISO 32000-1 7.3.4)."""
    if match[1] is None:
        digits = b"".join(match[2].split())
        return bytes.fromhex((digits + b"0" * (len(digits) % 2)).decode("ascii"))
    return _ESCAPE.sub(lambda m: bytes([int(m[1], 8) & 255]) if m[1] else m[2], match[1])


def pdf_date(text: str) -> datetime | None:
    """A PDF date (ISO 32000-1 7.9.4) as an aware datetime, UTC where it names no zone."""
    match = _DATE.match(text)
    if match is None:
        return None
    year, month, day, hour, minute, second = (int(g or 0) for g in match.groups()[:6])
    sign, hours, minutes = match.groups()[6:]
    zone = timedelta(hours=int(hours or 0), minutes=int(minutes or 0)) * (-1 if sign == "-" else 1)
    try:
        return datetime(year, month or 1, day or 1, hour, minute, second, tzinfo=UTC) - zone
    except (ValueError, OverflowError):
        return None


def signers(
    entry: SignatureDictionary,
    data: bytes,
    covered: Range,
    known: tuple[tuple[Certificate, ...], Evidence] = ((), Evidence()),
) -> list[SignerFacts]:
    """The signers of one signature over the signed bytes; changes after it are not looked at.

    `known` are certificates and revocation data of the file's document security store.
    """
    extras, evidence = known
    pieces = covered.pieces(data)
    try:
        if entry.timestamp:
            return [_document_timestamp(entry, pieces, extras, evidence)]
        if entry.sub_filter == "adbe.x509.rsa_sha1":
            return [_bare(entry, pieces)]
        content = _content(entry, pieces)
        found = cms_facts(entry.contents, content, extras, evidence).signers
    except NotSigned:
        return [_malformed(entry)]
    except ber.Malformed:
        return [_malformed(entry)]
    return [_described(facts, entry) for facts in found]


def _content(
    entry: SignatureDictionary, pieces: Sequence[memoryview]
) -> bytes | Sequence[memoryview]:
    """adbe.pkcs7.sha1 signs the SHA-1 of the byte range as encapsulated content."""
    return compute("sha1", pieces) if entry.sub_filter == "adbe.pkcs7.sha1" else pieces


def _described(facts: SignerFacts, entry: SignatureDictionary) -> SignerFacts:
    uses = facts.uses
    if entry.sub_filter == "adbe.pkcs7.sha1":
        uses |= {Use("sha1")}
    return replace(
        facts,
        format=entry.format,
        claimed=facts.claimed or entry.time,
        counts=not entry.usage_rights,
        uses=uses,
    )


def _malformed(entry: SignatureDictionary) -> SignerFacts:
    """A /Contents that is no CMS: nothing is signed that could be checked."""
    destroyed = not entry.contents.strip(b"\0")
    return SignerFacts(
        integrity=Integrity.DESTROYED if destroyed else Integrity.UNREADABLE,
        failure=Sub.FORMAT_FAILURE,
        findings=frozenset(
            {Finding.REMNANT_DESTROYED if destroyed else Finding.SIGNATURE_MALFORMED}
        ),
        format=entry.format,
        claimed=entry.time,
        counts=not entry.usage_rights,
        raw=entry.contents.rstrip(b"\0"),
    )


def _document_timestamp(
    entry: SignatureDictionary,
    pieces: Sequence[memoryview],
    extras: tuple[Certificate, ...],
    evidence: Evidence,
) -> SignerFacts:
    found = token(entry.contents, pieces, extras, evidence)
    if found is None:
        return SignerFacts(
            integrity=Integrity.MODIFIED,
            failure=Sub.HASH_FAILURE,
            findings=frozenset({Finding.TIMESTAMP_INVALID}),
            format="RFC3161",
            counts=False,
        )
    return SignerFacts(
        integrity=Integrity.INTACT,
        certificate=found.authority,
        extras=found.extras,
        evidence=found.evidence,
        uses=found.uses,
        claimed=found.time,
        tokens=(found,),
        format="RFC3161",
        counts=False,
        purpose=Purpose.TIMESTAMP,
        raw=entry.contents.rstrip(b"\0"),
    )


def _bare(entry: SignatureDictionary, pieces: Sequence[memoryview]) -> SignerFacts:
    """adbe.x509.rsa_sha1: a PKCS #1 signature in an OCTET STRING, certificates in /Cert."""
    certificates = read_certificates(entry.certificates)
    digest = hashed("sha1", pieces)
    signature = ber.octets(ber.read(entry.contents))
    fits = False
    if certificates:
        try:
            algorithm = Algorithm("rsa", "sha1")
            fits = verifies(certificates[0].key, algorithm, digest, signature)
        except Unsupported:
            fits = False
    missing = None if certificates else Sub.NO_SIGNING_CERTIFICATE_FOUND
    return SignerFacts(
        integrity=Integrity.INTACT
        if fits
        else Integrity.MODIFIED
        if certificates
        else Integrity.NONE,
        failure=missing if fits or missing else Sub.SIG_CRYPTO_FAILURE,
        certificate=certificates[0] if certificates else None,
        extras=tuple(certificates),
        uses=frozenset({Use("sha1")}),
        claimed=entry.time,
        format="PKCS7",
        digest_algorithm="sha1",
        content_digest=digest.value.hex(),
        raw=entry.contents,
    )
