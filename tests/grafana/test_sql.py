"""Every SQL of the dashboards runs on a migrated database as the role that Grafana has."""

import shutil
from collections.abc import AsyncIterator, Iterator
from datetime import UTC, datetime
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest

from grafana.preview.postgres import Postgres
from grafana.preview.query import Request, Sources, answers
from monitor.observe import Observer
from monitor.record import Database, EmbeddedPostgres, Mode, viewer
from monitor.settings import DatabaseSettings, ViewerSettings
from tests.grafana.boards import committed, source_kind
from tests.support.daemon import free_port
from tests.support.database import open_folder

ASKED = Request(
    now=datetime(2026, 3, 2, 3, 0, tzinfo=UTC), zone=ZoneInfo("Asia/Ho_Chi_Minh"), words=None,
    values={"agency": ("it's",)}, scrape_interval=30,
)  # fmt: skip
"""A code with a quote: variables are written as Grafana writes them."""


@pytest.fixture(scope="module")
def state() -> Iterator[Path]:
    folder = open_folder("congvu-grafana-")
    yield folder
    shutil.rmtree(folder)


@pytest.fixture
async def as_viewer(state: Path) -> AsyncIterator[Postgres]:
    """A session of Grafana's role on a migrated, empty database."""
    settings = ViewerSettings(enabled=True, port=free_port())
    async with EmbeddedPostgres(state, Observer(), viewer_settings=settings) as server:
        opened = await Database.open(server.dsn, Mode.REAL, DatabaseSettings(), Observer())
        password = viewer.read_password(viewer.password_file(state))
        postgres = Postgres(
            f"postgresql://{viewer.NAME}:{password}@127.0.0.1:{settings.port}/congvu"
        )
        yield postgres
        await postgres.close()
        await opened.close()


async def test_every_query_runs_and_an_empty_record_gives_no_figure(as_viewer: Postgres) -> None:
    asked = 0
    for name, tree in committed().items():
        found = await answers(tree, ASKED, Sources(None, as_viewer))
        for panel in tree["panels"]:
            if source_kind(panel) != "postgres":
                continue
            for result in found.results[panel["id"]]:
                asked += 1
                assert result.error is None, (name, panel["title"], result.error)
                shares = [
                    value
                    for frame in result.frames
                    for column in frame.columns
                    if column.name == "Tỷ lệ"
                    for value in column.values
                ]
                assert set(shares) <= {None}, (name, panel["title"], "no data is never 0%")
    assert asked > 30
