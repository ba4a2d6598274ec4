"""OCSP responses (RFC 6960): about which certificates, by whom, and what they say."""

import functools
from collections.abc import Sequence
from datetime import datetime

from monitor.verify import ber
from monitor.verify.algorithms import compute
from monitor.verify.certificate import OCSP_SIGNING, Certificate, certificate
from monitor.verify.crl import Statement, signed_by

_BASIC = "1.3.6.1.5.5.7.48.1.1"
_DIGESTS = {
    "1.3.14.3.2.26": "sha1",
    "2.16.840.1.101.3.4.2.1": "sha256",
    "2.16.840.1.101.3.4.2.2": "sha384",
    "2.16.840.1.101.3.4.2.3": "sha512",
}


class OcspResponse:
    """A signed OCSP response; `content` is an OCSPResponse or a BasicOCSPResponse.

    A nonce is not asked for: responses are kept and passed on, freshness is judged by their dates.
    """

    def __init__(self, content: bytes) -> None:
        outer = ber.read(content).expect(ber.SEQUENCE)
        if outer.children[0].tag == ber.ENUMERATED:
            if ber.integer(outer.children[0]) != 0:
                raise ber.Malformed("no successful response")
            kind, basic = outer.children[1].children[0].children
            if ber.oid(kind) != _BASIC:
                raise ber.Malformed("no basic response")
            outer = ber.read(ber.octets(basic)).expect(ber.SEQUENCE)
        tbs, algorithm, signature, *rest = outer.children
        self._tbs, self._algorithm, self._signature = tbs, algorithm, ber.bits(signature)
        self.certificates = [
            certificate(child.raw) for node in rest if node.tag == 0xA0
            for child in node.children[0].children
        ]  # fmt: skip
        fields = [f for f in tbs.children if f.tag != 0xA0]
        self.produced_at = ber.time(fields[1])
        self._responses = fields[2].children

    @functools.cached_property
    def serials(self) -> tuple[bytes, ...]:
        """Serial numbers, as encoded, of the certificates it speaks of."""
        return tuple(single.children[0].children[3].raw for single in self._responses)

    def statement(self, subject: Certificate, issuer: Certificate) -> Statement | None:
        """What the response says of a certificate, once its signer is entitled to say so."""
        for single in self._responses:
            fields = single.children
            if not _concerns(fields[0], subject, issuer):
                continue
            if not self.signed_by(issuer):
                return None
            return _single(fields)
        return None

    def signed_by(self, issuer: Certificate) -> bool:
        """Is it signed by the issuer, or by a responder that the issuer entitled?"""
        return self.signer(issuer) is not None

    def signer(self, issuer: Certificate) -> Certificate | None:
        """The issuer, or the responder that it entitled, whose key fits the signature."""
        return next(
            (
                c for c in (issuer, *self.certificates)
                if self._entitled(c, issuer)
                and signed_by(c, self._algorithm, self._tbs.raw, self._signature)
            ),
            None,
        )  # fmt: skip

    def _entitled(self, responder: Certificate, issuer: Certificate) -> bool:
        """RFC 6960 4.2.2.2: the issuer itself, or issued by it directly for this purpose."""
        if responder == issuer or responder.spki == issuer.spki:
            return True
        return (
            responder.issuer.key == issuer.subject.key
            and OCSP_SIGNING in (responder.extended_key_usage or ())
            and responder.not_before <= self.produced_at <= responder.not_after
            and responder.issued_by(issuer)
        )


def _concerns(identifier: ber.Node, subject: Certificate, issuer: Certificate) -> bool:
    """CertID (RFC 6960 4.1.1): hashes of the issuer's name and key, and the serial number."""
    algorithm, name, key, serial = identifier.children
    if serial.raw != subject.serial_raw:
        return False
    digest = _DIGESTS.get(ber.oid(algorithm.children[0]))
    if digest is None:
        return False
    bits = ber.bits(ber.read(issuer.spki).children[1])
    names = {compute(digest, issuer.subject.raw), compute(digest, subject.issuer.raw)}
    return name.content in names and key.content == compute(digest, bits)


def _single(fields: Sequence[ber.Node]) -> Statement | None:
    """SingleResponse: good [0], revoked [1], unknown [2]."""
    state, this_update = fields[1], ber.time(fields[2])
    after = [ber.time(f.children[0]) for f in fields[3:] if f.tag == 0xA0]
    next_update: datetime | None = after[0] if after else None
    if state.tag & 0x1F == 0:
        return Statement(this_update, next_update)
    if state.tag & 0x1F == 1:
        reason = [ber.integer(f.children[0]) for f in state.children[1:] if f.tag == 0xA0]
        revoked_at = ber.time(state.children[0])
        return Statement(
            this_update, next_update, revoked_at, reason[0] if reason else None, proves_good=False
        )
    return None


@functools.lru_cache(maxsize=256)
def read_response(content: bytes) -> OcspResponse | None:
    """The response of these bytes, read once; None for what is none."""
    try:
        return OcspResponse(content)
    except (ber.Malformed, IndexError, ValueError):
        return None
