"""A mail inside a journal report is judged as the bare one; inside any other mail it is not."""

from uuid import uuid4

import pytest

from monitor.examine import Examiner
from monitor.model import (
    Binding,
    Channel,
    Examined,
    Finding,
    ItemHeader,
    Journal,
    Limits,
    MailEnvelope,
    Overall,
    PayloadKind,
)
from tests.extract.journal_samples import journal, message_part, report, text_part
from tests.extract.mail_samples import PDF, attachment, mixed
from tests.verify.smime_samples import (
    MOMENT,
    NOW,
    TEXT,
    clear_signed,
    header,
    material,
    opaque,
    pki,
    signed,
)

LEADER = pki().officer()
EXAMINER = Examiner(material(), Limits())
CONTENT = mixed(TEXT, attachment(PDF, "a.pdf"))
FROM = f"Lanh dao <{LEADER.email}>"
LETTERS = {
    "clear": header(FROM) + clear_signed(CONTENT, LEADER),
    "opaque": header(FROM) + opaque(signed(CONTENT, LEADER, detached=False)),
}


def item(size: int, source_sends: Journal, *, oversize: bool = False) -> ItemHeader:
    return ItemHeader(
        item_id=uuid4().hex,
        kind=PayloadKind.MAIL,
        source="exchange",
        channel=Channel.MAIL,
        received_at=NOW,
        size=size,
        oversize=oversize,
        envelope=MailEnvelope(mail_from="", rcpt_to=("journal@congvu.invalid",), peer="10.0.0.1"),
        journal=source_sends,
    )


def examine(raw: bytes, source_sends: Journal = Journal.EXCHANGE) -> Examined:
    return EXAMINER.examine(item(len(raw), source_sends), raw, MOMENT)


def wrapped(letter: bytes) -> bytes:
    message_id = next(line for line in letter.split(b"\r\n") if line.startswith(b"Message-ID"))
    text = report(sender=LEADER.email, message_id=message_id.split(b"<")[1][:-1].decode())
    return journal(letter, text)


@pytest.mark.parametrize("kind", LETTERS)
def test_a_signed_mail_is_judged_inside_a_report_as_it_is_bare(kind: str) -> None:
    letter = LETTERS[kind]
    bare, inside = examine(letter, Journal.COPY), examine(wrapped(letter))
    assert (inside.verdict.overall, inside.verdict.binding) == (Overall.VALID, Binding.OK)
    assert inside.verdict == bare.verdict
    assert inside.documents == bare.documents
    assert [each.file_name for each in inside.documents] == ["a.pdf"]
    assert inside.kept == bare.kept
    assert inside.mail is not None
    assert inside.mail.journal is not None
    assert inside.mail.journal.sender == LEADER.email


def test_one_changed_octet_inside_a_report_is_seen() -> None:
    changed = LETTERS["clear"].replace(TEXT.strip(), TEXT.strip() + b".")
    assert changed != LETTERS["clear"]
    assert examine(wrapped(changed)).verdict.overall is Overall.INVALID


def test_from_a_source_that_sends_copies_a_report_is_an_ordinary_mail() -> None:
    """Anybody can mail something that looks like a report."""
    examined = examine(wrapped(LETTERS["clear"]), Journal.COPY)
    assert examined.mail is not None
    assert examined.mail.journal is None
    assert examined.mail.message_id == (
        "4c75620b-707a-4cd8-acb1-879ddbc36331@journal.report.generator"
    )
    assert LEADER.email not in examined.mail.from_addresses
    assert examined.verdict.overall is not Overall.VALID


def test_a_bare_mail_of_a_source_that_sends_reports_is_judged_and_remarked() -> None:
    examined = examine(LETTERS["clear"])
    assert examined.verdict.overall is Overall.VALID
    assert examined.mail is not None
    assert examined.mail.findings == (Finding.JOURNAL_REPORT_MISSING,)


def test_a_message_attached_beside_the_original_gives_it_no_signature() -> None:
    """Only one of them is what the report is about."""
    text = report(sender=LEADER.email, message_id="1@so.tinh.gov.vn")
    unsigned = header(FROM) + TEXT
    raw = journal(parts=(text_part(text), message_part(unsigned), message_part(LETTERS["clear"])))
    assert examine(raw).verdict.overall is not Overall.VALID


def test_an_oversize_report_keeps_its_header_and_is_believed_nothing() -> None:
    raw = wrapped(LETTERS["clear"]).split(b"\r\n\r\n")[0] + b"\r\n\r\n"
    examined = EXAMINER.examine(item(99_000_000, Journal.EXCHANGE, oversize=True), raw, MOMENT)
    assert examined.findings == (Finding.OVERSIZE,)
    assert examined.mail is not None
    assert examined.mail.journal is None
