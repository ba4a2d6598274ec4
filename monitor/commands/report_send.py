"""`congvu report send`: a closed period by mail, to who is named in the settings."""

import asyncio
import sys
from dataclasses import dataclass
from itertools import groupby

from monitor import clock
from monitor.commands.report import period_of
from monitor.errors import UserError
from monitor.explain import safe
from monitor.measure.closing import Closing, find
from monitor.observe import Observer, configure_logging
from monitor.periods import Period
from monitor.record import Database, attached
from monitor.report.apart import export_apart
from monitor.report.delivery import Delivery, Mailing
from monitor.report.delivery.due import agencies, mails
from monitor.report.delivery.handing import (
    Handing,
    Result,
    Standing,
    attempts,
    standings,
    turn,
)
from monitor.report.delivery.relay import Answer
from monitor.settings import Settings


@dataclass(frozen=True, slots=True)
class Request:
    """What is sent, and to whom."""

    period: str
    to: str | None = None
    """One address of the settings; None is all of them."""
    again: bool = False
    """To those who have it already, too."""
    version: int | None = None


def send(request: Request, settings: Settings) -> int:
    """Send and say of each address what became of it; status 1 where one did not get its mail."""
    configure_logging("error", "console")
    if settings.report_mail.host is None:
        raise UserError("report_mail.host is not set: there is no relay to send by")
    period = period_of(request.period, settings)
    return asyncio.run(_send(request, period, settings))


async def _send(request: Request, period: Period, settings: Settings) -> int:
    async with attached(settings, Observer()) as database:
        async with database.connection() as connection:
            closing = await find(connection, period, request.version)
            if closing is None:
                which = f"version {request.version} of " if request.version else ""
                raise UserError(
                    f"there is no {which}{period.id} that is closed: `congvu report list` shows "
                    f"those that are, `congvu report close {period.id}` closes it"
                )
            names = await agencies(connection, closing.id)
            known = standings(await attempts(connection, [closing.id]))
        wanted = _wanted(request, [*mails(closing.id, settings.report_mail, names)])
        to = {each: known.get(each, Standing()) for each in wanted}
        left = {each: to[each] for each in wanted if request.again or not to[each].sent}
        for each in to.keys() - left.keys():
            _say(each, "sent before; --again sends it once more")
        return await _mail(database, settings, closing, left, dict(names))


def _wanted(request: Request, every: list[Handing]) -> list[Handing]:
    chosen = [each for each in every if request.to in (None, each.recipient)]
    if chosen:
        return chosen
    if request.to:
        raise UserError(
            f"{safe(request.to)} is to get nothing of it: name it in report_mail.recipients or, "
            "for an agency's own sheet, in report_mail.agencies"
        )
    raise UserError("nobody is to get it: fill report_mail.recipients or report_mail.agencies")


async def _mail(
    database: Database,
    settings: Settings,
    closing: Closing,
    to: dict[Handing, Standing],
    names: dict[str, str],
) -> int:
    failed = 0
    delivery = Delivery(settings, export_apart, clock.now)
    async with turn(database) as session:
        for _, group in groupby(to, key=lambda each: each.report):
            handings = list(group)
            agency = handings[0].agency
            mailing = Mailing(
                closing,
                agency,
                names[agency] if agency else "",
                {each: to[each] for each in handings},
            )
            mailed = await delivery.mail(session, mailing)
            for each in handings:
                failed += _told(each, mailed.answers.get(each))
    return 1 if failed else 0


def _told(handing: Handing, answer: Answer | None) -> bool:
    """Say what became of one mail; whether it did not go."""
    if answer is None:
        _say(handing, "not sent: the relay went away")
        return True
    _say(handing, f"{answer.result}: {answer.detail}")
    return answer.result is not Result.SENT


def _say(handing: Handing, what: str) -> None:
    sys.stdout.write(f"{safe(handing.recipient)} ({handing.report}): {safe(what)}\n")
