"""What `congvu check-config` finds of reports: their folder, key, relay and addresses."""

import os
from collections.abc import Collection, Iterator

from monitor import clock
from monitor.errors import UserError
from monitor.report.delivery import folder_of, relay
from monitor.report.delivery.letter import ADDRESS
from monitor.report.signing import key as signing_key
from monitor.settings import ReportMailSettings, Settings


def report_problems(loaded: Settings) -> Iterator[str]:
    """Problems of `[report]`, `[report_signing]` and `[report_mail]`; nobody is connected to."""
    if loaded.report.close:
        yield from _folder(loaded)
    if loaded.report_signing.key_file:
        yield from _key(loaded)
    yield from _mail(loaded.report_mail)


def unknown_in_mails(loaded: Settings, known: Collection[str]) -> Iterator[str]:
    """Codes that no agency of the registry has ever had."""
    for code in loaded.report_mail.agencies:
        if code not in known:
            yield f"report_mail.agencies: agency {code} is not in {loaded.agencies.registry}"


def _folder(loaded: Settings) -> Iterator[str]:
    folder = folder_of(loaded)
    there = next(each for each in (folder, *folder.absolute().parents) if each.exists())
    if not there.is_dir():
        yield f"report.folder: {there} is not a folder"
    elif loaded.report.folder and not os.access(there, os.W_OK | os.X_OK):
        yield f"report.folder: {there} cannot be written to by this account: chown it to congvu's"


def _key(loaded: Settings) -> Iterator[str]:
    try:
        signing_key.read(loaded.report_signing).check(clock.now())
    except UserError as error:
        yield str(error)


def _mail(mail: ReportMailSettings) -> Iterator[str]:
    to = (*mail.recipients, *(each for some in mail.agencies.values() for each in some))
    for address in filter(None, (mail.sender, *to)):
        if not ADDRESS.fullmatch(address):
            yield f"report_mail: {address!r} is no plain mail address (name@host, ASCII)"
    if mail.host is None:
        if to:
            yield "report_mail: recipients need host: without it nothing is sent"
        return
    if not to:
        yield "report_mail: host is set and nobody is to get anything: fill recipients or agencies"
    if bool(mail.username) != bool(mail.password):
        yield "report_mail: username and password go together (CONGVU_REPORT_MAIL__PASSWORD)"
    try:
        relay.trusting(mail)
    except UserError as error:
        yield str(error)
