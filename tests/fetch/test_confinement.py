"""What the fetching process cannot do once it has begun to work."""

import asyncio
import json
import os
import subprocess
import sys
import tempfile
from pathlib import Path

import pytest

from monitor.fetch import process
from monitor.fetch.wire import Answer, Job, Outcome, Rules, Target
from monitor.isolate.process import ENVIRONMENT
from tests.fetch.servers import Server, hang, serving

PROBE = """
import json, os, socket, sys
from monitor.fetch.child import MEMORY_BYTES, _preload
from monitor.isolate.networked import confine
secret, target, common, parent = sys.argv[1:]
_preload()
confine(int(parent), MEMORY_BYTES)
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
    "write_common": can(lambda: open(common, "w").write("x")),
    "listen": can(lambda: socket.create_server(("127.0.0.1", 0))),
    "names": can(lambda: socket.getaddrinfo("localhost", 80)),
}))
"""


@pytest.fixture(scope="module")
def probed(tmp_path_factory: pytest.TempPathFactory) -> dict[str, object]:
    folder = tmp_path_factory.mktemp("probe")
    secret = folder / "secret"
    secret.write_text("password")
    common = Path(tempfile.gettempdir()) / f"congvu-probe-{os.getpid()}"
    given = map(str, (secret, folder / "new", common, os.getpid()))
    call = [sys.executable, "-I", "-c", PROBE, *given]
    done = subprocess.run(call, capture_output=True, text=True, check=True, env=ENVIRONMENT)
    found: dict[str, object] = json.loads(done.stdout)
    return found


def test_it_writes_nothing(probed: dict[str, object]) -> None:
    assert not probed["write"]
    assert not probed["write_common"]


def test_it_reads_no_secret(probed: dict[str, object]) -> None:
    assert not probed["read_secret"]


def test_it_is_not_root(probed: dict[str, object]) -> None:
    assert probed["uid"] != 0


def test_it_still_resolves_names(probed: dict[str, object]) -> None:
    assert probed["names"]


async def test_it_is_born_with_three_pipes_and_a_bare_environment(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv("CONGVU_DATABASE__DSN", "postgresql://secret")
    kept_open = os.open("/dev/null", os.O_RDONLY)
    os.set_inheritable(kept_open, True)
    async with serving(Server(pages={"/a": hang})) as server:
        job = _job(server, "/a", seconds=30)
        answers = process.run(job, 60)
        waiting = asyncio.ensure_future(anext(answers))  # noqa: TID251 - cancelled below
        while not server.asked:
            await asyncio.sleep(0.05)
        (pid,) = _children()
        environment = Path(f"/proc/{pid}/environ").read_bytes()
        open_files = {str(fd.readlink()) for fd in Path(f"/proc/{pid}/fd").iterdir()}
        waiting.cancel()
        with pytest.raises(asyncio.CancelledError):
            await waiting
        await answers.aclose()
    os.close(kept_open)
    assert b"secret" not in environment
    foreign = {name for name in open_files if name.startswith("/") and name != "/dev/null"}
    assert foreign <= {"/dev/urandom"}


def _children() -> list[int]:
    found = []
    for entry in Path("/proc").iterdir():
        if entry.name.isdigit():
            words = (entry / "cmdline").read_bytes().split(b"\0")
            if b"monitor.fetch.child" in words and str(os.getpid()).encode() in words:
                found.append(int(entry.name))
    return found


def _job(server: Server, path: str, seconds: float = 5) -> Job:
    rules = Rules(
        hosts=(server.host,), allow_private=(server.host,), timeout_seconds=seconds, max_bytes=1000
    )
    return Job(rules=rules, authorities=(), targets=(Target(url=server.url(path)),))


@pytest.mark.parametrize(
    ("nonsense", "times"),
    [
        ("hello\n", 1),
        ('{"url":"x","outcome":"new","size":99999999}\n', 1),
        ('{"url":"x","outcome":"conquered"}\n', 1),
        ('{"url":"x","outcome":"new","more":1}\n', 1),
        ('{"url":"x","outcome":"new","size":10}\nshort', 1),
        ("x", 200_000),
        ('{"url":"x","outcome":"status"}\n', 2000),
    ],
)
async def test_a_process_that_talks_nonsense_is_ended(
    nonsense: str, times: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    started: list[asyncio.subprocess.Process] = []

    async def liar() -> asyncio.subprocess.Process:
        code = "import sys; sys.stdout.buffer.write(sys.argv[1].encode() * int(sys.argv[2]))"
        made = await asyncio.create_subprocess_exec(
            sys.executable,
            "-c",
            code,
            nonsense,
            str(times),
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
        )
        started.append(made)
        return made

    monkeypatch.setattr(process, "_start", liar)
    job = Job(rules=Rules(hosts=(), timeout_seconds=1, max_bytes=1000), authorities=())
    with pytest.raises(process.ProcessDied):
        await _all(job)
    assert started[0].returncode is not None


async def _all(job: Job) -> list[tuple[Answer, bytes]]:
    return [pair async for pair in process.run(job, 60)]


async def test_an_honest_process_answers_every_address() -> None:
    async with serving(Server(pages={"/a": b"nothing"})) as server:
        found = await _all(_job(server, "/a"))
        assert [answer.outcome for answer, _ in found] == [Outcome.MALFORMED]
