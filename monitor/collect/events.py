"""What intake says of itself. No event names an address, a host name or a file."""

from dataclasses import dataclass
from enum import StrEnum
from typing import ClassVar

from monitor.observe import Drop, Event, Level

STAGE = "collect"


class Refusal(StrEnum):
    """Why a client was told to come back later."""

    CLIENT_NOT_ALLOWED = "client_not_allowed"
    CONNECTIONS = "connections"
    CLIENT_CONNECTIONS = "client_connections"
    SHUTTING_DOWN = "shutting_down"
    TLS_REQUIRED = "tls_required"
    TLS_FAILED = "tls_failed"
    ADDRESS_UNKNOWN = "address_unknown"
    ADDRESS_OTHER_CLIENT = "address_other_client"
    CERTIFICATE_MISSING = "certificate_missing"
    CERTIFICATE_UNKNOWN = "certificate_unknown"
    LOGIN_MISSING = "login_missing"
    LOGIN_WRONG = "login_wrong"
    LOGIN_RATE = "login_rate"
    RECIPIENTS = "recipients"
    MESSAGE_RATE = "message_rate"
    BAD_COMMANDS = "bad_commands"
    LINE_TOO_LONG = "line_too_long"
    COMMAND_TIMEOUT = "command_timeout"
    DATA_TIMEOUT = "data_timeout"
    DATA_SLOW = "data_slow"
    BUFFERS_FULL = "buffers_full"
    SPOOL_FULL = "spool_full"
    SPOOL_FAULT = "spool_fault"
    FAULT = "fault"


@dataclass(frozen=True)
class IntakeListening(Event):
    """The intake takes connections on this port."""

    protocol: str
    port: int


@dataclass(frozen=True)
class IntakeStopped(Event):
    """The intake has let go of its last session."""

    cut_sessions: int
    """Sessions that did not end within the grace period."""


@dataclass(frozen=True)
class MessageCaptured(Event):
    """A message is durable and was acknowledged."""

    level: ClassVar[Level] = "debug"
    source: str
    size: int


@dataclass(frozen=True)
class MessageOversize(Event):
    """A message past max_message_bytes: its header is kept, its body is not."""

    level: ClassVar[Level] = "warning"
    source: str
    size: int

    def drop(self) -> Drop:
        return Drop(STAGE, "oversize")


@dataclass(frozen=True)
class ClientRefused(Event):
    """A client was told to come back later: a delay, no loss, as long as its queue keeps mail."""

    level: ClassVar[Level] = "warning"
    refusal: str
    network: str
    """The client's network, /24 or /64: enough to find a misconfigured gateway."""

    def drop(self) -> Drop:
        return Drop(STAGE, self.refusal)


@dataclass(frozen=True)
class PlaintextInjected(Event):
    """Commands were sent in the clear behind STARTTLS (RFC 3207 section 6) and thrown away."""

    level: ClassVar[Level] = "warning"
    size: int

    def drop(self) -> Drop:
        return Drop(STAGE, "plaintext_injected")


@dataclass(frozen=True)
class IntakeFault(Event):
    """An error of ours in a session; the client was answered 451."""

    level: ClassVar[Level] = "error"
    error: str
    """Class of the exception; its text may quote the mail."""


class Rejection(StrEnum):
    """Why a file, a manifest row or a manifest was set aside."""

    MANIFEST_UNREADABLE = "manifest_unreadable"
    MANIFEST_TOO_LARGE = "manifest_too_large"
    MANIFEST_ENCODING = "manifest_encoding"
    MANIFEST_COLUMNS = "manifest_columns"
    ROW_INVALID = "row_invalid"
    ROW_DUPLICATE = "row_duplicate"
    NAME_UNSAFE = "name_unsafe"
    AGENCY_NOT_ALLOWED = "agency_not_allowed"
    NOT_REGULAR = "not_regular"
    LINKED = "linked"
    TOO_LARGE = "too_large"
    SIZE_MISMATCH = "size_mismatch"
    HASH_MISMATCH = "hash_mismatch"
    FILE_MISSING = "file_missing"
    ORPHAN = "orphan"
    UNREADABLE = "unreadable"
    NOT_OF_THE_AXIS = "not_of_the_axis"
    EMPTY = "empty"
    NOT_A_MAIL = "not_a_mail"
    NOT_AN_MBOX = "not_an_mbox"


@dataclass(frozen=True)
class DocumentCaptured(Event):
    """A document of a folder is durable in the spool."""

    level: ClassVar[Level] = "debug"
    source: str
    size: int


@dataclass(frozen=True)
class DocumentRejected(Event):
    """A file or manifest row was set aside in rejected/ with its reason beside it."""

    level: ClassVar[Level] = "warning"
    source: str
    rejection: str

    def drop(self) -> Drop:
        return Drop(STAGE, self.rejection)


@dataclass(frozen=True)
class FolderWaiting(Event):
    """The spool does not take documents for now; they stay where they are."""

    level: ClassVar[Level] = "warning"
    source: str
    refusal: str


@dataclass(frozen=True)
class FolderUnavailable(Event):
    """A watched folder cannot be read or written; it is tried again."""

    level: ClassVar[Level] = "error"
    source: str
    error: str
    """Symbolic errno, as ENOENT."""


class MailboxFault(StrEnum):
    """Why a mailbox could not be looked at."""

    UNREACHABLE = "unreachable"
    TIMEOUT = "timeout"
    CONNECTION_LOST = "connection_lost"
    CERTIFICATE = "certificate"
    TLS = "tls"
    PASSWORD_UNREADABLE = "password_unreadable"  # noqa: S105 - a word for a fault
    LOGIN_REFUSED = "login_refused"
    FOLDER_MISSING = "folder_missing"
    READ_ONLY = "read_only"
    NO_MOVE = "no_move"
    """The server can neither MOVE (RFC 6851) nor expunge by UID (RFC 4315)."""
    REFUSED = "refused"
    MISBEHAVED = "misbehaved"
    """An answer past its bound, or that is none."""


@dataclass(frozen=True)
class MailboxConnected(Event):
    """The mailbox is open; its mail is taken from now on."""

    source: str


@dataclass(frozen=True)
class MailboxUnavailable(Event):
    """The mailbox cannot be looked at; its mail stays there, and it is tried again."""

    level: ClassVar[Level] = "error"
    source: str
    fault: str
    detail: str
    """What is wrong with the certificate, the symbolic errno, or the class of an exception."""
    seconds: float
    """Until the next try."""


@dataclass(frozen=True)
class MailboxWaiting(Event):
    """The spool does not take mail for now; it stays in the mailbox."""

    level: ClassVar[Level] = "warning"
    source: str
    refusal: str


@dataclass(frozen=True)
class MailboxNotCleared(Event):
    """Mail that is recorded could not be moved to the archive folder; it is tried again."""

    level: ClassVar[Level] = "warning"
    source: str
    fault: str
    mails: int


@dataclass(frozen=True)
class MailboxMailUnreadable(Event):
    """The server does not give one mail; it stays, and is asked for again after a restart."""

    level: ClassVar[Level] = "error"
    source: str
