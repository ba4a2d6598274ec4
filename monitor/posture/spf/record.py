"""The syntax of an SPF record, strictly by the grammar (RFC 7208 4.5, 4.6.1, 5, 6, 12)."""

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from enum import StrEnum
from functools import lru_cache
from ipaddress import IPv4Network, IPv6Network

from monitor.model import SpfResult
from monitor.posture.spf.macros import (
    EXPLAINING_LETTERS,
    LETTERS,
    Literal,
    MacroError,
    MacroString,
    read_macros,
)

Network = IPv4Network | IPv6Network

_VERSION = re.compile(r"v=spf1(?: |\Z)", re.IGNORECASE | re.ASCII)
_MODIFIER = re.compile(r"([a-z][a-z0-9_.-]*)=(.*)", re.IGNORECASE | re.ASCII | re.DOTALL)
_MECHANISM = re.compile(r"([-+?~]?)([a-z0-9]+)([:/].*)?", re.IGNORECASE | re.ASCII | re.DOTALL)
_LENGTHS = re.compile(r"(?:/(0|[1-9][0-9]?))?(?://(0|[1-9][0-9]{0,2}))?", re.ASCII)
_IP4 = re.compile(r":([0-9.]{7,15})(?:/(0|[1-9][0-9]?))?", re.ASCII)
_IP6 = re.compile(r":([0-9a-f:.]{2,45})(?:/(0|[1-9][0-9]{0,2}))?", re.IGNORECASE | re.ASCII)
_LABEL = re.compile(r"[a-z0-9](?:[a-z0-9-]*[a-z0-9])?", re.IGNORECASE | re.ASCII)


class Mech(StrEnum):
    """The mechanisms (5)."""

    ALL = "all"
    INCLUDE = "include"
    A = "a"
    MX = "mx"
    PTR = "ptr"
    IP4 = "ip4"
    IP6 = "ip6"
    EXISTS = "exists"


ASKING = frozenset({Mech.INCLUDE, Mech.A, Mech.MX, Mech.PTR, Mech.EXISTS})
"""They count as look-ups, as `redirect` does (4.6.4)."""

_QUALIFIERS = {
    "": SpfResult.PASS,
    "+": SpfResult.PASS,
    "-": SpfResult.FAIL,
    "~": SpfResult.SOFTFAIL,
    "?": SpfResult.NEUTRAL,
}


class SpfSyntaxError(ValueError):
    """A term that the grammar does not allow; its argument is the term."""


@dataclass(frozen=True, slots=True)
class Mechanism:
    """One directive: who is meant, and what becomes of them (4.6.1, 4.6.2)."""

    text: str
    """As it was written."""
    kind: Mech
    qualifier: SpfResult
    """Pass, fail, softfail or neutral."""
    target: MacroString | None = None
    """None where it is the domain itself."""
    network: Network | None = None
    """Of `ip4` and `ip6`."""
    ip4_length: int = 32
    ip6_length: int = 128

    @property
    def asks(self) -> bool:
        return self.kind in ASKING


@dataclass(frozen=True, slots=True)
class Record:
    """An SPF record whose every term is well-formed."""

    text: str
    mechanisms: tuple[Mechanism, ...] = ()
    redirect: MacroString | None = None
    """Never reached where there is an `all`, which matches everybody (6.1)."""
    exp: MacroString | None = None


def spf_texts(records: Iterable[str]) -> tuple[str, ...]:
    """Which of a name's TXT records are of SPF (4.5): one is right, none or several are not."""
    return tuple(record for record in records if _VERSION.match(record))


@lru_cache(maxsize=12)
def read_record(text: str) -> Record:
    """The terms of one of `spf_texts`. Raises SpfSyntaxError for the first that is wrong.

    As many are kept as one evaluation reads: the next address of a gateway reads the same. One of
    64 KiB, the most that DNS carries, takes some 4 MB.
    """
    mechanisms: list[Mechanism] = []
    modifiers: dict[str, MacroString] = {}
    for term in _terms(text):
        if found := _MODIFIER.fullmatch(term):
            _add_modifier(modifiers, found[1].lower(), found[2], term)
        else:
            mechanisms.append(read_mechanism(term))
    return Record(text, tuple(mechanisms), modifiers.get("redirect"), modifiers.get("exp"))


def _terms(text: str) -> Iterator[str]:
    """Apart by spaces alone: any other blank is part of a term, and wrong there."""
    return (term for term in text[len("v=spf1") :].split(" ") if term)


def _add_modifier(known: dict[str, MacroString], name: str, value: str, term: str) -> None:
    try:
        if name not in {"redirect", "exp"}:
            read_macros(value, LETTERS | EXPLAINING_LETTERS)
        elif name in known:
            raise SpfSyntaxError(term)
        else:
            known[name] = _domain_spec(value)
    except MacroError:
        raise SpfSyntaxError(term) from None


def read_mechanism(term: str) -> Mechanism:
    """One directive. Raises SpfSyntaxError."""
    found = _MECHANISM.fullmatch(term)
    if found is None:
        raise SpfSyntaxError(term)
    try:
        kind = Mech(found[2].lower())
        return _with_rest(term, kind, _QUALIFIERS[found[1]], found[3] or "")
    except ValueError:
        raise SpfSyntaxError(term) from None


def _with_rest(term: str, kind: Mech, qualifier: SpfResult, rest: str) -> Mechanism:
    if kind in {Mech.IP4, Mech.IP6}:
        return Mechanism(term, kind, qualifier, network=_network(kind, rest))
    if kind in {Mech.A, Mech.MX}:
        target, ip4_length, ip6_length = _with_lengths(rest)
        return Mechanism(
            term, kind, qualifier, target, ip4_length=ip4_length, ip6_length=ip6_length
        )
    if not rest and kind in {Mech.ALL, Mech.PTR}:
        return Mechanism(term, kind, qualifier)
    if kind is Mech.ALL or not rest.startswith(":"):
        raise SpfSyntaxError(term)
    return Mechanism(term, kind, qualifier, _domain_spec(rest[1:]))


def _network(kind: Mech, rest: str) -> Network:
    """Host bits may be set: they do not count. Raises ValueError."""
    found = (_IP4 if kind is Mech.IP4 else _IP6).fullmatch(rest)
    if found is None:
        raise SpfSyntaxError(rest)
    if kind is Mech.IP4:
        return IPv4Network((found[1], int(found[2] or 32)), strict=False)
    return IPv6Network((found[1], int(found[2] or 128)), strict=False)


def _with_lengths(rest: str) -> tuple[MacroString | None, int, int]:
    """`[":" domain-spec] [dual-cidr-length]`: a domain-spec never ends in a length."""
    spec, lengths = _apart(rest)
    found = _LENGTHS.fullmatch(lengths)
    if found is None:
        raise SpfSyntaxError(rest)
    ip4_length, ip6_length = int(found[1] or 32), int(found[2] or 128)
    if ip4_length > 32 or ip6_length > 128:
        raise SpfSyntaxError(rest)
    if not spec:
        return None, ip4_length, ip6_length
    return _domain_spec(spec.removeprefix(":")), ip4_length, ip6_length


def _apart(rest: str) -> tuple[str, str]:
    """What comes before the lengths at the end, and those."""
    spec = rest.rstrip("0123456789/")
    lengths = rest[len(spec) :]
    at = lengths.find("/")
    return (rest, "") if at < 0 else (spec + lengths[:at], lengths[at:])


def _domain_spec(text: str) -> MacroString:
    """It ends in a macro or in a dot and a label that is no number (12). Raises MacroError."""
    spec = read_macros(text)
    if not spec.pieces:
        raise MacroError(text)
    last = spec.pieces[-1]
    if not isinstance(last, Literal) or last.escape:
        return spec
    _, dot, label = last.text.removesuffix(".").rpartition(".")
    if not dot or label.isdigit() or not _LABEL.fullmatch(label):
        raise MacroError(text)
    return spec
