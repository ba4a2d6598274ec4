"""Reading samples of logs.

The samples are lines of real systems, from public test data of log parsers and from reports of
their users, with addresses, hosts and networks replaced and every quirk of their structure kept.
"""

import json
from collections.abc import Iterable
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

from monitor.activity.formats import reader
from monitor.activity.lines import BIT, Found
from monitor.model import ActivityKind
from monitor.settings import LogSource

SAMPLES = Path(__file__).parent / "samples"
WRITTEN = datetime(2026, 11, 30, tzinfo=UTC)
ZIMBRA_NETWORKS = ("10.1.0.0/24", "127.0.0.0/8")
INSTANCE_NETWORKS = ("10.0.0.0/8", "127.0.0.0/8", "2001:db8:20::/64")

ALL: tuple[tuple[str, str, dict[str, Any]], ...] = (
    ("postfix_traditional", "postfix", {}),
    ("postfix_rfc3339", "postfix", {}),
    ("postfix_zimbra", "postfix", {"internal_networks": ZIMBRA_NETWORKS}),
    ("postfix_instances", "postfix", {"internal_networks": INSTANCE_NETWORKS}),
    ("dovecot_syslog", "dovecot", {"webmail_networks": ("127.0.0.1/32",)}),
    ("dovecot_own", "dovecot", {}),
    ("dovecot_24", "dovecot", {}),
    ("roundcube_userlogins", "dovecot", {}),
    ("zimbra_audit_8", "zimbra-audit", {}),
    ("zimbra_audit_10", "zimbra-audit", {}),
    ("zimbra_mailbox", "zimbra-mailbox", {}),
    ("exchange_2007", "exchange-tracking", {}),
    ("exchange_2013", "exchange-tracking", {}),
    ("exchange_2019", "exchange-tracking", {}),
)
"""Every sample with its format and settings."""

SENT, LOGIN, SUBMISSION, IMAP, POP, SYNC, AUTOMATIC = (
    BIT[kind]
    for kind in (
        ActivityKind.SENT, ActivityKind.LOGIN, ActivityKind.SUBMISSION, ActivityKind.IMAP,
        ActivityKind.POP, ActivityKind.SYNC, ActivityKind.AUTOMATIC,
    )
)  # fmt: skip


def source(format_: str, **settings: Any) -> LogSource:
    values = {"name": "log", "format": format_, "path": "/var/log/mail.log", **settings}
    return LogSource.model_validate(values)


def sample(name: str) -> bytes:
    return (SAMPLES / f"{name}.log").read_bytes()


def read(
    format_: str, block: bytes | str, written_at: datetime = WRITTEN, **settings: Any
) -> Found:
    """All of a log at once."""
    whole = block.encode() if isinstance(block, str) else block
    return reader(source(format_, **settings)).read(whole, written_at)


def read_sample(name: str, **settings: Any) -> Found:
    format_, known = next((format_, known) for each, format_, known in ALL if each == name)
    return read(format_, sample(name), **{**known, **settings})


def read_in_blocks(format_: str, blocks: Iterable[bytes], **settings: Any) -> Found:
    """Block for block, each by a reader of its own that is told the last one's state as JSON."""
    union = Found()
    state = "{}"
    for block in blocks:
        one = reader(source(format_, **settings))
        one.restore(json.loads(state))
        part = one.read(block, WRITTEN)
        state = json.dumps(one.state())
        for (address, day), kinds in part.activity.items():
            union.activity[address, day] = union.activity.get((address, day), 0) | kinds
        union.sent |= part.sent
        union.lines += part.lines
        union.unknown += part.unknown
        union.failures += part.failures
        newest = [each for each in (union.newest, part.newest) if each]
        union.newest = max(newest, default=None)
    return union


def on(found: Found, day: date) -> dict[str, int]:
    """Local parts (all different in a sample) and their kinds on a day."""
    return {
        address.partition("@")[0]: kinds
        for (address, at), kinds in found.activity.items()
        if at == day
    }


def days(found: Found) -> set[date]:
    return {day for _, day in found.activity}


def sent(found: Found) -> dict[str, str]:
    """Message-IDs and the local parts of their senders."""
    return {mail: sender.partition("@")[0] for mail, (sender, _) in found.sent.items()}
