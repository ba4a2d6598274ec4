"""Zimbra's mailbox.log (8 to 10): what mailboxd did, and for whom.

A line is `2019-08-26 06:46:36,965 INFO  [thread] [name=…;aname=…;ip=…;ua=…;] soap - …`; exceptions
go on over many lines. `name` is the mailbox that is worked on, `aname` who does it if that is
somebody else (an administrator, a secretary): that person is the active one. Both come first in the
context; what follows them there, and in threads, is text that clients choose, before any password
is checked: only what the context's closing bracket does not follow is Zimbra's own words.

Who is proven active, and by which lines:

- `smtp - Sending message to MTA …: Message-ID=<…>` from a thread of the web server: a mail sent by
  a person, by web mail, ActiveSync or EWS. From a thread of deliveries or timers, or with a
  `reason=`, it is a redirect, a notice or an answer that mailboxd makes by itself.
- `imap|pop - user … authenticated`, and `sync -` and `dav -` for somebody: programs.
- `soap - GetInfoRequest …` of the web client, which it asks when it is opened, and requests that
  only a person's hand makes: an interactive session. `AuthRequest` proves nothing, for it is
  written for wrong passwords too; who logged in is what audit.log knows.
"""

import re
from datetime import datetime
from zoneinfo import ZoneInfo

from monitor.activity.formats.addresses import Addresses, bare_id
from monitor.activity.formats.blocks import Forgetful, line_count
from monitor.activity.formats.stamps import Days
from monitor.activity.formats.web_clients import client_of, is_web_client
from monitor.activity.lines import Found
from monitor.model import ActivityKind
from monitor.settings import LogSource

_REQUESTS = (
    rb"GetInfo|GetMsg|GetConv|SearchConv|SendMsg|SaveDraft|MsgAction|ConvAction|CreateAppointment"
    rb"|ModifyAppointment|SendInviteReply|ModifyPrefs|ChangePassword"
)
_LINE = re.compile(
    rb"(\d{4}-\d\d-\d\d \d\d:\d\d):\d\d,\d{3} {1,2}[A-Z]{4,5} {1,2}(?:"
    rb"\[([^\]\n]{0,4000})\] "
    rb"\[(?:name=([^;\]\n]{1,330});)?(?:aname=([^;\]\n]{1,330});)?([^\n]*?)\] (?:"
    rb"smtp - Sending message to MTA at [^:\n]{1,300}: ?Message-ID=([^,\]\n]{0,998}+(?:\]>)?+)"
    rb"([^\]\n]*+)(?=\n|\Z)(?P<sent>)"
    rb"|(imap|pop3?) - user ([^\s;]{1,330}) authenticated, mechanism=[\w-]{1,30} ?(?:\[TLS\])?"
    rb"\s*?(?=\n|\Z)(?P<program>)"
    rb"|(?:sync|dav) - (?P<sync>)"
    rb"|soap - (?:\(batch\) )?(?:" + _REQUESTS + rb")Request elapsed=\d+\s*?(?=\n|\Z)(?P<request>)"
    rb"|mailbox - outofoffice sent (?P<automatic>)"
    rb"|(?:imap|pop3?|SoapEngine) - (?:handler exception: )?authentication failed(?P<failure>)"
    rb"|[\w.$-]{1,60} - (?P<nothing>)"
    rb")|(?P<unknown>)"
    rb")[^\n]*\n?"
    rb"|[^\n]*\n|[^\n]+"
)
_MINUTE, _THREAD, _NAME, _DOER, _CONTEXT, _MESSAGE_ID, _REST = range(1, 8)
_PROTOCOL, _USER = 9, 10
_WEB_THREADS = (b"qtp", b"btpool", b"http")


class ZimbraMailbox(Forgetful):
    """Reads mailbox.log; every line stands for itself."""

    def __init__(self, source: LogSource) -> None:
        self._zone = ZoneInfo(source.timezone)
        self._addresses = Addresses(source.encoding)

    def read(self, block: bytes, written_at: datetime) -> Found:
        """Who sent, and who was there."""
        found = Found(lines=line_count(block))
        days = Days(self._zone, written_at)
        for line in _LINE.finditer(block):
            said = line.lastgroup
            if said is None or said == "nothing":
                continue
            if said == "failure":
                found.failures += 1
            elif said == "unknown":
                found.unknown += 1
            elif kind := _kind(line, said):
                self._note(line, kind, days, found)
        days.see_last(block)
        found.newest = days.newest(block)
        return found

    def _note(self, line: re.Match[bytes], kind: ActivityKind, days: Days, found: Found) -> None:
        who = line[_DOER] or line[_USER] or line[_NAME]
        if who is None:
            return
        address, day = self._addresses[who], days[line[_MINUTE]]
        if not address or not day:
            found.unknown += b"@" in who
            return
        found.add(address, day, kind)
        if kind is ActivityKind.SENT and (message_id := bare_id(line[_MESSAGE_ID])):
            found.add_sent(message_id, address, day)


def _kind(line: re.Match[bytes], said: str) -> ActivityKind | None:
    if said == "sent":
        is_person = line[_THREAD].startswith(_WEB_THREADS) and b", reason=" not in line[_REST]
        return ActivityKind.SENT if is_person else ActivityKind.AUTOMATIC
    if said == "program":
        return ActivityKind.IMAP if line[_PROTOCOL] == b"imap" else ActivityKind.POP
    if said == "request":
        return ActivityKind.LOGIN if is_web_client(client_of(line[_CONTEXT])) else None
    return _KINDS[said]


_KINDS = {"sync": ActivityKind.SYNC, "automatic": ActivityKind.AUTOMATIC}
