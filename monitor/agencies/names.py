"""The one form in which addresses, domains and names are compared.

Two spellings of one thing must meet: composed and decomposed Vietnamese (Unicode NFC), upper and
lower case, an internationalised domain and its A-label (RFC 5890). Organ codes: `organ_key` of the
model.
"""

import re
import unicodedata
from functools import lru_cache

import idna

MAX_ADDRESS, MAX_DOMAIN = 1000, 255
"""Characters of an address and of its domain: as many as RFC 5321 4.5.3.1 allows, and for local
parts more. So whatever a message writes is soon looked up."""
DOMAIN = re.compile(r"^(?!-)[a-z0-9_-]{1,63}(\.[a-z0-9_-]{1,63})+$")


def text_key(name: str) -> str:
    """A name for comparison: NFC, case-folded, every run of white space one blank."""
    folded = unicodedata.normalize("NFC", name).casefold()
    return " ".join(unicodedata.normalize("NFC", folded).split())


@lru_cache(maxsize=16_384)
def words_key(name: str) -> str:
    """The words of a name for comparison, without what stands between them."""
    return " ".join(re.findall(r"\w+", text_key(name)))


@lru_cache(maxsize=16_384)
def domain_key(domain: str) -> str:
    """A domain for comparison: A-labels, lower case, no final dot.

    One that IDNA 2008 refuses, such as a lookalike's with full-width or invisible letters, is
    compared as it is: mapped, it would be another's.
    """
    bare = domain.strip().removesuffix(".")
    if bare.isascii():
        return bare.lower()
    try:
        return ".".join(_label_key(label) for label in bare.split("."))
    except idna.IDNAError:
        return bare


def mapped_domain(domain: str) -> str:
    """Where servers deliver what somebody writes so, and what readers show: letters are mapped as
    UTS 46 has it, full-width ones to ASCII. Nobody is to be taken for its owner by it.
    """
    if domain.isascii():
        return domain
    try:
        return idna.uts46_remap(domain, std3_rules=False)
    except idna.IDNAError:
        return domain


def _label_key(label: str) -> str:
    folded = _folded(label)
    return folded if folded.isascii() else idna.alabel(folded).decode("ascii")


def _folded(text: str) -> str:
    """NFC and without case; a letter that only becomes ASCII by it (U+212A) stays what it is."""
    if text.isascii():
        return text.lower()
    folded = unicodedata.normalize("NFC", text).lower()
    return text if folded.isascii() else folded


@lru_cache(maxsize=4096)
def address_key(address: str) -> str | None:
    """`local@domain` for comparison; None where there is no local part, no domain or no end.

    Local parts are compared without case, which RFC 5321 2.4 leaves to the receiving host and
    which every gateway in question does.
    """
    if len(address) > MAX_ADDRESS:
        return None
    local, at, domain = address.strip().rpartition("@")
    if not at or not local or not domain or len(domain) > MAX_DOMAIN:
        return None
    return f"{_folded(local)}@{domain_key(domain)}"


def uid_key(uid: str) -> str:
    """A certificate's subject UID for comparison: `MNS:1057059` without blanks, upper case."""
    return "".join(unicodedata.normalize("NFC", uid).split()).upper()
