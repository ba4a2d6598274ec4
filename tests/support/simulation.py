"""Agencies that sign by chance, sampled by chance: whether the intervals keep what they promise.

Populations are made in PostgreSQL by a seeded generator, and judged by the product's own statements
(monitor/measure/sql/figure_estimates.sql, figure_processes.sql) and functions.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from random import Random

from monitor.measure.figures import VERIFIED, WITH_LAST_MONTH, WITH_PROCESS
from monitor.measure.statements import sql
from monitor.record.connection import Connection


@dataclass(frozen=True, slots=True)
class Phase:
    """A stretch of time with one rate and one habit."""

    documents: int
    share: float
    rate: float


@dataclass(frozen=True, slots=True)
class Cell:
    """One kind of agency and window."""

    phases: tuple[Phase, ...]
    per_mail: int = 1
    """Documents of a mail: 1, or 3 on average, from 1 to 5."""
    alike: float = 0.0
    """How often the documents of a mail are signed or not all as one."""
    undecided: float = 0.0
    """How often documents cannot be decided, or turn out relayed."""

    @property
    def expected_mails(self) -> float:
        """Messages drawn, on average."""
        return sum(phase.documents * phase.rate for phase in self.phases) / self.per_mail

    @property
    def rarer_mails(self) -> float:
        """Messages drawn, on average, of the rarer of signed and not signed."""
        signed = sum(p.documents * p.rate * p.share for p in self.phases) / self.per_mail
        return min(signed, self.expected_mails - signed)

    @property
    def smallest_stratum(self) -> float:
        """Messages drawn, on average, at the rate of which there are fewest."""
        return min(p.documents * p.rate / self.per_mail for p in self.phases)

    @property
    def name(self) -> str:
        phases = " then ".join(f"{p.documents} at {p.rate:g}, {p.share:.0%}" for p in self.phases)
        mails = f"; {self.per_mail} a mail, {self.alike:g} alike" if self.per_mail > 1 else ""
        return phases + mails + (f"; {self.undecided:g} undecided" if self.undecided else "")


@dataclass(frozen=True, slots=True)
class Coverage:
    """What became of many samples of one cell."""

    covered: float
    """How often the interval held what is true."""
    width: float
    """Of the interval, on average."""
    bias: float | None = None
    """Mean of estimate less truth, of those with an estimate."""
    naive_bias: float | None = None
    """The same of signed over drawn, whatever the rates were."""


@dataclass(frozen=True, slots=True)
class Habit:
    """Documents a day, each day with a share of its own about a lasting one (beta-binomial)."""

    a_day: int
    """On average: Poisson."""
    share: float
    alike: float
    """Correlation of the documents of a day; 0: each by itself."""
    rate: float = 1.0

    @property
    def name(self) -> str:
        rate = f", at {self.rate:g}" if self.rate < 1 else ""
        return f"{self.a_day} a day, {self.share:.0%}, {self.alike:g} alike{rate}"


CLUSTERS = """
CREATE TEMPORARY TABLE simulated ON COMMIT DROP AS
SELECT cell, replicate, rate, size, undecided, drawn,
       CASE WHEN alike THEN size * (one < share)::integer
       ELSE (one < share)::integer + (size > 1 AND random() < share)::integer
           + (size > 2 AND random() < share)::integer + (size > 3 AND random() < share)::integer
           + (size > 4 AND random() < share)::integer END AS y
FROM (
    SELECT p.cell, r AS replicate, p.rate, p.share,
           CASE WHEN p.per_mail = 1 THEN 1 ELSE 1 + floor(random() * 5)::integer END AS size,
           random() < p.alike AS alike, random() AS one,
           random() < p.undecided AS undecided, random() < p.rate AS drawn
    FROM phase p CROSS JOIN generate_series(1, (SELECT n FROM replicates)) r
    CROSS JOIN LATERAL generate_series(1, p.mails) m
    OFFSET 0
) AS mail
"""
STRATA = """
INSERT INTO figure_stratum
SELECT 'document_signed', 'agency', cell || '/' || replicate, 'mail', 'formal', '', 'wd5', rate,
    sum(y) FILTER (WHERE seen), sum(size) FILTER (WHERE seen),
    coalesce(sum(size) FILTER (WHERE drawn AND undecided), 0),
    CASE WHEN rate < 1 THEN sum(size) END, coalesce(sum(size) FILTER (WHERE drawn), 0),
    count(*), count(*) FILTER (WHERE drawn),
    sum(y * y) FILTER (WHERE seen), sum(y * size) FILTER (WHERE seen),
    sum(size * size) FILTER (WHERE seen), sum(size * size) FILTER (WHERE seen),
    sum(size * size) FILTER (WHERE drawn)
FROM (SELECT *, drawn AND NOT undecided AS seen FROM simulated) AS s
GROUP BY cell, replicate, rate
"""
JUDGED = """
WITH truth AS (
    SELECT cell, cell || '/' || replicate AS code,
           sum(y) FILTER (WHERE NOT undecided)
               / nullif(sum(size) FILTER (WHERE NOT undecided), 0)::float8 AS share,
           sum(y) FILTER (WHERE drawn AND NOT undecided)
               / nullif(sum(size) FILTER (WHERE drawn AND NOT undecided), 0)::float8 AS naive
    FROM simulated GROUP BY cell, replicate
)
SELECT cell, avg((t.share BETWEEN e.low - 1e-8 AND e.high + 1e-8)::integer)::float8 AS covered,
       avg(e.ratio - t.share) AS bias, avg(t.naive - t.share) AS naive_bias,
       avg(e.high - e.low) AS width
FROM truth t JOIN figure_estimate e USING (code) WHERE t.share IS NOT NULL
GROUP BY cell ORDER BY cell
"""


async def finite_coverage(
    connection: Connection, cells: Sequence[Cell], replicates: int, seed: float = 0.6
) -> Sequence[Coverage]:
    """Populations of each cell, a sample of each, and its interval of what happened."""
    async with connection.transaction():
        await connection.execute(
            "SET LOCAL jit = off; SET LOCAL max_parallel_workers_per_gather = 0"
        )
        await connection.execute("SET LOCAL work_mem = '256MB'")
        await connection.execute("SELECT setseed($1)", seed)
        await connection.execute(sql("figure_tables"))
        await connection.execute(
            "CREATE TEMPORARY TABLE replicates ON COMMIT DROP AS SELECT 0 AS n;"
            "CREATE TEMPORARY TABLE phase (cell integer, mails integer, share float8, rate real,"
            " per_mail integer, alike float8, undecided float8) ON COMMIT DROP"
        )
        await connection.execute("UPDATE replicates SET n = $1", replicates)
        await connection.executemany(
            "INSERT INTO phase VALUES ($1, $2, $3, $4, $5, $6, $7)",
            [(number, round(phase.documents / cell.per_mail), phase.share, phase.rate,
              cell.per_mail, cell.alike, cell.undecided)
             for number, cell in enumerate(cells) for phase in cell.phases],
        )  # fmt: skip
        await connection.execute(CLUSTERS)
        await connection.execute(STRATA)
        await connection.execute("ANALYZE figure_stratum")
        await connection.execute(sql("figure_estimates"), VERIFIED)
        rows = await connection.fetch(JUDGED)
    return [Coverage(row["covered"], row["width"], row["bias"], row["naive_bias"]) for row in rows]


TODAY = date(2026, 3, 20)
HABIT_DAYS = """
SELECT array_agg(day ORDER BY day) FROM figure_day WHERE window_name IN ('wd5', 'wd20_prior')
"""
KEPT = """
SELECT split_part(code, '/', 1)::integer AS cell, window_name,
       avg((habit.share BETWEEN low AND high)::integer)::float8 AS covered,
       avg(high - low)::float8 AS width
FROM figure_process p JOIN unnest($1::float8[]) WITH ORDINALITY AS habit (share, number)
    ON habit.number - 1 = split_part(code, '/', 1)::integer
WHERE scope = 'agency' AND window_name IN ('wd5', 'wd20_prior')
GROUP BY 1, 2 ORDER BY 1, 2 DESC
"""


async def habit_coverage(
    connection: Connection, habits: Sequence[Habit], replicates: int, seed: int = 6
) -> Sequence[tuple[Coverage, Coverage]]:
    """Agencies of each habit through 25 working days, and their process intervals: wd5, wd20_prior.

    Writes agencies and facts of days: for a database that is thrown away.
    """
    chance = Random(seed)
    async with connection.transaction():
        await connection.execute(sql("figure_tables"))
        await connection.execute(sql("figure_days"), TODAY)
        days: Sequence[date] = await connection.fetchval(HABIT_DAYS)
        await connection.execute(
            "INSERT INTO agency (agency_id, code, name)"
            " SELECT 1000 + h * $2::integer + r, h || '/' || r, ''"
            " FROM generate_series(0, $1 - 1) h, generate_series(0, $2::integer - 1) r",
            len(habits),
            replicates,
        )
        await connection.copy_records_to_table(
            "day_fact",
            columns=["agency_id", "day", "numerator", "denominator", "rate", "indicator", "channel",
                     "document_class", "undecided"],
            records=(
                (1000 + number * replicates + each, day, y, x, habit.rate, "document_signed",
                 "mail", "formal", 0)
                for number, habit in enumerate(habits)
                for each in range(replicates)
                for day in days
                for y, x in [_day(chance, habit)]
            ),
        )  # fmt: skip
        await connection.execute("ANALYZE day_fact; ANALYZE agency")
        await connection.execute(sql("figure_current"))
        await connection.execute(sql("figure_processes"), WITH_PROCESS, WITH_LAST_MONTH, days)
        rows = await connection.fetch(KEPT, [habit.share for habit in habits])
    found = [Coverage(row["covered"], row["width"]) for row in rows]
    return list(zip(found[::2], found[1::2], strict=True))


def _day(chance: Random, habit: Habit) -> tuple[int, int]:
    """What was drawn of one day: signed, all."""
    mean, documents = habit.a_day * habit.rate, 0
    left = chance.expovariate(1)
    while left < mean:  # Poisson: events before the mean
        documents += 1
        left += chance.expovariate(1)
    share = habit.share
    if habit.alike:
        weight = 1 / habit.alike - 1
        share = chance.betavariate(share * weight, (1 - share) * weight)
    return sum(chance.random() < share for _ in range(documents)), documents
