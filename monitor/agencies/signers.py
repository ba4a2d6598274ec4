"""Whose documents, and whose signatures are on them."""

from collections.abc import Sequence
from datetime import date

from monitor.agencies.agency import Agency
from monitor.agencies.days import day_of
from monitor.agencies.registry import Registry
from monitor.model import (
    DocumentAttribution,
    DocumentFacts,
    Finding,
    Indication,
    Signature,
    TimeSource,
)


def attribute_documents(
    documents: Sequence[DocumentFacts], issuer: Agency | None, registry: Registry, day: date
) -> tuple[tuple[DocumentAttribution, ...], tuple[Finding, ...]]:
    """Owners of an item's documents, and what is to be remarked of them.

    Without an issuer (incoming mail) signers are still named, but nothing is relayed.
    """
    owned = tuple(attribute_document(document, issuer, registry, day) for document in documents)
    findings = []
    if any(document.relayed for document in owned):
        findings.append(Finding.RELAYED)
    if issuer and any(_unattributed(d, o) for d, o in zip(documents, owned, strict=True)):
        findings.append(Finding.SIGNER_UNATTRIBUTED)
    return owned, tuple(findings)


def attribute_document(
    document: DocumentFacts, issuer: Agency | None, registry: Registry, day: date
) -> DocumentAttribution:
    """Owner of one document. `day` is the Vietnam day of its dispatch."""
    signatures = document.judgement.verdict.signatures
    signers = tuple(_signs_as(signature, issuer, registry, day) for signature in signatures)
    valid = [s for sig, s in zip(signatures, signers, strict=True) if _is_valid(sig)]
    relayed = (
        issuer is not None and bool(valid) and all(s not in {None, issuer.code} for s in valid)
    )
    return DocumentAttribution(
        issuer=issuer.code if issuer else None, signer_agencies=signers, relayed=relayed
    )


def _signs_as(
    signature: Signature, issuer: Agency | None, registry: Registry, day: date
) -> str | None:
    """Code of the agency that a signature counts for.

    It is the issuer's where the signer's agency signs for the issuer, or was succeeded by it
    before the dispatch.
    """
    signer = registry.signer(signature, _signing_day(signature, day))
    if signer is None:
        return None
    if issuer is None:
        return signer.code
    ended = signer.code not in registry.at(day).agencies
    inherited = ended and issuer.code in registry.heirs(signer.code)
    return issuer.code if inherited or issuer.code in signer.signs_for else signer.code


def _signing_day(signature: Signature, day: date) -> date:
    """The day of a trusted time-stamp; a claimed time may be anything, so else the dispatch."""
    stamped = signature.signing_time_source is TimeSource.TIMESTAMP
    return day_of(signature.signing_time, day) if stamped else day


def _is_valid(signature: Signature) -> bool:
    return signature.counts and signature.indication is Indication.TOTAL_PASSED


def _unattributed(document: DocumentFacts, owned: DocumentAttribution) -> bool:
    signatures = document.judgement.verdict.signatures
    return any(
        signer is None and _is_valid(signature)
        for signature, signer in zip(signatures, owned.signer_agencies, strict=True)
    )
