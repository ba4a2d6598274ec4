"""A month recorded, closed and exported: what a second program reads and adds up is what the
database says, and what Prometheus was given of the same month.
"""

import json
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import duckdb
import jsonschema
import pytest

from monitor.expose.adoption import Shown, rendered
from monitor.measure import AccountMeasure, Figure, Measure
from monitor.measure.indicators import CATALOGUE, Facts
from monitor.measure.windows import WindowName
from monitor.model import DocumentFacts, Outcome, Overall
from monitor.record import Database, Recorder
from monitor.report import content
from monitor.report.content import Wanted
from monitor.report.data.figure_lines import COLUMNS
from monitor.report.model import Report, Standing
from tests.measure.closing_world import Month, on
from tests.report.data_files import data_files
from tests.support.outcomes import document, filed, mail, undecided, valid, verdict
from tests.support.reference import DOCS, report_schema

LAST_EVENING = datetime(2026, 3, 31, 16, 30, tzinfo=UTC)
"""23:30 in Vietnam: the running month is the whole of March."""
AGENCIES = ("so-mot", "so-hai", "xa-mot")
NUMBERS = ("numerator", "denominator", "undecided", "checked")
TEXTS = (
    "about",
    "panel",
    "indicator",
    "scope",
    "code",
    "channel",
    "document_class",
    "role",
    "base",
)
KINDS: Mapping[str, type | tuple[type, ...]] = {
    "ordinal": int, "count": int, "text": str, "wide": str, "date": str, "share": dict,
    "points": (int, float),
}  # fmt: skip
"""Of cells in JSON, by the kind of their column."""


@dataclass(frozen=True)
class Exported:
    """The closed month, its files read by DuckDB, and the figures that Prometheus was given."""

    month: Month
    closing_id: int
    report: Report
    files: Mapping[str, Path]

    def ask(self, query: str) -> list[tuple[Any, ...]]:
        """Of the tables `long` and `wide`."""
        with duckdb.connect() as connection:
            for name in ("long", "wide"):
                path = self.files[f"{name}.csv"]
                connection.execute(f"CREATE VIEW {name} AS FROM read_csv('{path}')")
            return connection.execute(query).fetchall()

    async def sql(self, query: str) -> list[tuple[Any, ...]]:
        async with self.month.database.connection() as connection:
            return [tuple(row) for row in await connection.fetch(query, self.closing_id)]

    async def figures_at(self, instant: datetime) -> Sequence[Figure]:
        """What the daemon computes at an instant."""
        database, settings = self.month.database, self.month.settings
        accounts = await AccountMeasure(database, settings.accounts, lambda: instant).refresh()
        assert accounts is not None
        return [*await Measure(database, lambda: instant).refresh(), *accounts.figures]


def documents() -> list[Outcome]:
    """What three agencies sent on days of March and of February, as it comes."""
    judged = (valid(), verdict(), valid(), verdict(Overall.INVALID), undecided(), valid(), valid())
    found = []
    for n in range(60):
        agency, file = AGENCIES[n % 7 % 3], _file(f"số {n}", judged, n)
        when = on(1 + n % 28, 1 + n % 9)
        found.append(
            filed(file, agency=agency, at=when, sent_at=when, paired=n % 3 == 0)
            if n % 2
            else mail(f"thư số {n}", [file], sender_agency=agency, at=when)
        )
    for n in range(9):
        when = datetime(2026, 2, 3 + n, 2, tzinfo=UTC)
        agency = AGENCIES[n % 3]
        found.append(filed(_file(f"cũ {n}", judged, n), agency=agency, at=when, sent_at=when))
    return found


def _file(name: str, judged: Sequence[Any], n: int) -> DocumentFacts:
    return document(name, judged[n % len(judged)])


@pytest.fixture
async def exported(database: Database, recorder: Recorder, tmp_path: Path) -> Exported:
    month = await Month.made(database, recorder, tmp_path)
    await recorder.write(documents())
    made = await month.close()
    async with database.connection() as connection:
        wanted = Wanted(month.settings.report, Standing.CLOSED)
        report = await content.read(connection, made.id, wanted)
    files = {}
    for name, octets in data_files(report).items():
        files[name] = tmp_path / name
        files[name].write_bytes(octets)
    return Exported(month, made.id, report, files)


# -- the database ----------------------------------------------------------------------------------


async def test_every_row_and_every_digit_is_the_databases(exported: Exported) -> None:
    columns = [name for name in COLUMNS if name not in {"name", "level", "definition"}]
    listed = ", ".join(columns)
    theirs = await exported.sql(f"SELECT {listed} FROM closed_figure WHERE closing_id = $1")
    filled = ", ".join(f"coalesce({name}, '')" if name in TEXTS else name for name in columns)
    ours = exported.ask(f"SELECT {filled} FROM long")
    assert len(ours) > 300
    assert sorted(map(repr, ours)) == sorted(map(repr, theirs))


async def test_the_key_that_the_page_names_is_one(exported: Exported) -> None:
    page = (DOCS / "report-data.md").read_text(encoding="utf-8")
    sentence = page.partition("The key of a row is ")[2].partition(".")[0]
    key = re.findall(r"`(\w+)`", sentence)
    assert len(key) == 11
    [(rows, keys)] = exported.ask(f"SELECT count(*), count(DISTINCT ({', '.join(key)})) FROM long")
    assert rows == keys


async def test_totals_are_those_of_sql(exported: Exported) -> None:
    by = ("about", "panel", "indicator", "scope", "channel", "document_class", "role", "base")
    sums = ", ".join(f"sum({name})::bigint" for name in NUMBERS)
    theirs = await exported.sql(
        f"SELECT {', '.join(by)}, count(*), {sums} FROM closed_figure WHERE closing_id = $1"
        f" GROUP BY {', '.join(by)}"
    )
    filled = ", ".join(f"coalesce({name}, '')" for name in by)
    ours = exported.ask(f"SELECT {filled}, count(*), {sums} FROM long GROUP BY {', '.join(by)}")
    assert sorted(map(repr, ours)) == sorted(map(repr, theirs))


async def test_agencies_add_up_to_their_levels_and_levels_to_the_province(
    exported: Exported,
) -> None:
    counted = [
        each.id for each in CATALOGUE.values()
        if each.facts in {Facts.CAPTURE, Facts.REGISTERS} and "agency" in each.scopes
    ]  # fmt: skip
    by = "indicator, channel, document_class, base"
    sums = ", ".join(f"sum({name})" for name in NUMBERS)
    given = (
        "FROM long WHERE about = 'period' AND coalesce(panel, '') = ''"
        f" AND indicator IN {tuple(counted)}"
    )
    of_agencies = exported.ask(
        f"SELECT level, {by}, {sums} {given} AND scope = 'agency' GROUP BY ALL"
    )
    levels = exported.ask(f"SELECT code, {by}, {sums} {given} AND scope = 'level' GROUP BY ALL")
    assert {row[0] for row in levels} == {"department", "commune"}
    assert _known(of_agencies) == _known(levels)
    of_levels = exported.ask(f"SELECT {by}, {sums} {given} AND scope = 'level' GROUP BY ALL")
    province = exported.ask(f"SELECT {by}, {sums} {given} AND scope = 'province' GROUP BY ALL")
    assert _known(of_levels) == _known(province)
    assert len(_known(province)) > 10


def _known(rows: Sequence[tuple[Any, ...]]) -> dict[tuple[Any, ...], tuple[Any, ...]]:
    """Sums by what they are of; nothing and no row are the same."""
    width = len(NUMBERS)
    return {row[:-width]: row[-width:] for row in rows if any(row[-width:])}


# -- Prometheus ------------------------------------------------------------------------------------


def samples(figures: Sequence[Figure], window: str) -> dict[tuple[str, str, str, str], float]:
    """By family, indicator, whose and channel, of one window, as `/metrics` has them."""
    text = rendered(Shown(figures)).text.decode()
    pattern = (
        r'^(congvu_adoption_(?:group_)?(?:ratio|denominator))\{(?:agency|channel)="([^"]*)",'
        r'(?:channel|group)="([^"]*)",indicator="([^"]*)",window="([^"]*)"\} (\S+)$'
    )
    found = {}
    for family, first, second, indicator, of, value in re.findall(pattern, text, re.MULTILINE):
        whose, channel = (second, first) if "_group_" in family else (first, second)
        if of == window:
            found[family, indicator, whose, channel] = float(value)
    return found


@pytest.mark.parametrize("window", [WindowName.LAST_MONTH, WindowName.PERIOD])
async def test_the_export_is_what_metrics_said_of_the_same_month(
    exported: Exported, window: WindowName
) -> None:
    instant = exported.month.at if window is WindowName.LAST_MONTH else LAST_EVENING
    told = samples(await exported.figures_at(instant), window)
    rows = exported.ask(
        "SELECT indicator, scope, code, channel, ratio, denominator FROM long"
        " WHERE about = 'period' AND coalesce(panel, role, base, '') = ''"
        " AND document_class IS DISTINCT FROM 'editable'"
    )
    expected: dict[tuple[str, str, str, str], float] = {}
    for indicator, scope, code, channel, ratio, denominator in rows:
        series = CATALOGUE[indicator].agency if scope == "agency" else CATALOGUE[indicator].group
        family = "congvu_adoption" if scope == "agency" else "congvu_adoption_group"
        if window in series.ratio and ratio is not None:
            expected[f"{family}_ratio", indicator, code, channel] = ratio
        if window in series.denominator:
            expected[f"{family}_denominator", indicator, code, channel] = denominator
    assert told == expected
    accounts = {indicator for _, indicator, *_ in told if indicator.startswith("accounts_")}
    assert len(accounts) == (3 if window is WindowName.PERIOD else 0)
    shares = [value for (family, *_), value in told.items() if family.endswith("_ratio")]
    assert len(shares) > 10
    assert len(set(shares)) > 3


# -- the other files -------------------------------------------------------------------------------


async def test_json_has_the_same_figures_and_is_as_its_schema_says(exported: Exported) -> None:
    whole = json.loads(exported.files["report.json"].read_bytes())
    jsonschema.validate(whole, report_schema())
    columns = [name for name in COLUMNS if name not in {"first_day", "last_day", "definition"}]
    ours = [
        tuple(None if figure[name] == "" else figure[name] for name in columns)
        for figure in whole["figures"]
    ]
    listed = exported.ask(f"SELECT {', '.join(columns)} FROM long")
    assert ours == listed
    assert {figure["definition"] for figure in whole["figures"]} == {
        *(str(each.version) for each in CATALOGUE.values()), None,
    }  # fmt: skip


async def test_cells_in_json_are_of_the_kinds_of_their_columns(exported: Exported) -> None:
    whole = json.loads(exported.files["report.json"].read_bytes())
    assert len(whole["tables"]) > 5
    for table in whole["tables"]:
        kinds = {heading["id"]: KINDS[heading["kind"]] for heading in table["headings"]}
        assert len(kinds) == len(table["headings"]), f"{table['id']}: a column twice"
        for row in [*table["rows"], *filter(None, [table["total"]])]:
            for column, cell in row["cells"].items():
                assert cell is None or isinstance(cell, kinds[column]), (table["id"], column, cell)


async def test_the_wide_form_says_of_an_agency_what_its_figures_say(exported: Exported) -> None:
    wide = exported.ask(
        "SELECT code, level, officials, provisioned, documents, paired FROM wide ORDER BY code"
    )
    figures = exported.ask(
        "SELECT code, any_value(level),"
        " sum(denominator) FILTER (indicator = 'accounts_provisioned')::bigint,"
        " sum(numerator) FILTER (indicator = 'accounts_provisioned')::bigint,"
        " sum(denominator) FILTER (indicator = 'document_paired')::bigint,"
        " sum(numerator) FILTER (indicator = 'document_paired')::bigint"
        " FROM long WHERE about = 'period' AND scope = 'agency'"
        " AND coalesce(panel, role, base, '') = '' AND document_class IS DISTINCT FROM 'editable'"
        " GROUP BY code ORDER BY code"
    )
    assert [row[0] for row in wide] == sorted(AGENCIES)
    assert [row[4:] for row in wide] == [row[4:] for row in figures]
    mine, same = ([row for row in rows if row[0] == "so-mot"] for rows in (wide, figures))
    assert mine == same


async def test_an_agencys_own_files_have_nothing_of_another(exported: Exported) -> None:
    wanted = Wanted(exported.month.settings.report, Standing.CLOSED, agency="xa-mot")
    async with exported.month.database.connection() as connection:
        report = await content.read(connection, exported.closing_id, wanted)
    assert {row.figure.code for row in report.figures} == {"xa-mot"}
    assert [row.code for row in report.tables[0].rows if not row.emphasis] == ["xa-mot"]
    for name, octets in data_files(report).items():
        text = octets.decode()
        assert "Xã Một" in text
        for other in ("so-mot", "so-hai", "Sở Một", "Sở Hai"):
            assert other not in text, name
