"""What is kept of a signature so that it can be judged again without its content."""

from monitor.model import Evidence
from monitor.verify.facts import SignerFacts


def evidence_of(index: int, facts: SignerFacts) -> Evidence:
    """Evidence of the signature at an index of `Verdict.signatures`."""
    return Evidence.model_construct(  # its own bytes: to validate them is to encode and decode
        signature=index,
        cms=facts.raw,
        digest_algorithm=facts.digest_algorithm,
        content_digest=facts.content_digest,
    )
