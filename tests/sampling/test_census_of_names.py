"""Free mail, origins and mail domains are a census: what is not drawn counts in them too."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from monitor.measure import Figure, Measure, State
from monitor.model import FreemailUse, FreemailWay, Origin, Outcome
from monitor.record import AgencyRow, Database, Recorder
from monitor.record import posture as record
from tests.sampling.samples import drawn, undrawn
from tests.support.database import Server, fresh_database
from tests.support.looks import FAIL, look
from tests.support.outcomes import document, mail, valid

DAYS = (11, 12, 13, 16, 17)
TODAY = datetime(2026, 3, 18, 3, tzinfo=UTC)
AGENCIES = [AgencyRow(code, code, "department", "tinh") for code in ("so-mot", "so-hai")]
A_CENSUS = ("freemail", "domain_posture")


def said(made: Outcome, origin: Origin, *uses: tuple[str, FreemailWay], **more: Any) -> Outcome:
    free = tuple(FreemailUse(agency=agency, way=way) for agency, way in uses)
    values = {"origin": origin, "freemail": free, **more}
    return made.model_copy(update={"attribution": made.attribution.model_copy(update=values)})


def letters(day: int) -> list[Outcome]:
    """Of ten that an agency sends three go by free mail; a spoof and a forward come beside them."""
    at = datetime(2026, 3, day, 2, tzinfo=UTC)
    sent = [
        said(
            mail(f"{day} {number}", [document(f"{day} {number}", valid())], at=at),
            Origin.INTERNAL, *[("so-mot", FreemailWay.TO)] * (number < 3),
        )
        for number in range(10)
    ]  # fmt: skip
    outside: dict[str, Any] = {"sender_agency": None, "to": ("so-hai",), "at": at}
    spoof = mail(f"{day} spoof", [document(f"{day} spoof")], **outside)
    forward = mail(f"{day} forward", **outside)
    return [
        *sent,
        said(spoof, Origin.UNALIGNED, claimed_agency="so-mot"),
        said(forward, Origin.ALIGNED, ("so-hai", FreemailWay.FORWARDED)),
    ]


async def filled(database: Database, server: Server, rate: float) -> None:
    """Every second message is drawn; at rate 1 all are."""
    await database.sync_agencies(AGENCIES)
    for day in DAYS:
        written = letters(day)
        if rate < 1:
            written = [(drawn, undrawn)[number % 2](each) for number, each in enumerate(written)]
        await Recorder(database, server.state_dir).write(written)
        await record.sync_domains(database, {"mot.tinh.example": ("so-mot",)}, TODAY)
        looked = look("mot.tinh.example", datetime(2026, 3, day, 3, tzinfo=UTC), dnssec=FAIL)
        await record.store(database, [(looked, 1.0)], 21_600.0)


async def measured(database: Database) -> list[Figure]:
    return list(await Measure(database, lambda: TODAY).refresh())


async def counted(database: Database) -> list[tuple[Any, ...]]:
    async with database.connection() as connection:
        rows = await connection.fetch(
            "SELECT day::text, code, origin AS word, messages FROM mail_origin_day"
            " JOIN agency USING (agency_id) UNION ALL"
            " SELECT day::text, code, way, messages FROM grafana.freemail_day ORDER BY 1, 2, 3"
        )
    return [tuple(row) for row in rows]


async def test_they_say_at_any_rate_what_they_say_where_all_is_verified(
    postgres_server: Server,
) -> None:
    async with fresh_database(postgres_server) as whole, fresh_database(postgres_server) as sampled:
        await filled(whole, postgres_server, 1)
        await filled(sampled, postgres_server, 0.5)
        all_of, some_of = await measured(whole), await measured(sampled)
        assert await counted(sampled) == await counted(whole)

    def chosen(figures: list[Figure]) -> list[Figure]:
        return [each for each in figures if each.indicator in A_CENSUS]

    assert chosen(some_of) == chosen(all_of)
    (free,) = [
        each for each in some_of
        if (each.indicator, each.code, each.window) == ("freemail", "so-mot", "wd5")
    ]  # fmt: skip
    assert (free.numerator, free.denominator, free.undecided) == (15, 50, 0)
    assert (free.state, free.sample_fraction, free.checked) == (State.OK, 1, None)
    assert (free.ratio, free.low, free.high) == (0.3, None, None)
    assert free.process_low is not None
    assert free.process_low < 0.3
    signed = [each for each in some_of if each.indicator == "mail_signed" and each.code == "so-mot"]
    assert {each.sample_fraction for each in signed if each.window == "wd5"} == {0.5}


@pytest.mark.parametrize("first", [drawn, undrawn])
async def test_copies_of_which_one_was_drawn_keep_all_ways_and_the_better_proof(
    database: Database, recorder: Recorder, first: Any
) -> None:
    second = undrawn if first is drawn else drawn
    await database.sync_agencies(AGENCIES)
    at = TODAY - timedelta(days=1)
    outside: dict[str, Any] = {"sender_agency": None, "to": ("so-hai",), "at": at}
    one, other = (mail("one", [document("a")], **outside) for _ in range(2))
    unknown = said(one, Origin.UNKNOWN, ("so-hai", FreemailWay.FROM), claimed_agency="so-mot")
    proven = said(other, Origin.ALIGNED, ("so-hai", FreemailWay.FORWARDED), claimed_agency="so-mot")
    await recorder.write([first(unknown)])
    await recorder.write([second(proven)])
    async with database.connection() as connection:
        rows = await connection.fetch("SELECT origin, sampled, attached, copies FROM message")
        ways = await connection.fetch("SELECT way FROM message_freemail ORDER BY 1")
    assert [tuple(row) for row in rows] == [("aligned", first is drawn, 1, 2)]
    assert [row["way"] for row in ways] == ["forwarded", "from"]
