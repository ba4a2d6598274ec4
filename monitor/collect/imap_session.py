"""One connection to an IMAP server (RFC 9051, 3501): what the journal mailbox needs of IMAPClient.

The library believes what a server says of lengths and reads until it has them. Here one command
may read so much and no more, its bodies are asked for by range, so that even a mail of unknown
size has a bound, and everything that goes wrong is a MailboxError with a word for it. All calls
block; `abort` ends one from another thread.
"""

import imaplib
import socket
import ssl
import threading
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from datetime import UTC, datetime
from errno import errorcode
from select import POLLIN, poll
from typing import Any

from imapclient import IMAPClient
from imapclient.exceptions import (
    IMAPClientAbortError,
    IMAPClientError,
    IMAPClientReadOnlyError,
    LoginError,
)
from imapclient.response_parser import parse_fetch_response

from monitor.collect.data import HEADER_BYTES
from monitor.collect.events import MailboxFault
from monitor.collect.pulled import PulledMail, within
from monitor.errors import UserError
from monitor.settings import ImapSource

ANSWER_BYTES = 8 * 1024 * 1024
"""Most that the server may say beside the mails that were asked for."""
SOCKET_SECONDS = 30.0
"""Longest silence of a server that owes an answer."""
REMOVED_AT_ONCE = 200
"""UIDs in one command: its line stays below the 8192 bytes that servers take (RFC 9051 4)."""
LISTED_AT_ONCE = 2000
"""UIDs of one listing."""
BATCH_MAILS = 64
BATCH_BYTES = 16 * 1024 * 1024
_PASSING = ("[UNAVAILABLE]", "[LIMIT]", "[INUSE]", "[SERVERBUG]")
"""Codes of a refusal that passes by itself (RFC 5530)."""


class MailboxError(Exception):
    """The mailbox cannot be used as asked."""

    def __init__(self, fault: MailboxFault, detail: str = "") -> None:
        super().__init__(f"{fault.value} {detail}".strip())
        self.fault = fault
        self.detail = detail


@dataclass(frozen=True, slots=True)
class Selected:
    """The folder as it is selected."""

    uid_validity: int
    uid_next: int
    first_uid: int
    """Of the oldest mail; `uid_next` where the folder is empty."""


@dataclass(frozen=True, slots=True)
class Listed:
    """One mail of the folder, not yet read."""

    uid: int
    size: int
    """As the server says; some round or guess."""
    stored_at: datetime | None
    """INTERNALDATE."""


class _OverBound(Exception):
    """The server says more than it was allowed to."""


class _Wire(imaplib.IMAP4):
    """imaplib's connection, verified where it is TLS, with a bound on what it reads."""

    allowed = ANSWER_BYTES

    def __init__(
        self,
        host: str,
        port: int,
        context: ssl.SSLContext | None,
        opened: Callable[[socket.socket], None],
    ) -> None:
        self._context = context
        self._opened = opened
        super().__init__(host, port, timeout=SOCKET_SECONDS)

    def _create_socket(self, timeout: float | None) -> socket.socket:
        plain = socket.create_connection((self.host, self.port), timeout)
        if self._context is None:
            self._opened(plain)
            return plain
        secured = self._context.wrap_socket(
            plain, server_hostname=self.host, do_handshake_on_connect=False
        )
        self._opened(secured)
        secured.do_handshake()
        return secured

    def read(self, size: int) -> bytes:
        self._take(size)
        return super().read(size)

    def readline(self) -> bytes:
        try:
            line = super().readline()
        except self.error as error:  # a line past imaplib's own bound of a million bytes
            raise _OverBound from error
        self._take(len(line))
        return line

    def _take(self, size: int) -> None:
        if size > self.allowed:
            raise _OverBound
        self.allowed -= size


class _Client(IMAPClient):  # type: ignore[misc]  # the library has no types
    """IMAPClient on a bounded connection."""

    def __init__(
        self,
        source: ImapSource,
        context: ssl.SSLContext | None,
        opened: Callable[[socket.socket], None],
    ) -> None:
        self._open_wire: Callable[[], _Wire] = lambda: _Wire(
            source.host, source.port, context, opened
        )
        super().__init__(source.host, source.port, ssl=context is not None, timeout=SOCKET_SECONDS)
        self._imap.debug = 0  # else every line is put into words that nobody reads
        self.normalise_times = False

    def _create_IMAP4(self) -> _Wire:  # noqa: N802 - the library's name
        return self._open_wire()

    @property
    def wire(self) -> _Wire:
        wire: _Wire = self._imap
        return wire


class MailboxSession:
    """One connection, from `open` to `close`; every call raises MailboxError.

    Calls wait for one another; `abort` waits for none.
    """

    def __init__(self, source: ImapSource) -> None:
        self._source = source
        self._opened: _Client | None = None
        self._socket: socket.socket | None = None
        self._aborted = False
        self._one_at_a_time = threading.RLock()

    # -- coming and going -----------------------------------------------------------------------

    def open(self) -> None:
        """Connect and log in."""
        with self._one_at_a_time, _faults():
            password = self._password()
            context = None if self._source.security == "none" else self._tls()
            implicit = self._source.security == "tls"
            client = _Client(self._source, context if implicit else None, self._keep)
            self._opened = client
            if self._source.security == "starttls":
                client.starttls(context)
                self._keep(client.wire.sock)
            _log_in(client, self._source.username, password)

    def close(self) -> None:
        """Log out, if the server still listens, and let go of the connection."""
        with self._one_at_a_time:
            if self._opened and not self._aborted:
                with suppress(Exception):  # a connection that is gone is as good as closed
                    self._opened.logout()
            self.abort()
            if self._opened:
                self._opened.wire.file.close()
            if self._socket:
                self._socket.close()

    def abort(self) -> None:
        """Cut the connection: a call that waits for it ends. From any thread."""
        self._aborted = True
        if self._socket:
            with suppress(OSError):
                # Past TLS: its own shutdown is not made for a reader in another thread.
                socket.socket.shutdown(self._socket, socket.SHUT_RDWR)

    def _keep(self, opened: socket.socket) -> None:
        self._socket = opened
        if self._aborted:
            self.abort()

    def _password(self) -> str:
        try:
            return self._source.password()
        except UserError:
            raise MailboxError(MailboxFault.PASSWORD_UNREADABLE) from None

    def _tls(self) -> ssl.SSLContext:
        ca = self._source.ca
        try:
            return ssl.create_default_context(cafile=str(ca) if ca else None)
        except OSError as error:
            raise MailboxError(MailboxFault.CERTIFICATE, f"ca: {error.strerror}") from None

    # -- the folder -----------------------------------------------------------------------------

    def select(self) -> Selected:
        """Look at the folder as it is now."""
        with self._calling() as client:
            try:
                said = client.select_folder(self._source.folder)
            except IMAPClientReadOnlyError:
                raise MailboxError(MailboxFault.READ_ONLY) from None
            except IMAPClientAbortError:
                raise
            except IMAPClientError as error:
                if _is_passing(error):
                    raise
                raise MailboxError(MailboxFault.FOLDER_MISSING) from None
            uid_next = said[b"UIDNEXT"]
            first = self._first_uid(client) if said[b"EXISTS"] else None
            return Selected(said[b"UIDVALIDITY"], uid_next, first or uid_next)

    def _first_uid(self, client: _Client) -> int | None:
        typ, data = client.wire.fetch("1", "(UID)")
        found = parse_fetch_response(data) if typ == "OK" else {}
        return min(found, default=None)

    def listing(self, low: int, high: int) -> list[Listed]:
        """The mails with these UIDs, both included, oldest first."""
        with self._calling() as client:
            typ, data = client.wire.uid("FETCH", f"{low}:{high}", "(RFC822.SIZE INTERNALDATE)")
            if typ != "OK":
                raise MailboxError(MailboxFault.REFUSED, "FETCH")
            found = parse_fetch_response(data, normalise_times=False)
            return [
                Listed(uid, max(0, int(each[b"RFC822.SIZE"])), _aware(each.get(b"INTERNALDATE")))
                for uid, each in sorted(found.items())
                if low <= uid <= high and b"RFC822.SIZE" in each
            ]

    def fetch(self, mails: Sequence[Listed], max_bytes: int) -> dict[int, PulledMail]:
        """The mails by UID, of one past `max_bytes` its header section.

        One that is not there any more, or that the server does not give, is left out; when it
        refuses all of them together, REFUSED is raised.
        """
        small = [mail for mail in mails if mail.size <= max_bytes]
        found = {}
        if small:
            bodies = self._bodies(small, f"BODY.PEEK[]<0.{max_bytes + 1}>", max_bytes + 1)
            for mail in small:
                if (raw := bodies.get(mail.uid)) is not None:
                    size = len(raw) if len(raw) <= max_bytes else max(mail.size, len(raw))
                    found[mail.uid] = within(raw, size, max_bytes, mail.stored_at)
        for mail in mails:
            if mail.size > max_bytes:
                bodies = self._bodies([mail], f"BODY.PEEK[HEADER]<0.{HEADER_BYTES}>", HEADER_BYTES)
                if (raw := bodies.get(mail.uid)) is not None:
                    found[mail.uid] = within(raw, mail.size, max_bytes, mail.stored_at)
        return found

    def _bodies(self, mails: Sequence[Listed], section: str, most: int) -> dict[int, bytes]:
        # What a server says of sizes may be a guess: there is room for one mail of any size.
        room = most + sum(min(mail.size, most) for mail in mails)
        with self._calling(room) as client:
            answers = client.fetch([mail.uid for mail in mails], [section])
        bodies = {}
        for uid, answer in answers.items():
            for key, value in answer.items():
                if key.startswith(b"BODY[") and isinstance(value, bytes | int):
                    bodies[uid] = value if isinstance(value, bytes) else str(value).encode()
        return bodies

    def remove(self, uids: Sequence[int]) -> None:
        """Move mails to the archive folder, made if need be, or delete them without one."""
        for start in range(0, len(uids), REMOVED_AT_ONCE):
            self._remove(list(uids[start : start + REMOVED_AT_ONCE]))

    def _remove(self, uids: list[int]) -> None:
        with self._calling() as client:
            moves = client.has_capability("MOVE") and self._source.archive
            if not moves and not client.has_capability("UIDPLUS"):
                # A plain EXPUNGE would take along what others have marked and nobody has read.
                raise MailboxError(MailboxFault.NO_MOVE)
            if self._source.archive:
                self._file(client, uids, client.move if moves else client.copy)
            if not moves:
                client.add_flags(uids, [b"\\Deleted"], silent=True)
                client.uid_expunge(uids)

    def _file(self, client: _Client, uids: list[int], put: Callable[[list[int], str], Any]) -> None:
        archive = self._source.archive or ""
        try:
            put(uids, archive)
        except IMAPClientAbortError:
            raise
        except IMAPClientError:
            with suppress(IMAPClientError):  # it may be there, and the refusal have another reason
                client.create_folder(archive)
            put(uids, archive)

    def wait(self, seconds: float) -> None:
        """Until the server says that something has changed, or so long (IDLE, RFC 2177)."""
        with self._calling() as client:
            client.idle()
            waiting = poll()
            waiting.register(client.socket(), POLLIN)
            waiting.poll(seconds * 1000)
            client.idle_done()

    def idles(self) -> bool:
        """Does the server offer IDLE?"""
        with self._calling() as client:
            return bool(client.has_capability("IDLE"))

    @contextmanager
    def _calling(self, mails: int = 0) -> Iterator[_Client]:
        """The connection for the next commands, which may read so many bytes of mails."""
        with self._one_at_a_time, _faults():
            if self._opened is None or self._aborted:
                raise MailboxError(MailboxFault.CONNECTION_LOST)
            self._opened.wire.allowed = ANSWER_BYTES + mails
            yield self._opened


def _log_in(client: _Client, username: str, password: str) -> None:
    """PLAIN where it is offered: LOGIN cannot say what is not ASCII (RFC 9051 6.2.3)."""
    try:
        if client.has_capability("AUTH=PLAIN"):
            client.plain_login(username, password)
        else:
            client.login(username, password)
    except LoginError as error:
        if isinstance(error.__context__, IMAPClientAbortError):
            raise MailboxError(MailboxFault.CONNECTION_LOST) from None
        if _is_passing(error):
            raise MailboxError(MailboxFault.REFUSED, "login") from None
        raise MailboxError(MailboxFault.LOGIN_REFUSED) from None


def _is_passing(refusal: IMAPClientError) -> bool:
    return any(code in str(refusal) for code in _PASSING)


@contextmanager
def _faults() -> Iterator[None]:
    """Every error as a MailboxError; no text of the server's is in it."""
    try:
        yield
    except MailboxError:
        raise
    except ssl.SSLCertVerificationError as error:
        raise MailboxError(MailboxFault.CERTIFICATE, error.verify_message) from None
    except ssl.SSLError as error:
        raise MailboxError(MailboxFault.TLS, error.reason or "") from None
    except TimeoutError:
        raise MailboxError(MailboxFault.TIMEOUT) from None
    except socket.gaierror:
        raise MailboxError(MailboxFault.UNREACHABLE, "the name is not known") from None
    except OSError as error:
        detail = errorcode.get(error.errno or 0, type(error).__name__)
        raise MailboxError(MailboxFault.UNREACHABLE, detail) from None
    except IMAPClientAbortError:
        raise MailboxError(MailboxFault.CONNECTION_LOST) from None
    except IMAPClientError as error:
        raise MailboxError(MailboxFault.REFUSED, type(error).__name__) from None
    except Exception as error:  # noqa: BLE001 - what a parser trips over is the server's doing
        raise MailboxError(MailboxFault.MISBEHAVED, type(error).__name__.strip("_")) from None


def _aware(stored: datetime | None) -> datetime | None:
    """INTERNALDATE always has its zone; one without is none."""
    if stored is None or stored.utcoffset() is None:
        return None
    try:
        return stored.astimezone(UTC)
    except (OverflowError, ValueError):
        return None


def batches(mails: Sequence[Listed], max_bytes: int) -> Iterator[list[Listed]]:
    """The mails in order, so many together as memory is meant for."""
    batch: list[Listed] = []
    size = 0
    for mail in mails:
        more = min(mail.size, max_bytes)
        if batch and (len(batch) >= BATCH_MAILS or size + more > BATCH_BYTES):
            yield batch
            batch, size = [], 0
        batch.append(mail)
        size += more
    if batch:
        yield batch
