"""The mail that a report goes out in: says which it is, carries what fits, names what does not."""

import hashlib
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from email.message import EmailMessage
from email.policy import SMTP
from mimetypes import guess_type
from pathlib import Path

from monitor.clock import VIETNAM
from monitor.errors import UserError
from monitor.explain import safe
from monitor.measure.closing import Closing
from monitor.model import Language
from monitor.periods import CalendarKind
from monitor.report import spans
from monitor.report.delivery.handing import Handing
from monitor.report.delivery.letter_words import WORDS, size_words
from monitor.report.words import words as report_words

ADDRESS = re.compile(r"[A-Za-z0-9.!#$%&'*+/=?^_`{|}~-]{1,64}@[A-Za-z0-9-]+(?:\.[A-Za-z0-9-]+)*")
"""A plain address (RFC 5321 section 4.1.2, without quoted strings): all that is sent to."""
AROUND_BYTES = 16_000
"""What headers and text of a mail are at most, beside its files."""
LONGEST_NAME = 150


@dataclass(frozen=True, slots=True)
class Sheet:
    """One report to be sent: of the province (`agency` None) or an agency's own."""

    closing: Closing
    agency: str | None
    name: str
    """Of the agency, as the closing has it; empty of the province."""
    files: Sequence[Path]


@dataclass(frozen=True, slots=True)
class Envelope:
    """Whom a mail is from and to."""

    handing: Handing
    issuer: str
    sender: str
    again: int
    """How often it was sent before: each of these is a mail of its own."""
    at: datetime


@dataclass(frozen=True, slots=True)
class Letter:
    """A mail that is ready to be sent."""

    data: bytes
    left: Sequence[str]
    """Names of files that did not fit."""


def letter(
    sheet: Sheet, envelope: Envelope, languages: Sequence[Language], most_bytes: int
) -> Letter:
    """The mail of a sheet, never larger than `most_bytes`; reads its files.

    Raises UserError where an address of the settings is none that can be sent to, OSError.
    """
    for address in (envelope.sender, envelope.handing.recipient):
        if not ADDRESS.fullmatch(address):
            raise UserError(f"{safe(address, LONGEST_NAME)!r} is no mail address to send to")
    enclosed, left = _fitting(sheet.files, most_bytes - AROUND_BYTES)
    mail = _headed(sheet, envelope, languages)
    contents = {path: path.read_bytes() for path in enclosed}
    texts = [_text(sheet, envelope, contents, left, language) for language in languages]
    mail.set_content("\n\n".join(texts), cte="quoted-printable")
    for path, content in contents.items():
        kind, _, subtype = (guess_type(path.name)[0] or "application/octet-stream").partition("/")
        mail.add_attachment(content, maintype=kind, subtype=subtype, filename=path.name)
    return Letter(mail.as_bytes(policy=SMTP), [path.name for path in left])


def message_id(sheet: Sheet, envelope: Envelope) -> str:
    """The same for every attempt to send a report to an address: who gets two can tell.

    A report that is sent again on purpose is another mail: mailboxes drop what they have seen.
    """
    closing = sheet.closing
    named = "\n".join((
        closing.period.id, str(closing.version), closing.facts, envelope.handing.report,
        envelope.handing.recipient, str(envelope.again),
    ))  # fmt: skip
    digest = hashlib.sha256(named.encode()).hexdigest()[:40]
    return f"<congvu-{digest}@{envelope.sender.partition('@')[2]}>"


def _headed(sheet: Sheet, envelope: Envelope, languages: Sequence[Language]) -> EmailMessage:
    mail = EmailMessage(policy=SMTP)
    words = WORDS[languages[0]]
    period = sheet.closing.period
    # "Tháng 11" of the administrative calendar ends on the 14th: the subject says so.
    called = spans.span if period.calendar is CalendarKind.ADMINISTRATIVE else spans.name
    subject = words["subject"].format(
        period=called(period, report_words(languages[0])),
        name=_name(sheet, languages[0]), version=sheet.closing.version,
    )  # fmt: skip
    # The library reads encoded words of what it is given (RFC 2047), line breaks in them included.
    mail["Subject"] = safe(subject).replace("=?", "= ?")
    mail["From"] = envelope.sender
    mail["To"] = envelope.handing.recipient
    mail["Date"] = envelope.at.astimezone(VIETNAM)
    mail["Message-ID"] = message_id(sheet, envelope)
    mail["Auto-Submitted"] = "auto-generated"  # RFC 3834: nothing answers it by itself
    mail["X-Auto-Response-Suppress"] = "All"  # and for Exchange
    return mail


def _fitting(files: Sequence[Path], most_bytes: int) -> tuple[list[Path], list[Path]]:
    """Files that fit, in their order, and those that do not."""
    enclosed, left, room = [], [], most_bytes
    for path in files:
        size = path.stat().st_size
        # Base64: 57 bytes a line of 76 letters, and what stands above a part.
        needed = -(-size // 57) * 78 + 600 + 3 * len(path.name)
        if needed <= room:
            enclosed.append(path)
            room -= needed
        else:
            left.append(path)
    return enclosed, left


def _text(
    sheet: Sheet,
    envelope: Envelope,
    enclosed: Mapping[Path, bytes],
    left: Sequence[Path],
    language: Language,
) -> str:
    words, closing = WORDS[language], sheet.closing
    said = {
        "name": _name(sheet, language), "version": closing.version, "facts": closing.facts,
        "span": spans.span(closing.period, report_words(language)),
        "at": f"{closing.closed_at.astimezone(VIETNAM):%H:%M %d/%m/%Y}",
        "issuer": f"{safe(envelope.issuer, LONGEST_NAME)}, " if envelope.issuer else "",
        "sender": envelope.sender,
    }  # fmt: skip
    about = ("period", "original" if closing.version == 1 else "restated", "facts")
    lines = [words["greeting"], "", words["agency" if sheet.agency else "province"].format(**said)]
    lines += ["", *(words[key].format(**said) for key in about), ""]
    lines.append(words["attached" if enclosed else "nothing"])
    for path, content in enclosed.items():
        size = size_words(len(content), language)
        lines.append(words["file"].format(name=path.name, size=size))
        lines.append(f"  {hashlib.sha256(content).hexdigest()}")
    if left:
        lines += ["", words["left"]]
        lines += [
            words["file"].format(name=path.name, size=size_words(path.stat().st_size, language))
            for path in left
        ]
    return "\n".join([*lines, "", words["ask"].format(**said), ""])


def _name(sheet: Sheet, language: Language) -> str:
    return safe(sheet.name, LONGEST_NAME) or WORDS[language]["whole"]
