"""Asking where a message comes from before it is recorded: bounded, and nothing else waits."""

import asyncio
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from typing import cast

import pytest

from monitor import flow
from monitor.flow import Flow
from monitor.model import (
    Attribution,
    DkimResult,
    Drawing,
    Examined,
    Finding,
    ItemHeader,
    Origin,
    Outcome,
)
from monitor.observe import Observer
from monitor.origin import Origins, without_person
from monitor.posture.model import OriginAnswer, OriginQuestion
from monitor.posture.names import Why
from monitor.record import Decision
from monitor.settings import DatabaseSettings
from monitor.spool import Spooled
from monitor.spool.segment import Place
from tests.origin.making import DOMAIN, KEY, LATER, Answering, find, from_outside
from tests.posture.zones import Zone
from tests.support.outcomes import mail

PUBLISHED = Zone(KEY.record(DOMAIN, "mail"))
SILENT = Zone({}, {f"mail._domainkey.{DOMAIN}": Why.TIMEOUT})


def origins(answering: Answering | None, wait_seconds: float = 5) -> Origins:
    return Origins(find, answering, wait_seconds, Observer(), lambda: LATER)


async def asked(answering: Answering | None, outcome: Outcome, wait: float = 5) -> Attribution:
    unasked, ask = origins(answering, wait).begin(outcome)
    return (await ask() if ask else unasked).attribution


async def test_a_signature_whose_key_is_published_is_aligned() -> None:
    found = await asked(Answering(PUBLISHED), from_outside("one"))
    assert found.origin is Origin.ALIGNED
    assert found.origin_evidence is not None
    assert found.origin_evidence.dkim == ((DOMAIN, "mail", DkimResult.PASS),)
    assert found.origin_due is None
    assert found.findings == ()


async def test_a_signature_without_a_key_is_unaligned_and_claims_falsely() -> None:
    found = await asked(Answering(Zone({})), from_outside("one"))
    assert (found.origin, found.findings) == (Origin.UNALIGNED, (Finding.SENDER_SPOOFED,))
    assert found.origin_due is None


async def test_silence_is_unknown_and_asked_again_later() -> None:
    found = await asked(Answering(SILENT), from_outside("one"))
    assert (found.origin, found.findings) == (Origin.UNKNOWN, (Finding.ORIGIN_UNCHECKED,))
    assert found.origin_due is not None


async def test_an_answer_that_is_late_is_not_waited_for() -> None:
    answering = Answering(PUBLISHED)
    answering.open.clear()
    found = await asked(answering, from_outside("one"), wait=0.01)
    assert found.origin is Origin.UNKNOWN
    assert found.origin_due is not None


async def test_what_was_submitted_inside_is_asked_of_nobody() -> None:
    answering = Answering(PUBLISHED)
    inside = mail("one")
    given = inside.attribution.model_copy(update={"origin": Origin.INTERNAL})
    found = await asked(answering, inside.model_copy(update={"attribution": given}))
    assert found == given
    assert answering.asked == []


async def test_where_nobody_can_be_asked_it_is_unknown_and_stays_so() -> None:
    found = await asked(None, from_outside("one"))
    assert (found.origin, found.origin_due) == (Origin.UNKNOWN, None)
    assert found.findings == (Finding.ORIGIN_UNCHECKED,)


async def test_a_fault_of_ours_costs_no_message() -> None:
    class Broken(Answering):
        async def origin(self, question: OriginQuestion) -> OriginAnswer:
            raise ZeroDivisionError

    found = await asked(Broken(PUBLISHED), from_outside("one"))
    assert found.origin is Origin.UNKNOWN
    assert found.origin_due is not None


def test_what_is_kept_to_be_asked_later_names_no_mailbox() -> None:
    outcome = from_outside("one")
    question = find(outcome.header, outcome.examined, outcome.attribution)
    assert question is not None
    assert without_person(question).mail_from == "@khac.example"
    assert without_person(question.model_copy(update={"mail_from": ""})).mail_from == ""


# -- in the flow -----------------------------------------------------------------------------------


class Stages:
    """Spool, children, registry and record around a flow."""

    def __init__(self, *outcomes: Outcome, size: int = 10) -> None:
        self._known = {each.header.item_id: each for each in outcomes}
        self._left = list(outcomes)
        self._size = size
        self.recorded: list[Outcome] = []

    async def take(self) -> Spooled:
        if not self._left:
            await asyncio.Event().wait()
        header = self._left.pop(0).header
        return Spooled(header, bytes(self._size), 0, cast("Place", None))

    def done(self, spooled: Spooled) -> None:
        assert spooled.body == b""

    async def quarantine(self, spooled: Spooled, reason: str, detail: str) -> None:
        raise AssertionError((reason, detail))

    async def examine(self, header: ItemHeader, body: bytes) -> tuple[Examined, Drawing]:
        return self._known[header.item_id].examined, Drawing()

    def attribute(self, header: ItemHeader, examined: Examined) -> Attribution:
        return self._known[header.item_id].attribution

    async def write(self, batch: Sequence[Outcome]) -> Sequence[Decision]:
        self.recorded += batch
        return [Decision(each.header.item_id, new_item=True) for each in batch]

    def origins(self) -> list[Origin | None]:
        return [each.attribution.origin for each in self.recorded]

    @asynccontextmanager
    async def flowing(self, answering: Answering) -> AsyncIterator[None]:
        """One worker: what blocks it blocks everything."""
        flow = Flow(
            self, self, self, self.attribute, lambda *_: None, Observer(),
            DatabaseSettings(batch_delay_seconds=0.001), 1, lambda: LATER,
            origins=origins(answering, wait_seconds=60),
        )  # fmt: skip
        async with asyncio.TaskGroup() as group:
            task = group.create_task(flow.run())
            yield
            task.cancel()

    async def recorded_are(self, number: int) -> None:
        async with asyncio.timeout(20):
            while len(self.recorded) < number:
                await asyncio.sleep(0.002)


async def test_others_are_recorded_while_one_waits_for_an_answer() -> None:
    answering = Answering(PUBLISHED)
    answering.open.clear()
    stages = Stages(from_outside("waits"), from_outside("waits too"), mail("inside"))
    async with stages.flowing(answering):
        await stages.recorded_are(1)
        assert len(answering.asked) == 2
        assert stages.origins() == [None]
        answering.open.set()
        await stages.recorded_are(3)
    assert stages.origins() == [None, Origin.ALIGNED, Origin.ALIGNED]


async def test_where_too_many_wait_the_next_is_recorded_unasked(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(flow, "MAX_ASKING", 2)
    answering = Answering(PUBLISHED)
    answering.open.clear()
    stages = Stages(*(from_outside(str(number)) for number in range(4)))
    async with stages.flowing(answering):
        await stages.recorded_are(2)
        assert stages.origins() == [Origin.UNKNOWN, Origin.UNKNOWN]
        assert all(each.attribution.origin_due for each in stages.recorded)
        answering.open.set()
        await stages.recorded_are(4)
    assert stages.origins()[2:] == [Origin.ALIGNED, Origin.ALIGNED]


async def test_large_messages_do_not_take_what_others_need_of_the_spool(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(flow, "MAX_ASKING_BYTES", 25)
    answering = Answering(PUBLISHED)
    answering.open.clear()
    stages = Stages(*(from_outside(str(number)) for number in range(3)))
    async with stages.flowing(answering):
        await stages.recorded_are(1)
        assert len(answering.asked) == 2
        answering.open.set()
        await stages.recorded_are(3)
