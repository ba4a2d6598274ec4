"""`congvu doctor`: what is connected, what is stale, and what to do."""

import asyncio
import base64
import json
import re
import ssl
import urllib.error
import urllib.request
from collections.abc import Iterator
from datetime import datetime

from rich.text import Text

from monitor import clock, material
from monitor.clock import VIETNAM
from monitor.commands import check_config
from monitor.commands.doctor_names import named
from monitor.commands.doctor_record import recorded
from monitor.commands.doctor_reports import reported
from monitor.commands.doctor_sources import delivering
from monitor.commands.doctor_viewer import seen_by_grafana
from monitor.commands.observation import Observation
from monitor.commands.tables import show, table
from monitor.errors import CongvuError, UserError
from monitor.fetch import book
from monitor.fetch.fetcher import addresses
from monitor.fetch.wire import EXPLAINED as EXPLAINED_OUTCOMES
from monitor.isolate.pool import Pool
from monitor.material import Loaded
from monitor.material.reading import EXPLAINED
from monitor.material.status import CaStatus, State, statuses
from monitor.model import Journal, Limits, TrustMaterial
from monitor.observe import Observer, configure_logging
from monitor.settings import HttpSettings, MailOrigin, MailSource, Settings

STALE_REVALIDATION_SECONDS = 3600.0


def doctor(settings: Settings) -> int:
    """Print every observation; 0 when nothing is bad, else 1."""
    configure_logging("error", "console")
    listed = table("", "what", "seen", "what to do", keep=("", "what"))
    colours = {"ok": "green", "look": "yellow", "bad": "red"}
    worst = 0
    for found in observations(settings):
        mark = Text(found.mark, colours[found.mark])
        listed.add_row(mark, found.what, found.seen, found.advice)
        worst |= found.mark == "bad"
    show(listed)
    return worst


def observations(settings: Settings) -> Iterator[Observation]:
    """Everything that can be seen from here, settings first."""
    yield from _configuration(settings)
    yield from _trust(settings)
    yield _isolation(settings)
    yield from _daemon(settings)
    yield from recorded(settings)
    yield from reported(settings)
    yield from named(settings)
    yield from seen_by_grafana(settings)


def _configuration(settings: Settings) -> Iterator[Observation]:
    problems = list(check_config.find_problems(settings))
    for problem in problems:
        yield Observation("settings", "bad", problem, "mend it, then congvu check-config")
    if not problems:
        seen = (
            f"{len(settings.mail_origins)} sources of mail, {len(settings.folders)} folders, "
            f"{len(settings.axis)} of the exchange axis, {len(settings.portals)} portals, "
            f"{len(settings.logs)} logs, {len(settings.directories)} directories"
        )
        yield Observation("settings", "ok", seen)
    if not settings.item_sources:
        advice = "add one: docs/README.md, “Connect”"
        yield Observation("sources", "look", "none: nothing will arrive", advice)
    for source in (*settings.mail_sources, *(s for s in settings.mail_origins if _reports(s))):
        if not source.trusted_hops:
            advice = "set trusted_hops to the addresses of the mail system's own servers"
            seen = "no trusted hops: every mail counts as incoming"
            yield Observation(f"source {source.name}", "bad", seen, advice)
    if settings.agencies.registry is None:
        advice = "set agencies.registry: docs/agencies.md"
        yield Observation("agencies", "look", "no registry: nothing can be attributed", advice)


def _reports(source: MailOrigin) -> bool:
    """Of those that are pulled, one that holds journal reports: they name the way they came."""
    return source.journal is Journal.EXCHANGE and not isinstance(source, MailSource)


def _trust(settings: Settings) -> Iterator[Observation]:
    try:
        loaded = material.load(settings.verify)
    except UserError:
        return  # said under settings
    if not loaded.anchors:
        advice = "congvu trust import FILE: docs/trust.md"
        yield Observation("trust", "bad", "no trust anchors: nothing can be valid", advice)
    else:
        yield Observation("trust", "ok", f"{len(loaded.anchors)} anchors")
    for problem in loaded.problems:
        advice = "mend or remove it; what it held before stays in force until a restart"
        yield Observation(f"file {problem.file.name}", "look", EXPLAINED[problem.why], advice)
    for anchor in loaded.anchors:
        if anchor.impersonates:
            seen = f"bears the name of {anchor.impersonates.id}, has another key"
            advice = "remove it unless its owner confirms its SHA-256"
            yield Observation(f"anchor {anchor.file.name[:20]}", "bad", seen, advice)
    required = settings.verify.revocation == "require"
    for status in statuses(loaded, clock.now()):
        if (found := _list_of(status, required)) is not None:
            yield found
    yield from _fetching(settings, loaded)


def _list_of(status: CaStatus, required: bool) -> Observation | None:
    """How fresh a CA's list is; None where no list is to be expected."""
    what, listed = f"CRL {status.label}", status.listed
    if status.state is State.NOT_NEEDED:
        return None
    if listed is None:
        advice = "congvu trust import LIST, or fetch it ([fetch]): docs/trust.md"
        seen = "none: what this CA issued stays indeterminate"
        return Observation(what, "bad", seen, advice) if required else None
    seen = f"{listed.age(clock.now()).days} days old"
    if status.state is State.STALE:
        return Observation(what, "bad", f"{seen}, has run out", "congvu trust import LIST")
    return Observation(what, "ok", seen)


def _fetching(settings: Settings, loaded: Loaded) -> Iterator[Observation]:
    """What became of each address at its last look, as the daemon noted it."""
    if not settings.fetch.enabled:
        return
    wanted = addresses(settings.fetch, loaded)
    if not wanted:
        advice = "set fetch.urls, or import CAs whose certificates name a listed host"
        yield Observation("fetch", "look", "nothing to fetch", advice)
    noted = book.load(settings.state_dir)
    for url in wanted:
        yield _looked(url, noted.get(url))


def _looked(url: str, entry: book.Entry | None) -> Observation:
    what = f"fetch {url}"
    if entry is None or entry.outcome is None:
        return Observation(what, "look", "not asked yet", "is the daemon running?")
    last = _when(entry.last_success)
    if entry.outcome.good:
        return Observation(what, "ok", f"{entry.outcome} {last}, next {_when(entry.next_try)}")
    seen = f"{entry.outcome}, {entry.failures} times; last success {last}"
    advice = f"{EXPLAINED_OUTCOMES[entry.outcome]}; next try {_when(entry.next_try)}"
    return Observation(what, "look", seen, advice)


def _when(instant: datetime | None) -> str:
    return instant.astimezone(VIETNAM).strftime("%d/%m %H:%M") if instant else "never"


def _isolation(settings: Settings) -> Observation:
    try:
        asyncio.run(_one_child(settings))
    except CongvuError as error:
        advice = "see docs/decisions/0006-isolation.md"
        return Observation("isolation", "bad", str(error), advice)
    return Observation("isolation", "ok", f"a child starts sealed ({settings.verify.isolation})")


async def _one_child(settings: Settings) -> None:
    verify = settings.verify
    pool = Pool(
        1,
        TrustMaterial(),
        Limits(),
        verify.isolation,
        verify.timeout_seconds,
        verify.memory_bytes,
        verify.items_per_child,
        Observer(),
    )
    await pool.start()
    await pool.stop()


def _daemon(settings: Settings) -> Iterator[Observation]:
    try:
        parts = json.loads(_get(settings.http, "/readyz"))["parts"]
        samples = _samples(_get(settings.http, "/metrics"))
    except (OSError, ValueError) as error:
        where = f"{settings.http.host}:{settings.http.port}"
        why = error.reason if isinstance(error, urllib.error.URLError) else error
        yield Observation("daemon", "bad", f"no answer on {where}: {why}", "start congvu run")
        return
    for part, state in parts.items():
        advice = "" if state == "ok" else "see the daemon's log"
        yield Observation(f"daemon: {part}", "ok" if state == "ok" else "bad", state, advice)
    yield from _spool(samples)
    yield from _sampled(samples)
    yield from _judged_again(samples)
    yield from delivering(settings, samples)


def _spool(samples: dict[str, float]) -> Iterator[Observation]:
    waiting, age = samples["congvu_spool_items"], samples["congvu_spool_oldest_age_seconds"]
    late = age > 300
    advice = "is the database reachable, are there enough verify.children?" if late else ""
    seen = f"{waiting:.0f} items wait, the oldest for {age:.0f} s"
    yield Observation("spool", "look" if late else "ok", seen, advice)
    aside = samples["congvu_quarantine_items"]
    advice = "congvu quarantine list" if aside else ""
    yield Observation("quarantine", "look" if aside else "ok", f"{aside:.0f} items", advice)


def _sampled(samples: dict[str, float]) -> Iterator[Observation]:
    """Whether all is verified, or only a share (docs/sampling.md)."""
    rate = samples["congvu_sampling_rate"]
    if rate >= 1:
        yield Observation("sampling", "ok", "everything is verified")
        return
    seen = f"only a share of {rate:g} is verified; figures are estimates from it"
    advice = "congvu sampling show says why; more verify.children or another machine"
    yield Observation("sampling", "look", seen, advice)


def _judged_again(samples: dict[str, float]) -> Iterator[Observation]:
    """Whether recorded verdicts keep up with trust material (docs/operating.md)."""
    waiting, open_ = samples["congvu_revalidation_waiting"], samples["congvu_revalidation_open"]
    passed = samples["congvu_revalidation_last_success_timestamp_seconds"]
    late = clock.now().timestamp() - passed > STALE_REVALIDATION_SECONDS
    advice = "is the spool empty, the database reachable? more verify.children" if late else ""
    seen = f"{waiting:.0f} verdicts wait to be judged again, {open_:.0f} may still change"
    yield Observation("revalidation", "look" if late else "ok", seen, advice)
    if stuck := samples["congvu_revalidation_stuck"]:
        advice = "congvu documents explain shows why; tried again after an upgrade"
        yield Observation("revalidation", "look", f"{stuck:.0f} could not be judged again", advice)


def _get(settings: HttpSettings, path: str) -> str:
    """A page of the running daemon; a 503 is an answer too."""
    scheme = "https" if settings.tls_certificate else "http"
    request = urllib.request.Request(f"{scheme}://{settings.host}:{settings.port}{path}")  # noqa: S310
    if settings.password:
        pair = f"{settings.username}:{settings.password.get_secret_value()}"
        request.add_header("Authorization", "Basic " + base64.b64encode(pair.encode()).decode())
    context = None
    if settings.tls_certificate:
        context = ssl.create_default_context(cafile=settings.tls_certificate)
        context.check_hostname = False  # the certificate itself is pinned
    try:
        with urllib.request.urlopen(request, timeout=10, context=context) as answer:  # noqa: S310
            return str(answer.read().decode())
    except urllib.error.HTTPError as error:
        if error.code == 503:
            return error.read().decode()
        raise


def _samples(text: str) -> dict[str, float]:
    pairs = re.findall(r"^([a-z_]+(?:\{.*\})?) (\S+)$", text, re.MULTILINE)
    return {name: float(value) for name, value in pairs}
