"""The sender that an Exchange journal report names, as far as it is proven.

Three things have to come together (docs/decisions/0018-journal-reports.md): the report came by
Exchange's own servers alone, Exchange took the message from somebody who had logged in, and the
sender has an address.
"""

from monitor.agencies.hops import handled_inside, is_trusted
from monitor.agencies.names import address_key
from monitor.model import ItemHeader, JournalReport
from monitor.settings import MailOrigin


def reported_sender(
    header: ItemHeader, report: JournalReport | None, source: MailOrigin
) -> str | None:
    """The author of a journaled message; None for an outsider's, and without a report."""
    if report is None or not is_submission(header, report, source):
        return None
    return address_key(report.sender)


def is_submission(header: ItemHeader, report: JournalReport, source: MailOrigin) -> bool:
    """Was the journaled message submitted to Exchange by somebody who had logged in?"""
    return report.internal and is_exchanges(header, report, source)


def is_exchanges(header: ItemHeader, report: JournalReport, source: MailOrigin) -> bool:
    """Did Exchange write this report, whoever the journaled message is from?"""
    return report.by_exchange and _came_by_own_servers(header, report, source)


def _came_by_own_servers(header: ItemHeader, report: JournalReport, source: MailOrigin) -> bool:
    """Of a report that was taken out of a mailbox at least one header has to say how it came there:
    whoever may open the mailbox may also put a message into it.
    """
    if not handled_inside(report.hops, source):
        return False
    if header.pulled:
        return bool(report.hops)
    return header.envelope is not None and is_trusted(header.envelope.peer, source)
