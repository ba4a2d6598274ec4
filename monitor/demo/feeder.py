"""The feeder: sends the province's mails over SMTP and its documents through the folders.

It keeps a steady pace, waits while the intake is away and delivers then what it holds: nothing is
skipped, nothing is sent twice but what the story says.
"""

import asyncio
import json
from collections import deque
from dataclasses import asdict, dataclass
from datetime import datetime

from monitor.clock import Clock
from monitor.clock import now as system_clock
from monitor.demo.axis import file_messages
from monitor.demo.documents import DocumentMaker
from monitor.demo.events import DemoFeederWaiting, DemoMessageRefused
from monitor.demo.files import prune
from monitor.demo.gateway import Deliver, GatewayClient, PutOff, Refused, file_document
from monitor.demo.past import Past
from monitor.demo.province import DemoPlan
from monitor.demo.scenarios import Storyteller
from monitor.demo.sendings import AxisSending, Expectation, FolderSending, MailSending, Sending
from monitor.observe import Observer

SENT_KEPT = 10_000
TRUTH_FILE = "truth.jsonl"
"""In the state folder: one JSON line a sending, the first `SENT_KEPT` of a run."""
FIRST_PAUSE_SECONDS = 0.5
LONGEST_PAUSE_SECONDS = 5.0
PRUNE_EVERY = 50


@dataclass(frozen=True)
class Sent:
    """One sending that the intake accepted (for the folder: that was put there)."""

    at: datetime
    expected: Expectation


class Feeder:
    """Feeds one prepared province; `sent` is the truth about the newest sendings."""

    def __init__(
        self,
        plan: DemoPlan,
        rate: float = 2.0,
        clock: Clock = system_clock,
        observer: Observer | None = None,
        deliver: Deliver | None = None,
    ) -> None:
        """`rate` is sendings a second, at most; a machine that cannot keep up sends fewer.

        `deliver` replaces the SMTP client.
        """
        self.plan = plan
        self.sent: deque[Sent] = deque(maxlen=SENT_KEPT)
        self.stories = Storyteller(plan.pki, plan.mail_key, plan.seed, plan.run, clock())
        self._rate = rate
        self._clock = clock
        self._observer = observer or Observer()
        self._client = GatewayClient("127.0.0.1", plan.smtp_port, plan.journal_address)
        self._deliver = deliver or self._client
        self._filed = 0
        self._noted = 0

    async def run(self, limit: int | None = None) -> None:
        """Feed until cancelled, or until `limit` sendings were made."""
        loop = asyncio.get_running_loop()
        due = loop.time()
        try:
            for number, name in enumerate(self.stories.order()):
                if number == limit:
                    break
                await asyncio.sleep(due - loop.time())
                due = max(due + 1 / self._rate, loop.time())
                await self._send(await self.stories.tell(name, self._clock()))
        finally:
            self._client.close()

    async def _send(self, sending: Sending) -> None:
        self.plan.mail_system.live(self._clock())
        if isinstance(sending, MailSending):
            self.plan.mail_system.sent(sending, self._clock())
            for payload in sending.payloads:
                if not await self._insist(sending.mail_from, payload):
                    return
        else:
            await asyncio.to_thread(self._file, sending)
        self.note(sending.expected, self._clock())

    def _file(self, sending: FolderSending | AxisSending) -> None:
        self._filed += 1
        stem = f"{self.plan.run:03d}{self._filed:06d}"
        if isinstance(sending, AxisSending):
            file_messages(self.plan.axis, list(sending.messages()), stem)
            self.plan.register.dispatched(sending.dispatch)
        else:
            name = file_document(self.plan.inbox, sending.file, stem)
            self.plan.register.filed(sending.file, name)
        if self._filed % PRUNE_EVERY == 0:
            prune(self.plan.inbox / "done")
            prune(self.plan.axis / "done")

    async def hand_over_past(self, past: Past) -> None:
        """Hand over what was sent before the province was made."""
        plan = self.plan
        maker, reached = DocumentMaker(plan.pki, plan.seed), plan.state_dir / "past.txt"
        await past.feed(maker, plan.archive, plan.inbox, self.note, reached)

    def note(self, expected: Expectation, at: datetime) -> None:
        """Keep the truth about a sending for whoever compares it with the record."""
        sent = Sent(at, expected)
        self.sent.append(sent)
        self._noted += 1
        if self._noted <= SENT_KEPT:
            line = json.dumps({"at": sent.at.isoformat(), **asdict(sent.expected)})
            mode = "w" if self._noted == 1 else "a"
            with (self.plan.state_dir / TRUTH_FILE).open(mode, encoding="utf-8") as file:
                file.write(line + "\n")

    async def _insist(self, mail_from: str, payload: bytes) -> bool:
        """Deliver, however often it is put off; False if it was refused for good."""
        pause = FIRST_PAUSE_SECONDS
        while True:
            try:
                await asyncio.to_thread(self._deliver, mail_from, payload)
            except PutOff as reason:
                self._observer.emit(DemoFeederWaiting(reason.code))
                await asyncio.sleep(pause)
                pause = min(pause * 2, LONGEST_PAUSE_SECONDS)
            except Refused as reason:
                self._observer.emit(DemoMessageRefused(reason.code))
                return False
            else:
                return True
