"""What tests of pulled mail share: mails, and a record that has what the sink was given."""

from collections.abc import Sequence
from dataclasses import dataclass

from monitor.observe import Event, Observer
from tests.collect.wire import MemorySink

LIMIT = 1024 * 1024


def mail(number: int, size: int = 0) -> bytes:
    """A distinct mail as an official's own server delivers it, its text so many bytes long."""
    filler = ("x" * 70 + "\r\n") * (size // 72)
    return (
        "Return-Path: <nguyen@mot.example>\r\n"
        "Received: from ws.mot.example (ws.mot.example [127.0.0.2]) by gw.example (Postfix)\r\n"
        f" with ESMTPSA id {number:08X}; Mon, 16 Nov 2026 08:00:00 +0700\r\n"
        "From: Nguyen <nguyen@mot.example>\r\nTo: tran@hai.example\r\n"
        f"Message-ID: <pulled-{number}@mot.example>\r\nSubject: so {number}\r\n"
        f"Date: Mon, 16 Nov 2026 08:00:00 +0700\r\n\r\nnoi dung {number}\r\n{filler}"
    ).encode()


@dataclass
class Record:
    """Has all that the sink was given, unless it is away."""

    sink: MemorySink
    away: bool = False

    async def __call__(self, ids: Sequence[str], /) -> set[str]:
        if self.away:
            return set()
        return {header.item_id for header, _ in self.sink.items} & set(ids)


class Remembering(Observer):
    """Keeps every event."""

    def __init__(self) -> None:
        super().__init__()
        self.events: list[Event] = []

    def emit(self, event: Event) -> None:
        self.events.append(event)
        super().emit(event)
