"""`congvu replay`: stored mails through the same spool as live ones."""

from collections.abc import Iterator
from dataclasses import dataclass
from email.parser import BytesHeaderParser
from email.utils import parseaddr
from pathlib import Path

from rich.console import Console
from rich.progress import Progress, TextColumn, TimeElapsedColumn

from monitor import clock
from monitor.collect.mbox import NotAnMbox, mails
from monitor.collect.pulled import PulledMail, as_sent, header_section, pulled_header, within
from monitor.errors import UserError
from monitor.model import ItemHeader, MailEnvelope
from monitor.settings import MailOrigin, Settings
from monitor.spool.archive import read_segment
from monitor.spool.dropbox import Dropbox

SUFFIXES = {".eml", ".mbox", ".mbx", ".seg"}


@dataclass(frozen=True, slots=True)
class StoredMail:
    """One mail of an archive and where it was."""

    mail: PulledMail
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
            for stored in stored_mails(path, settings.smtp.max_message_bytes):
                if isinstance(stored, Unreadable):
                    left_out += 1
                    console.print(f"left out {stored.place}: {stored.reason}", markup=False)
                    continue
                header = stored.header or _header(stored.mail, source)
                dropbox.put(header, [stored.mail.raw])
                given += 1
                progress.update(task, description=f"{given} mails handed over, {stored.place}")
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


def _source(name: str, settings: Settings) -> MailOrigin:
    for source in settings.mail_origins:
        if source.name == name:
            return source
    known = ", ".join(s.name for s in settings.mail_origins) or "none are configured"
    raise UserError(f"--source {name}: no such mail source; configured: {known}")


def stored_mails(path: Path, max_bytes: int) -> Iterator[StoredMail | Unreadable]:
    """Every mail below a path: a Maildir, a folder of .eml files, an mbox, a segment, one mail.

    Past `max_bytes` a mail is its header section, as the intake keeps it of such a mail.
    """
    if path.is_dir() and (path / "cur").is_dir() and (path / "new").is_dir():
        for part in ("new", "cur"):
            for file in sorted((path / part).iterdir()):
                yield _single(file, max_bytes)
    elif path.is_dir():
        for child in sorted(path.iterdir()):
            folder = child.is_dir() and not child.is_symlink()
            if folder or child.suffix.lower() in SUFFIXES:
                yield from stored_mails(child, max_bytes)
    elif path.suffix == ".seg":
        yield from _segment(path)
    elif _is_mbox(path):
        yield from _mbox(path, max_bytes)
    else:
        yield _single(path, max_bytes)


def _single(path: Path, max_bytes: int) -> StoredMail | Unreadable:
    try:
        raw = as_sent(path.read_bytes())
    except OSError as error:
        return Unreadable(str(path), error.strerror or type(error).__name__)
    return StoredMail(within(raw, len(raw), max_bytes, None), str(path))


def _is_mbox(path: Path) -> bool:
    with path.open("rb") as file:
        return file.read(5) == b"From "


def _mbox(path: Path, max_bytes: int) -> Iterator[StoredMail | Unreadable]:
    with path.open("rb") as file:
        try:
            for number, found in enumerate(mails(file.read, max_bytes), 1):
                yield StoredMail(found.mail, f"{path}, mail {number}")
        except NotAnMbox:
            yield Unreadable(str(path), "no mbox")


def _segment(path: Path) -> Iterator[StoredMail | Unreadable]:
    for number, record in enumerate(read_segment(path), 1):
        if record is None:
            yield Unreadable(f"{path}, record {number}", "damaged")
        else:
            header, body = record
            yield StoredMail(PulledMail(body, len(body)), f"{path}, record {number}", header)


def _header(mail: PulledMail, source: MailOrigin) -> ItemHeader:
    """That of a mail out of a mailbox: whose it is follows from what its last server wrote.

    An archive that kept no Return-Path has the operator's word for it that it is the gateway's:
    then the author's address stands for the envelope sender, and still needs a hop to count.
    """
    author = BytesHeaderParser().parsebytes(header_section(mail.raw)).get("From", "")
    envelope = MailEnvelope(mail_from=parseaddr(str(author))[1], rcpt_to=(), peer="")
    return pulled_header(source, mail, clock.now()).model_copy(update={"envelope": envelope})
