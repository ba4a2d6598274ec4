"""`congvu freemail`: the list in force, and the messages behind a figure."""

import asyncio
import sys
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from typing import Literal

from monitor.agencies import FreemailList, Registry
from monitor.agencies.freemail_list import ListedDomain
from monitor.agencies.names import domain_key
from monitor.clock import VIETNAM, now, vietnam_day
from monitor.commands.freemail_words import Words
from monitor.commands.tables import NOTHING, show, table
from monitor.commands.written import csv_text, print_json
from monitor.errors import UserError
from monitor.explain import safe
from monitor.model import FreemailWay, Language
from monitor.observe import Observer, configure_logging
from monitor.record import Sealer, audit
from monitor.record.access import attached
from monitor.record.freemail import Found, WantedFreemail, list_freemail
from monitor.settings import Settings

SHOWN = 300
"""Characters shown of one sealed text."""
Form = Literal["text", "json", "csv"]


@dataclass(frozen=True, slots=True)
class Request:
    """What somebody wants to see of which messages, and how."""

    wanted: WantedFreemail
    reason: str | None
    """Why sender and subject are shown; None keeps them sealed."""
    form: Form
    language: Language


# -- domains ---------------------------------------------------------------------------------------


def show_domains(as_json: bool, language: Language, settings: Settings) -> int:
    """Print the list in force with who runs each domain, or which setting names it."""
    listed, words = FreemailList.load(settings.freemail), Words(language)
    entries = list(listed.entries())
    if as_json:
        for each in entries:
            print_json(asdict(each))
        return 0
    made = table(words("domain"), words("decides"), words("why"), keep=(words("domain"),))
    for each in entries:
        decides = words("free" if each.free else "official")
        made.add_row(each.domain, decides, _because(each, words))
    show(made)
    day = listed.day.strftime("%d/%m/%Y") if listed.day else NOTHING
    sys.stdout.write(words("list", count=len(entries), day=day) + "\n")
    return 0


def show_decision(name: str, as_json: bool, language: Language, settings: Settings) -> int:
    """Print whether a domain or the domain of an address is free mail today, and why.

    Raises UserError for what is neither: of a slip of the fingers it is not said that it is fine.
    """
    words, listed = Words(language), FreemailList.load(settings.freemail)
    domain = domain_key(name.rpartition("@")[2])
    if "." not in domain.strip(".") or " " in domain:
        raise UserError(f"{safe(name, SHOWN)!r} is no domain and no address: write gmail.com")
    entry = listed.find(domain)
    registry = settings.agencies.registry
    view = (Registry.load(registry) if registry else Registry()).at(vietnam_day(now()))
    agency = view.by_domain(domain)
    if as_json:
        free = entry is not None and entry.free and agency is None
        by = {"by": entry.domain if entry else None, "agency": agency.code if agency else None}
        print_json({"domain": domain, "free": free, **by})
        return 0
    named = safe(name, SHOWN)
    if agency:
        said = words("is_agencys", name=named, agency=agency.code)
    elif entry is None:
        said = words("is_unlisted", name=named)
    else:
        key = "is_free" if entry.free else "is_official"
        said = words(key, name=named, domain=entry.domain, why=_because(entry, words))
        more = words.either(entry.why, entry.why_en)
        said += f" {more}." if more else ""
    sys.stdout.write(said + "\n")
    return 0


def _because(entry: ListedDomain, words: Words) -> str:
    if not entry.operator:
        return words("of_settings" if entry.free else "of_official")
    return words.either(entry.operator, entry.operator_en)


# -- messages --------------------------------------------------------------------------------------


def show_messages(request: Request, settings: Settings) -> int:
    """Print the messages that meet the conditions, newest first."""
    configure_logging("error", "console")

    async def ask() -> list[Found]:
        async with attached(settings, Observer()) as database:
            opening = None
            if request.reason:
                opening = (Sealer.load(settings.state_dir), audit.operator(), request.reason)
            return await list_freemail(database, request.wanted, opening)

    found, words = asyncio.run(ask()), Words(request.language)
    if request.form == "json":
        for record, opened in found:
            print_json(asdict(record) | {"revealed": asdict(opened) if opened else None})
        return 0
    columns = _columns(words, revealed=request.reason is not None)
    if request.form == "csv":
        sys.stdout.write(csv_text(columns, (_cells(each, words) for each in found)))
        return 0
    made = table(*columns, keep=columns[:2], right=(words("attached"),))
    for each in found:
        made.add_row(*(cell or NOTHING for cell in _cells(each, words)))
    show(made)
    full = len(found) == request.wanted.limit
    sys.stdout.write(words("more" if full else "count", count=len(found)) + "\n")
    if any(FreemailWay.FROM in record.ways for record, _ in found):
        sys.stdout.write(words("unproven") + "\n")
    return 0


def _columns(words: Words, *, revealed: bool) -> tuple[str, ...]:
    plain = ("message", "day", "agency", "way", "direction", "attached", "origin", "documents")
    return tuple(words(each) for each in (*plain, *(("sender", "subject") if revealed else ())))


def _cells(found: Found, words: Words) -> Sequence[str]:
    record, opened = found
    cells = [
        str(record.message_uid),
        record.occurred_at.astimezone(VIETNAM).strftime("%d/%m/%Y %H:%M"),
        record.agency or words("unknown"),
        ", ".join(words.way(each) for each in record.ways),
        words.direction(record.direction),
        str(record.attached),
        words.origin(record.origin),
        " ".join(each[:12] for each in record.documents),
    ]
    if opened:
        cells += [safe(opened.sender or "", SHOWN), safe(opened.subject or "", SHOWN)]
    return cells
