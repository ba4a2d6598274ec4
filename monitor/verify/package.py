"""What the signed packages (ASiC, ODF, OOXML) have in common."""

from collections.abc import Iterable, Sequence
from dataclasses import replace

from monitor.model import (
    Coverage,
    Finding,
    Integrity,
    Judgement,
    Kind,
    Moment,
    SubIndication,
)
from monitor.verify import verdict
from monitor.verify.facts import SignerFacts
from monitor.verify.trust import TrustStore
from monitor.verify.xml_document import concluded
from monitor.verify.xml_reference import File, Resolver
from monitor.verify.zip_reader import Bomb, Broken, Damaged, Package


def opened(name: str, kind: Kind, data: bytes) -> Package | Judgement:
    """The package, or the verdict of one that cannot be read."""
    try:
        package = Package(data)
    except Broken:
        return Judgement(verdict=verdict.unreadable(name, kind, Finding.MALFORMED))
    except Bomb:
        return over_limit(name, kind)
    if package.encrypted:
        return Judgement(verdict=verdict.unreadable(name, kind, Finding.ENCRYPTED))
    return package


def over_limit(name: str, kind: Kind) -> Judgement:
    """The verdict of a package past the bounds."""
    return Judgement(verdict=verdict.undecided(name, kind, Finding.ARCHIVE_LIMIT))


def resolver(package: Package) -> Resolver:
    """References to files of the package; a damaged file is not what was signed."""

    def resolve(uri: str) -> File | None:
        found = package.meant(uri)
        if found is None:
            return None
        try:
            return File(found, package.read(found))
        except Damaged:
            return None

    return resolve


def changed(facts: SignerFacts, *findings: Finding) -> SignerFacts:
    """An intact signature of a package that was changed around it."""
    if facts.integrity in {Integrity.MODIFIED, Integrity.DESTROYED}:
        return facts
    return replace(
        facts,
        integrity=Integrity.MODIFIED,
        failure=SubIndication.HASH_FAILURE,
        coverage=Coverage.PARTIAL,
        findings=facts.findings | {Finding.CHANGED_AFTER_SIGNING, *findings},
    )


def partial(facts: SignerFacts, finding: Finding = Finding.PARTIALLY_SIGNED) -> SignerFacts:
    """A signature over less than the reader sees: intact, and no proof for the whole."""
    if facts.integrity is not Integrity.INTACT:
        return facts
    return replace(
        facts,
        failure=facts.failure or SubIndication.SIG_CONSTRAINTS_FAILURE,
        coverage=Coverage.PARTIAL,
        findings=facts.findings | {finding},
    )


def whole(facts: SignerFacts) -> SignerFacts:
    return replace(facts, coverage=Coverage.WHOLE)


def judged(
    name: str,
    kind: Kind,
    facts: Sequence[SignerFacts],
    store: TrustStore,
    moment: Moment,
    findings: Iterable[Finding] = (),
) -> Judgement:
    """The verdict of a package from those of its signatures."""
    signatures, evidence = concluded(facts, store, moment)
    return Judgement(
        verdict=verdict.of_signatures(name, kind, signatures, findings), evidence=evidence
    )
