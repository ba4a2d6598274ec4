"""The operator's mail relay: one connection, TLS with a verified name, bounded waits.

RFC 5321, 3207 and 4954 by the standard library's client, which blocks: it works in a thread.
"""

import asyncio
import contextlib
import re
import smtplib
import socket
import ssl
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass

from monitor.errors import TemporaryError, UserError
from monitor.explain import safe
from monitor.report.delivery.handing import Result
from monitor.settings import ReportMailSettings

CONNECT_SECONDS = 10.0
ANSWER_SECONDS = 120.0
"""For each answer. RFC 5321 section 4.5.3.2.6 gives a server ten minutes after the last dot; one's
own relay that needs two is ill."""
FAREWELL_SECONDS = 5.0
DETAIL_LENGTH = 200


class RelayAway(TemporaryError):
    """There is no session with the relay: nothing was sent. The message says why."""


@dataclass(frozen=True, slots=True)
class Answer:
    """What became of one mail."""

    result: Result
    detail: str
    """The relay's words, on one short line: they may name the address."""

    @property
    def code(self) -> str:
        """What of them may stand in a log: "550 5.1.1"."""
        found = re.match(r"\d{3}(?:[ -]\d\.\d{1,3}\.\d{1,3}\b)?", self.detail)
        return found[0] if found else ""


class Relay:
    """A session that is open and logged in."""

    def __init__(self, client: smtplib.SMTP) -> None:
        self._client = client

    @property
    def most_bytes(self) -> int | None:
        """The largest mail that it takes (RFC 1870); None where it does not say."""
        said = self._client.esmtp_features.get("size", "")
        return int(said) or None if said.isdecimal() else None

    @property
    def there(self) -> bool:
        """Whether the session still stands."""
        return self._client.sock is not None

    async def send(self, sender: str, recipient: str, mail: bytes) -> Answer:
        """Hand one mail over; whatever the relay does is the answer."""
        try:
            return await asyncio.to_thread(_handed, self._client, sender, recipient, mail)
        except asyncio.CancelledError:
            _cut(self._client)
            raise


class _Begun:
    """A connection from before it is there, so that one that hangs can be given up."""

    def __init__(self) -> None:
        self.client: smtplib.SMTP | None = None
        self.given_up = False

    def give_up(self) -> None:
        """End it now, or before it waits for its first answer."""
        self.given_up = True
        if self.client:
            _cut(self.client)

    def require_wanted(self, client: smtplib.SMTP) -> None:
        """Closes it and raises SMTPServerDisconnected once it was given up."""
        if self.given_up:
            client.close()
            raise smtplib.SMTPServerDisconnected("given up")


@asynccontextmanager
async def session(settings: ReportMailSettings) -> AsyncIterator[Relay]:
    """The relay of the settings. Raises RelayAway."""
    begun = _Begun()
    try:
        client = await asyncio.to_thread(_opened, settings, begun)
    except asyncio.CancelledError:
        begun.give_up()
        raise
    try:
        yield Relay(client)
    except BaseException:
        _cut(client)
        raise
    await asyncio.to_thread(_leave, client)


def _opened(settings: ReportMailSettings, begun: _Begun) -> smtplib.SMTP:
    where = f"{settings.host}:{settings.port}"
    try:
        context = trusting(settings)
        client = _connected(settings, context, begun)
        try:
            _log_in(client, settings, context)
        except BaseException:
            _cut(client)
            raise
    except UserError as error:
        raise RelayAway(str(error)) from error
    except ssl.SSLCertVerificationError as error:
        raise RelayAway(f"{where}: its certificate is not good: {error.verify_message}") from error
    except smtplib.SMTPResponseException as error:
        raise RelayAway(f"{where}: {_words(error.smtp_code, error.smtp_error)}") from error
    except UnicodeError:
        raise RelayAway("report_mail: username and password have to be plain ASCII") from None
    except (smtplib.SMTPException, OSError) as error:
        raise RelayAway(f"{where}: {_short(error)}") from error
    return client


def trusting(settings: ReportMailSettings) -> ssl.SSLContext | None:
    """Who is believed to be the relay; None where nothing is encrypted. Raises UserError."""
    if settings.tls == "none":
        return None
    try:
        return ssl.create_default_context(cafile=settings.tls_ca)
    except (OSError, ssl.SSLError) as error:
        raise UserError(
            f"report_mail.tls_ca: {settings.tls_ca}: cannot be read as PEM certificates: "
            f"{_short(error)}"
        ) from None


def _connected(
    settings: ReportMailSettings, context: ssl.SSLContext | None, begun: _Begun
) -> smtplib.SMTP:
    host, port = settings.host or "", settings.port
    if settings.tls == "tls":
        return _OverTls(begun, host, port, timeout=CONNECT_SECONDS, context=context)
    return _Plain(begun, host, port, timeout=CONNECT_SECONDS)


class _Plain(smtplib.SMTP):
    """Asks before it waits for an answer whether anybody still does."""

    def __init__(self, begun: _Begun, host: str, port: int, timeout: float) -> None:
        self._begun, begun.client = begun, self
        super().__init__(host, port, timeout=timeout)

    def getreply(self) -> tuple[int, bytes]:
        self._begun.require_wanted(self)
        return super().getreply()


class _OverTls(smtplib.SMTP_SSL):
    """The same where all is TLS."""

    def __init__(
        self, begun: _Begun, host: str, port: int, timeout: float, context: ssl.SSLContext | None
    ) -> None:
        self._begun, begun.client = begun, self
        super().__init__(host, port, timeout=timeout, context=context)

    def getreply(self) -> tuple[int, bytes]:
        self._begun.require_wanted(self)
        return super().getreply()


def _log_in(
    client: smtplib.SMTP, settings: ReportMailSettings, context: ssl.SSLContext | None
) -> None:
    if settings.tls == "starttls":
        client.starttls(context=context)
    client.ehlo_or_helo_if_needed()
    if settings.username and settings.password:
        client.login(settings.username, settings.password.get_secret_value())
    if client.sock:
        client.sock.settimeout(ANSWER_SECONDS)


def _handed(client: smtplib.SMTP, sender: str, recipient: str, mail: bytes) -> Answer:
    try:
        size = [f"size={len(mail)}"] if client.has_extn("size") else []
        for said in (client.mail(sender, size), client.rcpt(recipient)):
            if said[0] // 100 != 2:
                client.rset()
                return _refusal(*said)
    except (smtplib.SMTPException, OSError) as error:
        return Answer(Result.FAILED, _short(error))
    return _data(client, mail)


def _data(client: smtplib.SMTP, mail: bytes) -> Answer:
    try:
        code, said = client.data(mail)
    except smtplib.SMTPDataError as error:
        return _refusal(error.smtp_code, error.smtp_error)
    except (smtplib.SMTPException, OSError) as error:
        return Answer(Result.UNKNOWN, _short(error))
    return Answer(Result.SENT, _words(code, said)) if code // 100 == 2 else _refusal(code, said)


def _refusal(code: int, said: bytes | str) -> Answer:
    # 421 and the like say "later"; -1 is an answer that was none.
    return Answer(Result.REFUSED if code // 100 == 5 else Result.FAILED, _words(code, said))


def _words(code: int, said: bytes | str) -> str:
    text = said.decode("utf-8", "replace") if isinstance(said, bytes) else said
    return safe(f"{code} {text}", DETAIL_LENGTH)


def _short(error: Exception) -> str:
    text = error.strerror if isinstance(error, OSError) and error.strerror else str(error)
    return safe(text or type(error).__name__, DETAIL_LENGTH)


def _leave(client: smtplib.SMTP) -> None:
    """Say good-bye, and do not wait for who does not answer."""
    with contextlib.suppress(smtplib.SMTPException, OSError):
        if client.sock:
            client.sock.settimeout(FAREWELL_SECONDS)
        client.quit()
    client.close()


def _cut(client: smtplib.SMTP) -> None:
    """End the connection; a thread that waits on it wakes up."""
    with contextlib.suppress(OSError):
        if client.sock:
            client.sock.shutdown(socket.SHUT_RDWR)
    client.close()
