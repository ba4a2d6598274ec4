"""What verdicts are judged by, and judging anew when that changes or is due.

Trust folders and who may sign as an agency's mailbox; the children have them, and what was recorded
by others is judged again (docs/decisions/0011-revalidation.md).
"""

import asyncio
import contextlib
from collections.abc import Callable

from monitor import clock, material
from monitor.errors import DatabaseUnavailable, PermanentError
from monitor.expose import Metrics
from monitor.isolate.pool import Pool
from monitor.knowledge import Knowledge
from monitor.lifecycle import ReloadRefused, SideTaskFailed, place
from monitor.material.events import TrustFileLeftOut
from monitor.model import TrustMaterial
from monitor.observe import Observer
from monitor.record import Mode, Rejudging
from monitor.revalidate import Fingerprints, Revalidation, fingerprints
from monitor.settings import Settings

REVALIDATION_SECONDS = 10.0
"""Between two looks for judgements that are due; a change of trust material is looked at once."""


class Judging:
    """`start` gives the children what they judge by; `connect` allows judging again."""

    def __init__(
        self,
        settings: Settings,
        mode: Mode,
        knowledge: Knowledge,
        metrics: Metrics,
        observer: Observer,
        overdue: Callable[[], bool],
    ) -> None:
        """While an item is `overdue`, nothing is judged again; raises UserError for the folders."""
        self._settings = settings
        self._knowledge = knowledge
        self._metrics = metrics
        self._observer = observer
        self._overdue = overdue
        self._trust = material.TrustFolders(settings.verify, real=mode is Mode.REAL)
        self._rights = knowledge.registry.mailbox_rights()
        self._told: set[material.Problem] = set()
        self.in_force = Fingerprints("", "")
        self._pool: Pool
        self._rejudging: Rejudging | None = None
        self._changed = asyncio.Event()

    @property
    def loaded(self) -> material.Loaded:
        """What the trust folders gave."""
        return self._trust.loaded

    def material(self) -> TrustMaterial:
        """What children judge by: the trust folders, and who may sign as an agency's mailbox."""
        return self.loaded.material.model_copy(update={"mailboxes": self._rights})

    async def start(self, pool: Pool) -> None:
        """These children were started with `material`."""
        self._pool = pool
        await self._put_in_force()
        self._tell_problems()

    def connect(self, rejudging: Rejudging) -> None:
        """From here on there are records to judge again."""
        self._rejudging = rejudging

    async def reload(self) -> None:
        """Take changed files over; what cannot be is said, and what was in force stays."""
        try:
            rights, self._rights = self._rights, self._knowledge.registry.mailbox_rights()
            if await asyncio.to_thread(self._trust.refresh) or rights != self._rights:
                await self._pool.renew(self.material())
                await self._put_in_force()
        except (PermanentError, OSError) as error:
            self._observer.emit(ReloadRefused("trust", str(error)))
        self._tell_problems()

    async def run(self) -> None:
        """Judge again what is due, when trust material has changed and every few seconds."""
        revalidation: Revalidation | None = None
        while True:
            with contextlib.suppress(TimeoutError):
                async with asyncio.timeout(REVALIDATION_SECONDS if revalidation else 0.2):
                    await self._changed.wait()
            self._changed.clear()
            if self._rejudging:
                revalidation = revalidation or self._revalidation(self._rejudging)
                try:
                    await self._judge_again(revalidation, self._rejudging)
                except DatabaseUnavailable:
                    continue  # what is due stays due
                except Exception as error:  # noqa: BLE001 - the same, and it is said
                    self._observer.emit(
                        SideTaskFailed("revalidate", type(error).__name__, place(error))
                    )

    async def _put_in_force(self) -> None:
        """All children have this trust material: what they judge from now on is judged by it."""
        found = await asyncio.to_thread(fingerprints, self.material())
        if self._rejudging:
            with contextlib.suppress(DatabaseUnavailable):  # the next pass says it again
                await self._rejudging.trust(*found)
        self.in_force = found
        self._changed.set()

    def _revalidation(self, rejudging: Rejudging) -> Revalidation:
        return Revalidation(
            rejudging,
            self._pool,
            self._knowledge.attribute_again,
            self._overdue,
            self._observer,
            clock.now,
            self._metrics.verdict_changed,
            self._metrics.revalidation_stands,
            width=self._settings.verify.children,
        )

    async def _judge_again(self, revalidation: Revalidation, rejudging: Rejudging) -> None:
        trust = await rejudging.trust(*self.in_force)
        await revalidation.catch_up(trust)
        self._metrics.revalidation_last_success.set_to_current_time()

    def _tell_problems(self) -> None:
        """Each file that is left out is said once, and again when it is mended and breaks anew."""
        problems = set(self.loaded.problems)
        for problem in sorted(problems - self._told):
            self._observer.emit(TrustFileLeftOut(problem.file.name, problem.why))
        self._told = problems
