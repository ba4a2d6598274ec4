"""How the documents of a register were sent, by its word and by what was captured."""

from collections.abc import Sequence
from datetime import UTC, date, datetime
from typing import Any

import pytest

from monitor.measure import Figure, Measure, State
from monitor.measure.coverage import CoverageDay, coverage_days
from monitor.model import Channel, Direction, DocumentClass
from monitor.record import AgencyRow, Database, Recorder
from tests.support.outcomes import document, filed, mail, valid
from tests.support.registers import entered, given, met

TODAY = datetime(2026, 3, 18, 3, 0, tzinfo=UTC)
"""Wednesday 18 March 2026: wd5 is the 11th to the 17th without the weekend."""
AGENCIES = [
    AgencyRow("so-mot", "Sở Một", "department", "tinh"),
    AgencyRow("so-hai", "Sở Hai", "department", "tinh"),
    AgencyRow("xa-mot", "Xã Một", "commune", "tinh"),
]
ELECTRONIC, PARALLEL, PAPERLESS = (
    "document_electronic", "document_parallel_paper", "document_paperless",
)  # fmt: skip
TUESDAY = date(2026, 3, 17)


def on(day: int, hour: int = 2) -> datetime:
    return datetime(2026, 3, day, hour, 0, tzinfo=UTC)


@pytest.fixture(autouse=True)
async def _agencies(database: Database) -> None:
    await database.sync_agencies(AGENCIES)
    await given(database, date(2026, 2, 1), TUESDAY)


async def figures(database: Database, today: datetime = TODAY) -> Sequence[Figure]:
    return await Measure(database, lambda: today).refresh()


async def figure(
    database: Database, indicator: str, code: str = "so-mot", window: str = "wd5", base: str = "",
    today: datetime = TODAY,
) -> Figure:  # fmt: skip
    (found,) = [
        each for each in await figures(database, today)
        if (each.indicator, each.code, each.window, each.base) == (indicator, code, window, base)
    ]  # fmt: skip
    return found


async def three(
    database: Database, indicator: str, base: str = "", window: str = "wd5"
) -> tuple[int, int, int]:
    found = await figure(database, indicator, base=base, window=window)
    return found.numerator, found.denominator, found.undecided


async def all_three(database: Database, base: str = "") -> list[tuple[int, int, int]]:
    return [await three(database, each, base) for each in (ELECTRONIC, PARALLEL, PAPERLESS)]


async def test_without_a_register_there_is_no_data_and_not_zero_percent(
    database: Database, recorder: Recorder
) -> None:
    await recorder.write([filed(document("a", valid()), at=on(17))])
    for indicator in (ELECTRONIC, PARALLEL, PAPERLESS):
        found = await figure(database, indicator, "xa-mot")
        assert (found.state, found.ratio, found.channel) == (State.NO_DATA, None, "docsys")


async def test_a_register_says_how_each_document_was_sent(database: Database) -> None:
    await entered(database, 1, TUESDAY, paper="electronic")
    await entered(database, 2, TUESDAY, paper="electronic")
    await entered(database, 3, TUESDAY, paper="parallel")
    await entered(database, 4, TUESDAY, paper="paper")
    assert await all_three(database) == [(3, 4, 0), (1, 4, 0), (2, 4, 0)]
    assert (await figure(database, ELECTRONIC)).state is State.OK
    assert await all_three(database, "observed") == [(0, 4, 0), (0, 4, 0), (0, 4, 0)]


async def test_what_a_register_does_not_say_is_undecided_and_makes_the_figure_stale(
    database: Database,
) -> None:
    for number in range(1, 20):
        await entered(database, number, TUESDAY, paper="electronic")
    await entered(database, 20, TUESDAY)
    found = await figure(database, ELECTRONIC)
    assert (found.numerator, found.denominator, found.undecided) == (19, 19, 1)
    assert (found.undecided_share, found.state) == (0.05, State.OK)
    await entered(database, 21, TUESDAY)
    assert (await figure(database, ELECTRONIC)).state is State.STALE


async def test_secret_received_withdrawn_entries_and_appendices_are_in_no_figure(
    database: Database,
) -> None:
    await entered(database, 1, TUESDAY, paper="electronic")
    await entered(database, 2, TUESDAY, paper="paper", secret=True)
    await entered(database, 3, TUESDAY, paper="paper", direction="in")
    await entered(database, 4, TUESDAY, paper="paper", gone_run_id=2)
    await entered(database, 5, TUESDAY, paper="paper", role="appendix")
    await entered(database, 7, TUESDAY, paper="paper", status="cancelled")  # a number without one
    assert await three(database, ELECTRONIC) == (1, 1, 0)
    # A copy has a number of its own and is sent like any document; so is each of a number's two.
    await entered(database, 6, TUESDAY, paper="paper", role="copy")
    await entered(database, 1, TUESDAY, paper="electronic", ordinal=2)
    assert await three(database, ELECTRONIC) == (2, 3, 0)


async def test_a_captured_file_contradicts_a_register_that_says_paper(
    database: Database, recorder: Recorder
) -> None:
    entry = await entered(database, 1, TUESDAY, paper="paper")
    assert await all_three(database) == [(0, 1, 0), (0, 1, 0), (0, 1, 0)]
    await recorder.write([mail("1", [document("a")], at=on(17))])
    await met(database, entry, "a", "mail")
    assert await all_three(database) == [(1, 1, 0), (1, 1, 0), (0, 1, 0)]
    assert await all_three(database, "observed") == [(1, 1, 0), (1, 1, 0), (0, 1, 0)]


async def test_whether_paper_went_beside_it_only_register_or_message_can_say(
    database: Database, recorder: Recorder
) -> None:
    """A captured file of an entry that says nothing was sent; that there was no paper is not
    proven by it."""
    silent = await entered(database, 1, TUESDAY)
    with_paper = await entered(database, 2, TUESDAY)
    without = await entered(database, 3, TUESDAY)
    contradicted = await entered(database, 4, TUESDAY, paper="electronic")
    axis: dict[str, Any] = {"channel": Channel.AXIS, "at": on(17)}
    await recorder.write(
        [
            mail("1", [document("silent")], at=on(17)),
            filed(document("with"), paper="parallel", **axis),
            filed(document("without"), paper="electronic", **axis),
            filed(document("contradicted"), paper="parallel", **axis),
        ]
    )
    await met(database, silent, "silent", "mail")
    for entry, content in (
        (with_paper, "with"), (without, "without"), (contradicted, "contradicted"),
    ):  # fmt: skip
        await met(database, entry, content, "axis")
    assert await all_three(database) == [(4, 4, 0), (2, 3, 1), (1, 3, 1)]
    # Nothing that is not proven counts, and all documents of the register are what it is over.
    assert await all_three(database, "observed") == [(4, 4, 0), (2, 4, 0), (1, 4, 0)]


async def test_only_a_file_on_its_way_proves_that_a_document_was_sent(
    database: Database, recorder: Recorder
) -> None:
    entry = await entered(database, 1, TUESDAY, paper="paper")
    await recorder.write(
        [
            filed(document("stored"), paper="paper", at=on(17)),  # only lies in the system
            filed(document("shown"), channel=Channel.PORTAL, at=on(17)),  # published, not sent
            filed(document("refused"), at=on(17)),
            filed(document("appendix"), role="appendix", at=on(17)),
            mail("1", [document("inside")], direction=Direction.INTERNAL, at=on(17)),
        ]
    )
    await met(database, entry, "stored")
    await met(database, entry, "shown", "portal")
    await met(database, entry, "refused", how="refused")
    await met(database, entry, "appendix")
    await met(database, entry, "inside", "mail")
    assert await three(database, ELECTRONIC) == (0, 1, 0)
    # It leaves the agency after all, a week later: the entry's day follows.
    await recorder.write([mail("2", [document("inside")], at=on(18))])
    assert await three(database, ELECTRONIC) == (1, 1, 0)


async def test_what_another_agency_signed_proves_only_of_a_copy_that_it_was_sent(
    database: Database, recorder: Recorder
) -> None:
    own = await entered(database, 1, TUESDAY, paper="paper")
    copy = await entered(database, 2, TUESDAY, paper="paper", role="copy")
    await recorder.write(
        [mail(one, [document(one, valid())], at=on(17), relayed=True) for one in ("a", "b")]
    )
    await met(database, own, "a", "mail")
    await met(database, copy, "b", "mail")
    assert await three(database, ELECTRONIC) == (1, 2, 0)
    assert await three(database, ELECTRONIC, "observed") == (1, 2, 0)


async def test_a_document_captured_twice_is_one_document_of_the_register(
    database: Database, recorder: Recorder
) -> None:
    entry = await entered(database, 1, TUESDAY, paper="electronic")
    await recorder.write(
        [
            mail("1", [document("a")], at=on(17)),
            mail("2", [document("a")], at=on(17, 5)),
            filed(document("a"), at=on(17)),
            filed(document("a word file", document_class=DocumentClass.EDITABLE), at=on(17)),
        ]
    )
    for content, channel in (("a", "mail"), ("a", "docsys"), ("a word file", "docsys")):
        await met(database, entry, content, channel)
    assert await three(database, ELECTRONIC) == (1, 1, 0)
    assert await three(database, ELECTRONIC, "observed") == (1, 1, 0)


async def test_figures_follow_every_change_of_entries_and_their_files(
    database: Database, recorder: Recorder
) -> None:
    async def change(statement: str) -> None:
        async with database.connection() as connection:
            await connection.execute(statement)

    await recorder.write([filed(document("a"), at=on(13))])  # captured on another day
    entry = await entered(database, 1, date(2026, 3, 12), paper="paper")
    assert await three(database, ELECTRONIC) == (0, 1, 0)
    await change("UPDATE register_entry SET paper = 'parallel'")  # a corrected export
    assert await three(database, ELECTRONIC) == (1, 1, 0)
    await change("UPDATE register_entry SET day = '2026-03-10', paper = 'paper'")
    assert await three(database, ELECTRONIC) == (0, 0, 0)
    assert await three(database, ELECTRONIC, window="period") == (0, 1, 0)
    await met(database, entry, "a")
    assert await three(database, ELECTRONIC, window="period") == (1, 1, 0)
    await change("UPDATE register_file SET how = 'refused'")
    assert await three(database, ELECTRONIC, window="period") == (0, 1, 0)
    await change("UPDATE register_file SET how = 'by_hand'")
    assert await three(database, ELECTRONIC, window="period") == (1, 1, 0)
    await change("DELETE FROM register_file")
    assert await three(database, ELECTRONIC, window="period") == (0, 1, 0)
    await change("UPDATE register_entry SET gone_run_id = 2")
    assert await three(database, ELECTRONIC, window="period") == (0, 0, 0)


async def test_sealing_entries_with_a_new_key_makes_no_day_due(database: Database) -> None:
    await entered(database, 1, TUESDAY)
    await figures(database)
    async with database.connection() as connection:
        await connection.execute("UPDATE register_entry SET sealed_subject = '\\x00'")
        assert await connection.fetchval("SELECT count(*) FROM changed_day") == 0


@pytest.mark.parametrize(
    ("ends", "window", "state"),
    [
        (17, "wd5", State.OK),
        (16, "wd5", State.STALE),  # one working day of five
        (16, "30d", State.OK),  # 1 of 22 is under 5%
        (13, "30d", State.STALE),  # the 16th and 17th are missing
        (16, "period", State.STALE),  # 1 of 12
        (17, "period", State.OK),  # today is not asked for
    ],
)
async def test_a_register_that_ends_before_the_window_does_not_look_complete(
    database: Database, ends: int, window: str, state: State
) -> None:
    async with database.connection() as connection:
        await connection.execute("UPDATE register_span SET last_day = $1", date(2026, 3, ends))
    await entered(database, 1, date(2026, 3, 12), paper="electronic")
    for base in ("", "observed"):
        found = await figure(database, ELECTRONIC, window=window, base=base)
        assert (found.state, found.ratio) == (state, 1.0 if not base else 0.0)


async def test_a_register_that_comes_monthly_has_a_figure_of_the_month_before(
    database: Database,
) -> None:
    async with database.connection() as connection:
        await connection.execute("UPDATE register_span SET last_day = '2026-02-28'")
    await entered(database, 1, date(2026, 2, 2), paper="electronic")
    await entered(database, 2, date(2026, 2, 27), paper="paper")
    late = datetime(2026, 3, 31, 3, tzinfo=UTC)
    found = await figure(database, ELECTRONIC, window="last_month", today=late)
    assert (found.numerator, found.denominator, found.state) == (1, 2, State.OK)
    assert (found.first_day, found.last_day) == (date(2026, 2, 1), date(2026, 2, 28))
    assert (await figure(database, ELECTRONIC, today=late, window="period")).ratio is None
    windows = {
        each.indicator for each in await figures(database, late) if each.window == "last_month"
    }
    signed = {"document_signed", "mail_signed"}
    assert windows == {ELECTRONIC, PARALLEL, PAPERLESS, "dispatched_on_time", *signed}


async def test_days_off_need_no_register(database: Database) -> None:
    """Given until Friday and looked at on Monday: nothing is missing."""
    async with database.connection() as connection:
        await connection.execute("UPDATE register_span SET last_day = '2026-03-13'")
    await entered(database, 1, date(2026, 3, 12), paper="electronic")
    found = await figure(database, ELECTRONIC, today=datetime(2026, 3, 16, 3, tzinfo=UTC))
    assert found.state is State.OK


async def test_a_group_is_not_measured_by_the_few_that_gave_a_register(
    database: Database,
) -> None:
    await entered(database, 1, TUESDAY, paper="electronic")
    await entered(database, 2, TUESDAY, paper="paper")
    assert (await figure(database, ELECTRONIC, "department")).state is State.STALE
    await given(database, date(2026, 2, 1), TUESDAY, "so-hai")
    await entered(database, 1, TUESDAY, "so-hai", paper="electronic")
    found = await figure(database, ELECTRONIC, "department")
    assert (found.numerator, found.denominator, found.state) == (2, 3, State.OK)
    assert (await figure(database, ELECTRONIC, "commune")).state is State.NO_DATA
    assert (await figure(database, ELECTRONIC, "province")).state is State.STALE
    await given(database, date(2026, 2, 1), TUESDAY, "xa-mot")  # and issued nothing
    assert (await figure(database, ELECTRONIC, "province")).state is State.OK


async def test_an_incoming_register_says_nothing_of_what_an_agency_issues(
    database: Database,
) -> None:
    await given(database, date(2026, 2, 1), TUESDAY, "so-hai", "in")
    await entered(database, 1, TUESDAY, "so-hai", paper="electronic")
    assert (await figure(database, ELECTRONIC, "so-hai")).state is State.STALE


async def test_an_agency_that_began_within_the_window_owes_its_register_from_then_on(
    database: Database,
) -> None:
    async with database.connection() as connection:
        await connection.execute(
            "UPDATE agency_period SET first_day = '2026-03-16' WHERE agency_id ="
            " (SELECT agency_id FROM agency WHERE code = 'xa-mot')"
        )
    await given(database, date(2026, 3, 16), TUESDAY, "xa-mot")
    await entered(database, 1, TUESDAY, "xa-mot", paper="electronic")
    assert (await figure(database, ELECTRONIC, "xa-mot", "30d")).state is State.OK


async def test_coverage_is_what_was_captured_of_all_that_went_out_electronically(
    database: Database, recorder: Recorder
) -> None:
    await entered(database, 1, TUESDAY, paper="electronic")
    said = await entered(database, 2, TUESDAY, paper="parallel")
    unsaid = await entered(database, 3, TUESDAY, paper="paper")
    await entered(database, 4, TUESDAY, paper="paper")
    await entered(database, 5, TUESDAY)
    assert (await figure(database, ELECTRONIC)).coverage == 0
    await recorder.write([filed(document("a"), at=on(17)), mail("1", [document("b")], at=on(17))])
    await met(database, said, "a")
    await met(database, unsaid, "b", "mail")
    assert (await figure(database, ELECTRONIC)).coverage == pytest.approx(2 / 3)
    signed = [
        each for each in await figures(database)
        if (each.indicator, each.code, each.window) == ("document_signed", "so-mot", "wd5")
    ]  # fmt: skip
    assert {each.channel: each.coverage for each in signed} == {
        "mail": None, "docsys": pytest.approx(2 / 3),
    }  # fmt: skip
    days = await coverage_days(database, TUESDAY, TUESDAY)
    assert days == [CoverageDay(TUESDAY, "so-mot", 3, 2, Channel.DOCSYS)]
    async with database.connection() as connection:
        await connection.execute("UPDATE register_entry SET gone_run_id = 2")
    await figures(database)
    assert await coverage_days(database, TUESDAY, TUESDAY) == []


async def test_days_that_retention_has_emptied_keep_what_was_derived(
    database: Database, recorder: Recorder
) -> None:
    entry = await entered(database, 1, date(2026, 2, 27), paper="paper")
    await recorder.write([mail("1", [document("a")], at=datetime(2026, 2, 27, 2, tzinfo=UTC))])
    await met(database, entry, "a", "mail")
    assert await three(database, ELECTRONIC, window="30d") == (1, 1, 0)
    async with database.connection() as connection:
        await connection.execute("INSERT INTO kept_since VALUES ('evidence', '2026-03-01')")
        await connection.execute("DELETE FROM register_file")
        await connection.execute("DELETE FROM register_entry")
    assert await three(database, ELECTRONIC, window="30d") == (1, 1, 0)
