"""Building the demo's mails: plain, with attachments, S/MIME signed, with a gateway's trace.

Pure functions from values to the bytes of a message with CRLF line ends. Boundaries come from the
Message-ID, so that the same input gives the same bytes (signature values apart).
"""

import hashlib
from base64 import b64encode
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from email.headerregistry import Address
from email.message import EmailMessage, MIMEPart
from email.policy import SMTP
from email.utils import format_datetime

from monitor.clock import VIETNAM
from monitor.demo.pki import Identity
from monitor.demo.signing import Manner, sign_cms

POLICY = SMTP.clone(cte_type="7bit")
GATEWAY = "mail.hoasen.demo.example"
OFFICE_CLIENT = "10.99.1.23"
"""A workstation inside the province's network, logged in at the gateway."""
OUTSIDE_CLIENT = "203.0.113.77"
"""A host on the internet (RFC 5737), not logged in."""

_TYPES = {
    "pdf": ("application", "pdf"),
    "zip": ("application", "zip"),
    "docx": ("application", "vnd.openxmlformats-officedocument.wordprocessingml.document"),
}


@dataclass(frozen=True)
class Attachment:
    """One file of a mail; its type follows from the name's ending."""

    name: str
    data: bytes


@dataclass(frozen=True)
class Mail:
    """What a mail says, before it is signed or sent."""

    sender: str
    recipients: tuple[str, ...]
    subject: str
    message_id: str
    """Without angle brackets."""
    date: datetime
    text: str = "Kính gửi quý cơ quan.\n\nDỮ LIỆU DEMO – DEMO DATA\n"
    attachments: tuple[Attachment, ...] = ()
    display_name: str = ""
    headers: tuple[tuple[str, str], ...] = ()
    """Further header fields, such as Auto-Submitted."""


def plain_mail(mail: Mail) -> bytes:
    """The mail unsigned."""
    message = EmailMessage(POLICY)
    _address(message, mail)
    _fill(message, mail)
    return message.as_bytes()


async def signed_mail(
    mail: Mail, signer: Identity, manner: Manner, *, opaque: bool = False
) -> bytes:
    """The mail as S/MIME (RFC 8551): multipart/signed, or opaque signed-data."""
    inner = MIMEPart(POLICY)
    _fill(inner, mail)
    entity = inner.as_bytes()
    cms = await sign_cms(entity, signer, manner, detached=not opaque)
    outer = EmailMessage(POLICY)
    _address(outer, mail)
    head = b"".join(POLICY.fold_binary(name, value) for name, value in outer.items())
    body = _opaque(cms) if opaque else _detached(entity, cms, _boundary(mail, "signed"))
    return head + body


def with_trace(
    message: bytes,
    client: str,
    protocol: str,
    at: datetime,
    queue_id: str = "4DEMO0000",
) -> bytes:
    """The message with the gateway's Received header (RFC 5321 4.4) on top.

    `client` is the address that handed the message in; `protocol` `ESMTPSA` says it had logged
    in (RFC 3848), `ESMTP` that it had not.
    """
    line = (
        f"Received: from [{client}] (unknown [{client}])\r\n"
        f"\tby {GATEWAY} (Postfix) with {protocol} id {queue_id};\r\n"
        f"\t{format_datetime(at.astimezone(VIETNAM))}\r\n"
    )
    return line.encode() + message


def from_inside(message: bytes, at: datetime, queue_id: str = "4DEMO0000") -> bytes:
    """As submitted by an official who had logged in at the gateway."""
    return with_trace(message, OFFICE_CLIENT, "ESMTPSA", at, queue_id)


def from_outside(
    message: bytes, at: datetime, queue_id: str = "4DEMO0000", client: str = OUTSIDE_CLIENT
) -> bytes:
    """As received by the gateway from the internet."""
    return with_trace(message, client, "ESMTP", at, queue_id)


def _address(message: EmailMessage, mail: Mail) -> None:
    message["From"] = Address(mail.display_name, addr_spec=mail.sender)
    message["To"] = tuple(Address(addr_spec=address) for address in mail.recipients)
    message["Subject"] = mail.subject
    message["Date"] = format_datetime(mail.date.astimezone(VIETNAM))
    message["Message-ID"] = f"<{mail.message_id}>"
    for name, value in mail.headers:
        message[name] = value
    message["X-Demo"] = "congvu demo data"
    message["MIME-Version"] = "1.0"


def _fill(part: MIMEPart, mail: Mail) -> None:
    """Text and attachments; `set_content` would add MIME-Version to an EmailMessage only once."""
    version = part.get_all("MIME-Version", [])
    del part["MIME-Version"]
    part.set_content(mail.text)
    for attachment in mail.attachments:
        kind = _TYPES.get(attachment.name.rpartition(".")[2], ("application", "octet-stream"))
        part.add_attachment(
            attachment.data, maintype=kind[0], subtype=kind[1], filename=attachment.name
        )
    if mail.attachments:
        part.set_boundary(_boundary(mail, "mixed"))
    if version and "MIME-Version" not in part:
        part["MIME-Version"] = version[0]


def _boundary(mail: Mail, what: str) -> str:
    digest = hashlib.sha256(f"{what} {mail.message_id}".encode()).hexdigest()
    return f"=_demo_{digest[:24]}"


def _detached(entity: bytes, cms: bytes, boundary: str) -> bytes:
    edge = b"--" + boundary.encode()
    return b"\r\n".join(
        (
            b'Content-Type: multipart/signed; protocol="application/pkcs7-signature";',
            b'\tmicalg=sha-256; boundary="' + boundary.encode() + b'"',
            b"",
            b"This is an S/MIME signed message.",
            edge,
            entity,
            edge,
            b'Content-Type: application/pkcs7-signature; name="smime.p7s"',
            b"Content-Transfer-Encoding: base64",
            b'Content-Disposition: attachment; filename="smime.p7s"',
            b"",
            *_base64_lines(cms),
            edge + b"--",
            b"",
        )
    )


def _opaque(cms: bytes) -> bytes:
    return b"\r\n".join(
        (
            b'Content-Type: application/pkcs7-mime; smime-type=signed-data; name="smime.p7m"',
            b"Content-Transfer-Encoding: base64",
            b'Content-Disposition: attachment; filename="smime.p7m"',
            b"",
            *_base64_lines(cms),
            b"",
        )
    )


def _base64_lines(data: bytes) -> Sequence[bytes]:
    encoded = b64encode(data)
    return [encoded[i : i + 76] for i in range(0, len(encoded), 76)]
