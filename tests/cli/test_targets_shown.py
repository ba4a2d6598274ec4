"""How `congvu targets` prints what agencies say of themselves."""

from datetime import date
from typing import Any

import pytest

from monitor.commands.target_words import WORDS
from monitor.commands.targets import _cells, _fields
from monitor.measure import State
from monitor.measure.plan import Target
from monitor.measure.progress import Measured, assess
from monitor.model import Language

TODAY = date(2026, 7, 2)


def shown(indicator: str, language: Language, **more: Any) -> tuple[str, object]:
    """The cell of what is reached, and whether the JSON line says self-declared."""
    target = Target(
        id="a", name="x", indicator=indicator, scope="province", value="60%",
        due=date(2026, 12, 31), **more,
    )  # fmt: skip
    found = assess(target, Measured("province", "", 7, 12, State.OK), None, TODAY)
    return _cells(found, WORDS[language])[2], _fields(found)["self_declared"]


@pytest.mark.parametrize(
    ("indicator", "more", "cell", "declared"),
    [
        ("document_paperless", {}, "58,3% (7/12; có số tự khai)", True),
        ("dispatched_on_time", {"channel": "axis"}, "58,3% (7/12; có số tự khai)", True),
        ("document_paperless", {"base": "observed"}, "58,3% (7/12)", False),
        ("mail_signed", {}, "58,3% (7/12)", False),
    ],
)
def test_a_figure_that_holds_an_agencys_own_word_says_so(
    indicator: str, more: dict[str, Any], cell: str, declared: bool
) -> None:
    assert shown(indicator, Language.VI, **more) == (cell, declared)


def test_in_english_as_well() -> None:
    cell, _ = shown("document_electronic", Language.EN)
    assert cell == "58.3% (7/12; partly self-declared)"
