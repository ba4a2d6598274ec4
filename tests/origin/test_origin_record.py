"""The origin of messages in the record: copies, what is asked again, what was found later."""

import asyncio
import json
from datetime import timedelta
from typing import Any

import pytest

from monitor.model import Direction, Finding, Origin, Outcome
from monitor.observe import Observer
from monitor.origin import FIRST_PAUSE, MAX_TRIES, LateOrigins, Origins
from monitor.posture.names import Names, Why
from monitor.record import Database, Recorder
from monitor.record.judging import OF_THE_ITEM
from tests.origin.making import DOMAIN, KEY, LATER, Answering, find, from_outside
from tests.posture.zones import Zone
from tests.support.dkim_mails import LETTER, SigningKey
from tests.support.outcomes import MONDAY, mail

PUBLISHED = Zone(KEY.record(DOMAIN, "mail"))
SILENT = Zone({}, {f"mail._domainkey.{DOMAIN}": Why.TIMEOUT})
SPOOFED, UNCHECKED = "sender_spoofed", "origin_unchecked"


async def by(names: Names, name: str, **more: Any) -> Outcome:
    """A message from outside whose origin was asked for."""
    asker = Origins(find, Answering(names), 5, Observer(), lambda: LATER)
    outcome, ask = asker.begin(from_outside(name, **more))
    return await ask() if ask else outcome


def inside(name: str) -> Outcome:
    made = mail(name)
    given = made.attribution.model_copy(update={"origin": Origin.INTERNAL})
    return made.model_copy(update={"attribution": given})


async def rows(database: Database) -> list[tuple[Any, ...]]:
    """Origin, claimed agency and findings of the origin."""
    async with database.connection() as connection:
        found = await connection.fetch(
            "SELECT origin, coalesce(a.code, '') AS code, findings FROM message"
            " LEFT JOIN agency a ON a.agency_id = claimed_agency_id AND claimed_agency_id <> 0"
            " ORDER BY first_received_at, message_uid"
        )
    return [
        (row["origin"], row["code"], [f for f in row["findings"] if f in (SPOOFED, UNCHECKED)])
        for row in found
    ]


async def due(database: Database) -> list[Any]:
    async with database.connection() as connection:
        return list(await connection.fetch("SELECT * FROM origin_due ORDER BY next_at"))


async def test_the_origin_stands_in_the_record_with_its_evidence(
    database: Database, recorder: Recorder
) -> None:
    await recorder.write([await by(PUBLISHED, "one")])
    assert await rows(database) == [("aligned", "so-mot", [])]
    async with database.connection() as connection:
        evidence = json.loads(await connection.fetchval("SELECT origin_evidence FROM message"))
        selectors = await connection.fetch("SELECT * FROM posture_selector")
    assert evidence == {
        "dkim": [[DOMAIN, "mail", "pass"]], "spf": None, "from_domain": DOMAIN,
        "aligned_by": "dkim",
    }  # fmt: skip
    assert [tuple(row) for row in selectors] == [(DOMAIN, "mail", MONDAY.date())]
    assert await due(database) == []


async def test_selectors_of_others_and_of_what_fails_are_not_kept(
    database: Database, recorder: Recorder
) -> None:
    await recorder.write([await by(Zone({}), "fails"), await by(PUBLISHED, "no", claimed=None)])
    async with database.connection() as connection:
        assert await connection.fetchval("SELECT count(*) FROM posture_selector") == 0


async def test_a_passing_signature_of_one_of_several_authors_fills_no_list_of_selectors(
    database: Database, recorder: Recorder
) -> None:
    joined = await by(PUBLISHED, "joined")
    attribution = joined.attribution.model_copy(update={"origin": Origin.UNALIGNED})
    await recorder.write([joined.model_copy(update={"attribution": attribution})])
    async with database.connection() as connection:
        assert await connection.fetchval("SELECT count(*) FROM posture_selector") == 0


COPIES = {
    "internal": lambda: _now(inside("one")),
    "aligned": lambda: by(PUBLISHED, "one"),
    "unknown": lambda: by(SILENT, "one"),
    "unaligned": lambda: by(Zone({}), "one"),
}
FINDINGS = {"internal": [], "aligned": [], "unknown": [UNCHECKED], "unaligned": [SPOOFED]}


async def _now(outcome: Outcome) -> Outcome:
    return outcome


@pytest.mark.parametrize("together", [True, False])
@pytest.mark.parametrize("first", COPIES)
@pytest.mark.parametrize("second", COPIES)
async def test_of_two_copies_the_better_proof_holds(
    database: Database, recorder: Recorder, first: str, second: str, together: bool
) -> None:
    copies = [await COPIES[first](), await COPIES[second]()]
    for batch in [copies] if together else [[copies[0]], [copies[1]]]:
        await recorder.write(batch)
    order = list(COPIES)
    best = min(first, second, key=order.index)
    claimed = "" if best == "internal" else "so-mot"
    assert await rows(database) == [(best, claimed, FINDINGS[best])]
    assert len(await due(database)) == (1 if best == "unknown" else 0)


async def test_judging_a_message_again_keeps_what_its_origin_says() -> None:
    assert {Finding.SENDER_SPOOFED, Finding.ORIGIN_UNCHECKED} <= OF_THE_ITEM


# -- later -----------------------------------------------------------------------------------------


class Later:
    """The background task at a time of the test's own."""

    def __init__(self, names: Names | None) -> None:
        self.now = LATER
        self.counted: list[tuple[Origin, str | None]] = []
        self.answering = Answering(names) if names else None
        self.task = LateOrigins(
            self.answering, lambda *found: self.counted.append(found), Observer(), lambda: self.now
        )


async def test_what_was_unknown_is_settled_once_somebody_answers(
    database: Database, recorder: Recorder
) -> None:
    await recorder.write([await by(SILENT, "one")])
    later = Later(PUBLISHED)
    assert await later.task.look(database) == 1
    assert await rows(database) == [("aligned", "so-mot", [])]
    assert later.counted == [(Origin.ALIGNED, "so-mot")]
    assert await due(database) == []
    assert await later.task.look(database) == 0


async def test_what_is_found_to_be_spoofed_later_is_said_and_counted_then(
    database: Database, recorder: Recorder
) -> None:
    await recorder.write([await by(SILENT, "one")])
    later = Later(Zone({}))
    await later.task.look(database)
    assert await rows(database) == [("unaligned", "so-mot", [SPOOFED])]
    assert later.counted == [(Origin.UNALIGNED, "so-mot")]
    async with database.connection() as connection:
        days = await connection.fetch("SELECT DISTINCT day FROM changed_day")
    assert MONDAY.date() in [row["day"] for row in days]


async def test_a_message_is_not_looked_at_before_it_is_due(
    database: Database, recorder: Recorder
) -> None:
    await recorder.write([await by(SILENT, "one")])
    later = Later(PUBLISHED)
    later.now = MONDAY
    assert await later.task.look(database) == 0


async def test_while_nobody_answers_pauses_grow_until_it_is_given_up(
    database: Database, recorder: Recorder
) -> None:
    await recorder.write([await by(SILENT, "one")])
    later = Later(SILENT)
    pauses = []
    for _ in range(MAX_TRIES - 1):
        assert await later.task.look(database) == 1
        (row,) = await due(database)
        pauses.append(row["next_at"] - later.now)
        later.now = row["next_at"]
    assert pauses[:4] == [FIRST_PAUSE * factor for factor in (1, 2, 4, 8)]
    assert pauses[-1] == timedelta(hours=12)
    assert timedelta(days=4) < sum(pauses, timedelta()) < timedelta(days=6)
    assert await later.task.look(database) == 1
    assert await due(database) == []
    assert await rows(database) == [("unknown", "so-mot", [UNCHECKED])]
    assert later.counted == []


async def test_two_daemons_share_what_is_due(database: Database, recorder: Recorder) -> None:
    await recorder.write([await by(SILENT, f"m{number}") for number in range(20)])
    one, two = Later(PUBLISHED), Later(PUBLISHED)
    taken = await asyncio.gather(one.task.look(database), two.task.look(database))
    assert sum(taken) == 20
    assert len(one.counted) + len(two.counted) == 20
    assert {row[0] for row in await rows(database)} == {"aligned"}


@pytest.mark.parametrize("together", [True, False])
@pytest.mark.parametrize("turned", [True, False])
async def test_each_copy_of_a_message_may_prove_it_later(
    database: Database, recorder: Recorder, turned: bool, together: bool
) -> None:
    other = SigningKey.rsa().sign(LETTER, DOMAIN, "mail")  # under no key that is published
    copies = [await by(SILENT, "one"), await by(SILENT, "one", raw=other)]
    if turned:
        copies.reverse()
    for batch in [copies] if together else [[copies[0]], [copies[1]]]:
        await recorder.write(batch)
    assert len(await due(database)) == 1
    assert await Later(PUBLISHED).task.look(database) == 1
    assert await rows(database) == [("aligned", "so-mot", [])]
    assert await due(database) == []


async def test_a_copy_that_asks_more_meanwhile_is_asked_about_too(
    database: Database, recorder: Recorder
) -> None:
    other = SigningKey.rsa().sign(LETTER, DOMAIN, "mail")
    await recorder.write([await by(SILENT, "one", raw=other)])
    later = Later(PUBLISHED)
    assert later.answering is not None
    later.answering.open.clear()
    async with asyncio.TaskGroup() as group:
        group.create_task(later.task.look(database))
        while not later.answering.asked:
            await asyncio.sleep(0.005)
        await recorder.write([await by(SILENT, "one")])
        later.answering.open.set()
    assert await rows(database) == [("unknown", "so-mot", [UNCHECKED])]
    later.now += timedelta(hours=1)
    await later.task.look(database)
    assert await rows(database) == [("aligned", "so-mot", [])]


async def test_a_copy_that_proves_it_meanwhile_stands(
    database: Database, recorder: Recorder
) -> None:
    await recorder.write([await by(SILENT, "one")])
    later = Later(Zone({}))
    assert later.answering is not None
    later.answering.open.clear()
    async with asyncio.TaskGroup() as group:
        group.create_task(later.task.look(database))
        while not later.answering.asked:
            await asyncio.sleep(0.005)
        await recorder.write([await by(PUBLISHED, "one")])
        later.answering.open.set()
    assert await rows(database) == [("aligned", "so-mot", [])]
    assert later.counted == []


async def test_what_nobody_may_be_asked_about_any_more_is_forgotten(
    database: Database, recorder: Recorder
) -> None:
    await recorder.write([await by(SILENT, "one")])
    later = Later(None)
    await later.task.look(database)
    assert len(await due(database)) == 1
    later.now += timedelta(days=6)
    await later.task.look(database)
    assert await due(database) == []


async def test_what_another_version_kept_is_given_up(
    database: Database, recorder: Recorder
) -> None:
    await recorder.write([await by(SILENT, "one")])
    async with database.connection() as connection:
        await connection.execute("UPDATE origin_due SET asked = '{\"other\": 1}'")
    assert await Later(PUBLISHED).task.look(database) == 1
    assert await due(database) == []
    assert await rows(database) == [("unknown", "so-mot", [UNCHECKED])]


async def test_the_same_item_written_again_asks_and_counts_nothing(
    database: Database, recorder: Recorder
) -> None:
    outcome = await by(SILENT, "one")
    await recorder.write([outcome])
    await Later(PUBLISHED).task.look(database)
    await recorder.write([outcome])
    assert await rows(database) == [("aligned", "so-mot", [])]
    assert await due(database) == []


def handed_in(name: str) -> Outcome:
    """A copy that somebody inside sent on: it is not his."""
    made = mail(name, sender_agency=None, direction=Direction.IN)
    given = made.attribution.model_copy(update={"origin": Origin.INTERNAL})
    return made.model_copy(update={"attribution": given})


@pytest.mark.parametrize("together", [True, False])
@pytest.mark.parametrize("turned", [True, False])
@pytest.mark.parametrize("outside", ["aligned", "unknown", "unaligned"])
async def test_a_message_from_outside_that_somebody_inside_sends_on_stays_from_outside(
    database: Database, recorder: Recorder, outside: str, turned: bool, together: bool
) -> None:
    copies = [await COPIES[outside](), handed_in("one")]
    if turned:
        copies.reverse()
    for batch in [copies] if together else [[copies[0]], [copies[1]]]:
        await recorder.write(batch)
    assert await rows(database) == [(outside, "so-mot", FINDINGS[outside])]
    assert len(await due(database)) == (1 if outside == "unknown" else 0)
