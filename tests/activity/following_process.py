"""A process that follows one small log, to be killed: DSN, state folder, log."""

import asyncio
import sys
from pathlib import Path

from monitor.activity.folding import Folding
from monitor.activity.logs import Logs
from monitor.clock import now
from monitor.observe import Observer, configure_logging
from monitor.record import Database, Mode, Sealer
from monitor.settings import DatabaseSettings, LogSource
from tests.activity.small_logs import SmallReader, Told, belongs


async def main(dsn: str, state: Path, path: Path) -> None:
    observer = Observer()
    database = await Database.open(dsn, Mode.REAL, DatabaseSettings(), observer)
    logs = Logs(Folding(belongs, (), now), SmallReader, Told(), lambda *_: None, observer, now)
    logs.connect(database, Sealer.load(state))
    source = LogSource(name="small", format="postfix", path=path, poll_seconds=0.02)
    await logs.follow(source)


if __name__ == "__main__":
    configure_logging("info", "json")
    asyncio.run(main(sys.argv[1], Path(sys.argv[2]), Path(sys.argv[3])))
