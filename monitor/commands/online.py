"""`congvu verify --online`: what the signatures of some files lack is fetched first."""

import sys
from collections.abc import Iterable, Iterator
from uuid import uuid4

from monitor import clock
from monitor.errors import UserError
from monitor.fetch.online import online
from monitor.fetch.wire import EXPLAINED
from monitor.isolate.pool import Pool
from monitor.model import Channel, Examined, ItemHeader, PayloadKind, TrustMaterial
from monitor.settings import Settings


async def completed(
    files: Iterable[bytes], pool: Pool, trust: TrustMaterial, settings: Settings
) -> TrustMaterial:
    """The trust material with what `[fetch] hosts` know of the files' signatures.

    Files are read in the pool's children; the certificates kept of their signatures name the
    addresses. Says on standard error what could not be had.
    """
    if not settings.fetch.hosts:
        raise UserError("--online may ask nobody: name hosts in the settings, [fetch] hosts = […]")
    holders: dict[bytes, None] = {}
    for data in files:
        examined = await pool.examine(_header(len(data)), data)
        holders |= dict.fromkeys(_kept(examined))
    fetched = await online(trust, tuple(holders), settings)
    for url, outcome in dict.fromkeys(fetched.outcomes):
        if not outcome.good:
            sys.stderr.write(f"congvu: {url or 'fetching'}: {EXPLAINED[outcome]}\n")
    return fetched.material


def _header(size: int) -> ItemHeader:
    return ItemHeader(
        item_id=uuid4().hex,
        kind=PayloadKind.DOCUMENT,
        source="verify",
        channel=Channel.DOCSYS,
        received_at=clock.now(),
        live=False,
        size=size,
    )


def _kept(examined: Examined) -> Iterator[bytes]:
    judgements = [document.judgement.kept for document in examined.documents]
    for kept in (examined.kept, *judgements):
        yield from kept.blobs if kept else ()
