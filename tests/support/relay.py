"""A mail relay that tests tell what to answer, on a free port, with what it took."""

import ssl
from collections.abc import Awaitable, Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from email import message_from_bytes
from email.message import EmailMessage
from email.policy import default
from typing import Any

from aiosmtpd.controller import Controller
from aiosmtpd.smtp import SMTP, AuthResult, Envelope, Session

from monitor.settings import ReportMailSettings
from tests.support.daemon import free_port


@dataclass
class Took:
    """One mail that the relay has taken over."""

    sender: str
    recipient: str
    mail: EmailMessage
    raw: bytes

    @property
    def files(self) -> dict[str, bytes]:
        """Attachments by name."""
        return {
            str(part.get_filename()): part.get_payload(decode=True)  # type: ignore[misc]  # bytes
            for part in self.mail.iter_attachments()
        }

    @property
    def text(self) -> str:
        body = self.mail.get_body(("plain",))
        assert body is not None
        return str(body.get_content())


@dataclass
class FakeRelay:
    """The handler of aiosmtpd; answers are given by address, "250 OK" else."""

    refuses: dict[str, str] = field(default_factory=dict)
    """Answer to RCPT, by address."""
    after_data: str = "250 2.0.0 taken"
    breaks: bool = False
    """The connection goes before the answer to a mail that is taken."""
    took: list[Took] = field(default_factory=list)
    port: int = field(default_factory=free_port)
    meanwhile: Callable[[], Awaitable[None]] | None = None
    """Happens before a mail is answered."""

    async def handle_RCPT(  # noqa: N802 - aiosmtpd's name
        self, server: SMTP, session: Session, envelope: Envelope, address: str, options: list[str]
    ) -> str:
        if address in self.refuses:
            return self.refuses[address]
        envelope.rcpt_tos.append(address)
        return "250 OK"

    async def handle_DATA(  # noqa: N802
        self, server: SMTP, session: Session, envelope: Envelope
    ) -> str:
        raw = envelope.content
        assert isinstance(raw, bytes)
        if self.after_data.startswith("2"):
            mail = message_from_bytes(raw, policy=default)
            assert isinstance(mail, EmailMessage)
            self.took += [
                Took(str(envelope.mail_from), each, mail, raw) for each in envelope.rcpt_tos
            ]
        if self.meanwhile:
            await self.meanwhile()
        if self.breaks:
            assert server.transport is not None
            server.transport.close()
        return self.after_data

    def to(self, address: str) -> list[Took]:
        return [each for each in self.took if each.recipient == address]

    def settings(self, **more: Any) -> ReportMailSettings:
        """Of one who sends by it, in clear unless told."""
        values = {"host": "127.0.0.1", "port": self.port, "tls": "none",
                  "sender": "congvu@tinh.example", **more}  # fmt: skip
        return ReportMailSettings.model_validate(values)


@contextmanager
def relaying(
    relay: FakeRelay,
    *,
    tls: ssl.SSLContext | None = None,
    wrapped: bool = False,
    logins: Mapping[str, str] | None = None,
    most_bytes: int = 0,
) -> Iterator[FakeRelay]:
    """The relay while it listens; `wrapped` is TLS from the first byte."""

    def known(_: object, __: object, ___: object, ____: object, data: Any) -> AuthResult:
        user, password = data.login.decode(), data.password.decode()
        return AuthResult(success=(logins or {}).get(user) == password, handled=False)

    more: dict[str, Any] = {}
    if tls and not wrapped:
        more = {"tls_context": tls, "require_starttls": True}
    if logins:
        more |= {"authenticator": known, "auth_required": True}
    server = Controller(
        relay, "127.0.0.1", relay.port, ssl_context=tls if wrapped else None,
        data_size_limit=most_bytes or None, ident="relay", **more,
    )  # fmt: skip
    server.start()
    try:
        yield relay
    finally:
        server.stop()
