"""XAdES qualifying properties (ETSI EN 319 132-1), of every version of its namespace."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime

from monitor.verify import xml_c14n
from monitor.verify.certificate import Certificate
from monitor.verify.facts import Token
from monitor.verify.revocation import MAX_EVIDENCE, Evidence
from monitor.verify.timestamps import token
from monitor.verify.xml_algorithms import digest_of
from monitor.verify.xml_keys import MAX_CERTIFICATES, certificates_of
from monitor.verify.xml_tree import (
    DSIG,
    Element,
    Refused,
    children,
    decoded,
    is_element,
    is_xades,
    local_of,
    named,
    text_of,
)

_MAX_TOKENS = 8
_TIME = re.compile(r"\s*(\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d)(?:[.,]\d+)?\s*(Z|[+-]\d\d:\d\d)?\s*\Z")


@dataclass(frozen=True)
class Properties:
    """What stands in the QualifyingProperties of one signature."""

    signed: tuple[Element, ...] = ()
    unsigned: tuple[Element, ...] = ()

    @property
    def present(self) -> bool:
        return bool(self.signed or self.unsigned)


def properties(signature: Element) -> Properties:
    """The qualifying properties of a signature itself, not those of counter-signatures."""
    signed: list[Element] = []
    unsigned: list[Element] = []
    for node in own(signature):
        if is_xades(node, "SignedProperties"):
            signed.append(node)
        elif is_xades(node, "UnsignedProperties"):
            unsigned.append(node)
    return Properties(tuple(signed), tuple(unsigned))


def targeted(found: Properties, signature: Element) -> bool:
    """Do the qualifying properties say that they are this signature's (EN 319 132-1 4.3.1)?

    One that names no target names no other.
    """
    parents = (node.getparent() for node in (*found.signed, *found.unsigned))
    targets = {parent.get("Target") for parent in parents if parent is not None} - {None}
    return targets <= {f"#{signature.get('Id')}"}


def own(element: Element) -> Iterator[Element]:
    """The elements below one, without what lies in signatures inside it."""
    waiting = list(reversed(element))
    while waiting:
        node = waiting.pop()
        if is_element(node) and not named(node, DSIG, "Signature"):
            yield node
            waiting.extend(reversed(node))


def _all(elements: tuple[Element, ...], *locals_: str) -> list[Element]:
    return [node for top in elements for node in own(top) if is_xades(node, *locals_)]


def claimed_time(found: Properties) -> datetime | None:
    """SigningTime."""
    times = _all(found.signed, "SigningTime")
    return moment_of(text_of(times[0])) if times else None


def media_types(found: Properties) -> dict[str, str]:
    """MimeType by the identifier of the reference that a DataObjectFormat speaks of."""
    return {
        (node.get("ObjectReference") or "").lstrip("#"): text_of(kind).strip().lower()
        for node in _all(found.signed, "DataObjectFormat")
        for kind in node
        if is_xades(kind, "MimeType")
    }


_TIMES = frozenset({
    "{http://purl.org/dc/elements/1.1/}date",
    "{http://schemas.openxmlformats.org/package/2006/digital-signature}Value",
})  # fmt: skip


def property_time(element: Element) -> datetime | None:
    """The time in a SignatureProperty inside an element, as ODF and OPC write it."""
    for holder in element.iter(f"{{{DSIG}}}SignatureProperty"):
        for node in own(holder):
            if node.tag in _TIMES and (found := moment_of(text_of(node))) is not None:
                return found
    return None


def moment_of(text: str) -> datetime | None:
    """An xsd:dateTime; one without a zone is read as UTC."""
    match = _TIME.match(text)
    if match is None:
        return None
    try:
        read = datetime.fromisoformat(match[1] + (match[2] or "Z"))
        return read.astimezone(UTC)
    except (ValueError, OverflowError):
        return None


def referenced(found: Properties) -> list[tuple[str, bytes]]:
    """Digest name and value of each certificate SigningCertificate(V2) names."""
    pairs: list[tuple[str, bytes]] = []
    for node in _all(found.signed, "SigningCertificate", "SigningCertificateV2"):
        for digest in own(node):
            if not is_xades(digest, "CertDigest"):
                continue
            method = digest.find(f"{{{DSIG}}}DigestMethod")
            value = digest.find(f"{{{DSIG}}}DigestValue")
            if method is None:  # XAdES 1.1.1 has them in its own namespace
                method = next((c for c in digest if local_of(c) == "DigestMethod"), None)
                value = next((c for c in digest if local_of(c) == "DigestValue"), None)
            try:
                pairs.append((digest_of(method), decoded(text_of(value))))
            except Refused:
                pairs.append((digest_of(method), b""))
    return pairs


def certificate_values(found: Properties) -> list[Certificate]:
    nodes = _all(found.unsigned, "EncapsulatedX509Certificate")[:MAX_CERTIFICATES]
    return [c for node in nodes for c in certificates_of(node)]


def revocation_values(found: Properties) -> Evidence:
    return Evidence(
        tuple(_contents(_all(found.unsigned, "EncapsulatedCRLValue"))),
        tuple(_contents(_all(found.unsigned, "EncapsulatedOCSPValue"))),
    )


def _contents(nodes: list[Element]) -> Iterator[bytes]:
    for node in nodes[:MAX_EVIDENCE]:
        try:
            yield decoded(text_of(node))
        except Refused:
            continue


def tokens(
    found: Properties, value: Element, extras: tuple[Certificate, ...], evidence: Evidence
) -> tuple[tuple[Token, ...], bool]:
    """Time-stamps over the SignatureValue element that fit; did one not fit?"""
    fitting: list[Token] = []
    bad = False
    for stamp in _all(found.unsigned, "SignatureTimeStamp")[:_MAX_TOKENS]:
        methods = children(stamp, DSIG, "CanonicalizationMethod")
        uri = (methods[0].get("Algorithm") or "") if methods else ""
        method = xml_c14n.METHODS.get(uri) if uri else xml_c14n.DEFAULT
        prefixes = xml_c14n.prefixes_of(methods[0]) if methods else ()
        for node in [n for n in own(stamp) if is_xades(n, "EncapsulatedTimeStamp")][:_MAX_TOKENS]:
            read = _token(node, value, method, prefixes, extras, evidence)
            if read is None:
                bad = True
            else:
                fitting.append(read)
    return tuple(fitting), bad


def _token(
    node: Element,
    value: Element,
    method: xml_c14n.Method | None,
    prefixes: tuple[str, ...],
    extras: tuple[Certificate, ...],
    evidence: Evidence,
) -> Token | None:
    if method is None:
        return None
    try:
        stamped = xml_c14n.canonical(value, method, comments=True, prefixes=prefixes)
        return token(decoded(text_of(node)), stamped, extras, evidence)
    except Refused:
        return None


def level(found: Properties, stamped: tuple[Token, ...], evidence: Evidence) -> str | None:
    """Baseline level by what is there (ETSI EN 319 132-1 6), not by whether it is trusted."""
    if not found.signed:
        return None
    if not stamped:
        return "B-B"
    if not evidence.crls and not evidence.ocsps:
        return "B-T"
    return "B-LTA" if _all(found.unsigned, "ArchiveTimeStamp") else "B-LT"


def counter_signatures(found: Properties) -> list[Element]:
    """Signatures in CounterSignature properties."""
    return [
        signature
        for node in _all(found.unsigned, "CounterSignature")
        for signature in children(node, DSIG, "Signature")
    ]
