"""What the daemon wires between the flow and the children: every item extracted, some verified."""

import asyncio
import time
import uuid
from collections.abc import Callable
from typing import Protocol

from monitor.clock import Clock
from monitor.errors import DatabaseUnavailable
from monitor.model import Channel, Drawing, Examined, ItemHeader, PayloadKind
from monitor.observe import Observer
from monitor.record import Database, Sealer, sampling
from monitor.record.sampling import ALL, SetRate
from monitor.sampling import control, drawing
from monitor.sampling.control import Watch
from monitor.sampling.events import (
    SamplingRateInForce,
    SamplingRateStepped,
    SamplingRecordUnread,
)
from monitor.sampling.rates import LEAD_SECONDS, Rates
from monitor.settings import SamplingSettings

REFRESH_SECONDS = 5.0
RETRY_SECONDS = 1.0
SEEN_SECONDS = 60.0
"""A node that was not seen for so long has no say any more."""
_LARGE_BYTES = 1024 * 1024
"""A larger body is hashed in a thread."""


class Children(Protocol):
    """Whoever examines items: the pool of children."""

    async def examine(self, header: ItemHeader, body: bytes) -> Examined: ...
    async def extract(self, header: ItemHeader, body: bytes) -> Examined: ...


class Sampling:
    """Draws items at the rate in force, keeps that rate's copy, and steps it under a backlog."""

    def __init__(
        self,
        children: Children,
        settings: SamplingSettings,
        backlog: Callable[[], tuple[float, bool]],
        observer: Observer,
        clock: Clock,
        lead_seconds: float = LEAD_SECONDS,
        monotonic: Callable[[], float] = time.monotonic,
    ) -> None:
        """`backlog` gives the age of the oldest waiting item in seconds, and whether recording is
        what it waits for.
        """
        self._children = children
        self._settings = settings
        self._backlog = backlog
        self._observer = observer
        self._clock = clock
        self._lead_seconds = lead_seconds
        self._monotonic = monotonic
        self._rates = Rates(clock, monotonic)
        self._watch = Watch(settings)
        self._node = uuid.uuid4()
        self._told: dict[Channel, float] = dict.fromkeys(Channel, 1.0)
        self._database: Database | None = None
        self._sealer: Sealer | None = None

    def connect(self, database: Database, sealer: Sealer) -> None:
        """From here on there is a record to read rates from, and a secret to draw by."""
        self._database, self._sealer = database, sealer

    @property
    def lowest(self) -> float:
        """The lowest rate in force over all channels."""
        return min(self._rates.now(channel) for channel in Channel)

    # -- items ------------------------------------------------------------------------------------

    async def examine(self, header: ItemHeader, body: bytes) -> tuple[Examined, Drawing]:
        """Everything a child says of an item; of what is not drawn, all but verdicts.

        At rate 1 in one pass. Below, a mail is extracted first: only then its key is known.
        """
        rate = await self._rates.of(header.channel)
        if rate >= 1 or self._sealer is None:
            return await self._children.examine(header, body), Drawing()
        if header.kind is not PayloadKind.MAIL:
            drawn = drawing.draw(self._sealer, await _file_key(header, body), rate)
            ask = self._children.examine if drawn.drawn else self._children.extract
            return await ask(header, body), drawn
        extracted = await self._children.extract(header, body)
        drawn = drawing.draw(self._sealer, drawing.message_key(header, extracted), rate)
        if drawn.drawn:
            return await self._children.examine(header, body), drawn
        return extracted, drawn

    # -- the rate ---------------------------------------------------------------------------------

    async def keep(self) -> None:
        """Read the shared record every few seconds, and step the rate where it is due."""
        while True:
            pause = RETRY_SECONDS
            if self._database:
                try:
                    await self.look(self._database)
                    pause = REFRESH_SECONDS
                except Exception as error:  # noqa: BLE001 - asked again in a second
                    self._watch.forget()
                    known = isinstance(error, DatabaseUnavailable)
                    if not known or not self._rates.fresh:
                        reason = "unavailable" if known else type(error).__name__
                        self._observer.emit(SamplingRecordUnread(reason))
            await asyncio.sleep(pause)

    async def look(self, database: Database) -> None:
        """Step the shared rate if it is due, and take over what the record says."""
        if self._settings.automatic:
            await self._step(database)
        asked_at = self._monotonic()
        async with database.connection() as connection:
            rows = await sampling.read(connection)
        self._rates.take(rows, asked_at)
        self._tell()

    async def _step(self, database: Database) -> None:
        stand = self._watch.look(self._monotonic(), *self._backlog())
        async with database.connection() as connection, connection.transaction():
            await sampling.alone(connection)
            stands, now = await sampling.report(connection, self._node, stand, SEEN_SECONDS)
            rows = await sampling.read(connection)
            rate = control.step(rows, stands, now, self._settings)
            if rate is None:
                return
            before = sampling.newest(rows, ALL, now)
            held = before.rate if before and before.rate is not None else 1.0
            why = "backlog" if rate < held else "drained"
            await sampling.write(
                connection, ALL, rate, self._lead_seconds, by_hand=False, reason=why
            )
        oldest = max(each.oldest_seconds for each in stands)
        self._observer.emit(SamplingRateStepped(held, rate, why, round(oldest)))

    def _tell(self) -> None:
        """Say once that another rate is in force."""
        for channel in Channel:
            rate, before = self._rates.now(channel), self._told[channel]
            if rate != before:
                self._told[channel] = rate
                by_hand = _by_hand(self._rates.rows, channel, self._clock)
                self._observer.emit(SamplingRateInForce(channel, before, rate, by_hand))


def _by_hand(rows: tuple[SetRate, ...], channel: Channel, clock: Clock) -> bool:
    own = sampling.newest(rows, channel, clock())
    found = own if own and own.rate is not None else sampling.newest(rows, ALL, clock())
    return found is None or found.by_hand


async def _file_key(header: ItemHeader, body: bytes) -> bytes:
    if len(body) < _LARGE_BYTES:
        return drawing.file_key(header, body)
    loop = asyncio.get_running_loop()
    return await loop.run_in_executor(None, drawing.file_key, header, body)
