"""The values of single fields of an edXML message, in one spelling and within bounds."""

import re
import unicodedata

from monitor.extract.words import tidy
from monitor.model import AxisReference, AxisStatus, Business

MAX_CODE, MAX_NAME = 50, 200
"""Characters of an organ code (the longest scheme has 35) and of an agency's name: thousands of
receivers have to fit into one answer."""
_MAX_FILE_NAME = 255
_BLANKS = re.compile(r"\s+")
_WORDS = re.compile(r"[^\W_]+")
_BUSINESS = {
    Business.NEW: ("0", "new", "moi", "van ban moi", "van ban dien tu moi"),
    Business.REVOKE: ("1", "revoke", "revocation", "recall", "thu hoi"),
    Business.UPDATE: ("2", "update", "cap nhat"),
    Business.REPLACE: ("3", "replace", "replacement", "thay the"),
}
_BUSINESS_OF = {word: meaning for meaning, words in _BUSINESS.items() for word in words}
_PAPER_OF = {
    **dict.fromkeys(("1", "true", "yes", "co"), True),
    **dict.fromkeys(("0", "false", "no", "khong"), False),
}
_STATUS_OF = {
    1: AxisStatus.ARRIVED,
    2: AxisStatus.REJECTED,
    3: AxisStatus.RECEIVED,
    4: AxisStatus.ASSIGNED,
    5: AxisStatus.PROCESSING,
    6: AxisStatus.DONE,
    13: AxisStatus.RECALLED,
    15: AxisStatus.RECALL_AGREED,
    16: AxisStatus.RECALL_REFUSED,
}
_NUMBERED = re.compile(r"\d+[^/]{0,20}/")
_IDENTIFIER = re.compile(r"\s*([0-9A-Za-z.]{1,50})\s*,\s*\d{4}/\d{1,2}/\d{1,2}\s*,")


def plain_words(text: str) -> str:
    """The words of a text for comparison: no diacritics, no case, single blanks between."""
    bare = tidy(text).replace("đ", "d").replace("Đ", "D")
    split = unicodedata.normalize("NFD", bare)
    letters = "".join(c for c in split if not unicodedata.combining(c))
    return " ".join(_WORDS.findall(letters.casefold()))


def organ_code(text: str) -> str | None:
    """An organ code of whichever scheme: upper case, without blanks and outer dots."""
    return _BLANKS.sub("", tidy(text[: MAX_CODE * 8])).upper().strip(".")[:MAX_CODE] or None


def organ_name(text: str) -> str | None:
    return tidy(text[: MAX_NAME * 4])[:MAX_NAME] or None


def file_name(text: str) -> str:
    """A file name without the folders before it: a label, never a path."""
    return tidy(text).replace("\\", "/").rpartition("/")[2].strip(". ")[:_MAX_FILE_NAME]


def business(text: str) -> Business | None:
    """BussinessDocType as a number, with zeros before it, or in words; None for others."""
    words = plain_words(text)
    return _BUSINESS_OF.get(words.lstrip("0") or "0") if words else None


def paper(text: str) -> bool | None:
    return _PAPER_OF.get(plain_words(text))


def status(text: str) -> AxisStatus:
    """What a StatusCode means: `1`, `01` and `01 ` are one."""
    digits = text.strip()
    known = digits.isascii() and digits.isdigit() and len(digits) <= MAX_CODE
    return _STATUS_OF.get(int(digits), AxisStatus.OTHER) if known else AxisStatus.OTHER


def number_and_notation(number: str, notation: str, whole: str) -> tuple[str | None, str | None]:
    """`7816` and `VPCP-TTĐT`, whether written apart or as one `7816/VPCP-TTĐT`."""
    number, notation, whole = tidy(number), tidy(notation), tidy(whole)
    if not number:
        number, notation = (notation, "") if _NUMBERED.match(notation) else ("", notation)
    if not number and not notation:
        number = whole
    if not notation:
        number, _, notation = number.partition("/")
    elif number and notation.startswith(f"{number}/"):
        notation = notation[len(number) + 1 :]
    return number.strip() or None, notation.strip() or None


def joined_code(number: str | None, notation: str | None) -> str | None:
    return "/".join(part for part in (number, notation) if part)[:4096] or None


def issuer_in(document_id: str | None) -> str | None:
    """The organ code in an identifier of the standard's form, `000.00.00.G22,2015/09/30,7816/…`."""
    found = _IDENTIFIER.match(document_id or "")
    return organ_code(found[1]) if found else None


def derived_id(reference: AxisReference) -> str | None:
    """The identifier in the standard's form of a document that none is given of.

    Messages and the statuses about them derive the same one: organ code, day of issue, number and
    notation, `H53.31.20,2026/11/16,125/SYT-VP`. None where one of the three is missing.
    """
    if not (reference.organ and reference.issued_on and reference.code):
        return None
    return f"{reference.organ},{reference.issued_on:%Y/%m/%d},{reference.code}"[:4096]
