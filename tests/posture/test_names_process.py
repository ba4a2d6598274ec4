"""What the process for names cannot do once it has begun to work."""

import json
import os
import signal
import subprocess
import sys
import tempfile
from pathlib import Path

import pytest

from monitor.isolate.process import ENVIRONMENT

PROBE = """
import os, socket, subprocess, sys
from monitor.posture.child import MEMORY_BYTES, _LATE_IMPORTS, confine, preload
act, secret, target, parent = sys.argv[1:]
preload(_LATE_IMPORTS)
confine(int(parent), MEMORY_BYTES, alone=True)
def allocate():
    return bytearray(2 * MEMORY_BYTES)
def datagram():
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as one:
        one.connect(("127.0.0.1", 9))
        one.send(b"x")
acts = {
    "read": lambda: open(secret).read(),
    "write": lambda: open(target, "w").write("x"),
    "listen": lambda: socket.create_server(("127.0.0.1", 0)),
    "program": lambda: subprocess.run(["/bin/true"], check=True),
    "kill": lambda: os.kill(int(parent), 0),
    "allocate": allocate,
    "uid": lambda: os.getuid() or 1 / 0,
    "datagram": datagram,
    "names": lambda: socket.getaddrinfo("localhost", 80),
}
try:
    acts[act]()
except (OSError, MemoryError) as error:
    sys.exit(2)
"""

DONE, REFUSED, KILLED = 0, 2, -signal.SIGSYS


@pytest.mark.parametrize(
    ("act", "ends"),
    [
        ("read", {REFUSED}),
        ("write", {REFUSED}),
        ("listen", {REFUSED, KILLED}),
        ("kill", {KILLED}),
        ("allocate", {REFUSED}),
        ("uid", {DONE}),
        ("datagram", {DONE}),
        ("names", {DONE}),
    ],
)
def test_it_asks_the_network_and_does_nothing_else(
    tmp_path: Path, act: str, ends: set[int]
) -> None:
    assert _tried(tmp_path, act).returncode in ends


def test_it_starts_no_program(tmp_path: Path) -> None:
    """What would become the program is killed before it does."""
    done = _tried(tmp_path, "program")
    assert done.returncode != DONE
    assert b"CalledProcessError" in done.stderr or done.returncode in {REFUSED, KILLED}


def _tried(folder: Path, act: str) -> subprocess.CompletedProcess[bytes]:
    secret = folder / "secret"
    secret.write_text("password")
    target = Path(tempfile.gettempdir()) / f"congvu-names-{os.getpid()}"
    given = (act, str(secret), str(target), str(os.getpid()))
    return subprocess.run(
        [sys.executable, "-I", "-c", PROBE, *given],
        capture_output=True, check=False, env=ENVIRONMENT,
    )  # fmt: skip


def test_it_ends_when_its_input_does() -> None:
    given = [sys.executable, "-I", "-m", "monitor.posture.child", str(os.getpid())]
    job = json.dumps({"rules": {}}).encode() + b"\n"
    done = subprocess.run(given, input=job, capture_output=True, check=True, env=ENVIRONMENT)
    assert b"statistics" in done.stdout or not done.stdout


def test_it_ends_when_what_it_is_told_is_no_job() -> None:
    given = [sys.executable, "-I", "-m", "monitor.posture.child", str(os.getpid())]
    done = subprocess.run(given, input=b"{}\n", capture_output=True, check=False, env=ENVIRONMENT)
    assert done.returncode != 0
