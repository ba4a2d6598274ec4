"""Where a message comes from: keys of its signatures, SPF of its client, alignment with its From.

What a message says of itself was computed where it was read (monitor/extract/dkim.py); here only
the names decide. What was not answered is `unknown` and may be asked for again.
"""

import asyncio
import base64
import binascii
import re
from collections.abc import Sequence
from ipaddress import ip_address

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey
from cryptography.hazmat.primitives.asymmetric.padding import PKCS1v15
from cryptography.hazmat.primitives.asymmetric.utils import Prehashed
from cryptography.hazmat.primitives.hashes import SHA256

from monitor.model import DkimResult, SpfResult
from monitor.posture.alignment import Proof, all_aligned
from monitor.posture.keys import KeyFault, KeyRecord, KeyType, read_key
from monitor.posture.labels import asked_name
from monitor.posture.model import KeyQuestion, OriginAnswer, OriginQuestion
from monitor.posture.names import Found, Kind, Names, Why
from monitor.posture.spf.evaluation import check_host

MAX_RECORDS = 4
"""Keys at one name that are tried (RFC 6376 3.6.2.2 leaves it open)."""
SPARE_SECONDS = 2.0
"""For keys that only say more about a message than decides it."""
_OF_ALGORITHM = {"rsa-sha256": KeyType.RSA, "ed25519-sha256": KeyType.ED25519}
_DOMAIN = re.compile(r"[a-z0-9_-]{1,63}(?:\.[a-z0-9_-]{1,63})+")
_BEST = (DkimResult.PASS, DkimResult.POLICY, DkimResult.FAIL, DkimResult.PERMERROR)


async def answer(names: Names, question: OriginQuestion) -> OriginAnswer:
    """What becomes of a question; never raises for what it or a name says.

    SPF is asked only for what signatures do not prove already, and where it could prove it.
    """
    authors = question.from_domains
    results = tuple(
        await asyncio.gather(*(_signature(names, each, authors) for each in question.signatures))
    )
    # A From without a domain, or with one that only looks like a name, is proven by nothing.
    if not authors or not all(map(_DOMAIN.fullmatch, authors)):
        return OriginAnswer(dkim=results)
    proofs = [
        Proof(each.domain, _holds(result))
        for each, result in zip(question.signatures, results, strict=True)
    ]
    signed = await all_aligned(names, proofs, authors, "adkim")
    if signed:
        return OriginAnswer(dkim=results, aligned_by="dkim")
    spf, sent = await _by_spf(names, question)
    return OriginAnswer(
        dkim=results,
        spf=spf,
        aligned_by="spf" if sent else None,
        unknown=not sent and (signed is None or sent is None),
    )


async def _by_spf(names: Names, question: OriginQuestion) -> tuple[SpfResult | None, bool | None]:
    """RFC 7208, for the envelope sender or, of a null one, for HELO; and whether that proves it."""
    sender = question.mail_from
    domain = asked_name(sender.rpartition("@")[2] if sender else question.helo or "")
    if question.client is None or domain is None:
        return None, False
    could = await all_aligned(names, [Proof(domain, True)], question.from_domains, "aspf")
    if could is False:
        return None, False
    local = sender.rpartition("@")[0] or "postmaster"
    found = await check_host(
        names, ip_address(question.client), domain, f"{local}@{domain}", question.helo or domain
    )
    if found.result is SpfResult.PASS:
        return found.result, could
    return found.result, None if found.result is SpfResult.TEMPERROR else False


def _holds(result: DkimResult) -> bool | None:
    return None if result is DkimResult.TEMPERROR else result is DkimResult.PASS


async def _signature(names: Names, question: KeyQuestion, authors: Sequence[str]) -> DkimResult:
    """What a key says; one that could prove no author is not waited for long: whoever adds such
    signatures may also have a server that stalls.
    """
    if any(_may_align(question.domain, author) for author in authors):
        return await _by_key(names, question)
    try:
        async with asyncio.timeout(SPARE_SECONDS):
            return await _by_key(names, question)
    except TimeoutError:
        return DkimResult.TEMPERROR


def _may_align(domain: str, author: str) -> bool:
    """May they be of one organisation? It has two labels at least."""
    return domain.split(".")[-2:] == author.split(".")[-2:]


async def _by_key(names: Names, question: KeyQuestion) -> DkimResult:
    """RFC 6376 6.1.2 and 6.1.3."""
    name = f"{question.selector}._domainkey.{question.domain}"
    found = await names.ask(name, Kind.TXT)
    if found.found is Found.UNKNOWN:
        return DkimResult.PERMERROR if found.why is Why.BAD_NAME else DkimResult.TEMPERROR
    results = {_by_record(question, read_key(text)) for text in found.records[:MAX_RECORDS]}
    return next((result for result in _BEST if result in results), DkimResult.PERMERROR)


def _by_record(question: KeyQuestion, record: KeyRecord) -> DkimResult:
    if record.key is None or set(record.faults) - {KeyFault.KEY_SHORT}:
        return DkimResult.PERMERROR
    if _OF_ALGORITHM.get(question.algorithm) is not record.type:
        return DkimResult.PERMERROR
    if record.strict and question.below:
        return DkimResult.PERMERROR
    if not _verifies(question, record):
        return DkimResult.FAIL
    # RFC 6376 3.6.1 (t=y), RFC 8301 3.2: such a signature counts as none.
    return DkimResult.POLICY if record.testing or record.faults else DkimResult.PASS


def _verifies(question: KeyQuestion, record: KeyRecord) -> bool:
    """RSASSA-PKCS1-v1_5 over the digest; Ed25519 takes the digest for the message (RFC 8463 3)."""
    try:
        signature = base64.b64decode(question.signature, validate=True)
        digest = bytes.fromhex(question.digest)
        if isinstance(record.key, Ed25519PublicKey):
            record.key.verify(signature, digest)
        elif record.key is not None:
            record.key.verify(signature, digest, PKCS1v15(), Prehashed(SHA256()))
    except (InvalidSignature, ValueError, binascii.Error):
        return False
    return True
