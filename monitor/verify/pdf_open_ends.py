"""Objects that have no end: what a reader takes to be part of them may lie in a later revision.

A string, an array, a dictionary or a stream that is opened in the signed bytes and closed in an
update shows what the update says, although no section names another object. An object is compared
with nothing here; it is only followed, as its tokens stand in the bytes, to its `endobj` or
`stream`. Readers differ in where they give up, so one that is still open where a revision ends is
enough.
"""

import bisect
import re
from collections.abc import Iterable, Iterator, Sequence

_DELIMITER = rb"[\s\0()<>\[\]{}/%]"
_REGULAR = rb"[^\s\0()<>\[\]{}/%]"
_END = rb"(?:endobj|stream|startxref)(?=" + _DELIMITER + rb"|\Z)"
_MAX_OPEN = 4096


def _string(depth: int) -> bytes:
    inner = rb"" if not depth else rb"|" + _string(depth - 1)
    return rb"\((?:[^()\\]++|\\." + inner + rb")*+\)"


def _value(depth: int) -> bytes:
    """Blanks, comments and values that are closed, arrays and dictionaries nested so deep."""
    single = (
        rb"[\s\0]++|/" + _REGULAR + rb"*+|(?!" + _END + rb")" + _REGULAR + rb"++|<[^<>]*+>|"
        + _string(2) + rb"|%[^\r\n]*+"
    )  # fmt: skip
    if not depth:
        return rb"(?:" + single + rb")"
    inner = _value(depth - 1)
    return rb"(?:" + single + rb"|\[" + inner + rb"*+\]|<<" + inner + rb"*+>>)"


_CLOSED = re.compile(_value(3) + rb"*+" + rb"(?:endobj|(stream)|startxref)(?!\w)", re.DOTALL)
_TOKEN = re.compile(
    rb"[\s\0]++|%[^\r\n]*+|/" + _REGULAR + rb"*+|(?P<open><<|\[)|(?P<close>>>|\])"
    rb"|<[^<>]*+>|(?P<string>\()|(?P<end>" + _END + rb")|" + _REGULAR + rb"++|[{})>]",
    re.DOTALL,
)
_PARENTHESIS = re.compile(rb"\\.|[()]", re.DOTALL)
_PARTNER = {b"<<": b">>", b"[": b"]"}


def open_ends(data: bytes, starts: Iterable[int], ends: Sequence[int]) -> Iterator[tuple[int, int]]:
    """Objects, by where they begin, that reach one of the sorted `ends`, and how far they do.

    `ends` are the places of the words `startxref`, which no object holds outside of a stream.
    """
    for start in starts:
        nearest = bisect.bisect_left(ends, start)
        if nearest == len(ends):
            continue
        limit = ends[nearest]
        match = _CLOSED.match(data, start)
        if match is None or match.end() > limit + len(b"startxref"):
            if _left_open(data, start, limit):
                yield start, len(data)
        elif match[1] is not None and data.find(b"endstream", match.end(), limit) < 0:
            stop = data.find(b"endstream", limit)
            yield start, stop if stop >= 0 else len(data)


def _left_open(data: bytes, start: int, limit: int) -> bool:
    """Is something of an object still open at a place? For what is nested deep, or is broken."""
    stack: list[bytes] = []
    at = start
    while at < limit:
        match = _TOKEN.match(data, at, limit)
        if match is None:
            return True  # the rest is a hexadecimal string
        at = match.end()
        if match["string"]:
            at = _behind_string(data, at, limit)
        elif match["open"]:
            stack.append(_PARTNER[match[0]])
        elif match["close"] and stack and stack[-1] == match[0]:
            stack.pop()
        elif match["end"] and not stack:
            return match[0] == b"stream" and data.find(b"endstream", at, limit) < 0
        if len(stack) > _MAX_OPEN:
            return True
    return bool(stack) or at > limit


def _behind_string(data: bytes, at: int, limit: int) -> int:
    """Behind the parenthesis that closes a string; past the limit where none does."""
    depth = 1
    for match in _PARENTHESIS.finditer(data, at, limit):
        depth += {b"(": 1, b")": -1}.get(match[0], 0)
        if not depth:
            return match.end()
    return limit + 1
