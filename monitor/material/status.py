"""How the trust store stands at one time: what is there, what is stale, what is missing."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

from monitor.material.demo_mark import is_demo_certificate
from monitor.material.importing import label
from monitor.material.lists import Listed
from monitor.material.loading import Authority, Held, Loaded
from monitor.model import Revocation
from monitor.verify import ber
from monitor.verify.algorithms import Unsupported
from monitor.verify.certificate import Certificate

EXPIRES_SOON = timedelta(days=90)


class State(StrEnum):
    """Of a CA's revocation list."""

    CURRENT = "current"
    STALE = "stale"
    MISSING = "missing"
    NOT_NEEDED = "not needed"
    """The CA has expired: it issues no more lists."""


@dataclass(frozen=True, slots=True)
class CaStatus:
    """One CA of the store and its newest complete list."""

    authority: Authority
    label: str
    state: State
    held: Held | None

    @property
    def listed(self) -> Listed | None:
        """The list itself."""
        return self.held.listed if self.held else None


def statuses(loaded: Loaded, now: datetime) -> list[CaStatus]:
    """Every CA once, anchors first."""
    found: dict[str, CaStatus] = {}
    for authority in loaded.authorities:
        known = authority.certificate
        if known.sha256 not in found:
            held = _newest(authority, loaded)
            state = _state(authority, held, now)
            found[known.sha256] = CaStatus(authority, label(known, authority.pin), state, held)
    return list(found.values())


def _newest(authority: Authority, loaded: Loaded) -> Held | None:
    own = [
        held for held in loaded.lists
        if held.listed.authority and held.listed.authority.spki == authority.certificate.spki
    ]  # fmt: skip
    whole = [held for held in own if not held.listed.delta]
    return max(whole, key=lambda h: (not h.listed.scope, h.listed.this_update), default=None)


def _state(authority: Authority, held: Held | None, now: datetime) -> State:
    if authority.certificate.not_after < now:
        return State.NOT_NEEDED
    if held is None:
        return State.MISSING
    return State.STALE if held.listed.stale(now) else State.CURRENT


def warnings(authority: Authority, now: datetime) -> list[str]:
    """What an operator should know of a CA certificate, in words."""
    known = authority.certificate
    found = []
    if authority.impersonates:
        found.append(f"bears the name of {authority.impersonates.id}, has another key")
    if known.not_after < now:
        found.append("expired")
    elif known.not_after < now + EXPIRES_SOON:
        found.append("expires soon")
    if known.not_before > now:
        found.append("not yet valid")
    if is_demo_certificate(known.der):
        found.append("demo")
    if not known.self_signed and _digest(known) in {"md5", "sha1"}:
        found.append("weak digest")
    return found


def _digest(known: Certificate) -> str | None:
    try:
        return known.algorithm.digest
    except (Unsupported, ber.Malformed):
        return None


def to_do(loaded: Loaded, found: list[CaStatus]) -> list[str]:
    """What has to be done, one sentence each; empty when all is well."""
    steps = []
    if not loaded.anchors:
        steps.append("no trust anchor: nothing can be valid; congvu trust import FILE")
    steps += [
        f"{problem.file}: left out ({problem.why.value}); mend or remove it"
        for problem in loaded.problems
    ]
    steps += [
        f"{anchor.file}: FORGED? bears the name of {anchor.impersonates.id} with another key, and "
        "is trusted; remove it unless its owner confirms its SHA-256"
        for anchor in loaded.anchors
        if anchor.impersonates
    ]
    for status in found:
        if status.state is State.STALE:
            steps.append(
                f"{status.label}: its list has run out; import a newer one{_where(status)}"
            )
        elif status.state is State.MISSING and loaded.material.revocation is Revocation.REQUIRE:
            steps.append(
                f"{status.label}: no revocation list, so what it issued stays indeterminate; "
                f"import its list{_where(status)}"
            )
    return steps


def _where(status: CaStatus) -> str:
    return f" (now in {status.held.file})" if status.held else ""
