"""Every query of the dashboards against the demo: its record, and a Prometheus that scrapes it.

Each gives data, or stands in RIGHTLY_EMPTY with the reason why the demo has none.
"""

import asyncio
import shutil
import time
from collections.abc import AsyncIterator, Iterator
from datetime import UTC, datetime
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest

from grafana.preview.frames import Result
from grafana.preview.postgres import Postgres
from grafana.preview.prometheus import Prometheus
from grafana.preview.query import Request, Sources, answers
from monitor.record import viewer
from tests.grafana.boards import Panel, committed, panels, source_kind
from tests.support.daemon import free_port
from tests.support.database import open_folder
from tests.support.demo import Demo
from tests.support.needs import needs
from tests.support.prometheus import scraping

pytestmark = needs("prometheus")
AGENCY = "hs-stc"
SECONDS = 900
"""The demo sends six weeks first, the oldest days first: the figures of 30 days follow them."""
NO_RULES = "this Prometheus evaluates no rules"
NOT_HELD = "silence and decline have series only while they hold"
ONE_MONTH = "the demo's past may hold one closed month alone"
NO_DROP = "whether a drop holds today depends on the day that the demo is started on"
ALL_VERIFIED = "all is verified: the rate is 1 from the beginning"
NEW_CERTIFICATES = "certificates of the demo are made anew and end in years"
RIGHTLY_EMPTY = {
    "agency: Cảnh báo đang phát": NO_RULES,
    "agency: Chỉ tiêu kế hoạch: đã đạt và còn thiếu": "the demo's plan asks nothing of this agency",
    "agency: Chứng thư sắp hết hạn": NEW_CERTIFICATES,
    **{f"agency: 5 ngày gần nhất so với mức quen thuộc ({query})": NOT_HELD for query in "FG"},
    "agency: Quá hạn tiếp nhận": "a delivery is late only where nobody took it up",
    "agency: Sụt giảm đã được ghi nhận": "nobody acknowledges in the demo",
    "domains: Thay đổi: không còn đạt, đạt trở lại": "what the demo's names say never changes",
    "overview: Cảnh báo đang phát": NO_RULES,
    "overview: So với tháng trước và cùng kỳ, trên cùng các cơ quan": ONE_MONTH,
    "overview: Đang sụt giảm, ngừng ký, giảm dần": NO_DROP,
    "pipeline: Cảnh báo đang phát": NO_RULES,
    "pipeline: Các lần đổi tỷ lệ mẫu": ALL_VERIFIED,
    "pipeline: Công việc định kỳ: lần thành công cuối cách đây (D)": "begins after ten minutes",
    "pipeline: Không được chọn vào mẫu, mỗi giờ": ALL_VERIFIED,
    "pipeline: Trang của cổng thông tin, mỗi giờ": "the demo has no portal",
    "pipeline: Tải dữ liệu thu hồi, mỗi giờ": "the demo fetches nothing",
    "signatures: Chứng thư sắp hết hạn": NEW_CERTIFICATES,
    "signatures: Kết luận đã thay đổi khi kiểm tra lại": "only when trust data changes a verdict",
}
"""Panels, or single queries of them by their letter, each with the reason."""


@pytest.fixture(scope="module")
def demo() -> Iterator[tuple[Demo, int]]:
    """Running, with the port of the read-only role."""
    port = free_port()
    folder = open_folder("congvu-live-")
    running = Demo(folder, rate=1, CONGVU_VIEWER__ENABLED="true", CONGVU_VIEWER__PORT=str(port))
    running.start()
    yield running, port
    running.stop()
    shutil.rmtree(folder, ignore_errors=True)


@pytest.fixture
async def sources(demo: tuple[Demo, int], tmp_path: Path) -> AsyncIterator[Sources]:
    """The record by the read-only role, and a Prometheus that scrapes the daemon."""
    running, port = demo
    password = viewer.read_password(viewer.password_file(running.state))
    postgres = Postgres(f"postgresql://{viewer.NAME}:{password}@127.0.0.1:{port}/congvu")
    with scraping(running.http_port, tmp_path) as url:
        prometheus = Prometheus(url)
        yield Sources(prometheus, postgres)
        await postgres.close()
        await prometheus.close()


@pytest.mark.timeout(SECONDS + 180)
async def test_every_query_gives_data_or_is_rightly_empty(
    demo: tuple[Demo, int], sources: Sources
) -> None:
    deadline = time.monotonic() + SECONDS
    waiting = panels()
    empty = {panel.name: await _empty(panel, sources) for panel in waiting}
    while any(empty.values()) and time.monotonic() < deadline:
        await asyncio.sleep(2)
        waiting = [panel for panel in waiting if empty[panel.name]]
        empty = {panel.name: await _empty(panel, sources) for panel in waiting}
    assert [query for queries in empty.values() for query in queries] == [], demo[0].tail()


def test_what_is_rightly_empty_is_there() -> None:
    there = {panel.name for panel in panels()} | {
        f"{panel.name} ({each['refId']})" for panel in panels() for each in panel.targets
    }
    assert set(RIGHTLY_EMPTY) <= there


async def _empty(panel: Panel, sources: Sources) -> list[str]:
    """Queries of a panel without data that should have some; one that fails fails the test."""
    live = source_kind(panel.json) == "prometheus"
    asked = Request(
        now=datetime.now(UTC), zone=ZoneInfo("Asia/Ho_Chi_Minh"),
        # Days are history; Prometheus has seen the last minutes alone.
        words=("now-2m", "now") if live else None,
        values={"agency": (AGENCY,)}, scrape_interval=1,
    )  # fmt: skip
    alone = {**committed()[panel.board], "panels": [panel.json]}
    found = (await answers(alone, asked, sources)).results[panel.json["id"]]
    for result in found:
        assert result.error is None, (panel.name, result.error)
    named = [f"{panel.name} ({result.ref_id})" for result in found if not _has_data(result)]
    return [each for each in named if not {each, panel.name} & set(RIGHTLY_EMPTY)]


def _has_data(result: Result) -> bool:
    return any(
        value is not None
        for frame in result.frames
        for column in frame.columns
        if column.type != "time"
        for value in column.values
    )
