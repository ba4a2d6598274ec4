"""`congvu portal check`: a round of a portal of which nothing is kept (docs/portals.md)."""

import asyncio
import sys
from collections import Counter
from contextlib import aclosing
from dataclasses import dataclass, field

from monitor import clock
from monitor.commands.written import print_json
from monitor.errors import UserError
from monitor.explain import safe
from monitor.portal import process
from monitor.portal.crawler import job_of, starts_of
from monitor.portal.process import ProcessDied
from monitor.portal.wire import EXPLAINED, Answer, Job, Outcome
from monitor.settings import PortalSource, Settings

_QUIET = frozenset({Outcome.DOCUMENT, Outcome.PAGE, Outcome.UNCHANGED, Outcome.REDIRECTED})


@dataclass(frozen=True, slots=True)
class Request:
    """What the options of one check ask for."""

    source: str | None
    pages: int
    as_json: bool


@dataclass
class _Seen:
    """What has come so far."""

    starts: frozenset[str]
    outcomes: Counter[Outcome] = field(default_factory=Counter)
    largest: int = 0
    reached: bool = False
    died_at: str | None = None


def check(request: Request, settings: Settings) -> int:
    """Say what would become of each address; 0 when there are documents to take, else 1."""
    source = _source(request.source, settings)
    entries = job_of(source, (), clock.now())
    job = entries.model_copy(update={"max_pages": min(request.pages, source.max_pages)})
    seen = asyncio.run(_walk(job, request, _Seen(frozenset(starts_of(source)))))
    if not request.as_json:
        _sum_up(seen, source, job)
    return 0 if seen.outcomes[Outcome.DOCUMENT] and seen.died_at is None else 1


def _source(name: str | None, settings: Settings) -> PortalSource:
    known = {source.name: source for source in settings.portals}
    if not known:
        raise UserError("no portal is configured: add [[portals]] as docs/portals.md shows")
    if name is None and len(known) == 1:
        return next(iter(known.values()))
    if name not in known:
        raise UserError(f"--source {name or 'NAME'}: choose one of {', '.join(known)}")
    return known[name]


async def _walk(job: Job, request: Request, seen: _Seen) -> _Seen:
    asking = ""
    try:
        async with aclosing(process.run(job)) as answers:
            async for answer, _ in answers:
                if answer.outcome is Outcome.ASKING:
                    asking = answer.url
                    continue
                # without an address it is a number of them
                seen.outcomes[answer.outcome] += 1 if answer.url else answer.number or 0
                seen.reached |= answer.url in seen.starts and answer.outcome.good
                seen.largest = max(seen.largest, _octets(answer))
                _tell_json(answer) if request.as_json else _tell(answer)
    except ProcessDied:
        seen.died_at = asking
    return seen


def _octets(answer: Answer) -> int:
    return answer.size if answer.outcome is Outcome.DOCUMENT else 0


def _tell_json(answer: Answer) -> None:
    shown = {
        "url": answer.url,
        "outcome": answer.outcome.value,
        "from": answer.parent,
        "depth": answer.depth,
        "file_name": answer.file_name,
        "size": answer.size if answer.outcome is Outcome.DOCUMENT else None,
        "number": answer.number,
    }
    print_json(shown)
    sys.stdout.flush()


def _tell(answer: Answer) -> None:
    if not answer.url:
        return
    line = f"{answer.outcome.value:15} {safe(answer.url)}"
    if answer.outcome is Outcome.DOCUMENT:
        line += f"  {safe(answer.file_name or '')}, {_size(answer.size)}"
    elif answer.outcome is Outcome.TOO_LARGE and answer.number:
        line += f"  {_size(answer.number)}"
    elif answer.outcome is Outcome.STATUS and answer.number:
        line += f"  HTTP {answer.number}"
    elif answer.outcome is Outcome.HOST_REFUSED and answer.parent:
        line += f"  on {safe(answer.parent)}"
    sys.stdout.write(line + "\n")
    sys.stdout.flush()


def _size(octets: int) -> str:
    return f"{octets / 1024:.0f} KiB" if octets < 1024**2 else f"{octets / 1024**2:.1f} MiB"


def _sum_up(seen: _Seen, source: PortalSource, job: Job) -> None:
    counts = [f"{count} {outcome.value}" for outcome, count in seen.outcomes.most_common()]
    lines = [f"\nportal {source.name}: {', '.join(counts) or 'no answers'}"]
    lines += [
        f"{outcome.value}: {EXPLAINED[outcome]}"
        for outcome in Outcome
        if seen.outcomes[outcome] and outcome not in _QUIET
    ]
    if seen.largest:
        lines.append(f"largest document {_size(seen.largest)}; max_bytes {_size(source.max_bytes)}")
    if seen.outcomes[Outcome.LIMIT] and job.max_pages < source.max_pages:
        lines.append(f"this check stops at {job.max_pages} addresses: --pages asks more")
    lines += [f"next: {sentence}" for sentence in _to_do(seen)]
    sys.stdout.write("\n".join(lines) + "\n")


def _to_do(seen: _Seen) -> list[str]:
    if seen.died_at is not None:
        return [f"the process ended at {safe(seen.died_at) or 'its start'}; a round leaves it out"]
    if not seen.reached:
        return ["no start could be read: compare starts with what a browser shows"]
    if not seen.outcomes[Outcome.DOCUMENT]:
        return ["no documents: start nearer to them (the list's page, its feed), or raise depth"]
    return []
