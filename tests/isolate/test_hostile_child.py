"""Code that an attacker got to run inside a child can reach nothing and nobody."""

import asyncio
import json
import os
import shutil
import socket
import subprocess
import sys
from pathlib import Path

import pytest

from monitor.isolate.events import ChildDied
from monitor.isolate.process import ENVIRONMENT
from monitor.model import Finding
from tests.isolate.rigging import ROOT, MakeRig

REFUSED = "PermissionError 1"


def status(pid: int) -> dict[str, str]:
    lines = Path(f"/proc/{pid}/status").read_text("utf-8").splitlines()
    return {key: value.strip() for key, _, value in (line.partition(":") for line in lines)}


@pytest.fixture
def secret(tmp_path: Path) -> Path:
    """A file of the daemon's, and of everybody: what refuses it is not its mode."""
    path = tmp_path / "spool.segment"
    path.write_bytes(b"an official's mail")
    path.chmod(0o666)
    for folder in (tmp_path, *tmp_path.parents[:3]):
        if folder.stat().st_uid == os.getuid() and folder != Path("/tmp"):
            folder.chmod(folder.stat().st_mode | 0o055)
    return path


async def test_no_file_can_be_reached(make_rig: MakeRig, secret: Path) -> None:
    paths = [secret, secret.parent, "/etc/passwd", "/proc/self/mem", f"/proc/{os.getpid()}/environ"]
    asked = [f"{how} {path}" for how in ("open", "stat", "create", "list") for path in paths]
    async with make_rig() as rig:
        await rig.pool.start()
        assert {action: await rig.hear(action) for action in asked} == dict.fromkeys(asked, REFUSED)
    assert secret.read_bytes() == b"an official's mail"


ACCIDENTS = {
    "fork": REFUSED,
    "thread": "RuntimeError None",
    "executable_memory": REFUSED,
    "raise_limit": "ValueError None",
    "become_root": REFUSED,
} | dict.fromkeys(
    (
        "call socketpair 1 1 0 0",
        "call prctl 1 0 0 0 0",
        "call dup 3",
        "call memfd_create 0 0",
        "call ioctl 3 21522 0",
        "call setpriority 0 0 0",
    ),
    "-1 Operation not permitted",
)


async def test_what_a_library_might_try_is_refused(make_rig: MakeRig) -> None:
    async with make_rig() as rig:
        await rig.pool.start()
        assert {action: await rig.hear(action) for action in ACCIDENTS} == ACCIDENTS


ATTACKS = (
    "call socket 2 1 0",
    "call connect 3 0 0",
    "call bind 3 0 0",
    "exec MARKER",
    "trace_parent",
    "kill_parent",
    "call process_vm_readv 1 0 0 0 0 0",
    "call pidfd_open 1 0",
    "call unshare 268435456",
)


async def test_what_only_an_attacker_tries_ends_the_child(
    make_rig: MakeRig, tmp_path: Path
) -> None:
    marker = tmp_path / "marker"
    asked = [action.replace("MARKER", str(marker)) for action in ATTACKS]
    async with make_rig(children=2) as rig:
        await rig.pool.start()
        answers = await asyncio.gather(*map(rig.tell, asked))
        findings = [answer.findings for answer in answers]
        assert findings == [(Finding.VERIFIER_CRASHED,)] * len(asked)
        assert await rig.hear("echo on") == "on 0 None"
    reasons = [death.reason for death in rig.observer.of(ChildDied)]
    assert reasons == ["forbidden_call"] * 2 * len(asked)
    assert not marker.exists()


async def test_the_kernel_confirms_what_the_child_says_of_its_walls(make_rig: MakeRig) -> None:
    async with make_rig() as rig:
        await rig.pool.start()
        said = status(rig.pool.pids[0])
    assert said["Seccomp"] == "2"
    assert said["NoNewPrivs"] == "1"
    assert {said[f"Cap{which}"] for which in ("Inh", "Prm", "Eff", "Amb")} == {"0" * 16}
    assert said["Threads"] == "1"
    if os.geteuid() == 0:
        assert set(said["Uid"].split()) == set(said["Gid"].split()) == {"65534"}
        assert said["Groups"] == ""


@pytest.mark.skipif(os.geteuid() != 0, reason="only root may look at a child that is not dumpable")
async def test_a_child_inherits_one_socket_and_no_other_descriptor(make_rig: MakeRig) -> None:
    with socket.create_server(("127.0.0.1", 0)) as server:
        os.set_inheritable(server.fileno(), True)
        async with make_rig(children=2) as rig:
            await rig.pool.start()
            for pid in rig.pool.pids:
                held = {entry.name: str(entry.readlink()) for entry in fds(pid)}
                assert held.keys() == {"0", "1", "2", "3"}
                assert {held[name] for name in "012"} == {"/dev/null"}
                assert held["3"].startswith("socket:")
                limits = Path(f"/proc/{pid}/limits").read_text("ascii")
                assert "Max open files            4 " in limits


def fds(pid: int) -> list[Path]:
    return list(Path(f"/proc/{pid}/fd").iterdir())


async def test_a_child_has_its_own_session_and_none_of_the_environment(
    make_rig: MakeRig, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("CONGVU_DATABASE__DSN", "postgresql://secret")
    monkeypatch.setenv("LD_PRELOAD", "")
    async with make_rig() as rig:
        await rig.pool.start()
        said = json.loads(await rig.hear("who"))
        assert os.getsid(rig.pool.pids[0]) == rig.pool.pids[0]
    assert said["environ"] == ENVIRONMENT


async def test_children_die_with_the_daemon_even_when_they_hang() -> None:
    script = """
import asyncio, os, sys
from tests.isolate.rigging import rig
async def main():
    async with rig(children=2) as r:
        await r.pool.start()
        async with asyncio.TaskGroup() as group:
            group.create_task(r.tell("hang"))
            await asyncio.sleep(0.1)
            print(*r.pool.pids, flush=True)
            os.kill(os.getpid(), 9)
asyncio.run(main())
"""
    ended = subprocess.run(
        [sys.executable, "-c", script], cwd=ROOT, capture_output=True, text=True, check=False
    )
    pids = [int(pid) for pid in ended.stdout.splitlines()[-1].split()]
    assert len(pids) == 2
    for pid in pids:
        await gone(pid)


async def gone(pid: int) -> None:
    while Path(f"/proc/{pid}").exists() and status(pid)["State"][0] not in "ZX":
        await asyncio.sleep(0.02)


UNPRIVILEGED = """
import asyncio, json, os
from pathlib import Path
from tests.isolate.rigging import rig
async def main():
    async with rig() as r:
        await r.pool.start()
        [pid] = r.pool.pids
        kept = ("Uid", "Seccomp", "NoNewPrivs", "CapPrm", "CapAmb")
        lines = Path(f"/proc/{pid}/status").read_text().splitlines()
        said = {k: v.split() for k, _, v in (line.partition(":") for line in lines) if k in kept}
        said["own"] = Path("/proc/self/status").read_text().count("CapAmb:\\t0000000000000004")
        said["open"] = await r.hear(f"open {os.environ['SECRET']}")
        said["socket"] = (await r.tell("call socket 2 1 0")).findings
        said["echo"] = await r.hear("echo on")
        print(json.dumps(said))
asyncio.run(main())
"""


@pytest.mark.skipif(
    os.geteuid() != 0 or not shutil.which("setpriv"), reason="needs root and setpriv (util-linux)"
)
def test_a_daemon_that_is_not_root_isolates_as_well(secret: Path) -> None:
    """With one capability, as a service has for port 25: the daemon keeps it, children do not.

    It is dac_read_search, so that the interpreter is found wherever root installed it.
    """
    capability = "dac_read_search"
    ended = subprocess.run(
        ["setpriv", "--reuid", "65533", "--regid", "65533", "--clear-groups",
         "--inh-caps", f"-all,+{capability}", "--ambient-caps", f"-all,+{capability}",
         sys.executable, "-B", "-c", UNPRIVILEGED],
        cwd=ROOT, env=ENVIRONMENT | {"SECRET": str(secret)},
        capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert ended.returncode == 0, ended.stderr
    said = json.loads(next(line for line in ended.stdout.splitlines() if line[0] == "{"))
    assert said["own"] == 1
    assert said["Uid"] == ["65533"] * 4
    assert (said["Seccomp"], said["NoNewPrivs"]) == (["2"], ["1"])
    assert said["CapPrm"] == said["CapAmb"] == ["0" * 16]
    assert said["open"] == REFUSED
    assert said["socket"] == ["verifier_crashed"]
    assert said["echo"] == "on 0 None"
