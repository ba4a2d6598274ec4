"""The reference pages say what the code does: nothing undocumented, nothing invented."""

import json
import re
from collections.abc import Callable
from typing import Any

import pytest
from prometheus_client import CollectorRegistry

from monitor.expose import Metrics
from monitor.observe import Observer
from tests.support.reference import (
    DOCS,
    events_page,
    report_data_page,
    report_schema,
    verdict_schema,
    verify_page,
)


def rows(page: str, pattern: str) -> set[str]:
    return set(re.findall(pattern, (DOCS / page).read_text(encoding="utf-8"), re.MULTILINE))


def test_the_page_of_verdicts_explains_findings_and_files_as_the_product_does() -> None:
    shipped = (DOCS / "verify.md").read_text(encoding="utf-8")
    assert shipped == verify_page(), "renew it: make reference"


def test_the_page_of_reports_as_data_has_the_columns_that_are_written() -> None:
    shipped = (DOCS / "report-data.md").read_text(encoding="utf-8")
    assert shipped == report_data_page(), "renew it: make reference"


@pytest.mark.parametrize(
    ("name", "schema"), [("verdict", verdict_schema), ("report", report_schema)]
)
def test_a_shipped_schema_is_the_models_own(
    name: str, schema: Callable[[], dict[str, Any]]
) -> None:
    shipped = json.loads((DOCS / f"{name}.schema.json").read_text(encoding="utf-8"))
    assert shipped == schema(), "renew it: make reference"


def test_every_counter_is_documented() -> None:
    documented = rows("metrics.md", r"^\| `(congvu_[a-z_]+)`")
    registry = CollectorRegistry()
    Metrics(registry)
    Observer(registry)
    names = {
        family.name + ("_total" if family.type == "counter" else "_info" * (family.type == "info"))
        for family in registry.collect()
    }
    assert names - documented == set()


def test_the_page_of_events_is_made_from_the_code() -> None:
    shipped = (DOCS / "events.md").read_text(encoding="utf-8")
    assert shipped == events_page(), "renew it: make reference"
