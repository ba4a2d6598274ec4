"""Which files of an edXML message are appendixes, as far as the message itself says so.

An appendix in a file of its own bears the organisation's signature only (Nghị định 30/2020), so it
is judged by its own rule; but only beside a document that it can be the appendix of.
"""

import re
from collections.abc import Sequence

from monitor.extract.edxml_values import plain_words
from monitor.model import AxisFacts

_BEFORE = r"(?:\d+ )*"
_NUMBERED = r"(?: ?(?:so )?(?:\d+|[ivxl]+|[a-z])\b)?"
_APPENDIX = re.compile(
    rf"{_BEFORE}(?:phu ?luc|pl\d*|annex|appendix)\b|{_BEFORE}(?:phu ?luc|pl)\d+\b"
    rf"|.*(?<!kem)(?<!va)(?<!co)(?<!cac)(?<!theo) (?:phu ?luc|pl){_NUMBERED}$"
)
"""`Phụ lục 1…`, `02_PL…`, `… phu luc II`; but `Quyết định kèm phụ lục` is the document."""
_SUFFIX = re.compile(r"\.[A-Za-z0-9]{1,8}$")


_COPY = re.compile(r"(?:ban )?(?:sao y|sao luc|trich sao)\b")
_COPY_NOTATIONS = frozenset({"sy", "sl", "trs"})


def sends_a_copy(facts: AxisFacts) -> bool:
    """Is it a copy by its type (Bản sao y) or notation (SY-UBND; Nghị định 30/2020 phụ lục III)?"""
    head = plain_words(facts.notation or "").partition(" ")[0]
    return head in _COPY_NOTATIONS or bool(_COPY.match(plain_words(facts.document_type or "")))


def appendixes_among(labels: Sequence[Sequence[str]], listed: Sequence[str]) -> list[bool]:
    """Of each file by its labels (name, description): is it an appendix?

    `listed` are the texts of the message's own Appendixes. Nothing is one where all would be.
    """
    known = {words for text in listed if (words := _words(text))}
    found = [any(_is_appendix(_words(label), known) for label in each) for each in labels]
    return [False] * len(found) if all(found) else found


def _words(label: str) -> str:
    return plain_words(_SUFFIX.sub("", label[:1000].strip()))


def _is_appendix(words: str, listed: set[str]) -> bool:
    return bool(words) and (words in listed or _APPENDIX.match(words) is not None)
