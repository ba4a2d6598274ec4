"""Time-stamp tokens (RFC 3161): does the imprint fit, and does the token's own signature?"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from monitor.model import Integrity
from monitor.verify import ber
from monitor.verify.algorithms import Chunks, Unsupported, Use, compute, digest_name
from monitor.verify.certificate import Certificate
from monitor.verify.facts import Token
from monitor.verify.revocation import Evidence
from monitor.verify.signed_data import TST_INFO, SignedData, parse
from monitor.verify.signer import check


@dataclass(frozen=True, slots=True)
class TstInfo:
    digest: str
    imprint: bytes
    time: datetime


def tst_info(content: bytes) -> TstInfo:
    """TSTInfo (RFC 3161 2.4.2); raises `ber.Malformed`."""
    try:
        _, _, imprint, _, time, *_ = ber.read(content).expect(ber.SEQUENCE).children
        algorithm, hashed = imprint.children
        return TstInfo(digest_name(algorithm), ber.octets(hashed), ber.time(time))
    except (ValueError, IndexError) as error:
        raise ber.Malformed(f"no TSTInfo: {error}") from error


def token(
    content: bytes,
    stamped: Chunks,
    extras: Sequence[Certificate] = (),
    evidence: Evidence = Evidence(),  # noqa: B008  # frozen
) -> Token | None:
    """The token over some bytes, or None where it does not fit them or itself.

    `extras` and `evidence` are certificates and revocation data at hand beside the token.
    """
    try:
        data = parse(content)
        if data.content_type != TST_INFO or data.content is None or len(data.signers) != 1:
            return None
        info = tst_info(data.content)
        if compute(info.digest, stamped) != info.imprint:
            return None
        return _signed(data, info, extras, evidence)
    except (ber.Malformed, Unsupported):
        return None


def _signed(
    data: SignedData, info: TstInfo, extras: Sequence[Certificate], evidence: Evidence
) -> Token | None:
    signer = data.signers[0]
    if signer.signed_node is None or data.content is None:
        return None
    checked = check(data, signer, data.content, extras)
    if checked.integrity is not Integrity.INTACT or not checked.attributable:
        return None
    return Token(
        time=info.time,
        authority=checked.certificate,
        extras=tuple(dict.fromkeys((*data.certificates, *extras))),
        evidence=data.evidence + evidence,
        uses=checked.uses | {Use(info.digest)},
    )
