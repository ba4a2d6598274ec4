"""`congvu verify`: verdicts of files as a report, one sentence or JSON lines (docs/verify.md)."""

import asyncio
import os
import sys
from collections import deque
from collections.abc import AsyncIterator, Callable, Coroutine, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from monitor import clock, material
from monitor.agencies import Registry
from monitor.commands.online import completed
from monitor.commands.pages import Progress, show_page
from monitor.errors import UserError
from monitor.explain import lines, safe, sentence
from monitor.isolate.pool import Pool
from monitor.model import (
    Finding,
    Integrity,
    Kind,
    Language,
    Limits,
    Moment,
    Overall,
    Revocation,
    Trust,
    TrustMaterial,
    Verdict,
)
from monitor.observe import Observer, configure_logging
from monitor.settings import Settings, VerifySettings

MAX_FILE_BYTES = 512 * 1024 * 1024


@dataclass(frozen=True, slots=True)
class Request:
    """What the options of one call ask for."""

    files: tuple[str, ...]
    trust: tuple[Path, ...]
    intermediates: tuple[Path, ...]
    crls: tuple[Path, ...]
    at: str
    now: str | None
    revocation: Revocation
    content: Path | None
    as_json: bool
    brief: bool
    """One sentence a file in place of the report."""
    language: Language
    online: bool
    """Fetch first what the files' signatures lack."""


def verify(request: Request, settings: Settings) -> int:
    """Print one answer a file in the order given; 0 when all are valid, else 1."""
    configure_logging("warning", "console")
    moment = _moment(request)
    trust = _material(request, settings)
    content = _content(request.content)
    return asyncio.run(_verify(request, settings, trust, moment, content))


def _moment(request: Request) -> Moment:
    now = _instant("--now", request.now) if request.now else clock.now()
    at = None if request.at == "best" else _instant("--at", request.at)
    return Moment(now=now, at=at)


def _instant(option: str, text: str) -> datetime:
    try:
        instant = datetime.fromisoformat(text)
    except ValueError:
        hint = "give ISO 8601, for example 2026-10-31T17:00:00+07:00"
        raise UserError(f"{option} {text}: not a time; {hint}") from None
    return instant if instant.tzinfo else instant.replace(tzinfo=UTC)


def _material(request: Request, settings: Settings) -> TrustMaterial:
    base = material.load(settings.verify).material
    changes: dict[str, object] = {"revocation": request.revocation}
    if settings.agencies.registry:
        changes["mailboxes"] = Registry.load(settings.agencies.registry).mailbox_rights()
    if request.trust:
        changes["anchors"] = tuple(a for path in request.trust for a in material.anchors(path))
    if request.intermediates:
        changes["intermediates"] = material.ders(
            list(request.intermediates), material.What.CERTIFICATE
        )
    if request.crls:
        changes["crls"] = material.ders(list(request.crls), material.What.CRL)
        changes["indexed"] = ()
        changes["ocsps"] = material.ders(list(request.crls), material.What.OCSP)
    return base.model_copy(update=changes)


def _content(path: Path | None) -> bytes | None:
    if path is None:
        return None
    try:
        return path.read_bytes()
    except OSError as error:
        raise UserError(f"--content {path}: {error.strerror}") from None


async def _verify(
    request: Request,
    settings: Settings,
    trust: TrustMaterial,
    moment: Moment,
    content: bytes | None,
) -> int:
    pool = _pool(settings.verify, trust, len(request.files))
    await pool.start()

    async def judge(name: str) -> Verdict:
        data = await asyncio.to_thread(_read, name)
        if isinstance(data, Verdict):
            return data
        return await pool.judge_file(_text(name), data, moment, content)

    all_valid = True
    progress = Progress(request.files)
    try:
        if request.online:
            read = map(_read, request.files)
            contents = (data for data in read if isinstance(data, bytes))
            await pool.renew(await completed(contents, pool, trust, settings))
        async for verdict in _in_order(judge, request.files, ahead=settings.verify.children + 1):
            all_valid &= verdict.overall is Overall.VALID
            progress.clear()
            _show(verdict, request)
            progress.advance()
    finally:
        progress.clear()
        await pool.stop()
    return 0 if all_valid else 1


def _pool(verify: VerifySettings, trust: TrustMaterial, files: int) -> Pool:
    return Pool(
        children=min(verify.children, files, os.cpu_count() or 1),
        material=trust,
        limits=Limits(),
        isolation=verify.isolation,
        timeout_seconds=verify.timeout_seconds,
        memory_bytes=verify.memory_bytes,
        items_per_child=verify.items_per_child,
        observer=Observer(),
    )


async def _in_order(
    judge: Callable[[str], Coroutine[None, None, Verdict]], names: Sequence[str], ahead: int
) -> AsyncIterator[Verdict]:
    """Answers in input order, a bounded number under way at once."""
    async with asyncio.TaskGroup() as group:
        waiting: deque[asyncio.Task[Verdict]] = deque()
        for name in names:
            waiting.append(group.create_task(judge(name)))
            if len(waiting) > ahead:
                yield await waiting.popleft()
        while waiting:
            yield await waiting.popleft()


def _read(name: str) -> bytes | Verdict:
    """The file's bytes, or the line that says why they cannot be had."""
    try:
        with Path(name).open("rb") as file:
            if os.fstat(file.fileno()).st_size > MAX_FILE_BYTES:
                return _unread(name, Finding.LIMIT_REACHED)
            return file.read(MAX_FILE_BYTES)
    except (OSError, ValueError):
        return _unread(name, Finding.CANNOT_OPEN)


def _text(name: str) -> str:
    """A file's name as text: bytes that are no UTF-8 cannot stand in a JSON line."""
    return os.fsencode(name).decode("utf-8", "replace")


def _unread(name: str, finding: Finding) -> Verdict:
    return Verdict(
        path=_text(name),
        kind=Kind.OTHER,
        overall=Overall.UNREADABLE,
        integrity=Integrity.UNREADABLE,
        trust=Trust.UNKNOWN,
        findings=(finding,),
    )


def _show(verdict: Verdict, request: Request) -> None:
    if request.as_json:
        sys.stdout.write(verdict.model_dump_json() + "\n")
    elif request.brief:
        sys.stdout.write(f"{safe(verdict.path)}: {sentence(verdict, request.language)}\n")
    else:
        show_page(lambda width: lines(verdict, request.language, width))
    sys.stdout.flush()
