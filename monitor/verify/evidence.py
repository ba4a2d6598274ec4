"""What is kept of a signature so that it can be judged again without its content."""

import base64

from monitor.model import Evidence
from monitor.verify.facts import SignerFacts


def evidence_of(index: int, facts: SignerFacts) -> Evidence:
    """Evidence of the signature at an index of `Verdict.signatures`."""
    return Evidence(
        signature=index,
        cms=base64.b64encode(facts.raw),
        digest_algorithm=facts.digest_algorithm,
        content_digest=facts.content_digest,
    )
