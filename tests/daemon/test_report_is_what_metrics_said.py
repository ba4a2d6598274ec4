"""A month closed and exported by commands: its CSV is what a real daemon's /metrics says of it."""

import asyncio
import csv
import re
import shutil
from collections.abc import Iterator, Mapping
from datetime import UTC, datetime, time, timedelta
from pathlib import Path

import duckdb
import pytest

from monitor import clock
from monitor.measure.indicators import CATALOGUE
from monitor.measure.windows import WindowName
from monitor.model import Overall
from monitor.periods import Kind, Period, Rules, latest_ended
from monitor.record import AgencyRow, Recorder, keyring
from monitor.record.keyring import KEY_FILE
from tests.support.daemon import REGISTRY, DaemonProcess
from tests.support.database import Server, open_database, open_folder
from tests.support.outcomes import document, filed, mail, undecided, valid, verdict

AGENCIES = [AgencyRow("mot", "Một", "department"), AgencyRow("hai", "Hai", "department")]
DOCUMENTS = 30
LAST = WindowName.LAST_MONTH
Series = Mapping[tuple[str, ...], float]


def month() -> Period:
    """The calendar month before this one, whose figures the daemon still gives out."""
    return latest_ended(Kind.MONTH, clock.vietnam_day(clock.now()), Rules())


@pytest.fixture
def daemon(postgres_server: Server) -> Iterator[DaemonProcess]:
    with asyncio.Runner() as runner:
        name = runner.run(postgres_server.create())
        folder = open_folder("congvu-equal-")
        made = DaemonProcess(folder, database={"dsn": postgres_server.dsn(name)})
        formula = REGISTRY.replace('"Sở Thử nghiệm Một"', '"=Sở Thử nghiệm Một"')
        (folder / "agencies.toml").write_text(formula, encoding="utf-8")
        made.state.mkdir()
        keyring.create(made.state / KEY_FILE)
        runner.run(fill(postgres_server.dsn(name), made.state))
        yield made
        if made.process and made.process.poll() is None:
            made.stop()
        shutil.rmtree(folder)
        runner.run(postgres_server.drop(name))


async def fill(dsn: str, state: Path) -> None:
    database = await open_database(dsn)
    verdicts = (valid(), verdict(), valid(), verdict(Overall.INVALID), valid(), undecided())
    start = datetime.combine(month().first, time(3), UTC)
    outcomes = []
    for n in range(DOCUMENTS):
        at, agency = start + timedelta(days=n % 27), ("mot", "hai")[n % 5 % 2]
        file = document(f"{n}", verdicts[n % len(verdicts)])
        outcomes.append(filed(file, agency=agency, at=at, sent_at=at, paired=n % 2 == 0))
        if n % 3:
            outcomes.append(mail(f"m{n}", [file], sender_agency=agency, at=at))
    try:
        await database.sync_agencies(AGENCIES)
        await Recorder(database, state).write(outcomes)
    finally:
        await database.close()


def scraped(daemon: DaemonProcess) -> Series:
    """Ratios and denominators of groups in the month before."""
    found: dict[tuple[str, ...], float] = {}
    for name, value in daemon.metrics().items():
        family, _, rest = name.partition("{")
        labels = dict(re.findall(r'(\w+)="([^"]*)"', rest))
        if re.fullmatch("congvu_adoption_group_(ratio|denominator)", family) and (
            labels["window"] == LAST
        ):
            found[family, labels["indicator"], labels["group"], labels["channel"]] = value
    return found


def read(path: Path) -> Series:
    """The same of the long CSV."""
    with duckdb.connect() as connection:
        rows = connection.execute(
            f"SELECT indicator, code, channel, ratio, denominator FROM '{path}'"
            " WHERE about = 'period' AND scope <> 'agency'"
            " AND coalesce(panel, role, base, '') = ''"
            " AND document_class IS DISTINCT FROM 'editable'"
        ).fetchall()
    found: dict[tuple[str, ...], float] = {}
    for indicator, code, channel, ratio, denominator in rows:
        series = CATALOGUE[indicator].group
        if LAST in series.ratio and ratio is not None:
            found["congvu_adoption_group_ratio", indicator, code, channel] = ratio
        if LAST in series.denominator:
            found["congvu_adoption_group_denominator", indicator, code, channel] = denominator
    return found


def test_what_is_handed_in_is_what_prometheus_was_told(daemon: DaemonProcess) -> None:
    daemon.start()
    labels = f'channel="docsys",group="province",indicator="document_signed",window="{LAST}"'
    daemon.wait_metric(f"congvu_adoption_group_denominator{{{labels}}}", DOCUMENTS * 5 / 6)

    closed = daemon.congvu("report", "close", month().id, "--early", "--reason", "hết kỳ")
    assert closed.returncode == 0, closed.stderr
    folder = daemon.folder / "reports"
    export = ("report", "--period", month().id, "--format", "csv,json", "--out", str(folder))
    done = daemon.congvu(*export)
    assert done.returncode == 0, done.stderr

    name = f"congvu-{month().slug}-v1-vi"
    written = {path.name: path.read_bytes() for path in folder.iterdir()}
    assert set(written) == {f"{name}-long.csv", f"{name}-wide.csv", f"{name}.json"}
    found = read(folder / f"{name}-long.csv")
    assert found == scraped(daemon)
    assert len(found) > 10

    again = daemon.congvu(*export)
    assert again.returncode == 0, again.stderr
    assert {path.name: path.read_bytes() for path in folder.iterdir()} == written

    plain = daemon.congvu(*export, "--no-bom")
    assert plain.returncode == 0, plain.stdout + plain.stderr
    long = (folder / f"{name}-long.csv").read_bytes()
    assert b"\xef\xbb\xbf" + long == written[f"{name}-long.csv"]

    other = daemon.congvu(*export[:3], "--format", "csv", "--semicolon", "--out", str(folder))
    assert other.returncode == 0, other.stderr
    path = folder / f"{name}-semicolon-wide.csv"
    rows = list(csv.DictReader(path.open(encoding="utf-8-sig", newline=""), delimiter=";"))
    assert {row["agency"] for row in rows} == {"'=Sở Thử nghiệm Một", "Sở Thử nghiệm Hai"}
    assert all("." not in row["paired_share"] for row in rows)
    assert daemon.stop() == 0
