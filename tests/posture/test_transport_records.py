"""MTA-STS and TLS-RPT: records present and well-formed, and nothing fetched."""

import pytest

from monitor.model import Check, CheckStatus
from monitor.posture.checks.mta_sts import mta_sts
from monitor.posture.checks.tls_rpt import tls_rpt
from monitor.posture.model import Official
from monitor.posture.names import Why
from monitor.posture.words import Reason
from tests.posture.zones import Zone

PASS, FAIL = CheckStatus.PASS, CheckStatus.FAIL
NOT_APPLICABLE, UNKNOWN = CheckStatus.NOT_APPLICABLE, CheckStatus.UNKNOWN
HOST = {"mta-sts.x.vn": {"A": ["192.0.2.1"]}}
MAIL = {"x.vn": {"MX": ["1 mx.x.vn"]}}


def sts(*texts: str, host: bool = True) -> Zone:
    return Zone(MAIL | {"_mta-sts.x.vn": {"TXT": list(texts)}} | (HOST if host else {}))


@pytest.mark.parametrize(
    ("zone", "status", "reason"),
    [
        (sts("v=STSv1; id=20261122T1600;"), PASS, Reason.MTA_STS_RECORD),
        (sts("v=STSv1;id=1", "other text"), PASS, Reason.MTA_STS_RECORD),
        (sts("v=STSv1; id=1; ext=2"), PASS, Reason.MTA_STS_RECORD),
        (sts("v=STSv1; x-own.Note_1=a; 3d=b; id=1"), PASS, Reason.MTA_STS_RECORD),
        (sts("v=STSv1; id=1; -x=a"), FAIL, Reason.MTA_STS_SYNTAX),
        (sts("v=STSv1; id = 1"), FAIL, Reason.MTA_STS_SYNTAX),
        (sts("v=STSv1; id=1;; a=b"), FAIL, Reason.MTA_STS_SYNTAX),
        (sts(), FAIL, Reason.MTA_STS_MISSING),
        (sts("other text"), FAIL, Reason.MTA_STS_MISSING),
        (sts("v=STSv1; id=1;", "v=STSv1; id=2;"), FAIL, Reason.MTA_STS_SEVERAL),
        (sts("v=stsv1; id=1;"), FAIL, Reason.MTA_STS_SYNTAX),
        (sts("v=STSv1"), FAIL, Reason.MTA_STS_SYNTAX),
        (sts("v=STSv1;"), FAIL, Reason.MTA_STS_SYNTAX),
        (sts("v=STSv1; id=2026-11-22;"), FAIL, Reason.MTA_STS_SYNTAX),
        (sts(f"v=STSv1; id={'1' * 33};"), FAIL, Reason.MTA_STS_SYNTAX),
        (sts("v=STSv1; id=1; id=2;"), FAIL, Reason.MTA_STS_SYNTAX),
        (sts("v=STSv1; id=1;", host=False), FAIL, Reason.MTA_STS_HOST),
        (Zone({"x.vn": {"MX": ["0 ."]}}), NOT_APPLICABLE, Reason.NO_MAIL),
        (Zone(unknown={"x.vn": Why.TIMEOUT}), UNKNOWN, Reason.UNANSWERED),
        (Zone(MAIL, unknown={"_mta-sts.x.vn": Why.TIMEOUT}), UNKNOWN, Reason.UNANSWERED),
        (
            Zone(
                MAIL | {"_mta-sts.x.vn": {"TXT": ["v=STSv1; id=1"]}},
                unknown={"mta-sts.x.vn": Why.SERVFAIL},
            ),
            UNKNOWN, Reason.UNANSWERED,
        ),
    ],
)  # fmt: skip
async def test_mta_sts_by_its_record_and_its_host(
    zone: Zone, status: CheckStatus, reason: Reason
) -> None:
    result = await mta_sts(zone, "x.vn", Official())
    assert (result.check, result.status, result.reason) == (Check.MTA_STS, status, reason)


def rpt(*texts: str) -> Zone:
    return Zone(MAIL | {"_smtp._tls.x.vn": {"TXT": list(texts)}})


@pytest.mark.parametrize(
    ("zone", "status", "reason"),
    [
        (rpt("v=TLSRPTv1; rua=mailto:a@x.vn"), PASS, Reason.FINE),
        (rpt("v=TLSRPTv1;rua=https://x.vn/r,mailto:a@x.vn;ext=1"), PASS, Reason.FINE),
        (rpt("v=TLSRPTv1; x-own.1=a; rua=mailto:a@x.vn"), PASS, Reason.FINE),
        (rpt("v=TLSRPTv1; rua=mailto:a@x.vn", "other"), PASS, Reason.FINE),
        (rpt("v=TLSRPTv1; rua=mailto:a@x.vn!10m"), FAIL, Reason.TLS_RPT_SYNTAX),
        (rpt("v=TLSRPTv1; rua = mailto:a@x.vn"), FAIL, Reason.TLS_RPT_SYNTAX),
        (rpt(), FAIL, Reason.TLS_RPT_MISSING),
        (rpt("v=TLSRPTv1; rua=mailto:a@x.vn", "v=TLSRPTv1;"), FAIL, Reason.TLS_RPT_SEVERAL),
        (rpt("v=TLSRPTv1;"), FAIL, Reason.TLS_RPT_SYNTAX),
        (rpt("v=TLSRPTv1"), FAIL, Reason.TLS_RPT_SYNTAX),
        (rpt("v=tlsrptv1; rua=mailto:a@x.vn"), FAIL, Reason.TLS_RPT_SYNTAX),
        (rpt("v=TLSRPTv1; rua=a@x.vn"), FAIL, Reason.TLS_RPT_SYNTAX),
        (rpt("v=TLSRPTv1; rua=ftp://x.vn"), FAIL, Reason.TLS_RPT_SYNTAX),
        (rpt("v=TLSRPTv1; rua=mailto:a@x.vn; rua=mailto:b@x.vn"), FAIL, Reason.TLS_RPT_SYNTAX),
        (Zone({"x.vn": {"MX": ["0 ."]}}), NOT_APPLICABLE, Reason.NO_MAIL),
        (Zone(unknown={"x.vn": Why.REFUSED}), UNKNOWN, Reason.UNANSWERED),
        (Zone(MAIL, unknown={"_smtp._tls.x.vn": Why.REFUSED}), UNKNOWN, Reason.UNANSWERED),
    ],
)
async def test_tls_rpt_by_its_record(zone: Zone, status: CheckStatus, reason: Reason) -> None:
    result = await tls_rpt(zone, "x.vn", Official())
    assert (result.check, result.status, result.reason) == (Check.TLS_RPT, status, reason)


async def test_the_policy_is_said_to_be_unseen_and_only_names_were_asked() -> None:
    zone = sts("v=STSv1; id=1;")
    result = await mta_sts(zone, "x.vn", Official())
    assert result.facts["host"] == "mta-sts.x.vn"
    assert {name for name, _ in zone.asked} == {"x.vn", "_mta-sts.x.vn", "mta-sts.x.vn"}
