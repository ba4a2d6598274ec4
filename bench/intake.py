"""Durable mail intake beside Postfix: messages a second, as ratios within one run.

    python -m bench.intake [DIRECTORY] [--rounds 3] [--sessions 50] [--reconnect]

`smtp-source` drives, with the same sessions and messages: Postfix's `smtp-sink`, which discards;
congvu's intake with its spool, which syncs before it says 250; and a Postfix that takes the mail
into its own hold queue, which syncs too. DIRECTORY (default: here) should be on the disk that
production uses. Every figure is the median of the rounds, in which the three take turns.
`--reconnect` opens a connection for each message, which is how Postfix delivers when there is
little to deliver; without it sessions are reused.
"""

import argparse
import asyncio
import os
import shutil
import signal
import socket
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from ipaddress import ip_network
from pathlib import Path

import uvloop

from monitor.collect import MailIntake
from monitor.observe import Observer, configure_logging
from monitor.settings import MailSource, SmtpSettings, SpoolSettings
from monitor.spool import Spool
from tests.support.daemon import free_port
from tests.support.needs import find
from tests.support.postfix import Postfix, can_start

SIZES = {"2 KB": (2 * 1024, 6000), "50 KB": (50 * 1024, 3000), "2 MB": (2 * 1024 * 1024, 200)}
ROOT = Path(__file__).resolve().parents[1]
JOURNAL = "journal@congvu.example"
BAR_OF_SINK, BAR_OF_QUEUE = 0.7, 3.0


async def serve(port: int, directory: Path) -> None:
    """The intake and its spool, as the daemon wires them, until SIGTERM."""
    configure_logging("warning", "console")
    observer = Observer()
    spool = Spool.open(directory, SpoolSettings(), observer)
    source = MailSource(
        name="bench", journal_address=JOURNAL, networks=(ip_network("127.0.0.0/8"),)
    )
    settings = SmtpSettings(port=port, max_messages_per_session=1_000_000)
    intake = MailIntake(settings, [source], spool.append, observer)
    stop = asyncio.Event()
    asyncio.get_running_loop().add_signal_handler(signal.SIGTERM, stop.set)
    async with asyncio.TaskGroup() as tasks:
        tasks.create_task(spool.run())
        await intake.start()
        await stop.wait()
        await intake.stop(1)
        print(f"spooled {spool.stats().items}", flush=True)
        await spool.close()


@contextmanager
def child(*command: str, port: int) -> Iterator["subprocess.Popen[str]"]:
    process = subprocess.Popen(command, stdout=subprocess.PIPE, text=True, cwd=ROOT)
    try:
        wait_for(port)
        yield process
    finally:
        process.terminate()
        process.wait(30)


def wait_for(port: int) -> None:
    for _ in range(200):
        try:
            with socket.create_connection(("127.0.0.1", port), timeout=1):
                return
        except OSError:
            time.sleep(0.05)
    raise SystemExit(f"nothing listens on port {port}")


def drive(port: int, size: int, messages: int, sessions: int, *, reconnect: bool) -> float:
    """Messages a second that `smtp-source` got accepted."""
    command = [
        find("smtp-source") or "smtp-source",
        *("-s", str(sessions), "-m", str(messages), "-l", str(size), "-C", "10"),
        *("-f", "sender@agency.example", "-t", JOURNAL),
        *(() if reconnect else ("-d",)),
        f"inet:127.0.0.1:{port}",
    ]
    started = time.perf_counter()
    subprocess.run(command, check=True, timeout=600)
    return messages / (time.perf_counter() - started)


Peer = Callable[[int, int], float]


def sink_peer(args: argparse.Namespace, stack: ExitStack) -> Peer:
    port = free_port()
    user = ("-u", "nobody") if os.geteuid() == 0 else ()
    program = find("smtp-sink") or "smtp-sink"
    stack.enter_context(child(program, *user, f"inet:127.0.0.1:{port}", "1000", port=port))
    return lambda size, count: drive(port, size, count, args.sessions, reconnect=args.reconnect)


def congvu_peer(args: argparse.Namespace, folder: Path) -> Peer:
    def run(size: int, count: int) -> float:
        port = free_port()
        spool = folder / "spool"
        command = (sys.executable, "-m", "bench.intake", str(spool), "--serve", str(port))
        with child(*command, port=port) as process:
            rate = drive(port, size, count, args.sessions, reconnect=args.reconnect)
        spooled = process.stdout.read() if process.stdout else ""
        if f"spooled {count}\n" not in spooled:
            raise SystemExit(f"sent {count}, but: {spooled}")
        shutil.rmtree(spool)
        return rate

    return run


def queue_peer(args: argparse.Namespace, folder: Path) -> Peer:
    def run(size: int, count: int) -> float:
        hold = {"smtpd_client_restrictions": "check_client_access static:HOLD"}
        with Postfix(hold, parent=folder) as postfix:
            return drive(postfix.port, size, count, args.sessions, reconnect=args.reconnect)

    return run


def missing() -> dict[str, str]:
    """Peers that cannot run here, and why."""
    absent = {}
    if find("smtp-sink") is None:
        absent["smtp-sink"] = "not installed"
    if (why := can_start()) is not None:
        absent["Postfix to its queue"] = why
    return absent


def sync_latency(directory: Path) -> float:
    """Median seconds of an fsync after a write of 4 KB."""
    path = directory / "latency"
    taken = []
    with path.open("wb", buffering=0) as file:
        for _ in range(100):
            file.write(bytes(4096))
            started = time.perf_counter()
            os.fsync(file.fileno())
            taken.append(time.perf_counter() - started)
    path.unlink()
    return statistics.median(taken)


def measure(args: argparse.Namespace, folder: Path) -> None:
    absent = missing()
    for peer, why in absent.items():
        print(f"missing: {peer} ({why})")
    print(
        f"{args.sessions} sessions, {args.rounds} rounds, "
        f"{'a connection a message' if args.reconnect else 'connections reused'}, "
        f"fsync {sync_latency(folder) * 1000:.2f} ms, {os.cpu_count()} processors"
    )
    with ExitStack() as stack:
        peers: dict[str, Peer] = {}
        if "smtp-sink" not in absent:
            peers["smtp-sink"] = sink_peer(args, stack)
        peers["congvu"] = congvu_peer(args, folder)
        if "Postfix to its queue" not in absent:
            peers["Postfix to its queue"] = queue_peer(args, folder)
        print(f"\n{'size':6}" + "".join(f"{name:>22}" for name in peers) + f"{'ratios':>28}")
        for label in args.sizes:
            size, count = SIZES[label]
            rates: dict[str, list[float]] = {name: [] for name in peers}
            for _ in range(args.rounds):
                for name, run in peers.items():
                    rates[name].append(run(size, count))
            print(line(label, {name: statistics.median(of) for name, of in rates.items()}))


def line(label: str, median: dict[str, float]) -> str:
    ratios = []
    if sink := median.get("smtp-sink"):
        ratios.append(f"{median['congvu'] / sink:.2f} of sink")
    if queue := median.get("Postfix to its queue"):
        ratios.append(f"{median['congvu'] / queue:.1f} x queue")
    rates = "".join(f"{rate:>20.0f}/s" for rate in median.values())
    return f"{label:6}{rates}{', '.join(ratios):>28}"


def main() -> None:
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("directory", nargs="?", type=Path, default=Path())
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--sessions", type=int, default=50)
    parser.add_argument("--reconnect", action="store_true")
    parser.add_argument("--sizes", nargs="+", choices=SIZES, default=list(SIZES))
    parser.add_argument("--serve", type=int, metavar="PORT", help=argparse.SUPPRESS)
    args = parser.parse_args()
    if args.serve:
        uvloop.run(serve(args.serve, args.directory))
        return
    if find("smtp-source") is None:
        raise SystemExit("smtp-source is not installed (Debian: apt-get install postfix)")
    folder = Path(tempfile.mkdtemp(prefix="bench-intake-", dir=args.directory))
    folder.chmod(0o755)
    try:
        measure(args, folder.resolve())
    finally:
        shutil.rmtree(folder)
    print(f"bars at 50 KB: {BAR_OF_SINK} of sink, {BAR_OF_QUEUE:.0f} x queue")


if __name__ == "__main__":
    main()
