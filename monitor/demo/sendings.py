"""What is sent, and what must be recorded of it: the truth that the record is compared with."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from monitor.demo.axis import Dispatch, document_message, status_message
from monitor.demo.documents import DemoDocument
from monitor.model import Binding, Cause, Channel, Direction, Overall, PaperFlag


@dataclass(frozen=True)
class ExpectedDocument:
    """What must be recorded of one document of a sending."""

    content_hash: str
    overall: Overall
    cause: Cause | None
    issuer: str | None
    """Code of the agency whose document it counts as; None for incoming mail."""
    relayed: bool
    paired: bool
    """It bears the complete pair of its issuer."""


@dataclass(frozen=True)
class Expectation:
    """The truth about one sending."""

    story: str
    channel: Channel
    agency: str | None
    """The verified sender's agency, or the claimed one of a folder's document."""
    direction: Direction | None
    """None for folder documents."""
    message_id: str | None
    overall: Overall | None
    """Verdict of the message as such: `unsigned` unless it is S/MIME. None for a folder."""
    binding: Binding | None
    automatic: bool
    documents: tuple[ExpectedDocument, ...]
    copies: int = 1
    """How often the same message arrives; it counts once."""


@dataclass(frozen=True)
class MailSending:
    """One message as the gateway delivers it, once for each of `payloads`."""

    mail_from: str
    payloads: tuple[bytes, ...]
    expected: Expectation


@dataclass(frozen=True)
class ClaimedFile:
    """One file for the document folder with its row of the manifest."""

    document: DemoDocument
    agency: str
    sent_at: datetime
    paper: PaperFlag
    issued_on: date | None = None
    """Where that is not the day on which it was sent."""


@dataclass(frozen=True)
class FolderSending:
    """One file with a manifest of its own."""

    file: ClaimedFile
    expected: Expectation


@dataclass(frozen=True)
class AxisSending:
    """A document that passes over the axis, and what its receivers say of it."""

    dispatch: Dispatch
    statuses: tuple[tuple[str, timedelta], ...]
    """Code of each status and how long after the dispatch; all receivers say the same."""
    expected: Expectation

    def messages(self) -> Iterator[bytes]:
        """The document's message and then the statuses."""
        yield document_message(self.dispatch)
        for code, after in self.statuses:
            for receiver in self.dispatch.receivers:
                at = self.dispatch.sent_at + after
                yield status_message(self.dispatch, receiver, code, at)


Sending = MailSending | FolderSending | AxisSending
