"""Judging recorded evidence again in the background, behind everything fresh.

What is due is the record's to know, so a pass may be cut off anywhere and several daemons may work
at once. A verdict is only ever replaced by another verdict: what no child can judge stands.
"""

import asyncio
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from itertools import count
from typing import Protocol

from monitor.clock import Clock
from monitor.model import Finding, KeptEvidence, Moment, Verdict
from monitor.observe import Observer
from monitor.record import judging
from monitor.record.rejudging import (
    Attribute,
    Backlog,
    Changed,
    Claimed,
    Overtaken,
    TrustNow,
)
from monitor.revalidate.events import EvidenceStuck, RevalidationPassed, VerdictChanged

AT_ONCE = 32
"""Judgements claimed together; each may hold 5 MB of evidence, though 17 KB is usual."""
TOLD_EVERY = 20
"""Claims between two looks at how much is left: a pass over a million takes long."""
TAKEOVERS = 2
"""At once: each waits for the database most of its time, and needs a connection of its own."""
LOOK_SECONDS = 0.5
"""How often it is asked whether fresh items still wait."""


class Judges(Protocol):
    """The pool of children."""

    async def rejudge(self, kept: KeptEvidence, name: str, moment: Moment) -> Verdict | Finding:
        """The verdict, or the finding that stands for none."""


class Store(Protocol):
    """The record's side: `monitor.record.Rejudging`."""

    async def trust(self, fingerprint: str, basis: str) -> TrustNow: ...
    async def claim(self, trust: TrustNow, now: datetime, most: int) -> list[Claimed]: ...
    async def release(self, claimed: Sequence[Claimed]) -> None: ...
    async def unchanged(
        self, judged: Sequence[tuple[Claimed, Verdict]], trust: TrustNow, now: datetime
    ) -> None: ...
    async def changed(
        self,
        claimed: Claimed,
        verdict: Verdict,
        attribute: Attribute,
        trust: TrustNow,
        now: datetime,
    ) -> list[Changed]: ...
    async def failed(
        self, claimed: Claimed, failure: Finding, trust: TrustNow, now: datetime
    ) -> bool: ...
    async def follow_up(self, now: datetime) -> int: ...
    async def backlog(self, trust: TrustNow, now: datetime) -> Backlog: ...


@dataclass(frozen=True, slots=True)
class Progress:
    """What one pass did."""

    judged: int = 0
    changed: int = 0
    failed: int = 0


class Revalidation:
    """Passes over what is due."""

    def __init__(
        self,
        store: Store,
        judges: Judges,
        attribute: Attribute,
        busy: Callable[[], bool],
        observer: Observer,
        clock: Clock,
        changed: Callable[[Changed], None] = lambda _: None,
        stands: Callable[[Backlog], None] = lambda _: None,
        width: int = 1,
    ) -> None:
        """`busy` says that fresh items wait; `width` judgements are in flight at most.

        `changed` is told every change, `stands` now and then how much is left.
        """
        self._store = store
        self._judges = judges
        self._attribute = attribute
        self._busy = busy
        self._observer = observer
        self._clock = clock
        self._changed = changed
        self._stands = stands
        self._room = asyncio.Semaphore(width)
        self._progress = Progress()

    async def catch_up(self, trust: TrustNow) -> Progress:
        """Judge until nothing is due by this trust material.

        Raises DatabaseUnavailable; what was claimed then is free again after a while.
        """
        self._progress = Progress()
        for claims in count():
            await self._quiet()
            if claims % TOLD_EVERY == 0:
                await self._tell(trust)
            claimed = await self._store.claim(trust, self._clock(), AT_ONCE)
            if claimed:
                await self._judge(claimed, trust)
            elif not await self._store.follow_up(self._clock()):
                break
        if self._progress.judged or self._progress.failed:
            await self._tell(trust)
            done = self._progress
            self._observer.emit(RevalidationPassed(done.judged, done.changed, done.failed))
        return self._progress

    async def _tell(self, trust: TrustNow) -> None:
        self._stands(await self._store.backlog(trust, self._clock()))

    async def _quiet(self) -> None:
        while self._busy():  # noqa: ASYNC110 - the spool has no event for it
            await asyncio.sleep(LOOK_SECONDS)

    async def _judge(self, claimed: Sequence[Claimed], trust: TrustNow) -> None:
        async with asyncio.TaskGroup() as group:
            tasks = [group.create_task(self._verdict(each)) for each in claimed]
        same: list[tuple[Claimed, Verdict]] = []
        other: list[tuple[Claimed, Verdict]] = []
        left: list[Claimed] = []
        for each, task in zip(claimed, tasks, strict=True):
            said = task.result()
            if said is None:
                left.append(each)
            elif isinstance(said, Finding):
                await self._failed(each, said, trust)
            elif judging.digest(said) == each.digest and not each.due_for:
                same.append((each, said))
            else:
                other.append((each, said))
        await self._take_over_all(other, trust)
        await self._store.unchanged(same, trust, self._clock())
        self._count(judged=len(same))
        if left:
            await self._store.release(left)

    async def _verdict(self, claimed: Claimed) -> Verdict | Finding | None:
        """What a child says now; None when fresh items came first."""
        async with self._room:
            if self._busy():
                return None
            moment = Moment(now=self._clock(), receipt=claimed.receipt_at)
            said = await self._judges.rejudge(claimed.kept, "", moment)
        if isinstance(said, Verdict) and not judging.replaces(said, claimed.overall):
            return Finding.VERIFIER_FAULT
        return said

    async def _take_over_all(
        self, judged: Sequence[tuple[Claimed, Verdict]], trust: TrustNow
    ) -> None:
        room = asyncio.Semaphore(TAKEOVERS)

        async def take_over(claimed: Claimed, verdict: Verdict) -> None:
            async with room:
                await self._take_over(claimed, verdict, trust)

        results = await asyncio.gather(
            *(take_over(*each) for each in judged), return_exceptions=True
        )
        for error in results:
            if error:
                raise error

    async def _take_over(self, claimed: Claimed, verdict: Verdict, trust: TrustNow) -> None:
        try:
            changes = await self._store.changed(
                claimed, verdict, self._attribute, trust, self._clock()
            )
        except Overtaken:
            return  # free again when the claim ends
        for change in changes:
            self._changed(change)
            self._observer.emit(
                VerdictChanged(change.owner, change.before, change.after, change.reason)
            )
        self._count(judged=1, changed=len(changes))

    async def _failed(self, claimed: Claimed, failure: Finding, trust: TrustNow) -> None:
        if await self._store.failed(claimed, failure, trust, self._clock()):
            self._observer.emit(EvidenceStuck(str(claimed.evidence_id), failure.value))
        self._count(failed=1)

    def _count(self, judged: int = 0, changed: int = 0, failed: int = 0) -> None:
        done = self._progress
        self._progress = replace(
            done,
            judged=done.judged + judged,
            changed=done.changed + changed,
            failed=done.failed + failed,
        )
