"""Mail domains and gateways asked now: through the process that asks, past the record."""

import asyncio
from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path

from monitor import clock
from monitor.agencies import Registry
from monitor.agencies.freemail_list import FreemailList
from monitor.agencies.mail_domains import MailDomains, mail_domains
from monitor.commands.pages import Progress
from monitor.errors import UserError
from monitor.model import CheckStatus
from monitor.observe import Observer
from monitor.posture.desk import Desk
from monitor.posture.model import CheckResult, DomainPosture, GatewayTarget
from monitor.posturing import official_of, target_of
from monitor.record.posture_domains import DomainStanding, ordered
from monitor.record.posture_standing import GatewayStanding, Seen, Standing
from monitor.settings import Settings

AT_ONCE = 50
"""Domains that are looked at at one time; the process bounds its questions by itself."""


@dataclass(frozen=True, slots=True)
class Asked:
    """What was answered, in the shape of what is recorded."""

    domains: Sequence[DomainStanding]
    gateways: Sequence[GatewayStanding]
    names: Mapping[str, str]
    """Of agencies, by code."""


async def ask_now(domain: str | None, agency: str | None, settings: Settings) -> Asked:
    """Ask of one domain, of an agency's, or of all of the registry and of the gateways.

    Raises UserError for an agency that the registry lacks.
    """
    owners, names = _registered(settings)
    if agency is not None and agency not in names:
        raise UserError(f"{agency}: no such agency today; `congvu agencies list` shows all codes")
    wanted = [domain] if domain else [each for each in owners if agency in {None, *owners[each]}]
    official = official_of(settings)
    progress = Progress(wanted)
    room = asyncio.Semaphore(AT_ONCE)

    async def look(name: str) -> DomainStanding:
        async with room:
            posture = await desk.check(name, official)
            progress.advance()
            return _standing(posture, owners.get(name, ()))

    try:
        async with _desk(settings) as desk:
            looks = [look(each) for each in wanted]
            probes = [] if domain else [_probe(desk, each) for each in _targets(settings)]
            looked, probed = await asyncio.gather(asyncio.gather(*looks), asyncio.gather(*probes))
    finally:
        progress.clear()
    return Asked(looked, probed, names)


@asynccontextmanager
async def _desk(settings: Settings) -> AsyncIterator[Desk]:
    """The process that asks, for as long as it is needed."""
    desk = Desk(settings.dns, Observer())
    async with asyncio.TaskGroup() as group:
        group.create_task(desk.run())
        try:
            yield desk
        finally:
            await desk.close()


def _registered(settings: Settings) -> tuple[MailDomains, Mapping[str, str]]:
    """Agencies by domain, and their names by code; nothing where there is no registry."""
    if settings.agencies.registry is None:
        return {}, {}
    registry = Registry.load(settings.agencies.registry)
    today = clock.vietnam_day(clock.now())
    names = {code: each.name for code, each in registry.at(today).agencies.items()}
    free = FreemailList.load(settings.freemail)
    return mail_domains(registry, today, settings.posture.more_domains, free.lists), names


def _targets(settings: Settings) -> list[GatewayTarget]:
    """Raises UserError for a file of an authority that cannot be read."""
    return [target_of(each).model_copy(update={"ca": _pem(each.ca)}) for each in settings.gateways]


def _pem(path: Path | None) -> str | None:
    try:
        return path.read_text(encoding="ascii") if path else None
    except (OSError, UnicodeError) as error:
        raise UserError(f"{path}: cannot be read as PEM ({error}); see [[gateways]] ca") from None


async def _probe(desk: Desk, target: GatewayTarget) -> GatewayStanding:
    state = await desk.probe(target)
    seen = Seen(state.status, state.reason, state.facts, (), state.checked_at)
    return GatewayStanding(state.name, seen, state.checked_at, state.certificate_not_after)


def _standing(posture: DomainPosture, agencies: tuple[str, ...]) -> DomainStanding:
    checks = {each.check.value: _check(posture, each, agencies) for each in posture.results}
    return DomainStanding(posture.domain, agencies, posture.checked_at, None, ordered(checks))


def _check(posture: DomainPosture, each: CheckResult, agencies: tuple[str, ...]) -> Standing:
    """What one look says is all that is known: no time since when, nothing before."""
    seen = Seen(each.status, each.reason, each.facts, each.evidence, posture.checked_at)
    decided = None if each.status is CheckStatus.UNKNOWN else seen
    return Standing(posture.domain, each.check, agencies, seen, decided, None, None, None)
