"""Officials: from the roster to valid signatures, and leaders by themselves."""

from collections.abc import Sequence

from monitor.measure.figures import State
from monitor.model import Role
from monitor.report.content.facts import Facts, FunnelRow, Of
from monitor.report.content.grouping import codes_of, grouped, leading, whole
from monitor.report.content.measures import Measured, count, share, single
from monitor.report.content.names import Names
from monitor.report.model import Cell, Column, Heading, Table
from monitor.report.words import Words

STEPS = ("roster", "provisioned", "active", "habitual", "sends", "signs", "validates")


def funnel(facts: Facts, names: Names, say: Words) -> Table:
    """How many officials came how far; a step that nothing is known of is a dash."""

    def cells(of: Of) -> Sequence[Cell]:
        return steps_of(facts, of, "")

    return Table(
        id="funnel", title=say("funnel.title"), sheet=say("funnel.sheet"),
        headings=(*leading(say), *(
            Heading(step, say(f"funnel.{step}"), Column.COUNT) for step in STEPS)),
        rows=grouped(facts, names, say, cells), total=whole(facts, say, cells),
        notes=(say("funnel.note"),) + ((say("funnel.note_sums"),) if not facts.of.one else ()),
        landscape=True,
    )  # fmt: skip


def leaders(facts: Facts, names: Names, say: Words) -> Table:
    """Leaders with an account, using it, using it habitually, sending documents by it."""
    role = Role.LEADER

    def cells(of: Of) -> Sequence[Cell]:
        found = [single(facts.figures, f"accounts_{step}", of, 0, role=role) for step in STEPS[1:4]]
        sends = _documents(facts, of, (role,))[0]
        shares = (cell for each in found for cell in (count(each, each.numerator), share(each)))
        return [found[0].denominator or None, *shares, sends]

    return Table(
        id="leaders", title=say("leaders.title"), sheet=say("leaders.sheet"),
        headings=(*leading(say), *_leader_headings(say)),
        rows=grouped(facts, names, say, cells), total=whole(facts, say, cells),
        notes=(say("leaders.note"),), landscape=True,
    )  # fmt: skip


def _leader_headings(say: Words) -> Sequence[Heading]:
    found = [Heading("leaders", say("leaders.leaders"), Column.COUNT)]
    for step in STEPS[1:4]:
        over = say(f"funnel.{step}")
        found.append(Heading(step, say("column.number"), Column.COUNT, over))
        found.append(Heading(f"{step}_share", say("column.share"), Column.SHARE, over))
    return [*found, Heading("sends", say("funnel.sends"), Column.COUNT)]


def steps_of(facts: Facts, of: Of, role: str) -> list[Cell]:
    """All steps of officials of a role, or of everybody where it is empty."""
    roles = (role,) if role else ("", Role.STAFF, Role.LEADER)
    return [*_accounts(facts, of, role), *_documents(facts, of, roles)]


def _accounts(facts: Facts, of: Of, role: str) -> list[Cell]:
    """Roster, provisioned, active, habitual."""
    found: list[Measured] = [
        single(facts.figures, f"accounts_{step}", of, 0, role=role) for step in STEPS[1:4]
    ]
    return [found[0].denominator or None, *(count(each, each.numerator) for each in found)]


def _documents(facts: Facts, of: Of, roles: Sequence[str]) -> list[Cell]:
    """Sends, signs, validates of officials; None where no mail of theirs was seen at all."""
    mail = single(facts.figures, "mail_signed", of, 0)
    rows: list[FunnelRow] = [
        row for code in codes_of(facts, of) for role in roles
        if (row := facts.funnel.get((code, role)))
    ]  # fmt: skip
    if not rows and mail.state is State.NO_DATA:
        return [None, None, None]
    return [
        sum(row.sends for row in rows),
        sum(row.signs for row in rows),
        sum(row.validates for row in rows),
    ]
