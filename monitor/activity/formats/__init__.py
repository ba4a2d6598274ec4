"""The formats of logs: bytes in, values out. A reader opens no file and waits for nothing."""

from collections.abc import Callable

from monitor.activity.formats.dovecot import Dovecot
from monitor.activity.formats.exchange_tracking import ExchangeTracking
from monitor.activity.formats.postfix import Postfix
from monitor.activity.formats.zimbra_audit import ZimbraAudit
from monitor.activity.formats.zimbra_mailbox import ZimbraMailbox
from monitor.activity.lines import LogReader
from monitor.settings import LogSource

READERS: dict[str, Callable[[LogSource], LogReader]] = {
    "postfix": Postfix,
    "dovecot": Dovecot,
    "zimbra-audit": ZimbraAudit,
    "zimbra-mailbox": ZimbraMailbox,
    "exchange-tracking": ExchangeTracking,
}


def reader(source: LogSource) -> LogReader:
    """A reader of the source's format, at the beginning of its log."""
    return READERS[source.format](source)
