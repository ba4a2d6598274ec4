"""Who is revoked, since when, and how recent the word is: all revocation data at hand together.

Lists (`crl.py`) and OCSP responses (`ocsp.py`) come as files or with a signature. Each is taken at
its word once the right key signed it; what they say together decides (`Words`).
"""

import functools
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from enum import Enum

from monitor.model import IndexedList
from monitor.verify import ber
from monitor.verify.certificate import OCSP_NOCHECK, Certificate, Name
from monitor.verify.crl import RevocationList, Statement, read_list
from monitor.verify.crl_scope import ALL_REASONS, HOLD_BIT, points
from monitor.verify.ocsp import OcspResponse, read_response

_HOLD = 6
_KEY_LOST = frozenset({1, 2})
MAX_EVIDENCE = 200
"""Embedded lists and responses looked at for one signature."""


class State(Enum):
    GOOD = "good"
    REVOKED = "revoked"
    UNCHECKED = "unchecked"
    STALE = "stale"


@dataclass(frozen=True, slots=True)
class Status:
    """What revocation data says of one certificate at one time."""

    state: State
    revoked_at: datetime | None = None
    reason: int | None = None
    informed: datetime | None = None
    """When the latest word for all reasons was given; None without one."""


@dataclass(frozen=True)
class Evidence:
    """Revocation data that came with a signature, as bytes."""

    crls: tuple[bytes, ...] = ()
    ocsps: tuple[bytes, ...] = ()

    def __add__(self, other: "Evidence") -> "Evidence":
        return Evidence(self.crls + other.crls, self.ocsps + other.ocsps)


@dataclass(frozen=True)
class Asked:
    """Whose status is asked for, and who may speak about it beside the issuer."""

    subject: Certificate
    issuer: Certificate
    evidence: Evidence = Evidence()
    deputies: Callable[[Name], Sequence[Certificate]] = lambda _: ()
    """Certificates under a name that lead to the same anchor and may sign lists."""


@dataclass
class Lists:
    """The revocation data of the trust material."""

    by_issuer: dict[object, list[RevocationList]] = field(default_factory=dict)
    responses: dict[bytes, list[OcspResponse]] = field(default_factory=dict)
    """By the serial number, as encoded, that they speak of."""

    @classmethod
    def of(
        cls,
        contents: Iterable[bytes],
        indexed: Iterable[IndexedList] = (),
        ocsps: Iterable[bytes] = (),
    ) -> "Lists":
        """What can be read of some files' bytes; what cannot is left out."""
        lists = cls()
        for crl in (*map(read_list, contents), *map(_of_index, indexed)):
            if crl is not None:
                lists.by_issuer.setdefault(crl.issuer.key, []).append(crl)
        for response in filter(None, map(read_response, ocsps)):
            for serial in _serials(response):
                lists.responses.setdefault(serial, []).append(response)
        return lists

    def words(self, asked: Asked) -> "Words":
        """Everything that is said of a certificate by whoever may."""
        lists = self._usable(asked)
        found = [
            crl.statement(asked.subject, base)
            for crl in lists if crl.delta for base in (*_bases(crl, lists), None)
        ]  # fmt: skip
        found += [crl.statement(asked.subject) for crl in lists if not crl.delta]
        found += [_word(response, asked, self) for response in self._answers(asked)]
        return Words(tuple(statement for statement in found if statement is not None))

    def _usable(self, asked: Asked) -> list[RevocationList]:
        """Lists that speak of a certificate and whose signer may."""
        subject = asked.subject
        names = {subject.issuer.key}.union(*(point.issuers for point in points(subject)))
        brought = filter(None, map(read_list, asked.evidence.crls[:MAX_EVIDENCE]))
        at_hand = [crl for name in names for crl in self.by_issuer.get(name, ())]
        at_hand += [crl for crl in brought if crl.issuer.key in names]
        return [crl for crl in at_hand if self._may_speak(crl, asked)]

    def _may_speak(self, crl: RevocationList, asked: Asked) -> bool:
        """RFC 5280 6.3.3 (f): the issuer's key, or one under its name and the same anchor."""
        try:
            if not crl.covers(asked.subject):
                return False
            return crl.signed_by(asked.issuer) or any(
                crl.signed_by(deputy) and deputy.not_before <= crl.this_update <= deputy.not_after
                for deputy in asked.deputies(crl.issuer)
            )
        except (ber.Malformed, IndexError):
            return False

    def _answers(self, asked: Asked) -> list[OcspResponse]:
        brought = map(read_response, asked.evidence.ocsps[:MAX_EVIDENCE])
        at_hand = self.responses.get(asked.subject.serial_raw, ())
        return [response for response in (*at_hand, *brought) if response is not None]

    def repudiated(self, responder: Certificate, asked: Asked, when: datetime) -> bool:
        """Was an issuer's responder revoked before it answered, or its key lost at any time?"""
        if responder.spki == asked.issuer.spki or OCSP_NOCHECK in responder.extensions:
            return False
        lists = self._usable(Asked(responder, asked.issuer, Evidence(asked.evidence.crls)))
        stated = [s for crl in lists if (s := crl.statement(responder)) and s.revoked_at]
        return any(
            s.reason in _KEY_LOST or (s.revoked_at is not None and s.revoked_at <= when)
            for s in stated
        )


def _of_index(made: IndexedList) -> RevocationList | None:
    try:
        return RevocationList.of_index(made)
    except (ber.Malformed, IndexError, ValueError):
        return None


def _serials(response: OcspResponse) -> tuple[bytes, ...]:
    try:
        return response.serials
    except (ber.Malformed, IndexError):
        return ()


def _bases(delta: RevocationList, lists: Sequence[RevocationList]) -> list[RevocationList]:
    try:
        return [base for base in lists if delta.updates(base)]
    except (ber.Malformed, IndexError):
        return []


@dataclass(frozen=True)
class Words:
    """All that is said of one certificate.

    A revocation once stated holds (a later list may have dropped an expired certificate); a hold
    is lifted by a later statement that speaks for holds. Good is what is not revoked for any
    reason, by data that had not ended before the time it is asked for.
    """

    statements: tuple[Statement, ...]

    @functools.cached_property
    def revoked(self) -> Status | None:
        """The earliest final revocation, else the newest word on holds if it is one."""
        final = [s for s in self.statements if s.revoked_at and s.reason != _HOLD]
        if final:
            first = min(final, key=lambda s: s.revoked_at or s.this_update)
            return Status(State.REVOKED, first.revoked_at, first.reason, self.informed)
        held = [s for s in self.statements if HOLD_BIT in s.reasons]
        newest = max(held, key=lambda s: s.this_update, default=None)
        if newest is None or not newest.revoked_at:
            return None
        return Status(State.REVOKED, newest.revoked_at, newest.reason, self.informed)

    @functools.cached_property
    def informed(self) -> datetime | None:
        """The latest time from which on every reason has been spoken about."""
        covered: frozenset[int] = frozenset()
        telling = [s for s in self.statements if s.proves_good or s.revoked_at]
        for statement in sorted(telling, key=lambda s: s.this_update, reverse=True):
            covered |= statement.reasons
            if covered >= ALL_REASONS:
                return statement.this_update
        return None

    def status(self, when: datetime) -> Status:
        """What all of it together says of an aware time."""
        if not self.statements:
            return Status(State.UNCHECKED)
        if self.revoked is not None:
            return self.revoked
        covered: frozenset[int] = frozenset()
        for statement in self.statements:
            if statement.proves_good and _fresh(statement, when):
                covered |= statement.reasons
        good = covered >= ALL_REASONS
        return Status(State.GOOD if good else State.STALE, informed=self.informed)


def _fresh(statement: Statement, when: datetime) -> bool:
    return statement.this_update >= when or (
        statement.next_update is not None and statement.next_update >= when
    )


def _word(response: OcspResponse, asked: Asked, lists: Lists) -> Statement | None:
    try:
        said = response.statement(asked.subject, asked.issuer)
        signer = response.signer(asked.issuer) if said else None
        if signer is None or lists.repudiated(signer, asked, response.produced_at):
            return None
    except (ber.Malformed, IndexError, ValueError):
        return None
    return said
