"""Is what came worth keeping? Only what a CA of the store answers for."""

from collections.abc import Sequence
from datetime import datetime

from monitor.fetch.hosts import Failure
from monitor.fetch.wire import Outcome, What
from monitor.material import reading
from monitor.material.lists import ForgedList, in_the_future, listed
from monitor.material.vouching import certifies, responsible, voucher
from monitor.verify.certificate import Certificate, certificate
from monitor.verify.ocsp import OcspResponse


def sift(
    body: bytes, authorities: Sequence[Certificate], now: datetime
) -> list[tuple[What, bytes]]:
    """The objects of an answer that a known CA signed; raises Failure when there are none."""
    try:
        found = reading.read_bytes(body)
    except reading.Left:
        raise Failure(Outcome.MALFORMED) from None
    kept: list[tuple[What, bytes]] = []
    refusal = Failure(Outcome.UNKNOWN_CA)
    for each in found:
        try:
            kept.append(_judged(each, authorities, now))
        except Failure as failure:
            refusal = failure
    if not kept:
        raise refusal
    return kept


def _judged(
    found: reading.Found, authorities: Sequence[Certificate], now: datetime
) -> tuple[What, bytes]:
    if found.what is reading.What.CRL:
        return What.CRL, _list(found.der, authorities, now)
    if found.what is reading.What.OCSP:
        if responsible(OcspResponse(found.der), authorities) is None:
            raise Failure(Outcome.UNKNOWN_CA)
        return What.OCSP, found.der
    known = certificate(found.der)
    if not certifies(known) or voucher(known, authorities) is None:
        raise Failure(Outcome.UNKNOWN_CA)
    return What.CERTIFICATE, known.der


def _list(der: bytes, authorities: Sequence[Certificate], now: datetime) -> bytes:
    try:
        one = listed(der, authorities)
    except ForgedList:
        raise Failure(Outcome.FORGED) from None
    if one is None or one.authority is None:
        raise Failure(Outcome.UNKNOWN_CA)
    if in_the_future(one, now):
        raise Failure(Outcome.FUTURE)
    return der
