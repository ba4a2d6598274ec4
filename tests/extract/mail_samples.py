"""Mails and archives built by code."""

import base64
import io
import zipfile
from collections.abc import Mapping

from monitor.extract.documents import Contents, contents_of_mail
from monitor.extract.mail import Mail, read_mail
from monitor.model import Limits, MailEnvelope, MailFacts

PDF = b"%PDF-1.7\n1 0 obj<<>>endobj\ntrailer<<>>\n%%EOF\n"
LIMITS = Limits()
HEADER = (
    b"From: Van thu <vanthu@so.tinh.gov.vn>\r\n"
    b"To: ubnd@huyen.tinh.gov.vn\r\n"
    b"Subject: Bao cao\r\n"
    b"Message-ID: <1@so.tinh.gov.vn>\r\n"
    b"Date: Mon, 2 Mar 2026 09:00:00 +0700\r\n"
    b"MIME-Version: 1.0\r\n"
)


def envelope(mail_from: str = "vanthu@so.tinh.gov.vn") -> MailEnvelope:
    return MailEnvelope(mail_from=mail_from, rcpt_to=("journal@localhost",), peer="10.0.0.1")


def read(raw: bytes, limits: Limits = LIMITS) -> Mail:
    return read_mail(raw, envelope(), limits)


def facts(raw: bytes, limits: Limits = LIMITS) -> MailFacts:
    return read(raw, limits).facts


def contents(raw: bytes, limits: Limits = LIMITS) -> Contents:
    return contents_of_mail(read(raw, limits), limits)


def with_header(*lines: bytes) -> bytes:
    """A mail of those header lines over a plain body."""
    return b"".join(line + b"\r\n" for line in lines) + b"\r\nbody\r\n"


def b64(data: bytes) -> bytes:
    return base64.encodebytes(data).replace(b"\n", b"\r\n")


def attachment(data: bytes, name: str, content_type: str = "application/octet-stream") -> bytes:
    """A part with a base64 body."""
    return (
        f"Content-Type: {content_type}\r\n"
        f'Content-Disposition: attachment; filename="{name}"\r\n'
        "Content-Transfer-Encoding: base64\r\n\r\n"
    ).encode() + b64(data)


def mixed(*parts: bytes, boundary: str = "m1", kind: str = "multipart/mixed") -> bytes:
    """An entity of parts, with its Content-Type line."""
    mark = boundary.encode()
    joined = b"".join(b"--" + mark + b"\r\n" + part + b"\r\n" for part in parts)
    head = f'Content-Type: {kind}; boundary="{boundary}"\r\n\r\n'.encode()
    return head + joined + b"--" + mark + b"--\r\n"


def mail(*parts: bytes) -> bytes:
    """A whole message of parts."""
    return HEADER + mixed(*parts)


def archive(files: Mapping[str, bytes], method: int = zipfile.ZIP_DEFLATED) -> bytes:
    """A ZIP file."""
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", method) as target:
        for name, data in files.items():
            target.writestr(name, data)
    return buffer.getvalue()
