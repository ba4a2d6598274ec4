"""Verdicts for the explanations' tests, made by hand: no file is read."""

from datetime import UTC, datetime
from typing import Any

from monitor.model import (
    Coverage,
    Indication,
    Integrity,
    Kind,
    Overall,
    Signature,
    SignerKind,
    TimeSource,
    Trust,
    TrustClass,
    Verdict,
)

SIGNED = datetime(2026, 10, 1, 2, 5, tzinfo=UTC)
ENDS = datetime(2028, 10, 1, tzinfo=UTC)


def signature(**more: Any) -> Signature:
    values: dict[str, Any] = {
        "format": "PAdES",
        "level": "B-T",
        "indication": Indication.TOTAL_PASSED,
        "integrity": Integrity.INTACT,
        "trust": Trust.TRUSTED,
        "signer_name": "Sở Y tế (DEMO)",
        "signer_organisation": "Sở Y tế (DEMO)",
        "signer_emails": ("vanban@syt.demo.example",),
        "signer_kind": SignerKind.ORGANISATION,
        "signer_issuer": "CA thử nghiệm (DEMO)",
        "trust_class": TrustClass.CONG_VU,
        "certificate_sha256": "a" * 64,
        "certificate_not_after": ENDS,
        "signing_time": SIGNED,
        "signing_time_source": TimeSource.TIMESTAMP,
        "coverage": Coverage.WHOLE,
    }
    return Signature.model_validate(values | more)


def verdict(*signatures: Signature, **more: Any) -> Verdict:
    values: dict[str, Any] = {
        "path": "cong-van.pdf",
        "kind": Kind.PDF,
        "overall": Overall.VALID,
        "integrity": Integrity.INTACT,
        "trust": Trust.TRUSTED,
        "signatures": signatures,
    }
    return Verdict.model_validate(values | more)
