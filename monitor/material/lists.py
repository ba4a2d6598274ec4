"""Revocation lists as an operator sees them: whose, how old, in place of which other."""

import hashlib
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta

from cryptography import x509

from monitor.material.vouching import signed_by
from monitor.verify.certificate import Certificate
from monitor.verify.crl import read_list

_ISSUING_POINT = "2.5.29.28"
_CLOCK_SKEW = timedelta(hours=1)


@dataclass(frozen=True)
class Listed:
    """A revocation list, and the CA whose key signed it if that is known."""

    der: bytes
    authority: Certificate | None
    this_update: datetime
    next_update: datetime | None
    delta: bool
    scope: bytes
    """Of a list that covers a part of the certificates only (RFC 5280 5.2.5); else empty."""

    def stale(self, now: datetime) -> bool:
        """Has its time run out? A list without an end (RFC 5280 asks for one) never is."""
        return self.next_update is not None and self.next_update < now

    def age(self, now: datetime) -> timedelta:
        """Time since it was issued."""
        return now - self.this_update

    def replaces(self, other: "Listed") -> bool:
        """Is it a later list of the same CA for the same certificates?"""
        return self.same_series(other) and self.this_update > other.this_update

    def same_series(self, other: "Listed") -> bool:
        """Is it a list of the same CA for the same certificates?"""
        return (
            self.authority is not None and other.authority is not None
            and self.authority.spki == other.authority.spki
            and (self.scope, self.delta) == (other.scope, other.delta)
        )  # fmt: skip

    def stem(self, label: str) -> str:
        """Name of its file: the CA's, and a mark for a part or a delta."""
        part = "-" + hashlib.sha256(self.scope).hexdigest()[:8] if self.scope else ""
        return label + part + ("-delta" if self.delta else "")

    def entries(self) -> int | None:
        """Certificates in it; None where it cannot be counted."""
        try:
            return len(x509.load_der_x509_crl(self.der))
        except (ValueError, x509.InvalidVersion):
            return None


class ForgedList(Exception):
    """A list bears the name of a known CA and is not signed by its key."""


def listed(der: bytes, authorities: Iterable[Certificate]) -> Listed | None:
    """The facts of a list; None for what is none. Raises ForgedList.

    A list of a CA that is not known stays: its certificate may come with a signature, and the
    list's signature is checked against it then.
    """
    parsed = read_list(der)
    if parsed is None:
        return None
    named = [ca for ca in authorities if ca.subject.key == parsed.issuer.key]
    authority = next((ca for ca in named if signed_by(parsed, ca)), None)
    if named and authority is None:
        raise ForgedList
    scope = parsed.extensions.get(_ISSUING_POINT)
    return Listed(
        der, authority, parsed.this_update, parsed.next_update, parsed.delta,
        scope.value if scope else b"",
    )  # fmt: skip


def in_the_future(found: Listed, now: datetime) -> bool:
    """Was it issued later than now, by more than clocks may differ?"""
    return found.this_update > now + _CLOCK_SKEW
