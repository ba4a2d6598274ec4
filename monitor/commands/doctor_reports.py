"""What `congvu doctor` finds of reports: what is scheduled, closed and due, and who takes mails."""

import asyncio
from collections.abc import Iterator
from datetime import timedelta

from monitor import clock
from monitor.commands.observation import Observation
from monitor.errors import CongvuError, UserError
from monitor.observe import Observer
from monitor.record import attached
from monitor.report.delivery import relay
from monitor.report.delivery.due import Due, due
from monitor.report.delivery.handing import Result
from monitor.report.signing import key as signing_key
from monitor.settings import Settings

ENDS_SOON = timedelta(days=30)
PAGE = "docs/report-delivery.md"
STEPS = {"close": "periods to close", "write": "reports to write", "mail": "mails to send"}


def reported(settings: Settings) -> Iterator[Observation]:
    """Reports, the key that signs them, the relay that sends them."""
    yield from _due(settings)
    if settings.report_signing.key_file:
        yield from _key(settings)
    if settings.report_mail.host:
        yield _relay(settings)


def _due(settings: Settings) -> Iterator[Observation]:
    if not settings.report.close:
        seen = "none is scheduled (report.close): by command alone"
        yield Observation("reports", "ok", seen)
        return
    try:
        found = asyncio.run(_ask(settings))
    except CongvuError:
        return  # said under record
    yield judged(found, settings)


async def _ask(settings: Settings) -> Due:
    async with attached(settings, Observer()) as database, database.connection() as connection:
        return await due(connection, settings, clock.now())


def judged(found: Due, settings: Settings) -> Observation:
    """What is scheduled, what was closed last, and what is due."""
    newest = f"{found.newest.id} was closed last" if found.newest else "none was closed yet"
    seen = f"every {', '.join(settings.report.close)}; {newest}"
    waiting = [f"{number} {STEPS[stage]}" for stage, number in found.counts.items() if number]
    if not waiting:
        return Observation("reports", "ok", seen)
    advice = f"the daemon's log says why (report_failed): {PAGE}"
    refused = [each for each in found.mail if found.standing(each).result is Result.REFUSED]
    if refused:
        period = found.closings[refused[0].closing].period.id
        waiting.append(f"{len(refused)} of them refused by the relay")
        advice = f"mend the addresses in [report_mail], then congvu report send {period}"
    return Observation("reports", "look", f"{seen}; due: {', '.join(waiting)}", advice)


def _key(settings: Settings) -> Iterator[Observation]:
    try:
        key = signing_key.read(settings.report_signing)
    except UserError:
        return  # said under settings
    last = key.certificate.not_valid_after_utc
    soon = last - clock.now() < ENDS_SOON
    seen = f"certificate of {key.name} until {last:%d/%m/%Y}"
    advice = "ask its issuer for a new one, then report_signing.key_file" if soon else ""
    yield Observation("report key", "look" if soon else "ok", seen, advice)


def _relay(settings: Settings) -> Observation:
    mail = settings.report_mail
    where = f"{mail.host}:{mail.port}"
    try:
        asyncio.run(_knock(settings))
    except relay.RelayAway as error:
        return Observation("report relay", "bad", str(error), f"[report_mail]: {PAGE}")
    said = {"none": "in clear", "starttls": "by STARTTLS", "tls": "by TLS"}[mail.tls]
    login = f", logged in as {mail.username}" if mail.username else ""
    return Observation("report relay", "ok", f"{where} answers {said}{login}")


async def _knock(settings: Settings) -> None:
    async with relay.session(settings.report_mail):
        pass
