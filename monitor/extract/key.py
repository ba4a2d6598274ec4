"""The message key: what every copy of a message has in common, and no other message has.

docs/decisions/0004-mail-reading.md says what was left out and why.
"""

from collections.abc import Iterable
from datetime import datetime
from hashlib import sha256
from typing import Protocol


class Part(Protocol):
    """As much of a leaf as the key needs."""

    @property
    def data(self) -> bytes: ...
    @property
    def is_text(self) -> bool: ...
    @property
    def derived(self) -> bool: ...
    @property
    def content_hash(self) -> str: ...


def message_key(
    message_id: str | None,
    date: datetime | str,
    from_addresses: Iterable[str],
    leaves: Iterable[Part],
    whole: bool = True,
) -> str:
    """SHA-256 over Message-ID, Date, From and the sorted hashes of the decoded leaves.

    `date` is an instant in UTC, or the field's text where it is none.
    The parts of the input are framed by their lengths, so that none runs into the next. A message
    of which only the header is kept (`whole` False) never shares a key with a whole one.
    """
    written = date.isoformat() if isinstance(date, datetime) else " ".join(date.split())
    fields = ["1", "whole" if whole else "header", message_id or "", written, *from_addresses]
    hashes = sorted(_leaf_hash(leaf) for leaf in leaves if not leaf.derived)
    digest = sha256()
    for text in (*fields, "", *hashes):
        data = text.encode("utf-8", "replace")
        digest.update(len(data).to_bytes(4, "big") + data)
    return digest.hexdigest()


def _leaf_hash(leaf: Part) -> str:
    """Line ends of text and blank lines at its end are a gateway's business."""
    if not leaf.is_text:
        return leaf.content_hash
    plain = leaf.data.replace(b"\r\n", b"\n").replace(b"\r", b"\n").rstrip(b"\n")
    return sha256(plain).hexdigest()
