"""Appendices and copies: which files the organisation's signature alone completes.

Nghị định 30/2020 puts both signatures on a document (Điều 5), the organisation's alone on an
appendix in a file of its own (phụ lục I, mục II khoản 13) and on a copy (Điều 25). What a register
says of a document is believed. A file's name is a hint: whether it is an appendix is decided where
the document that it belongs to is known.
"""

import re
import unicodedata
from functools import lru_cache

from monitor.model.words import DocumentRole

_COPY_NOTATIONS = frozenset({"sy", "sl", "trs"})
"""Bản sao y, bản sao lục, bản trích sao (Nghị định 30/2020, phụ lục III)."""
_COPY_TYPE = re.compile(r"(?:ban )?(?:sao y|sao luc|trich sao|sao)(?: ban chinh| dien tu)?\b")
_APPENDIX_TYPE = re.compile(r"phu luc\b|appendix\b")
_ORDINAL = r"\d{1,3}|[ivx]{1,5}|[a-h]"
_NUMBERED = rf" ?(?:so )?\d{{1,3}}| (?:so )?(?:{_ORDINAL})"
_APPENDIX = rf"(?:phu ?luc|appendix)(?:{_NUMBERED})?|pl(?:{_NUMBERED})"
_BEGINS = re.compile(rf"(?:\d{{1,2}}[ .)_-]+)?(?:{_APPENDIX})(?![a-z0-9])")
_ENDS = re.compile(rf"[_(-] ?(?:phu ?luc|appendix|pl)(?:{_NUMBERED})\)?$")
_EXTENSION = re.compile(r"\.[a-z0-9]{2,5}$")


def declared_role(document_type: str | None, notation: str | None) -> DocumentRole | None:
    """What its type ("Bản sao y", "Phụ lục") or notation ("SY-UBND") makes of a document.

    None where they name neither an appendix nor a copy.
    """
    kind = _plain(document_type or "")
    if _APPENDIX_TYPE.match(kind):
        return DocumentRole.APPENDIX
    head = re.split(r"[-–/.\s]", _plain(notation or "").strip(), maxsplit=1)[0]
    if _COPY_TYPE.match(kind) or head in _COPY_NOTATIONS:
        return DocumentRole.COPY
    return None


@lru_cache(maxsize=16_384)
def named_appendix(file_name: str) -> bool:
    """Does a file name ("Phụ lục 1.pdf", "PL01.docx", "12-UBND_PL2.pdf") say appendix?

    Only where it begins so or ends so: "Công văn góp ý phụ lục.pdf" is no appendix.
    """
    plain = _EXTENSION.sub("", _plain(file_name[:300]))
    loose = " ".join(plain.replace(".", " ").split())
    return bool(_BEGINS.match(re.sub(r"[ _-]+", " ", loose)) or _ENDS.search(loose))


def _plain(text: str) -> str:
    """Without diacritics and case, blanks single: names of files often come without any."""
    bare = unicodedata.normalize("NFD", text.lower().replace("đ", "d"))
    return " ".join("".join(c for c in bare if not unicodedata.combining(c)).split())
