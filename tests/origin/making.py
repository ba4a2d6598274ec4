"""Messages from outside on their way through the daemon, and answers out of a zone."""

import asyncio
from datetime import timedelta
from typing import Any

from monitor.agencies.origin import Asking
from monitor.extract.mail import read_mail
from monitor.model import Attribution, Direction, Examined, ItemHeader, Limits, Origin, Outcome
from monitor.posture.model import OriginAnswer, OriginQuestion
from monitor.posture.names import Names
from monitor.posture.origin import answer
from tests.support.dkim_mails import LETTER, SigningKey
from tests.support.outcomes import MONDAY, mail

DOMAIN = "so.tinh.example"
KEY = SigningKey.rsa()
SIGNED = KEY.sign(LETTER, DOMAIN, "mail")
LATER = MONDAY + timedelta(minutes=5)


class Answering:
    """Answers from a zone, when it is let: as `Desk` does."""

    def __init__(self, names: Names) -> None:
        self.names = names
        self.open = asyncio.Event()
        self.open.set()
        self.asked: list[OriginQuestion] = []

    async def origin(self, question: OriginQuestion) -> OriginAnswer:
        self.asked.append(question)
        await self.open.wait()
        return await answer(self.names, question)


def from_outside(
    name: str, raw: bytes = SIGNED, *, claimed: str | None = "so-mot", **more: Any
) -> Outcome:
    """A message as `attribute` gives it: nobody has asked yet where it comes from."""
    bears = read_mail(raw, None, Limits()).facts.dkim
    made = mail(
        name, sender_agency=None, direction=Direction.IN,
        facts={"dkim": bears, "from_addresses": (f"van.thu@{DOMAIN}",)}, **more,
    )  # fmt: skip
    attribution = made.attribution.model_copy(
        update={"origin": Origin.UNKNOWN, "claimed_agency": claimed}
    )
    return made.model_copy(update={"attribution": attribution})


def find(header: ItemHeader, examined: Examined, attribution: Attribution) -> Asking | None:
    """What the registry would have asked: no client is known, and SPF could prove nothing."""
    if attribution.origin is not Origin.UNKNOWN or examined.mail is None:
        return None
    signatures = examined.mail.dkim
    return Asking(
        signatures=signatures,
        decided=tuple(None for _ in signatures),
        from_domains=(DOMAIN,),
        client=None,
        helo=None,
        mail_from="tra-lai@khac.example",
        entered_at=header.received_at,
        whole=True,
    )
