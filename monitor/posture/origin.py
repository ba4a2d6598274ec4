"""Where a message comes from: keys of its signatures, SPF of its client, alignment with its From.

What a message says of itself was computed where it was read (monitor/extract/dkim.py); here only
the names decide. What was not answered is `unknown` and may be asked for again.
"""

import asyncio
import base64
import binascii
import re

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey
from cryptography.hazmat.primitives.asymmetric.padding import PKCS1v15
from cryptography.hazmat.primitives.asymmetric.utils import Prehashed
from cryptography.hazmat.primitives.hashes import SHA256

from monitor.model import DkimResult
from monitor.posture.alignment import Proof, all_aligned
from monitor.posture.keys import KeyFault, KeyRecord, KeyType, read_key
from monitor.posture.model import KeyQuestion, OriginAnswer, OriginQuestion
from monitor.posture.names import Found, Kind, Names, Why

MAX_RECORDS = 4
"""Keys at one name that are tried (RFC 6376 3.6.2.2 leaves it open)."""
_OF_ALGORITHM = {"rsa-sha256": KeyType.RSA, "ed25519-sha256": KeyType.ED25519}
_DOMAIN = re.compile(r"[a-z0-9_-]{1,63}(?:\.[a-z0-9_-]{1,63})+")
_BEST = (DkimResult.PASS, DkimResult.POLICY, DkimResult.FAIL, DkimResult.PERMERROR)


async def answer(names: Names, question: OriginQuestion) -> OriginAnswer:
    """What becomes of a question; never raises for what it or a name says."""
    results = await asyncio.gather(*(_signature(names, each) for each in question.signatures))
    proofs = [
        Proof(each.domain, _holds(result))
        for each, result in zip(question.signatures, results, strict=True)
    ]
    authors = question.from_domains
    # A From without a domain, or with one that only looks like a name, is proven by nothing.
    sound = bool(authors) and all(map(_DOMAIN.fullmatch, authors))
    aligned = await all_aligned(names, proofs, authors, "adkim") if sound else False
    return OriginAnswer(
        dkim=tuple(results),
        aligned_by="dkim" if aligned else None,
        unknown=aligned is None,
    )


def _holds(result: DkimResult) -> bool | None:
    return None if result is DkimResult.TEMPERROR else result is DkimResult.PASS


async def _signature(names: Names, question: KeyQuestion) -> DkimResult:
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
