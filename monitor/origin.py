"""Asking where messages come from: once before a message is recorded, for a bounded time, and again
in the background for what was not answered (docs/decisions/0029-origin.md).
"""

import asyncio
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import timedelta
from functools import partial
from typing import Annotated, ClassVar, Protocol

from pydantic import Field, TypeAdapter, ValidationError

from monitor.agencies.origin import UNASKED, Answered, Asking, concluded, evidence, origin_of
from monitor.clock import Clock
from monitor.errors import DatabaseUnavailable
from monitor.flow import Ask
from monitor.lifecycle import SideTaskFailed, place
from monitor.model import Attribution, Examined, ItemHeader, Origin, Outcome
from monitor.observe import Event, Level, Observer
from monitor.posture.model import KeyQuestion, OriginAnswer, OriginQuestion
from monitor.record import Database
from monitor.record.origins import Due, Settled, claim, forget, settle

LOOK_SECONDS = 15.0
AT_ONCE = 200
"""Messages that are asked about in one look."""
SIDE_BY_SIDE = 20
FIRST_PAUSE, LONGEST_PAUSE = timedelta(minutes=1), timedelta(hours=12)
MAX_TRIES = 19
"""With pauses that double from a minute to twelve hours: five days."""
MOST = 10
"""Signatures and domains of one question (`OriginQuestion`)."""

_QUESTIONS = TypeAdapter(Annotated[list[Asking], Field(min_length=1)])
_BEST = (Origin.ALIGNED, Origin.UNKNOWN, Origin.UNALIGNED)

FindAsking = Callable[[ItemHeader, Examined, Attribution], Asking | None]


class Answerer(Protocol):
    """`monitor.posture.desk.Desk`: never raises for what a name says, nor for silence."""

    async def origin(self, question: OriginQuestion) -> OriginAnswer: ...


@dataclass(frozen=True)
class OriginsSettled(Event):
    """Messages whose origin was not known when they were recorded."""

    level: ClassVar[Level] = "info"
    settled: int
    given_up: int
    waiting: int
    """Of those that were looked at, asked about again later."""


class Origins:
    """Asks for the flow; the messages it gives back have an origin."""

    def __init__(
        self,
        find: FindAsking,
        answerer: Answerer | None,
        wait_seconds: float,
        observer: Observer,
        clock: Clock,
    ) -> None:
        """`answerer` None asks nobody, and leaves nothing to be asked later."""
        self._find = find
        self._answerer = answerer
        self._wait_seconds = wait_seconds
        self._observer = observer
        self._clock = clock

    def begin(self, outcome: Outcome) -> tuple[Outcome, Ask | None]:
        """What is recorded if nobody is asked, and how to ask."""
        asked = self._find(outcome.header, outcome.examined, outcome.attribution)
        if asked is None:
            return outcome, None
        asks = self._answerer is not None and asked.answerable
        unasked = self._with(outcome, asked, UNASKED, due=asks)
        return unasked, partial(self._ask, outcome, asked, unasked) if asks else None

    async def _ask(self, outcome: Outcome, asked: Asking, unasked: Outcome) -> Outcome:
        try:
            async with asyncio.timeout(self._wait_seconds):
                answered = await ask(self._answerer, asked)
            return self._with(outcome, asked, answered, due=answered.unknown)
        except TimeoutError:
            return unasked
        except Exception as error:  # noqa: BLE001 - the message is recorded all the same, and asked about later
            self._observer.emit(SideTaskFailed("origin", type(error).__name__, place(error)))
            return unasked

    def _with(self, outcome: Outcome, asked: Asking, answered: Answered, *, due: bool) -> Outcome:
        attribution = concluded(outcome.attribution, asked, answered, self._clock())
        if due and attribution.origin is Origin.UNKNOWN:
            later = without_person(asked).model_dump_json()
            attribution = attribution.model_copy(update={"origin_due": later})
        return outcome.model_copy(update={"attribution": attribution})


def without_person(asked: Asking) -> Asking:
    """The question as it is kept: of the envelope sender its domain alone (RFC 7208 4.3 puts
    `postmaster` before it).
    """
    at = asked.mail_from.rpartition("@")[1:]
    return asked.model_copy(update={"mail_from": "".join(at) if at[0] else ""})


async def ask(answerer: Answerer | None, asked: Asking) -> Answered:
    """Ask for everything that is open."""
    if answerer is None:
        return UNASKED
    found = await answerer.origin(question_of(asked))
    return Answered(found.dkim, found.spf, found.aligned_by, found.unknown)


def question_of(asked: Asking) -> OriginQuestion:
    """What is put to the process that asks names."""
    return OriginQuestion(
        signatures=tuple(
            KeyQuestion(
                domain=each.domain,
                selector=each.selector,
                algorithm=each.algorithm,
                digest=each.digest,
                signature=each.signature,
                below=each.below,
            )
            for each in asked.open[:MOST]
        ),
        from_domains=asked.from_domains[:MOST],
        client=asked.client,
        helo=asked.helo,
        mail_from=asked.mail_from,
    )


class LateOrigins:
    """The background task over what was not answered in time."""

    def __init__(
        self,
        answerer: Answerer | None,
        settled: Callable[[Origin, str | None], None],
        observer: Observer,
        clock: Clock,
    ) -> None:
        """`settled` counts what was found: an origin, and whose domain the message claims."""
        self._answerer = answerer
        self._settled = settled
        self._observer = observer
        self._clock = clock
        self._database: Database | None = None

    def connect(self, database: Database) -> None:
        """From now on there is a record to settle."""
        self._database = database

    async def run(self) -> None:
        """Look again and again; what fails is looked at the next time."""
        while True:
            await asyncio.sleep(LOOK_SECONDS)
            if self._database is None:
                continue
            try:
                while await self.look(self._database) == AT_ONCE:
                    pass
            except DatabaseUnavailable:
                continue
            except Exception as error:  # noqa: BLE001 - what is due stays due; no mail depends on it
                self._observer.emit(SideTaskFailed("origins", type(error).__name__, place(error)))

    async def look(self, database: Database) -> int:
        """Ask about what is due now; gives how many messages that were.

        Raises DatabaseUnavailable. Whoever takes a message puts its next look off in the same
        statement, so several daemons share the work, and a crash costs one pause.
        """
        now = self._clock()
        async with database.connection() as connection:
            await forget(connection, now - timedelta(days=5))
            if self._answerer is None:
                return 0
            taken = await claim(connection, now, AT_ONCE, FIRST_PAUSE, LONGEST_PAUSE)
        if not taken:
            return 0
        answers = await self._answers(taken)
        found = [each for each in answers if each]
        async with database.connection() as connection:
            rows = await settle(connection, found)
        for origin, agency in rows:
            self._settled(Origin(origin), agency)
        given_up = sum(each.origin is Origin.UNKNOWN for each in found)
        self._observer.emit(
            OriginsSettled(len(found) - given_up, given_up, len(taken) - len(found))
        )
        return len(taken)

    async def _answers(self, taken: Sequence[Due]) -> list[Settled | None]:
        room = asyncio.Semaphore(SIDE_BY_SIDE)

        async def one(due: Due) -> Settled | None:
            async with room:
                return await self._answer(due)

        return await asyncio.gather(*map(one, taken))

    async def _answer(self, due: Due) -> Settled | None:
        """None while it is to be asked again. Of several copies the best proof holds."""
        try:
            questions = _QUESTIONS.validate_json(due.asked)
        except ValidationError:  # of another version: it stays unknown
            return Settled(due.message_uid, due.asked, Origin.UNKNOWN, None)
        answers = [(asked, await ask(self._answerer, asked)) for asked in questions]
        now = self._clock()
        found = {origin_of(*each, now): evidence(*each) for each in answers}
        origin = next(each for each in _BEST if each in found)
        silent = any(answered.unknown for _, answered in answers)
        if origin is not Origin.ALIGNED and silent and due.tries < MAX_TRIES:
            return None
        return Settled(due.message_uid, due.asked, origin, found[origin])
