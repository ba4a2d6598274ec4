"""`congvu posture`: what mail domains say of themselves, as recorded or asked now."""

import asyncio
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from typing import Literal

from monitor import clock
from monitor.commands import posture_files as files
from monitor.commands.pages import show_page
from monitor.commands.posture_live import ask_now
from monitor.commands.posture_page import DomainPage, changed, domain_page
from monitor.commands.posture_table import TONES, Overview, overview, owners_of
from monitor.commands.posture_words import Words, day
from monitor.commands.written import print_json
from monitor.errors import UserError
from monitor.explain import Line, Page, Tone
from monitor.model import CheckStatus, Language
from monitor.observe import Observer, configure_logging
from monitor.posture.labels import asked_name
from monitor.record import attached
from monitor.record.agencies import require_known
from monitor.record.connection import Connection
from monitor.record.posture_domains import (
    DomainStanding,
    Selector,
    agency_names,
    domains,
    selectors,
)
from monitor.record.posture_standing import Change, GatewayStanding, changes, gateways
from monitor.settings import Settings

Form = Literal["text", "json", "csv"]
HISTORY_DAYS = 365
"""Of one domain's page, unless --changes says otherwise."""
FINE, FAILS, UNCHECKED = 0, 1, 3
"""Exit status; 2 is a mistake in the call."""


@dataclass(frozen=True, slots=True)
class Request:
    """What the operator asked for."""

    domain: str | None = None
    """As it was typed."""
    agency: str | None = None
    failing: bool = False
    """Only domains with a check that fails."""
    changes_days: int | None = None
    live: bool = False
    form: Form = "text"
    language: Language = Language.VI


@dataclass(frozen=True, slots=True)
class Found:
    """What the record, or who was asked now, says."""

    domains: Sequence[DomainStanding]
    gateways: Sequence[GatewayStanding]
    names: Mapping[str, str]
    """Of agencies, by code."""
    now: datetime
    changes: Sequence[Change] = ()
    changes_since: datetime | None = None
    selectors: Mapping[str, Sequence[Selector]] = field(default_factory=dict)
    """By domain."""


def posture(request: Request, settings: Settings) -> int:
    """Print what was asked for.

    0 where nothing fails, 1 where something does, 3 where nothing fails and something could never
    be checked. Raises UserError.
    """
    configure_logging("error", "console")
    domain = _name(request.domain)
    if request.live:
        asked = asyncio.run(ask_now(domain, request.agency, settings))
        found = Found(asked.domains, asked.gateways, asked.names, clock.now())
    else:
        found = asyncio.run(_recorded(request, domain, settings))
        if domain and not found.domains:
            raise UserError(
                f"{domain}: no mail domain of the registry; `congvu posture` lists them, and with "
                "--live it is asked for all the same"
            )
    if request.failing:
        found = replace(found, domains=[each for each in found.domains if _fails(each)])
    _print(found, request, settings)
    return _status(found, request)


def _name(typed: str | None) -> str | None:
    """As it is asked for. Raises UserError for what is no domain."""
    if typed is None:
        return None
    name = asked_name(typed.strip())
    if name is None or "." not in name or any(sign in name for sign in " /@:"):
        raise UserError(f"{typed!r} is no domain: write it as in so-yt.tinh.gov.vn")
    return name


async def _recorded(request: Request, domain: str | None, settings: Settings) -> Found:
    now = clock.now()
    async with attached(settings, Observer()) as database, database.connection() as connection:
        await require_known(connection, request.agency)
        found = await domains(connection, domain=domain, agency=request.agency)
        since = _since(request, domain, now)
        told = await changes(connection, since, domain) if since else []
        return Found(
            found, await gateways(connection), await agency_names(connection), now,
            [each for each in told if request.agency in {None, *each.agencies}],
            since, await _selectors(connection, domain),
        )  # fmt: skip


def _since(request: Request, domain: str | None, now: datetime) -> datetime | None:
    if request.changes_days is None and domain is None:
        return None
    return now - timedelta(days=request.changes_days or HISTORY_DAYS)


async def _selectors(connection: Connection, domain: str | None) -> dict[str, Sequence[Selector]]:
    return {domain: await selectors(connection, domain)} if domain else {}


# -- exit status -----------------------------------------------------------------------------------


def _fails(each: DomainStanding) -> bool:
    return CheckStatus.FAIL in each.shown()


def _status(found: Found, request: Request) -> int:
    if _only_changes(request):
        return FAILS if any(_is_fall(each) for each in found.changes) else FINE
    shown = [status for each in found.domains for status in each.shown()]
    if request.domain is None:
        shown += [each.last.status for each in found.gateways]
    unseen = any(not each.checks for each in found.domains) or not (
        found.domains or request.failing
    )
    if CheckStatus.FAIL in shown:
        return FAILS
    return UNCHECKED if unseen or CheckStatus.UNKNOWN in shown else FINE


def _is_fall(each: Change) -> bool:
    return each.seen.status is CheckStatus.FAIL


def _only_changes(request: Request) -> bool:
    return request.changes_days is not None and request.domain is None


# -- output ----------------------------------------------------------------------------------------


def _print(found: Found, request: Request, settings: Settings) -> None:
    words = Words(request.language)
    if request.form == "json":
        for line in _json(found, request, words):
            print_json(line)
    elif request.form == "csv" and _only_changes(request):
        files.write_changes(found.changes, found.names, words)
    elif request.form == "csv":
        files.write_domains(found.domains, found.names, words, request.failing)
    else:
        show_page(_page(found, request, settings, words))


def _json(found: Found, request: Request, words: Words) -> Iterator[dict[str, object]]:
    changes_json = [files.change_json(each, words) for each in found.changes]
    if _only_changes(request):
        yield from changes_json
        return
    for each in found.domains:
        more: dict[str, object] = {}
        if request.domain and not request.live:
            own = found.selectors.get(each.domain, ())
            more = {
                "selectors": [files.selector_json(one) for one in own], "changes": changes_json,
            }  # fmt: skip
        yield files.domain_json(each, found.names, words, more)
    if request.domain is None:
        yield from (files.gateway_json(each, words) for each in found.gateways)


def _page(
    found: Found, request: Request, settings: Settings, words: Words
) -> Callable[[int], Iterable[Line]]:
    def page(width: int) -> Iterator[Line]:
        yield from _missing(request, settings, found, words, Page(width))
        if _only_changes(request):
            yield from _changes(found, words, Page(width))
        elif request.domain:
            for each in found.domains:
                yield from domain_page(_of_domain(each, found, request), words, width)
        elif found.domains or found.gateways:
            shown = Overview(found.domains, found.gateways, found.names, found.now, request.live)
            yield from overview(shown, words, width)

    return page


def _of_domain(each: DomainStanding, found: Found, request: Request) -> DomainPage:
    return DomainPage(
        each, found.names, found.now, found.changes, found.changes_since,
        found.selectors.get(each.domain, ()), request.live,
    )  # fmt: skip


def _missing(
    request: Request, settings: Settings, found: Found, words: Words, page: Page
) -> Iterator[Line]:
    """What has to be set before there is anything to see."""
    told = []
    if not settings.dns.resolvers:
        told.append("no_resolver")
    if settings.agencies.registry is None and request.domain is None:
        told.append("no_registry")
    elif not found.domains and not _only_changes(request):
        told.append(_nothing(request))
    for key in told:
        yield from page.text(words(key), tone=Tone.OPEN)
    if told:
        yield Line()


def _nothing(request: Request) -> str:
    if request.failing:
        return "all_well"
    return "nothing_of" if request.agency else "nothing_yet"


def _changes(found: Found, words: Words, page: Page) -> Iterator[Line]:
    since = found.changes_since or found.now
    if not found.changes:
        yield from page.text(words("no_changes", day=day(since)))
    for each in found.changes:
        owners = owners_of(each.agencies, found.names)
        yield from page.heading(f"{each.domain}, {owners}" if owners else each.domain)
        yield from page.deeper(2).text(changed(each, words), tone=TONES[each.seen.status])
