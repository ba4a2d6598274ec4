"""Exchange's message tracking log (2007 to 2019): which mails left a mailbox.

CSV with its columns named in a line `#Fields: …` (21 to 30 of them by version), times in UTC,
subjects quoted, with line breaks and doubled quotes in them, and a byte order mark before the
first line. Quotes alone decide where a record ends, so no subject can pretend to be a record.

A person sent a mail where the store submitted it (`STOREDRIVER`: `SUBMIT` of the mailbox server,
`RECEIVE` of the transport, `Originating`), or a program that authenticated did (`SMTP` `RECEIVE` by
a connector for clients). The same mail is in the logs of several servers, under one Message-ID.
What assistants of the server and rules of mailboxes send is automatic. The store's own mailboxes,
health probes, journal reports and the null sender are nobody.
"""

import csv
import re
from base64 import b64decode, b64encode
from collections.abc import Iterator
from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

from monitor.activity.formats.addresses import Addresses, bare_id
from monitor.activity.formats.blocks import line_count
from monitor.activity.formats.stamps import Days
from monitor.activity.lines import Found
from monitor.model import ActivityKind
from monitor.settings import LogSource

MAX_RECORD = 64 * 1024
"""Bytes of a record over several lines; beyond it a quote was left open: its line is dropped."""

_UTC = ZoneInfo("UTC")
_BOM = b"\xef\xbb\xbf"
_HEADER = (b"#", _BOM)
_CENTURY = b"20"
_MOST_FIELDS = 100
_NAME = re.compile(r"[a-z0-9-]{1,60}")
_EVENTS = frozenset(("RECEIVE", "SUBMIT"))
_OUTWARD = frozenset(("Originating", ""))
"""Exchange 2007 has no column for it, and SUBMIT may leave it empty."""
_NOBODY = frozenset(("", "<>"))
_COLUMNS = (
    "date-time", "source-context", "connector-id", "source", "event-id", "message-id",
    "sender-address", "return-path",
)  # fmt: skip
_MESSAGE_CLASS = re.compile(r"MessageClass:\s*([\w.-]{1,100})")
_CLIENT_TYPE = re.compile(r"ClientType:\s*(\w{1,60})")
_AUTOMATIC_CLASS = re.compile(
    r"REPORT\.|IPM\.Replication|.*\.Rules\.|IPM\.Note\.StorageQuotaWarning"
    r"|IPM\.Schedule\.Meeting\.Notification|IPM\.Note\.Exchange\.ActiveSync\.Report",
    re.IGNORECASE,
)
_AUTOMATIC_CLIENTS = frozenset(
    ("EventBasedAssistants", "TimeBasedAssistants", "Transport", "Monitoring", "System",
     "Management", "ContentIndexing", "Migration", "PublicFolderSystem", "Maintenance", "ELC",
     "AdminInterface", "Inference", "Approval", "LoadGen", "HA", "SimpleMigration")
)  # fmt: skip
_SYSTEM = (
    "healthmailbox", "systemmailbox", "inboundproxy", "microsoftexchange", "extest_", "migration.",
    "discoverysearchmailbox", "federatedemail.", "maildeliveryprobe",
)  # fmt: skip
"""What addresses of mailboxes begin with that Exchange has for itself."""


class ExchangeTracking:
    """Reads tracking logs; the columns, and a record that a block ends in, are its state."""

    def __init__(self, source: LogSource) -> None:
        self._encoding = source.encoding
        self._addresses = Addresses("utf-8")  # of what is decoded already
        self._fields: list[str] = []
        self._at: tuple[int, ...] | None = None
        self._directionality: int | None = None
        self._pending: list[bytes] = []
        """Lines of a record whose quotes are not closed yet."""
        self._pending_bytes = 0

    def read(self, block: bytes, written_at: datetime) -> Found:
        """Which mails persons sent, and what was automatic."""
        found = Found(lines=line_count(block))
        days = Days(_UTC, written_at)
        for record in self._records(block, found):
            if record.startswith(_HEADER):
                self._header(record)
            else:
                self._event(record, days, found)
        days.see_last(block)
        found.newest = days.newest(block)
        return found

    # -- records -----------------------------------------------------------------------------------

    def _records(self, block: bytes, found: Found) -> Iterator[bytes]:
        """Headers, and the records of events that may say something."""
        lines = block.split(b"\n")
        if not lines[-1]:
            lines.pop()
        for line in lines:
            if self._pending:
                yield from self._continued(line, found)
            elif b'"' in line and line.count(b'"') % 2:
                self._keep([line])
            elif line.startswith(_HEADER) or _may_count(line):
                yield line
            elif not line.startswith(_CENTURY) and line.strip():
                found.unknown += 1

    def _continued(self, line: bytes, found: Found) -> Iterator[bytes]:
        lines = [*self._pending, line] if line.count(b'"') % 2 else self._pending
        if lines is not self._pending:
            self._keep([])
            yield from filter(_may_count, [b"\n".join(lines)])
            return
        self._pending.append(line)
        self._pending_bytes += len(line) + 1
        if self._pending_bytes > MAX_RECORD:
            found.unknown += 1
            others = self._pending[1:]  # none of them has a quote open: each is whole
            self._keep([])
            yield from (line for line in others if line.startswith(_HEADER) or _may_count(line))

    def _keep(self, lines: list[bytes]) -> None:
        self._pending = lines
        self._pending_bytes = sum(len(line) + 1 for line in lines)

    def _header(self, line: bytes) -> None:
        text = line.removeprefix(_BOM).strip().decode("ascii", errors="replace")
        name, _, columns = text.partition(":")
        if name == "#Fields":
            names = (column.strip().lower() for column in columns.split(","))
            self._set_fields([name if _NAME.fullmatch(name) else "" for name in names])

    def _set_fields(self, fields: list[str]) -> None:
        self._fields = fields[:_MOST_FIELDS]
        at = {name: index for index, name in enumerate(self._fields)}
        complete = all(name in at for name in _COLUMNS)
        self._at = tuple(at[name] for name in _COLUMNS) if complete else None
        self._directionality = at.get("directionality")

    # -- events ------------------------------------------------------------------------------------

    def _event(self, record: bytes, days: Days, found: Found) -> None:
        values = _values(record.decode(self._encoding, errors="replace"))
        if self._at is None or len(values) != len(self._fields):
            found.unknown += 1
            return
        at, context, connector, source, event, message_id, sender, path = (
            values[index] for index in self._at
        )
        if event not in _EVENTS:
            return
        where = self._directionality
        direction = values[where] if where is not None else ""
        kinds = _kinds(source, event, direction, connector, context, path)
        if not kinds or sender.lower().startswith(_SYSTEM):
            return
        address, day = self._addresses[sender.encode()], days[at[:16].encode() + b"Z"]
        if not address or not day:
            found.unknown += sender not in _NOBODY
            return
        for kind in kinds:
            found.add(address, day, kind)
        if ActivityKind.SENT in kinds and (bare := bare_id(message_id.encode())):
            found.add_sent(bare, address, day)

    def state(self) -> dict[str, Any]:
        """The names of the columns, and the lines of an unfinished record."""
        pending = b"\n".join(self._pending)
        return {"fields": self._fields, "pending": b64encode(pending).decode("ascii")}

    def restore(self, state: dict[str, Any]) -> None:
        """Go on with these columns, within this record."""
        self._set_fields(state.get("fields", []))
        pending = b64decode(state.get("pending", ""))
        self._keep(pending.split(b"\n") if pending else [])


def _may_count(record: bytes) -> bool:
    """Whether it is worth reading: most events are of mail on its way, and of mail that came in."""
    return (b",RECEIVE," in record or b",SUBMIT," in record) and (
        b"STOREDRIVER" in record or b"\\Client " in record or b"MAILBOXRULE" in record
    )


def _values(record: str) -> list[str]:
    """The values of a record; none if it is no CSV."""
    try:
        return next(csv.reader((record.rstrip("\r"),)))
    except (csv.Error, StopIteration):
        return []


def _kinds(
    source: str, event: str, direction: str, connector: str, context: str, path: str
) -> tuple[ActivityKind, ...]:
    """What an event shows; nothing is nobody's doing."""
    if source == "MAILBOXRULE":
        return (ActivityKind.AUTOMATIC,) if path in _NOBODY else ()
    if source == "STOREDRIVER" and direction in _OUTWARD:
        if _is_automatic(context):
            return (ActivityKind.AUTOMATIC,)
        return () if path == "<>" else (ActivityKind.SENT,)
    is_client = connector.rpartition("\\")[2].startswith("Client ")
    if source == "SMTP" and event == "RECEIVE" and direction == "Originating" and is_client:
        return () if path == "<>" else (ActivityKind.SENT, ActivityKind.SUBMISSION)
    return ()


def _is_automatic(context: str) -> bool:
    message_class = _MESSAGE_CLASS.search(context)
    client = _CLIENT_TYPE.search(context)
    return bool(
        (message_class and _AUTOMATIC_CLASS.match(message_class[1]))
        or (client and client[1] in _AUTOMATIC_CLIENTS)
    )
