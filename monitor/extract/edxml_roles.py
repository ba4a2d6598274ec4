"""Which files of an edXML message are appendixes, as far as the message itself says so.

An appendix in a file of its own bears the organisation's signature only (Nghị định 30/2020), so it
is judged by its own rule; but only beside a document that it can be the appendix of.
"""

from collections.abc import Sequence

from monitor.extract.edxml_values import plain_words
from monitor.model import AxisFacts, DocumentRole
from monitor.model.document_roles import declared_role, named_appendix

_LONGEST = 300


def sends_a_copy(facts: AxisFacts) -> bool:
    """Is it a copy by its type (Bản sao y) or notation (SY-UBND; Nghị định 30/2020 phụ lục III)?"""
    return declared_role(facts.document_type, facts.notation) is DocumentRole.COPY


def appendixes_among(labels: Sequence[Sequence[str]], listed: Sequence[str]) -> list[bool]:
    """Of each file by its labels (name, description): is it an appendix?

    `listed` are the texts of the message's own Appendixes. Nothing is one where all would be.
    """
    known = {words for text in listed if (words := plain_words(text[:_LONGEST]))}
    found = [any(_is_appendix(label[:_LONGEST], known) for label in each) for each in labels]
    return [False] * len(found) if all(found) else found


def _is_appendix(label: str, listed: set[str]) -> bool:
    return named_appendix(label) or plain_words(label.rpartition(".")[0] or label) in listed
