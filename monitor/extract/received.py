"""Received fields (RFC 5321 4.4) as Postfix, Zimbra, Exchange, Exim and sendmail write them."""

import re
from collections.abc import Iterable
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from ipaddress import ip_address

from monitor.extract.words import tidy
from monitor.model import Hop

MAX_HOPS = 100
MAX_VALUE = 4096

_COMMENT = re.compile(r"\([^()]*\)")
_HELO = re.compile(r"helo=\S+", re.IGNORECASE)
_BRACKETED = re.compile(r"\[(?:IPv6:)?([0-9A-Fa-f:.]{3,45})(?:%\w+)?\]", re.IGNORECASE)
_BARE = re.compile(r"\s*(?:IPv6:)?([0-9A-Fa-f:.]{3,45})(?:%\w+)?(?::\d+)?\s*", re.IGNORECASE)
_FROM = re.compile(r"^\s*from\s+(\S+)", re.IGNORECASE)
_BY = re.compile(r"(?:^|\s)by\s+(\S+)", re.IGNORECASE)
_WITH = re.compile(
    r"\swith\s+([A-Za-z0-9][\w -]{0,40}?)\s*(?=\s(?:id|for|via)\s|[(;]|$)", re.IGNORECASE
)
_FOR = re.compile(r"\sfor\s+(\S+)(?:\s*\(\s*\))*\s*$", re.IGNORECASE)
"""The last clause; written only where one recipient was named to the server."""
_BLANKS = re.compile(r"\s+")
MAX_RECIPIENT = 1000


def parse_date(value: str) -> datetime | None:
    """An RFC 5322 date as an aware datetime in UTC; None when it is none, or has no such day."""
    try:
        moment = parsedate_to_datetime(_COMMENT.sub("", value[:200]).strip())
        if moment.tzinfo is None:  # "-0000": UTC, place unknown (RFC 5322 3.3)
            return moment.replace(tzinfo=UTC)
        return moment.astimezone(UTC)
    except (ValueError, TypeError, IndexError, OverflowError):
        return None


def parse_received(values: Iterable[bytes]) -> tuple[Hop, ...]:
    """The hops, newest first as they stand; unreadable clauses are None, the hop stays."""
    return tuple(_hop(value) for value, _ in zip(values, range(MAX_HOPS), strict=False))


def _hop(value: bytes) -> Hop:
    text = _BLANKS.sub(" ", value[:MAX_VALUE].decode("utf-8", "replace"))
    clauses, _, date = text.rpartition(";")
    if not clauses:
        clauses, date = text, ""
    comments = _top_comments(clauses)
    bare = _without(clauses, comments)
    # A client may call itself `by`: what it says of itself ends before the server's own clause.
    sender = _FROM.match(bare)
    by = _BY.search(bare, sender.end() if sender else 0)
    origin_end = by.start() if by else len(bare)
    protocol = _WITH.search(bare, by.end() if by else 0)
    recipient = _FOR.search(bare, by.end() if by else 0)
    return Hop(
        from_host=_host(sender[1]) if sender else None,
        from_address=_client(sender[1], clauses, comments, origin_end) if sender else None,
        by_host=_host(by[1]) if by else None,
        protocol=protocol[1].strip().upper() if protocol else None,
        at=parse_date(date),
        recipient=_recipient(recipient[1]) if recipient else None,
    )


def _recipient(text: str) -> str | None:
    """One address, in brackets or, as Exim has it, without."""
    address = tidy(text.removeprefix("<").removesuffix(">").lower())[:MAX_RECIPIENT]
    local, at, domain = address.rpartition("@")
    return address if local and at and domain and not set(address) & set("<>;()") else None


def _top_comments(text: str) -> list[tuple[int, int]]:
    """Start and end of every comment that is not inside another."""
    found, depth, start = [], 0, 0
    for match in re.finditer(r"[()]", text):
        if match[0] == "(":
            if depth == 0:
                start = match.start()
            depth += 1
        elif depth:
            depth -= 1
            if depth == 0:
                found.append((start, match.end()))
    return found


def _without(text: str, comments: list[tuple[int, int]]) -> str:
    """The text with comments blanked out, offsets unchanged."""
    pieces, position = [], 0
    for start, end in comments:
        pieces += [text[position:start], "(", " " * (end - start - 2), ")"]
        position = end
    return "".join([*pieces, text[position:]])


def _client(helo: str, clauses: str, comments: list[tuple[int, int]], end: int) -> str | None:
    """The client's address as the receiving server saw it.

    The server writes it last, in a comment before `by`; what stands before, and `helo=`, is what
    the client said of itself. Only Exim puts the true address first, in brackets.
    """
    for start, stop in reversed([each for each in comments if each[0] < end]):
        inside = _HELO.sub(" ", clauses[start + 1 : stop - 1])
        if '"' in inside:
            continue  # Postfix quotes names of the client's own TLS certificate there
        address = _address(inside)
        if address:
            return address
    return _address(helo) if helo.startswith("[") else None


def _address(text: str) -> str | None:
    """The last address in brackets, or a text that is nothing but an address (Exchange).

    A host name from the client's own DNS zone stands before it and may look like an address.
    """
    bracketed = _BRACKETED.findall(text)
    bare = _BARE.fullmatch(text)
    try:
        return str(ip_address(bracketed[-1] if bracketed else bare[1] if bare else ""))
    except ValueError:
        return None


def _host(name: str) -> str | None:
    return tidy(name.strip("[]();,").lower())[:255] or None
