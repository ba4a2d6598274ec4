"""The record: PostgreSQL as the only truth, written idempotently in batches.

`EmbeddedPostgres` supervises the bundled server, `Database` opens and migrates any server,
`Recorder` writes outcomes, `Rejudging` takes verdicts over that were made again, `queries` read
them back. SQL lives in `migrations/` and `sql/`.
"""

from monitor.record.access import attached
from monitor.record.agencies import AgencyRow, RegistryEntry
from monitor.record.database import Database, Mode
from monitor.record.embedded import EmbeddedPostgres, running_dsn
from monitor.record.recorder import Decision, PoisonedItem, Recorder
from monitor.record.rejudging import Rejudging
from monitor.record.sealing import Sealer

__all__ = [
    "AgencyRow",
    "Database",
    "Decision",
    "EmbeddedPostgres",
    "Mode",
    "PoisonedItem",
    "Recorder",
    "RegistryEntry",
    "Rejudging",
    "Sealer",
    "attached",
    "running_dsn",
]
