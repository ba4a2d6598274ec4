"""Between the flow and the children: what is asked of them, at which rate, and from when on."""

import asyncio
from datetime import UTC, datetime, timedelta

import pytest

from monitor.model import Channel, Examined, ItemHeader, Outcome
from monitor.observe import Observer
from monitor.record import Database, Sealer, sampling
from monitor.record.sampling import SetRate, history, write
from monitor.sampling import Sampling
from monitor.sampling.drawing import draw, message_key
from monitor.sampling.rates import MOST_AGE_SECONDS
from monitor.settings import SamplingSettings
from tests.sampling.samples import undrawn
from tests.support.outcomes import document, filed, mail, valid, verdict

SECRET = bytes(range(32))
SETTINGS = SamplingSettings()


class Children:
    """Answers with what an outcome holds, and notes what it was asked."""

    def __init__(self, outcomes: list[Outcome]) -> None:
        self._outcomes = {each.header.item_id: each for each in outcomes}
        self.asked: list[tuple[str, ItemHeader, bytes]] = []

    async def examine(self, header: ItemHeader, body: bytes) -> Examined:
        self.asked.append(("examine", header, body))
        return self._outcomes[header.item_id].examined

    async def extract(self, header: ItemHeader, body: bytes) -> Examined:
        self.asked.append(("extract", header, body))
        return undrawn(self._outcomes[header.item_id]).examined


class Time:
    """A node's clocks, moved by hand."""

    def __init__(self) -> None:
        self.passed = 0.0

    def now(self) -> datetime:
        return datetime.now(UTC) + timedelta(seconds=self.passed)

    def monotonic(self) -> float:
        return self.passed


class Node:
    """Sampling on one node, without children's processes."""

    def __init__(
        self,
        database: Database,
        outcomes: list[Outcome],
        *,
        secret: bytes = SECRET,
        settings: SamplingSettings = SETTINGS,
    ) -> None:
        self.children = Children(outcomes)
        self.time = Time()
        self.oldest = 0.0
        self.observer = Observer()
        self._database = database
        self.sampling = Sampling(
            self.children, settings, lambda: (self.oldest, False), self.observer, self.time.now,
            monotonic=self.time.monotonic,
        )  # fmt: skip
        self.sampling.connect(database, Sealer(secret))

    async def look(self) -> None:
        await self.sampling.look(self._database)

    async def wait(self, seconds: float) -> None:
        """Time passes, with a look at the record every ten seconds as the daemon has it."""
        until = self.time.passed + seconds
        while self.time.passed < until:
            self.time.passed = min(self.time.passed + 10, until)
            await self.look()

    async def decisions(self, outcomes: list[Outcome]) -> list[bool]:
        return [(await self.sampling.examine(each.header, b"body"))[1].drawn for each in outcomes]


async def set_rate(
    database: Database, rate: float | None, stratum: str = "all", lead: float = 0
) -> None:
    async with database.connection() as connection, connection.transaction():
        await sampling.alone(connection)
        await write(connection, stratum, rate, lead, by_hand=True, reason="a test")


def letters(number: int) -> list[Outcome]:
    return [mail(f"letter {each}", [document(str(each), valid())]) for each in range(number)]


async def test_at_rate_one_an_item_is_examined_in_one_pass(database: Database) -> None:
    (letter,) = outcomes = letters(1)
    node = Node(database, outcomes)
    await node.look()
    examined, drawing = await node.sampling.examine(letter.header, b"body")
    assert [what for what, *_ in node.children.asked] == ["examine"]
    assert examined == letter.examined
    assert (drawing.rate, drawing.drawn) == (1.0, True)


async def test_below_it_every_mail_is_extracted_and_the_drawn_ones_verified(
    database: Database,
) -> None:
    outcomes = letters(200)
    await set_rate(database, 0.5)
    node = Node(database, outcomes)
    await node.look()
    sealer = Sealer(SECRET)
    for each in outcomes:
        node.children.asked.clear()
        examined, drawing = await node.sampling.examine(each.header, b"body")
        wanted = draw(sealer, message_key(each.header, each.examined), 0.5)
        assert drawing == wanted
        asked = [what for what, *_ in node.children.asked]
        assert asked == (["extract", "examine"] if wanted.drawn else ["extract"])
        assert examined == (each if wanted.drawn else undrawn(each)).examined


async def test_a_file_is_known_without_being_read_and_costs_one_pass(database: Database) -> None:
    outcomes = [filed(document(str(each), valid())) for each in range(40)]
    await set_rate(database, 0.5)
    node = Node(database, outcomes)
    await node.look()
    for each in outcomes:
        node.children.asked.clear()
        _, drawing = await node.sampling.examine(each.header, each.header.item_id.encode())
        assert [what for what, *_ in node.children.asked] == [
            "examine" if drawing.drawn else "extract"
        ]


async def test_two_nodes_decide_alike_on_copies_of_the_same_messages(database: Database) -> None:
    outcomes = letters(100)
    copies = letters(100)
    await set_rate(database, 0.5)
    one, other = Node(database, outcomes), Node(database, copies)
    await one.look()
    await other.look()
    found = await one.decisions(outcomes)
    assert found == await other.decisions(copies)
    assert 25 < sum(found) < 75


async def test_what_children_are_told_before_the_draw_does_not_depend_on_the_secret(
    database: Database,
) -> None:
    # A child that a hostile mail has taken over, and whoever sent it, learn nothing to draw by.
    outcomes = letters(30)
    await set_rate(database, 0.5)
    told = []
    for secret in (SECRET, bytes(32)):
        node = Node(database, outcomes, secret=secret)
        await node.look()
        await node.decisions(outcomes)
        told.append([each for each in node.children.asked if each[0] == "extract"])
    assert told[0] == told[1]


async def test_a_rate_comes_into_force_on_all_nodes_at_one_instant(database: Database) -> None:
    outcomes = letters(100)
    one, other = Node(database, outcomes), Node(database, outcomes)
    await set_rate(database, 0.1, lead=30)
    for node in (one, other):
        await node.look()
        assert all(await node.decisions(outcomes))
    for node in (one, other):
        await node.wait(31)
    assert await one.decisions(outcomes) == await other.decisions(outcomes)
    assert sum(await one.decisions(outcomes)) < 40


async def test_nothing_is_decided_by_a_record_that_was_not_read_or_long_ago(
    database: Database,
) -> None:
    # The flow waits, and behind it the spool: a node reads, it never guesses.
    (letter,) = outcomes = letters(1)
    node = Node(database, outcomes)
    for _ in range(2):
        async with asyncio.TaskGroup() as group:
            waiting = group.create_task(node.sampling.examine(letter.header, b"body"))
            await asyncio.sleep(0)
            await asyncio.sleep(0)
            assert not waiting.done()
            await node.look()
        node.time.passed += MOST_AGE_SECONDS + 1


async def test_a_channel_may_have_a_rate_of_its_own(database: Database) -> None:
    outcomes = [*letters(30), *(filed(document(str(each))) for each in range(30))]
    await set_rate(database, 0.1)
    await set_rate(database, 1, Channel.DOCSYS)
    node = Node(database, outcomes)
    await node.look()
    assert all(await node.decisions(outcomes[30:]))
    assert not all(await node.decisions(outcomes[:30]))
    assert node.sampling.lowest == pytest.approx(0.1)


async def rates(database: Database) -> list[SetRate]:
    async with database.connection() as connection:
        return [each for each in await history(connection, 100) if not each.by_hand]


async def test_a_backlog_that_grows_steps_the_shared_rate_down_once(database: Database) -> None:
    nodes = [Node(database, []) for _ in range(2)]
    behind = nodes[0]
    for age in range(1000, 1200, 10):
        behind.oldest = float(age)
        for node in nodes:
            await node.wait(10)
    (step,) = await rates(database)
    assert (step.rate, step.reason) == (0.5, "backlog")
    async with database.connection() as connection:
        ahead = await connection.fetchval(
            "SELECT max(from_at - clock_timestamp()) FROM sampling_rate"
        )
    assert timedelta(seconds=20) < ahead <= timedelta(seconds=30)
    # Both have it before it is in force, and both say so when it is.
    for node in nodes:
        name = "congvu_events_total"
        labels = {"event": "sampling_rate_in_force"}
        assert node.observer.registry.get_sample_value(name, labels)


async def test_after_the_backlog_the_rate_rises_again(database: Database) -> None:
    async with database.connection() as connection:
        await connection.execute(
            "INSERT INTO sampling_rate (stratum, from_at, rate, by_hand, reason)"
            " VALUES ('all', now() - interval '1 hour', 0.2, false, 'backlog')"
        )
    node, other = Node(database, []), Node(database, [])
    other.oldest = 300.0
    await other.look()
    await node.look()
    assert len(await rates(database)) == 1  # the other still has a backlog
    other.oldest = 0.0
    await other.look()
    found = await rates(database)
    assert [(each.rate, each.reason) for each in found] == [(0.5, "drained"), (0.2, "backlog")]


async def test_a_node_that_is_told_not_to_steps_nothing(database: Database) -> None:
    node = Node(database, [], settings=SamplingSettings(automatic=False))
    for age in range(1000, 1200, 10):
        node.oldest = float(age)
        await node.wait(10)
    assert await rates(database) == []


async def test_the_record_of_rates_is_only_ever_added_to(database: Database) -> None:
    async with database.connection() as connection:
        for statement in (
            "UPDATE sampling_rate SET rate = 0.5",
            "DELETE FROM sampling_rate",
            "TRUNCATE sampling_rate",
        ):
            with pytest.raises(Exception, match="never changed"):
                await connection.execute(statement)


async def test_a_mail_that_cannot_be_extracted_is_drawn_like_any_other(database: Database) -> None:
    # Else what kills a child would be in the sample more often than what does not.
    lost = [
        each.model_copy(update={"examined": Examined(verdict=verdict())}) for each in letters(200)
    ]
    await set_rate(database, 0.5)
    node = Node(database, lost)
    await node.look()
    assert 70 < sum(await node.decisions(lost)) < 130
