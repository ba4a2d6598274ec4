"""CMS signatures (RFC 5652; CAdES, ETSI EN 319 122): attached, detached, several signers.

`cms_facts` serves .p7s and .p7m files, S/MIME and the signatures inside PDF and ASiC files.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace

from monitor.model import Coverage, Finding, Integrity, SubIndication
from monitor.verify.algorithms import Chunks, Use
from monitor.verify.certificate import Certificate
from monitor.verify.facts import SignerFacts, Sought, Token
from monitor.verify.revocation import Evidence as RevocationEvidence
from monitor.verify.signed_data import (
    ARCHIVE_TIMESTAMPS,
    SIGNATURE_TIMESTAMP,
    SIGNING_CERTIFICATE,
    SIGNING_CERTIFICATE_V2,
    NotSigned,
    SignedData,
    SignerInfo,
    attribute_bytes,
    certificate_values,
    embedded_revocation,
    parse,
)
from monitor.verify.signer import check, references
from monitor.verify.timestamps import token

_MAX_TOKENS = 8
_NOT_AT_HAND = SubIndication.NO_SIGNING_CERTIFICATE_FOUND


@dataclass(frozen=True)
class CmsFacts:
    """What a CMS structure says, before trust and time."""

    content_type: str
    """Dotted identifier of the encapsulated content's type."""
    content: bytes | None
    """The encapsulated content; None for a detached signature."""
    signers: tuple[SignerFacts, ...]


def cms_facts(
    cms: bytes,
    content: Chunks | None = None,
    extras: Sequence[Certificate] = (),
    evidence: RevocationEvidence = RevocationEvidence(),  # noqa: B008  # frozen
) -> CmsFacts:
    """Every signature of a SignedData over its own or the given detached content.

    `cms` is DER or BER, `extras` are certificates found elsewhere. Where content is both inside
    and given, the one inside is verified and must equal it. Raises `ber.Malformed` for what is no
    CMS, `signed_data.NotSigned` for CMS of another type (`content_type` says which: enveloped,
    compressed, …).
    """
    data = parse(cms)
    covered: Chunks | None = data.content if content is None else content
    known = tuple(dict.fromkeys((*data.certificates, *extras)))
    if not data.signers and not data.unread:
        raise NotSigned(f"{data.content_type} without a signer")
    raw = data.emptied()
    signers = []
    for info in data.signers:
        signer = _signer(data, info, covered, known, evidence)
        if content is not None and data.content is not None:
            signer = _same_content(signer, data.content, content)
        signers.append(replace(signer, raw=raw))
    signers += [replace(_UNREAD, raw=raw)] * data.unread
    if len(signers) > 1:
        signers = [_with(signer, Finding.SEVERAL_SIGNERS) for signer in signers]
    return CmsFacts(data.content_type, data.content, tuple(signers))


def _signer(
    data: SignedData,
    info: SignerInfo,
    content: Chunks | None,
    known: tuple[Certificate, ...],
    evidence: RevocationEvidence,
) -> SignerFacts:
    extras = tuple(dict.fromkeys((*known, *certificate_values(info))))
    checked = check(data, info, content, extras)
    revocation = embedded_revocation(info) + data.evidence + evidence
    tokens, findings = _tokens(info, extras, revocation)
    sought = _sought(info) if checked.failure is _NOT_AT_HAND else None
    return SignerFacts(
        integrity=checked.integrity,
        failure=checked.failure,
        certificate=checked.certificate,
        attributable=checked.attributable,
        unsupported=checked.unsupported,
        extras=extras,
        evidence=revocation,
        uses=checked.uses | ({Use(sought.algorithm.digest or info.digest)} if sought else set()),
        claimed=info.claimed_time,
        tokens=tokens,
        findings=checked.findings | findings,
        format=_format(info),
        level=_level(info, tokens, revocation),
        coverage=Coverage.UNKNOWN if content is None else Coverage.WHOLE,
        digest_algorithm=info.digest,
        content_digest=checked.content_digest,
        sought=sought,
    )


def _sought(info: SignerInfo) -> Sought | None:
    """How to know the signer's certificate, should the trust store have it."""
    if info.algorithm is None:
        return None
    return Sought(
        algorithm=info.algorithm,
        signatures=(info.signature,),
        octets=tuple(attribute_bytes(info)),
        issuer=info.issuer.raw if info.issuer else None,
        serial=info.serial,
        key_id=info.key_id,
        references=tuple(references(info)[:1]),
    )


_UNREAD = SignerFacts(
    integrity=Integrity.UNREADABLE,
    failure=SubIndication.FORMAT_FAILURE,
    findings=frozenset({Finding.SIGNATURE_MALFORMED}),
)
"""A signer block that cannot be read: a signature all the same, or breaking one would hide it."""


def _with(facts: SignerFacts, finding: Finding) -> SignerFacts:
    return replace(facts, findings=facts.findings | {finding})


def _same_content(facts: SignerFacts, inside: bytes, given: Chunks) -> SignerFacts:
    pieces = (given,) if isinstance(given, bytes | memoryview) else given
    if b"".join(pieces) == inside:
        return facts
    return replace(
        _with(facts, Finding.DIGEST_MISMATCH),
        integrity=Integrity.MODIFIED,
        failure=SubIndication.HASH_FAILURE,
    )


def _tokens(
    info: SignerInfo, extras: tuple[Certificate, ...], revocation: RevocationEvidence
) -> tuple[tuple[Token, ...], frozenset[Finding]]:
    """Signature time-stamps (RFC 3161 appendix A): those that fit, and what the others are."""
    values = info.unsigned.get(SIGNATURE_TIMESTAMP, ())[:_MAX_TOKENS]
    found = [token(value.raw, info.signature, extras, revocation) for value in values]
    fitting = tuple(item for item in found if item is not None)
    bad = {Finding.TIMESTAMP_INVALID} if len(fitting) < len(found) else set()
    return fitting, frozenset(bad)


def _format(info: SignerInfo) -> str:
    if SIGNING_CERTIFICATE in info.signed or SIGNING_CERTIFICATE_V2 in info.signed:
        return "CAdES"
    return "CMS"


def _level(
    info: SignerInfo, tokens: tuple[Token, ...], revocation: RevocationEvidence
) -> str | None:
    """Baseline level by what is there (ETSI EN 319 122-1 6), not by whether it is trusted."""
    if not tokens:
        return "B-B"
    if not revocation.crls and not revocation.ocsps:
        return "B-T"
    return "B-LTA" if ARCHIVE_TIMESTAMPS & info.unsigned.keys() else "B-LT"
