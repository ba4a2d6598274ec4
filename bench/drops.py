"""Where the thresholds of the drop watch come from (docs/alerts.md).

    python -m bench drops
    python -m bench.drops [--years 8] [--agencies 200] [--trials 400] [--seed 1]

First: how often a halving is paged within three and five working days. Then: a province whose
agencies do as they always did, through years of Vietnam's working days with Tết, counted by rule:
every alert is a false one. Last: what one look of the watch takes over thirteen months of facts.
"""

import argparse
import asyncio
import shutil
import tempfile
import time
from collections import Counter
from datetime import UTC, date, datetime
from pathlib import Path
from random import Random

from monitor.measure.drops import DropWatch
from monitor.observe import Observer
from monitor.record import AgencyRow, Database, EmbeddedPostgres, Mode
from monitor.settings import DatabaseSettings, Settings
from tests.support.drop_trials import halved, pages, series
from tests.support.habits import ONE, SEVERAL, working_days

BASES = (0.95, 0.9, 0.8, 0.6)
VOLUMES = (5, 10, 20, 50)


def false_pages(years: int, agencies: int, seed: int) -> None:
    days = working_days(date(2017, 1, 1), date(2016 + years, 12, 31))
    found: Counter[tuple[str, str, str]] = Counter()
    steps, taken = 0, 0.0
    for each in series(agencies, days, Random(seed)):
        started = time.process_time()
        for rule, times in pages(each).items():
            found[each.whose, each.indicator, rule] += times
        taken += time.process_time() - started
        steps += len(days)
    months = 12 * years
    print(f"{agencies} agencies that change nothing, {months} months: false alerts a month")
    for key, times in sorted(found.items()):
        print(f"  {' '.join(key):44} {times / months:6.3f}")
    print(f"  {'all':44} {found.total() / months:6.3f}", flush=True)
    print(f"  {taken / steps * 1e6:.1f} µs a figure and day (processor time)", flush=True)


def power(trials: int, seed: int) -> None:
    for title, sizes in (("one document an item", ONE), ("several documents a mail", SEVERAL)):
        for within in (3, 5):
            print(f"\nhalved, {title}: alerts within {within} working days, by documents a day")
            print("base   " + "".join(f"{volume:>7}" for volume in VOLUMES))
            for base in BASES:
                cells = []
                for volume in VOLUMES:
                    random = Random(seed)
                    hits = sum(halved(base, volume, random, sizes, within) for _ in range(trials))
                    cells.append(f"{hits / trials:7.2f}")
                print(f"{base:<7}" + "".join(cells), flush=True)


FACTS = """
INSERT INTO day_fact (day, indicator, agency_id, channel, document_class, base, numerator,
        denominator, undecided)
    SELECT d::date, i.indicator, a.agency_id, i.channel, 'formal', '', 8 + (random() * 2)::integer,
        10, 0
    FROM generate_series('2025-10-01'::date, '2026-11-19', interval '1 day') d, agency a,
        (VALUES ('document_signed', 'mail'), ('mail_signed', 'mail'), ('document_signed', 'docsys'))
            AS i (indicator, channel)
    WHERE a.agency_id <> 0 AND is_working_day(d::date)
"""


async def look(folder: Path, agencies: int) -> None:
    async with EmbeddedPostgres(folder, Observer(), None) as embedded:
        database = await Database.open(embedded.dsn, Mode.REAL, DatabaseSettings(), Observer())
        await database.sync_agencies(
            [AgencyRow(f"cq-{n}", f"Cơ quan {n}", "commune", "tinh") for n in range(agencies)]
        )
        async with database.connection() as connection:
            await connection.execute(FACTS)
            await connection.execute("ANALYZE day_fact")
        watch = DropWatch(database, Settings(), lambda: datetime(2026, 11, 20, 3, tzinfo=UTC))
        for what in ("first look", "nothing changed"):
            begun, used = time.perf_counter(), time.process_time()
            found = await watch.refresh()
            print(
                f"\n{what}: {len(found)} figures, {time.perf_counter() - begun:.2f} s, of them "
                f"{time.process_time() - used:.2f} s processor time beside the database",
                flush=True,
            )
        await database.close()


def refresh(agencies: int) -> None:
    folder = Path(tempfile.mkdtemp(prefix="congvu-bench-")).resolve()
    folder.chmod(0o711)  # the database server runs as another account when root starts it
    try:
        asyncio.run(look(folder, agencies))
    finally:
        shutil.rmtree(folder)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--years", type=int, default=8)
    parser.add_argument("--agencies", type=int, default=200)
    parser.add_argument("--trials", type=int, default=400)
    parser.add_argument("--seed", type=int, default=1)
    given = parser.parse_args()
    power(given.trials, given.seed)
    false_pages(given.years, given.agencies, given.seed)
    refresh(given.agencies)


if __name__ == "__main__":
    main()
