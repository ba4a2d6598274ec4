"""What several rules read out of an answer."""

import re

from monitor.posture.names import Answer, Found, Why


def silent(answer: Answer) -> bool:
    """It may still say something. Of a name that cannot be asked for, and of aliases that run in
    circles, nothing more will be heard: there is no record.
    """
    return answer.found is Found.UNKNOWN and answer.why not in {Why.BAD_NAME, Why.LOOP}


def takes_none(exchange: Answer) -> bool:
    """The null MX alone (RFC 7505 3). `exchange` is the answer of kind MX."""
    return exchange.found is Found.FOUND and [mx.host for mx in exchange.exchanges] == [""]


def sends_none(texts: Answer) -> bool:
    """SPF lets nobody send (RFC 7208 1.1.2 and 10.1.2): its only record is `v=spf1 -all`."""
    records = [" ".join(text.lower().split()) for text in texts.records]
    policies = [text for text in records if text == "v=spf1" or text.startswith("v=spf1 ")]
    return texts.found is Found.FOUND and policies == ["v=spf1 -all"]


def is_nearly(text: str, version: str) -> bool:
    """It begins as a record of that version would, but for case, blanks and quotation marks.

    Only its beginning is looked at: blanks without end are not to keep us busy.
    """
    begin = re.sub(r"[\s\"']", "", text[:80]).lower()
    return begin.startswith(f"v={version}".lower())
