"""`congvu privacy`: showing what is sealed, the audit log, the key, retention and erasure."""

import asyncio
import sys
import time
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import asdict
from datetime import datetime

from monitor import clock
from monitor.agencies.names import address_key
from monitor.clock import VIETNAM
from monitor.commands.pages import ErrorLine
from monitor.commands.tables import show, table
from monitor.commands.written import print_json
from monitor.errors import UserError
from monitor.explain import safe
from monitor.observe import Observer, configure_logging
from monitor.privacy import erasure, retention, rotation, showing
from monitor.privacy.erasure import Erasure
from monitor.privacy.retention import Share
from monitor.record import Sealer, attached, audit
from monitor.record.access import opened, reached
from monitor.record.audit import AuditEntry
from monitor.record.connection import Connection
from monitor.record.key_use import keys_alone, keys_in_use, share
from monitor.record.pseudonyms import parse, short
from monitor.settings import Settings

MIB = 1024 * 1024
SEALED_FIGURES = ("sealed", "by older keys")
BEYOND_FIGURES = ("months", "rows", "MiB")


def reveal(who: str, reason: str, as_json: bool, settings: Settings) -> int:
    """Print whom a pseudonym stands for; noted in the audit log first."""
    configure_logging("error", "console")
    pseudonym = parse(who)

    async def ask() -> list[showing.Shown]:
        async with attached(settings, Observer()) as database, database.connection() as connection:
            sealer = Sealer.load(settings.state_dir)
            return await showing.reveal(connection, sealer, pseudonym, audit.operator(), reason)

    for each in asyncio.run(ask()):
        if as_json:
            print_json(asdict(each))
            continue
        rows = [
            ("pseudonym", each.pseudonym),
            ("stands for", "erased" if each.erased else each.kind),
            ("name", each.name),
            ("known by", each.known_by if each.kind == "person" else None),
            *(("address", address) for address in each.addresses),
        ]
        for label, value in rows:
            if value:
                sys.stdout.write(f"{label:<12}{safe(value)}\n")
    return 0


def pseudonym(address: str, settings: Settings) -> int:
    """Print the pseudonym of an address. Status 1 when the record does not have it."""
    configure_logging("error", "console")
    key = address_key(address)
    if key is None:
        raise UserError(f"{address}: is no mail address")

    async def ask() -> tuple[int, bool]:
        async with attached(settings, Observer()) as database, database.connection() as connection:
            sealer = Sealer.load(settings.state_dir)
            return await showing.find(connection, sealer, key, audit.operator())

    found, known = asyncio.run(ask())
    sys.stdout.write(f"{short(found)}{'' if known else '  (not in the record)'}\n")
    return 0 if known else 1


def audit_log(since: datetime | None, as_json: bool, settings: Settings) -> int:
    """Print the audit log, newest first."""
    configure_logging("error", "console")
    begin = since.replace(tzinfo=VIETNAM) if since else None

    async def ask() -> list[AuditEntry]:
        async with attached(settings, Observer()) as database, database.connection() as connection:
            return await audit.entries(connection, begin)

    found = asyncio.run(ask())
    if as_json:
        for entry in found:
            print_json(asdict(entry))
        return 0
    listed = table("when", "who", "what", "of", "why", keep=("when",))
    for entry in found:
        listed.add_row(
            entry.at.astimezone(VIETNAM).strftime("%d/%m/%Y %H:%M:%S"),
            safe(entry.actor), entry.action, safe(entry.subject), safe(entry.reason),
        )  # fmt: skip
    show(listed)
    return 0


# -- the key ---------------------------------------------------------------------------------------


def rotate_key(apply: bool, reason: str, settings: Settings) -> int:
    """Say what a new key changes, or bring one in; an unfinished rotation is finished first."""
    configure_logging("error", "console")
    return asyncio.run(_rotate(settings, reason) if apply else _look(settings))


async def _look(settings: Settings) -> int:
    async with attached(settings, Observer()) as database, database.connection() as connection:
        counts = await rotation.counts(connection, Sealer.load(settings.state_dir))
        unfinished = await rotation.unfinished(connection)
    listed = table("table", "column", *SEALED_FIGURES, right=SEALED_FIGURES)
    for count in counts:
        listed.add_row(count.table, count.column, str(count.sealed), str(count.older))
    show(listed)
    if unfinished:
        sys.stdout.write("A rotation is unfinished: --apply seals the rest again.\n")
    else:
        sys.stdout.write(
            "--apply makes a new key, computes the pseudonyms of all addresses and people anew and "
            "seals everything again. Stop the daemon first.\n"
        )
    return 0


async def _rotate(settings: Settings, reason: str) -> int:
    progress = Progress()
    async with reached(settings, Observer()) as dsn:
        async with opened(dsn, settings, Observer()):
            pass  # the schema is ours
        async with keys_in_use(dsn, settings.state_dir) as session:
            unfinished = await rotation.unfinished(session)
            if unfinished:
                return await _seal_again(session, Sealer.load(settings.state_dir), progress)
        async with keys_alone(dsn, settings.state_dir) as session:
            today = clock.vietnam_day(clock.now())
            sealer = await rotation.change_key(
                session, settings.state_dir, today, audit.operator(), reason, progress.rows
            )
            await share(session)
            progress.end()
            sys.stdout.write(
                "The new key is in force and the daemon may run again. Back up "
                f"{settings.state_dir}/sealing.key now.\n"
            )
            with suppress(BrokenPipeError):  # said now, in a pipe too; sealing goes on in any case
                sys.stdout.flush()
            return await _seal_again(session, sealer, progress)


async def _seal_again(connection: Connection, sealer: Sealer, progress: "Progress") -> int:
    done = await rotation.seal_again(connection, sealer, progress.rows)
    progress.end()
    sys.stdout.write(f"{done} values of messages, documents and signatures sealed again.\n")
    return 0


def forget_old(reason: str, settings: Settings) -> int:
    """Remove older keys, once nothing needs them."""
    configure_logging("error", "console")

    async def ask() -> int:
        async with attached(settings, Observer()) as database, database.connection() as connection:
            sealer = Sealer.load(settings.state_dir)
            return await rotation.forget_older(
                connection, settings.state_dir, sealer, audit.operator(), reason
            )

    sys.stdout.write(f"Older keys removed: {asyncio.run(ask())}.\n")
    return 0


# -- retention and erasure -------------------------------------------------------------------------


def retain(apply: bool, as_json: bool, settings: Settings) -> int:
    """Say what is beyond the retention settings, or remove it."""
    configure_logging("error", "console")
    progress = Progress()

    async def ask() -> list[Share]:
        found = []
        async with attached(settings, Observer()) as database, database.connection() as connection:
            today = clock.vietnam_day(clock.now())
            for limit in retention.limits(settings.privacy, settings.posture, today):
                found += (
                    await retention.apply(connection, limit, audit.operator(), progress.say)
                    if apply
                    else await retention.plan(connection, limit)
                )
        return found

    found = asyncio.run(ask())
    progress.end()
    _print_shares(found, as_json)
    if not as_json:
        rows = sum(each.rows for each in found)
        done = "removed" if apply else "would be removed by --apply"
        sys.stdout.write(f"{rows} rows {done}; figures stay as they are.\n")
    return 0


def _print_shares(shares: Sequence[Share], as_json: bool) -> None:
    if as_json:
        for each in shares:
            print_json(asdict(each))
        return
    listed = table("what", "table", "before", *BEYOND_FIGURES, right=BEYOND_FIGURES)
    for each in shares:
        listed.add_row(
            each.what, each.table, each.before.strftime("%d/%m/%Y"), str(each.months),
            str(each.rows), f"{each.bytes / MIB:.1f}",
        )  # fmt: skip
    show(listed)


def erase(who: str | None, apply: bool, reason: str | None, settings: Settings) -> int:
    """Say how many people and addresses erasing removes, or erase them."""
    configure_logging("error", "console")
    if apply and not reason:
        raise UserError("--apply needs --reason: it is written to the audit log")

    async def ask() -> Erasure:
        today = clock.vietnam_day(clock.now())
        async with attached(settings, Observer()) as database, database.connection() as connection:
            sealer = Sealer.load(settings.state_dir)
            if who:
                people = [await erasure.one(connection, parse(who), today)]
            else:
                days = settings.privacy.erase_after_days
                if days is None:
                    raise UserError("privacy.erase_after_days is not set: name a --person")
                people = await erasure.due(connection, today, days)
            if not apply:
                return await erasure.plan(connection, sealer, people, today)
            actor = audit.operator()
            return await erasure.apply(connection, sealer, people, today, actor, reason or "")

    found = asyncio.run(ask())
    verb = "erased" if apply else "would be erased by --apply"
    sys.stdout.write(
        f"{found.people} people and {found.addresses} addresses {verb}, and the sender of "
        f"{found.senders} messages and documents; figures stay as they are.\n"
    )
    if found.still_open:
        sys.stdout.write(
            f"{found.still_open} addresses stay until their accounts are closed: "
            "`congvu roster` reports name them.\n"
        )
    return 0


class Progress(ErrorLine):
    """How far a long step is."""

    def __init__(self) -> None:
        super().__init__()
        self._shown = 0.0

    def rows(self, what: str, done: int) -> None:
        self.say(f"{what}: {done}")

    def say(self, text: str) -> None:
        """At most a few times a second."""
        if time.monotonic() - self._shown > 0.2:
            self._shown = time.monotonic()
            self.show(text)

    def end(self) -> None:
        if self._shown:
            self.clear()
            self._shown = 0.0
