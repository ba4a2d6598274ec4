"""Figures worked out by hand."""

import asyncio
from collections.abc import Sequence
from datetime import UTC, date, datetime, timedelta

import pytest

from monitor.measure import Figure, Measure, State
from monitor.model import (
    Cause,
    Channel,
    Direction,
    DocumentClass,
    Indication,
    Kind,
    Overall,
    TrustClass,
)
from monitor.record import AgencyRow, Database, Recorder
from tests.support.outcomes import document, filed, mail, signature, undecided, valid, verdict

TODAY = datetime(2026, 3, 18, 3, 0, tzinfo=UTC)
"""Wednesday 18 March 2026, 10:00 in Vietnam: wd5 is the 11th to the 17th without the weekend."""

AGENCIES = [
    AgencyRow("so-mot", "Sở Một", "department", "tinh"),
    AgencyRow("so-hai", "Sở Hai", "department", "tinh"),
    AgencyRow("xa-mot", "Xã Một", "commune", "tinh"),
]


def on(day: int, hour: int = 2) -> datetime:
    """A time of March 2026; 02:00 UTC is 09:00 in Vietnam."""
    return datetime(2026, 3, day, hour, 0, tzinfo=UTC)


@pytest.fixture(autouse=True)
async def _agencies(database: Database) -> None:
    await database.sync_agencies(AGENCIES)


async def figure(
    database: Database,
    indicator: str,
    code: str = "so-mot",
    window: str = "wd5",
    channel: str = "mail",
    document_class: str = "formal",
) -> Figure:
    figures = await Measure(database, lambda: TODAY).refresh()
    (found,) = [
        each
        for each in figures
        if (each.indicator, each.code, each.window, each.channel, each.document_class, each.base)
        == (indicator, code, window, channel, document_class, "")
    ]
    return found


def three(found: Figure) -> tuple[int, int, int]:
    return found.numerator, found.denominator, found.undecided


async def test_documents_signed_counts_each_document_of_the_issuer_once(
    database: Database, recorder: Recorder
) -> None:
    await recorder.write(
        [
            mail("1", [document("a", valid())], at=on(17)),
            mail("2", [document("a", valid())], at=on(17, 5)),  # sent again: still one
            mail("3", [document("b")], at=on(16)),  # unsigned
            mail("4", [document("c", verdict(Overall.INVALID, [signature()]))], at=on(12)),
            mail("5", [document("d", verdict(Overall.UNREADABLE))], at=on(11)),
            mail("6", [document("e", valid())], at=on(17), relayed=True),  # apart
            mail("7", [document("f", valid(), DocumentClass.EDITABLE)], at=on(17)),  # other series
        ]
    )
    found = await figure(database, "document_signed")
    assert three(found) == (1, 4, 0)
    assert (found.ratio, found.state) == (0.25, State.OK)
    assert three(await figure(database, "document_signed", document_class="editable")) == (1, 1, 0)


async def test_indeterminate_by_the_signer_stays_and_by_us_leaves_the_ratio(
    database: Database, recorder: Recorder
) -> None:
    mark = signature(Indication.INDETERMINATE, cause=Cause.SIGNER)
    theirs = verdict(Overall.INDETERMINATE, [mark], cause=Cause.SIGNER)
    await recorder.write(
        [
            mail("1", [document("a", valid())], at=on(17)),
            mail("2", [document("b", theirs)], at=on(17)),
            mail("3", [document("c", undecided())], at=on(17)),
        ]
    )
    found = await figure(database, "document_signed")
    assert three(found) == (1, 2, 1)
    assert found.undecided_share == pytest.approx(1 / 3)
    assert found.state is State.STALE


async def test_an_archive_that_nobody_could_open_is_in_no_figure(
    database: Database, recorder: Recorder
) -> None:
    archive = document("a", verdict(Overall.UNREADABLE), DocumentClass.ARCHIVE)
    await recorder.write([filed(archive, at=on(17), sent_at=on(17))])
    figures = await Measure(database, lambda: TODAY).refresh()
    assert {each.document_class for each in figures} == {"formal"}
    assert {each.denominator for each in figures} == {0}


async def test_a_valid_signature_of_nobody_known_is_not_the_issuers(
    database: Database, recorder: Recorder
) -> None:
    outcome = mail("1", [document("a", valid())], at=on(17))
    whose = outcome.attribution.documents[0].model_copy(update={"signer_agencies": (None,)})
    attribution = outcome.attribution.model_copy(update={"documents": (whose,)})
    await recorder.write([outcome.model_copy(update={"attribution": attribution})])
    assert three(await figure(database, "document_signed")) == (0, 1, 0)


async def test_automatic_internal_and_incoming_mail_is_in_no_denominator(
    database: Database, recorder: Recorder
) -> None:
    await recorder.write(
        [
            mail("1", [document("a")], at=on(17), facts={"automatic": True}),
            mail("2", [document("b")], at=on(17), direction=Direction.INTERNAL),
            mail("3", [document("c")], at=on(17), sender_agency=None),
        ]
    )
    for indicator in ("document_signed", "mail_signed", "signature_timestamped"):
        found = await figure(database, indicator)
        assert three(found) == (0, 0, 0)
        assert (found.ratio, found.state) == (None, State.NO_DATA)


async def test_a_document_counts_from_the_first_dispatch_that_counts(
    database: Database, recorder: Recorder
) -> None:
    await recorder.write(
        [mail("1", [document("a", valid())], direction=Direction.INTERNAL, at=on(4))]
    )
    assert three(await figure(database, "document_signed", window="period")) == (0, 0, 0)
    await recorder.write([mail("2", [document("a", valid())], at=on(17))])
    assert three(await figure(database, "document_signed", window="wd5")) == (1, 1, 0)


async def test_mail_signed_takes_a_signed_message_or_all_its_formal_documents(
    database: Database, recorder: Recorder
) -> None:
    signed = verdict(Overall.VALID, [signature()], kind=Kind.SMIME, path="message")
    await recorder.write(
        [
            mail("1", [document("a")], message=signed, at=on(17)),  # yes: the message
            mail("2", [document("b", valid()), document("c", valid())], at=on(17)),  # yes: all
            mail("3", [document("d", valid()), document("e")], at=on(17)),  # no: one is not
            mail("4", [document("f", valid()), document("g", undecided())], at=on(17)),  # undecided
            mail("5", [document("h"), document("i", undecided())], at=on(17)),  # no, whatever i is
            mail("6", [], at=on(17)),  # no formal document
            mail("7", [document("j", valid(), DocumentClass.EDITABLE)], at=on(17)),  # neither
            mail("8", [document("k", valid())], relayed=True, at=on(17)),  # relayed only
        ]
    )
    assert three(await figure(database, "mail_signed")) == (2, 4, 1)


async def test_windows_hold_complete_working_days_and_the_period_today(
    database: Database, recorder: Recorder
) -> None:
    days = [
        on(18), on(17), on(16), on(14), on(13), on(12), on(11),  # the 14th is a Saturday
        on(10), on(2), datetime(2026, 2, 27, 2, tzinfo=UTC), datetime(2026, 2, 10, 2, tzinfo=UTC),
        datetime(2026, 2, 3, 2, tzinfo=UTC),
    ]  # fmt: skip
    await recorder.write(
        [mail(f"{n}", [document(f"{n}", valid())], at=at) for n, at in enumerate(days)]
    )

    async def units(window: str) -> int:
        return (await figure(database, "document_signed", window=window)).denominator

    assert await units("wd5") == 5
    assert await units("wd20_prior") == 3  # 11 February to 10 March
    assert await units("30d") == 9  # 16 February to 17 March
    assert await units("period") == 9  # 1 to 18 March


async def test_a_holiday_is_no_working_day_and_an_exchanged_saturday_is(
    database: Database, recorder: Recorder
) -> None:
    async with database.connection() as connection:
        await connection.execute(
            "INSERT INTO calendar_day (day, working) VALUES ('2026-03-17', false),"
            " ('2026-03-14', true)"
        )
    await recorder.write(
        [
            mail("1", [document("a")], at=on(17)),
            mail("2", [document("b")], at=on(14)),
            mail("3", [document("c")], at=on(11)),
        ]
    )
    found = await figure(database, "document_signed")
    assert found.denominator == 2
    assert (found.first_day, found.last_day) == (date(2026, 3, 11), date(2026, 3, 16))


async def test_a_day_begins_at_midnight_in_vietnam(database: Database, recorder: Recorder) -> None:
    midnight = datetime(2026, 3, 17, 17, 0, tzinfo=UTC)
    await recorder.write(
        [
            mail("1", [document("a")], at=midnight),  # the 18th: today
            mail("2", [document("b")], at=midnight - timedelta(seconds=1)),  # still the 17th
        ]
    )
    assert (await figure(database, "document_signed")).denominator == 1


async def test_signatures_are_measured_over_the_valid_ones(
    database: Database, recorder: Recorder
) -> None:
    marks = [
        signature(),
        signature(stamped=False),
        signature(trust_class=TrustClass.CONG_CONG),
        signature(Indication.TOTAL_FAILED),
        signature(Indication.INDETERMINATE, cause=Cause.OURS),
        signature(counts=False),
    ]
    await recorder.write([mail("1", [document("a", verdict(Overall.INVALID, marks))], at=on(17))])
    assert three(await figure(database, "signature_timestamped")) == (2, 3, 1)
    assert three(await figure(database, "signature_public_service_ca")) == (2, 3, 1)


async def test_documents_paired_counts_valid_complete_pairs_over_all_that_are_issued(
    database: Database, recorder: Recorder
) -> None:
    invalid = verdict(Overall.INVALID, [signature(), signature(Indication.TOTAL_FAILED)])
    editable = document("g", valid(), DocumentClass.EDITABLE)
    await recorder.write(
        [
            filed(document("a", valid()), paired=True, at=on(17)),
            filed(document("b", valid()), at=on(17)),  # one signature of two
            filed(document("c"), at=on(17)),  # none
            filed(document("d", invalid), paired=True, at=on(17)),  # changed by a third
            filed(document("e", undecided()), at=on(17)),  # out of both
            filed(document("f", valid()), paired=True, relayed=True, at=on(17)),  # another's
            filed(editable, paired=True, at=on(17)),  # the other series
        ]
    )
    found = await figure(database, "document_paired", channel="docsys")
    assert three(found) == (1, 4, 1)
    series = await figure(database, "document_paired", channel="docsys", document_class="editable")
    assert three(series) == (1, 1, 0)
    for group in ("department", "province"):
        found = await figure(database, "document_paired", group, channel="docsys")
        assert three(found) == (1, 4, 1)


@pytest.mark.parametrize(
    ("role", "organisation", "overall", "complete"),
    [
        ("main", True, Overall.VALID, 0),  # the organisation alone completes no document
        ("appendix", True, Overall.VALID, 1),
        ("copy", True, Overall.VALID, 1),
        ("appendix", False, Overall.VALID, 0),  # signed by a person alone
        ("appendix", True, Overall.INVALID, 0),
    ],
)
async def test_an_appendix_and_a_copy_are_complete_with_the_organisations_signature(
    database: Database, recorder: Recorder, role: str, organisation: bool, overall: Overall,
    complete: int,
) -> None:  # fmt: skip
    outcome = filed(document("a", verdict(overall, [signature()])), role=role, at=on(17))
    whose = outcome.attribution.documents[0].model_copy(
        update={"organisation_signed": organisation}
    )
    attribution = outcome.attribution.model_copy(update={"documents": (whose,)})
    await recorder.write([outcome.model_copy(update={"attribution": attribution})])
    assert three(await figure(database, "document_paired", channel="docsys")) == (complete, 1, 0)
    found = await Measure(database, lambda: TODAY).refresh()
    without = {
        three(each)
        for each in found
        if (each.indicator, each.base, each.window) == ("document_paired", "main", "wd5")
    }
    assert without == ({(0, 1, 0)} if role == "main" else set()), "an appendix is not in base main"


async def test_pairs_are_measured_in_the_document_system_and_on_the_axis_but_not_in_mail(
    database: Database, recorder: Recorder
) -> None:
    await recorder.write(
        [
            mail("1", [document("a", valid())], at=on(17)),
            filed(document("b", valid()), channel=Channel.AXIS, paired=True, at=on(17)),
        ]
    )
    figures = await Measure(database, lambda: TODAY).refresh()
    channels = {each.channel for each in figures if each.indicator == "document_paired"}
    assert channels == {"docsys", "axis"}
    assert three(await figure(database, "document_paired", channel="axis")) == (1, 1, 0)
    silent = await figure(database, "document_paired", channel="docsys")
    assert (silent.ratio, silent.state) == (None, State.NO_DATA)


async def test_without_a_document_system_pairs_have_no_data_and_not_no_line(
    database: Database,
) -> None:
    found = await figure(database, "document_paired", channel="docsys")
    assert found.state is State.NO_DATA


async def test_groups_add_up_their_agencies_and_agencies_signing_counts_agencies(
    database: Database, recorder: Recorder
) -> None:
    await recorder.write(
        [
            mail("1", [document("a", valid())], at=on(17)),
            mail("2", [document("b")], at=on(17)),
            mail("3", [document("c")], sender_agency="so-hai", at=on(17)),
            mail("4", [document("d", valid())], sender_agency="xa-mot", at=on(17)),
            mail("5", [document("e", valid())], sender_agency="khong-dang-ky", at=on(17)),
        ]
    )
    assert three(await figure(database, "document_signed", "department")) == (1, 3, 0)
    assert three(await figure(database, "document_signed", "commune")) == (1, 1, 0)
    assert three(await figure(database, "document_signed", "province")) == (2, 4, 0)
    assert three(await figure(database, "agencies_signing", "department")) == (1, 2, 0)
    assert three(await figure(database, "agencies_signing", "province")) == (2, 3, 0)


async def test_channels_are_apart_and_an_agency_without_data_says_so_in_each(
    database: Database, recorder: Recorder
) -> None:
    await recorder.write([filed(document("a", valid()), at=on(17))])
    assert three(await figure(database, "document_signed", channel="docsys")) == (1, 1, 0)
    assert (await figure(database, "document_signed")).state is State.NO_DATA
    silent = await figure(database, "document_signed", "so-hai", channel="docsys")
    assert silent.state is State.NO_DATA


async def test_the_table_of_figures_follows_what_is_measured(
    database: Database, recorder: Recorder
) -> None:
    async def stored() -> Sequence[tuple[object, ...]]:
        async with database.connection() as connection:
            rows = await connection.fetch(
                "SELECT indicator, code, channel, document_class, window_name, numerator,"
                " denominator, state FROM figure ORDER BY 1, scope, 2, 3, 4, base, 5"
            )
        return [tuple(row) for row in rows]

    for outcome in (
        mail("1", [document("a", valid())], at=on(17)),
        filed(document("b"), at=on(17)),
    ):
        await recorder.write([outcome])
        figures = await Measure(database, lambda: TODAY).refresh()
        assert await stored() == [
            (f.indicator, f.code, f.channel, f.document_class, f.window, f.numerator,
             f.denominator, f.state.value)
            for f in figures
        ]  # fmt: skip
    await database.sync_agencies(AGENCIES[:1])
    figures = await Measure(database, lambda: TODAY).refresh()
    assert len(await stored()) == len(figures)
    assert {f.code for f in figures} == {"so-mot", "department", "province"}


async def test_few_units_are_called_insufficient_but_shown(
    database: Database, recorder: Recorder
) -> None:
    await recorder.write([mail("1", [document("a", valid())], at=on(17))])
    figures = await Measure(database, lambda: TODAY, minimum_units=5).refresh()
    (found,) = [
        f for f in figures
        if (f.indicator, f.code, f.window) == ("document_signed", "so-mot", "wd5")
        and f.channel == "mail"
    ]  # fmt: skip
    assert (found.state, found.ratio) == (State.INSUFFICIENT, 1.0)


async def test_a_refresh_follows_every_kind_of_change(
    database: Database, recorder: Recorder
) -> None:
    """Facts are rolled up a day: a merge or a move must reach the days it touches."""

    async def signed(window: str = "period") -> tuple[tuple[int, int, int], tuple[int, int, int]]:
        documents = await figure(database, "document_signed", window=window)
        mails = await figure(database, "mail_signed", window=window)
        return three(documents), three(mails)

    unproven = mail("1", [document("a", valid())], sender_agency=None, at=on(12))
    await recorder.write([unproven])
    assert await signed() == ((0, 0, 0), (0, 0, 0))
    await recorder.write([mail("1", [document("a", valid())], at=on(13))])  # proves the sender
    assert await signed() == ((1, 1, 0), (1, 1, 0))
    await recorder.write([mail("2", [document("a", valid())], at=on(4))])  # an earlier dispatch
    assert await signed() == ((1, 1, 0), (2, 2, 0))
    assert await signed("wd5") == ((0, 0, 0), (1, 1, 0))


async def test_two_nodes_that_measure_at_once_agree(database: Database, recorder: Recorder) -> None:
    await recorder.write([mail("1", [document("a", valid())], at=on(17))])
    measures = [Measure(database, lambda: TODAY) for _ in range(3)]
    first, second, third = await asyncio.gather(*(each.refresh() for each in measures))
    assert first == second == third
    assert any(each.numerator for each in first)


async def test_an_indicator_that_nobody_records_yet_has_no_data_and_its_figure_once_facts_come(
    database: Database, recorder: Recorder
) -> None:
    await recorder.write([mail("one", [document("a", valid())])])
    before = await Measure(database, lambda: TODAY).refresh()
    without = [each for each in before if each.indicator == "domain_posture"]
    assert {(each.state, each.ratio) for each in without} == {(State.NO_DATA, None)}
    async with database.connection() as connection:
        await connection.execute(
            "INSERT INTO day_fact (day, indicator, agency_id, channel, document_class, numerator,"
            " denominator, undecided) SELECT $1, 'domain_posture', agency_id, 'mail', 'formal', 1,"
            " 4, 0 FROM agency WHERE code = 'so-mot'",
            TODAY.date() - timedelta(days=1),
        )
    found = await Measure(database, lambda: TODAY).refresh()
    assert {
        each.ratio for each in found
        if (each.indicator, each.code, each.window) == ("domain_posture", "so-mot", "30d")
    } == {0.25}  # fmt: skip
