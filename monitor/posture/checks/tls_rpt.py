"""TLS-RPT: where others report that they could not deliver with TLS (RFC 8460 3)."""

import re

from monitor.model import Check, CheckStatus
from monitor.posture.answers import is_nearly, silent, takes_none
from monitor.posture.dmarc.uris import read_uris
from monitor.posture.model import CheckResult, Official
from monitor.posture.names import Answer, Kind, Names
from monitor.posture.results import result, seen, unanswered
from monitor.posture.tags import EXTENDED_NAME, read_tags
from monitor.posture.words import Reason

_CHECK = Check.TLS_RPT
_RECORD = re.compile(r"v=TLSRPTv1[ \t]*;")
_SCHEMES = {"mailto", "https"}


async def tls_rpt(names: Names, domain: str, official: Official) -> CheckResult:  # noqa: ARG001
    """One record that names where reports go, by mail or HTTPS."""
    exchange = await names.ask(domain, Kind.MX)
    if silent(exchange):
        return unanswered(_CHECK, exchange)
    if takes_none(exchange):
        return result(_CHECK, CheckStatus.NOT_APPLICABLE, Reason.NO_MAIL, seen(exchange))
    answer = await names.ask(f"_smtp._tls.{domain}", Kind.TXT)
    if silent(answer):
        return unanswered(_CHECK, answer)
    fault = _fault(answer)
    status = CheckStatus.FAIL if fault else CheckStatus.PASS
    return result(_CHECK, status, fault or Reason.FINE, seen(answer), name=answer.name)


def _fault(answer: Answer) -> Reason | None:
    records = [text for text in answer.records if _RECORD.match(text)]
    if not records:
        nearly = any(is_nearly(text, "TLSRPT") for text in answer.records)
        return Reason.TLS_RPT_SYNTAX if nearly else Reason.TLS_RPT_MISSING
    if len(records) > 1:
        return Reason.TLS_RPT_SEVERAL
    given = (read_tags(records[0], EXTENDED_NAME) or {}).get("rua", "")
    uris, whole = read_uris(given)
    good = all(uri.scheme in _SCHEMES and uri.size is None for uri in uris)
    # The grammar has no blanks beside this equals sign, and a URI here no size as DMARC's had.
    if not (uris and whole and good) or f"rua={given}" not in records[0]:
        return Reason.TLS_RPT_SYNTAX
    return None
