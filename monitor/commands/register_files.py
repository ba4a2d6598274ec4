"""`congvu register list|show|unmatched|link|unlink`: entries and the files that they meet."""

import asyncio
import csv
import io
import sys
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator, Sequence
from contextlib import aclosing
from dataclasses import asdict, dataclass, replace
from datetime import timedelta
from functools import partial
from pathlib import Path
from typing import IO, TypeAlias

from monitor.clock import now, vietnam_day
from monitor.commands.pages import show_page
from monitor.commands.register_words import Words
from monitor.commands.tables import show, table
from monitor.commands.written import print_json
from monitor.explain import Catalogue, Line, Page, catalogue, safe
from monitor.model import Channel, Language, Overall
from monitor.observe import Observer, configure_logging
from monitor.record import Sealer, attached, audit
from monitor.record.agencies import require_known
from monitor.register import entries
from monitor.register.entries import (
    EntryRecord,
    FileRecord,
    RevealedEntry,
    Side,
    Unmatched,
    Wanted,
    Word,
)
from monitor.settings import Settings
from monitor.tables import inert
from monitor.whole_file import whole_file

USUAL_DAYS = 31
"""Days that `unmatched` looks back when none are given."""
SHOWN = 300
"""Characters shown of one text."""
MOST_ENTRIES = 20
"""Entries that one name may be of."""
NAMES_IN_A_CELL = 3


Rows: TypeAlias = AsyncIterator[tuple[Unmatched, int]]
Take: TypeAlias = Callable[[Side, Rows], Awaitable[None]]


@dataclass(frozen=True, slots=True)
class Shown:
    """An entry with all that is known of it."""

    entry: EntryRecord
    files: Sequence[FileRecord]
    revealed: RevealedEntry | None


def list_entries(
    wanted: Wanted, as_json: bool, language: Language | None, settings: Settings
) -> int:
    """Print the entries that meet the conditions, newest first."""
    configure_logging("error", "console")

    async def ask() -> list[EntryRecord]:
        async with attached(settings, Observer()) as database, database.connection() as connection:
            await require_known(connection, wanted.agency)
            return await entries.list_entries(connection, wanted)

    found = asyncio.run(ask())
    if as_json:
        for entry in found:
            print_json(asdict(entry))
        return 0
    words = Words(language or settings.language)
    listed = table(
        *(words(each) for each in ("entry", "day", "agency", "register", "number", "type", "form",
                                   "files")),
        keep=(words("entry"), words("day"), words("number")), right=(words("files"),),
    )  # fmt: skip
    for entry in found:
        listed.add_row(
            str(entry.entry_id), words.day(entry.day), entry.agency, words(f"of_{entry.direction}"),
            _number(entry), safe(entry.document_type or "–"),
            words("in_no_figure") if entry.secret else _form(entry, words),
            str(entry.files),
        )  # fmt: skip
    show(listed)
    more = words("listed_more") if len(found) == wanted.limit else ""
    sys.stdout.write(words("listed", count=len(found), more=more) + "\n")
    return 0


def show_entries(
    name: str, wanted: Wanted, reason: str | None, as_json: bool, language: Language | None,
    settings: Settings,
) -> int:  # fmt: skip
    """Print all that is recorded of the entries of that number; their subject with a reason."""
    configure_logging("error", "console")

    async def ask() -> list[Shown]:
        async with attached(settings, Observer()) as database:
            async with database.connection() as connection:
                await require_known(connection, wanted.agency)
                few = replace(wanted, limit=MOST_ENTRIES)
                found = await entries.find_entries(connection, name, few)
                files = [await entries.files_of(connection, each.entry_id) for each in found]
            opened: list[RevealedEntry | None] = [None] * len(found)
            if reason:
                sealer, actor = Sealer.load(settings.state_dir), audit.operator()
                opened = [
                    await entries.reveal_entry(database, sealer, each.entry_id, actor, reason)
                    for each in found
                ]
            return [Shown(*each) for each in zip(found, files, opened, strict=True)]

    chosen = language or settings.language
    for each in asyncio.run(ask()):
        if as_json:
            print_json(asdict(each))
        else:
            show_page(partial(_page, each, Words(chosen), catalogue(chosen)))
    return 0


def show_unmatched(
    side: Side | None, wanted: Wanted, path: Path | None, as_json: bool,
    language: Language | None, settings: Settings,
) -> int:  # fmt: skip
    """Print or write what has met nothing, with the reason and what comes nearest."""
    configure_logging("error", "console")
    last = wanted.last_day or vietnam_day(now())
    days = replace(
        wanted, last_day=last, first_day=wanted.first_day or last - timedelta(days=USUAL_DAYS - 1)
    )
    sides: Sequence[Side] = (side,) if side else ("register", "files")
    limit = None if path or as_json else wanted.limit
    words = Words(language or settings.language)

    async def each(take: Take) -> None:
        async with attached(settings, Observer()) as database:
            async with database.connection() as connection:
                await require_known(connection, wanted.agency)
            for one in sides:
                async with aclosing(entries.unmatched(database, one, days, limit)) as rows:
                    await take(one, rows)

    if as_json:
        asyncio.run(each(_print_unmatched))
    elif path:
        with whole_file(path) as file:
            writing = _Csv(file, words)
            asyncio.run(each(writing.take))
        sys.stdout.write(words("written", count=writing.count, path=path) + "\n")
    else:
        asyncio.run(each(partial(_show_unmatched, words)))
    return 0


def say(
    word: Word, entry: str, content: str, reason: str, language: Language | None,
    settings: Settings,
) -> int:  # fmt: skip
    """Link or unlink by hand, and say what was done."""
    configure_logging("error", "console")

    async def ask() -> tuple[int, int]:
        async with attached(settings, Observer()) as database:
            entry_id, documents = await entries.say(
                database, word, entry, content, audit.operator(), reason
            )
            return entry_id, len(documents)

    entry_id, count = asyncio.run(ask())
    words = Words(language or settings.language)
    done = "linked" if word == "by_hand" else "unlinked"
    sys.stdout.write(words(done, entry=entry_id, count=count) + "\n")
    return 0


def _page(shown: Shown, words: Words, records: Catalogue, width: int) -> Iterator[Line]:
    page, entry = Page(width), shown.entry
    yield from page.heading(words("title", entry=entry.entry_id))
    for name, value in _fields(entry, words):
        yield from page.field(words(name), value)
    if shown.revealed:
        for name, text in zip(
            ("subject", "signer", "recipient_names"), asdict(shown.revealed).values(), strict=True
        ):
            yield from page.field(words(name), safe(text or "–", SHOWN))
    yield Line()
    if not shown.files:
        yield from page.text(words("none_met"))
        return
    yield from page.heading(words("met"))
    for each in shown.files:
        yield from page.text(_file(each, words, records), "  - ")


def _fields(entry: EntryRecord, words: Words) -> Iterator[tuple[str, str]]:
    yield "agency", entry.agency
    yield "register", words(entry.direction)
    if entry.arrival_number:
        yield "arrival_number", safe(entry.arrival_number, SHOWN)
    yield "number", _number(entry)
    yield "day", words.day(entry.day)
    if entry.issued_on and entry.issued_on != entry.day:
        yield "issued_on", words.day(entry.issued_on)
    yield "type", safe(entry.document_type or "–", SHOWN)
    yield "role", words(entry.role)
    yield "form", _form(entry, words)
    if entry.status:
        yield "status", words.known(entry.status)
    for name, moment in (("signed_at", entry.signed_at), ("sent_at", entry.sent_at)):
        if moment:
            yield name, words.when(moment)
    if entry.recipients is not None:
        yield "recipients", str(entry.recipients)
    if entry.file_names:
        yield "file_names", safe("; ".join(entry.file_names), SHOWN)


def _file(file: FileRecord, words: Words, records: Catalogue) -> str:
    return words(
        "file",
        hash=file.content_hash[:12],
        name=safe(file.file_name or "–", SHOWN),
        channel=records.word(Channel(file.channel)),
        when=words.when(file.first_at),
        verdict=records.word(Overall(file.overall)),
        role=words(file.role),
        how=words(f"{file.how}_how"),
    )


def _number(entry: EntryRecord) -> str:
    return safe(entry.full_number or "–", SHOWN)


def _form(entry: EntryRecord, words: Words) -> str:
    if entry.secret:
        return words("secret")
    said = words(entry.paper or "unsaid")
    return f"{said} ({words('gone')})" if entry.gone else said


def _columns(side: Side, words: Words) -> list[str]:
    name, kind = ("entry", "type") if side == "register" else ("hash", "channel")
    wanted = (name, "agency", "number", "day", kind, "file_names", "why", "candidates")
    return [words(each) for each in wanted]


def _cells(side: Side, row: Unmatched, words: Words) -> list[str]:
    kind = words.known(row.kind) if side == "files" else row.kind or "–"
    return [
        row.name, row.agency, row.number or "–", words.day(row.day), kind,
        "; ".join(row.file_names) or "–", words(row.why), "; ".join(row.candidates),
    ]  # fmt: skip


async def _print_unmatched(side: Side, rows: Rows) -> None:
    async for row, _ in rows:
        print_json({"side": side, **asdict(row)})


async def _show_unmatched(words: Words, side: Side, rows: Rows) -> None:
    columns = _columns(side, words)
    listed = table(*columns, keep=(columns[0], columns[3]))
    shown = total = 0
    async for row, in_all in rows:
        total = in_all
        few = replace(row, name=row.name[:12], candidates=row.candidates[:NAMES_IN_A_CELL])
        listed.add_row(*(safe(cell, SHOWN) for cell in _cells(side, few, words)))
        shown += 1
    if shown:
        show(listed)
    more = words("more", shown=shown) if shown < total else ""
    said = "entries_total" if side == "register" else "files_total"
    sys.stdout.write(words(said, count=total, more=more) + "\n\n")


class _Csv:
    """Row by row: UTF-8 with a byte order mark, so that Excel shows Vietnamese; no formulas."""

    def __init__(self, file: IO[bytes], words: Words) -> None:
        self._text = io.TextIOWrapper(file, "utf-8-sig", newline="", write_through=True)
        self._words = words
        self.count = 0

    async def take(self, side: Side, rows: Rows) -> None:
        writer = csv.writer(self._text)
        writer.writerow(_columns(side, self._words))
        async for row, _ in rows:
            writer.writerow([inert(cell) for cell in _cells(side, row, self._words)])
            self.count += 1
