"""A real daemon in its own process, with its own state, ports and embedded database."""

import asyncio
import contextlib
import json
import os
import random
import re
import signal
import smtplib
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import asyncpg

from monitor.record import running_dsn
from monitor.record.place import known
from tests.support import bound, prepared

JOURNAL = "journal-test@congvu.example"
READY_SECONDS = 60.0

REGISTRY = """
[[agencies]]
code = "mot"
name = "Sở Thử nghiệm Một"
level = "department"
domains = ["mot.example"]
valid_from = 2010-01-01

[[agencies]]
code = "hai"
name = "Sở Thử nghiệm Hai"
level = "department"
domains = ["hai.example"]
valid_from = 2010-01-01
"""


def free_port() -> int:
    """A loopback port that nobody listens on, below those that connections of other tests get."""
    while True:
        port = random.SystemRandom().randint(20_000, 32_000)
        with contextlib.suppress(OSError), socket.socket() as probe:
            probe.bind(("127.0.0.1", port))
            return port


class DaemonProcess:
    """`congvu run` on a configuration below one folder."""

    def __init__(self, folder: Path, **sections: Mapping[str, Any]) -> None:
        self.folder = folder
        self.state = folder / "var"
        self.http_port, self.smtp_port, self.lmtp_port = free_port(), free_port(), free_port()
        self.config = folder / "congvu.toml"
        (folder / "agencies.toml").write_text(REGISTRY, encoding="utf-8")
        self.config.write_text(self._toml(sections), encoding="utf-8")
        self._embedded = "dsn" not in sections.get("database", {})
        self.process: subprocess.Popen[bytes] | None = None
        self.log = folder / "daemon.log"

    def _toml(self, sections: Mapping[str, Mapping[str, Any]]) -> str:
        values: dict[str, dict[str, Any]] = {
            "http": {"port": self.http_port},
            "smtp": {"port": self.smtp_port, "lmtp_port": self.lmtp_port},
            "agencies": {"registry": "agencies.toml"},
            "spool": {"min_free_bytes": 0},
            "verify": {"revocation": "soft"},
            "measure": {"interval_seconds": 1},
        }
        for name, section in sections.items():
            values.setdefault(name, {}).update(section)
        lines = ['state_dir = "var"', "shutdown_grace_seconds = 10"]
        lines += [
            "[[mail_sources]]", 'name = "gateway"', f'journal_address = "{JOURNAL}"',
            'networks = ["127.0.0.0/8"]', 'trusted_hops = ["127.0.0.0/8"]',
            'internal_networks = ["127.0.0.0/8"]',
        ]  # fmt: skip
        for name, section in values.items():
            if name in {"axis", "folders", "gateways", "imap", "logs", "mail_folders", "portals"}:
                lines += [f"[[{name}]]"]
            else:
                lines += [f"[{name}]"]
            lines += [f"{key} = {json.dumps(value)}" for key, value in section.items()]
        return "\n".join(lines) + "\n"

    def start(self, ready: bool = True) -> None:
        if self._embedded:
            prepared.lay(self.state)
        with self.log.open("ab") as log:
            self.process = bound.start(
                [sys.executable, "-m", "monitor", "run", "--config", str(self.config)],
                stdout=log,
                stderr=log,
                stdin=subprocess.DEVNULL,
            )
        if ready:
            self.wait_ready()

    def wait_ready(self) -> None:
        deadline = time.monotonic() + READY_SECONDS
        state: object = "no answer"
        while time.monotonic() < deadline:
            assert self.process is not None
            if self.process.poll() is not None:
                raise AssertionError(
                    f"the daemon ended with {self.process.returncode}\n{self.tail()}"
                )
            ready, state = self.readyz()
            if ready:
                return
            time.sleep(0.05)
        raise AssertionError(f"not ready: {state}\n{self.tail()}")

    def readyz(self) -> tuple[bool, object]:
        try:
            with urllib.request.urlopen(f"{self.url}/readyz", timeout=5) as answer:
                return True, json.load(answer)
        except urllib.error.HTTPError as error:
            return False, json.load(error)
        except OSError as error:
            return False, str(error)

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.http_port}"

    def tail(self, lines: int = 40) -> str:
        text = self.log.read_text(encoding="utf-8", errors="replace")
        return "\n".join(text.splitlines()[-lines:])

    def metrics(self) -> dict[str, float]:
        """Samples by `name{labels}` as exposed."""
        with urllib.request.urlopen(f"{self.url}/metrics", timeout=10) as answer:
            text = answer.read().decode()
        pairs = re.findall(r"^([a-z_]+(?:\{.*\})?) (\S+)$", text, re.MULTILINE)
        return {name: float(value) for name, value in pairs}

    def wait_metric(self, name: str, wanted: float, seconds: float = 60) -> None:
        deadline = time.monotonic() + seconds
        value: float | None = None
        while time.monotonic() < deadline:
            value = self.metrics().get(name)
            if value == wanted:
                return
            time.sleep(0.1)
        raise AssertionError(f"{name} is {value}, wanted {wanted}\n{self.tail()}")

    def wait_for(self, happened: Callable[[], bool], what: str, seconds: float = 60) -> None:
        """Poll until something has happened; files may be missing meanwhile."""
        deadline = time.monotonic() + seconds
        while time.monotonic() < deadline:
            with contextlib.suppress(OSError, ValueError, IndexError):
                if happened():
                    return
            time.sleep(0.05)
        raise AssertionError(f"{what}: not within {seconds} s\n{self.tail()}")

    def wait_drained(self, seconds: float = 120) -> None:
        self.wait_metric("congvu_spool_items", 0, seconds)

    def sql(self, query: str) -> list[tuple[Any, ...]]:
        """Rows of a query on the daemon's embedded database."""

        async def ask() -> list[tuple[Any, ...]]:
            dsn = running_dsn(self.state)
            assert dsn, "the embedded server does not run"
            connection = await asyncpg.connect(dsn)
            try:
                return [tuple(row) for row in await connection.fetch(query)]
            finally:
                await connection.close()

        return asyncio.run(ask())

    def postmaster(self) -> int:
        """PID of the embedded server."""
        place = known(self.state)
        assert place is not None
        return int((place.data / "postmaster.pid").read_text().splitlines()[0])

    def pause_database(self) -> None:
        """The server hangs: connections wait, nothing is committed."""
        for pid in self._postgres_pids():
            os.kill(pid, signal.SIGSTOP)

    def resume_database(self) -> None:
        for pid in self._postgres_pids():
            os.kill(pid, signal.SIGCONT)

    def _postgres_pids(self) -> list[int]:
        postmaster = self.postmaster()
        children = Path(f"/proc/{postmaster}/task/{postmaster}/children").read_text().split()
        return [postmaster, *map(int, children)]

    def congvu(self, *words: str) -> subprocess.CompletedProcess[str]:
        """A command of the CLI on this daemon's configuration."""
        call = [sys.executable, "-m", "monitor", *words, "--config", str(self.config)]
        return subprocess.run(call, capture_output=True, text=True, timeout=120, check=False)

    def kill(self) -> None:
        """SIGKILL, as a power cut would, and nothing else: children must go by themselves."""
        assert self.process is not None
        self.process.kill()
        self.process.wait()

    def stop(self) -> int:
        """SIGTERM; the exit status."""
        assert self.process is not None
        if self.process.poll() is None:
            self.process.send_signal(signal.SIGTERM)
        try:
            return self.process.wait(timeout=45)
        except subprocess.TimeoutExpired:
            os.kill(self.process.pid, signal.SIGABRT)
            raise AssertionError(f"did not stop\n{self.tail()}") from None

    def smtp(self) -> smtplib.SMTP:
        return smtplib.SMTP("127.0.0.1", self.smtp_port, timeout=30)

    def send(self, raw: bytes, sender: str = "nguyen@mot.example") -> None:
        """One message over a connection of its own; raises what smtplib raises."""
        with self.smtp() as client:
            client.sendmail(sender, [JOURNAL], raw)

    def congvu_unread(self, *words: str) -> subprocess.CompletedProcess[str]:
        """A command whose output nobody reads any more, as behind `| head`."""
        call = [sys.executable, "-m", "monitor", *words, "--config", str(self.config)]
        reading, writing = os.pipe()
        os.close(reading)
        try:
            return subprocess.run(
                call, stdout=writing, stderr=subprocess.PIPE, text=True, timeout=120, check=False
            )
        finally:
            os.close(writing)
