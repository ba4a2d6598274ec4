"""Journal messages of Exchange: the report, and the message it is about ([MS-XJRNL]).

    multipart/mixed               X-MS-Journal-Report, and a copy of the original's From and To
    ├─ text/plain                 the report: `Sender:`, `Subject:`, `Message-ID:`, recipients
    └─ message/rfc822             the original, octet for octet

Whether a report may be believed is not decided here: docs/decisions/0018-journal-reports.md.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass, field, replace

from monitor.extract.mail import EXCHANGE_ITSELF, MAX_RECIPIENTS, Mail, bare_message_id, read_mail
from monitor.extract.received import parse_received
from monitor.extract.words import MAX_TEXT, decode_charset
from monitor.model import Finding, JournalRecipient, JournalReport, Limits, MailFacts
from monitor.verify.smime_address import parse_mailboxes
from monitor.verify.smime_entity import Entity, Structure

MAX_REPORT_BYTES = 4 * 1024 * 1024
"""Room for some 40,000 recipients; what is past it is left out and said so."""
_MAX_NESTED = 4
"""Multiparts around the report's text."""
_MARK = "x-ms-journal-report"
_AUTHENTICATED = b"x-ms-exchange-organization-authas"
_Marks = tuple[bytes, ...] | None
_INTERNAL = (b"internal",)
_HEADER_LINE = re.compile(rb"[!-9;-~]+[ \t]*:")
_FIELD = re.compile(r"([A-Za-z][A-Za-z-]{1,30}):[ \t]*(.*)", re.DOTALL)
_LINE_END = re.compile(r"\r?\n")
"""And no other: a subject may hold what else ends a line somewhere."""
_REDIRECTION = re.compile(
    r"(?P<address>.*?),[ \t]*(?P<how>Expanded|Forwarded):[ \t]*(?P<by>.*)",
    re.DOTALL | re.IGNORECASE,
)
_VERIFIED = frozenset({"to", "cc", "bcc"})
"""How a recipient was addressed, where Exchange knows it: the submission was authenticated."""
_RECIPIENT = _VERIFIED | {"recipient"}
_ONCE = ("sender", "message-id", "on-behalf-of")


class Malformed(Exception):
    """A report that does not say what a report has to say."""


@dataclass(slots=True)
class _Report:
    """The fields of a report's text."""

    single: dict[str, str] = field(default_factory=dict)
    recipients: list[JournalRecipient] = field(default_factory=list)
    addressing_verified: bool = False
    limited: bool = False


def read_journal(raw: bytes, limits: Limits, whole: bool = True) -> Mail:
    """The original of a journal message, with what was reported of it; never raises.

    Without a report, or with one that cannot be read, `journal` of the facts is None and they say
    why. A message of which only the header is there (`whole` False) is read as it stands.
    """
    if not whole:
        return read_mail(raw, None, limits, whole=False)
    wrapper = _parts_of(raw, limits)
    if wrapper.first(_MARK) is None:
        return _remarked(read_mail(raw, None, limits), Finding.JOURNAL_REPORT_MISSING)
    attached = [data for part in wrapper.children[1:] if (data := _attached_message(part))]
    try:
        report = _read_report(_report_text(wrapper, limits))
        original = _original(attached, _bare_id(report))
        mail = read_mail(original, None, limits)
        journal = _journal(report, wrapper, _marks(raw, limits), _marks(original, limits))
        facts = _reported(mail.facts, report, journal)
    except Malformed:
        unproven = read_mail(attached[0] if attached else raw, None, limits)
        return _remarked(unproven, Finding.JOURNAL_REPORT_MALFORMED)
    return replace(mail, facts=facts)


def _remarked(mail: Mail, finding: Finding) -> Mail:
    findings = tuple(sorted({*mail.facts.findings, finding}))
    return replace(mail, facts=mail.facts.model_copy(update={"findings": findings}))


# -- the parts of the wrapping ---------------------------------------------------------------------


def _parts_of(raw: bytes, limits: Limits) -> Entity:
    """A message's own parts, none of them opened."""
    return Structure(limits.model_copy(update={"mime_depth": 1})).parse(raw)


def _report_text(wrapper: Entity, limits: Limits) -> str:
    """The first part as text; of alternatives the plain one."""
    part = wrapper
    for _ in range(_MAX_NESTED):
        if part.type == "text/plain":
            data, _ = part.decoded()
            charset = part.content_type.text("charset")
            return decode_charset(data[:MAX_REPORT_BYTES], charset).text
        inside = part.children or _parts_of(part.raw(), limits).children
        if not part.type.startswith("multipart/") or not inside:
            break
        plain = [each for each in inside if each.type == "text/plain"]
        part = (plain if part.type == "multipart/alternative" and plain else inside)[0]
    raise Malformed


def _original(attached: list[bytes], message_id: str | None) -> bytes:
    """The only attached message, else the one that the report names.

    Where Exchange decrypts a protected message for its journal it attaches both. Raises Malformed
    where there is none.
    """
    if len(attached) == 1:
        return attached[0]
    for data in attached:
        header = Structure(Limits(mime_depth=0)).parse(data)
        if bare_message_id(header.first("message-id") or b"") == message_id:
            return data
    raise Malformed


def _attached_message(part: Entity) -> bytes | None:
    """The octets of a message part, or of one that a gateway made a file of."""
    if part.type in ("message/rfc822", "message/global"):
        return part.decoded()[0]
    if part.type == "application/octet-stream" and part.file_name().endswith(".eml"):
        return part.decoded()[0]
    return None


# -- the text of the report ------------------------------------------------------------------------


def _read_report(text: str) -> _Report:
    """Raises Malformed without `Sender:` in the first place and a Message-ID, and for a second one
    of either: a line may have come out of the subject.
    """
    report = _Report(limited=len(text.encode("utf-8", "replace")) >= MAX_REPORT_BYTES)
    for name, value in _fields(text):
        if not report.single and name != "sender":
            raise Malformed
        if name in _RECIPIENT:
            _take_recipient(report, name, value)
        elif name in report.single:
            raise Malformed
        elif name in _ONCE:
            report.single[name] = value
    if "message-id" not in report.single:
        raise Malformed
    return report


def _fields(text: str) -> Iterator[tuple[str, str]]:
    """Names in lower case and values; a line that begins with a blank belongs to the one before."""
    folded: list[str] = []
    for line in _LINE_END.split(text):
        if line[:1] in (" ", "\t") and folded and line.strip():
            folded[-1] += " " + line.strip()
        elif line.strip():
            folded.append(line.rstrip())
    for line in folded:
        if found := _FIELD.fullmatch(line):
            yield found[1].lower(), found[2].strip()


def _take_recipient(report: _Report, name: str, value: str) -> None:
    report.addressing_verified |= name in _VERIFIED
    if len(report.recipients) >= MAX_RECIPIENTS:
        report.limited = True
        return
    redirected = _REDIRECTION.fullmatch(value)
    address = _address(redirected["address"] if redirected else value)
    if address is None:
        return
    by = _address(redirected["by"]) if redirected else None
    expanded = redirected is not None and redirected["how"].lower() == "expanded"
    report.recipients.append(
        JournalRecipient(
            address=address,
            expanded_from=by if expanded else None,
            forwarded_from=None if expanded else by,
        )
    )


def _address(value: str) -> str | None:
    """One SMTP address, in brackets or without; None for a directory name (`[EX:/o=…]`)."""
    found = parse_mailboxes(value[:MAX_TEXT].encode("utf-8", "replace"))
    return found.addresses[0] if len(found.addresses) == 1 and found.clean else None


def _bare_id(report: _Report) -> str | None:
    return bare_message_id(report.single["message-id"].encode("utf-8", "replace"))


# -- what is said of the original ------------------------------------------------------------------


def _reported(facts: MailFacts, report: _Report, journal: JournalReport) -> MailFacts:
    """Raises Malformed for a report about another message."""
    if facts.message_id is not None and journal.message_id != facts.message_id:
        raise Malformed
    written = frozenset(facts.recipients)
    reached = [
        each.model_copy(update={"named": each.address in written}) for each in journal.recipients
    ]
    recipients = tuple(dict.fromkeys((*(each.address for each in reached), *facts.recipients)))
    limited = report.limited or len(recipients) > MAX_RECIPIENTS
    findings = {*facts.findings, *([Finding.MIME_LIMIT] if limited else [])}
    return facts.model_copy(
        update={
            "journal": journal.model_copy(update={"recipients": tuple(reached)}),
            "recipients": recipients[:MAX_RECIPIENTS],
            "automatic": facts.automatic or report.single["sender"] in ("", "<>"),
            "findings": tuple(sorted(findings)),
        }
    )


def _journal(
    report: _Report, wrapper: Entity, handed_in: _Marks, submitted: _Marks
) -> JournalReport:
    """The report with what its own header and the original's say of who submitted them."""
    on_behalf_of = report.single.get("on-behalf-of")
    return JournalReport(
        sender=_address(report.single["sender"]) or "",
        on_behalf_of=_address(on_behalf_of) if on_behalf_of else None,
        message_id=_bare_id(report),
        recipients=tuple(report.recipients),
        by_exchange=_in_exchanges_name(wrapper) and handed_in in ((), _INTERNAL),
        internal=report.addressing_verified and submitted == _INTERNAL,
        hops=parse_received(wrapper.values("received")),
    )


def _in_exchanges_name(wrapper: Entity) -> bool:
    """Exchange is the Sender of its reports, or the author; it lets no user of its own be that."""
    name = wrapper.values("sender") or wrapper.values("from")
    authors = parse_mailboxes(name[0]).addresses if len(name) == 1 else ()
    return len(authors) == 1 and authors[0].startswith(EXCHANGE_ITSELF)


def _marks(message: bytes, limits: Limits) -> _Marks:
    """What stands in the fields by which Exchange says how it took a message, lower-case.

    Exchange writes one, of its own, into every message. None for a header with anything that two
    readers may take differently: what the header firewall did not see as that field must not be one
    here, and what Exchange wrote must not lie behind an end of the header that it did not see.
    """
    line_end = b"\n" if message[message.find(b"\n") - 1 :][:1] != b"\r" else b"\r\n"
    end = message.find(line_end * 2, 0, limits.header_bytes)
    fields: list[bytes] = []
    for line in message[: max(end, 0)].split(line_end):
        if b"\r" in line or b"\n" in line:
            return None
        if line[:1] in (b" ", b"\t"):
            fields[-1:] = [each + line for each in fields[-1:]]
        elif _HEADER_LINE.match(line):
            fields.append(line.lower())
        else:
            return None
    found = [field for field in fields if field.startswith(_AUTHENTICATED)]
    return tuple(field.split(b":", 1)[1].strip().lower() for field in found)
