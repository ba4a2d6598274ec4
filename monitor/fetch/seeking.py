"""What signatures lack: issuers of leaf-only chains, lists and OCSP responses for their CAs.

For `congvu verify --online`. Everything asked for is named by a certificate of the signed file, so
only hosts of the list are asked. A certificate found here completes a chain and is trusted by
nobody for having been found.
"""

import hashlib
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field

from monitor import clock
from monitor.fetch.addresses import issuers_of, lists_of, responders_of
from monitor.fetch.client import Client
from monitor.fetch.findings import sift
from monitor.fetch.hosts import Failure
from monitor.fetch.wire import Answer, Outcome, Target, What
from monitor.material import reading
from monitor.material.vouching import certifies, voucher
from monitor.verify import ber
from monitor.verify.certificate import Certificate, certificate

MAX_CERTIFICATES, MAX_REQUESTS = 50, 60
_MAX_DEPTH = 6
_SHA1 = bytes.fromhex("300906052b0e03021a0500")
"""AlgorithmIdentifier."""


@dataclass
class Seeker:
    """One search; answers go out as they come."""

    client: Client
    authorities: Sequence[Certificate]
    tell: Callable[[Answer, bytes], None]
    _known: dict[str, Certificate] = field(default_factory=dict)
    _asked: set[str] = field(default_factory=set)

    async def run(self, holders: Iterable[bytes]) -> None:
        """Complete the chains of every certificate in some DER, then ask how they stand."""
        found = [c for holder in holders for c in certificates_in(holder)][:MAX_CERTIFICATES]
        self._known = {c.sha256: c for c in (*self.authorities, *found)}
        chain: dict[str, Certificate] = {}
        for member in found:
            current: Certificate | None = member
            for _ in range(_MAX_DEPTH):
                if current is None or current.sha256 in chain:
                    break
                chain[current.sha256] = current
                current = await self._issuer(current)
        for member in chain.values():
            await self._standing(member)

    async def _issuer(self, subject: Certificate) -> Certificate | None:
        if subject.self_issued:
            return None
        issuer = voucher(subject, self._known.values())
        for url in () if issuer else issuers_of(subject):
            for candidate in await self._candidates(url):
                if certifies(candidate) and subject.issued_by(candidate):
                    self._known[candidate.sha256] = issuer = candidate
                    size = len(candidate.der)
                    head = Answer(url=url, outcome=Outcome.NEW, what=What.CERTIFICATE, size=size)
                    self.tell(head, candidate.der)
        return issuer

    async def _candidates(self, url: str) -> list[Certificate]:
        body = await self._get(url)
        try:
            found = reading.read_bytes(body) if body else []
        except reading.Left:
            self.tell(Answer(url=url, outcome=Outcome.MALFORMED), b"")
            return []
        return [certificate(f.der) for f in found if f.what is reading.What.CERTIFICATE]

    async def _standing(self, subject: Certificate) -> None:
        """The lists that speak of a certificate and, for a leaf, its OCSP response."""
        issuer = None if subject.self_issued else voucher(subject, self._known.values())
        if issuer is None:
            return
        for url in lists_of(subject):
            self._sift(url, await self._get(url))
        if certifies(subject):
            return
        request = ocsp_request(subject, issuer)
        for url in responders_of(subject):
            self._sift(url, await self._get(url, request))

    def _sift(self, url: str, body: bytes | None) -> None:
        if body is None:
            return
        try:
            kept = sift(body, tuple(self._known.values()), clock.now())
        except Failure as failure:
            self.tell(Answer(url=url, outcome=failure.outcome), b"")
            return
        for what, der in kept:
            self.tell(Answer(url=url, outcome=Outcome.NEW, what=what, size=len(der)), der)

    async def _get(self, url: str, request: bytes | None = None) -> bytes | None:
        """What is at an address that may be asked and was not yet; a failure is told."""
        key = url if request is None else f"{url}#{request.hex()}"
        if key in self._asked or len(self._asked) >= MAX_REQUESTS or len(url) > 2000:
            return None
        self._asked.add(key)
        try:
            if request is None:
                return (await self.client.get(Target(url=url))).body
            return (await self.client.post(url, request)).body
        except Failure as failure:
            self.tell(Answer(url=url, outcome=failure.outcome), b"")
            return None


def certificates_in(holder: bytes) -> list[Certificate]:
    """Every certificate in a certificate, CMS or other DER, wherever it lies."""
    try:
        return [certificate(holder)]
    except ber.Malformed:
        pass
    found: dict[str, Certificate] = {}
    at = 0
    while (at := holder.find(b"\x30\x82", at)) >= 0 and len(found) < MAX_CERTIFICATES:
        try:
            one = certificate(ber.read(holder, at).raw)
            found[one.sha256] = one
            at += len(one.der)
        except ber.Malformed:
            at += 1
    return list(found.values())


def ocsp_request(subject: Certificate, issuer: Certificate) -> bytes:
    """RFC 6960 4.1.1, with SHA-1 as every responder understands it: it names, it proves nothing."""
    key = ber.bits(ber.read(issuer.spki).children[1])
    hashes = (hashlib.sha1(part, usedforsecurity=False) for part in (subject.issuer.raw, key))
    names = b"".join(ber.encode(ber.OCTET_STRING, each.digest()) for each in hashes)
    identifier = ber.encode(ber.SEQUENCE, _SHA1 + names + subject.serial_raw)
    request = ber.encode(ber.SEQUENCE, identifier)
    return ber.encode(ber.SEQUENCE, ber.encode(ber.SEQUENCE, ber.encode(ber.SEQUENCE, request)))
