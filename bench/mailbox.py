"""Mails a second out of an IMAP mailbox until they are moved, beside a plain imaplib loop.

    python -m bench.mailbox [directory] [--messages 2000] [--kilobytes 50] [--rounds 3]

Both read the same mails from the same Dovecot over TLS in the same run. The plain loop fetches each
mail, writes it into a file without waiting for the disk, and moves it: a script of ten lines.
congvu's intake makes each mail durable in its spool (fsync), and moves it once the record has it,
which is taken as done here: the database is measured in `bench.endtoend`. Beside them the same
mails out of a Maildir.
"""

import argparse
import asyncio
import imaplib
import shutil
import ssl
import statistics
import tempfile
import time
from collections.abc import Awaitable, Callable, Sequence
from pathlib import Path

import uvloop

from monitor.collect.imap import MailboxIntake
from monitor.collect.mail_folder import MailFolderIntake
from monitor.model import ItemHeader
from monitor.observe import Observer, configure_logging
from monitor.settings import MailFolderSource, SpoolSettings
from monitor.spool import Spool
from tests.collect.pulling import mail
from tests.support.dovecot import PASSWORD, USER, Dovecot
from tests.support.needs import find

MAX_BYTES = 64 * 1024 * 1024


class SpoolAsRecord:
    """A spool on the disk; what it has is taken as recorded."""

    def __init__(self, spool: Spool) -> None:
        self._spool = spool
        self._ids: set[str] = set()

    async def give(self, header: ItemHeader, body: Sequence[bytes], /) -> None:
        await self._spool.append(header, body)
        self._ids.add(header.item_id)

    async def recorded(self, ids: Sequence[str], /) -> set[str]:
        return self._ids & set(ids)


async def timed(
    folder: Path,
    intake: Callable[[SpoolAsRecord], Awaitable[None]],
    is_done: Callable[[], bool],
) -> float:
    """Seconds until an intake on a fresh spool has done its work."""
    spool = Spool.open(folder / "spool", SpoolSettings(min_free_bytes=0), Observer())
    async with asyncio.TaskGroup() as group:
        writing = group.create_task(spool.run())
        started = time.perf_counter()

        async def work() -> None:
            await intake(SpoolAsRecord(spool))

        reading = group.create_task(work())
        while not await asyncio.to_thread(is_done):
            await asyncio.sleep(0.05)
        taken = time.perf_counter() - started
        reading.cancel()
        await spool.close()
        writing.cancel()
    return taken


def by_congvu(folder: Path, mails: Sequence[bytes]) -> float:
    with Dovecot() as dovecot:
        dovecot.deliver(mails)
        archive = dovecot.root / "mail" / ".Archive"

        def is_done() -> bool:
            return sum(1 for _ in archive.glob("[cn][ue][rw]/*")) == len(mails)

        def intake(parts: SpoolAsRecord) -> Awaitable[None]:
            source = dovecot.source(poll_seconds=1)
            return MailboxIntake(
                source, parts.give, parts.recorded, lambda _: None, MAX_BYTES, Observer()
            ).run()

        return uvloop.run(timed(folder, intake, is_done))


def by_maildir(folder: Path, mails: Sequence[bytes]) -> float:
    box = folder / "Maildir"
    for name in ("tmp", "new", "cur"):
        (box / name).mkdir(parents=True)
    for number, raw in enumerate(mails):
        (box / "new" / f"{int(time.time())}.M{number}.bench").write_bytes(raw)
    archive = box / ".Archive" / "cur"

    def is_done() -> bool:
        return archive.is_dir() and len(list(archive.iterdir())) == len(mails)

    def intake(parts: SpoolAsRecord) -> Awaitable[None]:
        source = MailFolderSource(name="box", path=box, poll_seconds=0.1)
        return MailFolderIntake(
            source, parts.give, parts.recorded, lambda _: None, MAX_BYTES, Observer()
        ).run()

    return uvloop.run(timed(folder, intake, is_done))


def by_script(folder: Path, mails: Sequence[bytes]) -> float:
    with Dovecot() as dovecot:
        dovecot.deliver(mails)
        context = ssl.create_default_context(cafile=str(dovecot.issuer.path))
        started = time.perf_counter()
        with imaplib.IMAP4_SSL("127.0.0.1", dovecot.tls_port, ssl_context=context) as client:
            client.authenticate("PLAIN", lambda _: f"\0{USER}\0{PASSWORD}".encode())
            client.create("Archive")
            client.select("INBOX")
            for uid in client.uid("SEARCH", "ALL")[1][0].split():
                body = client.uid("FETCH", uid, "(BODY.PEEK[])")[1][0][1]
                (folder / uid.decode()).write_bytes(body)
                client.uid("MOVE", uid, "Archive")
        return time.perf_counter() - started


def main() -> None:
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("directory", nargs="?", type=Path, default=Path())
    parser.add_argument("--messages", type=int, default=2000)
    parser.add_argument("--kilobytes", type=int, default=50)
    parser.add_argument("--rounds", type=int, default=3)
    args = parser.parse_args()
    if find("dovecot") is None:
        raise SystemExit("dovecot is not installed (Debian: apt-get install dovecot-imapd)")
    configure_logging("error", "json")
    mails = [mail(number, args.kilobytes * 1024) for number in range(args.messages)]
    ways = {"plain imaplib": by_script, "congvu, IMAP": by_congvu, "congvu, Maildir": by_maildir}
    rates: dict[str, list[float]] = {name: [] for name in ways}
    for _ in range(args.rounds):
        for name, run in ways.items():
            folder = Path(tempfile.mkdtemp(prefix="bench-mailbox-", dir=args.directory)).resolve()
            try:
                rates[name].append(len(mails) / run(folder, mails))
            finally:
                shutil.rmtree(folder)
    plain = statistics.median(rates["plain imaplib"])
    print(f"{len(mails)} mails of {args.kilobytes} KB, median of {args.rounds} rounds")
    for name, found in rates.items():
        rate = statistics.median(found)
        print(f"{name:18}{rate:8.0f} mails/s {rate / plain:6.1f} x plain imaplib")


if __name__ == "__main__":
    main()
