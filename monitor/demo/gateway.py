"""The feeder's side of SMTP and of the document folder: plays gateway and document system.

Blocking; the feeder calls it in a thread.
"""

import contextlib
import json
import smtplib
import socket
from pathlib import Path
from typing import Protocol

from monitor.clock import VIETNAM, vietnam_day
from monitor.demo.files import appear
from monitor.demo.mails import GATEWAY
from monitor.demo.sendings import ClaimedFile

TIMEOUT_SECONDS = 30


class PutOff(Exception):
    """The intake asks to try later, or is not there (code 0)."""

    def __init__(self, code: int) -> None:
        super().__init__(f"put off with {code}")
        self.code = code


class Refused(Exception):
    """The intake refused for good (5xx)."""

    def __init__(self, code: int) -> None:
        super().__init__(f"refused with {code}")
        self.code = code


class Deliver(Protocol):
    """Delivers one message; raises PutOff or Refused."""

    def __call__(self, mail_from: str, payload: bytes) -> None: ...


class GatewayClient:
    """One SMTP session at a time to the intake, opened when needed (RFC 5321)."""

    def __init__(self, host: str, port: int, journal_address: str) -> None:
        self._where = (host, port)
        self._journal = journal_address
        self._session: smtplib.SMTP | None = None

    def __call__(self, mail_from: str, payload: bytes) -> None:
        """Deliver a copy to the journal address under its original envelope sender."""
        try:
            self._open().sendmail(mail_from, [self._journal], payload)
        except smtplib.SMTPRecipientsRefused as error:
            self._judge(next(iter(error.recipients.values()))[0])
        except smtplib.SMTPResponseException as error:
            self._judge(error.smtp_code)
        except (OSError, smtplib.SMTPException):
            self.close()
            raise PutOff(0) from None

    def close(self) -> None:
        """Drop the session; a thread that waits for an answer in it wakes up with PutOff."""
        session, self._session = self._session, None
        if session and session.sock:
            with contextlib.suppress(OSError):
                session.sock.shutdown(socket.SHUT_RDWR)
            session.close()

    def _open(self) -> smtplib.SMTP:
        if self._session is None:
            session = smtplib.SMTP(local_hostname=GATEWAY, timeout=TIMEOUT_SECONDS)
            code, _ = session.connect(*self._where)
            if code != 220:
                session.close()
                raise smtplib.SMTPConnectError(code, b"")
            self._session = session
        return self._session

    def _judge(self, code: int) -> None:
        self.close()
        if 500 <= code <= 599:
            raise Refused(code)
        raise PutOff(code)


def file_document(inbox: Path, file: ClaimedFile, stem: str) -> str:
    """Put a document and then its manifest into the watched folder; gives the document's name."""
    name = f"{stem}-{file.document.name}"
    row = {
        "file": name,
        "agency": file.agency,
        "number": str(file.document.number),
        "notation": file.document.notation,
        "issued_on": (file.issued_on or vietnam_day(file.sent_at)).isoformat(),
        "sent_at": file.sent_at.astimezone(VIETNAM).isoformat(timespec="seconds"),
        "paper": file.paper.value,
        "size": len(file.document.data),
        "sha256": file.document.content_hash,
    }
    manifest = json.dumps([row], ensure_ascii=False).encode()
    appear(inbox / name, file.document.data)
    appear(inbox / f"manifest-{stem}.json", manifest)
    return name
