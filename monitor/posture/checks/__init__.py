"""The rule of each check. A rule asks through `Names` and never raises for what it is told."""

from collections.abc import Awaitable, Callable, Mapping

from monitor.model import Check
from monitor.posture.checks.dkim_key import dkim_key
from monitor.posture.checks.dmarc import dmarc_policy, dmarc_reports, dmarc_valid
from monitor.posture.checks.dnssec import dnssec
from monitor.posture.checks.mta_sts import mta_sts
from monitor.posture.checks.mx import mx_gateway, mx_resolves
from monitor.posture.checks.resolve import names_resolve
from monitor.posture.checks.spf import spf_closed, spf_gateway, spf_valid
from monitor.posture.checks.tls_rpt import tls_rpt
from monitor.posture.model import CheckResult, Official
from monitor.posture.names import Names

Rule = Callable[[Names, str, Official], Awaitable[CheckResult]]
"""Given whom to ask, the domain (lower case A-labels) and what is official."""

CHECKS: Mapping[Check, Rule] = {
    Check.MX_GATEWAY: mx_gateway,
    Check.MX_RESOLVES: mx_resolves,
    Check.SPF_VALID: spf_valid,
    Check.SPF_CLOSED: spf_closed,
    Check.SPF_GATEWAY: spf_gateway,
    Check.DKIM_KEY: dkim_key,
    Check.DMARC_VALID: dmarc_valid,
    Check.DMARC_POLICY: dmarc_policy,
    Check.DMARC_REPORTS: dmarc_reports,
    Check.MTA_STS: mta_sts,
    Check.TLS_RPT: tls_rpt,
    Check.DNSSEC: dnssec,
    Check.NAMES_RESOLVE: names_resolve,
}
"""In the order of `Check`."""
