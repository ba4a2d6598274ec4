"""A verdict as lines a person can read."""

from collections.abc import Iterator

from monitor.clock import VIETNAM
from monitor.model import Cause, Overall, Signature, Verdict

MEANING = {
    Overall.VALID: "signed, and the signature holds",
    Overall.INVALID: "the signature does not hold",
    Overall.INDETERMINATE: "signed, but it could not be decided",
    Overall.UNSIGNED: "no trace of a signature",
    Overall.UNREADABLE: "cannot be read",
}
CAUSE = {
    Cause.OURS: "data is missing here; it is checked again when data arrives",
    Cause.SIGNER: "due to the signer's certificate or algorithm; it will not resolve",
}


def describe(verdict: Verdict, indent: str = "") -> str:
    """A short report: what is signed, by whom, when, what is wrong; parts indented below."""
    return "\n".join(indent + line for line in _lines(verdict))


def _lines(verdict: Verdict) -> Iterator[str]:
    yield f"{safe(verdict.path)}: {verdict.overall.upper()} – {MEANING[verdict.overall]}"
    facts = f"{verdict.kind}, integrity {verdict.integrity}, trust {verdict.trust}"
    yield "  " + facts + (f", binding {verdict.binding}" if verdict.binding else "")
    if verdict.cause:
        yield f"  cause: {verdict.cause} – {CAUSE[verdict.cause]}"
    for number, signature in enumerate(verdict.signatures, 1):
        yield from _signature(number, signature)
    if verdict.findings:
        yield "  findings: " + ", ".join(verdict.findings)
    for part in verdict.parts:
        yield from describe(part, "    ").splitlines()


def _signature(number: int, signature: Signature) -> Iterator[str]:
    what = signature.level or signature.format
    detail = f" / {signature.sub_indication}" if signature.sub_indication else ""
    yield f"  signature {number}: {what}: {signature.indication}{detail}"
    yield f"    by {safe(signature.signer_subject or 'an unknown signer')}"
    if signature.signing_time:
        when = signature.signing_time.astimezone(VIETNAM).strftime("%d/%m/%Y %H:%M:%S")
        yield f"    at {when} (Viet Nam), {signature.signing_time_source}"
    yield f"    covers {signature.coverage}; {signature.integrity}, {signature.trust}"
    if signature.findings:
        yield "    findings: " + ", ".join(signature.findings)


def safe(text: str) -> str:
    """Without control characters: a terminal obeys escape sequences in a hostile name."""
    return "".join(c if c.isprintable() else "\N{REPLACEMENT CHARACTER}" for c in text)
