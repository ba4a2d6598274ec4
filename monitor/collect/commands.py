"""Command lines of SMTP and LMTP (RFC 5321, RFC 6531): bytes in, values out, no I/O.

Read with tolerance: a form that is not understood costs a copy, so whatever names an address is
taken, and parameters that nobody asked for are ignored.
"""

import re
from dataclasses import dataclass

_PATH = re.compile(
    rb"""\s*(?:<(?P<angle>[^>"]*(?:"(?:[^"\\]|\\.)*"[^>"]*)*)>|(?P<bare>[^\s<>]+))(?P<rest>.*)\Z""",
    re.DOTALL,
)
_LOOSE_PATH = re.compile(rb"\s*<(?P<angle>.*)>(?P<rest>[^>]*)(?P<bare>)\Z", re.DOTALL)
_SOURCE_ROUTE = re.compile(rb"\A@[^:]*:")
_CONTROL = re.compile(r"[\x00-\x1f\x7f]")
_SIZE = re.compile(rb"(?i)(?:^|\s)SIZE=(\d{1,20})(?:\s|$)")


@dataclass(frozen=True, slots=True)
class PathArgument:
    """The path of MAIL or RCPT: the address without brackets, empty for the null sender."""

    address: str
    size: int = 0
    """What SIZE= declares (RFC 1870), 0 if nothing."""


def split(line: bytes) -> tuple[bytes, bytes]:
    """The verb in upper case, and its argument."""
    verb, _, argument = line.partition(b" ")
    return verb.upper(), argument.strip()


def text(raw: bytes) -> str:
    """Text fit for storage: UTF-8, with what is no UTF-8 escaped and control characters masked."""
    decoded = raw.decode("utf-8", "backslashreplace")
    return decoded if decoded.isprintable() else _CONTROL.sub("?", decoded)


def path(keyword: bytes, argument: bytes) -> PathArgument | None:
    """The path behind `FROM:` or `TO:`; None if there is none."""
    if argument[: len(keyword)].upper() != keyword:
        return None
    raw = argument[len(keyword) :]
    found = _PATH.match(raw) or _LOOSE_PATH.match(raw)
    if not found:
        return None
    angle, bare, rest = found["angle"], found["bare"], found["rest"]
    address: bytes = bare if angle is None else angle.strip()
    if address.startswith(b"@"):
        # RFC 5321 appendix C: a source route is accepted and ignored.
        address = _SOURCE_ROUTE.sub(b"", address, count=1)
    declared = _SIZE.search(rest) if rest else None
    return PathArgument(text(address), int(declared[1]) if declared else 0)
