"""The committed dashboards are what the code builds, whole and readable."""

import json
import re
import subprocess
from collections import Counter
from pathlib import Path

import pytest

from grafana.__main__ import BUILDERS, main
from grafana.page import as_json
from monitor.expose.pages import page
from tests.grafana.boards import DASHBOARDS, ROOT, Panel, committed, expressions, panels, words_of
from tests.support.needs import needs, program

UIDS = {
    "overview": "congvu-overview",
    "agency": "congvu-agency",
    "signatures": "congvu-signatures",
    "mail": "congvu-mail",
    "domains": "congvu-domains",
    "pipeline": "congvu-pipeline",
}
SOURCES = {"prometheus": "congvu-prometheus", "grafana-postgresql-datasource": "congvu-postgres"}
KINDS = {"timeseries", "stat", "bargauge", "table", "state-timeline", "text"}
"""What grafana/preview draws."""
NAME = re.compile(r"\bcongvu_[a-z_]+\b")
every_panel = pytest.mark.parametrize("panel", panels(), ids=lambda panel: panel.name)


@pytest.mark.parametrize("name", BUILDERS)
def test_a_rebuild_equals_what_is_committed(name: str) -> None:
    shipped = (DASHBOARDS / f"{name}.json").read_text(encoding="utf-8")
    assert shipped == as_json(BUILDERS[name]()), "renew it: python -m grafana"


def test_the_check_says_which_file_is_not_as_built(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr("grafana.__main__.FOLDER", tmp_path)
    assert main(["--check"]) == 1
    assert "mail.json" in capsys.readouterr().out
    assert main([]) == 0
    assert main(["--check"]) == 0


def test_addresses_of_dashboards_never_change() -> None:
    assert {name: tree["uid"] for name, tree in committed().items()} == UIDS


def test_days_are_vietnam_days_and_weeks_begin_on_monday() -> None:
    for tree in committed().values():
        assert (tree["timezone"], tree["weekStart"]) == ("Asia/Ho_Chi_Minh", "monday")


@every_panel
def test_a_panel_says_what_it_is_and_what_it_counts(panel: Panel) -> None:
    assert panel.json["type"] in KINDS
    assert panel.json["title"]
    assert len(panel.json["description"]) > 20
    assert panel.json["links"], "a definition to read"


@every_panel
def test_a_panel_has_its_source_its_queries_and_words_for_nothing(panel: Panel) -> None:
    source = panel.json["datasource"]
    assert SOURCES[source["type"]] == source["uid"]
    assert all(each["datasource"] == source for each in panel.targets)
    letters = [each["refId"] for each in panel.targets]
    assert letters
    assert all(letters)
    assert len(set(letters)) == len(letters)
    assert panel.json["fieldConfig"]["defaults"]["noValue"]


@every_panel
def test_numbers_have_a_unit_or_words(panel: Panel) -> None:
    config = panel.json["fieldConfig"]
    said = [config["defaults"], *({p["id"]: p["value"] for p in each["properties"]}
                                  for each in config["overrides"])]  # fmt: skip
    named = any(each.get("unit") or each.get("mappings") or "decimals" in each for each in said)
    assert named or panel.json["type"] == "table"


@every_panel
def test_lines_have_a_legend(panel: Panel) -> None:
    if panel.json["type"] in {"timeseries", "state-timeline"}:
        assert panel.json["options"]["legend"]["showLegend"]
        assert all(each.get("legendFormat") for each in panel.targets if "expr" in each)


@pytest.mark.parametrize("name", BUILDERS)
def test_panels_lie_on_the_grid_and_not_on_each_other(name: str) -> None:
    taken: Counter[tuple[int, int]] = Counter()
    for each in committed()[name]["panels"]:
        place = each["gridPos"]
        assert place["x"] + place["w"] <= 24, each["title"]
        taken.update(
            (x, y)
            for x in range(place["x"], place["x"] + place["w"])
            for y in range(place["y"], place["y"] + place["h"])
        )
    assert max(taken.values()) == 1


@pytest.mark.parametrize("name", BUILDERS)
def test_no_two_panels_have_one_number_or_one_title(name: str) -> None:
    shown = committed()[name]["panels"]
    for key in ("id", "title"):
        several = Counter(each[key] for each in shown)
        assert [value for value, times in several.items() if times > 1] == []


@needs("promtool")
def test_promtool_reads_every_expression(tmp_path: Path) -> None:
    rules = [
        {"record": f"panel:{number}", "expr": expr.replace("$agency", "a").replace("$channel", "b")}
        for number, (_, expr) in enumerate(expressions())
    ]
    file = tmp_path / "rules.yml"
    file.write_text(json.dumps({"groups": [{"name": "panels", "rules": rules}]}), "utf-8")
    done = subprocess.run(
        [program("promtool"), "check", "rules", "--lint=none", str(file)],
        capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert done.returncode == 0, done.stdout + done.stderr


def test_expressions_name_only_documented_metrics() -> None:
    page_text = (ROOT / "docs" / "metrics.md").read_text(encoding="utf-8")
    documented = set(NAME.findall(page_text))
    for panel, expr in expressions():
        asked = {re.sub(r"_(bucket|count|sum)$", "", name) for name in NAME.findall(expr)}
        assert asked - documented == set(), panel.name


def test_a_share_without_volume_is_never_made_0() -> None:
    for panel, expr in expressions():
        if "ratio" in expr:
            assert "vector(0)" not in expr, panel.name
            assert " or " not in expr, panel.name
    for panel in panels():
        for each in panel.targets:
            assert not re.search(r"coalesce\((max\()?ratio", each.get("rawSql", "")), panel.name


@pytest.mark.parametrize("name", BUILDERS)
def test_every_link_leads_somewhere(name: str) -> None:
    texts = list(words_of(committed()[name]))
    pages = {found for text in texts for found in re.findall(r"^\$\{docs\}/(\S+)$", text)}
    assert pages
    for found in pages - {'runbooks/${__data.fields["Cảnh báo"]}'}:
        file, _, anchor = found.partition("#")
        path = ROOT / "docs" / f"{file}.md"
        assert path.exists(), found
        assert not anchor or f'id="{anchor}"' in page(path), found
    boards = {found for text in texts for found in re.findall(r"/d/([a-z-]+)", text)}
    assert set(UIDS.values()) - {UIDS[name]} <= boards <= set(UIDS.values())


def test_every_alert_that_a_list_can_show_has_a_runbook() -> None:
    rules = (ROOT / "deploy" / "prometheus" / "rules").glob("*.yml")
    alerts = {
        name
        for file in rules
        for name in re.findall(
            r"^\s*- alert: (\S+)", file.read_text(encoding="utf-8"), re.MULTILINE
        )
    }
    assert alerts
    for alert in alerts:
        assert (ROOT / "docs" / "runbooks" / f"{alert}.md").exists(), alert


@every_panel
def test_queries_that_are_joined_give_no_name_of_a_metric(panel: Panel) -> None:
    if len(panel.targets) > 1 and panel.json["type"] == "table":
        for each in panel.targets:
            # A bare metric keeps `__name__`, by which rows of two metrics never merge.
            assert re.search(r"\bby \(|\bon \(", each["expr"]), each["expr"]
