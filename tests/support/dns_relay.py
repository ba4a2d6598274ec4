"""A resolver that comes and goes: what it is asked goes on to another, unless it is told otherwise.

with Relay(world.unbound_port) as relay:
    relay.way = Way.SILENT
"""

import socket
import threading
from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from enum import StrEnum
from types import TracebackType

_QR_RA, _SERVFAIL, _REFUSED = 0x8080, 2, 5
_OCTETS = 65_535
_SECONDS = 5.0
"""That an answer of the other is waited for."""


class Way(StrEnum):
    """What it does with a question."""

    ON = "on"
    SILENT = "silent"
    SERVFAIL = "servfail"
    REFUSED = "refused"
    FORGETFUL = "forgetful"
    """The first time that something is asked, it is lost."""


class Relay:
    """UDP on a free port of 127.0.0.1."""

    def __init__(self, target_port: int) -> None:
        self.way = Way.ON
        self.asked = 0
        self._target = ("127.0.0.1", target_port)
        self._socket = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        self._socket.bind(("127.0.0.1", 0))
        self._seen: Counter[bytes] = Counter()
        self._workers = ThreadPoolExecutor(32)
        self._thread = threading.Thread(target=self._serve)

    @property
    def address(self) -> str:
        """For dns.resolvers."""
        return f"127.0.0.1:{self._socket.getsockname()[1]}"

    def __enter__(self) -> "Relay":
        self._thread.start()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        at: TracebackType | None,
    ) -> None:
        with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as waker:
            waker.sendto(b"", self._socket.getsockname())
        self._thread.join()
        self._workers.shutdown()
        self._socket.close()

    def _serve(self) -> None:
        """Until an empty datagram comes."""
        while True:
            wire, sender = self._socket.recvfrom(_OCTETS)
            if not wire:
                return
            self.asked += 1
            self._seen[wire[12:]] += 1
            lost = self._seen[wire[12:]] == 1
            self._workers.submit(self._answer, wire, sender, self.way, lost)

    def _answer(self, wire: bytes, sender: tuple[str, int], way: Way, lost: bool) -> None:
        if way is Way.SILENT or (way is Way.FORGETFUL and lost):
            return
        if way in {Way.SERVFAIL, Way.REFUSED}:
            code = _SERVFAIL if way is Way.SERVFAIL else _REFUSED
            flags = int.from_bytes(wire[2:4], "big") | _QR_RA | code
            self._socket.sendto(wire[:2] + flags.to_bytes(2, "big") + wire[4:], sender)
            return
        with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as onward:
            onward.settimeout(_SECONDS)
            onward.sendto(wire, self._target)
            try:
                self._socket.sendto(onward.recv(_OCTETS), sender)
            except TimeoutError:
                return
