"""One agency's month through a real daemon, every figure worked out by hand.

Sở Khoa học (`hs-skhcn`) keeps a register, its document system leaves files with a manifest, it sends
on the exchange axis and by mail; real signed PDFs meet on their ways. d0 to d5 are six working days
in a row some weeks ago; "today" is when the test runs, the day of mail that comes over SMTP.

| No. | issued | signatures | register says | captured | so it went |
|---|---|---|---|---|---|
| 1 | d0 | pair d0 | electronic | docsys d0, axis d0 twice (Paper 0), mail today twice, and in an older mailbox d0 | electronic |
| 2 | d0 | pair d0 | parallel | docsys d1 14:00; in internal mail | parallel |
| 3 | d0 | pair d0 | electronic | docsys d1 10:00, with an appendix sealed by the organisation | electronic |
| 4 | d1 | organisation d1 | electronic, a copy | docsys d1, role copy, SY-… | electronic |
| 5 | d1 | none | paper | docsys d1, whose manifest says paper | paper |
| 6 | d1 | person d1 | electronic | docsys d1 | electronic |
| 7 | d1 | clerk, no time-stamp | electronic, signed d1 | docsys d2 13:00 | electronic |
| 8 | d2 | pair d2, changed since | electronic | docsys d2 | electronic |
| 9 | d2 | pair d2 | nothing | axis d4, Paper 1 | parallel: the message says so |
| 10 | d2 | pair d2 | nothing | docsys d2, without a word about paper | electronically; paper undecided |
| 11 | d2 | | electronic (first: paper) | nothing | electronic, not proven |
| 12 | d2 | | secret | | in no figure |
| 13 | | | missing | | |
| 14 | d3 | pair d3 | electronic | docsys d3, by the file's name: the number was given twice | electronic |
| 14 | d3 | | paper | nothing | paper |
| 15 | d3 | pair d3 | paper | mail today, by the file's hash | parallel: it was sent |
| 16 | d3 | pair d3 | electronic | axis d3 (Paper 0) | electronic |
| 17 | d3 | | nothing | nothing | undecided |
| 18 | d4 | pair d4 | electronic | axis d4 (Paper 0), replaces 16 | electronic |
| 19 | d2 | pair d2 | nothing | axis d2 (Paper 0), revoked on d3 by a notice | electronic |
| 20 | d4 | | cancelled | | a number without a document |
| 21 | d4 | | electronic, withdrawn since | | in no figure |

By mail today as well: an invitation (pair, signed today) and an unsigned reply, neither in the
register; a document of Sở Tài chính passed on; one that came from outside, one from Sở Tài chính.

Of the rows 18 are documents of the register: 1 to 11, 14 twice, 15 to 19.
"""  # noqa: E501 - a table

import json
import shutil
from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import pytest

from monitor.measure.indicators import CATALOGUE
from tests.daemon.month import BA, HAI, OURS, Month
from tests.support.database import open_folder

OF_REGISTERS = ("document_electronic", "document_parallel_paper", "document_paperless")


@pytest.fixture(scope="module")
def month() -> Iterator[Month]:
    """Everything sent and imported, matched and measured by the daemon as it came."""
    folder = open_folder("congvu-month-")
    made = Month(folder)
    try:
        made.daemon.start()
        made.file_documents()
        made.exchange()
        made.told.append(made.import_register("so-1.csv", made.first_lines()))
        made.send_mail()
        made.daemon.wait_for(made.all_is_in, "everything recorded", 120)
        made.told.append(made.import_register("so-2.csv", made.lines()))
        made.daemon.wait_for(made.all_has_met, "entries and files matched")
        yield made
        assert made.daemon.stop() == 0
    finally:
        if made.daemon.process and made.daemon.process.poll() is None:
            made.daemon.kill()
        shutil.rmtree(folder, ignore_errors=True)


def expected(month: Month) -> dict[tuple[str, str, str, str], tuple[int, int, int, str]]:
    """Numerator, denominator, undecided and state by indicator, channel, base and window."""
    figures: dict[tuple[str, str, str, str], tuple[int, int, int, str]] = {}

    def said(
        name: str, channel: str, *three: int, base: str = "", window: str = "30d", state: str = "ok"
    ) -> None:
        good, of, *undecided = three
        figures[name, channel, base, window] = (good, of, undecided[0] if undecided else 0, state)

    electronic, parallel, paperless = OF_REGISTERS
    # On paper alone 5 and 14 (the second); of 17 nothing is known: 18 - 2 - 1 = 15 of 17, and
    # 1 of 18 undecided is over 5%.
    said(electronic, "docsys", 15, 17, 1, state="stale")
    # Captured on their way: 1 2 3 4 6 7 8 9 10 14 15 16 18 19, not 11.
    said(electronic, "docsys", 14, 18, base="observed")
    # 2 by the register, 9 by its message, 15 as it was sent though the register says paper. Of 10
    # and 17 nobody says.
    said(parallel, "docsys", 3, 16, 2, state="stale")
    said(parallel, "docsys", 3, 18, base="observed")
    # 1 3 4 6 7 8 11 14 16 18 19, of which 11 is not proven. With the three and the two: 16.
    said(paperless, "docsys", 11, 16, 2, state="stale")
    said(paperless, "docsys", 10, 18, base="observed")

    # Eleven files: 1 2 3 and its appendix 4 5 6 7 8 10 14; unsigned 5, invalid 8.
    said("document_signed", "docsys", 9, 11)
    # Pairs 1 2 3 10 14; the appendix and the copy 4 by the organisation's alone. Not 6 and 7.
    said("document_paired", "docsys", 7, 11)
    # Two on each of five pairs, one on the appendix, 4, 6 and 7, whose bears no time-stamp.
    said("signature_timestamped", "docsys", 13, 14)
    # Main documents: late are 2 (signed on d0, sent on d1 at 14:00) and 7 (by the register: signed
    # on d1, sent on d2 at 13:00). In time 1, 3 (the next morning), 6, 10, 14; 5 and 8 by the
    # register's day of issue.
    said("dispatched_on_time", "docsys", 7, 9)
    # By time-stamps alone not 5, 7, 8.
    said("dispatched_on_time", "docsys", 5, 6, base="observed")

    # 1 (though it came twice), 9, 16, 18, 19; the notice that revokes 19 is no document.
    said("document_signed", "axis", 5, 5)
    said("document_paired", "axis", 5, 5)
    said("signature_timestamped", "axis", 10, 10)
    # 9 was signed on d2 and sent on d4.
    said("dispatched_on_time", "axis", 4, 5)
    said("dispatched_on_time", "axis", 4, 5, base="observed")

    # By mail on d0 the first alone, as the older mailbox shows: its copies of today are the same.
    said("document_signed", "mail", 1, 1)
    said("mail_signed", "mail", 1, 1)
    said("signature_timestamped", "mail", 2, 2)
    said("dispatched_on_time", "mail", 1, 1)
    said("dispatched_on_time", "mail", 1, 1, base="observed")
    # Today 15, the invitation and the unsigned reply; not the internal mail, nor what was passed
    # on. 15 was signed on d3: late. The reply has no signing time, nor an entry that says one.
    first = int(month.days[0] >= month.today.replace(day=1))  # in this calendar month as well?
    now = {"window": "period"}
    said("document_signed", "mail", 2 + first, 3 + first, **now)
    said("mail_signed", "mail", 2 + first, 3 + first, **now)
    said("signature_timestamped", "mail", 4 + 2 * first, 4 + 2 * first, **now)
    said("dispatched_on_time", "mail", 1 + first, 2 + first, **now)
    said("dispatched_on_time", "mail", 1 + first, 2 + first, base="observed", **now)
    return figures


def test_every_figure_of_the_month_is_the_one_worked_out_by_hand(month: Month) -> None:
    wanted = expected(month)

    def found() -> dict[tuple[str, str, str, str], Any]:
        figures = month.figures()
        return {key: tuple(figures[key][:4]) if key in figures else None for key in wanted}

    assert month.until(found, dict(wanted)) == wanted
    # 15 went out electronically by the register, of which 14 were captured.
    assert month.figures()[OF_REGISTERS[0], "docsys", "", "30d"][4] == pytest.approx(14 / 15)


def test_the_gauges_show_these_figures(month: Month) -> None:
    wanted: dict[str, Any] = {}
    for (indicator, channel, base, window), (good, of, _, _) in expected(month).items():
        if not base:
            where = f'agency="{OURS.code}",channel="{channel}"'
            labels = f'{{{where},indicator="{indicator}",window="{window}"}}'
            given = CATALOGUE[indicator].agency
            if window in given.denominator:
                wanted[f"congvu_adoption_denominator{labels}"] = of
            if window in given.ratio:
                wanted[f"congvu_adoption_ratio{labels}"] = pytest.approx(good / of)
    assert len(wanted) > 2
    # Coverage is that of the last calendar month, by the day of issue: on d0 1 2 3 went out, on d1
    # 4 6 7, on d2 8 9 10 11 19, on d3 14 15 16, on d4 18; of these 11 was not captured.
    last = month.today.replace(day=1) - timedelta(days=1)
    there = [(day.year, day.month) == (last.year, last.month) for day in month.days]
    sent = sum(count for count, counts in zip((3, 3, 5, 3, 1, 0), there, strict=True) if counts)
    gauge = f'congvu_adoption_coverage_ratio{{agency="{OURS.code}",channel="docsys"}}'
    wanted[gauge] = pytest.approx((sent - there[2]) / sent) if sent else None

    def shown() -> dict[str, Any]:
        samples = month.daemon.metrics()
        return {name: samples.get(name) for name in wanted}

    assert month.until(shown, wanted) == wanted


def test_each_document_is_one_row_in_each_channel(month: Month) -> None:
    rows = month.daemon.sql(
        "SELECT channel, encode(content_hash, 'hex'), counted AND NOT relayed FROM document"
        f" JOIN agency a USING (agency_id) WHERE a.code = '{OURS.code}'"
    )
    name = {paper.content_hash: name for name, paper in month.papers.items()}
    units = {
        channel: sorted(name[content] for where, content, unit in rows if unit and where == channel)
        for channel in ("docsys", "axis", "mail")
    }
    docsys = ["1", "2", "3", "3 appendix", "4", "5", "6", "7", "8", "10", "14 plan"]
    assert units == {
        "docsys": sorted(docsys), "axis": sorted(["1", "9", "16", "18", "19"]),
        "mail": ["1", "15", "invitation", "reply"],
    }  # fmt: skip
    assert len(rows) == len(set(rows))
    beside = {name[content] for _, content, unit in rows if not unit}
    assert beside >= {"2", "notice"}, "internal mail and the notice are kept, and count for nothing"
    [(relayed,)] = month.daemon.sql(
        f"SELECT relayed FROM document WHERE encode(content_hash, 'hex') ="
        f" '{month.content('of hai')}'"
    )
    assert relayed
    # What Sở Tài chính sent us is its own.
    key = ("document_signed", "mail", "", "period")
    theirs = (1, 1, 0, "ok")
    assert month.until(lambda: tuple(month.figures(HAI.code)[key][:4]), theirs) == theirs


def test_deliveries_on_the_axis_are_in_the_states_that_receivers_said(month: Month) -> None:
    # To Sở Tài chính 1 and 18 done, 9 rejected, 16 received (before it was replaced), 19 recalled;
    # to the ward 1, 9 and 18 never taken up, 16 replaced before it was.
    def gauge(agency: str, direction: str, state: str) -> str:
        labels = f'agency="{agency}",direction="{direction}",state="{state}"'
        return f"congvu_axis_deliveries{{{labels}}}"

    wanted: dict[str, float] = {
        gauge(OURS.code, "out", "done"): 2, gauge(OURS.code, "out", "rejected"): 1,
        gauge(OURS.code, "out", "received"): 1, gauge(OURS.code, "out", "late"): 3,
        gauge(OURS.code, "out", "recalled"): 2,
        gauge(HAI.code, "in", "done"): 2, gauge(HAI.code, "in", "rejected"): 1,
        gauge(HAI.code, "in", "received"): 1, gauge(HAI.code, "in", "recalled"): 1,
        gauge(BA.code, "in", "late"): 3, gauge(BA.code, "in", "recalled"): 1,
    }  # fmt: skip

    def counted() -> dict[str, float]:
        shown = month.daemon.metrics()
        return {key: value for key, value in shown.items() if value and "axis_deliveries{" in key}

    assert month.until(counted, wanted) == wanted


def lines(month: Month, *words: str, status: int = 0) -> list[dict[str, Any]]:
    """What a command says with --json."""
    done = month.daemon.congvu(*words, "--json")
    assert done.returncode == status, done.stderr
    return [json.loads(line) for line in done.stdout.splitlines()]


def test_axis_late_names_what_was_never_taken_up(month: Month) -> None:
    late = lines(month, "axis", "late", "--agency", OURS.code)
    assert [(each["number"], each["agency"], each["state"]) for each in late] == [
        ("1", BA.code, "sent"), ("9", BA.code, "arrived"), ("18", BA.code, "arrived"),
    ]  # fmt: skip


def test_register_unmatched_lists_what_has_no_counterpart_on_either_side(month: Month) -> None:
    found = lines(
        month, "register", "unmatched", "--agency", OURS.code, "--from", str(month.days[0])
    )
    listed = {
        (each["side"], each["number"] or each["file_names"][0], each["why"]) for each in found
    }
    # Not those on paper alone (the second 14), secret (12), cancelled (20) or withdrawn (21).
    assert listed == {
        ("register", f"11/{OURS.notation}", "no_file"),
        ("register", f"17/{OURS.notation}", "no_file"),
        ("files", "invitation.pdf", "no_number"),
        ("files", "reply.pdf", "no_number"),
    }
    assert len(found) == 4


def test_register_numbers_tells_the_missing_and_the_double_one(month: Month) -> None:
    year = str(month.days[0].year)
    [found] = lines(month, "register", "numbers", "--agency", OURS.code, "--year", year, status=1)
    [gap], [double] = found["gaps"], found["doubles"]
    assert (gap["first"], gap["last"]) == (13, 13)
    assert (gap["after_day"], gap["before_day"]) == (str(month.days[2]), str(month.days[3]))
    assert (double["number"], double["documents"]) == (14, 2)


def test_the_corrected_export_changed_one_entry_and_took_one_away(month: Month) -> None:
    first, second = (" ".join(each.split()) for each in month.told)
    # Added, changed, gone, unchanged.
    assert f"{OURS.code} {OURS.name} 21 0 0 0" in first
    assert f"{OURS.code} {OURS.name} 0 1 1 19" in second
    assert "Two documents under one number" in first
    asked = ("register", "history", f"11/{OURS.notation}", "--agency", OURS.code)
    assert "paper: paper → electronic" in month.daemon.congvu(*asked).stdout


@pytest.mark.parametrize(
    ("number", "said"),
    [("9", "từ chối nhận"), ("19", "đã thu hồi")],
)
def test_axis_show_says_what_became_of_a_document(month: Month, number: str, said: str) -> None:
    shown = month.daemon.congvu("axis", "show", f"{number}/{OURS.notation}")
    assert shown.returncode == 0, shown.stderr
    assert said in " ".join(shown.stdout.split()), shown.stdout


@pytest.mark.parametrize(
    ("name", "said"),
    [
        ("1", ("HỢP LỆ", "đủ chữ ký của người có thẩm quyền và của cơ quan", "khớp theo số")),
        ("3 appendix", ("phụ lục ở tệp riêng", "đã có chữ ký của cơ quan", "khớp theo số")),
        ("4", ("bản sao: chỉ cần chữ ký của cơ quan", "số 4/SY-SKHCN", "đã có chữ ký")),
        ("8", ("KHÔNG HỢP LỆ", "nội dung không đúng với nội dung đã ký")),
        ("15", ("thư điện tử công vụ", "khớp theo nội dung")),
        ("notice", ("HỢP LỆ", "chỉ là thông báo thu hồi")),
        ("of hai", ("văn bản chuyển tiếp",)),
    ],
)
def test_documents_explain_says_what_a_document_is_worth(
    month: Month, name: str, said: tuple[str, ...]
) -> None:
    told = month.daemon.congvu("documents", "explain", month.content(name))
    assert told.returncode == 0, told.stderr
    text = " ".join(told.stdout.split())
    assert [each for each in said if each not in text] == [], told.stdout
