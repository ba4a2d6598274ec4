"""Postfix's log: who submitted mail, and which.

The lines of one mail share a queue id: `smtpd` says by whom it came, `cleanup` its Message-ID,
`qmgr` its envelope sender, once again at each retry, and finally `removed`. A mail is a person's
own doing only where its submission is proven: a client that authenticated (SASL), or one in
`internal_networks`. Mail from anywhere else, mail of programs on the machine (`pickup`) and
automatic answers (the null sender, RFC 3834) are nobody's.

Whose mail it is: of one that authenticated with an address, that address, for it is proven and the
envelope sender is not; a name without a mail domain (`an.nv`, `an.nv@tinh.local`) proves the
client, and the sender is the envelope's.

A content filter gives mail back under a new queue id while the first is open, from a client that
may well be in `internal_networks` (127.0.0.1): such mail is what it was when it first came, and a
filter's own warnings are nobody's.
"""

import re
from collections import Counter, OrderedDict
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any
from zoneinfo import ZoneInfo

from monitor.activity.formats.addresses import Addresses, bare_id, is_mail_domain
from monitor.activity.formats.blocks import Within, line_count
from monitor.activity.formats.stamps import STAMP, SYSLOG, Days
from monitor.activity.lines import Found
from monitor.model import ActivityKind
from monitor.settings import LogSource

OPEN = 10_000
"""Queue ids remembered; the oldest are forgotten first. They matter from a mail's first line until
a content filter gives it back, which is seconds; one that waits for days needs no memory."""

_QUEUE_DAEMONS = (
    rb"smtpd|cleanup|[no]?qmgr|pickup|smtp|lmtp|local|virtual|pipe|bounce|error|discard"
)
_OTHER_DAEMONS = (
    rb"postscreen|dnsblog|trivial-rewrite|anvil|scache|tlsmgr|tlsproxy|verify|proxymap|master|flush"
    rb"|showq|spawn|policyd-spf|policy-spf|postlogd?|postfix-script|postsuper|sendmail|postqueue"
    rb"|postdrop|postmulti|proxywrite|postalias|postmap"
)
_SAYING_NOTHING = (
    rb"[0-9A-Za-z]{5,25}: (?:to=|resent-message-id=|[a-z-]{2,20}: |[a-z]{2,12} |[hH]ost |Cannot "
    rb"|TLS |Server |SASL |client=|from=)"
    rb"|(?:dis)?connect |NOQUEUE: |lost connection|timeout after|statistics: |[A-Z][a-z]{2,12} TLS "
    rb"|warning: |error: |fatal: |panic: |SSL|TLS|setting up|improper|too many|table |[Hh]ost "
    rb"|certificate |[Ss]erver cert|discarding |initializing |cache |close |using |dict_|hostname "
    rb"|reload|refreshing|terminating|daemon |proxy-|milter|subject|issuer|[<>] "
)
_LINE = re.compile(
    SYSLOG + STAMP + rb" (?:[^\s/]{1,255} )?((?:[\w.-]{1,64}/){1,3})(?:"
    rb"(?P<daemon>" + _QUEUE_DAEMONS + rb")(?:\[\d+\]:| \d+ \S+ -) (?:"
    rb"([0-9A-Za-z]{5,25}): (?:"
    rb"from=<([^>\n]{0,330})>, size=\d+, nrcpt=\d+(?P<queued>)"
    rb"|message-id=([^\n]{0,998})(?P<named>)"
    rb"|client=[^\[\n]{0,300}\[([^\]\n]{2,60})\]([^\n]{0,1000})(?P<came>)"
    rb"|removed(?P<removed>)"
    rb"|uid=\d+ from=(?P<picked_up>)"
    rb")|warning: [^\n]{0,400}?: SASL [\w-]{1,30} authentication failed(?P<failure>)"
    rb"|(?:" + _SAYING_NOTHING + rb")(?P<nothing>))?"
    rb"|(?:" + _OTHER_DAEMONS + rb")(?:\[\d+\]:| \d+ \S+ -) (?P<other>)"
    rb")[^\n]*\n?"
    rb"|[^\n]*\n|[^\n]+"
)
_MINUTE, _ZONE, _SERVICE, _, _QUEUE_ID, _SENDER = range(1, 7)
_MESSAGE_ID, _CLIENT, _REST = 8, 10, 11
_GIVING_BACK = re.compile(rb"amavis|dkim|milter|filter|inject|/10\d{3}/")
"""Names of the services where content filters give mail back (`postfix/amavisd/smtpd`)."""
_ORIGIN = re.compile(rb", orig_client=[^\[\n]{0,300}\[([^\]\n]{2,60})\]")
_SASL = re.compile(rb", sasl_username=(?:([^\s,]{1,320})(?=\s*$|, ))?")
"""A name with a blank or comma in it proves the client alone: cut short, it may be another's."""


NONE, NETWORK, SASL = range(3)
"""How it is proven that a mail is of one of ours."""


@dataclass(slots=True)
class _Mail:
    """What is known of an open queue id."""

    proof: int
    account: str = ""
    """Of SASL, where it is an address."""
    message_id: str | None = None
    """None is not said yet, the empty text is none."""
    who: str = ""
    """Whose it is, as soon as it is queued; empty is nobody's."""
    day: str = ""
    """ISO day on which it was queued."""

    def known(self) -> list[int | str | None]:
        """All of it as JSON, without what is empty at the end."""
        fields: list[int | str | None] = [
            self.proof, self.account, self.message_id, self.who, self.day,
        ]  # fmt: skip
        while not fields[-1] and len(fields) > (1 if self.message_id is None else 3):
            fields.pop()
        return fields


class Postfix:
    """Reads one Postfix's log; the open queue ids are its state."""

    def __init__(self, source: LogSource) -> None:
        self._zone = ZoneInfo(source.timezone)
        self._addresses = Addresses(source.encoding, source.domain)
        self._has_networks = bool(source.internal_networks)
        self._open: OrderedDict[bytes, _Mail] = OrderedDict()
        self._holders: Counter[str] = Counter()
        """How many open queue ids have a Message-ID; of the empty text, how many have none."""
        self._internal = Within(source.internal_networks)
        self._on = {
            "queued": self._queued, "named": self._named, "came": self._came,
            "removed": self._removed, "picked_up": self._removed,
        }  # fmt: skip

    def read(self, block: bytes, written_at: datetime) -> Found:
        """Who submitted mail, and its Message-IDs."""
        found = Found(lines=line_count(block))
        days = Days(self._zone, written_at)
        handlers = self._on
        for line in _LINE.finditer(block):
            said = line.lastgroup
            if said in handlers:
                handlers[said](line, days, found)
            elif said == "failure":
                found.failures += 1
            elif said == "daemon":
                found.unknown += 1
        days.see_last(block)
        found.newest = days.newest(block)
        return found

    def _came(self, line: re.Match[bytes], days: Days, found: Found) -> None:
        """`smtpd` has a client; a queue id that is used again begins anew."""
        queue_id, rest = line[_QUEUE_ID], line[_REST]
        self._forget(queue_id)
        sasl = _SASL.search(rest)
        if sasl:
            account = self._addresses[sasl[1] or b""]
            if not is_mail_domain(account):
                account = ""
            elif day := days[line[_MINUTE] + (line[_ZONE] or b"")]:
                found.add(account, day, ActivityKind.SUBMISSION)
            self._remember(queue_id, _Mail(SASL, account))
        elif self._has_networks:
            origin = _ORIGIN.search(rest)
            client = origin[1] if origin else line[_CLIENT]
            is_internal = self._internal[client] and not _GIVING_BACK.search(line[_SERVICE])
            self._remember(queue_id, _Mail(NETWORK if is_internal else NONE))

    def _named(self, line: re.Match[bytes], _: Days, found: Found) -> None:
        """`cleanup` has read the Message-ID."""
        mail = self._open.get(line[_QUEUE_ID])
        if mail is None or mail.message_id is not None:
            return
        mail.message_id = bare_id(line[_MESSAGE_ID])
        # A mail that came without one is given one when a filter gives it back (cleanup(8)).
        is_made_here = line[_QUEUE_ID] in line[_MESSAGE_ID]
        if mail.proof == NETWORK and (
            self._holders[mail.message_id] or (is_made_here and self._holders[""])
        ):
            mail.proof = NONE  # given back by a content filter: what it is was said already
        self._holders[mail.message_id] += 1
        if mail.who and mail.message_id:
            found.add_sent(mail.message_id, mail.who, date.fromisoformat(mail.day))
            self._is_said(line[_QUEUE_ID])

    def _queued(self, line: re.Match[bytes], days: Days, found: Found) -> None:
        """`qmgr` takes it up: from now on it is mail that was sent."""
        mail = self._open.get(line[_QUEUE_ID])
        if mail is None or mail.proof == NONE or mail.day:
            return
        day = days[line[_MINUTE] + (line[_ZONE] or b"")]
        if day is None:
            return
        mail.day = day.isoformat()
        sender = self._addresses[line[_SENDER]]
        if not sender:
            found.unknown += line[_SENDER] != b""
            return
        mail.who = mail.account or sender
        found.add(mail.who, day, ActivityKind.SENT)
        if mail.proof == SASL:
            found.add(mail.who, day, ActivityKind.SUBMISSION)
        if mail.message_id:
            found.add_sent(mail.message_id, mail.who, day)
            self._is_said(line[_QUEUE_ID])

    def _is_said(self, queue_id: bytes) -> None:
        """All is said of a mail. It is still remembered where it may come back from a filter."""
        if self._has_networks:
            self._open[queue_id].account = self._open[queue_id].who = ""
        else:
            self._forget(queue_id)

    def _removed(self, line: re.Match[bytes], _: Days, __: Found) -> None:
        self._forget(line[_QUEUE_ID])

    def _remember(self, queue_id: bytes, mail: _Mail) -> None:
        self._open[queue_id] = mail
        if len(self._open) > OPEN:
            self._forget(next(iter(self._open)))

    def _forget(self, queue_id: bytes) -> None:
        mail = self._open.pop(queue_id, None)
        if mail and mail.message_id is not None:
            self._holders[mail.message_id] -= 1
            if not self._holders[mail.message_id]:
                del self._holders[mail.message_id]

    def state(self) -> dict[str, Any]:
        """The mails whose queue ids are open, oldest first."""
        return {"open": {each.decode("ascii"): mail.known() for each, mail in self._open.items()}}

    def restore(self, state: dict[str, Any]) -> None:
        """Go on with these open queue ids."""
        self._open.clear()
        self._holders.clear()
        for queue_id, fields in state.get("open", {}).items():
            mail = _Mail(*fields)
            self._open[queue_id.encode("ascii")] = mail
            if mail.message_id is not None:
                self._holders[mail.message_id] += 1
