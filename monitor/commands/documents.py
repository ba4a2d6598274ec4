"""`congvu documents`: the rows behind a figure, and everything recorded of one document."""

import asyncio
import sys
from collections.abc import Iterator
from dataclasses import asdict
from datetime import datetime
from functools import partial

from monitor.clock import VIETNAM
from monitor.commands.document_page import document_page, plain_number
from monitor.commands.pages import show_page
from monitor.commands.tables import show, table
from monitor.commands.written import print_json
from monitor.explain import Catalogue, Line, Page, catalogue, safe
from monitor.model import Language
from monitor.observe import Observer, configure_logging
from monitor.record import Sealer, audit, queries
from monitor.record.access import attached
from monitor.record.queries import DocumentRecord, Explained, Revealed, Wanted
from monitor.settings import Settings


def list_documents(wanted: Wanted, as_json: bool, settings: Settings) -> int:
    """Print the documents that meet the conditions, newest first."""
    configure_logging("error", "console")

    async def ask() -> list[DocumentRecord]:
        async with attached(settings, Observer()) as database:
            return await queries.list_documents(database, wanted)

    found = asyncio.run(ask())
    if as_json:
        for document in found:
            print_json(asdict(document))
        return 0
    listed = table(
        "hash", "first sent", "agency", "channel", "verdict", "number", "file", "why",
        keep=("hash", "first sent", "verdict"),
    )  # fmt: skip
    for document in found:
        listed.add_row(
            document.content_hash[:12],
            _when(document.first_at),
            document.agency or "unknown",
            document.channel,
            _verdict(document),
            plain_number(document) or "–",
            safe(document.file_name or "–"),
            ", ".join(document.findings),
        )
    show(listed)
    full = len(found) == wanted.limit
    more = f"; the limit is {wanted.limit}, there may be more (--limit)" if full else ""
    sys.stdout.write(f"{len(found)} documents{more}\n")
    return 0


def explain(
    name: str, reason: str | None, as_json: bool, language: Language, settings: Settings
) -> int:
    """Print everything recorded of the documents of that hash or number."""
    configure_logging("error", "console")

    async def ask() -> list[tuple[Explained, Revealed | None]]:
        async with attached(settings, Observer()) as database:
            found = await queries.explain(database, name)
            opened: list[Revealed | None] = [None] * len(found)
            if reason:
                sealer, actor = Sealer.load(settings.state_dir), audit.operator()
                opened = [
                    await queries.reveal(
                        database, sealer, each.document.document_uid, actor, reason
                    )
                    for each in found
                ]
            return list(zip(found, opened, strict=True))

    for explained, revealed in asyncio.run(ask()):
        if as_json:
            print_json(asdict(explained) | {"revealed": asdict(revealed) if revealed else None})
            continue
        words = catalogue(language)
        show_page(partial(_page, explained, revealed, words))
    return 0


def _page(
    explained: Explained, revealed: Revealed | None, words: Catalogue, width: int
) -> Iterator[Line]:
    return document_page(explained, revealed, words, Page(width))


def unknown_senders(limit: int, settings: Settings) -> int:
    """Print the domains and codes that no agency of the registry owns, the busiest first."""
    configure_logging("error", "console")

    async def ask() -> list[queries.UnknownSender]:
        async with attached(settings, Observer()) as database:
            return await queries.unknown_senders(database, limit)

    listed = table("kind", "domain or code", "items", "senders", "verified", "last")
    for each in asyncio.run(ask()):
        listed.add_row(
            each.kind, safe(each.name), str(each.items), str(each.senders),
            "yes" if each.verified else "no", _when(each.last_at),
        )  # fmt: skip
    show(listed)
    return 0


def _verdict(document: DocumentRecord) -> str:
    if document.unverified:
        return "not drawn"
    return document.overall + (" (relayed)" if document.relayed else "")


def _when(instant: datetime) -> str:
    return instant.astimezone(VIETNAM).strftime("%d/%m/%Y %H:%M")
