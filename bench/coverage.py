"""How often intervals hold what is true: the table of docs/statistics.md.

    python -m bench coverage    (python -m bench.coverage --samples 4000)

The product's own statements on an embedded server; nothing is timed. Cells that miss what is asked
for are marked: below 93% anywhere, above 97% where 30 messages or more are drawn on average.
"""

import argparse
import asyncio
import shutil
import tempfile
from collections.abc import Iterator, Sequence
from pathlib import Path

import asyncpg

from monitor.observe import Observer
from monitor.record import Database, EmbeddedPostgres, Mode
from monitor.settings import DatabaseSettings
from tests.support.simulation import (
    Cell,
    Coverage,
    Habit,
    Phase,
    finite_coverage,
    habit_coverage,
)

SIZES = (
    (5, 0.5), (10, 0.5), (30, 0.5), (100, 0.5), (300, 0.5),
    (10, 0.1), (30, 0.1), (100, 0.1), (300, 0.1), (1000, 0.1),
    (100, 0.02), (300, 0.02), (1000, 0.02), (3000, 0.02),
)  # fmt: skip
"""Documents of the window, and the rate."""
SHARES = (0.05, 0.2, 0.5, 0.8, 0.95, 0.98)
MAILS = ((1, 0.0), (3, 0.0), (3, 0.5), (3, 1.0))
"""Documents a mail, and how often all of one are signed or not as one."""
AT_ONCE = 12
RARE, THIN = 5, 10
"""Of fewer messages of the rarer kind the count itself is coarse; a rate of which fewer are drawn
has an interval of its own that is wide, and nothing but that is known."""


def steady() -> Iterator[Cell]:
    yield Cell((Phase(30, 0.6, 1),), 3, 0.5)
    for documents, rate in SIZES:
        for share in SHARES:
            for per_mail, alike in MAILS:
                if documents >= 2 * per_mail:
                    yield Cell((Phase(documents, share, rate),), per_mail, alike)


def changing() -> Iterator[Cell]:
    """Rate and habit change together in the middle."""
    for documents in (30, 100, 300, 1000):
        for per_mail, alike in ((1, 0.0), (3, 0.5)):
            for first, second in (
                ((0.9, 1.0), (0.3, 0.1)), ((0.9, 0.5), (0.3, 0.1)), ((0.3, 0.5), (0.9, 0.1)),
                ((0.9, 0.5), (0.3, 0.02)), ((0.95, 0.1), (0.5, 0.5)),
            ):  # fmt: skip
                phases = tuple(Phase(documents, share, rate) for share, rate in (first, second))
                yield Cell(phases, per_mail, alike)
    yield Cell((Phase(300, 0.8, 0.2),), 1, 0, 0.1)
    yield Cell((Phase(300, 0.8, 0.5), Phase(300, 0.3, 0.1)), 3, 0.5, 0.3)


def habits() -> Iterator[Habit]:
    for a_day, rate in ((1, 1), (3, 1), (10, 1), (40, 1), (40, 0.1)):
        for share in (0.05, 0.3, 0.5, 0.8, 0.95):
            for alike in (0, 0.03, 0.1):
                yield Habit(a_day, share, alike, rate)


def mark(cell: Cell, found: Coverage) -> str:
    if found.covered < 0.93:
        return "below"
    if found.covered <= 0.97 or cell.expected_mails < 30 or found.width == 0:
        return ""
    if cell.rarer_mails < RARE:
        return "above: few of the rarer kind"
    return "above: little drawn at one rate" if cell.smallest_stratum < THIN else "above"


def show(cell: Cell, found: Coverage) -> None:
    naive = "" if found.naive_bias is None else f"{found.naive_bias:+9.3f}"
    bias = "        " if found.bias is None else f"{found.bias:+9.3f}"
    print(
        f"{cell.name:58}{cell.expected_mails:7.1f}{found.covered:8.1%}{found.width:8.3f}"
        f"{bias}{naive}  {mark(cell, found)}",
        flush=True,
    )


async def finite(connection: asyncpg.Connection, cells: Sequence[Cell], samples: int) -> None:
    print(f"\nFinite-population intervals, {samples:,} samples a cell\n"
          f"{'documents at rate, share signed':58}{'drawn':>7}{'covered':>8}{'width':>8}{'bias':>9}"
          f"{'naive':>9}")  # fmt: skip
    marks: dict[str, int] = {}
    for start in range(0, len(cells), AT_ONCE):
        some = cells[start : start + AT_ONCE]
        for cell, found in zip(
            some, await finite_coverage(connection, some, samples, start / 1000), strict=True
        ):
            show(cell, found)
            marks[mark(cell, found)] = marks.get(mark(cell, found), 0) + 1
    print(
        f"{len(cells)} cells: "
        + ", ".join(f"{n} {name or 'as asked'}" for name, n in marks.items())
    )


async def process(connection: asyncpg.Connection, samples: int) -> None:
    print(f"\nProcess intervals, {samples:,} agencies a habit\n"
          f"{'habit':40}{'wd5':>8}{'wd20_prior':>12}")  # fmt: skip
    wanted = list(habits())
    for habit, (recent, prior) in zip(
        wanted, await habit_coverage(connection, wanted, samples), strict=True
    ):
        low = "  below" if min(recent.covered, prior.covered) < 0.93 else ""
        print(f"{habit.name:40}{recent.covered:8.1%}{prior.covered:12.1%}{low}", flush=True)


async def measured(folder: Path, samples: int) -> None:
    async with EmbeddedPostgres(folder, Observer(), None) as embedded:
        database = await Database.open(
            embedded.dsn, Mode.REAL, DatabaseSettings(), Observer()
        )  # makes the schema
        await database.close()
        connection = await asyncpg.connect(embedded.dsn)
        await finite(connection, [*steady(), *changing()], samples)
        await process(connection, samples // 4)
        await connection.close()


def main() -> int:
    parser = argparse.ArgumentParser()
    parser.add_argument("--samples", type=int, default=4000)
    folder = Path(tempfile.mkdtemp(prefix="congvu-bench-")).resolve()
    folder.chmod(0o711)  # the database server runs as another account when root starts it
    try:
        asyncio.run(measured(folder, parser.parse_args().samples))
    finally:
        shutil.rmtree(folder)
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
