"""Was what a signature rests on good enough at a time? By the policy's days, never for good."""

from collections.abc import Iterable
from datetime import date, datetime

from monitor.clock import vietnam_day
from monitor.model import CryptoPolicy, Finding
from monitor.verify.algorithms import DIGESTS, Use

FAMILIES = ("rsa", "dsa", "ecdsa", "eddsa")
KNOWN_DIGESTS = frozenset(DIGESTS.values())
_MAX_ASKED = 1000
"""Answers kept; files of one day rest on the same few algorithms."""


class Strength:
    """One cryptographic policy, ready to be asked."""

    def __init__(self, policy: CryptoPolicy) -> None:
        self._digests = {rule.name: rule.until or date.max for rule in policy.digests}
        self._keys = {
            family: sorted(
                ((r.bits, r.until or date.max) for r in policy.keys if r.family == family),
                reverse=True,
            )
            for family in FAMILIES
        }
        self._asked: dict[tuple[frozenset[Use], date], frozenset[Use]] = {}

    def refused(self, uses: frozenset[Use], when: datetime) -> frozenset[Use]:
        """The uses that proved nothing at an aware time.

        An algorithm without a name here cannot be computed either; that is said elsewhere.
        """
        day = vietnam_day(when)
        found = self._asked.get((uses, day))
        if found is None:
            if len(self._asked) > _MAX_ASKED:
                self._asked.clear()
            found = frozenset(use for use in uses if self._end(use) < day)
            self._asked[uses, day] = found
        return found

    def _end(self, use: Use) -> date:
        """The last day on which a use proves something."""
        if use.name in self._keys:
            rules = self._keys[use.name]
            return next((until for bits, until in rules if bits <= use.bits), date.min)
        if use.name in KNOWN_DIGESTS:
            return self._digests.get(use.name, date.min)
        return date.max


def findings(refused: Iterable[Use]) -> set[Finding]:
    """The remarks on weak uses."""
    return {_finding(use) for use in refused}


def _finding(use: Use) -> Finding:
    if use.name in FAMILIES:
        return Finding.WEAK_KEY
    return Finding.SHA1 if use.name == "sha1" else Finding.WEAK_ALGORITHM
