"""Zimbra's audit.log (8 to 10): who logged in, and by what.

A line is `2015-12-05 18:47:36,435 INFO  [thread] [name=…;oip=…;ua=…;] security - cmd=Auth;
account=…; protocol=soap;`; a failure is a WARN that ends in `error=…;`. Thread and context hold
text that clients choose (their `ua`), but Zimbra doubles every `;` in a value: only a line that is
a success to its very end counts.

The password of somebody who sends by SMTP is checked by SOAP as well (Postfix asks saslauthd, and
that asks mailboxd): such a line says `oproto=smtp`, comes to port 7073, or goes to the
administration's path by a client without a name. It is no login to web mail.
"""

import re
from datetime import datetime
from functools import lru_cache
from typing import Any
from zoneinfo import ZoneInfo

from monitor.activity.formats.addresses import Addresses
from monitor.activity.formats.blocks import line_count
from monitor.activity.formats.stamps import Days
from monitor.activity.formats.web_clients import client_of, is_web_client
from monitor.activity.lines import Found
from monitor.model import ActivityKind
from monitor.settings import LogSource

_LINE = re.compile(
    rb"(\d{4}-\d\d-\d\d \d\d:\d\d):\d\d,\d{3} ([A-Z]{4,5}) {1,2}\[([^\]\n]*)\] "
    rb"(?:\[([^\n]*?)\] )?security - cmd=(\w{1,40});(?: ([^\n]*)|\r?(?=\n|\Z))\n?"
    rb"|(\d{4}-\d\d-\d\d \d\d:\d\d)[^\n]*\n?"
    rb"|[^\n]*\n|[^\n]+"
)
_TAIL = re.compile(
    rb"account=([^;\s]{1,320}); (?:protocol|admin)=(\w{1,30});((?: \w{1,30}=[^;\n]{0,400};)*)\s*"
)
_ADMIN_TAIL = re.compile(rb"account=([^;\s]{1,320});\s*")
_DELEGATE = re.compile(rb"^name=([^;]{1,320});aname=([^;]{1,320});")
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


class ZimbraAudit:
    """Reads audit.log; every line stands for itself, so there is nothing to remember."""

    def __init__(self, source: LogSource) -> None:
        self._zone = ZoneInfo(source.timezone)
        self._addresses = Addresses(source.encoding)

    def read(self, block: bytes, written_at: datetime) -> Found:
        """Who logged in."""
        found = Found(lines=line_count(block))
        days = Days(self._zone, written_at)
        for line in _LINE.finditer(block):
            if line[5]:
                self._event(line, days, found)
            elif line[7]:
                found.unknown += 1
        days.see_last(block)
        found.newest = days.newest(block)
        return found

    def _event(self, line: re.Match[bytes], days: Days, found: Found) -> None:
        command, tail = line[5], line[6] or b""
        if b" error=" in tail:
            found.failures += command == b"Auth"
            return
        matched = (_ADMIN_TAIL if command == b"AdminAuth" else _TAIL).fullmatch(tail)
        if command not in _LOGINS or line[2] != b"INFO":
            return
        if matched is None:
            found.unknown += 1
            return
        kind = self._kind(line, matched)
        if kind is None:
            return
        address, day = self._addresses[matched[1]], days[line[1]]
        if address and day:
            found.add(address, day, kind)
        elif b"@" in matched[1]:
            found.unknown += 1

    def _kind(self, line: re.Match[bytes], tail: re.Match[bytes]) -> ActivityKind | None:
        command, context = line[5], line[4] or b""
        if _DELEGATE.match(context):
            return None
        if command == b"PreAuth":
            return ActivityKind.LOGIN
        client = client_of(context)
        if command == b"AdminAuth":
            return ActivityKind.LOGIN if is_web_client(client) else None
        if tail[2] != b"soap":
            return _KINDS.get(tail[2])
        return _soap_kind(client, b";oproto=smtp;" in context, bool(_SMTP.search(line[3])))

    def state(self) -> dict[str, Any]:
        """Nothing is remembered."""
        return {}

    def restore(self, state: dict[str, Any]) -> None:
        """Nothing was remembered."""


_LOGINS = frozenset((b"Auth", b"AdminAuth", b"PreAuth"))


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
