"""Whose documents, whose signatures are on them, and whether they make the pair.

The rules and why they are as they are: docs/decisions/0015-pair-and-binding.md.
"""

from collections.abc import Sequence
from dataclasses import dataclass
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
    SignerKind,
    TimeSource,
)


def attribute_documents(
    documents: Sequence[DocumentFacts], issuer: Agency | None, registry: Registry, day: date
) -> tuple[tuple[DocumentAttribution, ...], tuple[Finding, ...]]:
    """Owners of an item's documents, and what is to be remarked of them.

    Without an issuer (incoming mail) signers are still named, but nothing is relayed or paired.
    """
    verdicts = [document.judgement.verdict.signatures for document in documents]
    owned = tuple(attribute_document(each, issuer, registry, day) for each in verdicts)
    findings = []
    if any(document.relayed for document in owned):
        findings.append(Finding.RELAYED)
    if issuer and any(_unattributed(s, o) for s, o in zip(verdicts, owned, strict=True)):
        findings.append(Finding.SIGNER_UNATTRIBUTED)
    return owned, tuple(findings)


def attribute_document(
    signatures: Sequence[Signature], issuer: Agency | None, registry: Registry, day: date
) -> DocumentAttribution:
    """Owner of one document by its signatures. `day` is the Vietnam day of its dispatch."""
    given = [_given(signature, issuer, registry, day) for signature in signatures]
    valid = [each for each in given if each.valid]
    return DocumentAttribution(
        issuer=issuer.code if issuer else None,
        signer_agencies=tuple(each.agency for each in given),
        signer_kinds=tuple(each.kind for each in given),
        relayed=issuer is not None and _relayed(valid, issuer.code),
        paired=issuer is not None and _paired(valid, issuer.code),
        organisation_signed=issuer is not None and _sealed(valid, issuer.code),
    )


@dataclass(frozen=True, slots=True)
class _Given:
    """One signature on a document: who gave it, and for whom it counts."""

    valid: bool
    agency: str | None
    """Code of the agency that it counts for."""
    kind: SignerKind | None
    lent: bool = False
    """The signer's agency only signs for that one."""


def _given(signature: Signature, issuer: Agency | None, registry: Registry, day: date) -> _Given:
    """A signature counts for the issuer where the signer's agency signs for the issuer, or was
    succeeded by it before the dispatch.
    """
    valid = signature.counts and signature.indication is Indication.TOTAL_PASSED
    signer = registry.signer(signature, _signing_day(signature, day))
    agency = signer.agency
    if agency is None or issuer is None:
        return _Given(valid, agency.code if agency else None, signer.kind)
    ended = agency.code not in registry.at(day).agencies
    if ended and issuer.code in registry.heirs(agency.code):
        return _Given(valid, issuer.code, signer.kind)
    if issuer.code in agency.signs_for:
        return _Given(valid, issuer.code, signer.kind, lent=True)
    return _Given(valid, agency.code, signer.kind)


def _signing_day(signature: Signature, day: date) -> date:
    """The day of a trusted time-stamp; a claimed time may be anything, so else the dispatch."""
    stamped = signature.signing_time_source is TimeSource.TIMESTAMP
    return day_of(signature.signing_time, day) if stamped else day


def _paired(valid: Sequence[_Given], agency: str) -> bool:
    """Are a person's and the organisation's signature of an agency both there (Nghị định 30/2020
    Điều 5)? Another agency lends its people where the registry says so, never its seal.
    """
    people = (each for each in valid if each.kind is SignerKind.PERSON)
    return any(each.agency == agency for each in people) and _sealed(valid, agency)


def _sealed(valid: Sequence[_Given], agency: str) -> bool:
    """Is the organisation's own signature of an agency there?"""
    return any(
        each.agency == agency and each.kind is SignerKind.ORGANISATION and not each.lent
        for each in valid
    )


def _relayed(valid: Sequence[_Given], issuer: str) -> bool:
    """Are all valid signatures that sign the content of other agencies?

    A registry's stamp signs that a document came in or is a copy. Beside the complete pair of
    another agency the issuer's seal alone is nothing else.
    """
    content = [each for each in valid if each.kind is not SignerKind.STAMP]
    others = {each.agency for each in content if each.agency not in {None, issuer}}
    if any(_paired(content, other) for other in others if other):
        content = [
            each
            for each in content
            if each.agency != issuer or each.kind is not SignerKind.ORGANISATION
        ]
    signing = content or valid
    return bool(signing) and all(each.agency not in {None, issuer} for each in signing)


def _unattributed(signatures: Sequence[Signature], owned: DocumentAttribution) -> bool:
    return any(
        agency is None and signature.counts and signature.indication is Indication.TOTAL_PASSED
        for signature, agency in zip(signatures, owned.signer_agencies, strict=True)
    )
