"""A stand-in for the process that asks about names."""

import asyncio
from collections.abc import Callable
from datetime import datetime

from monitor.model import CheckStatus
from monitor.posture.model import DomainPosture, GatewayState, GatewayTarget, Official
from monitor.posture.wire import Statistics
from monitor.posture.words import Reason
from tests.support.looks import PASS, look


class FakeDesk:
    """Answers at once what a test wants; says what it was asked."""

    def __init__(self, now: Callable[[], datetime]) -> None:
        self._now = now
        self.asked: list[tuple[str, Official]] = []
        self.probed: list[GatewayTarget] = []
        self.statuses: dict[str, CheckStatus] = {}
        """Of a domain's checks all; without one they pass."""
        self.gateway = PASS
        self.questions = {"found": 3}
        self.at_once = self.most_at_once = 0
        self.running = False

    @property
    def statistics(self) -> Statistics:
        return Statistics(questions=self.questions)

    async def run(self) -> None:
        self.running = True
        await asyncio.Event().wait()

    async def close(self) -> None:
        self.running = False

    async def check(self, domain: str, official: Official) -> DomainPosture:
        self.asked.append((domain, official))
        self.at_once += 1
        self.most_at_once = max(self.most_at_once, self.at_once)
        await asyncio.sleep(0)
        self.at_once -= 1
        return look(domain, self._now(), self.statuses.get(domain, PASS))

    async def probe(self, target: GatewayTarget) -> GatewayState:
        self.probed.append(target)
        return GatewayState(
            name=target.name, checked_at=self._now(), status=self.gateway, reason=Reason.FINE,
            certificate_not_after=self._now(), up=self.gateway is PASS, starttls=None,
            certificate_trusted=False,
        )  # fmt: skip
