"""Two real Postfix instances on loopback: a gateway, and the journal queue of deploy/postfix."""

import os
import re
import shutil
import socket
import subprocess
import tempfile
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from email import message_from_bytes
from pathlib import Path
from typing import Any

from aiosmtpd.controller import Controller
from aiosmtpd.smtp import SMTP, Envelope, Session

from tests.support.needs import program

DEPLOY = Path(__file__).parents[2] / "deploy" / "postfix"
WAIT_SECONDS = 60
JOURNAL_DOMAIN = "congvu.invalid"


class _LongLineServer(SMTP):
    line_length_limit = 1 << 20


class _LongLines(Controller):
    """Takes lines of any length, as congvu does."""

    def factory(self) -> SMTP:
        return _LongLineServer(self.handler, **self.SMTP_kwargs)


@dataclass
class Delivered:
    """One recipient's copy, as a sink got it."""

    mail_from: str
    rcpt_to: tuple[str, ...]
    content: bytes


@dataclass
class Sink:
    """An SMTP server that keeps what it takes and answers DATA as it is told."""

    answer: str = "250 OK"
    taken: list[Delivered] = field(default_factory=list)
    refused: int = 0
    port: int = 0
    _controller: Any = None

    async def handle_DATA(self, server: SMTP, session: Session, envelope: Envelope) -> str:  # noqa: N802
        del server, session
        if self.answer.startswith("2"):
            content = envelope.content or b""
            raw = content if isinstance(content, bytes) else content.encode()
            self.taken.append(Delivered(envelope.mail_from or "", tuple(envelope.rcpt_tos), raw))
        else:
            self.refused += 1
        return self.answer

    def start(self) -> None:
        self.port = self.port or free_port()
        self._controller = _LongLines(
            self, hostname="127.0.0.1", port=self.port, enable_SMTPUTF8=True
        )
        self._controller.start()

    def stop(self) -> None:
        if self._controller:
            self._controller.stop()
        self._controller = None


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


def settings_of(file: Path) -> dict[str, str]:
    """The `name = value` lines of a main.cf fragment."""
    lines = [line for line in file.read_text().splitlines() if line and not line.startswith("#")]
    return {name.strip(): value.strip() for name, _, value in (x.partition("=") for x in lines)}


class Postfix:
    """One instance with its own folders."""

    def __init__(self, root: Path, name: str, main: dict[str, str], master: str) -> None:
        self.config = root / name
        self.log = root / f"{name}.log"
        queue, data = root / f"{name}-queue", root / f"{name}-data"
        for folder in (self.config, queue, data):
            folder.mkdir()
        shutil.chown(data, "postfix")
        places = {
            "queue_directory": str(queue),
            "data_directory": str(data),
            "maillog_file": str(self.log),
            "maillog_file_prefixes": str(root),
            "myhostname": "mx.tinh.gov.vn",
        }
        lines = [f"{key} = {value}" for key, value in (main | places).items()]
        (self.config / "main.cf").write_text("\n".join(lines) + "\n")
        (self.config / "master.cf").write_text(master)

    def run(self, *command: str) -> str:
        """Output of one of Postfix's commands for this instance; raises if it fails."""
        args = [program(command[0]), "-c", str(self.config), *command[1:]]
        done = subprocess.run(args, capture_output=True, text=True, timeout=60, check=False)
        if done.returncode:
            raise AssertionError(f"{args}: {done.stderr}\n{self.said()}")
        return done.stdout

    def set(self, **values: str) -> None:
        self.run("postconf", "-e", *[f"{key}={value}" for key, value in values.items()])
        self.run("postfix", "reload")

    def queue(self) -> list[str]:
        """One JSON line a queued message."""
        return self.run("postqueue", "-j").splitlines()

    def flush(self) -> None:
        self.run("postqueue", "-f")

    def said(self) -> str:
        return self.log.read_text() if self.log.exists() else ""


@dataclass
class Pair:
    """The gateway, its journal queue, the officials' server and congvu."""

    gateway: Postfix
    journal: Postfix
    gateway_port: int
    journal_port: int
    officials: Sink
    congvu: Sink

    def send(self, subject: str, *, port: int | None = None, to: str = "binh@so.gov.vn") -> None:
        """One mail of an official by swaks."""
        subprocess.run(
            [
                program("swaks"), "--silent", "2", "--server", "127.0.0.1",
                "--port", str(port or self.gateway_port), "--from", "an@so.gov.vn", "--to", to,
                "--header", f"Subject: {subject}", "--body", "Kính gửi",
            ],
            check=True, timeout=60,
        )  # fmt: skip

    def wait(self, true: Callable[[], bool]) -> None:
        """Until it is true, trying the queues again; fails with both logs."""
        deadline = time.monotonic() + WAIT_SECONDS
        while not true():
            if time.monotonic() > deadline:
                raise AssertionError(f"{self.gateway.said()}\n----\n{self.journal.said()}")
            for instance in (self.gateway, self.journal):
                if running(instance):
                    instance.flush()
            threading.Event().wait(0.5)


def running(instance: Postfix) -> bool:
    args = [program("postfix"), "-c", str(instance.config), "status"]
    return subprocess.run(args, capture_output=True, timeout=60, check=False).returncode == 0


@contextmanager
def postfix_pair() -> Iterator[Pair]:
    """Everything started; stopped and removed at the end."""
    root = Path(tempfile.mkdtemp(prefix="congvu-postfix-"))
    root.chmod(0o755)
    officials, congvu = Sink(), Sink()
    officials.start()
    congvu.start()
    gateway_port, journal_port = free_port(), free_port()
    gateway = _gateway(root, gateway_port, journal_port, officials.port)
    journal = _journal(root, journal_port, congvu.port)
    try:
        for instance in (journal, gateway):
            instance.run("postfix", "start")
        yield Pair(gateway, journal, gateway_port, journal_port, officials, congvu)
    finally:
        for instance in (gateway, journal):
            if running(instance):
                instance.run("postfix", "stop")
        officials.stop()
        congvu.stop()
        shutil.rmtree(root, ignore_errors=True)


def _gateway(root: Path, port: int, journal_port: int, officials_port: int) -> Postfix:
    main = {
        "compatibility_level": "3.6",
        "inet_interfaces": "127.0.0.1",
        "inet_protocols": "ipv4",
        "mynetworks": "127.0.0.1/32",
        "mydestination": "",
        "alias_maps": "",
        "alias_database": "",
        "relayhost": f"[127.0.0.1]:{officials_port}",
        "smtpd_relay_restrictions": "permit_mynetworks,reject",
    } | settings_of(DEPLOY / "gateway-main.cf")
    main["transport_maps"] = main["transport_maps"].replace("10625", str(journal_port))
    stock = Path("/usr/share/postfix/master.cf.dist")
    services = (stock if stock.exists() else Path("/etc/postfix/master.cf")).read_text()
    services = re.sub(r"(?m)^smtp +inet.*$", f"127.0.0.1:{port} inet n - n - - smtpd", services)
    services = re.sub(r"(?m)^(\w+ +unix +\S+ +\S+ +)[y-]( )", r"\1n\2", services)
    return Postfix(root, "gateway", main, services + (DEPLOY / "gateway-master.cf").read_text())


def _journal(root: Path, port: int, congvu_port: int) -> Postfix:
    main = settings_of(DEPLOY / "journal-main.cf")
    main["transport_maps"] = main["transport_maps"].replace("2525", str(congvu_port))
    main["minimal_backoff_time"] = main["maximal_backoff_time"] = "1s"
    services = (DEPLOY / "journal-master.cf").read_text().replace("10625", str(port))
    return Postfix(root, "journal", main, services)


def subjects(sink: Sink) -> list[str]:
    return [str(message_from_bytes(each.content)["Subject"]) for each in sink.taken]


def is_root() -> bool:
    return os.geteuid() == 0
