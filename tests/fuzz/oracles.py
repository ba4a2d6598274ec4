"""What every verdict must hold to, whatever file it is of (docs/verify.md, ETSI EN 319 102-1)."""

import logging
import sys
import traceback
from collections.abc import Iterator

from monitor.model import (
    Binding,
    Cause,
    Finding,
    Indication,
    Integrity,
    Overall,
    Signature,
    Trust,
    Verdict,
)


class Violation(Exception):
    """A verdict or its making breaks a rule; `rule` names it, `where` tells the breaks apart."""

    def __init__(self, rule: str, where: str) -> None:
        super().__init__(f"{rule}: {where}")
        self.rule, self.where = rule, where


def walk(verdict: Verdict) -> Iterator[Verdict]:
    """A verdict and those of its parts."""
    yield verdict
    for part in verdict.parts:
        yield from walk(part)


def check(verdict: Verdict) -> None:
    """Raises `Violation` where a verdict, or that of a part, contradicts itself."""
    Verdict.model_validate_json(verdict.model_dump_json())
    for each in walk(verdict):
        _check(each)
        for signature in each.signatures:
            _check_signature(signature)


def _require(holds: bool, rule: str, verdict: Verdict | Signature) -> None:
    if not holds:
        raise Violation("verdict model", f"{rule} ({type(verdict).__name__})")


def _check(verdict: Verdict) -> None:
    counted = [signature for signature in verdict.signatures if signature.counts]
    undecided = verdict.overall is Overall.INDETERMINATE
    _require(Finding.VERIFIER_FAULT not in verdict.findings, "no fault of ours", verdict)
    _require((verdict.cause is not None) is undecided, "a cause iff indeterminate", verdict)
    if verdict.overall is Overall.VALID:
        _require(verdict.integrity is Integrity.INTACT, "valid is intact", verdict)
        _require(verdict.trust is Trust.TRUSTED, "valid is trusted", verdict)
        _require(verdict.binding in {None, Binding.OK}, "valid is bound", verdict)
        passed = all(s.indication is Indication.TOTAL_PASSED for s in counted)
        _require(passed, "valid is passed by each signature", verdict)
        parts = all(part.overall is Overall.VALID for part in verdict.parts)
        _require(bool(counted) or (bool(verdict.parts) and parts), "valid is signed", verdict)
    if verdict.overall is Overall.UNSIGNED:
        _require(not counted, "unsigned has no signature that counts", verdict)
    if not counted:
        return
    failed = any(s.indication is Indication.TOTAL_FAILED for s in counted)
    _require(not failed or verdict.overall is Overall.INVALID, "failed makes invalid", verdict)


def _check_signature(signature: Signature) -> None:
    undecided = signature.indication is Indication.INDETERMINATE
    passed = signature.indication is Indication.TOTAL_PASSED
    _require((signature.cause is not None) is undecided, "a cause iff indeterminate", signature)
    sub = signature.sub_indication
    _require(passed is (sub is None), "a sub-indication iff not passed", signature)
    if passed:
        _require(signature.integrity is Integrity.INTACT, "passed is intact", signature)
        _require(signature.trust is Trust.TRUSTED, "passed is trusted", signature)
        _require(signature.certificate_sha256 is not None, "passed has a signer", signature)
    if signature.integrity in {Integrity.MODIFIED, Integrity.DESTROYED}:
        _require(not passed and not undecided, "modified is failed", signature)
    ours = {Finding.REVOCATION_STALE, Finding.CHAIN_INCOMPLETE}
    if signature.cause is Cause.SIGNER and signature.trust is Trust.TRUSTED:
        _require(not ours & set(signature.findings), "a signer's cause is not ours", signature)


class Faults(logging.Handler):
    """Keeps where the examiner swallowed a fault of ours, which the verdict only names."""

    def __init__(self) -> None:
        super().__init__()
        self.last: str | None = None

    def emit(self, record: logging.LogRecord) -> None:
        error = sys.exc_info()[1]
        if error is not None:
            self.last = place(error)

    def take(self) -> str | None:
        last, self.last = self.last, None
        return last


def place(error: BaseException) -> str:
    """Type of an error and where it was raised: one word for all inputs that meet one fault."""
    frames = traceback.extract_tb(error.__traceback__)
    ours = [frame for frame in frames if "/monitor/" in frame.filename]
    shown = [f"{f.filename.rsplit('/', 1)[-1]}:{f.name}" for f in (*ours[-1:], *frames[-1:])]
    return f"{type(error).__name__} at {' > '.join(dict.fromkeys(shown))}"
