"""Durable appends a second into the spool, and what they cost the event loop.

    python bench/spool.py [DIRECTORY] [--seconds 5] [--appenders 50] [--plain]

The directory should be on the disk that production uses. `loop µs` is the processor time of the
event loop's thread per message, which SMTP intake has to share; `stall ms` is the longest that
the loop was held up. A worker takes everything back and marks it done at the same time, as in
production.
"""

import argparse
import asyncio
import os
import shutil
import statistics
import tempfile
import time
import uuid
from datetime import UTC, datetime
from pathlib import Path

import uvloop

from monitor.model import Channel, ItemHeader, MailEnvelope, PayloadKind
from monitor.observe import Observer, configure_logging
from monitor.settings import SpoolSettings
from monitor.spool import Spool

SIZES = (2 * 1024, 50 * 1024, 2 * 1024 * 1024)
CHUNK = 64 * 1024


def sync_latency(directory: Path, size: int) -> float:
    """Median seconds of one fdatasync after a write of `size` bytes."""
    path = directory / "latency"
    descriptor = os.open(path, os.O_CREAT | os.O_WRONLY | os.O_TRUNC, 0o600)
    taken = []
    for _ in range(100):
        os.write(descriptor, bytes(size))
        started = time.perf_counter()
        os.fdatasync(descriptor)
        taken.append(time.perf_counter() - started)
    os.close(descriptor)
    path.unlink()
    return statistics.median(taken)


def header(size: int) -> ItemHeader:
    return ItemHeader(
        item_id=uuid.uuid4().hex,
        kind=PayloadKind.MAIL,
        source="gateway",
        channel=Channel.MAIL,
        received_at=datetime.now(UTC),
        size=size,
        envelope=MailEnvelope(
            mail_from="van-thu@so-a.example", rcpt_to=("xa-b@example",), peer="127.0.0.1"
        ),
    )


async def heartbeat(stalls: list[float]) -> None:
    """How long the event loop did not come to it, again and again."""
    while True:
        started = time.perf_counter()
        await asyncio.sleep(0.005)
        stalls.append(time.perf_counter() - started - 0.005)


async def work(spool: Spool) -> None:
    """Take what is there and be done with it."""
    while True:
        spool.done(await spool.take())


async def measure(directory: Path, size: int, appenders: int, seconds: float, drain: bool) -> str:
    """Run appenders for a time; one line of the table."""
    spool = Spool.open(directory, SpoolSettings(min_free_bytes=0), Observer())
    body = [os.urandom(min(CHUNK, size)) for _ in range(0, size, CHUNK)]
    headers = [header(size) for _ in range(1000)]
    waits: list[float] = []
    end = time.perf_counter() + seconds

    async def append(lane: int) -> None:
        turn = lane
        while time.perf_counter() < end:
            started = time.perf_counter()
            await spool.append(headers[turn % len(headers)], body)
            waits.append(time.perf_counter() - started)
            turn += appenders

    stalls = [0.0]
    async with asyncio.TaskGroup() as group:
        group.create_task(spool.run())
        worker = group.create_task(work(spool))
        pulse = group.create_task(heartbeat(stalls))
        if not drain:
            worker.cancel()
        started, used = time.perf_counter(), time.thread_time()
        await asyncio.gather(*(append(lane) for lane in range(appenders)))
        took, used = time.perf_counter() - started, time.thread_time() - used
        left = spool.stats().items
        worker.cancel()
        pulse.cancel()
        await spool.close()
    waits.sort()
    count = len(waits)
    p50, p99 = (waits[count * part // 100] * 1e3 for part in (50, 99))
    rate = count / took
    return (
        f"{size:>9} {rate:>9.0f} {rate * size / 1e6:>8.0f} {used / count * 1e6:>8.1f} "
        f"{p50:>8.2f} {p99:>8.2f} {max(stalls) * 1e3:>8.1f} {left:>7}"
    )


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("directory", type=Path, nargs="?", default=Path("var"))
    parser.add_argument("--seconds", type=float, default=5)
    parser.add_argument("--appenders", type=int, default=50)
    parser.add_argument("--plain", action="store_true", help="append only, no worker")
    options = parser.parse_args()
    configure_logging("warning", "console")
    options.directory.mkdir(parents=True, exist_ok=True)
    for size in (4096, 1024 * 1024):
        latency = sync_latency(options.directory, size)
        print(f"fdatasync after {size} bytes: {latency * 1e3:.3f} ms")
    print("   bytes  appends/s     MB/s  loop µs   p50 ms   p99 ms stall ms    left")
    for size in SIZES:
        directory = Path(tempfile.mkdtemp(prefix="spool-", dir=options.directory))
        try:
            print(
                uvloop.run(
                    measure(directory, size, options.appenders, options.seconds, not options.plain)
                ),
                flush=True,
            )
        finally:
            shutil.rmtree(directory)


if __name__ == "__main__":
    main()
