"""Every query of the dashboards against the demo: its record, and a Prometheus that scrapes it.

Each gives data, or stands in RIGHTLY_EMPTY with the reason why the demo has none.
"""

import asyncio
import shutil
import time
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest

from grafana.preview.frames import Result
from grafana.preview.postgres import Postgres
from grafana.preview.prometheus import Prometheus
from grafana.preview.query import Request, Sources, answers
from monitor.record import viewer
from tests.grafana.boards import committed, panels, source_kind
from tests.support.daemon import free_port
from tests.support.database import open_folder
from tests.support.demo import Demo
from tests.support.needs import needs
from tests.support.prometheus import scraping

pytestmark = needs("prometheus")
AGENCY = "hs-stc"
SECONDS = 1200
"""The demo sends six weeks first; its figures of accounts and drops follow them."""
NO_RULES = "this Prometheus evaluates no rules"
NO_DROP = "whether a drop holds today depends on the day that the demo is started on"
ALL_VERIFIED = "all is verified: the rate is 1 from the beginning"
NEW_CERTIFICATES = "certificates of the demo are made anew and end in years"
RIGHTLY_EMPTY = {
    "agency: Cảnh báo đang phát": NO_RULES,
    "agency: Chỉ tiêu kế hoạch: đã đạt và còn thiếu": "the demo's plan asks nothing of this agency",
    "agency: Chứng thư sắp hết hạn": NEW_CERTIFICATES,
    "agency: Có đang sụt giảm không": "silence and decline have series only while they hold",
    "agency: Sụt giảm đã được ghi nhận": "nobody acknowledges in the demo",
    "agency: Văn bản được ký số: xu hướng · trục liên thông": "the demo's past has no axis",
    "mail: Trao đổi công vụ qua thư miễn phí": "facts of it are not recorded yet",
    "overview: Cảnh báo đang phát": NO_RULES,
    "overview: Cơ quan đang sụt giảm, ngừng ký, giảm dần": NO_DROP,
    "overview: Cấp và toàn tỉnh đang sụt giảm": NO_DROP,
    "pipeline: Cảnh báo đang phát": NO_RULES,
    "pipeline: Các lần đổi tỷ lệ mẫu": ALL_VERIFIED,
    "pipeline: Không được chọn vào mẫu, mỗi giờ": ALL_VERIFIED,
    "pipeline: Trang của cổng thông tin, mỗi giờ": "the demo has no portal",
    "pipeline: Tải dữ liệu thu hồi, mỗi giờ": "the demo fetches nothing",
    "signatures: Chứng thư sắp hết hạn": NEW_CERTIFICATES,
    "signatures: Kết luận đã thay đổi khi kiểm tra lại": "only when trust data changes a verdict",
}
"""Panels, each with the reason."""


@pytest.fixture(scope="module")
def demo() -> Iterator[tuple[Demo, int]]:
    """Running, with the port of the read-only role."""
    port = free_port()
    folder = open_folder("congvu-live-")
    running = Demo(folder, CONGVU_VIEWER__ENABLED="true", CONGVU_VIEWER__PORT=str(port))
    running.start()
    yield running, port
    running.stop()
    shutil.rmtree(folder, ignore_errors=True)


@pytest.mark.timeout(SECONDS + 180)
async def test_every_query_gives_data_or_is_rightly_empty(
    demo: tuple[Demo, int], tmp_path: Path
) -> None:
    running, port = demo
    password = viewer.read_password(viewer.password_file(running.state))
    postgres = Postgres(f"postgresql://{viewer.NAME}:{password}@127.0.0.1:{port}/congvu")
    with scraping(running.http_port, tmp_path) as url:
        prometheus = Prometheus(url)
        sources = Sources(prometheus, postgres)
        try:
            deadline = time.monotonic() + SECONDS
            while (empty := await _empty(sources)) and time.monotonic() < deadline:
                await asyncio.sleep(5)
        finally:
            await postgres.close()
            await prometheus.close()
    assert empty == [], running.tail()


def test_what_is_rightly_empty_is_there() -> None:
    assert set(RIGHTLY_EMPTY) <= {panel.name for panel in panels()}


async def _empty(sources: Sources) -> list[str]:
    """Queries without data; a query that fails fails the test at once."""
    found: list[str] = []
    for kind, words in (("postgres", None), ("prometheus", ("now-2m", "now"))):
        # Days are history; Prometheus has seen the last minutes alone.
        asked = Request(
            now=datetime.now(UTC), zone=ZoneInfo("Asia/Ho_Chi_Minh"), words=words,
            values={"agency": (AGENCY,)}, scrape_interval=1,
        )  # fmt: skip
        for name, tree in committed().items():
            answered = await answers(tree, asked, sources)
            for panel in tree["panels"]:
                if source_kind(panel) != kind:
                    continue
                title = f"{name}: {panel['title']}"
                for result in answered.results[panel["id"]]:
                    assert result.error is None, (title, result.error)
                    if not _has_data(result) and title not in RIGHTLY_EMPTY:
                        found.append(f"{title} ({result.ref_id})")
    return found


def _has_data(result: Result) -> bool:
    return any(
        value is not None
        for frame in result.frames
        for column in frame.columns
        if column.type != "time"
        for value in column.values
    )
