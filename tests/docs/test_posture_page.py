"""docs/posture.md names every check as it is called, and every result."""

import re
from pathlib import Path

from monitor.model import Check, CheckStatus, Language, Origin
from monitor.posture.explaining import posture_words
from monitor.record.posture import CONFIRM_SECONDS, CONFIRMED_AFTER
from monitor.settings import PostureSettings

PAGE = (Path(__file__).parents[2] / "docs" / "posture.md").read_text(encoding="utf-8")
ROW = re.compile(r"^\| `(\w+)` ([^|]+) \|", re.MULTILINE)


def test_every_check_has_a_row_under_its_own_title() -> None:
    words = posture_words(Language.VI)
    assert ROW.findall(PAGE) == [(check.value, words.title(check)) for check in Check]


def test_every_result_and_every_origin_is_explained() -> None:
    for word in (*CheckStatus, *Origin):
        assert f"`{word}`" in PAGE, word


def test_times_are_those_of_the_code() -> None:
    assert PostureSettings().interval_seconds == 6 * 3600
    assert "Every six hours" in PAGE
    assert (CONFIRM_SECONDS, CONFIRMED_AFTER.total_seconds()) == (600, 120)
    assert "looked at again ten minutes later, and only a second look, two minutes after the" in (
        " ".join(PAGE.split())
    )
