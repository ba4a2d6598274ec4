"""What is kept of a file so that it can be judged again without its content, and back.

Facts become JSON in a closed schema; certificates, revocation data and the signatures as found
become blobs, each once. Content is never among them: a CMS that holds its content is emptied when
it is read (`signed_data.without_content`), an XML signature is kept without its objects.
"""

import hashlib
from base64 import b64encode
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from weakref import WeakKeyDictionary

from pydantic import ValidationError

from monitor.model import KeptEvidence
from monitor.verify import ber
from monitor.verify import evidence_schema as schema
from monitor.verify.algorithms import Algorithm, Use
from monitor.verify.certificate import Certificate, certificate
from monitor.verify.crl import read_list
from monitor.verify.facts import Cover, FileFacts, Part, SignerFacts, Sought, Token
from monitor.verify.revocation import Evidence

MAX_BLOB_BYTES = 4 * 1024 * 1024
"""Of all blobs of one file together."""
MAX_FACTS_CHARACTERS = 1024 * 1024
MAX_DEPTH = 12
"""Parts in parts: messages, archives and signatures beside files."""


class Unfit(ValueError):
    """Kept evidence that is not what this product wrote."""


_MADE: WeakKeyDictionary[FileFacts, KeptEvidence | None] = WeakKeyDictionary()
"""Kept evidence of facts that are still in use."""


def kept_of(facts: FileFacts) -> KeptEvidence | None:
    """What to keep of a file; None where no signature could ever be judged otherwise.

    It is made once for the same facts. Past `MAX_BLOB_BYTES` the largest revocation lists are
    left out, which can only make a later verdict more cautious: a list that revokes a certificate
    of the file, or that is about certificates elsewhere, is never left out. Where that is not
    enough the signatures as found go too, and past all bounds nothing is kept.
    """
    if facts not in _MADE:
        _MADE[facts] = _kept(facts) if facts.signed else None
    return _MADE[facts]


def _kept(facts: FileFacts) -> KeptEvidence | None:
    dropped = _too_large(facts)
    writer = _Writer(dropped)
    try:
        found = schema.Kept(file=writer.file(facts), blobs=writer.names, left_out=len(dropped))
    except ValidationError:
        return None
    text = found.model_dump_json(exclude_defaults=True)
    blobs = tuple(writer.blobs)
    if len(text) > MAX_FACTS_CHARACTERS or sum(map(len, blobs)) > MAX_BLOB_BYTES:
        return None
    return KeptEvidence.model_construct(facts=text, blobs=blobs)  # own bytes: nothing to validate


def facts_of(kept: KeptEvidence) -> FileFacts:
    """The facts that were kept. Raises `Unfit` for anything `kept_of` did not write."""
    if len(kept.facts) > MAX_FACTS_CHARACTERS or sum(map(len, kept.blobs)) > MAX_BLOB_BYTES:
        raise Unfit("larger than anything that is kept")
    try:
        found = schema.Kept.model_validate_json(kept.facts)
        return _Reader(found.blobs, kept.blobs).file(found.file, 0)
    except (ValidationError, ber.Malformed, IndexError, RecursionError) as error:
        raise Unfit(f"kept evidence cannot be read: {type(error).__name__}") from error


# -- what is too large to keep --------------------------------------------------------------------


def _too_large(facts: FileFacts) -> frozenset[bytes]:
    """The blobs to leave out: the largest harmless lists first, then signatures as found."""
    signers = [signer for file in facts.walk() for signer in file.signers]
    blobs = {blob for signer in signers for blob in _blobs(signer)}
    size = sum(map(len, blobs))
    if size <= MAX_BLOB_BYTES:
        return frozenset()
    known = {c for s in signers for c in _certificates(s)}
    lists = {crl for s in signers for e in _evidence(s) for crl in e.crls}
    raws = {s.raw for s in signers if s.raw} - lists
    spare = [*_largest(c for c in lists if not _accuses(c, known)), *_largest(raws)]
    dropped = set()
    for blob in spare:
        if size <= MAX_BLOB_BYTES:
            break
        dropped.add(blob)
        size -= len(blob)
    return frozenset(dropped)


def _largest(blobs: Iterable[bytes]) -> list[bytes]:
    return sorted(blobs, key=len, reverse=True)


def _accuses(crl: bytes, known: Iterable[Certificate]) -> bool:
    """May a list, whoever signed it, hold something against a certificate of a path?

    One by the issuer of none of these may be about certificates that the trust store has.
    """
    found = read_list(crl)
    if found is None:
        return False
    subjects = [c for c in known if c.issuer.key == found.issuer.key]
    return not subjects or any(c.serial_raw in crl for c in subjects)


def _blobs(signer: SignerFacts) -> set[bytes]:
    blobs = {c.der for c in _certificates(signer)} | {signer.raw}
    for evidence in _evidence(signer):
        blobs |= {*evidence.crls, *evidence.ocsps}
    return blobs | set(signer.sought.octets if signer.sought else ())


def _certificates(signer: SignerFacts) -> set[Certificate]:
    tokens = signer.tokens
    found = {*signer.extras, *(c for t in tokens for c in t.extras)}
    return found | {c for c in (signer.certificate, *(t.authority for t in tokens)) if c}


def _evidence(signer: SignerFacts) -> list[Evidence]:
    return [signer.evidence, *(token.evidence for token in signer.tokens)]


# -- facts to JSON --------------------------------------------------------------------------------


@dataclass
class _Writer:
    dropped: frozenset[bytes]
    blobs: dict[bytes, int] = field(default_factory=dict)

    @property
    def names(self) -> tuple[str, ...]:
        return tuple(hashlib.sha256(blob).hexdigest() for blob in self.blobs)

    def _at(self, blob: bytes) -> int:
        return self.blobs.setdefault(blob, len(self.blobs))

    def _all(self, blobs: Iterable[bytes]) -> tuple[int, ...]:
        return tuple(self._at(blob) for blob in blobs if blob not in self.dropped)

    def _certificate(self, found: Certificate | None) -> int | None:
        return None if found is None else self._at(found.der)

    def file(self, facts: FileFacts) -> schema.File:
        return schema.File(
            kind=facts.kind,
            answer=facts.answer,
            signers=tuple(map(self._signer, facts.signers)),
            findings=tuple(sorted(facts.findings)),
            cover=None if facts.cover is None else _cover(facts.cover),
            shape=facts.shape,
            parts=tuple(schema.Part(name=p.name, facts=self.file(p.facts)) for p in facts.parts),
            complete=facts.complete,
        )

    def _signer(self, facts: SignerFacts) -> schema.Signer:
        raw = facts.raw if facts.raw and facts.raw not in self.dropped else None
        return schema.Signer(
            integrity=facts.integrity,
            failure=facts.failure,
            certificate=self._certificate(facts.certificate),
            attributable=facts.attributable,
            unsupported=facts.unsupported,
            extras=self._all(c.der for c in facts.extras),
            crls=self._all(facts.evidence.crls),
            ocsps=self._all(facts.evidence.ocsps),
            uses=tuple(sorted(facts.uses)),
            claimed=facts.claimed,
            tokens=tuple(map(self._token, facts.tokens)),
            findings=tuple(sorted(facts.findings)),
            format=facts.format,
            level=facts.level,
            coverage=facts.coverage,
            counts=facts.counts,
            purpose=facts.purpose,
            digest_algorithm=facts.digest_algorithm,
            content_digest=facts.content_digest,
            raw=None if raw is None else self._at(raw),
            end=facts.end,
            sought=None if facts.sought is None else self._sought(facts.sought),
        )

    def _token(self, token: Token) -> schema.Token:
        return schema.Token(
            time=token.time,
            authority=self._certificate(token.authority),
            extras=self._all(c.der for c in token.extras),
            crls=self._all(token.evidence.crls),
            ocsps=self._all(token.evidence.ocsps),
            uses=tuple(sorted(token.uses)),
        )

    def _sought(self, sought: Sought) -> schema.Sought:
        algorithm = sought.algorithm
        return schema.Sought(
            family=algorithm.family,
            digest=algorithm.digest,
            mask_digest=algorithm.mask_digest,
            salt_length=algorithm.salt_length,
            signatures=tuple(map(b64encode, sought.signatures)),
            octets=self._all(sought.octets),
            issuer=None if sought.issuer is None else b64encode(sought.issuer),
            serial=None if sought.serial is None else b64encode(sought.serial),
            key_id=None if sought.key_id is None else b64encode(sought.key_id),
            references=tuple((name, b64encode(value)) for name, value in sought.references),
            numbers=tuple(map(str, sorted(sought.numbers))),
        )


def _cover(cover: Cover) -> schema.Cover:
    return schema.Cover(
        obstacle=cover.obstacle,
        remnant=cover.remnant,
        salt=b64encode(cover.salt),
        claimed=tuple(map(b64encode, cover.claimed)),
    )


# -- JSON to facts --------------------------------------------------------------------------------


class _Reader:
    def __init__(self, names: Sequence[str], blobs: Sequence[bytes]) -> None:
        """`blobs` may come in any order: their SHA-256 says which is which."""
        given = {hashlib.sha256(blob).hexdigest(): blob for blob in blobs}
        missing = [name for name in names if name not in given]
        if missing:
            raise Unfit(f"{len(missing)} blobs are missing")
        self._blobs = [given[name] for name in names]

    def _all(self, at: Iterable[int]) -> tuple[bytes, ...]:
        return tuple(self._blobs[each] for each in at)

    def _certificate(self, at: int | None) -> Certificate | None:
        return None if at is None else certificate(self._blobs[at])

    def _certificates(self, at: Iterable[int]) -> tuple[Certificate, ...]:
        return tuple(certificate(der) for der in self._all(at))

    def file(self, found: schema.File, depth: int) -> FileFacts:
        if depth > MAX_DEPTH:
            raise Unfit("parts are nested too deep")
        cover = found.cover
        return FileFacts(
            kind=found.kind,
            answer=found.answer,
            signers=tuple(map(self._signer, found.signers)),
            findings=frozenset(found.findings),
            cover=None if cover is None else Cover(**dict(cover)),
            shape=found.shape,
            parts=tuple(Part(p.name, self.file(p.facts, depth + 1)) for p in found.parts),
            complete=found.complete,
        )

    def _signer(self, found: schema.Signer) -> SignerFacts:
        sought = found.sought
        return SignerFacts(
            integrity=found.integrity,
            failure=found.failure,
            certificate=self._certificate(found.certificate),
            attributable=found.attributable,
            unsupported=found.unsupported,
            extras=self._certificates(found.extras),
            evidence=Evidence(self._all(found.crls), self._all(found.ocsps)),
            uses=frozenset(Use(*use) for use in found.uses),
            claimed=found.claimed,
            tokens=tuple(map(self._token, found.tokens)),
            findings=frozenset(found.findings),
            format=found.format,
            level=found.level,
            coverage=found.coverage,
            counts=found.counts,
            purpose=found.purpose,
            digest_algorithm=found.digest_algorithm,
            content_digest=found.content_digest,
            raw=b"" if found.raw is None else self._blobs[found.raw],
            end=found.end,
            sought=None if sought is None else self._sought(sought),
        )

    def _token(self, found: schema.Token) -> Token:
        return Token(
            time=found.time,
            authority=self._certificate(found.authority),
            extras=self._certificates(found.extras),
            evidence=Evidence(self._all(found.crls), self._all(found.ocsps)),
            uses=frozenset(Use(*use) for use in found.uses),
        )

    def _sought(self, found: schema.Sought) -> Sought:
        return Sought(
            algorithm=Algorithm(found.family, found.digest, found.mask_digest, found.salt_length),
            signatures=found.signatures,
            octets=self._all(found.octets),
            issuer=found.issuer,
            serial=found.serial,
            key_id=found.key_id,
            references=found.references,
            numbers=frozenset(map(int, found.numbers)),
        )
