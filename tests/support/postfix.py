"""A real Postfix of one's own: configuration, queue and log in a temporary folder, on a free port.

    @with_postfix
    def test_copy(…):
        with Postfix({"always_bcc": "journal@x.example"}) as gateway: ...

Postfix starts as root only and drops to its own account, so its folder is readable by others.
"""

import json
import os
import shutil
import socket
import subprocess
import tempfile
import time
from collections.abc import Mapping, Sequence
from pathlib import Path
from types import TracebackType
from typing import Any

import pytest

from tests.support.daemon import free_port
from tests.support.needs import find, needs, program

PATIENCE_SECONDS = 60.0
_DAEMONS = "/usr/lib/postfix/sbin"


def with_postfix(test: Any) -> Any:
    """Mark of a test that starts a Postfix: needs the programs, and to be root."""
    as_root = pytest.mark.skipif(
        os.geteuid() != 0, reason="needs root: Postfix does not start an instance for a normal user"
    )
    return needs("postfix", "postqueue", "postconf")(as_root(test))


def can_start() -> str | None:
    """Why no Postfix can be started here; None if one can."""
    missing = [name for name in ("postfix", "postqueue") if find(name) is None]
    if missing:
        return f"{missing[0]} is not installed"
    return None if os.geteuid() == 0 else "needs root"


class Postfix:
    """One instance; `parameters` go to main.cf, `services` are further lines of master.cf."""

    def __init__(
        self,
        parameters: Mapping[str, str],
        *,
        services: Sequence[str] = (),
        parent: Path | None = None,
    ) -> None:
        self.port = free_port()
        self.root = Path(tempfile.mkdtemp(prefix="postfix-", dir=parent))
        self.root.chmod(0o755)
        for name in ("etc", "queue", "data", "log"):
            (self.root / name).mkdir()
        self.log_file = self.root / "log" / "mail.log"
        shutil.chown(self.root / "data", "postfix")
        main = {**_main_cf(self.root), **parameters}
        lines = (f"{key} = {value}" for key, value in main.items())
        (self.root / "etc" / "main.cf").write_text("\n".join(lines) + "\n")
        master = [f"127.0.0.1:{self.port} inet n - n - - smtpd", *_SERVICES, *services]
        (self.root / "etc" / "master.cf").write_text("\n".join(master) + "\n")

    def __enter__(self) -> "Postfix":
        try:
            self._control("start")
            _wait_until_listening(self.port)
        except BaseException:
            self.close()
            raise
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.close()

    def close(self) -> None:
        """Stop it and remove everything of it."""
        subprocess.run(
            [program("postfix"), "-c", str(self.root / "etc"), "stop"],
            check=False,
            capture_output=True,
            timeout=PATIENCE_SECONDS,
        )
        shutil.rmtree(self.root, ignore_errors=True)

    def queue(self) -> list[dict[str, Any]]:
        """What `postqueue -j` lists: one value a queued message."""
        listed = self._run("postqueue", "-j")
        return [json.loads(line) for line in listed.splitlines()]

    def flush(self) -> None:
        """Try to deliver everything now."""
        self._run("postqueue", "-f")

    def set(self, **parameters: str) -> None:
        """Change main.cf and reload."""
        self._run("postconf", "-e", *(f"{key}={value}" for key, value in parameters.items()))
        self._control("reload")

    def log(self) -> str:
        """The mail log so far."""
        return self.log_file.read_text() if self.log_file.exists() else ""

    def _control(self, action: str) -> None:
        self._run("postfix", action)

    def _run(self, name: str, *arguments: str) -> str:
        done = subprocess.run(
            [program(name), "-c", str(self.root / "etc"), *arguments],
            check=False,
            capture_output=True,
            text=True,
            timeout=PATIENCE_SECONDS,
        )
        if done.returncode:
            raise RuntimeError(f"{name} {' '.join(arguments)}: {done.stderr}{self.log()[-2000:]}")
        return done.stdout


def _main_cf(root: Path) -> Mapping[str, str]:
    return {
        "compatibility_level": "3.6",
        "queue_directory": str(root / "queue"),
        "data_directory": str(root / "data"),
        "command_directory": "/usr/sbin",
        "daemon_directory": _DAEMONS,
        "maillog_file": str(root / "log" / "mail.log"),
        "maillog_file_prefixes": str(root),
        "mail_owner": "postfix",
        "setgid_group": "postdrop",
        "inet_interfaces": "127.0.0.1",
        "inet_protocols": "ipv4",
        "myhostname": "gw.example",
        "mydestination": "",
        "mynetworks": "127.0.0.0/8",
        "alias_maps": "",
        "alias_database": "",
        "local_recipient_maps": "",
        "smtpd_relay_restrictions": "permit_mynetworks, reject",
        "smtpd_peername_lookup": "no",
        "smtpd_client_connection_count_limit": "0",
        "smtp_dns_support_level": "disabled",
        "message_size_limit": "0",
        "mailbox_size_limit": "0",
        "queue_minfree": "0",
        "queue_run_delay": "1s",
        "minimal_backoff_time": "1s",
        "maximal_backoff_time": "2s",
        "transport_retry_time": "1s",
        "default_destination_concurrency_failed_cohort_limit": "1000",
        "notify_classes": "",
    }


_SERVICES = (
    "pickup unix n - n 60 1 pickup",
    "cleanup unix n - n - 0 cleanup",
    "qmgr unix n - n 300 1 qmgr",
    "tlsmgr unix - - n 1000? 1 tlsmgr",
    "rewrite unix - - n - - trivial-rewrite",
    "bounce unix - - n - 0 bounce",
    "defer unix - - n - 0 bounce",
    "trace unix - - n - 0 bounce",
    "verify unix - - n - 1 verify",
    "flush unix n - n 1000? 0 flush",
    "proxymap unix - - n - - proxymap",
    "smtp unix - - n - - smtp",
    "lmtp unix - - n - - lmtp",
    "error unix - - n - - error",
    "retry unix - - n - - error",
    "discard unix - - n - - discard",
    "showq unix n - n - - showq",
    "anvil unix - - n - 1 anvil",
    "scache unix - - n - 1 scache",
    "postlog unix-dgram n - n - 1 postlogd",
)


def _wait_until_listening(port: int) -> None:
    deadline = time.monotonic() + PATIENCE_SECONDS
    while True:
        try:
            with socket.create_connection(("127.0.0.1", port), timeout=1) as probe:
                if probe.recv(4).startswith(b"220"):
                    return
        except OSError:
            pass
        if time.monotonic() > deadline:
            raise TimeoutError(f"nothing listens on port {port}")
        time.sleep(0.05)
