"""Which certificates a CRL speaks of: distribution points, parts and reasons (RFC 5280 5.2.5)."""

import functools
from collections.abc import Iterable
from dataclasses import dataclass

from monitor.verify import ber
from monitor.verify.certificate import CRL_POINTS, Certificate, Name

ALL_REASONS = frozenset(range(1, 9))
"""Bits of ReasonFlags (RFC 5280 4.2.1.13)."""
HOLD_BIT = 6

_DIRECTORY = 4
GeneralName = tuple[int, object]
"""Its tag's number and, to compare it by, its content; of a directory name the folded form."""


@dataclass(frozen=True, slots=True)
class Point:
    """One distribution point of a certificate (RFC 5280 4.2.1.13)."""

    names: frozenset[GeneralName]
    issuers: frozenset[object]
    """Names, folded, of who issues the list if the certificate's issuer does not."""


@dataclass(frozen=True, slots=True)
class Scope:
    """What an issuing distribution point says of its list; without one it is complete."""

    names: frozenset[GeneralName] = frozenset()
    users_only: bool = False
    authorities_only: bool = False
    attributes_only: bool = False
    indirect: bool = False
    reasons: frozenset[int] = ALL_REASONS

    def meets(self, subject: Certificate, issuer: Name) -> bool:
        """Does a list of this scope, issued under a name, speak of a certificate?

        RFC 5280 6.3.3 (b). An indirect list of another issuer speaks of it only if one of the
        certificate's own distribution points names that issuer.
        """
        authority = subject.authority is not None and subject.authority[0]
        if self.attributes_only or (self.users_only if authority else self.authorities_only):
            return False
        own = issuer.key == subject.issuer.key
        if own and (not self.names or (_DIRECTORY, issuer.key) in self.names):
            return True
        return any(self._at(point, issuer, own=own) for point in points(subject))

    def _at(self, point: Point, issuer: Name, *, own: bool) -> bool:
        if point.issuers:
            if not self.indirect or issuer.key not in point.issuers:
                return False
        elif not own:
            return False
        names = point.names or {(_DIRECTORY, key) for key in point.issuers}
        return not self.names or bool(self.names & names)


def scope_of(value: bytes, issuer: Name) -> Scope:
    """The scope in an issuingDistributionPoint's value."""
    fields = {part.tag & 0x1F: part for part in ber.read(value).expect(ber.SEQUENCE).children}

    def flag(number: int) -> bool:
        return number in fields and any(fields[number].content)

    return Scope(
        names=frozenset(_point_names(fields[0], issuer) if 0 in fields else ()),
        users_only=flag(1),
        authorities_only=flag(2),
        attributes_only=flag(5),
        indirect=flag(4),
        reasons=frozenset(_flags(fields[3])) if 3 in fields else ALL_REASONS,
    )


@functools.lru_cache(maxsize=1024)
def points(subject: Certificate) -> tuple[Point, ...]:
    """The distribution points of a certificate; none where they cannot be read."""
    extension = subject.extensions.get(CRL_POINTS)
    if extension is None:
        return ()
    try:
        return tuple(_point(node, subject) for node in ber.read(extension.value).children)
    except (ber.Malformed, IndexError):
        return ()


def _point(node: ber.Node, subject: Certificate) -> Point:
    fields = {part.tag & 0x1F: part for part in node.expect(ber.SEQUENCE).children}
    named = _general_names(fields[2].children) if 2 in fields else []
    issuers = [value for kind, value in named if kind == _DIRECTORY]
    names = _point_names(fields[0], subject.issuer) if 0 in fields else ()
    return Point(frozenset(names), frozenset(issuers))


def _point_names(node: ber.Node, issuer: Name) -> list[GeneralName]:
    """DistributionPointName: full names, or one relative to the list's issuer."""
    inner = node.children[0]
    if inner.tag & 0x1F == 0:
        return _general_names(inner.children)
    relative = Name(ber.read(ber.encode(ber.SEQUENCE, ber.encode(ber.SET, inner.content))))
    return [(_DIRECTORY, issuer.key + relative.key)]


def _general_names(nodes: Iterable[ber.Node]) -> list[GeneralName]:
    found: list[GeneralName] = []
    for node in nodes:
        kind = node.tag & 0x1F
        found.append((kind, Name(node.children[0]).key if kind == _DIRECTORY else node.content))
    return found


def _flags(node: ber.Node) -> list[int]:
    octets = ber.bits(node)
    return [at for at in range(len(octets) * 8) if octets[at // 8] & (0x80 >> at % 8)]
