"""MTA-STS as far as names show it (RFC 8461 3.1).

The policy itself is a page on the web, and no page of a domain under check is fetched: whether it
can be had and what it says is not part of this check, and the reason says so.
"""

import re

from monitor.model import Check, CheckStatus
from monitor.posture.answers import is_nearly, silent, takes_none
from monitor.posture.model import CheckResult, Official
from monitor.posture.names import Answer, Found, Kind, Names
from monitor.posture.results import result, seen, unanswered
from monitor.posture.tags import EXTENDED_NAME, read_tags
from monitor.posture.words import Reason

_CHECK = Check.MTA_STS
_RECORD = re.compile(r"v=STSv1[ \t]*;")
"""Records that do not start so are not counted (RFC 8461 3.1)."""
_ID = re.compile(r"[A-Za-z0-9]{1,32}")


async def mta_sts(names: Names, domain: str, official: Official) -> CheckResult:  # noqa: ARG001
    """One record with an `id`, and a host that the policy could be had from."""
    exchange = await names.ask(domain, Kind.MX)
    if silent(exchange):
        return unanswered(_CHECK, exchange)
    if takes_none(exchange):
        return result(_CHECK, CheckStatus.NOT_APPLICABLE, Reason.NO_MAIL, seen(exchange))
    answer = await names.ask(f"_mta-sts.{domain}", Kind.TXT)
    if silent(answer):
        return unanswered(_CHECK, answer)
    if fault := _fault(answer):
        return _failed(fault, answer)
    return await _host(names, domain, answer)


def _fault(answer: Answer) -> Reason | None:
    records = [text for text in answer.records if _RECORD.match(text)]
    if not records:
        nearly = any(is_nearly(text, "STS") for text in answer.records)
        return Reason.MTA_STS_SYNTAX if nearly else Reason.MTA_STS_MISSING
    if len(records) > 1:
        return Reason.MTA_STS_SEVERAL
    tags = read_tags(records[0], EXTENDED_NAME)
    given = (tags or {}).get("id", "")
    # The grammar has no blanks beside this equals sign.
    if _ID.fullmatch(given) is None or f"id={given}" not in records[0]:
        return Reason.MTA_STS_SYNTAX
    return None


async def _host(names: Names, domain: str, answer: Answer) -> CheckResult:
    host = f"mta-sts.{domain}"
    addresses = [await names.ask(host, Kind.A), await names.ask(host, Kind.AAAA)]
    if any(each.found is Found.FOUND for each in addresses):
        return result(
            _CHECK, CheckStatus.PASS, Reason.MTA_STS_RECORD, seen(answer, *addresses), host=host
        )
    for each in addresses:
        if silent(each):
            return unanswered(_CHECK, each)
    return _failed(Reason.MTA_STS_HOST, answer, *addresses, host=host)


def _failed(reason: Reason, *answers: Answer, **facts: object) -> CheckResult:
    return result(_CHECK, CheckStatus.FAIL, reason, seen(*answers), name=answers[0].name, **facts)
