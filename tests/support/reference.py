"""Reference pages that are made from the code: `make reference` writes them, a test compares."""

import importlib
import json
import pkgutil
from dataclasses import fields
from pathlib import Path
from typing import Any

from pydantic import TypeAdapter

import monitor
from monitor.explain import catalogue
from monitor.model import Finding, Language, Verdict
from monitor.observe import Event
from monitor.report.data.json_file import ReportShape
from tests.support import indicators_page, lookalikes, metric_families, report_page

DOCS = Path(__file__).parents[2] / "docs"
FAMILIES = Path(__file__).parents[1] / "expose" / "families.txt"

EVENTS_HEAD = """# Events

What the daemon logs, one JSON line each, and counts in `congvu_events_total{event}`. The names and
fields are stable; no field holds personal data. At most 20 lines of one event are logged in ten
seconds (the next one says how many were left out); the counter counts all. This page is made from
the code (`make reference`).

| event | level | fields | meaning |
|---|---|---|---|
"""


def verdict_schema() -> dict[str, Any]:
    """JSON Schema 2020-12 of one `congvu verify --json` line."""
    schema = Verdict.model_json_schema(mode="serialization")
    return {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "title": "congvu verify --json, one line",
    } | {key: value for key, value in schema.items() if key != "title"}


def report_schema() -> dict[str, Any]:
    """JSON Schema 2020-12 of a report's JSON file: every member is there, and no other."""
    schema = TypeAdapter(ReportShape).json_schema(mode="serialization")
    for shape in (schema, *schema["$defs"].values()):
        if "properties" in shape:
            shape |= {"required": list(shape["properties"]), "additionalProperties": False}
    return {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "title": "A report of congvu, JSON",
    } | {key: value for key, value in schema.items() if key != "title"}


def events_page() -> str:
    for module in pkgutil.walk_packages(monitor.__path__, "monitor."):
        if not module.name.endswith("__main__"):
            importlib.import_module(module.name)
    return EVENTS_HEAD + "".join(sorted(_row(event) for event in _events(Event)))


def _events(base: type[Event]) -> list[type[Event]]:
    """Every event of the product below a class; one that others refine is itself none."""
    found = []
    for event in base.__subclasses__():
        deeper = _events(event)
        found += deeper or ([event] if event.__module__.startswith("monitor.") else [])
    return found


def _row(event: type[Event]) -> str:
    meaning = " ".join((event.__doc__ or "").split("\n\n")[0].split()).replace("|", "\\|")
    names = ", ".join(f"`{field.name}`" for field in fields(event)) or "–"
    return f"| `{event.name()}` | {event.level} | {names} | {meaning} |\n"


def findings_table() -> str:
    """Every finding with its name and sentence, from the message catalogue."""
    head = "| finding | Tiếng Việt | meaning |\n|---|---|---|\n"
    vietnamese, english = catalogue(Language.VI), catalogue(Language.EN)
    return head + "".join(
        f"| `{finding}` | {vietnamese.entry(finding).name} | {english.entry(finding).sentence} |\n"
        for finding in Finding
    )


def verify_page() -> str:
    """docs/verify.md with its made sections renewed; the rest is written by hand."""
    return _renewed(
        "verify.md", {"findings": findings_table(), "explanations": lookalikes.section()}
    )


def report_data_page() -> str:
    """docs/report-data.md with its tables of columns renewed."""
    return _renewed(
        "report-data.md", {"figures": report_page.long_table(), "wide": report_page.wide_table()}
    )


def _renewed(name: str, made: dict[str, str]) -> str:
    text = (DOCS / name).read_text(encoding="utf-8")
    for part, section in made.items():
        before, opening, rest = text.partition(f"<!-- made: {part} -->\n")
        _, closing, after = rest.partition("<!-- end -->")
        if not closing:
            raise LookupError(f"docs/{name}: no section {part!r}")
        text = before + opening + section + closing + after
    return text


def write() -> None:
    for name, schema in (("verdict", verdict_schema()), ("report", report_schema())):
        text = json.dumps(schema, indent=1, ensure_ascii=False) + "\n"
        (DOCS / f"{name}.schema.json").write_text(text, encoding="utf-8")
    (DOCS / "verify.md").write_text(verify_page(), encoding="utf-8")
    (DOCS / "report-data.md").write_text(report_data_page(), encoding="utf-8")
    (DOCS / "events.md").write_text(events_page(), encoding="utf-8")
    indicators = DOCS / "indicators.md"
    renewed = indicators_page.with_tables(indicators.read_text(encoding="utf-8"))
    indicators.write_text(renewed, encoding="utf-8")
    FAMILIES.write_text(metric_families.golden(), encoding="utf-8")


if __name__ == "__main__":
    write()
