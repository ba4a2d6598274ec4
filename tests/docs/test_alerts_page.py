"""docs/alerts.md is what the rules are."""

import re
from pathlib import Path

ROOT = Path(__file__).parents[2]
PAGE = (ROOT / "docs/alerts.md").read_text(encoding="utf-8")
RULE = re.compile(r"- alert: (\w+)\n(?:(?! *- alert:).*\n)*? *labels: \{severity: (\w+)")
ROW = re.compile(r"^\| \[(\w+)\]\(runbooks/(\w+)\.md\) \| (\w+)(, always)? \|", re.MULTILINE)


def rules() -> dict[str, str]:
    """The severity of every alert."""
    files = sorted((ROOT / "deploy/prometheus/rules").glob("*.yml"))
    return dict(pair for file in files for pair in RULE.findall(file.read_text(encoding="utf-8")))


def test_the_table_has_every_alert_with_its_severity_and_no_other() -> None:
    assert {name: severity for name, _, severity, _ in ROW.findall(PAGE)} == rules()


def test_every_alert_of_the_table_leads_to_its_runbook() -> None:
    for name, linked, _, _ in ROW.findall(PAGE):
        assert name == linked
        assert (ROOT / f"docs/runbooks/{name}.md").exists()


def test_what_pages_at_any_hour_is_what_alertmanager_lets_through_at_night() -> None:
    routes = (ROOT / "deploy/alertmanager/alertmanager.yml").read_text(encoding="utf-8")
    excepted = re.search(
        r'CongvuOffHours"\'\]\n    target_matchers:\n.*\n      - alertname!~"(.*)"', routes
    )
    assert excepted
    assert {name for name, _, _, always in ROW.findall(PAGE) if always} == set(
        excepted[1].split("|")
    )


def test_what_waits_for_working_hours_asks_for_them_and_what_does_not_never_does() -> None:
    always = {name for name, _, _, word in ROW.findall(PAGE) if word}
    for file in (ROOT / "deploy/prometheus/rules").glob("*.yml"):
        for text in file.read_text(encoding="utf-8").split("- alert: ")[1:]:
            name = text.split("\n")[0]
            if "severity: page" in text:
                assert ("congvu_working_hours == 1" in text) == (name not in always), name
