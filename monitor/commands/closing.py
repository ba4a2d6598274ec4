"""`congvu report close, restate, list, check`: the life of a closed period."""

import asyncio
import sys
from collections.abc import Sequence
from datetime import datetime
from typing import Any

from rich.progress import Progress, SpinnerColumn, TextColumn, TimeElapsedColumn

from monitor.clock import VIETNAM
from monitor.commands.report import period_of, plan_of
from monitor.commands.tables import NOTHING, table
from monitor.commands.tables import show as show_table
from monitor.commands.written import print_json
from monitor.explain import safe
from monitor.measure import closing as closings
from monitor.measure.closing import Changes, Closing, Difference, Weak
from monitor.measure.closing.differences import Cause, FigureChange
from monitor.measure.closing.making import Progress as Step
from monitor.measure.figures import Figure, Scope, State
from monitor.observe import Observer, configure_logging
from monitor.record import attached, audit
from monitor.settings import Settings

MOST_LINES = 40
THE_PERIOD_HAS_ENDED = "the period has ended"


def close(period: str, early: bool, reason: str | None, settings: Settings) -> int:
    """Freeze a period. Raises UserError."""
    configure_logging("error", "console")
    wanted, plan = period_of(period, settings), plan_of(settings)

    async def work(step: Step) -> tuple[Closing, list[Weak]]:
        async with attached(settings, Observer()) as database:
            made = await closings.close(
                database, settings, plan, wanted, audit.operator(),
                reason or THE_PERIOD_HAS_ENDED, early=early, progress=step,
            )  # fmt: skip
            async with database.connection() as connection:
                return made, await closings.weak(connection, made.id)

    with _shown(f"Closing {wanted.id}") as step:
        made, weak = asyncio.run(work(step))
    _say(f"{_named(made)} is closed: facts {made.facts}")
    remarks = [*_remarks(made), *map(_weakness, weak)]
    for line in remarks:
        _say(line)
    if remarks:
        _say(f"Where more of it comes in later: `congvu report restate {wanted.id} --reason …`")
    return 0


def restate(period: str, reason: str, settings: Settings) -> int:
    """Put a new version beside a closed period, where anything differs. Raises UserError."""
    configure_logging("error", "console")
    wanted, plan = period_of(period, settings), plan_of(settings)

    async def work(step: Step) -> tuple[Closing, Changes | None] | None:
        async with attached(settings, Observer()) as database:
            made = await closings.restate(
                database, settings, plan, wanted, audit.operator(), reason, progress=step
            )
            if made is None:
                return None
            async with database.connection() as connection:
                return made, await closings.changes(connection, made.id)

    with _shown(f"Restating {wanted.id}") as step:
        found = asyncio.run(work(step))
    if found is None:
        _say(f"{wanted.id}: nothing differs, so nothing was stored.")
        return 0
    made, changed = found
    _say(f"{_named(made)} stands beside the versions before it: facts {made.facts}")
    if changed:
        _show_changes(changed)
    return 0


def list_closings(as_json: bool, settings: Settings) -> int:
    """Print every version of every closed period, the latest period first."""
    configure_logging("error", "console")

    async def ask() -> list[Closing]:
        async with attached(settings, Observer()) as database, database.connection() as connection:
            return await closings.listed(connection)

    found = asyncio.run(ask())
    if as_json:
        print_json([_as_json(each) for each in found])
        return 0
    if not found:
        _say("No period is closed yet: `congvu report close PERIOD` closes one.")
        return 0
    made = table(
        "period", "version", "days", "closed", "by", "why", "facts",
        keep=("period", "days", "closed", "facts"), right=("version",),
    )  # fmt: skip
    for each in found:
        made.add_row(
            each.period.id, str(each.version), f"{each.period.first} … {each.period.last}",
            _when(each.closed_at), safe(each.actor), safe(each.reason), each.facts[:16],
        )  # fmt: skip
    show_table(made)
    return 0


def check(period: str, as_json: bool, settings: Settings) -> int:
    """Compare a closed period with the facts as they are now; status 1 where it differs.

    Raises UserError.
    """
    configure_logging("error", "console")
    wanted, plan = period_of(period, settings), plan_of(settings)

    async def work(step: Step) -> Difference:
        async with attached(settings, Observer()) as database:
            return await closings.check(database, settings, plan, wanted, progress=step)

    with _shown(f"Checking {wanted.id}") as step:
        found = asyncio.run(work(step))
    if as_json:
        print_json(_difference_as_json(found))
    else:
        _show_difference(found)
    return 1 if found.differs else 0


# -- words -----------------------------------------------------------------------------------------


class _shown:  # noqa: N801 - used as a context, like a function
    """What is being done, on a terminal; into a pipe or file nothing."""

    def __init__(self, title: str) -> None:
        self._title = title
        self._progress = Progress(
            SpinnerColumn(), TextColumn("{task.description}"), TimeElapsedColumn(),
            transient=True, disable=not sys.stderr.isatty(),
        )  # fmt: skip

    def __enter__(self) -> Step:
        self._progress.start()
        task = self._progress.add_task(self._title, total=None)
        return lambda step: self._progress.update(task, description=f"{self._title}: {step}")

    def __exit__(self, *_: object) -> None:
        self._progress.stop()


def _named(made: Closing) -> str:
    return f"{made.period.id} ({made.period.first} to {made.period.last}), version {made.version},"


def _remarks(made: Closing) -> list[str]:
    """What the operator may want to put right before it is handed in."""
    found = []
    if unknown := made.basis["unknown_senders"]:
        found.append(
            f"{unknown} messages or documents are of no known agency, so in no figure: "
            "`congvu documents unknown`"
        )
    found += [
        f"{channel}: nothing came on {len(days)} working days, the first {days[0]}"
        for channel, days in sorted(made.basis["silent_days"].items())
    ]
    return found


def _weakness(found: Weak) -> str:
    if found.coverage is not None:
        return (
            f"{found.channel}: {found.coverage:.1%} of what was sent was captured; figures are of "
            "that part: `congvu coverage`"
        )
    why = "too much is not yet decided" if found.state == "stale" else "too little data"
    return f"{found.indicator} ({found.channel}) is {found.state}: {why}; it is not assessed"


def _show_difference(found: Difference) -> None:
    name = f"{found.closing.period.id}, version {found.closing.version},"
    if found.spoilt:
        _say(
            f"{name} is NOT what was closed: {', '.join(found.spoilt)} differ from their digest. "
            "Somebody has changed the database by hand; take it from a backup."
        )
    if found.forgotten:
        _say(f"Forgotten since (privacy.report_months): {', '.join(found.forgotten)}")
    if found.unknown:
        _say(f"{name} cannot be compared: {found.unknown}")
    elif found.changes is None and found.spoilt:
        _say("Computed anew it says what was closed.")
    elif found.changes is None:
        _say(f"{name} is what it would be now: nothing differs.")
    else:
        _say(f"{name} would be another now; `congvu report restate` puts a new version beside it.")
        _show_changes(found.changes)


def _show_changes(changed: Changes) -> None:
    figures = [each for each in changed.figures if each.about == "period" and not each.panel]
    shown = [each for each in figures if _of(each).scope is Scope.PROVINCE] or figures
    if shown:
        made = table(
            "figure", "of", "channel", "was", "is", keep=("figure", "was", "is"),
            right=("was", "is"),
        )  # fmt: skip
        for each in shown[:MOST_LINES]:
            made.add_row(*_figure_words(each))
        show_table(made)
        _say(f"{len(figures)} figures of the period differ.")
    causes = table(
        "agency", "channel", "what", "why", "facts", keep=("what", "why"), right=("facts",)
    )
    for cause in changed.causes[:MOST_LINES]:
        causes.add_row(*_cause_words(cause))
    show_table(causes)
    if len(changed.causes) > MOST_LINES:
        _say(f"... and {len(changed.causes) - MOST_LINES} more causes: see --json")


def _figure_words(change: FigureChange) -> Sequence[str]:
    figure = _of(change)
    series = "/".join(filter(None, (figure.document_class, figure.role, figure.base)))
    name = f"{figure.indicator} ({series})" if series else figure.indicator
    return (name, safe(figure.code), figure.channel, *_values(change))


def _cause_words(cause: Cause) -> Sequence[str]:
    return (
        safe(cause.code) or NOTHING, cause.channel or NOTHING, cause.what,
        cause.why.replace("_", " "), str(cause.facts),
    )  # fmt: skip


def _of(change: FigureChange) -> Figure:
    found = change.after or change.before
    assert found is not None  # noqa: S101 - for the type checker: one of them there is
    return found


def _values(change: FigureChange) -> tuple[str, str]:
    """Before and after; with what else differs where the shares are alike."""
    was, now = _value(change.before), _value(change.after)
    if was == now and change.before and change.after:
        for name in ("undecided", "checked", "state"):
            old, new = getattr(change.before, name), getattr(change.after, name)
            if old != new:
                return f"{was}, {name} {_brief(old)}", f"{now}, {name} {_brief(new)}"
    return was, now


def _brief(value: float | State | None) -> str:
    if isinstance(value, State):
        return value.value
    return NOTHING if value is None else f"{value:.4g}"


def _value(figure: Figure | None) -> str:
    if figure is None:
        return NOTHING
    share = NOTHING if figure.ratio is None else f"{figure.ratio:.1%}"
    return f"{figure.numerator}/{figure.denominator} {share}"


def _when(at: datetime) -> str:
    return at.astimezone(VIETNAM).strftime("%d/%m/%Y %H:%M")


def _as_json(made: Closing) -> dict[str, Any]:
    return {
        "id": made.id,
        "period": made.period.id,
        "version": made.version,
        "first_day": made.period.first.isoformat(),
        "last_day": made.period.last.isoformat(),
        "closed_at": made.closed_at.isoformat(),
        "actor": made.actor,
        "reason": made.reason,
        "facts": made.facts,
        "basis": made.basis,
    }


def _difference_as_json(found: Difference) -> dict[str, Any]:
    changed = found.changes
    return {
        "period": found.closing.period.id,
        "version": found.closing.version,
        "differs": found.differs,
        "spoilt": list(found.spoilt),
        "forgotten": list(found.forgotten),
        "unknown": found.unknown,
        "figures": [_change_as_json(each) for each in changed.figures] if changed else [],
        "causes": [
            {
                "code": each.code, "channel": each.channel, "what": each.what, "why": each.why,
                "facts": each.facts,
            }
            for each in (changed.causes if changed else ())
        ],
    }  # fmt: skip


def _change_as_json(change: FigureChange) -> dict[str, Any]:
    figure = _of(change)
    return {
        "about": change.about, "panel": change.panel, "indicator": figure.indicator,
        "scope": figure.scope.value, "code": figure.code, "channel": figure.channel,
        "document_class": figure.document_class, "role": figure.role, "base": figure.base,
        "before": _value_as_json(change.before), "after": _value_as_json(change.after),
    }  # fmt: skip


def _value_as_json(figure: Figure | None) -> dict[str, Any] | None:
    if figure is None:
        return None
    return {
        "numerator": figure.numerator, "denominator": figure.denominator,
        "undecided": figure.undecided, "ratio": figure.ratio, "state": figure.state.value,
    }  # fmt: skip


def _say(line: str) -> None:
    sys.stdout.write(f"{line}\n")
