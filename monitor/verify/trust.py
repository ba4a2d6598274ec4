"""The trust store and certification paths (RFC 5280 6), by key and never by name.

Paths are searched over the anchors, the local intermediates and what the signature brought; every
link is a signature that verifies, so a forged CA that only bears a trusted name leads nowhere.
Paths do not depend on time and are cached; validity and revocation are judged per time.
"""

from collections import OrderedDict
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from enum import Enum

from monitor.clock import vietnam_day
from monitor.model import Anchor, Revocation, TrustMaterial
from monitor.verify import ber
from monitor.verify.algorithms import Unsupported, Use
from monitor.verify.certificate import (
    CRL_SIGN,
    DIGITAL_SIGNATURE,
    KEY_CERT_SIGN,
    KNOWN_EXTENSIONS,
    NO_REVOCATION,
    NON_REPUDIATION,
    OCSP_NOCHECK,
    OCSP_SIGNING,
    Certificate,
    Name,
    certificate,
)
from monitor.verify.names import permitted
from monitor.verify.policy import SHIPPED
from monitor.verify.revocation import Asked, Evidence, Lists, State, Status, Words
from monitor.verify.strength import Strength

_MAX_LENGTH, _MAX_STEPS, _MAX_PATHS = 10, 200, 8
_TIMESTAMPING, _ANY_USAGE = "1.3.6.1.5.5.7.3.8", "2.5.29.37.0"
_MACHINE_USAGES = frozenset({"1.3.6.1.5.5.7.3.1", _TIMESTAMPING, OCSP_SIGNING})
_MAX_SAID = 1000
"""Answers kept, each with the revocation data that came with a signature."""
_ALWAYS, _NEVER = datetime.max.replace(tzinfo=UTC), datetime.min.replace(tzinfo=UTC)


class Purpose(Enum):
    """What the leaf's key is used for."""

    SIGN = "sign"
    TIMESTAMP = "timestamp"


class End(Enum):
    """Where a path ends."""

    ANCHOR = 0
    ROOT = 1
    """A self-signed certificate that is no anchor: the chain is complete and untrusted."""
    OPEN = 2
    """The next issuer is not at hand, or its signature cannot be computed."""


@dataclass(frozen=True, slots=True)
class Path:
    """Certificates from the leaf upward, with everything about them that time does not change."""

    certificates: tuple[Certificate, ...]
    end: End
    anchor: Anchor | None = None
    unsupported: bool = False
    constrained: bool = False
    """A certificate in it may not issue what it issued (CA flag, length, usage, names)."""
    uses: frozenset[Use] = frozenset()
    """Algorithms and keys it rests on; an anchor's or root's own signature on itself is not."""
    completed: bool = False
    """A certificate came from the local intermediates, not from the signature."""
    begins: datetime = _NEVER
    ends: datetime = _ALWAYS
    """When all certificates are valid whose validity counts: all but an anchor above the leaf."""


@dataclass(frozen=True, slots=True)
class Assessment:
    """A leaf's best path as it stands at one time."""

    path: Path
    usage_fits: bool
    expired: bool
    not_yet: bool
    revoked: Status | None
    revocation: State
    """GOOD when every certificate below the anchor is known not to be revoked."""
    revoked_authority: bool = False
    informed: datetime | None = None
    """Every certificate below the anchor is known not to have been revoked by then."""
    weak: frozenset[Use] = frozenset()
    """What the policy does not take as proof any more."""
    in_period: bool = True
    """The anchor is trusted for that time."""

    @property
    def anchored(self) -> bool:
        """Reaches an anchor by a path whose every certificate may do what it does."""
        return self.path.end is End.ANCHOR and not self.path.constrained

    @property
    def sound(self) -> bool:
        """Nothing speaks against the certificate at that time, revocation data apart."""
        return (
            self.anchored and self.usage_fits and not self.expired and not self.not_yet
            and self.revoked is None and not self.weak and self.in_period
        )  # fmt: skip


class TrustStore:
    """Anchors, intermediates and CRLs of one trust epoch, with the paths found so far."""

    def __init__(self, material: TrustMaterial, cached_paths: int = 4096) -> None:
        self.material = material
        self.policy: Revocation = material.revocation
        self.strength = Strength(material.policy or SHIPPED)
        self._anchors: dict[str, Anchor] = {}
        self._pinned: dict[tuple[object, bytes], Certificate] = {}
        self._subjects: dict[object, list[Certificate]] = {}
        self._own: set[str] = set()
        self.lists = Lists.of(material.crls, material.indexed, material.ocsps)
        self._paths: OrderedDict[object, tuple[Path, ...]] = OrderedDict()
        self._cached_paths = cached_paths
        self._said: OrderedDict[
            tuple[int, Evidence], tuple[Path, tuple[tuple[int, Words], ...]]
        ] = OrderedDict()
        for anchor in material.anchors:
            self._add_anchor(anchor)
        for der in material.intermediates:
            self._add(_read(der))

    @property
    def has_anchors(self) -> bool:
        return bool(self._anchors)

    def _add_anchor(self, anchor: Anchor) -> None:
        found = _read(anchor.certificate)
        if found is not None:
            self._anchors[found.sha256] = anchor
            self._pinned.setdefault((found.subject.key, found.spki), found)
            self._add(found)

    def _add(self, found: Certificate | None) -> None:
        if found is not None and found.sha256 not in self._own:
            self._own.add(found.sha256)
            self._subjects.setdefault(found.subject.key, []).append(found)

    def known(self, issuer: Name | None) -> list[Certificate]:
        """Certificates of the store under an issuer's name; all of them for None."""
        members = [c for group in self._subjects.values() for c in group]
        return [c for c in members if issuer is None or c.issuer.key == issuer.key]

    def anchor(self, found: Certificate) -> Anchor | None:
        """The anchor that a certificate is."""
        return self._anchors.get(found.sha256)

    def _pinned_for(self, issuer: Certificate) -> Certificate:
        """The pinned certificate of an issuer's name and key, else itself.

        An anchor made anew with its key counts, but what it may issue is as it was pinned:
        anybody can write another certificate around a public key.
        """
        if issuer.sha256 in self._anchors:
            return issuer
        return self._pinned.get((issuer.subject.key, issuer.spki), issuer)

    # -- paths -----------------------------------------------------------------------------------

    def paths(self, leaf: Certificate, extras: Sequence[Certificate] = ()) -> tuple[Path, ...]:
        """Paths of a leaf, the best first; never empty (cached)."""
        key = (leaf.sha256, frozenset(extra.sha256 for extra in extras))
        found = self._paths.get(key)
        if found is None:
            found = tuple(sorted(self._search(leaf, extras), key=_rank))
            self._paths[key] = found
            if len(self._paths) > self._cached_paths:
                self._paths.popitem(last=False)
        return found

    def _search(self, leaf: Certificate, extras: Sequence[Certificate]) -> list[Path]:
        brought: dict[object, list[Certificate]] = {}
        for extra in extras:
            brought.setdefault(extra.subject.key, []).append(extra)
        found: list[Path] = []
        stack: list[tuple[Certificate, ...]] = [(leaf,)]
        steps = 0
        while stack and steps < _MAX_STEPS and len(found) < _MAX_PATHS:
            steps += 1
            chain = stack.pop()
            end = self._end(chain)
            if end is not None:
                found.append(self._path(chain, end, brought))
                continue
            issuers = [] if len(chain) >= _MAX_LENGTH else self._issuers(chain, brought)
            if not issuers:
                found.append(self._path(chain, End.OPEN, brought))
            stack.extend((*chain, issuer) for issuer in reversed(issuers))
        return found or [self._path((leaf,), End.OPEN, brought)]

    def _end(self, chain: tuple[Certificate, ...]) -> End | None:
        if self.anchor(chain[-1]) is not None:
            return End.ANCHOR
        return End.ROOT if chain[-1].self_signed else None

    def _issuers(
        self, chain: tuple[Certificate, ...], brought: dict[object, list[Certificate]]
    ) -> list[Certificate]:
        child = chain[-1]
        known = self._subjects.get(child.issuer.key, [])
        given = map(self._pinned_for, brought.get(child.issuer.key, ()))
        candidates = dict.fromkeys((*map(self._pinned_for, known), *given))
        keys = {c.spki for c in chain}
        fitting = [
            c for c in list(candidates)[:50]
            if c.spki not in keys and child.issued_by(c)
        ]  # fmt: skip
        return sorted(fitting, key=lambda c: self.anchor(c) is None)

    def _path(
        self, chain: tuple[Certificate, ...], end: End, brought: dict[object, list[Certificate]]
    ) -> Path:
        above = chain[1:]
        checked = chain[:-1] if end is End.ANCHOR and above else chain
        given = {c.sha256 for group in brought.values() for c in group}
        return Path(
            certificates=chain,
            end=end,
            anchor=self.anchor(chain[-1]) if end is End.ANCHOR else None,
            unsupported=end is End.OPEN and not _computable(chain[-1]),
            constrained=not _may_issue(chain),
            uses=_uses(chain, end),
            completed=any(c.sha256 not in given and self.anchor(c) is None for c in above),
            begins=max(c.not_before for c in checked),
            ends=min(c.not_after for c in checked),
        )

    # -- a leaf at a time ------------------------------------------------------------------------

    def assess(
        self,
        leaf: Certificate,
        when: datetime,
        extras: Sequence[Certificate] = (),
        evidence: Evidence = Evidence(),  # noqa: B008  # frozen
        purpose: Purpose = Purpose.SIGN,
        existed: datetime | None = None,
    ) -> Assessment:
        """The best path of a leaf, with its validity and revocation at an aware time.

        `existed` is when it is proven to have existed, if that is not the same time: strength and
        an anchor's end are judged by it, since whoever can forge can claim any time.
        """
        assessments = [
            self._assess(path, when, existed or when, evidence, extras, purpose)
            for path in self.paths(leaf, extras)
        ]
        if len(assessments) == 1:
            return assessments[0]
        return min(assessments, key=lambda a: (not a.sound, not a.anchored, len(a.weak)))

    def _assess(
        self,
        path: Path,
        when: datetime,
        existed: datetime,
        evidence: Evidence,
        extras: Sequence[Certificate],
        purpose: Purpose,
    ) -> Assessment:
        state, revoked, at, informed = self._revocation(path, when, evidence, extras)
        return Assessment(
            path=path,
            usage_fits=_usage_fits(path.certificates[0], purpose),
            expired=when > path.ends,
            not_yet=when < path.begins,
            revoked=revoked,
            revocation=state,
            revoked_authority=at > 0,
            informed=informed,
            weak=self.strength.refused(path.uses, existed),
            in_period=_in_period(path.anchor, when, existed),
        )

    def _revocation(
        self, path: Path, when: datetime, evidence: Evidence, extras: Sequence[Certificate]
    ) -> tuple[State, Status | None, int, datetime | None]:
        """State over the path, the revocation found and at which certificate, and how recent the
        word on every certificate is (None: one has none).
        """
        overall, informed = State.GOOD, [_ALWAYS]
        for at, said in self._words(path, evidence, extras):
            status = said.status(when)
            if status.state is State.REVOKED:
                return State.REVOKED, status, at, status.informed
            if status.state is not State.GOOD and overall is not State.STALE:
                overall = status.state
            informed.append(status.informed or _NEVER)
        if path.end is not End.ANCHOR:
            overall = State.UNCHECKED
        return overall, None, 0, None if _NEVER in informed else min(informed)

    def _words(
        self, path: Path, evidence: Evidence, extras: Sequence[Certificate]
    ) -> tuple[tuple[int, Words], ...]:
        """What is said of each certificate that needs a word, by its place in the path (kept)."""
        key = (id(path), evidence)
        kept = self._said.get(key)
        if kept is None:
            questions = self._questions(path, evidence, extras)
            words = tuple((at, self.lists.words(asked)) for at, asked in questions)
            self._said[key] = kept = path, words  # with the path, so that its id stays its own
            if len(self._said) > _MAX_SAID:
                self._said.popitem(last=False)
        return kept[1]

    def _questions(
        self, path: Path, evidence: Evidence, extras: Sequence[Certificate]
    ) -> Iterator[tuple[int, Asked]]:
        """One for each certificate below the anchor that needs a word, with its place."""
        top = path.certificates[-1]

        def deputies(name: Name) -> list[Certificate]:
            found = path.end is End.ANCHOR
            return self._deputies(name, top, evidence, extras) if found else []

        pairs = zip(path.certificates, path.certificates[1:], strict=False)
        for at, (subject, issuer) in enumerate(pairs):
            if not _needs_no_word(subject, leaf=at == 0):
                yield at, Asked(subject, issuer, evidence, deputies)

    def _deputies(
        self, name: Name, anchor: Certificate, evidence: Evidence, extras: Sequence[Certificate]
    ) -> list[Certificate]:
        """Who may sign lists under a name though the issuer's key does not (RFC 5280 6.3.3 (f)).

        A CA's other key, or a certificate for its lists alone: said to be for lists, under the
        same anchor, and not revoked by its own issuer.
        """
        brought = [c for c in extras if c.subject.key == name.key]
        candidates = dict.fromkeys((*self._subjects.get(name.key, ()), *brought))
        return [c for c in list(candidates)[:20] if self._is_deputy(c, anchor, evidence, extras)]

    def _is_deputy(
        self,
        found: Certificate,
        anchor: Certificate,
        evidence: Evidence,
        extras: Sequence[Certificate],
    ) -> bool:
        if found.key_usage is None or CRL_SIGN not in found.key_usage:
            return False
        if found == anchor:
            return True
        for path in self.paths(found, extras):
            if path.end is End.ANCHOR and not path.constrained and path.certificates[-1] == anchor:
                pairs = zip(path.certificates, path.certificates[1:], strict=False)
                questions = [Asked(subject, issuer, evidence) for subject, issuer in pairs]
                states = [self.lists.words(q).status(found.not_before).state for q in questions]
                return State.REVOKED not in states
        return False


def _needs_no_word(subject: Certificate, *, leaf: bool) -> bool:
    """Was it issued never to be revoked: a responder, or a leaf that says so (RFC 9608)?"""
    if NO_REVOCATION in subject.extensions:
        return leaf
    if OCSP_NOCHECK not in subject.extensions:
        return False
    return OCSP_SIGNING in (subject.extended_key_usage or ())


def _read(der: bytes) -> Certificate | None:
    try:
        return certificate(der)
    except ber.Malformed:
        return None


def read_certificates(contents: Iterable[bytes]) -> list[Certificate]:
    """The certificates among some bytes; what is none is left out."""
    return [found for found in map(_read, contents) if found is not None]


def _rank(path: Path) -> tuple[int, bool, int]:
    return path.end.value, path.constrained, len(path.certificates)


def _in_period(anchor: Anchor | None, when: datetime, existed: datetime) -> bool:
    """Is an anchor trusted for a time? Its end asks when the signature existed for sure."""
    if anchor is None:
        return True
    first, last = anchor.trusted_from, anchor.trusted_until
    late = last is not None and vietnam_day(existed) > last
    return not late and (first is None or vietnam_day(when) >= first)


def _computable(found: Certificate) -> bool:
    try:
        return found.algorithm.digest is not None
    except (Unsupported, ber.Malformed):
        return False


def _uses(chain: tuple[Certificate, ...], end: End) -> frozenset[Use]:
    """Of every key, and of every signature but a root's or anchor's own on itself."""
    found: set[Use] = set()
    for at, member in enumerate(chain):
        try:
            found.add(member.key.use)
        except ber.Malformed:
            found.add(Use("rsa"))  # a key that is none is shorter than any
        if at < len(chain) - 1 or end is End.OPEN:
            found.add(member.digest_use)
    return frozenset(found)


def _may_issue(chain: tuple[Certificate, ...]) -> bool:
    """RFC 5280 6.1.4 for every issuer in a path: CA flag, length, usage, critical, names."""
    try:
        return all(_issues(chain, at) for at in range(1, len(chain))) and not _critical(chain[0])
    except (ber.Malformed, IndexError, ValueError):
        return False


def _issues(chain: tuple[Certificate, ...], at: int) -> bool:
    issuer = chain[at]
    if issuer.authority is None:
        if issuer.version == 3 or not issuer.self_issued:
            return False
    else:
        certifies, length = issuer.authority
        below = sum(not c.self_issued for c in chain[1:at])
        if not certifies or (length is not None and below > length):
            return False
    if issuer.key_usage is not None and KEY_CERT_SIGN not in issuer.key_usage:
        return False
    return not _critical(issuer) and all(permitted(issuer, c) for c in chain[:at])


def _critical(found: Certificate) -> bool:
    """Has it a critical extension that nobody here understands?"""
    return any(e.critical and oid not in KNOWN_EXTENSIONS for oid, e in found.extensions.items())


def _usage_fits(leaf: Certificate, purpose: Purpose) -> bool:
    try:
        usage, extended = leaf.key_usage, leaf.extended_key_usage
    except (ber.Malformed, IndexError):
        return False
    if usage is not None and not usage & {DIGITAL_SIGNATURE, NON_REPUDIATION}:
        return False
    if purpose is Purpose.TIMESTAMP:
        return extended is not None and _TIMESTAMPING in extended
    return extended is None or not extended <= _MACHINE_USAGES or _ANY_USAGE in extended
