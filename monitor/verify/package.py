"""What the signed packages (ASiC, ODF, OOXML) have in common."""

from collections.abc import Callable, Sequence
from dataclasses import replace

from monitor.model import Coverage, Finding, Integrity, Kind, SubIndication
from monitor.verify.facts import FileFacts, SignerFacts, undecided, unreadable
from monitor.verify.xml_reference import File, Resolver
from monitor.verify.xml_tree import Refused
from monitor.verify.zip_reader import Bomb, Broken, Damaged, Package


def package_facts(
    kind: Kind, data: bytes, read: Callable[[Package], Sequence[SignerFacts]]
) -> FileFacts:
    """The facts of a package from those of its signatures, or why there are none.

    `read` raises `Bomb` past the bounds, `Locked` for an encrypted package, `Refused` or
    `Damaged` for a malformed one.
    """
    try:
        package = Package(data)
        if package.encrypted:
            return unreadable(kind, Finding.ENCRYPTED)
        return FileFacts(kind, signers=tuple(read(package)))
    except Locked:
        return unreadable(kind, Finding.ENCRYPTED)
    except Bomb:
        return undecided(kind, Finding.ARCHIVE_LIMIT)
    except (Broken, Damaged, Refused):
        return unreadable(kind, Finding.MALFORMED)


class Locked(ValueError):
    """An encrypted package."""


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
        failure=_unless_missing(facts.failure),
        coverage=Coverage.PARTIAL,
        findings=facts.findings | {finding},
    )


def _unless_missing(failure: SubIndication | None) -> SubIndication:
    """What is left out weighs more than a certificate that is not at hand yet."""
    if failure in {None, SubIndication.NO_SIGNING_CERTIFICATE_FOUND}:
        return SubIndication.SIG_CONSTRAINTS_FAILURE
    return failure


def whole(facts: SignerFacts) -> SignerFacts:
    return replace(facts, coverage=Coverage.WHOLE)
