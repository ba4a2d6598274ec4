"""One message has one key in all its copies, and no other message has it."""

import base64
import quopri

import pytest

from monitor.extract.mail import read_mail
from monitor.model import Finding
from tests.extract.mail_samples import HEADER, LIMITS, PDF, attachment, envelope, facts, mail, mixed

BODY = "Kính gửi Ủy ban nhân dân xã,\r\n\r\nBáo cáo tháng 3.\r\n".encode()


def text_part(encoding: str) -> bytes:
    body = {
        "8bit": BODY,
        "base64": base64.encodebytes(BODY),
        "quoted-printable": quopri.encodestring(BODY),
    }[encoding]
    head = (
        f"Content-Type: text/plain; charset=utf-8\r\nContent-Transfer-Encoding: {encoding}\r\n\r\n"
    )
    return head.encode() + body


def key(raw: bytes) -> str:
    return facts(raw).message_key


ORIGINAL = mail(text_part("8bit"), attachment(PDF, "a.pdf"))


@pytest.mark.parametrize(
    "copy",
    [
        b"Received: from a by b; Mon, 2 Mar 2026 09:00:01 +0700\r\n" + ORIGINAL,
        b"Return-Path: <x@y.vn>\r\nDelivered-To: c@d.vn\r\nX-Spam: no\r\n" + ORIGINAL,
        ORIGINAL.replace(b"To: ubnd@huyen", b"To: another@huyen"),
        ORIGINAL.replace(b"\r\n", b"\n"),
        mail(text_part("quoted-printable"), attachment(PDF, "a.pdf")),
        mail(text_part("base64"), attachment(PDF, "a.pdf")),
        mail(attachment(PDF, "a.pdf"), text_part("8bit")),
        mail(mixed(text_part("8bit"), boundary="new"), attachment(PDF, "a.pdf")),
        ORIGINAL.replace(b"Van thu <", b"=?utf-8?Q?V=C4=83n_th=C6=B0?= <"),
        ORIGINAL.replace(b"Mon, 2 Mar 2026 09:00:00 +0700", b"2 Mar 2026 02:00:00 +0000 (UTC)"),
        ORIGINAL.replace(b"Message-ID: <1@", b"Message-Id:\r\n <1@"),
        ORIGINAL.replace(b"Subject: Bao cao", b"Subject: [ngoai] Bao cao"),
        mail(text_part("8bit") + b"\r\n\r\n", attachment(PDF, "a.pdf")),
    ],
    ids=[
        "another hop", "delivery marks", "rewritten recipient", "line ends", "now quoted-printable",
        "now base64", "parts reordered", "parts wrapped", "name encoded anew", "date in UTC",
        "folded", "subject marked", "blank lines at the end",
    ],
)  # fmt: skip
def test_a_copy_has_the_key_of_the_original(copy: bytes) -> None:
    assert copy != ORIGINAL
    assert key(copy) == key(ORIGINAL)


@pytest.mark.parametrize(
    "other",
    [
        ORIGINAL.replace(b"<1@so", b"<2@so"),
        ORIGINAL.replace(b"09:00:00", b"09:00:01"),
        ORIGINAL.replace(b"From: Van thu <vanthu@", b"From: Van thu <vanphong@"),
        mail(text_part("8bit"), attachment(PDF + b" ", "a.pdf")),
        mail(text_part("8bit").replace(b"3.", b"4."), attachment(PDF, "a.pdf")),
        mail(text_part("8bit")),
        mail(text_part("8bit"), attachment(PDF, "a.pdf"), attachment(PDF, "a.pdf")),
        mail(text_part("8bit"), attachment(PDF, "a.pdf"), b"\r\n-- \r\nlist footer"),
    ],
    ids=["id", "date", "from", "document", "text", "fewer", "more", "list footer"],
)
def test_another_message_with_the_same_message_id_has_another_key(other: bytes) -> None:
    assert key(other) != key(ORIGINAL)


def test_fields_do_not_run_into_each_other() -> None:
    one = HEADER.replace(b"<1@so.tinh.gov.vn>", b"<a>").replace(b"Date: ", b"Date: b")
    two = HEADER.replace(b"<1@so.tinh.gov.vn>", b"<ab>").replace(b"Date: ", b"Date: ")
    assert key(one + b"\r\nx") != key(two + b"\r\nx")


def test_a_missing_message_id_drops_nothing_and_is_said() -> None:
    raw = ORIGINAL.replace(b"Message-ID: <1@so.tinh.gov.vn>\r\n", b"")
    found = facts(raw)
    assert found.message_id is None
    assert Finding.MESSAGE_ID_MISSING in found.findings
    assert found.message_key == key(b"X-New: 1\r\n" + raw)
    assert found.message_key != key(raw.replace(b"3.", b"4."))


def test_a_header_alone_never_shares_a_key_with_a_whole_message() -> None:
    part = read_mail(HEADER + b"\r\n", envelope(), LIMITS, whole=False).facts
    assert part.message_key != key(HEADER + b"\r\n")
    assert part.message_id == "1@so.tinh.gov.vn"
