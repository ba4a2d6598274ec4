"""Messages a second from the first send to the last recorded row, with the database in the loop.

    python -m bench.endtoend [--messages 1000] [--kilobytes 200] [--connections 8] [--cores 2]
                             [--rate 0.1]

Every mail carries a distinct PDF, signed before the clock starts. A plain SMTP client in a process
of its own sends them to `congvu run` with the embedded database, isolated children and revocation
required; all of them share the same cores. With a rate below 1 that share of the mails is verified
(docs/sampling.md); processor time a message is what to compare on a busy machine. Printed: rate,
delay of the fsync that the rate stands on, processor time a message by process, memory at start,
half and end.
"""

import argparse
import os
import socket
import tempfile
import threading
import time
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from multiprocessing import get_context
from multiprocessing.synchronize import Event
from pathlib import Path

from bench.signed_mails import make_mails, make_pki
from tests.support.daemon import JOURNAL, DaemonProcess

TICKS = os.sysconf("SC_CLK_TCK")
PAGE = os.sysconf("SC_PAGE_SIZE")
POLL_SECONDS = 0.2


def send(port: int, files: Sequence[Path], connections: int, loaded: Event, go: Event) -> None:
    """Send each file once over so many connections; runs in a process of its own."""
    messages = [file.read_bytes() + b".\r\n" for file in files]
    lock = threading.Lock()

    def work() -> None:
        with socket.create_connection(("127.0.0.1", port)) as connection:
            replies = connection.makefile("rb")
            _expect(replies.readline(), b"220")
            connection.sendall(b"EHLO bench.example\r\n")
            while replies.readline()[3:4] == b"-":
                pass
            start = f"MAIL FROM:<nguyen@mot.example>\r\nRCPT TO:<{JOURNAL}>\r\nDATA\r\n".encode()
            while True:
                with lock:
                    if not messages:
                        return
                    message = messages.pop()
                connection.sendall(start)
                for code in (b"250", b"250", b"354"):
                    _expect(replies.readline(), code)
                connection.sendall(message)
                _expect(replies.readline(), b"250")

    loaded.set()
    go.wait()
    threads = [threading.Thread(target=work) for _ in range(connections)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()


def _expect(reply: bytes, code: bytes) -> None:
    if not reply.startswith(code):
        raise SystemExit(f"wanted {code.decode()}, got {reply.decode(errors='replace')}")


@dataclass(frozen=True)
class Usage:
    """Seconds of processor and bytes resident, by kind of process."""

    processor: Counter[str]
    resident: Counter[str]


def usage(daemon: int) -> Usage:
    """Of the daemon and all below it, as /proc says; ended processes count with their parent."""
    parents: dict[int, int] = {}
    stats: dict[int, list[str]] = {}
    for entry in Path("/proc").iterdir():
        if entry.name.isdigit():
            try:
                fields = (entry / "stat").read_text().rsplit(")", 1)[1].split()
                kind = (entry / "cmdline").read_bytes()
            except OSError:
                continue
            parents[int(entry.name)] = int(fields[1])
            stats[int(entry.name)] = [*fields, "child" if b"isolate" in kind else "postgres"]
    processor: Counter[str] = Counter()
    resident: Counter[str] = Counter()
    for pid, fields in stats.items():
        kind_of = "daemon" if pid == daemon else fields[-1]
        if pid == daemon or _below(pid, daemon, parents):
            times = fields[11:13] if pid == daemon else fields[11:15]
            processor[kind_of] += sum(map(int, times)) * 1000 // TICKS
            resident[kind_of] += int(fields[21]) * PAGE
    return Usage(processor, resident)


def _below(pid: int, ancestor: int, parents: dict[int, int]) -> bool:
    while pid in parents:
        pid = parents[pid]
        if pid == ancestor:
            return True
    return False


def sync_milliseconds(folder: Path) -> float:
    """Median of one write of 200 KB with fdatasync on the disk of the state."""
    path, taken = folder / "latency", []
    with path.open("wb") as file:
        for _ in range(50):
            file.write(bytes(200_000))
            file.flush()
            started = time.perf_counter()
            os.fdatasync(file.fileno())
            taken.append(time.perf_counter() - started)
    path.unlink()
    return sorted(taken)[25] * 1000


def total(metrics: dict[str, float], family: str, having: str = "") -> int:
    """Sum of a family's samples whose labels contain a text."""
    return int(
        sum(value for name, value in metrics.items() if name.startswith(family) and having in name)
    )


def wait_recorded(daemon: DaemonProcess, count: int, half: list[Usage]) -> float:
    """Moment at which the last message is recorded; takes the usage at half on the way."""
    assert daemon.process is not None
    stuck_since, before = time.monotonic(), -1
    while True:
        # each is `out` for one agency and `in` for another: one of the two is counted
        recorded = total(daemon.metrics(), "congvu_mail_messages_total", 'direction="out"')
        now = time.perf_counter()
        if recorded >= count:
            return now
        if recorded * 2 >= count and not half:
            half.append(usage(daemon.process.pid))
        if recorded != before:
            stuck_since, before = time.monotonic(), recorded
        elif time.monotonic() - stuck_since > 60:
            raise SystemExit(f"stuck at {recorded} of {count}\n{daemon.tail()}")
        time.sleep(POLL_SECONDS)


def draw_at(daemon: DaemonProcess, rate: float) -> None:
    """Verify this share only, from now on."""
    daemon.sql(
        "INSERT INTO sampling_rate (stratum, from_at, rate, reason)"
        f" VALUES ('all', now(), {rate}, 'bench')"
    )
    daemon.wait_metric("congvu_sampling_rate", rate)


def measure(folder: Path, arguments: argparse.Namespace) -> None:
    """Make the mails, run the daemon, send, wait, print."""
    made = arguments.mails or folder / "made"
    files = made_mails(made, arguments)
    verify = {
        "anchors": str(made / "anchors"),
        "crls": str(made / "crls"),
        "revocation": "require",
    }
    daemon = DaemonProcess(folder, verify=verify | {"children": arguments.children})
    daemon.start()
    if arguments.rate < 1:
        draw_at(daemon, arguments.rate)
    try:
        seconds, usages = take_in(daemon, files, arguments.connections)
        metrics = daemon.metrics()
        size = sum(file.stat().st_size for file in files) / len(files)
        report(len(files), size, seconds, sync_milliseconds(folder), usages)
        valid = total(metrics, "congvu_documents_total", 'verdict="valid"')
        print(f"documents judged valid: {valid} of {total(metrics, 'congvu_documents_total')}")
        print(f"not drawn: {total(metrics, 'congvu_documents_not_sampled_total')}")
    finally:
        print(f"the daemon ended with {daemon.stop()}")


def made_mails(made: Path, arguments: argparse.Namespace) -> list[Path]:
    """Signed mails in the folder, made unless they are there."""
    started = time.perf_counter()
    if not made.exists():
        pki = make_pki()
        pki.write(made)
        make_mails(pki, arguments.messages, arguments.kilobytes * 1000, made / "mails")
    files = sorted((made / "mails").iterdir())[: arguments.messages]
    size = sum(file.stat().st_size for file in files) / len(files)
    took = time.perf_counter() - started
    print(f"{len(files)} mails of {size / 1000:.0f} KB signed in {took:.0f} s")
    return files


def take_in(
    daemon: DaemonProcess, files: Sequence[Path], connections: int
) -> tuple[float, tuple[Usage, Usage, Usage]]:
    """Seconds until all are recorded; what was used before, by then half of them, and after."""
    assert daemon.process is not None
    context = get_context("spawn")
    loaded, go = context.Event(), context.Event()
    client = context.Process(target=send, args=(daemon.smtp_port, files, connections, loaded, go))
    client.start()
    loaded.wait()
    half: list[Usage] = []
    before = usage(daemon.process.pid)
    begun = time.perf_counter()
    go.set()
    ended = wait_recorded(daemon, len(files), half)
    after = usage(daemon.process.pid)
    client.join()
    return ended - begun, (before, half[0], after)


def report(count: int, size: float, seconds: float, sync: float, usages: Sequence[Usage]) -> None:
    """The table."""
    before, after = usages[0], usages[-1]
    rate = count / seconds
    print(f"{rate:.0f} messages/s, {rate * size / 1e6:.0f} MB/s; fdatasync {sync:.1f} ms")
    print(f"{'':10}{'ms a message':>14}{'MB at start':>14}{'at half':>10}{'at end':>10}")
    for kind in ("daemon", "child", "postgres"):
        spent = (after.processor[kind] - before.processor[kind]) / count
        memory = [each.resident[kind] / 1e6 for each in usages]
        print(f"{kind:10}{spent:14.2f}{memory[0]:14.0f}{memory[1]:10.0f}{memory[2]:10.0f}")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--messages", type=int, default=1000)
    parser.add_argument("--kilobytes", type=int, default=200, help="size of a mail")
    parser.add_argument("--connections", type=int, default=8)
    parser.add_argument("--children", type=int, default=2)
    parser.add_argument("--cores", type=int, default=2)
    parser.add_argument("--rate", type=float, default=1.0, help="share that is verified")
    parser.add_argument("--mails", type=Path, help="folder to keep the signed mails for next time")
    parser.add_argument("--directory", type=Path, default=Path("var"), help="on a real disk")
    arguments = parser.parse_args()
    arguments.mails = arguments.mails and arguments.mails.resolve()
    os.sched_setaffinity(0, sorted(os.sched_getaffinity(0))[: arguments.cores])
    arguments.directory.mkdir(exist_ok=True)
    with tempfile.TemporaryDirectory(dir=arguments.directory, prefix="bench-") as folder:
        measure(Path(folder).resolve(), arguments)


if __name__ == "__main__":
    main()
