"""Header fields by which mail systems say that a mailbox sent a message on by itself.

What real systems write, and where: docs/freemail.md. Nothing here is believed: each mark bears how
many Received fields stand above it, by which it is told later whether a server of ours wrote it.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass, field

from monitor.extract.received import MAX_HOPS
from monitor.extract.words import MAX_RAW, tidy
from monitor.model import Forwarding, ForwardMark
from monitor.verify.smime_address import parse_mailboxes
from monitor.verify.smime_entity import Entity

MAX_MARKS = 20
MAX_ADDRESSES = 20
"""Of one mark."""
MAX_ADDRESS = 1000
_FIELD = re.compile(rb"([!-9;-~]+)[ \t]*:")
_BETWEEN = re.compile(r"[\s,;<>()\"\[\]]+")
_NAMES_MAILBOX = frozenset({
    "x-sieve-redirected-from",  # Pigeonhole (Dovecot)
    "x-zimbra-forwarded",
    "x-ms-exchange-inbox-rules-loop",  # Exchange: a rule of that mailbox has handled it
    "x-ms-exchange-forwardingloop",  # Exchange: forwarding set on that mailbox
})  # fmt: skip
_DELIVERED = "delivered-to"
"""Postfix: an alias or `.forward` that it went through; on top of all it is the last delivery."""
_RESENT_BY = frozenset({"resent-from", "resent-sender"})
_RESENT_TO = frozenset({"resent-to", "resent-cc", "resent-bcc"})
_GMAIL_TO, _GMAIL_FOR = "x-forwarded-to", "x-forwarded-for"
_RULES_AGENT = "x-ms-exchange-generated-message-source"
_SAYS_YES = frozenset({"autoforwarded", "x-ms-exchange-organization-autoforwarded"})
"""`true`: RFC 2156 5.3.6 of X.400, [MS-OXCMAIL] of Exchange."""
_KNOWN = (
    _NAMES_MAILBOX | _RESENT_BY | _RESENT_TO | _SAYS_YES
    | {_GMAIL_TO, _GMAIL_FOR, _RULES_AGENT, _DELIVERED, "auto-submitted"}
)  # fmt: skip


@dataclass(slots=True)
class _Block:
    """Fields of one resending, or of one forwarding by Gmail, which stand together."""

    hops_above: int
    family: str
    by: list[str] = field(default_factory=list)
    to: list[str] = field(default_factory=list)
    seen: set[str] = field(default_factory=set)

    def mark(self) -> ForwardMark:
        return ForwardMark(
            by=_once(self.by),
            to=_once(self.to),
            hops_above=self.hops_above,
            resent=self.family == "resent",
        )


def read_forwarding(root: Entity, *, automatic: bool, auto_submitted: bool) -> Forwarding | None:
    """The marks of a message, newest first; None without any.

    `automatic`: it is a machine's or list's mail for another reason than that it says so in
    Auto-Submitted; `auto_submitted`: it says so.
    """
    if _KNOWN.isdisjoint(root.fields):
        return None
    marks = tuple(mark for mark, _ in zip(_marks(root), range(MAX_MARKS), strict=False))
    if not marks:
        return None
    explained = any(not mark.by and not mark.to for mark in marks)
    return Forwarding(
        marks=marks, otherwise_automatic=automatic or (auto_submitted and not explained)
    )


def _marks(root: Entity) -> Iterator[ForwardMark]:
    block: _Block | None = None
    for hops_above, name, value in _fields(root):
        family = _family(name)
        if block and (block.family != family or block.hops_above != hops_above or (
            name in block.seen
        )):  # fmt: skip
            yield block.mark()
            block = None
        if family:
            block = block or _Block(hops_above, family)
            block.seen.add(name)
            _take(block, name, value)
        elif mark := _single(name, value, hops_above):
            yield mark
    if block:
        yield block.mark()


def _family(name: str) -> str:
    if name in _RESENT_BY or name in _RESENT_TO:
        return "resent"
    return "gmail" if name in (_GMAIL_TO, _GMAIL_FOR) else ""


def _take(block: _Block, name: str, value: bytes) -> None:
    if name in _RESENT_BY:
        block.by += parse_mailboxes(value).addresses[:MAX_ADDRESSES]
    elif name in _RESENT_TO:
        block.to += parse_mailboxes(value).addresses[:MAX_ADDRESSES]
    elif name == _GMAIL_TO:
        block.to += _bare(value)
    else:  # "forwarder destination"
        addresses = _bare(value)
        block.by += addresses[:1]
        block.to += addresses[1:]


def _single(name: str, value: bytes, hops_above: int) -> ForwardMark | None:
    if name in _NAMES_MAILBOX or (name == _DELIVERED and hops_above):
        by = _bare(value)[:1]
        return ForwardMark(by=_once(by), hops_above=hops_above) if by else None
    said = value[:200].split(b";")[0].strip().lower()
    if (
        (name == "auto-submitted" and said == b"auto-forwarded")
        or (name in _SAYS_YES and said == b"true")
        or (name == _RULES_AGENT and said == b"mailbox rules agent")
    ):
        return ForwardMark(hops_above=hops_above)
    return None


def _fields(root: Entity) -> Iterator[tuple[int, str, bytes]]:
    """Known fields in their order, each with the number of Received fields above it."""
    hops_above = 0
    name, lines = "", list[bytes]()
    header = root.source[root.start : root.body]
    for line in (*header.split(b"\n"), b""):
        if line[:1] in (b" ", b"\t"):
            lines.append(line)
            continue
        if name in _KNOWN:
            yield hops_above, name, b"".join(lines)[:MAX_RAW].strip()
        hops_above += name == "received"
        if hops_above > MAX_HOPS:
            return
        found = _FIELD.match(line)
        name = found[1].decode("ascii").lower() if found else ""
        lines = [line[found.end() :].rstrip(b"\r")] if found else []


def _bare(value: bytes) -> list[str]:
    """Addresses without angle brackets or names, as programs write them."""
    text = tidy(value[:MAX_RAW].decode("utf-8", "replace")).lower()
    return [word for word in _BETWEEN.split(text) if "@" in word[1:-1]][:MAX_ADDRESSES]


def _once(addresses: list[str]) -> tuple[str, ...]:
    return tuple(dict.fromkeys(each[:MAX_ADDRESS] for each in addresses))
