"""Journal messages as Exchange 2019 and Exchange Online write them, built by code."""

from collections.abc import Sequence

SENDER = "vanthu@so.tinh.gov.vn"
PARTNER = "ban@example.org"
MESSAGE_ID = "1@so.tinh.gov.vn"
TO = (f"To: {PARTNER}",)
ORIGINAL_HEADER = (
    b"Received: from mbx1.tinh.gov.vn (10.0.0.21) by mbx1.tinh.gov.vn (10.0.0.21) with\r\n"
    b" Microsoft SMTP Server id 15.2.1544.11 via Mailbox; Mon, 2 Mar 2026 09:00:01 +0700\r\n"
    b"Received: from mbx1.tinh.gov.vn ([fe80::1]) by mbx1.tinh.gov.vn ([fe80::1%12]) with mapi\r\n"
    b" id 15.02.1544.011; Mon, 2 Mar 2026 09:00:00 +0700\r\n"
)
INTERNAL = b"X-MS-Exchange-Organization-AuthAs: Internal\r\n"
ANONYMOUS = b"X-MS-Exchange-Organization-AuthAs: Anonymous\r\n"
EXCHANGE = b"Sender: <MicrosoftExchange329e71ec88ae4615bbc36ab6ce41109e@tinh.gov.vn>\r\n"
BOUNDARY = b"_2215cfb8-4705-4b9f-af14-b692645bea51_"


def original(
    body: bytes = b"\r\nKinh gui\r\n",
    *,
    sender: str = SENDER,
    to: str = PARTNER,
    marks: bytes = INTERNAL,
    message_id: str = MESSAGE_ID,
) -> bytes:
    """A message as it lies in a report; `body` begins with its content header, or a blank line."""
    return (
        ORIGINAL_HEADER
        + f"From: Van thu <{sender}>\r\nTo: {to}\r\nSubject: Bao cao\r\n".encode()
        + f"Message-ID: <{message_id}>\r\nDate: Mon, 2 Mar 2026 09:00:00 +0700\r\n".encode()
        + marks
        + b"MIME-Version: 1.0\r\n"
        + body
    )


def report(
    *recipients: str,
    sender: str = SENDER,
    message_id: str = MESSAGE_ID,
    more: Sequence[str] = (),
) -> bytes:
    """The text of a report."""
    lines = (
        f"Sender: {sender}", *more, "Subject: Bao cao", f"Message-Id: <{message_id}>",
        *(recipients or TO),
    )  # fmt: skip
    return "".join(line + "\r\n" for line in lines).encode()


def text_part(text: bytes, content_type: str = 'text/plain; charset="utf-8"') -> bytes:
    head = f"Content-Type: {content_type}\r\nContent-Transfer-Encoding: 8bit\r\n\r\n"
    return head.encode() + text


def message_part(message: bytes) -> bytes:
    return b"Content-Type: message/rfc822\r\n\r\n" + message


def journal(
    message: bytes | None = None,
    text: bytes | None = None,
    *,
    parts: Sequence[bytes] | None = None,
    hops: Sequence[str] = (),
    mark: bytes = b"X-MS-Journal-Report:\r\n",
    author: bytes = EXCHANGE,
) -> bytes:
    """What Exchange sends to the journal's address; `hops` are Received values, newest first."""
    inside = parts or (
        text_part(report() if text is None else text),
        message_part(original() if message is None else message),
    )
    joined = b"".join(b"--" + BOUNDARY + b"\r\n" + part + b"\r\n" for part in inside)
    return (
        "".join(f"Received: {hop}\r\n" for hop in hops).encode()
        + f"From: Van thu <{SENDER}>\r\nTo: {PARTNER}\r\nSubject: Bao cao\r\n".encode()
        + author
        + b"Message-ID: <4c75620b-707a-4cd8-acb1-879ddbc36331@journal.report.generator>\r\n"
        + b"Date: Mon, 2 Mar 2026 02:00:02 +0000\r\n"
        + mark
        + b"X-MS-Exchange-Parent-Message-Id: <1@so.tinh.gov.vn>\r\n"
        + b"Auto-Submitted: auto-generated\r\n"
        + b"X-MS-Exchange-Generated-Message-Source: Journal Agent\r\nMIME-Version: 1.0\r\n"
        + b'Content-Type: multipart/mixed;\r\n\tboundary="' + BOUNDARY + b'"\r\n\r\n'
        + joined + b"--" + BOUNDARY + b"--\r\n"
    )  # fmt: skip
