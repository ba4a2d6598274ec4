"""Number and notation of a document in the one form in which registers and files are compared.

Lists, manifests and messages write `012/QĐ-UBND`, `12` beside `QĐ-UBND`, `12` beside
`12/QĐ-UBND`, `Số: 12 / qđ–ubnd`: all of one document.
"""

import re
import unicodedata
from functools import lru_cache
from typing import NamedTuple

LONGEST = 100
"""Characters of each of the two; Nghị định 30/2020, phụ lục VI, has 11 and 30."""
_DASHES = dict.fromkeys(map(ord, "\u2010\u2011\u2012\u2013\u2014\u2015\u2212"), "-")
_LOOKALIKES = {ord("\u00d0"): "\u0110", ord("\\"): "/"}
"""Eth, which old fonts and encodings give for Đ."""
_PREFIX = re.compile(r"(?:SỐ|SO|N[O°º])[:.]+")
_NUMBER = re.compile(r"0*(\d+)([A-Z]{0,3})\Z")


class DocumentNumber(NamedTuple):
    """Both in capitals, without blanks and leading zeros; empty where there is none."""

    number: str
    notation: str

    @property
    def key(self) -> str:
        """`12/QĐ-UBND`, `12` where there is no notation; empty without a number."""
        if not self.number:
            return ""
        return f"{self.number}/{self.notation}" if self.notation else self.number


@lru_cache(maxsize=65_536)
def document_number(number: str | None, notation: str | None) -> DocumentNumber:
    """What the two fields mean, whichever of them holds it all."""
    first, second = _plain(number), _plain(notation)
    own, slash, rest = first.partition("/")
    own = _without_zeros(own)
    head, _, tail = second.partition("/")
    if own and tail and _without_zeros(head) == own:
        second = tail
    elif not own and tail and head[:1].isdigit():
        own, second = _without_zeros(head), tail
    return DocumentNumber(own, second.strip("/") or (rest.strip("/") if slash else ""))


def _plain(text: str | None) -> str:
    if not text:
        return ""
    composed = unicodedata.normalize("NFC", text[:LONGEST]).upper()
    joined = "".join(composed.split()).translate(_DASHES).translate(_LOOKALIKES)
    return _PREFIX.sub("", joined, count=1) if _PREFIX.match(joined) else joined


def _without_zeros(number: str) -> str:
    found = _NUMBER.match(number)
    return f"{found[1]}{found[2]}" if found else number
