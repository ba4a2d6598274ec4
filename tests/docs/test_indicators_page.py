"""docs/indicators.md is the one definition: it says what the catalogue says, of every indicator."""

import re

from monitor.measure.indicators import CATALOGUE
from monitor.measure.plan import Indicator
from tests.support.indicators_page import with_tables
from tests.support.reference import DOCS

PAGE = (DOCS / "indicators.md").read_text(encoding="utf-8")


def test_the_tables_are_those_of_the_catalogue() -> None:
    assert with_tables(PAGE) == PAGE, "renew it: make reference"


def test_each_indicator_has_a_section_that_panels_link_to_and_words_by_hand() -> None:
    for each in CATALOGUE:
        section = PAGE.partition(f"\n## {each}\n")[2].partition("\n## ")[0]
        prose = [line for line in section.splitlines() if line and line[0] not in "|*"]
        assert prose, each


def test_there_is_no_section_of_an_indicator_that_is_none() -> None:
    headings = re.findall(r"^## ([a-z_]+)$", PAGE, re.MULTILINE)
    assert headings == list(CATALOGUE)


def test_a_plan_may_set_targets_for_every_indicator() -> None:
    assert {each.value for each in Indicator} == set(CATALOGUE)


def test_names_and_definitions_are_said_in_both_languages_and_each_once() -> None:
    names = [text for each in CATALOGUE.values() for text in (each.name.vi, each.name.en)]
    assert len(set(names)) == len(names)
    for each in CATALOGUE.values():
        for text in (each.name, each.numerator, each.denominator):
            assert text.vi
            assert text.en
        assert each.rule


def test_what_is_given_out_is_computed() -> None:
    for each in CATALOGUE.values():
        for series in (each.agency, each.group):
            bounds = {*series.low, *series.high}
            assert bounds <= {*series.ratio, *series.denominator}
            assert not bounds or each.interval
        assert {*each.agency.ratio, *each.agency.denominator} <= set(each.windows)
        assert "agency" in each.scopes or not each.agency.ratio
        assert not each.agency.ratio or each.state_window in each.windows
