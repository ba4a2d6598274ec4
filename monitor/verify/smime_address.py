"""Mailboxes of address fields (RFC 5322 3.4, with the obsolete forms of 4.4), in linear time.

The binding of a signature to a sender hangs on this, so whatever two readers might take for
different addresses is not `clean`.
"""

import re
from dataclasses import dataclass, field

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
MAX_FIELD = 512 * 1024


@dataclass(frozen=True, slots=True)
class Mailboxes:
    """Addresses of one field in order, lower case; not `clean` when it could be read otherwise."""

    addresses: tuple[str, ...]
    clean: bool


@dataclass(slots=True)
class _Item:
    """Tokens of one address between commas, comments left out."""

    pieces: list[str] = field(default_factory=list)
    words: list[str] = field(default_factory=list)
    """What stands outside angle brackets, split at blanks."""
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
            addresses.append(address.lower())
        elif item.angle is not None or item.words:
            clean = False
    return Mailboxes(tuple(addresses), clean)


def _items(text: str) -> list[_Item]:
    item, items, depth = _Item(), [], 0
    in_angle = False
    for match in _TOKEN.finditer(text):
        mark, kind = match[0], match.lastgroup
        if depth or mark == "(":
            depth += {"(": 1, ")": -1}.get(mark, 0)
        elif in_angle:
            in_angle = _inside(item, mark, kind)
        elif mark == "<":
            in_angle = True
            if item.angle is None:
                item.angle = []
            else:
                item.clean = False
        elif mark in ",;":
            items.append(item)
            item = _Item()
        elif mark == ":":
            item = _Item()
        elif kind == "space":
            item.pieces.append(" ")
        else:
            item.pieces.append(mark)
    item.clean &= depth == 0 and not in_angle
    items.append(item)
    for each in items:
        each.words = "".join(each.pieces).split()
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
    elif kind != "space" and not item.closed:
        angle.append(mark)
    return True


def _address(item: _Item) -> str | None:
    if item.angle is not None:
        spec = "".join(item.angle)
        return spec if _ADDRESS.fullmatch(spec) and spec.isprintable() else None
    joined = "".join(item.words)
    if _ADDRESS.fullmatch(joined) and joined.isprintable():
        words = " ".join(item.words)
        item.clean &= not re.search(r"[^@. ] [^@. ]", words)
        if item.clean:
            return joined
    found = [word for word in item.words if _ADDRESS.fullmatch(word) and word.isprintable()]
    item.clean = False
    return found[0] if found else None
