"""Mailboxes of address fields (RFC 5322 3.4, with the obsolete forms of 4.4), in linear time.

The binding of a signature to a sender hangs on this, so whatever two readers might take for
different addresses is not `clean`.
"""

import re
import string
import unicodedata
from dataclasses import dataclass, field
from functools import lru_cache

import idna

_TOKEN = re.compile(
    r'(?P<quoted>"(?:[^"\\]|\\.)*(?:"|$))'
    r"|(?P<literal>\[[^\[\]\\]*\])"
    r"|(?P<mark>[<>(),;:@.\\\[\]])"
    r"|(?P<space>[ \t\r\n]+)"
    r'|(?P<atom>[^ \t\r\n"<>(),;:@.\\\[\]]+)',
    re.DOTALL,
)
_ADDRESS = re.compile(
    r'(?:[^\s"@<>(),;:\\\[\]]+|"[^"\x00-\x1f]*")@(?:[^\s@<>(),;:\\"\[\]]+|\[[^\]]+\])'
)
_BLANKS = re.compile(" +")
_AROUND_MARKS = re.compile(r" ?([.@]) ?")
_ENCODED_WORD = re.compile(r"=\?[^? ]*\?[bBqQ]\?")
_ASCII_LOWER = str.maketrans(string.ascii_uppercase, string.ascii_lowercase)
"""`str.lower` would make ASCII letters of others, such as U+0130 and U+212A."""
MAX_FIELD = 512 * 1024


@dataclass(frozen=True, slots=True)
class Mailboxes:
    """Addresses of one field in order, ASCII letters in lower case; not `clean` when it could be
    read otherwise.
    """

    addresses: tuple[str, ...]
    clean: bool


@dataclass(slots=True)
class _Item:
    """Tokens of one address between commas, comments left out."""

    pieces: list[str] = field(default_factory=list)
    """What stands outside angle brackets, runs of blanks and comments as one space."""
    angle: list[str] | None = None
    closed: bool = False
    clean: bool = True


def parse_mailboxes(value: bytes) -> Mailboxes:
    """All mailboxes of an address list, group members included; never raises."""
    text = value[:MAX_FIELD].decode("utf-8", "replace")
    clean = len(value) <= MAX_FIELD and "\ufffd" not in text
    addresses: list[str] = []
    for item in _items(text):
        address = _address(item)
        clean &= item.clean
        if address:
            clean &= _unmistakable(address)
            addresses.append(address.translate(_ASCII_LOWER))
    return Mailboxes(tuple(addresses), clean)


@lru_cache(maxsize=16_384)
def mailbox_key(address: str) -> str:
    """An address in the form in which two are one mailbox; never raises.

    Host names are compared as A-labels without case (RFC 5280 7.5, RFC 9598 5). Local parts are
    compared as they are, but for ASCII case: RFC 5280 would tell `An@` from `an@`, which the
    gateways in question do not, and certificates are written by hand. What is no address, or
    has a host name that is none, equals itself alone.
    """
    local, _, domain = address.rpartition("@")
    host = _host_key(domain)
    return f"{local.translate(_ASCII_LOWER)}@{host}" if local and host else address


def _host_key(domain: str) -> str | None:
    """A host name as A-labels (RFC 5891); None where it is none, a homoglyph's trick included."""
    if domain.startswith("["):
        return domain.translate(_ASCII_LOWER)
    labels = [_label_key(label) for label in domain.split(".")]
    return ".".join(labels) if all(labels) else None


def _label_key(label: str) -> str:
    if label.isascii():
        return label.translate(_ASCII_LOWER)
    composed = unicodedata.normalize("NFC", label).lower()
    try:
        # Nothing is mapped: what IDNA 2008 refuses would be another host to another reader.
        return "" if composed.isascii() else idna.alabel(composed).decode("ascii")
    except idna.IDNAError:
        return ""


def _unmistakable(address: str) -> bool:
    """Is an addr-spec one that every reader takes for the same?"""
    local, _, domain = address.rpartition("@")
    return _host_key(domain) is not None and not _ENCODED_WORD.search(local + domain)


def _items(text: str) -> list[_Item]:
    item, items, depth = _Item(), [], 0
    in_angle = named_by_address = False
    for match in _TOKEN.finditer(text):
        mark, kind = match[0], match.lastgroup
        if depth or mark == "(":
            depth += {"(": 1, ")": -1}.get(mark, 0)
            item.clean &= not (in_angle and mark in "<>")  # where some readers see the end
            (item.angle if in_angle and item.angle is not None else item.pieces).append(" ")
        elif in_angle:
            in_angle = _inside(item, mark, kind)
        elif mark == "<":
            in_angle = True
            if item.angle is not None:  # some readers take the first address, some the last
                items.append(item)
                item = _Item(clean=False)
            item.angle = []
        elif mark in ",;":
            items.append(item)
            item = _Item()
        elif mark == ":":
            named_by_address |= "@" in item.pieces
            item = _Item()
        elif kind == "space":
            item.pieces.append(" ")
        else:
            item.clean &= not item.closed  # nothing but comments may follow an angle address
            item.pieces.append(mark)
    item.clean &= depth == 0 and not in_angle and not named_by_address
    items.append(item)
    return items


def _inside(item: _Item, mark: str, kind: str | None) -> bool:
    """Takes a token between angle brackets; True while still inside."""
    angle = item.angle if item.angle is not None else []
    if mark == ">":
        item.closed = True
        return False
    if mark == ":" and angle and angle[0] == "@":
        angle.clear()  # an obsolete route (RFC 5322 4.4)
    elif mark == "<":
        item.clean = False
    elif not item.closed:
        angle.append(" " if kind == "space" else mark)
    return True


def _address(item: _Item) -> str | None:
    """The address of an item; what is none, or not the only one, is marked."""
    if item.angle is not None:
        spec = _spec(item.angle)
        item.clean &= spec is not None
        return spec
    spec = _spec(item.pieces)
    if spec is None and "".join(item.pieces).strip():
        item.clean = False
        words = "".join(item.pieces).split()
        spec = next((found for word in words if (found := _spec([word]))), None)
    return spec


def _spec(pieces: list[str]) -> str | None:
    """An addr-spec; blanks may stand around its marks (RFC 5322 4.4) and nowhere else."""
    text = _AROUND_MARKS.sub(r"\1", _BLANKS.sub(" ", "".join(pieces)).strip(" "))
    return text if _ADDRESS.fullmatch(text) and text.isprintable() else None
