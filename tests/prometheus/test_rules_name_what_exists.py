"""A metric or label that is renamed would silence a rule without a word: each that a rule names is
documented, and given out by a daemon that runs.
"""

import re
import urllib.request
from collections.abc import Iterator
from pathlib import Path

import pytest

from monitor.expose.adoption import WANTED
from tests.support.daemon import DaemonProcess, free_port
from tests.support.database import open_folder

ROOT = Path(__file__).parents[2]
RULES = sorted((ROOT / "deploy/prometheus/rules").glob("*.yml"))
PAGE = ROOT / "docs/metrics.md"
BLOCK = re.compile(r"^ *expr: (?:\|\n((?: {10,}.*\n|\n)+)|(.*)\n)", re.MULTILINE)
SELECTOR = re.compile(r"\b(congvu[_:][a-z0-9_:]+)(?:\{([^}]*)\})?")
GROUPED = re.compile(r"\b(?:on|by|group_left|group_right|ignoring|without) \(([^)]*)\)")
OF_A_PLAN = {"congvu_target_path_gap_ratio", "congvu_target_gap_ratio", "congvu_target_ratio"}
"""Given out where the settings name a plan of targets."""
DEFINED = 4
"""Bars of a row with name, labels and meaning; tables of counts have fewer."""
OF_PROMETHEUS = {"job", "instance", "alertname", "alertstate"}
FIGURE = re.compile(r"congvu_adoption_(group_)?(?:ratio_)?(ratio|denominator|low|high)")


def expressions(file: Path) -> str:
    found = BLOCK.findall(file.read_text(encoding="utf-8"))
    assert found, f"{file.name}: no expression was understood"
    return "\n".join(block or line for block, line in found)


def templates(file: Path) -> str:
    """Queries inside annotations."""
    return "\n".join(re.findall(r"range query \((.*?)\)", file.read_text(encoding="utf-8")))


def documented() -> dict[str, set[str]]:
    """Labels of every metric of docs/metrics.md; "same" are those of the row above."""
    labels: dict[str, set[str]] = {}
    last: set[str] = set()
    for line in PAGE.read_text(encoding="utf-8").splitlines():
        if line.startswith("| `congvu_") and line.count("|") >= DEFINED:
            names, column = line.split("|")[1:3]
            if "same" not in column:
                last = set(re.findall(r"`([a-z_]+)`", column))
            for name in re.findall(r"`(congvu_[a-z_]+)`", names):
                labels[name] = set(last)
    return labels


def recorded() -> set[str]:
    text = "".join(file.read_text(encoding="utf-8") for file in RULES)
    return set(re.findall(r"- record: (\S+)", text))


def selectors(file: Path) -> Iterator[tuple[str, set[str]]]:
    for name, matchers in SELECTOR.findall(expressions(file) + templates(file)):
        yield name, set(re.findall(r"(\w+) ?(?:=~|!~|!=|=)", matchers))


@pytest.mark.parametrize("file", RULES, ids=lambda file: file.name)
def test_every_metric_and_label_of_a_rule_is_documented(file: Path) -> None:
    known, made = documented(), recorded()
    for name, labels in selectors(file):
        if ":" in name:
            assert name in made, f"{name} is recorded by no rule"
        else:
            assert name in known, f"{name} is not in docs/metrics.md"
            assert labels <= known[name], f"{name} has no labels {labels - known[name]}"


@pytest.mark.parametrize("file", RULES, ids=lambda file: file.name)
def test_rules_join_by_labels_that_there_are(file: Path) -> None:
    every = set().union(*documented().values()) | OF_PROMETHEUS
    for group in GROUPED.findall(expressions(file)):
        assert {each.strip() for each in group.split(",")} - {""} <= every


@pytest.mark.parametrize("file", RULES, ids=lambda file: file.name)
def test_every_figure_of_a_rule_is_given_out_in_its_window(file: Path) -> None:
    text = expressions(file) + templates(file).replace('\\"', '"')
    for name, matchers in SELECTOR.findall(text):
        said = dict(re.findall(r'(\w+)=~?"([^"]*)"', matchers))
        figure = FIGURE.fullmatch(name)
        if figure is None or not {"indicator", "window"} <= said.keys():
            continue
        for indicator in said["indicator"].split("|"):
            wanted = WANTED.get((indicator, said["window"], not figure[1]))
            assert getattr(wanted, figure[2], False), f"{name} of {said}"


def test_a_daemon_that_runs_gives_out_every_metric_that_a_rule_names() -> None:
    nobody = {"resolvers": [f"127.0.0.1:{free_port()}"]}
    running = DaemonProcess(open_folder("congvu-rules-"), dns=nobody)
    running.start()
    try:
        named = {name for file in RULES for name, _ in selectors(file) if ":" not in name}

        def missing() -> set[str]:
            with urllib.request.urlopen(f"{running.url}/metrics", timeout=10) as answer:
                text = answer.read().decode()
            return named - OF_A_PLAN - set(re.findall(r"^# TYPE (\S+)", text, re.MULTILINE))

        running.wait_for(lambda: not missing(), f"metrics {missing()}")
    finally:
        running.stop()
