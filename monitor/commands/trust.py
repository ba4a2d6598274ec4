"""`congvu trust`: what is trusted, bringing more in, and how fresh it is (docs/trust.md)."""

import sys
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from monitor import clock, material
from monitor.clock import VIETNAM
from monitor.commands.tables import show, table
from monitor.commands.written import print_json
from monitor.errors import UserError
from monitor.explain import safe
from monitor.fetch import book
from monitor.fetch.fetcher import addresses
from monitor.fetch.wire import EXPLAINED as EXPLAINED_OUTCOMES
from monitor.material import importing, status
from monitor.material.importing import Outcome, Step, Wish
from monitor.material.loading import Authority, Loaded
from monitor.material.reading import EXPLAINED
from monitor.material.status import CaStatus
from monitor.settings import Settings


def _day(instant: datetime | None) -> str:
    return instant.astimezone(VIETNAM).strftime("%d/%m/%Y") if instant else "–"


# -- list -----------------------------------------------------------------------------------------


def list_store(settings: Settings, as_json: bool) -> int:
    """Every CA certificate in force; 0, or 1 when there is no anchor."""
    loaded, now = material.load(settings.verify), clock.now()
    if as_json:
        for authority in loaded.authorities:
            print_json(_described(authority, loaded, now))
    elif loaded.authorities:
        listed = table("as", "class", "subject", "SHA-256", "valid", "pin", "look", keep=("as",))
        for authority in loaded.authorities:
            listed.add_row(*_row(authority, loaded, now))
        show(listed)
    if not loaded.anchors:
        sys.stderr.write("congvu: no trust anchors; bring one in with congvu trust import FILE\n")
    return 0 if loaded.anchors else 1


def _row(authority: Authority, loaded: Loaded, now: datetime) -> Iterable[str]:
    known = authority.certificate
    return (
        _role(authority, loaded),
        authority.trust_class.value if authority.trust_class else "–",
        safe(str(known.subject)),
        known.sha256,
        f"{_day(known.not_before)} – {_day(known.not_after)}",
        authority.pin.id if authority.pin else "not pinned",
        ", ".join(status.warnings(authority, now)),
    )


def _role(authority: Authority, loaded: Loaded) -> str:
    return "anchor" if authority in loaded.anchors else "intermediate"


def _described(authority: Authority, loaded: Loaded, now: datetime) -> dict[str, object]:
    known = authority.certificate
    return {
        "role": _role(authority, loaded),
        "class": authority.trust_class.value if authority.trust_class else None,
        "subject": str(known.subject),
        "issuer": str(known.issuer),
        "sha256": known.sha256,
        "valid_from": known.not_before.isoformat(),
        "valid_until": known.not_after.isoformat(),
        "pin": authority.pin.id if authority.pin else None,
        "warnings": status.warnings(authority, now),
        "file": str(authority.file),
    }


# -- import ---------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Request:
    """What the options of one import ask for."""

    files: tuple[Path, ...]
    wish: Wish
    as_json: bool


def import_files(request: Request, settings: Settings) -> int:
    """Say what became of each object; 0 when none was refused, else 1."""
    steps = importing.import_files(request.files, settings.verify, request.wish, clock.now())
    if not steps:
        where = ", ".join(map(str, request.files))
        raise UserError(f"{where}: no certificates, lists or OCSP responses found")
    for step in steps:
        print_json(_stepped(step)) if request.as_json else _tell(step)
    refused = sum(step.outcome is Outcome.REFUSED for step in steps)
    if not request.as_json:
        _tell_next(steps, settings)
    return 1 if refused else 0


def _stepped(step: Step) -> dict[str, object]:
    return {
        "file": str(step.source),
        "what": step.what.value if step.what else None,
        "name": step.name,
        "sha256": step.sha256,
        "outcome": step.outcome.value,
        "why": step.why,
        "target": str(step.target) if step.target else None,
    }


def _tell(step: Step) -> None:
    lines = [f"{step.outcome.value}: {step.name}", f"    from {step.source}: {step.why}"]
    if step.sha256:
        lines.append(f"    SHA-256 {step.sha256}")
    if step.target:
        lines.append(f"    stored as {step.target}")
    sys.stdout.write("\n".join(lines) + "\n")


def _tell_next(steps: Sequence[Step], settings: Settings) -> None:
    counts = [f"{sum(s.outcome is o for s in steps)} {o.value}" for o in Outcome]
    sys.stdout.write(", ".join(counts) + "\n")
    if any(step.outcome is Outcome.ADDED for step in steps):
        sys.stdout.write("A running daemon takes this over within ten seconds.\n")
    loaded = material.load(settings.verify)
    left = status.to_do(loaded, status.statuses(loaded, clock.now()))
    for sentence in left:
        sys.stdout.write(f"next: {sentence}\n")


# -- status ---------------------------------------------------------------------------------------


def show_status(settings: Settings, as_json: bool) -> int:
    """Every CA with its revocation list, and what is to be done; 0 when nothing is, else 1."""
    loaded, now = material.load(settings.verify), clock.now()
    found = status.statuses(loaded, now)
    steps = status.to_do(loaded, found) + _unfetched(settings, loaded)
    if as_json:
        authorities = [_fresh(one, now) for one in found]
        problems = [{"file": str(p.file), "why": p.why.value} for p in loaded.problems]
        print_json({"authorities": authorities, "left_out": problems, "to_do": steps})
    else:
        _show_status(found, loaded, now)
        for step in steps:
            sys.stdout.write(f"to do: {step}\n")
        if not steps:
            sys.stdout.write("Nothing to do.\n")
    return 1 if steps else 0


def _unfetched(settings: Settings, loaded: Loaded) -> list[str]:
    """Addresses whose last look gave nothing; what the daemon noted of them."""
    if not settings.fetch.enabled:
        return []
    noted = book.load(settings.state_dir)
    entries = [noted[url] for url in addresses(settings.fetch, loaded) if url in noted]
    return [
        f"{entry.url}: {EXPLAINED_OUTCOMES[entry.outcome]}"
        for entry in entries
        if entry.outcome is not None and not entry.outcome.good
    ]


def _show_status(found: Sequence[CaStatus], loaded: Loaded, now: datetime) -> None:
    listed = table("CA", "as", "list", "issued", "next", "age", "entries", "file", keep=("CA",))
    for one in found:
        age = f"{one.listed.age(now).days} d" if one.listed else "–"
        entries = one.listed.entries() if one.listed else None
        listed.add_row(
            one.label,
            _role(one.authority, loaded),
            one.state.value,
            _day(one.listed.this_update if one.listed else None),
            _day(one.listed.next_update if one.listed else None),
            age,
            "–" if entries is None else str(entries),
            safe(one.held.file.name) if one.held else "–",
        )
    if found:
        show(listed)
    for problem in loaded.problems:
        sys.stdout.write(f"left out: {problem.file}: {EXPLAINED[problem.why]}\n")


def _fresh(one: CaStatus, now: datetime) -> dict[str, object]:
    listed = one.listed
    end = listed.next_update if listed else None
    return {
        "ca": one.label,
        "subject": str(one.authority.certificate.subject),
        "sha256": one.authority.certificate.sha256,
        "class": one.authority.trust_class.value if one.authority.trust_class else None,
        "state": one.state.value,
        "this_update": listed.this_update.isoformat() if listed else None,
        "next_update": end.isoformat() if end else None,
        "age_seconds": round(listed.age(now).total_seconds()) if listed else None,
        "entries": listed.entries() if listed else None,
        "file": str(one.held.file) if one.held else None,
    }
