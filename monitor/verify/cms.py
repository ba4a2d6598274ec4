"""CMS signatures (RFC 5652; CAdES, ETSI EN 319 122): attached, detached, several signers.

`CmsVerifier` serves .p7s and .p7m files, S/MIME and the signatures inside PDF files.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace

from monitor.model import (
    Coverage,
    Evidence,
    Finding,
    Integrity,
    Moment,
    Signature,
    SubIndication,
)
from monitor.verify import ber
from monitor.verify.algorithms import Chunks
from monitor.verify.certificate import Certificate
from monitor.verify.conclusion import conclude
from monitor.verify.evidence import evidence_of
from monitor.verify.facts import SignerFacts, Token
from monitor.verify.revocation import Evidence as RevocationEvidence
from monitor.verify.signed_data import (
    ARCHIVE_TIMESTAMPS,
    SIGNATURE_TIMESTAMP,
    SIGNING_CERTIFICATE,
    SIGNING_CERTIFICATE_V2,
    NotSigned,
    SignedData,
    SignerInfo,
    certificate_values,
    embedded_revocation,
    parse,
)
from monitor.verify.signer import check
from monitor.verify.timestamps import token
from monitor.verify.trust import TrustStore

_MAX_TOKENS = 8


@dataclass(frozen=True)
class CmsFacts:
    """What a CMS structure says, before trust and time."""

    content_type: str
    """Dotted identifier of the encapsulated content's type."""
    content: bytes | None
    """The encapsulated content; None for a detached signature."""
    signers: tuple[SignerFacts, ...]


@dataclass(frozen=True)
class CmsReport:
    """A judged CMS structure; `signatures` and `evidence` follow the order of signer blocks."""

    content: bytes | None
    signatures: tuple[Signature, ...]
    evidence: tuple[Evidence, ...]
    certificates: tuple[Certificate | None, ...]
    """The signers' certificates."""


class CmsVerifier:
    """Judges CMS signatures by a trust store."""

    def __init__(self, store: TrustStore) -> None:
        self.store = store

    def verify(self, cms: bytes, content: Chunks | None, moment: Moment) -> CmsReport:
        """Every signature of a SignedData over its own or the given detached content.

        `cms` is DER or BER. Raises `ber.Malformed` for what is no CMS, `signed_data.NotSigned`
        for CMS of another type (`content_type` says which: enveloped, compressed, …).
        """
        facts = self.facts(cms, content)
        return CmsReport(
            content=facts.content,
            signatures=tuple(conclude(signer, self.store, moment) for signer in facts.signers),
            evidence=tuple(evidence_of(at, signer) for at, signer in enumerate(facts.signers)),
            certificates=tuple(signer.certificate for signer in facts.signers),
        )

    def facts(
        self,
        cms: bytes,
        content: Chunks | None = None,
        extras: Sequence[Certificate] = (),
        evidence: RevocationEvidence = RevocationEvidence(),  # noqa: B008  # frozen
    ) -> CmsFacts:
        """What does not depend on trust and time; `extras` are certificates found elsewhere.

        Where content is both inside and given, the one inside is verified and must equal it.
        """
        data = parse(cms)
        covered: Chunks | None = data.content if content is None else content
        known = tuple(dict.fromkeys((*data.certificates, *extras)))
        if not data.signers:
            raise NotSigned(f"{data.content_type} without a signer")
        signers = []
        for info in data.signers:
            signer = self._signer(data, info, covered, known, evidence)
            if content is not None and data.content is not None:
                signer = _same_content(signer, data.content, content)
            signers.append(replace(signer, raw=cms[: data.size]))
        if len(signers) > 1:
            signers = [_with(signer, Finding.SEVERAL_SIGNERS) for signer in signers]
        return CmsFacts(data.content_type, data.content, tuple(signers))

    def _signer(
        self,
        data: SignedData,
        info: SignerInfo,
        content: Chunks | None,
        known: tuple[Certificate, ...],
        evidence: RevocationEvidence,
    ) -> SignerFacts:
        extras = tuple(dict.fromkeys((*known, *certificate_values(info))))
        checked = check(data, info, content, (*extras, *self._local(info)))
        revocation = embedded_revocation(info) + data.evidence + evidence
        tokens, findings = _tokens(info, extras, revocation)
        return SignerFacts(
            integrity=checked.integrity,
            failure=checked.failure,
            certificate=checked.certificate,
            attributable=checked.attributable,
            unsupported=checked.unsupported,
            extras=extras,
            evidence=revocation,
            uses=checked.uses,
            claimed=info.claimed_time,
            tokens=tokens,
            findings=checked.findings | findings,
            format=_format(info),
            level=_level(info, tokens, revocation),
            coverage=Coverage.UNKNOWN if content is None else Coverage.WHOLE,
            digest_algorithm=info.digest,
            content_digest=checked.content_digest,
        )

    def _local(self, info: SignerInfo) -> list[Certificate]:
        """Certificates of the store that the signer identifier names."""
        return [c for c in self.store.known(info.issuer) if info.names(c)]


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


__all__ = ["CmsFacts", "CmsReport", "CmsVerifier", "NotSigned", "ber"]
