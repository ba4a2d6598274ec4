"""Dovecot's log (2.0 to 2.4) and Roundcube's list of logins.

In syslog a line is `… dovecot: imap-login: Login: user=<…>, method=…, rip=…`, in Dovecot's own file
`… imap-login: Info: Login: …`; 2.4 says `Logged in:`. A login by IMAP, POP or ManageSieve is a
program's, which comes by itself every few minutes. A person is proven only by web mail: a login
from `webmail_networks`, or a line of Roundcube's userlogins.log. Sieve's vacation answers and
forwards are automatic.
"""

import re
from datetime import datetime
from zoneinfo import ZoneInfo

from monitor.activity.formats.addresses import Addresses
from monitor.activity.formats.blocks import Forgetful, Within, line_count
from monitor.activity.formats.stamps import MONTHS, STAMP, SYSLOG, Days
from monitor.activity.lines import Found
from monitor.model import ActivityKind
from monitor.settings import LogSource

_PROGRAMS = (
    rb"imap|pop3|managesieve|submission|lmtp|lda|deliver|auth|auth-worker|master|log|config|anvil"
    rb"|director|doveadm|doveadm-server|dsync|dsync-server|dsync-local|indexer|indexer-worker"
    rb"|replicator|stats|ssl-params|dict|dict-async|quota-status|script-login|imap-hibernate"
    rb"|imap-urlauth|imap-urlauth-worker|fts|service|ipc|aggregator|welcome|old-stats|script"
)
_LINE = re.compile(
    SYSLOG + STAMP + rb" (?:<[a-z0-9]{1,10}\.[a-z]{1,10}> )?"
    rb"(?:(?:\S{1,255} )?(?P<dovecot>dovecot(?:\[\d+\]:?| \d+ \S+ -|:) )(?:dovecot: )?)?(?:"
    rb"(?P<daemon>(imap|pop3|managesieve|submission)-login)(?:\(\d+\))?: (?:Info: )?(?:"
    rb"(?:Login|Logged in): user=<([^>\n]{0,330})>(?P<login>)"
    rb"|proxy\([^)\n]{1,330}\): [sS]tarted proxying to [^\n]{1,300}?: user=<([^>\n]{0,330})>"
    rb"(?P<proxied>)"
    rb"|[^\n]{0,200}?\(auth[ _]failed(?P<failure>)"
    rb"|(?:Login|Disconnected|Disconnect|Aborted|Maximum|Error|Warning|Debug|Fatal|Panic|proxy"
    rb"|Connection|TLS|SSL|Client|Inactivity|user=)(?P<nothing>)"
    rb")?"
    rb"|(?:lmtp|lda|deliver)\((?:\d+, )?([^),\s]{1,330})\)(?:<[^>\n]{0,100}>){0,2}: (?:Info: )?"
    rb"(?:[^\s:]{1,100}: )?sieve: [^\n]{0,1500}?(?:sent vacation response|forwarded to)"
    rb"(?P<automatic>)"
    rb"|(?:" + _PROGRAMS + rb")[(<:](?P<other>)"
    rb")?[^\n]*\n?"
    rb"|[^\n]*\n|[^\n]+"
)
_MINUTE, _ZONE, _, _, _SERVICE, _USER = range(1, 7)
_PROXIED_USER, _SIEVE_USER = 8, 12
_RIP = re.compile(rb", rip=([^,\s]{2,60})")
_KINDS = {
    b"imap": ActivityKind.IMAP,
    b"managesieve": ActivityKind.IMAP,
    b"pop3": ActivityKind.POP,
    b"submission": ActivityKind.SUBMISSION,
}


class Dovecot(Forgetful):
    """Reads one Dovecot's log; every line stands for itself."""

    def __init__(self, source: LogSource) -> None:
        self._zone = ZoneInfo(source.timezone)
        self._addresses = Addresses(source.encoding, source.domain)
        self._webmail = Within(source.webmail_networks)
        self._has_webmail = bool(source.webmail_networks)

    def read(self, block: bytes, written_at: datetime) -> Found:
        """Who logged in, and by what."""
        found = Found(lines=line_count(block))
        days = Days(self._zone, written_at)
        for line in _LINE.finditer(block):
            said = line.lastgroup
            if said == "login":
                self._note(line, _USER, self._kind(line), days, found)
            elif said == "proxied":
                self._note(line, _PROXIED_USER, self._kind(line), days, found)
            elif said == "automatic":
                self._note(line, _SIEVE_USER, ActivityKind.AUTOMATIC, days, found)
            elif said == "failure":
                found.failures += 1
            elif said in _UNKNOWN:
                found.unknown += 1
        self._web_logins(block, days, found)
        days.see_last(block)
        found.newest = days.newest(block)
        return found

    def _kind(self, line: re.Match[bytes]) -> ActivityKind:
        if self._has_webmail:
            client = _RIP.search(line[0])
            if client and self._webmail[client[1]]:
                return ActivityKind.LOGIN
        return _KINDS[line[_SERVICE]]

    def _note(
        self, line: re.Match[bytes], user: int, kind: ActivityKind, days: Days, found: Found
    ) -> None:
        address = self._addresses[line[user]]
        day = days[line[_MINUTE] + (line[_ZONE] or b"")]
        if address and day:
            found.add(address, day, kind)
        else:
            found.unknown += 1

    def _web_logins(self, block: bytes, days: Days, found: Found) -> None:
        if b" login for " not in block:
            return
        has_sessions = False
        for line in _ROUNDCUBE.finditer(block):
            has_sessions |= line[6] is not None
            day = days[roundcube_minute(line)]
            if line[7] is None or (has_sessions and line[6] is None):
                found.unknown += 1
            elif line[7] == b"Failed":
                found.failures += 1
            elif day and (address := self._addresses[line[8] or b""]):
                found.add(address, day, ActivityKind.LOGIN)
            else:
                found.unknown += 1


_UNKNOWN = frozenset(("dovecot", "daemon"))
_ROUNDCUBE = re.compile(
    rb"^\[(\d\d)-([A-Z][a-z]{2})-(\d{4}) (\d\d:\d\d):\d\d(?: ([+-]\d{4}))?\]: "
    rb"(?:<([\w,-]{1,128})> )?"
    rb"(?:(Successful|Failed) login for (?:([^\s(]{1,330}) )?)?[^\n]*$",
    re.MULTILINE,
)
"""`[22-Nov-2026 08:01:02 +0700]: <session> Successful login for an@… (ID: 3) from … in session`;
older ones have neither zone nor session before it.

The name of a failed login is what anybody typed, line breaks included, but for tags, which are
stripped: nobody can type the session, so behind a line that has one, a line without is somebody's
words.
"""


def roundcube_minute(line: re.Match[bytes]) -> bytes:
    """The minute of such a line as `Days` takes it; an odd month is no time."""
    month = MONTHS.get(line[2], 0)
    return b"%b-%02d-%b %b" % (line[3], month, line[1], line[4]) + (line[5] or b"")
