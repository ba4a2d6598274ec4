"""`congvu axis`: what became of documents on the exchange axis."""

import asyncio
import csv
import io
import sys
from collections.abc import Iterator, Sequence
from dataclasses import asdict, dataclass
from datetime import datetime, timedelta
from typing import Literal

from monitor import clock
from monitor.commands.axis_page import page
from monitor.commands.axis_words import Words
from monitor.commands.tables import show as show_table
from monitor.commands.tables import table
from monitor.commands.written import print_json
from monitor.explain import safe
from monitor.model import Language
from monitor.observe import Observer, configure_logging
from monitor.record import attached
from monitor.record.agencies import require_known
from monitor.record.axis_flow import (
    Delivery,
    DeliveryState,
    Flow,
    Lateness,
    Waited,
    Wanted,
    find_flows,
    list_deliveries,
    lone_statuses,
)
from monitor.settings import Settings
from monitor.tables import inert

NAME = 60
"""Characters of a name in a table; files have all."""
TIMES = ("arrived", "received", "assigned", "processing", "done", "rejected", "recalled")


Form = Literal["csv", "json", "text"]


@dataclass(frozen=True, slots=True)
class Found:
    """Deliveries, and what else the page says."""

    deliveries: Sequence[Delivery]
    waited: Waited
    lone: int


def list_(wanted: Wanted, form: Form, language: Language, settings: Settings) -> int:
    """Print the deliveries that meet the conditions."""
    configure_logging("error", "console")
    lateness = lateness_of(settings)

    async def ask() -> Found:
        async with attached(settings, Observer()) as database, database.connection() as connection:
            await require_known(connection, wanted.agency)
            found = await list_deliveries(connection, wanted, lateness)
            waited = await Waited.since_first(connection, found, lateness.today)
            lone = 0
            if form == "text" and wanted.state is None:
                lone = await lone_statuses(connection, wanted.first_day, wanted.last_day)
            return Found(found, waited, lone)

    found = asyncio.run(ask())
    words = Words(language)
    if form == "json":
        for each in found.deliveries:
            print_json(_as_json(each, found.waited))
    elif form == "csv":
        _write_csv(found, words)
    else:
        _print_table(found, wanted, words)
        sys.stdout.write(words("rule", days=lateness.within_days) + "\n")
        if found.lone:
            sys.stdout.write(words("lone", count=found.lone) + "\n")
    return 0


def show(
    name: str, agency: str | None, as_json: bool, language: Language, settings: Settings
) -> int:
    """Print the flow of the documents of that number from end to end."""
    configure_logging("error", "console")
    lateness = lateness_of(settings)

    async def ask() -> list[Flow]:
        async with attached(settings, Observer()) as database, database.connection() as connection:
            await require_known(connection, agency)
            return await find_flows(connection, name, lateness, agency)

    for flow in asyncio.run(ask()):
        if as_json:
            print_json(_flow_as_json(flow))
            continue
        for line in page(flow, Words(language)):
            bare = line.lstrip()
            sys.stdout.write(" " * (len(line) - len(bare)) + safe(bare, 1000) + "\n")
        sys.stdout.write("\n")
    return 0


def lateness_of(settings: Settings) -> Lateness:
    """The rule of the settings, as of the present Vietnam day."""
    return Lateness(clock.vietnam_day(clock.now()), settings.measure.receive_within_days)


# -- a table -------------------------------------------------------------------------------------


def _print_table(found: Found, wanted: Wanted, words: Words) -> None:
    late = wanted.state is DeliveryState.LATE
    last = "waited" if late else "taken_after"
    columns = ("number", "at_sent", "sender", "code", "receiver", "state", "since", last)
    headings = [words(each) for each in columns]
    listed = table(*headings, keep=(headings[1], headings[3]), right=(headings[-1],))
    for each in found.deliveries:
        listed.add_row(
            safe(number_of(each, words), NAME),
            words.when(each.sent_at) + ("" if each.sent_known else " *"),
            safe(each.sender_name or each.sender_code, NAME),
            safe(each.organ_code, NAME),
            safe(each.receiver_name or "–", NAME),
            _state(each, words),
            words.when(_since(each)),
            str(found.waited.days(each)) if late else words.duration(each.after(each.taken_at)),
        )
    show_table(listed)
    shown = len(found.deliveries)
    more = words("more", limit=wanted.limit) if shown == wanted.limit else ""
    sys.stdout.write(words("counted", count=shown) + more + "\n")
    if not all(each.sent_known for each in found.deliveries):
        sys.stdout.write("* " + words("sent_unknown") + "\n")


def number_of(each: Delivery, words: Words) -> str:
    """`12/QĐ-UBND`, else the identifier."""
    number = "/".join(filter(None, (each.number, each.notation)))
    return number or each.document_ref or words("unnumbered")


def _state(each: Delivery, words: Words) -> str:
    state = words(each.state)
    return f"{state}, {words(DeliveryState.LATE)}" if each.late else state


def _since(each: Delivery) -> datetime:
    at = getattr(each, f"{each.state}_at")
    return at if isinstance(at, datetime) else each.sent_at


# -- files ---------------------------------------------------------------------------------------


def _write_csv(found: Found, words: Words) -> None:
    """UTF-8 with a byte order mark, so that Excel shows Vietnamese; no cell is a formula."""
    text = io.TextIOWrapper(sys.stdout.buffer, "utf-8-sig", newline="", write_through=True)
    writer = csv.writer(text)
    columns = (
        "number",
        "identifier",
        "issued",
        "at_sent",
        "sender_code",
        "sender",
        "code",
        "receiver",
    )
    times = (f"at_{each}" for each in TIMES)
    writer.writerow([words(each) for each in (*columns, "state", *times, "waited", "note")])
    for each in found.deliveries:
        writer.writerow([inert(safe(cell)) for cell in _cells(each, found.waited, words)])
    text.detach()


def _cells(each: Delivery, waited: Waited, words: Words) -> Iterator[str]:
    yield number_of(each, words)
    yield each.document_ref
    yield words.day(each.issued_on)
    yield words.when(each.sent_at)
    yield each.sender_code
    yield each.sender_name or ""
    yield each.organ_code
    yield each.receiver_name or ""
    yield _state(each, words)
    for name in TIMES:
        yield words.when(getattr(each, f"{name}_at"))
    yield str(waited.days(each)) if each.late else ""
    notes = ["clocks"] * each.contradicts + ["sent_unknown"] * (not each.sent_known)
    yield "; ".join(words(note) for note in notes)


def _as_json(each: Delivery, waited: Waited | None = None) -> dict[str, object]:
    return asdict(each) | {
        "clocks_contradict": each.contradicts,
        "seconds_to_arrived": _seconds(each.after(each.arrived_at)),
        "seconds_to_taken": _seconds(each.after(each.taken_at)),
        "seconds_to_done": _seconds(each.after(each.done_at)),
        "working_days_waited": waited.days(each) if waited and each.late else None,
    }


def _flow_as_json(flow: Flow) -> dict[str, object]:
    return asdict(flow) | {"deliveries": [_as_json(each) for each in flow.deliveries]}


def _seconds(span: timedelta | None) -> int | None:
    return int(span.total_seconds()) if span is not None else None
