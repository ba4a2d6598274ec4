"""Figures are fetched for metrics as far as these show them: the page is that of all figures."""

from datetime import UTC, datetime, timedelta

from prometheus_client import CollectorRegistry, generate_latest

from monitor.expose import Metrics
from monitor.expose.adoption import Shown, rendered
from monitor.measure import Figure, Measure
from monitor.record import AgencyRow, Database, Recorder
from tests.support.outcomes import document, filed, mail, valid

NOW = datetime(2026, 3, 18, 5, tzinfo=UTC)
AGENCIES = [
    AgencyRow("so-mot", "Sở Một", "department", "tinh"),
    AgencyRow("xa-hai", "Xã Hai", "commune", "tinh"),
]


def page(figures: list[Figure], most: int) -> bytes:
    registry = CollectorRegistry()
    Metrics(registry).expect(figures)
    lines = [line for line in generate_latest(registry).splitlines() if b"agency=" in line]
    return rendered(Shown(figures, most_agencies=most)).text + b"\n".join(lines)


async def test_what_is_fetched_for_metrics_gives_the_page_of_all_figures(
    database: Database, recorder: Recorder
) -> None:
    await database.sync_agencies(AGENCIES)
    await recorder.write([
        mail("1", [document("a", valid())], at=NOW - timedelta(days=1)),
        mail("2", [document("b")], at=NOW - timedelta(days=9)),
        mail("3", [document("c")], at=NOW, sender_agency="xa-hai"),
        filed(document("d", valid()), at=NOW - timedelta(days=2)),
    ])  # fmt: skip
    measure = Measure(database, lambda: NOW)
    every, shown = list(await measure.refresh()), list(await measure.refresh(shown=True))
    assert len(shown) < len(every)
    for most in (500, 1):
        assert page(shown, most) == page(every, most)
    assert page(shown, 500).count(b'congvu_documents_total{agency="so-mot"') == 6
