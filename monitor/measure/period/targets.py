"""How the plan's targets stand by the figures of a period, as of its last day."""

from collections.abc import Sequence
from datetime import date

from monitor.measure.plan import Plan
from monitor.measure.progress import Progress, assess, decimal, known_baselines, measured_of, wanted
from monitor.measure.statements import sql
from monitor.record.connection import Connection

COLUMNS = (
    "closing_id", "target", "code", "ordinal", "title", "indicator", "scope", "channel", "value",
    "due", "numerator", "denominator", "state", "ratio", "gap", "path", "units_short", "assessment",
)  # fmt: skip


async def targets(connection: Connection, plan: Plan, last: date, closing_id: int) -> None:
    """Store every target, and each agency in force on the last day of an `each:` target.

    Baselines are those that were known on that day; a report remembers none.
    """
    rows = await connection.fetch(
        sql("period_target_figures"), *wanted(plan.targets), closing_id, last
    )
    firsts = await known_baselines(connection, plan.targets, last)
    found = []
    for row in rows:
        target = plan.targets[row["ordinal"]]
        baseline = target.baseline or firsts.get((target.id, row["code"]))
        found.append(assess(target, measured_of(row), baseline, last))
    await connection.copy_records_to_table(
        "closed_target", records=_rows(found, closing_id), columns=COLUMNS
    )


def _rows(found: Sequence[Progress], closing_id: int) -> list[tuple[object, ...]]:
    return [
        (
            closing_id, each.target.id, each.code, ordinal, each.target.name,
            each.target.indicator.value, each.target.scope_kind.value,
            each.target.measured_channel.value, float(each.target.value), each.target.due,
            each.numerator, each.denominator, each.state.value, decimal(each.ratio),
            decimal(each.gap), decimal(each.path), each.units_short, each.assessment.value,
        )
        for ordinal, each in enumerate(found)
    ]  # fmt: skip
