"""Everything that names are asked for, by one process: mail domains, gateways, origins of messages.

The daemon starts it as it starts the measuring; what it is made of and why: docs/posture.md,
docs/decisions/0027-names-process.md, docs/decisions/0029-origin.md.
"""

from collections.abc import Coroutine, Mapping

from monitor import clock
from monitor.expose import Metrics
from monitor.knowledge import Knowledge
from monitor.observe import Observer
from monitor.origin import LateOrigins, Origins
from monitor.posture.desk import Desk
from monitor.posturing import Posturing
from monitor.record import Database
from monitor.settings import Settings


class DomainWatch:
    """`origins` asks for the flow; the rest goes by itself once there is a database."""

    def __init__(
        self, settings: Settings, knowledge: Knowledge, metrics: Metrics, observer: Observer
    ) -> None:
        """Raises UserError when posture.more_domains names an agency that there has never been."""
        desk = Desk(settings.dns, observer)
        self._posturing = Posturing(
            settings, desk, lambda: knowledge.registry, knowledge.freemail.lists, observer
        )
        answerer = desk if settings.dns.resolvers and settings.origin.dkim else None
        self.origins = Origins(
            knowledge.asking, answerer, settings.origin.wait_seconds, observer, clock.now
        )
        self._late = LateOrigins(answerer, metrics.origin_found, observer, clock.now)

    def connect(self, database: Database) -> None:
        """From here on there is somewhere to store what is seen."""
        self._posturing.connect(database)
        self._late.connect(database)

    def tasks(self) -> Mapping[str, Coroutine[None, None, None]]:
        """Everything that is asked again and again, by name."""
        return {**self._posturing.tasks(), "origins": self._late.run()}

    def rendered(self) -> bytes:
        """The families that are made when they change, in the text format of Prometheus."""
        return self._posturing.rendered()
