"""A load of distinct mails that remembers which were acknowledged."""

import smtplib
import threading
import time
from collections.abc import Callable

from monitor.extract.mail import read_mail
from monitor.model import Limits
from tests.support.daemon import JOURNAL, DaemonProcess


def plain_mail(number: int, tag: str = "load") -> bytes:
    """A small distinct mail from an agency's official to another agency."""
    return (
        "Received: from ws.mot.example (ws.mot.example [127.0.0.2]) by gw.example (Postfix)\r\n"
        f" with ESMTPSA id {number:08X}; Mon, 16 Nov 2026 08:00:00 +0700\r\n"
        "From: Nguyen <nguyen@mot.example>\r\nTo: tran@hai.example\r\n"
        f"Message-ID: <{tag}-{number}@mot.example>\r\nSubject: so {number}\r\n"
        f"Date: Mon, 16 Nov 2026 08:00:00 +0700\r\n\r\nnoi dung {number}\r\n"
    ).encode()


def key_of(number: int) -> str:
    """Message key of a plain mail."""
    return read_mail(plain_mail(number), None, Limits()).facts.message_key


class Load:
    """Sends from several threads until stopped; connections break when the daemon dies."""

    def __init__(
        self,
        daemon: DaemonProcess,
        threads: int = 4,
        build: Callable[[int], bytes] = plain_mail,
        pause: float = 0.0,
    ) -> None:
        """`pause` seconds after each mail of a thread: 0 is as fast as it goes."""
        self._pause = pause
        self._daemon = daemon
        self._build = build
        self._lock = threading.Lock()
        self._next = 0
        self._stopping = threading.Event()
        self.acknowledged: set[int] = set()
        self.unanswered: set[int] = set()
        """Cut off in DATA: recorded or not, but never twice."""
        self.refused: list[int] = []
        """SMTP codes of refusals."""
        self._threads = [threading.Thread(target=self._run, daemon=True) for _ in range(threads)]

    def __enter__(self) -> "Load":
        for thread in self._threads:
            thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._stopping.set()
        for thread in self._threads:
            thread.join(timeout=60)
            assert not thread.is_alive()

    def _number(self) -> int:
        with self._lock:
            self._next += 1
            return self._next

    def _run(self) -> None:
        while not self._stopping.is_set():
            try:
                with smtplib.SMTP("127.0.0.1", self._daemon.smtp_port, timeout=20) as client:
                    while not self._stopping.is_set():
                        self._send(client, self._number())
                        time.sleep(self._pause)
            except (OSError, smtplib.SMTPException):
                time.sleep(0.05)

    def _send(self, client: smtplib.SMTP, number: int) -> None:
        try:
            client.sendmail("nguyen@mot.example", [JOURNAL], self._build(number))
        except smtplib.SMTPResponseException as error:
            self.refused.append(error.smtp_code)
            time.sleep(0.02)
        except (OSError, smtplib.SMTPException):
            with self._lock:
                self.unanswered.add(number)
            raise
        else:
            with self._lock:
                self.acknowledged.add(number)
