"""How many series an agency has over all families: docs/metrics.md counts them."""

import re
from collections import Counter
from datetime import date

from prometheus_client import CollectorRegistry, generate_latest

from monitor.agencies import Registry
from monitor.agencies.agency import Agency
from monitor.expose import Metrics
from monitor.expose.adoption import Shown, rendered
from monitor.expose.axis import rendered_axis
from monitor.expose.certificates import rendered_certificates
from monitor.expose.coverage import rendered_coverage
from monitor.expose.posture import rendered_posture
from monitor.expose.readings import Readings, agency_info
from monitor.expose.targets import rendered_targets
from tests.support import busy_agency as busy
from tests.support.metric_families import golden
from tests.support.reference import DOCS

MOST = 122


def series() -> Counter[str]:
    """Of one busy agency, by family."""
    registry = CollectorRegistry()
    busy.count(Metrics(registry))
    known = Registry([Agency(code="so-mot", name="Sở Một", level="department")])
    Readings(registry, (lambda: agency_info(known, date(2026, 11, 20)),))
    page = b"".join([
        generate_latest(registry),
        rendered(Shown(busy.figures(), busy.counts(), busy.drops())).text,
        rendered_axis(busy.deliveries()),
        rendered_coverage(busy.compared()),
        rendered_certificates(busy.certificates()),
        rendered_targets([busy.target()]),
        rendered_posture(busy.posture(), 500),
    ]).decode()  # fmt: skip
    return Counter(re.findall(r'^([a-z_]+)\{.*\bagency="so-mot"', page, re.MULTILINE))


def test_a_busy_agency_has_no_more_series_than_are_allowed() -> None:
    found = series()
    assert found.total() <= MOST, dict(found)


def test_the_page_of_metrics_counts_the_series_of_an_agency_as_they_are() -> None:
    page = (DOCS / "metrics.md").read_text(encoding="utf-8")
    table = page.partition("## Series of an agency")[2]
    rows = re.findall(r"^\| `(congvu_[a-z_]+)` \| (\d+) \|", table, re.MULTILINE)
    assert {name: int(number) for name, number in rows} == dict(series())
    assert f"**{series().total()}**" in table


def test_every_family_of_agencies_is_in_the_count_of_a_busy_one() -> None:
    labelled = {
        line.split(" ")[0] for line in golden().splitlines()[1:]
        if "agency" in line.split(" ")[2].split(",")
    }  # fmt: skip
    only_while_it_holds = {
        "congvu_adoption_silent_days", "congvu_adoption_decline_days",
        "congvu_documents_not_sampled_total",
    }  # fmt: skip
    assert labelled - only_while_it_holds == set(series())
