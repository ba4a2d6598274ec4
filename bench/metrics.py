"""What a scrape costs: series, bytes, seconds, and how long it holds the daemon's event loop.

    python -m bench.metrics [--scrapes 10]

The daemon's own HTTP surface on uvloop with 200 busy agencies (every family, all channels) and with
2,000 of which 30 have dropped, so that the roll-up is on; scraped by another process. Beside the
loop runs a ticker of 1 ms: how late it is at most while nothing is asked, while the figures are
rendered (every 30 s in the daemon), and while they are scraped.
"""

import argparse
import asyncio
import gc
import json
import subprocess
import sys
import time
from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass, replace
from datetime import date
from itertools import chain

import uvloop

from monitor.agencies import Registry
from monitor.agencies.agency import Agency
from monitor.expose import HttpSurface, Metrics, Readiness
from monitor.expose.adoption import Shown, rendered
from monitor.expose.axis import rendered_axis
from monitor.expose.certificates import rendered_certificates
from monitor.expose.coverage import rendered_coverage
from monitor.expose.exposition import exposition
from monitor.expose.readings import Readings, agency_info
from monitor.expose.targets import rendered_targets
from monitor.measure import State
from monitor.observe import Observer
from monitor.settings import HttpSettings
from tests.support import busy_agency as busy

DAY = date(2026, 11, 20)
TICK = 0.001
DROPPED = 30
CLIENT = """
import json, sys, time, urllib.request
taken = []
for _ in range(int(sys.argv[2])):
    started = time.perf_counter()
    with urllib.request.urlopen(sys.argv[1], timeout=60) as answer:
        size = len(answer.read())
    taken.append(time.perf_counter() - started)
    time.sleep(0.2)
print(json.dumps([size, taken]))
"""


@dataclass
class Ticker:
    """The longest that the loop came late, in seconds."""

    late: float = 0.0

    async def run(self) -> None:
        while True:
            started = time.perf_counter()
            await asyncio.sleep(TICK)
            self.late = max(self.late, time.perf_counter() - started - TICK)

    def taken(self) -> float:
        found, self.late = self.late, 0.0
        return found


def codes(agencies: int) -> Sequence[str]:
    return [f"co-quan-{n:04}" for n in range(agencies)]


def shown(agencies: int) -> Shown:
    """Well agencies; the first have dropped."""
    drops = [busy.drops(code) for code in codes(agencies)]
    for n in range(DROPPED):
        drops[n] = [replace(each, drop_days=2) for each in drops[n]]
    groups = chain.from_iterable(busy.figures(code, scope) for scope, code in busy.GROUPS)
    own = chain.from_iterable(
        busy.figures(code, state=State.OK if n % 10 else State.STALE)
        for n, code in enumerate(codes(agencies))
    )
    of_groups = chain.from_iterable(busy.drops(code, scope) for scope, code in busy.GROUPS)
    return Shown(
        [*own, *groups],
        [each for code in codes(agencies) for each in busy.counts(code)],
        [*chain.from_iterable(drops), *of_groups],
    )


def others(shown_of: Collection[str], agencies: int) -> Sequence[Callable[[], bytes]]:
    """The families that are rendered beside the adoption gauges."""
    all_, some = codes(agencies), sorted(shown_of)
    return (
        lambda: rendered_axis([each for code in some for each in busy.deliveries(code)]),
        lambda: rendered_coverage([each for code in some for each in busy.compared(code)]),
        lambda: rendered_certificates([each for c in all_ for each in busy.certificates(c)]),
        lambda: rendered_targets([busy.target(code) for code in all_]),
    )


def registered(agencies: int) -> Observer:
    """What events have counted of all agencies, and their names."""
    observer = Observer()
    metrics = Metrics(observer.registry)
    for code in codes(agencies):
        busy.count(metrics, code)
    known = Registry([
        Agency(code=code, name=f"Cơ quan {code}", level="commune") for code in codes(agencies)
    ])  # fmt: skip
    Readings(observer.registry, (lambda: agency_info(known, DAY),))
    return observer


async def measured(agencies: int, scrapes: int) -> None:
    observer, everything, ticker = registered(agencies), shown(agencies), Ticker()
    async with asyncio.TaskGroup() as group:
        ticking = group.create_task(ticker.run())
        await asyncio.sleep(1)
        ticker.taken()
        await asyncio.sleep(2)
        idle = ticker.taken()
        started = time.perf_counter()
        figures = await asyncio.to_thread(rendered, everything)
        page = [figures.text]
        rendering, while_rendering = time.perf_counter() - started, ticker.taken()
        page += [await asyncio.to_thread(make) for make in others(figures.agencies, agencies)]
        surface = HttpSurface(
            HttpSettings(port=0), observer.registry, Readiness(()), lambda: b"".join(page)
        )
        await surface.start()
        ticker.taken()
        begun = time.process_time()
        size, taken = await _scraped(f"http://127.0.0.1:{surface.port}/metrics", scrapes)
        busy_for, stall = (time.process_time() - begun) / scrapes, ticker.taken()
        ticking.cancel()
        await surface.stop()
    text = exposition(observer.registry) + b"".join(page)
    series = sum(line[:1] not in (b"#", b"") for line in text.split(b"\n"))
    middle = sorted(taken)[len(taken) // 2]
    print(
        f"{agencies:>6,} agencies {series:>7,} series {size / 1e6:>6.2f} MB   figures rendered in "
        f"{rendering * 1e3:>5.0f} ms (loop {while_rendering * 1e3:>4.1f} ms late)   scrape p50 "
        f"{middle * 1e3:>4.0f} ms, longest {max(taken) * 1e3:>4.0f} ms, "
        f"{busy_for * 1e3:.0f} ms of processor   loop late "
        f"{stall * 1e3:>4.1f} ms (idle {idle * 1e3:.1f} ms)",
        flush=True,
    )


async def _scraped(url: str, scrapes: int) -> tuple[int, Sequence[float]]:
    client = await asyncio.create_subprocess_exec(
        sys.executable, "-c", CLIENT, url, str(scrapes), stdout=subprocess.PIPE
    )
    output, _ = await client.communicate()
    size, taken = json.loads(output)
    return size, taken


def main() -> int:
    parser = argparse.ArgumentParser()
    parser.add_argument("--scrapes", type=int, default=10)
    asked = parser.parse_args()
    gc.collect()
    gc.freeze()  # as the daemon does
    for agencies in (200, 2000):
        with asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner:
            runner.run(measured(agencies, asked.scrapes))
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
