"""`congvu replay`: stored mails through the same spool as live ones."""

import hashlib
import mailbox
import re
from collections.abc import Iterator
from dataclasses import dataclass
from email.parser import BytesHeaderParser
from email.utils import getaddresses, parseaddr
from pathlib import Path

from rich.console import Console
from rich.progress import Progress, TextColumn, TimeElapsedColumn

from monitor import clock
from monitor.errors import UserError
from monitor.model import Channel, ItemHeader, MailEnvelope, PayloadKind
from monitor.settings import MailSource, Settings
from monitor.spool.archive import read_segment
from monitor.spool.dropbox import Dropbox

HEADER_BYTES = 256 * 1024
SUFFIXES = {".eml", ".mbox", ".mbx", ".seg"}


@dataclass(frozen=True, slots=True)
class StoredMail:
    """One mail of an archive: its bytes and where it was."""

    raw: bytes
    place: str
    header: ItemHeader | None = None
    """Of a spool segment's record: then the original receipt is known."""


def replay(paths: list[Path], source_name: str, settings: Settings) -> int:
    """Hand every mail below the paths to the daemon; 0 when all were handed over, else 1."""
    source = _source(source_name, settings)
    for path in paths:
        if not path.exists():
            raise UserError(f"{path}: no such file or folder")
    dropbox = Dropbox(settings.state_dir / "spool")
    console = Console(stderr=True)
    given = left_out = 0
    columns = (TextColumn("{task.description}"), TimeElapsedColumn())
    with Progress(*columns, console=console, transient=True) as progress:
        task = progress.add_task("reading", total=None)
        for path in paths:
            for mail in stored_mails(path):
                if isinstance(mail, Unreadable):
                    left_out += 1
                    console.print(f"left out {mail.place}: {mail.reason}", markup=False)
                    continue
                dropbox.put(mail.header or _header(mail.raw, source), [mail.raw])
                given += 1
                progress.update(task, description=f"{given} mails handed over, {mail.place}")
    console.print(f"{given} mails handed over, {left_out} left out")
    console.print("The daemon takes them from the spool; `congvu doctor` shows how many wait.")
    if months := settings.privacy.evidence_months:
        console.print(
            f"What is older than privacy.evidence_months = {months} changes no figure and is "
            "removed again in the night."
        )
    return 0 if not left_out else 1


@dataclass(frozen=True, slots=True)
class Unreadable:
    """A place that holds no mail that could be read, and why."""

    place: str
    reason: str


def _source(name: str, settings: Settings) -> MailSource:
    for source in settings.mail_sources:
        if source.name == name:
            return source
    known = ", ".join(s.name for s in settings.mail_sources) or "none are configured"
    raise UserError(f"--source {name}: no such mail source; configured: {known}")


def stored_mails(path: Path) -> Iterator[StoredMail | Unreadable]:
    """Every mail below a path: a Maildir, a folder of .eml files, an mbox, a segment, one mail."""
    if path.is_dir() and (path / "cur").is_dir() and (path / "new").is_dir():
        for part in ("new", "cur"):
            yield from _files(sorted((path / part).iterdir()))
    elif path.is_dir():
        for child in sorted(path.iterdir()):
            if (child.is_dir() and not child.is_symlink()) or child.suffix.lower() in {
                ".eml",
                ".mbox",
                ".mbx",
                ".seg",
            }:
                yield from stored_mails(child)
    elif path.suffix == ".seg":
        yield from _segment(path)
    elif _is_mbox(path):
        yield from _mbox(path)
    else:
        yield from _files([path])


def _files(paths: list[Path]) -> Iterator[StoredMail | Unreadable]:
    for path in paths:
        try:
            yield StoredMail(path.read_bytes(), str(path))
        except OSError as error:
            yield Unreadable(str(path), error.strerror or type(error).__name__)


def _is_mbox(path: Path) -> bool:
    with path.open("rb") as file:
        return file.read(5) == b"From "


def _mbox(path: Path) -> Iterator[StoredMail | Unreadable]:
    box = mailbox.mbox(path, create=False)
    for number, key in enumerate(box.iterkeys(), 1):
        raw = re.sub(rb"\r?\n", b"\r\n", box.get_bytes(key))
        yield StoredMail(raw, f"{path}, mail {number}")


def _segment(path: Path) -> Iterator[StoredMail | Unreadable]:
    for number, record in enumerate(read_segment(path), 1):
        if record is None:
            yield Unreadable(f"{path}, record {number}", "damaged")
        else:
            header, body = record
            yield StoredMail(body, f"{path}, record {number}", header)


def _header(raw: bytes, source: MailSource) -> ItemHeader:
    """A header whose id follows from the content, so that a mail replayed twice counts once."""
    digest = hashlib.sha256(source.name.encode() + b"\0" + raw).hexdigest()
    return ItemHeader(
        item_id=digest[:32],
        kind=PayloadKind.MAIL,
        source=source.name,
        channel=Channel.MAIL,
        received_at=clock.now(),
        live=False,
        size=len(raw),
        envelope=_envelope(raw, source),
        journal=source.journal,
    )


def _envelope(raw: bytes, source: MailSource) -> MailEnvelope:
    """What the final delivery wrote down of the envelope (RFC 5321 4.4 Return-Path).

    The operator says by --source that the archive is the gateway's, so the newest Received header
    is believed as if the gateway had just delivered. Without a Return-Path the From address stands
    for the envelope sender; it still needs a trusted hop to count.
    """
    header = BytesHeaderParser().parsebytes(raw[:HEADER_BYTES])
    path = header.get("Return-Path")
    sender = parseaddr(str(header.get("From", "") if path is None else path))[1]
    fields = [
        str(v) for name in ("Delivered-To", "X-Original-To") for v in header.get_all(name, [])
    ]
    recipients = tuple(sorted({address for _, address in getaddresses(fields) if address}))
    hops = source.trusted_hops
    peer = str(hops[0].network_address) if hops else "replay"
    return MailEnvelope(mail_from=sender, rcpt_to=recipients, peer=peer)
