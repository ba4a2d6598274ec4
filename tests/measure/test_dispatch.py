"""Documents that went out by the next working morning after they were signed."""

from collections.abc import Sequence
from datetime import UTC, date, datetime, time
from typing import Any

import pytest

from monitor.measure import Figure, Measure, State
from monitor.model import (
    Cause,
    Channel,
    DocumentFacts,
    Indication,
    Overall,
    Signature,
    SignerKind,
    TimeSource,
)
from monitor.record import AgencyRow, Database, Recorder
from tests.support.outcomes import document, filed, mail, signature, undecided, verdict
from tests.support.registers import entered, met

TODAY = datetime(2026, 3, 18, 3, 0, tzinfo=UTC)
INDICATOR = "dispatched_on_time"


def at(day: int, clock: str) -> datetime:
    """A Vietnam time of March 2026."""
    return datetime.fromisoformat(f"2026-03-{day:02}T{clock}:00+07:00")


def signed(content: str, *when: datetime, **more: Any) -> DocumentFacts:
    """A valid document whose time-stamps are these."""
    marks = [signature(signing_time=each, **more) for each in when]
    return document(content, verdict(Overall.VALID, marks))


@pytest.fixture(autouse=True)
async def _agencies(database: Database) -> None:
    await database.sync_agencies([AgencyRow("so-mot", "Sở Một", "department", "tinh")])


async def figure(
    database: Database, channel: str = "docsys", base: str = "", until: time = time(12)
) -> Figure:
    figures: Sequence[Figure] = await Measure(
        database, lambda: TODAY, dispatch_until=until
    ).refresh()
    (found,) = [
        each
        for each in figures
        if (each.indicator, each.code, each.window, each.channel, each.base, each.document_class)
        == (INDICATOR, "so-mot", "period", channel, base, "formal")
    ]
    return found


async def three(database: Database, **which: Any) -> tuple[int, int, int]:
    found = await figure(database, **which)
    return found.numerator, found.denominator, found.undecided


@pytest.mark.parametrize(
    ("stamp", "sent", "good"),
    [
        (at(3, "08:00"), at(3, "16:00"), True),  # the same day
        (at(3, "17:30"), at(4, "12:00"), True),  # the next morning's last minute
        (at(3, "08:00"), at(4, "12:01"), False),
        (at(6, "16:00"), at(9, "11:00"), True),  # Friday to Monday
        (at(7, "09:00"), at(9, "11:00"), True),  # Saturday to Monday
        (at(7, "09:00"), at(10, "08:00"), False),
        (at(3, "23:59"), at(4, "11:00"), True),  # the day of a signature is Vietnam's
        (at(12, "09:00"), at(16, "11:00"), True),  # Friday the 13th is free
    ],
)
async def test_in_time_is_until_noon_of_the_working_day_after_the_signature(
    database: Database, recorder: Recorder, stamp: datetime, sent: datetime, good: bool
) -> None:
    async with database.connection() as connection:
        await connection.execute(
            "INSERT INTO calendar_day (day, working) VALUES ('2026-03-13', false)"
        )
    await recorder.write([filed(signed("a", stamp), at=at(17, "10:00"), sent_at=sent)])
    assert await three(database) == (int(good), 1, 0)
    assert await three(database, base="observed") == (int(good), 1, 0)


async def test_each_channel_has_its_own_figure_and_portals_none(
    database: Database, recorder: Recorder
) -> None:
    stamp, late = at(3, "08:00"), at(5, "08:00")
    await recorder.write(
        [
            filed(signed("a", stamp), sent_at=stamp, at=late),
            filed(signed("a", stamp), channel=Channel.AXIS, sent_at=late, at=late),
            mail("1", [signed("a", stamp)], at=late),
            filed(signed("a", stamp), channel=Channel.PORTAL, sent_at=stamp, at=late),
        ]
    )
    assert await three(database) == (1, 1, 0)
    assert await three(database, channel="axis") == (0, 1, 0)
    assert await three(database, channel="mail") == (0, 1, 0)
    figures = await Measure(database, lambda: TODAY).refresh()
    assert {each.channel for each in figures if each.indicator == INDICATOR} == {
        "docsys", "axis", "mail",
    }  # fmt: skip


async def test_a_document_whose_times_are_not_both_known_is_in_nothing(
    database: Database, recorder: Recorder
) -> None:
    now, failed = at(3, "10:00"), Indication.TOTAL_FAILED
    others = signed("e", at(3, "08:00"))
    await recorder.write(
        [
            filed(signed("a", at(3, "08:00")), at=now),  # when it was sent, nobody says
            filed(document("b"), at=now, sent_at=now),  # unsigned
            filed(
                signed("c", at(3, "08:00"), signing_time_source=TimeSource.CLAIMED),
                at=now, sent_at=now,
            ),
            filed(signed("d", at(3, "08:00"), indication=failed), at=now, sent_at=now),
            filed(others, at=now, sent_at=now, relayed=True),
            filed(signed("f", at(3, "08:00")), at=now, sent_at=now, role="appendix"),
            filed(signed("g", at(3, "08:00")), at=now, sent_at=now, role="copy"),
            filed(signed("h", at(3, "08:00"), signer_kind=SignerKind.STAMP), at=now, sent_at=now),
        ]
    )  # fmt: skip
    found = await figure(database)
    assert (found.denominator, found.undecided, found.state) == (0, 0, State.NO_DATA)


async def test_the_last_signature_of_the_issuer_is_what_counts(
    database: Database, recorder: Recorder
) -> None:
    outcome = filed(
        signed("a", at(3, "08:00"), at(5, "08:00")), at=at(5, "10:00"), sent_at=at(5, "10:00")
    )
    await recorder.write([outcome])
    assert await three(database) == (1, 1, 0)
    # The receiver's signature, later, makes nothing later.
    outcome = filed(
        signed("b", at(3, "08:00"), at(5, "08:00")), at=at(5, "10:00"), sent_at=at(5, "10:00")
    )
    whose = outcome.attribution.documents[0].model_copy(
        update={"signer_agencies": ("so-mot", "so-hai")}
    )
    attribution = outcome.attribution.model_copy(update={"documents": (whose,)})
    await recorder.write([outcome.model_copy(update={"attribution": attribution})])
    assert await three(database) == (1, 2, 0)


async def test_a_document_sent_before_the_day_of_its_signature_is_undecided(
    database: Database, recorder: Recorder
) -> None:
    stamp = at(5, "08:00")
    await recorder.write(
        [
            # A clock that is wrong by minutes: in time.
            filed(signed("a", stamp), at=at(6, "08:00"), sent_at=at(5, "07:55")),
            # One of the two is wrong, nobody knows which.
            filed(signed("b", stamp), at=at(6, "08:00"), sent_at=at(4, "16:00")),
            # Its signature cannot be judged for want of data of ours.
            filed(undecided_document("c"), at=at(6, "08:00"), sent_at=at(5, "16:00")),
        ]
    )
    found = await figure(database)
    assert (found.numerator, found.denominator, found.undecided) == (1, 1, 2)
    assert found.state is State.STALE


def undecided_document(content: str) -> DocumentFacts:
    return document(content, undecided())


async def test_the_register_says_what_the_file_does_not_and_observed_does_without_it(
    database: Database, recorder: Recorder
) -> None:
    unstamped: list[Signature] = [signature(stamped=False)]
    await recorder.write(
        [
            filed(document("a", verdict(Overall.VALID, unstamped)), at=at(9, "08:00")),
            filed(signed("b", at(3, "08:00")), at=at(9, "08:00")),
            filed(document("c"), at=at(9, "08:00"), sent_at=at(4, "09:00")),
        ]
    )
    assert await three(database) == (0, 0, 0)
    day = date(2026, 3, 3)
    a = await entered(database, 1, day, signed_at=at(4, "16:00"), sent_at=at(5, "10:00"))
    b = await entered(database, 2, day, signed_at=at(9, "08:00"), sent_at=at(4, "15:00"))
    c = await entered(database, 3, day, sent_at=at(9, "08:00"))
    for entry, content in ((a, "a"), (b, "b"), (c, "c")):
        await met(database, entry, content)
    # a: by its entry alone, in time. b: stamped on the 3rd, whatever the register says; sent on the
    # 4th at 15:00: late. c: signed on the day of issue, the 3rd; sent as captured: in time.
    assert await three(database) == (2, 3, 0)
    figures = await Measure(database, lambda: TODAY).refresh()
    assert not [each for each in figures if (each.indicator, each.base) == (INDICATOR, "observed")]
    async with database.connection() as connection:
        await connection.execute(
            "UPDATE register_entry SET sent_at = $2 WHERE entry_id = $1", b, at(4, "11:00")
        )
    assert await three(database) == (3, 3, 0)
    async with database.connection() as connection:
        await connection.execute("UPDATE register_file SET how = 'refused'")
    assert await three(database) == (0, 0, 0)


async def test_another_hour_or_calendar_is_applied_to_every_day(
    database: Database, recorder: Recorder
) -> None:
    await recorder.write(
        [filed(signed("a", at(3, "08:00")), at=at(5, "08:00"), sent_at=at(4, "11:00"))]
    )
    assert await three(database) == (1, 1, 0)
    assert await three(database, until=time(10)) == (0, 1, 0)
    assert await three(database) == (1, 1, 0)
    async with database.connection() as connection:
        await connection.execute(
            "UPDATE document SET first_at = $1 WHERE channel = 'docsys'", at(5, "08:00")
        )
        await connection.execute("INSERT INTO changed_day VALUES ('2026-03-04')")
    assert await three(database) == (0, 1, 0)
    async with database.connection() as connection:
        await connection.execute(
            "INSERT INTO calendar_day (day, working) VALUES ('2026-03-04', false)"
        )
    assert await three(database) == (1, 1, 0)
    async with database.connection() as connection:
        assert await connection.fetchval("SELECT count(*) FROM changed_day") == 0


async def test_what_is_indeterminate_by_the_signer_has_no_time(
    database: Database, recorder: Recorder
) -> None:
    mark = signature(Indication.INDETERMINATE, cause=Cause.SIGNER)
    theirs = document("a", verdict(Overall.INDETERMINATE, [mark], cause=Cause.SIGNER))
    await recorder.write([filed(theirs, at=at(5, "08:00"), sent_at=at(4, "11:00"))])
    assert await three(database) == (0, 0, 0)
