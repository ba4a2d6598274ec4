"""edXML messages (QCVN 102:2016/BTTTT) and the flat variant of document systems.

The envelope's own signature is often the standard's sample pasted in outside the XML-DSig
namespace: it covers nothing and nothing can be checked, a destroyed one. The documents inside
carry the real signatures; they are the verdict's parts, and the verdict where the envelope itself
bears no signature.
"""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass

from monitor.model import Cause, Finding, Judgement, Kind, Moment, Overall, Verdict
from monitor.verify import verdict
from monitor.verify.sniff import is_zip
from monitor.verify.trust import TrustStore
from monitor.verify.xml_document import concluded, shown, signatures
from monitor.verify.xml_reference import Scene
from monitor.verify.xml_signature import MAX_SIGNATURES, verify
from monitor.verify.xml_tree import (
    DSIG,
    Element,
    Refused,
    Tree,
    decoded,
    is_element,
    local_of,
    parse,
    space_of,
    text_of,
)
from monitor.verify.zip_reader import Bomb, Broken, Damaged, Package

MAX_DOCUMENTS = 100
_CONTENT = frozenset({"ContentTransferEncoded", "AttachmentContent"})
_NAME = frozenset({"AttachmentName"})
_WORST = (
    Overall.INVALID, Overall.UNREADABLE, Overall.INDETERMINATE, Overall.UNSIGNED, Overall.VALID,
)  # fmt: skip

PartJudge = Callable[[str, bytes], Verdict]


@dataclass(frozen=True, slots=True)
class Attached:
    """A document of a message; `data` is None where its encoding is broken."""

    name: str
    data: bytes | None


def judge(
    name: str, data: bytes, store: TrustStore, moment: Moment, part: PartJudge | None
) -> Judgement:
    """The verdict of a message; `part` judges a document in it, None leaves them out."""
    try:
        tree = parse(data)
    except Refused:
        return Judgement(verdict=verdict.unreadable(name, Kind.EDXML, Finding.MALFORMED))
    judgement = _envelope(name, tree, store, moment)
    found = list(documents(tree))
    parts = [_part(each, part) for each in found[:MAX_DOCUMENTS]] if part else []
    complete = len(parts) == len(found)
    own = _of_parts(judgement.verdict, parts)
    if not complete:
        own = _incomplete(own)
    return Judgement(verdict=own, evidence=judgement.evidence)


def _envelope(name: str, tree: Tree, store: TrustStore, moment: Moment) -> Judgement:
    if any(_pasted(element) for element in tree.iter("{*}Signature")):
        return Judgement(verdict=verdict.destroyed(name, Kind.EDXML))
    found = signatures(tree)[:MAX_SIGNATURES]
    scene = Scene(tree)
    checked = shown(tree, [verify(scene, each, store) for each in found])
    facts = [each.facts for each in checked]
    facts += [counter for each in checked for counter in each.counters]
    judged, evidence = concluded(facts, store, moment)
    return Judgement(verdict=verdict.of_signatures(name, Kind.EDXML, judged), evidence=evidence)


def _pasted(signature: Element) -> bool:
    """A signature with content in another namespace than that of XML-DSig."""
    return space_of(signature) != DSIG and any(is_element(child) for child in signature)


# -- documents ------------------------------------------------------------------------------------


def documents(tree: Tree) -> Iterator[Attached]:
    """The attachments of a message, those in a ZIP one by one, with their names."""
    for holder in tree.iter("{*}Attachment"):
        content = next((e for e in holder if local_of(e) in _CONTENT), None)
        if content is None or not text_of(content).strip():
            continue
        name = next((text_of(e).strip() for e in holder if local_of(e) in _NAME), "")
        try:
            data = decoded(text_of(content))
        except Refused:
            yield Attached(name, None)
            continue
        yield from _unpacked(name, data)


def _unpacked(name: str, data: bytes) -> Iterator[Attached]:
    """An attachment, or what is in it where it is a plain archive."""
    if not is_zip(data, name):
        yield Attached(name, data)
        return
    try:
        package = Package(data)
        for inner in package.names[: MAX_DOCUMENTS + 1]:
            yield Attached(f"{name}/{inner}"[:4096], _read(package, inner))
    except (Broken, Bomb):
        yield Attached(name, None)


def _read(package: Package, name: str) -> bytes | None:
    try:
        return package.read(name)
    except Damaged:
        return None


def _part(attached: Attached, judged: PartJudge) -> Verdict:
    if attached.data is None:
        return verdict.unreadable(attached.name, Kind.OTHER, Finding.MALFORMED)
    return judged(attached.name, attached.data)


def _of_parts(own: Verdict, parts: Sequence[Verdict]) -> Verdict:
    """The message with its documents; without a signature of its own it is what they are."""
    update: dict[str, object] = {"parts": tuple(parts)}
    if own.overall is Overall.UNSIGNED and parts:
        worst = min(parts, key=lambda part: _WORST.index(part.overall))
        for field in ("overall", "cause", "integrity", "trust"):
            update[field] = getattr(worst, field)
    return own.model_copy(update=update)


def _incomplete(own: Verdict) -> Verdict:
    """Documents were left out: what they are is not known."""
    update: dict[str, object] = {"findings": tuple(sorted({*own.findings, Finding.LIMIT_REACHED}))}
    if own.overall in {Overall.UNSIGNED, Overall.VALID}:
        update |= {"overall": Overall.INDETERMINATE, "cause": Cause.OURS}
    return own.model_copy(update=update)
