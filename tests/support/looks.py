"""Looks at mail domains without anybody being asked."""

from collections.abc import Mapping
from datetime import datetime

from monitor.model import Check, CheckStatus
from monitor.posture.model import CheckResult, DomainPosture
from monitor.posture.words import Reason

PASS, FAIL = CheckStatus.PASS, CheckStatus.FAIL
NOT_APPLICABLE, UNKNOWN = CheckStatus.NOT_APPLICABLE, CheckStatus.UNKNOWN
REASONS = {
    PASS: Reason.FINE,
    FAIL: Reason.NO_DOMAIN,
    NOT_APPLICABLE: Reason.NO_MAIL,
    UNKNOWN: Reason.UNANSWERED,
}


def look(
    domain: str,
    at: datetime,
    otherwise: CheckStatus = PASS,
    because: Reason | None = None,
    /,
    **said: CheckStatus,
) -> DomainPosture:
    """A look at which every check came to `otherwise`, but for those that are named."""
    statuses: Mapping[str, CheckStatus] = said
    return DomainPosture(
        domain=domain,
        checked_at=at,
        questions=7,
        results=tuple(
            _result(check, statuses.get(check.value, otherwise), domain, because) for check in Check
        ),
    )


def _result(check: Check, status: CheckStatus, domain: str, because: Reason | None) -> CheckResult:
    return CheckResult(
        check=check,
        status=status,
        reason=because or REASONS[status],
        facts={"domain": domain},
        evidence=(f"{domain} TXT {status.value}",),
    )
