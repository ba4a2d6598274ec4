"""What a `.reason.txt` says to whoever put a file there."""

from monitor.collect.events import Rejection
from monitor.collect.reasons import Reason


def test_the_place_in_a_manifest_is_told_in_each_language() -> None:
    reason = Reason(Rejection.ROW_DUPLICATE, "row 5: row 3 names the same file")
    word, english, vietnamese, _ = reason.text().split("\n")
    assert word == "row_duplicate"
    assert english.endswith("(row 5: row 3 names the same file)")
    assert vietnamese.endswith("(dòng 5: dòng 3 nêu cùng tệp)")
