"""What the portal process cannot do, and what is made of one that talks nonsense."""

import asyncio
import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from monitor.fetch.wire import Rules
from monitor.isolate.process import ENVIRONMENT
from monitor.portal import process
from monitor.portal.wire import Answer, Job, Outcome
from tests.collect.wire import MemorySink
from tests.fetch.servers import Server
from tests.portal.rig import PDF, Rig, page

PROBE = """
import json, os, resource, socket, sys
from monitor.isolate.networked import confine, preload
from monitor.portal import child
secret, target, parent = sys.argv[1:]
preload(child._LATE_IMPORTS)
confine(int(parent), child._MOST_BYTES)
def can(act):
    try:
        act()
        return True
    except OSError:
        return False
print(json.dumps({
    "uid": os.getuid(),
    "read_secret": can(lambda: open(secret).read()),
    "write": can(lambda: open(target, "w").write("x")),
    "listen": can(lambda: socket.create_server(("127.0.0.1", 0))),
    "database": sorted(m for m in sys.modules if m.split(".")[0] == "asyncpg"),
    "rooms": sorted({m for m in sys.modules if m.startswith(("monitor.record", "monitor.spool",
        "monitor.collect", "monitor.settings", "monitor.extract"))}),
}))
"""


def test_it_reads_no_secret_writes_nothing_and_knows_no_database(tmp_path: Path) -> None:
    secret = tmp_path / "secret"
    secret.write_text("password")
    given = map(str, (secret, tmp_path / "new", os.getpid()))
    call = [sys.executable, "-I", "-c", PROBE, *given]
    done = subprocess.run(call, capture_output=True, text=True, check=True, env=ENVIRONMENT)
    found = json.loads(done.stdout)
    assert not found["read_secret"]
    assert not found["write"]
    assert found["uid"] != 0
    assert found["database"] == []
    assert found["rooms"] == []


NONSENSE = [
    "hello\n",
    '{"url":"http://h/","outcome":"conquered"}\n',
    '{"url":"http://h/","outcome":"document","size":99999999}\n',
    '{"url":"http://h/","outcome":"document","size":10}\nshort',
    '{"url":"http://h/","outcome":"page","more":1}\n',
]


@pytest.mark.parametrize(
    ("nonsense", "times"),
    [
        *((nonsense, 1) for nonsense in NONSENSE),
        ("x", 200_000),
        ('{"url":"http://h/","outcome":"asking"}\n', 10_000),
    ],
)
async def test_a_process_that_talks_nonsense_is_ended(
    nonsense: str, times: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    started = liar(nonsense, monkeypatch, times)
    rules = Rules(hosts=("h",), timeout_seconds=1, max_bytes=1000)
    job = Job(rules=rules, starts=("http://h/",), depth=1, max_pages=10, delay_seconds=0)
    with pytest.raises(process.ProcessDied):
        async for _ in process.run(job):
            pass
    assert started[0].returncode is not None


@pytest.mark.parametrize(
    "lie",
    [
        Answer(url="http://elsewhere.example/a.pdf", outcome=Outcome.DOCUMENT, size=17),
        Answer(url="http://HOST/never-asked.pdf", outcome=Outcome.DOCUMENT, size=17),
    ],
)
async def test_a_document_that_was_not_asked_for_is_not_taken(
    lie: Answer, tmp_path: Path, server: Server, monkeypatch: pytest.MonkeyPatch
) -> None:
    rig = Rig(tmp_path, server)
    said = lie.model_dump_json().replace("HOST", server.host)
    liar(f"{said}\n{PDF.decode()}", monkeypatch)
    done = await rig.round()
    assert done.died
    assert rig.sink.items == []


def liar(
    text: str, monkeypatch: pytest.MonkeyPatch, times: int = 1
) -> list[asyncio.subprocess.Process]:
    """In the process's place one that says this so many times, whatever it is told."""
    started: list[asyncio.subprocess.Process] = []

    async def start() -> asyncio.subprocess.Process:
        code = "import sys; sys.stdin.read(); sys.stdout.write(sys.argv[1] * int(sys.argv[2]))"
        made = await asyncio.create_subprocess_exec(
            sys.executable, "-c", code, text, str(times),
            stdin=subprocess.PIPE, stdout=subprocess.PIPE, limit=64 * 1024,
        )  # fmt: skip
        started.append(made)
        return made

    monkeypatch.setattr(process, "_start", start)
    return started


async def test_it_is_born_with_pipes_and_a_bare_environment(
    rig: Rig, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("CONGVU_DATABASE__DSN", "postgresql://secret")
    kept_open = os.open("/dev/null", os.O_RDONLY)
    os.set_inheritable(kept_open, True)
    seen: list[tuple[bytes, set[str]]] = []
    pids: list[int] = []
    real = process._start

    async def noted() -> asyncio.subprocess.Process:
        made = await real()
        pids.append(made.pid)
        return made

    class Looking(MemorySink):
        async def __call__(self, *given: object) -> None:
            home = Path(f"/proc/{pids[0]}")
            files = {str(fd.readlink()) for fd in (home / "fd").iterdir()}
            seen.append(((home / "environ").read_bytes(), files))

    monkeypatch.setattr(process, "_start", noted)
    rig.sink = Looking()
    rig.restart()
    rig.server.pages |= {"/": page("a.pdf"), "/a.pdf": PDF}
    await rig.round()
    os.close(kept_open)
    ((environment, files),) = seen
    assert b"secret" not in environment
    foreign = {name for name in files if name.startswith("/") and name != "/dev/null"}
    assert foreign <= {"/dev/urandom"}
