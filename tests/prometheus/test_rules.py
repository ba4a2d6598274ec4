"""Alerting rules by promtool, and that none of them lacks a case or a runbook."""

import re
import subprocess
from pathlib import Path

import pytest

from tests.support.needs import needs, program

ROOT = Path(__file__).parents[2]
RULES = sorted((ROOT / "deploy/prometheus/rules").glob("*.yml"))
CASES = sorted((ROOT / "deploy/prometheus/rules/tests").glob("*_test.yml"))
RUNBOOKS = ROOT / "docs/runbooks"
ALERT = re.compile(r"^ *- alert: (\w+)\n((?:(?! *- alert:| *- name:).*\n)*)", re.MULTILINE)
EXPECTED = re.compile(r"alertname: (\w+)\n +exp_alerts:( \[\])?")
ANNOTATIONS = ("summary:", "summary_en:", "description:", "runbook_url:")


def alerts() -> dict[str, str]:
    """The text of every rule, by its alert's name."""
    found = [pair for file in RULES for pair in ALERT.findall(file.read_text(encoding="utf-8"))]
    assert len(found) == len(dict(found)), "an alert is defined twice"
    return dict(found)


NAMES = sorted(alerts())


@needs("promtool")
@pytest.mark.parametrize("file", RULES, ids=lambda file: file.name)
def test_promtool_finds_nothing_wrong_with_the_rules(file: Path) -> None:
    said = subprocess.run(
        [program("promtool"), "check", "rules", "--lint=all", "--lint-fatal", str(file)],
        capture_output=True, check=False, text=True,
    )  # fmt: skip
    assert said.returncode == 0, said.stdout + said.stderr


@needs("promtool")
@pytest.mark.parametrize("file", CASES, ids=lambda file: file.name)
def test_every_case_of_the_rules_goes_as_it_says(file: Path) -> None:
    said = subprocess.run(
        [program("promtool"), "test", "rules", file.name],
        capture_output=True, check=False, text=True, cwd=file.parent,
    )  # fmt: skip
    assert said.returncode == 0, said.stdout + said.stderr


def test_every_file_of_rules_has_one_of_cases() -> None:
    tried = {name for file in CASES for name in re.findall(r"- \.\./(\S+)", file.read_text())}
    assert tried == {file.name for file in RULES}


@pytest.mark.parametrize("name", NAMES)
def test_every_alert_has_a_case_in_which_it_fires_and_one_in_which_it_does_not(name: str) -> None:
    text = "\n".join(file.read_text(encoding="utf-8") for file in CASES)
    quiet = [bool(empty) for alert, empty in EXPECTED.findall(text) if alert == name]
    assert False in quiet, "no case in which it fires"
    assert True in quiet, "no case in which it stays quiet or resolves"


@pytest.mark.parametrize("name", NAMES)
def test_every_alert_says_what_it_is_in_both_languages(name: str) -> None:
    rule = alerts()[name]
    assert [each for each in ANNOTATIONS if each not in rule] == []
    assert f"/docs/runbooks/{name}\n" in rule
    assert re.search(r"severity: (page|ticket|info)\b", rule)


@pytest.mark.parametrize("name", NAMES)
def test_every_alert_has_a_runbook(name: str) -> None:
    page = (RUNBOOKS / f"{name}.md").read_text(encoding="utf-8")
    assert page.startswith(f"# {name}")
    assert "English" in page


def test_no_runbook_is_of_an_alert_that_is_gone() -> None:
    assert {file.stem for file in RUNBOOKS.glob("*.md")} <= set(NAMES)
