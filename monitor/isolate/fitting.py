"""An answer that fits the wire: evidence of a mail with many large signatures may not.

Losing the answer would make the whole item unreadable; without its evidence a verdict merely stays
as it is.
"""

from monitor.model import DocumentFacts, Examined, KeptEvidence

MOST_EVIDENCE_BYTES = 8 * 1024 * 1024
"""Of one item; base64 makes a third more of it, and `wire.MAX_ANSWER_BYTES` is 16 MB."""


def fitting(examined: Examined, most: int = MOST_EVIDENCE_BYTES) -> Examined:
    """The same without the largest evidence, as far as it is too much."""
    sizes = [(_size(d.judgement.kept), index) for index, d in enumerate(examined.documents)]
    total = _size(examined.kept) + sum(size for size, _ in sizes)
    if total <= most:
        return examined
    dropped = set()
    for size, index in sorted(sizes, reverse=True):
        if total <= most:
            break
        dropped.add(index)
        total -= size
    documents = tuple(
        _without(each) if index in dropped else each
        for index, each in enumerate(examined.documents)
    )
    update: dict[str, object] = {"documents": documents}
    if total > most:
        update["kept"] = None
    return examined.model_copy(update=update)


def _size(kept: KeptEvidence | None) -> int:
    return len(kept.facts) + sum(map(len, kept.blobs)) if kept else 0


def _without(facts: DocumentFacts) -> DocumentFacts:
    judgement = facts.judgement.model_copy(update={"kept": None})
    return facts.model_copy(update={"judgement": judgement})
