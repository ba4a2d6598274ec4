"""Figures of samples, worked out by hand (docs/statistics.md)."""

from collections.abc import Sequence
from datetime import UTC, datetime

import pytest

from monitor.measure import Figure, Measure, State
from monitor.model import Outcome, Overall
from monitor.record import AgencyRow, Database, Recorder
from tests.sampling.samples import drawn, undrawn
from tests.support.outcomes import document, filed, mail, signature, undecided, valid, verdict

TODAY = datetime(2026, 3, 18, 3, 0, tzinfo=UTC)
DAY = datetime(2026, 3, 17, 2, 0, tzinfo=UTC)
AGENCIES = [
    AgencyRow("so-mot", "Sở Một", "department", "tinh"),
    AgencyRow("so-hai", "Sở Hai", "department", "tinh"),
]
RATE = 0.5


@pytest.fixture(autouse=True)
async def _agencies(database: Database) -> None:
    await database.sync_agencies(AGENCIES)


async def figure(
    database: Database, indicator: str, code: str = "so-mot", channel: str = "mail", base: str = ""
) -> Figure:
    figures = await Measure(database, lambda: TODAY).refresh()
    (found,) = [
        each
        for each in figures
        if (each.indicator, each.code, each.window, each.channel, each.document_class, each.base)
        == (indicator, code, "wd5", channel, "formal", base)
    ]
    return found


async def row(database: Database, indicator: str, rate: float = RATE) -> tuple[int | None, ...]:
    async with database.connection() as connection:
        found = await connection.fetchrow(
            "SELECT numerator, denominator, undecided, units, sampled_units, clusters,"
            " sampled_clusters, yy, xy, xx, xu, uu FROM day_fact WHERE indicator = $1 AND rate = $2"
            " AND base = ''",
            indicator,
            rate,
        )
    assert found is not None
    return tuple(found)


def sample() -> Sequence[Outcome]:
    """Six messages with nine documents; three of them, with five, are drawn."""
    return [
        drawn(mail("1", [document("a", valid()), document("b")], at=DAY)),
        drawn(mail("2", [document("c", valid()), document("d", valid())], at=DAY)),
        drawn(mail("3", [document("e")], at=DAY)),
        undrawn(mail("4", [document("f", valid())], at=DAY)),
        undrawn(mail("5", [document("g"), document("h", valid())], at=DAY)),
        undrawn(mail("6", [document("i")], at=DAY)),
    ]


async def test_documents_of_a_sample_are_put_together_by_the_message_they_were_drawn_with(
    database: Database, recorder: Recorder
) -> None:
    await recorder.write(sample())
    found = await figure(database, "document_signed")
    assert await row(database, "document_signed") == (3, 5, 0, 9, 5, 6, 3, 5, 6, 9, 9, 9)
    assert (found.ratio, found.numerator, found.denominator) == (0.6, 5, 9)
    assert (found.checked, found.undecided) == (5, 0)
    assert found.sample_fraction == pytest.approx(5 / 9)
    assert found.low == pytest.approx(3 / 9), "the three that were found are there"
    assert found.high == pytest.approx(7 / 9), "and so are the two that are not signed"


async def test_a_message_of_a_sample_is_a_unit_of_its_own(
    database: Database, recorder: Recorder
) -> None:
    await recorder.write(sample())
    found = await figure(database, "mail_signed")
    assert await row(database, "mail_signed") == (1, 3, 0, 6, 3, 6, 3, 1, 1, 3, 3, 3)
    assert (found.numerator, found.denominator, found.checked) == (2, 6, 3)


async def test_signatures_of_what_was_not_drawn_are_estimated(
    database: Database, recorder: Recorder
) -> None:
    plain = verdict(Overall.VALID, [signature(stamped=False)])
    await recorder.write([*sample(), drawn(mail("7", [document("j", plain)], at=DAY))])
    found = await figure(database, "signature_timestamped")
    assert await row(database, "signature_timestamped") == (3, 4, 0, 10, 6, 7, 4, 5, 5, 6, 7, 10)
    assert (found.ratio, found.denominator) == (0.75, 7), "10 documents * 4 signatures / 6 drawn"


async def test_what_turned_out_relayed_stands_for_what_was_not_drawn_and_is_relayed_too(
    database: Database, recorder: Recorder
) -> None:
    await recorder.write(
        [*sample(), drawn(mail("7", [document("j", valid())], at=DAY, relayed=True))]
    )
    found = await figure(database, "document_signed")
    assert await row(database, "document_signed") == (3, 5, 0, 10, 6, 7, 4, 5, 6, 9, 9, 10)
    assert (found.ratio, found.denominator) == (0.6, 8), "10 documents, of which 5 in 6 are its own"
    mails = await figure(database, "mail_signed")
    assert await row(database, "mail_signed") == (1, 3, 0, 7, 4, 7, 4, 1, 1, 3, 3, 4)
    assert mails.denominator == 5


async def test_undecided_ones_of_a_sample_leave_numerator_and_denominator(
    database: Database, recorder: Recorder
) -> None:
    await recorder.write([*sample(), drawn(mail("7", [document("j", undecided())], at=DAY))])
    found = await figure(database, "document_signed")
    assert (found.ratio, found.checked) == (0.6, 5)
    assert (found.denominator, found.undecided) == (8, 2)
    assert found.state is State.STALE


async def test_each_rate_counts_by_all_its_units_and_not_by_those_drawn(
    database: Database, recorder: Recorder
) -> None:
    census = [mail(f"c{n}", [document(f"c{n}", valid())], at=DAY) for n in range(9)]
    await recorder.write([*sample(), *census])
    found = await figure(database, "document_signed")
    assert found.ratio == pytest.approx((9 + 0.6 * 9) / 18), "not 12 of 14"
    assert (found.numerator, found.denominator, found.checked) == (14, 18, 14)
    assert found.low == pytest.approx(12 / 18), "12 were found"


async def test_a_census_is_exact_and_its_interval_has_no_width(
    database: Database, recorder: Recorder
) -> None:
    await recorder.write([mail("1", [document("a", valid())], at=DAY)])
    await recorder.write([mail("2", [document("b")], at=DAY)])
    found = await figure(database, "document_signed")
    assert (found.ratio, found.low, found.high, found.checked) == (0.5, 0.5, 0.5, 2)
    assert found.state is State.OK
    assert found.process_low is not None
    assert found.process_high is not None
    assert 0 < found.process_low < 0.2, "two documents prove no habit"
    assert 0.8 < found.process_high < 1


async def test_nothing_drawn_is_not_zero(database: Database, recorder: Recorder) -> None:
    await recorder.write([undrawn(mail("1", [document("a", valid())], at=DAY))])
    found = await figure(database, "document_signed")
    assert (found.ratio, found.low, found.high) == (None, 0, 1)
    assert (found.denominator, found.checked, found.process_low) == (1, 0, None)
    assert found.state is State.INSUFFICIENT


async def test_what_was_not_drawn_at_one_rate_widens_the_interval_by_all_it_may_be(
    database: Database, recorder: Recorder
) -> None:
    census = [mail(f"c{n}", [document(f"c{n}", valid())], at=DAY) for n in range(9)]
    await recorder.write([*census, undrawn(mail("1", [document("a")], at=DAY))])
    found = await figure(database, "document_signed")
    assert (found.ratio, found.low, found.high) == (1, 0.9, 1)
    assert found.state is State.OK


async def test_a_sample_that_says_too_little_is_insufficient(
    database: Database, recorder: Recorder
) -> None:
    await recorder.write(
        [
            drawn(mail("1", [document("a", valid())], at=DAY), 0.02),
            drawn(mail("2", [document("b")], at=DAY), 0.02),
            *(undrawn(mail(f"u{n}", [document(f"u{n}")], at=DAY), 0.02) for n in range(40)),
        ]
    )
    found = await figure(database, "document_signed")
    assert (found.state, found.ratio) == (State.INSUFFICIENT, 0.5)


async def test_agencies_found_signing_are_a_lower_bound(
    database: Database, recorder: Recorder
) -> None:
    await recorder.write(
        [
            drawn(mail("1", [document("a", valid())], at=DAY)),
            undrawn(mail("2", [document("b", valid())], sender_agency="so-hai", at=DAY)),
        ]
    )
    found = await figure(database, "agencies_signing", "department")
    assert (found.numerator, found.denominator, found.undecided) == (1, 2, 0)
    assert (found.ratio, found.low, found.high, found.checked) == (0.5, 0.5, 1, 1)


async def test_an_agency_whose_documents_were_all_drawn_and_unsigned_is_not_in_doubt(
    database: Database, recorder: Recorder
) -> None:
    await recorder.write(
        [
            drawn(mail("1", [document("a", valid())], at=DAY)),
            drawn(mail("2", [document("b")], sender_agency="so-hai", at=DAY)),
        ]
    )
    found = await figure(database, "agencies_signing", "department")
    assert (found.ratio, found.low, found.high) == (0.5, 0.5, 0.5)


async def test_groups_of_samples_add_up_what_was_drawn(
    database: Database, recorder: Recorder
) -> None:
    more = [drawn(mail(f"h{n}", [document(f"h{n}", valid())], sender_agency="so-hai", at=DAY))
            for n in range(4)]  # fmt: skip
    await recorder.write([*sample(), *more])
    found = await figure(database, "document_signed", "department")
    assert found.ratio == pytest.approx(7 / 9)
    assert (found.denominator, found.checked) == (13, 9)


async def test_documents_sent_in_time_are_judged_by_those_drawn(
    database: Database, recorder: Recorder
) -> None:
    day_of_stamp = datetime(2026, 3, 17, 1, 0, tzinfo=UTC)
    stamped = verdict(Overall.VALID, [signature(signing_time=day_of_stamp)])
    await recorder.write(
        [
            drawn(filed(document("a", stamped), at=DAY, sent_at=DAY)),
            drawn(filed(document("b"), at=DAY, sent_at=DAY)),  # has no time of signature
            undrawn(filed(document("c", stamped), at=DAY, sent_at=DAY)),
            undrawn(filed(document("d"), at=DAY, sent_at=DAY)),
        ]
    )
    found = await figure(database, "dispatched_on_time", channel="docsys")
    assert (found.ratio, found.checked, found.denominator) == (1, 1, 2)
    assert found.undecided == 0
    assert await row(database, "dispatched_on_time") == (1, 1, 0, 4, 2, 4, 2, 1, 1, 1, 1, 2)


async def stored(database: Database) -> dict[str, list[tuple[object, ...]]]:
    async with database.connection() as connection:
        facts = await connection.fetch(
            "SELECT * FROM day_fact"
            " ORDER BY day, indicator, agency_id, channel, document_class, base, rate"
        )
        figures = await connection.fetch(
            "SELECT * FROM figure"
            " ORDER BY indicator, scope, code, channel, document_class, base, window_name"
        )
    return {
        "facts": [tuple(each.values()) for each in facts],
        "figures": [
            tuple(value for name, value in each.items() if name != "changed_at") for each in figures
        ],
    }


async def test_figures_from_nothing_are_those_that_grew_day_by_day(
    database: Database, recorder: Recorder
) -> None:
    """Late facts, copies and several rates a day: what is stored depends on facts alone."""
    measure = Measure(database, lambda: TODAY)
    for time, day in enumerate((10, 17, 10)):  # the last is late
        at = DAY.replace(day=day)
        for number, rate in enumerate((1.0, 0.5, 0.1, 0.02)):
            name = f"{time}-{number}"
            some = [document(f"{name}a", valid()), document(f"{name}b", undecided())]
            await recorder.write(
                [
                    drawn(mail(f"{name}x", some, at=at), rate),
                    drawn(mail(f"{name}y", [document(f"{name}c")], at=at), rate),
                    drawn(filed(document(f"{name}d", valid()), at=at, sent_at=at), rate),
                    *([undrawn(mail(f"{name}z", [document(f"{name}e")], at=at), rate)]
                      if rate < 1 else []),
                ]
            )  # fmt: skip
        await measure.refresh()
    grown = await stored(database)
    async with database.connection() as connection:
        await connection.execute("DELETE FROM day_fact; DELETE FROM figure")
        await connection.execute(
            "INSERT INTO changed_day SELECT day FROM document UNION SELECT day FROM message"
        )
    await measure.refresh()
    assert await stored(database) == grown
    assert len(grown["facts"]) > 30
