"""What tests of pulled mail share: mails, a record in hand, the intake's counts."""

from collections.abc import Sequence
from dataclasses import dataclass, field


def mail(number: int, size: int = 0, *, received: bool = True) -> bytes:
    """A distinct mail as an official sends it, its text so many bytes long."""
    trace = (
        "Return-Path: <nguyen@mot.example>\r\n"
        "Received: from ws.mot.example (ws.mot.example [127.0.0.2]) by gw.example (Postfix)\r\n"
        f" with ESMTPSA id {number:08X}; Mon, 16 Nov 2026 08:00:00 +0700\r\n"
    )
    text = (
        "From: Nguyen <nguyen@mot.example>\r\nTo: tran@hai.example\r\n"
        f"Message-ID: <pulled-{number}@mot.example>\r\nSubject: so {number}\r\n"
        f"Date: Mon, 16 Nov 2026 08:00:00 +0700\r\n\r\nnoi dung {number}\r\n"
    )
    filler = ("x" * 70 + "\r\n") * (size // 72)
    return ((trace if received else "") + text + filler).encode()


@dataclass
class Record:
    """A record that has what it is told, or all that it is asked for."""

    items: set[str] = field(default_factory=set)
    all: bool = False
    asked: int = 0

    async def __call__(self, ids: Sequence[str], /) -> set[str]:
        self.asked += 1
        return self.items | set(ids) if self.all else self.items & set(ids)
