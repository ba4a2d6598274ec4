"""The recorder of a daemon whose database is not there yet."""

from collections.abc import Sequence

from monitor.errors import DatabaseUnavailable
from monitor.model import Outcome
from monitor.record.recorder import Decision, Recorder


class LateRecorder:
    """A recorder that may not be there yet: then the items wait in the spool."""

    def __init__(self) -> None:
        self.recorder: Recorder | None = None

    async def write(self, batch: Sequence[Outcome]) -> Sequence[Decision]:
        if self.recorder is None:
            raise DatabaseUnavailable("not connected yet")
        return await self.recorder.write(batch)
