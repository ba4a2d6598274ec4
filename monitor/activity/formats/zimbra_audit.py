"""Zimbra's audit.log (8 to 10): who logged in, and by what.

A line is `2015-12-05 18:47:36,435 INFO  [thread] [name=…;oip=…;ua=…;] security - cmd=Auth;
account=…; protocol=soap;`; a failure is a WARN that ends in `error=…;`. Thread and context hold
text that clients choose (their `ua`), but Zimbra doubles every `;` in a value: only a line that is
a success to its very end counts.

The password of somebody who sends by SMTP is checked by SOAP as well (Postfix asks saslauthd, and
that asks mailboxd): such a line says `oproto=smtp`, comes to port 7073, or goes to the
administration's path by a client without a name. It is no login to web mail. `AdminAuth` is written
before the password is looked at and proves nothing; the `Auth` after it does.
"""

import re
from datetime import datetime
from functools import lru_cache
from zoneinfo import ZoneInfo

from monitor.activity.formats.addresses import Addresses
from monitor.activity.formats.blocks import Forgetful, line_count
from monitor.activity.formats.stamps import Days
from monitor.activity.formats.web_clients import client_of, is_web_client
from monitor.activity.lines import Found
from monitor.model import ActivityKind
from monitor.settings import LogSource

_LINE = re.compile(
    rb"(\d{4}-\d\d-\d\d \d\d:\d\d):\d\d,\d{3} (?:"
    rb"INFO {1,2}\[([^\]\n]*)\] (?:\[([^\n]*?)\] )?security - cmd=(?:"
    rb"Auth; account=([^;\s]{1,330}); protocol=(\w{1,30});(?: (?!error=)\w{1,30}=[^;\n]{0,400};)*"
    rb"\s*?(?=\n|\Z)(?P<auth>)"
    rb"|PreAuth; account=([^;\s]{1,330}); admin=\w{1,5};\s*?(?=\n|\Z)(?P<portal>))"
    rb"|[A-Z]{4,5} {1,2}\[[^\]\n]*\] (?:\[[^\n]*?\] )?security - cmd=(?:"
    rb"Auth; [^\n]{0,2000}?error=(?P<failure>)"
    rb"|(?:Auth|PreAuth);(?=[ \r\n]|\Z)(?P<odd>)"
    rb"|\w{1,40};(?=[ \r\n]|\Z)(?P<other>))"
    rb"|(?P<unknown>))[^\n]*\n?"
    rb"|[^\n]*\n|[^\n]+"
)
_MINUTE, _THREAD, _CONTEXT, _ACCOUNT, _PROTOCOL = range(1, 6)
_PORTAL_ACCOUNT = 7
_SMTP = re.compile(rb":7073/|/service/admin/soap/?$")

_KINDS = {
    b"imap": ActivityKind.IMAP,
    b"pop3": ActivityKind.POP,
    b"zsync": ActivityKind.SYNC,
    b"http_dav": ActivityKind.SYNC,
    b"dav": ActivityKind.SYNC,
    b"http_basic": ActivityKind.SYNC,
    b"im": ActivityKind.SYNC,
    b"spnego": ActivityKind.LOGIN,
    b"client_certificate": ActivityKind.LOGIN,
}
"""`AuthContext.Protocol` of Zimbra but `soap`, which several kinds of clients speak."""


class ZimbraAudit(Forgetful):
    """Reads audit.log; every line stands for itself."""

    def __init__(self, source: LogSource) -> None:
        self._zone = ZoneInfo(source.timezone)
        self._addresses = Addresses(source.encoding)

    def read(self, block: bytes, written_at: datetime) -> Found:
        """Who logged in."""
        found = Found(lines=line_count(block))
        days = Days(self._zone, written_at)
        for line in _LINE.finditer(block):
            said = line.lastgroup
            if said == "auth":
                self._note(line, _ACCOUNT, _auth_kind(line), days, found)
            elif said == "failure":
                found.failures += 1
            elif said == "portal":
                self._note(line, _PORTAL_ACCOUNT, _portal_kind(line), days, found)
            elif said in _UNKNOWN:
                found.unknown += 1
        days.see_last(block)
        found.newest = days.newest(block)
        return found

    def _note(
        self,
        line: re.Match[bytes],
        account: int,
        kind: ActivityKind | None,
        days: Days,
        found: Found,
    ) -> None:
        if kind is None:
            return
        address, day = self._addresses[line[account]], days[line[_MINUTE]]
        if address and day:
            found.add(address, day, kind)
        elif b"@" in line[account]:
            found.unknown += 1


_UNKNOWN = frozenset(("unknown", "odd"))


def _auth_kind(line: re.Match[bytes]) -> ActivityKind | None:
    """What logs in by `Auth`; None is nobody: somebody else in that mailbox, or a tool."""
    context = line[_CONTEXT] or b""
    if b";aname=" in context:
        return None
    if line[_PROTOCOL] != b"soap":
        return _KINDS.get(line[_PROTOCOL])
    is_smtp = b";oproto=smtp;" in context
    return _soap_kind(client_of(context), is_smtp, bool(_SMTP.search(line[_THREAD])))


def _portal_kind(line: re.Match[bytes]) -> ActivityKind:
    """A portal's page sends a browser; the same key also opens mailboxes to gateways of phones."""
    is_browser = b"/service/preauth" in line[_THREAD]
    if is_browser or is_web_client(client_of(line[_CONTEXT] or b"")):
        return ActivityKind.LOGIN
    return ActivityKind.SYNC


@lru_cache(maxsize=4096)
def _soap_kind(client: bytes, is_smtp: bool, is_password_check: bool) -> ActivityKind | None:
    if is_smtp or (is_password_check and not client):
        return ActivityKind.SUBMISSION
    if is_web_client(client):
        return ActivityKind.LOGIN
    if client.startswith(_TOOLS):
        return None
    return ActivityKind.SYNC


_TOOLS = (b"zmprov/", b"zmmailbox/", b"zmsoap", b"zmmeta", b"zmgsautil", b"zmlogin")
"""The server's own command-line programs, run by administrators and by cron."""
