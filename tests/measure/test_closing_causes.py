"""A restatement says of every figure that changed which facts changed, and why."""

import random
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, time
from pathlib import Path

import pytest

from monitor.measure import closing
from monitor.measure.closing import Changes, Closing
from monitor.measure.closing import basis as closing_basis
from monitor.measure.closing.differences import Cause, FigureChange
from monitor.measure.figures import Figure, Scope, State
from monitor.measure.indicators import CATALOGUE, Facts
from monitor.measure.plan import Indicator, Plan, Target
from monitor.model import Channel, DocumentClass
from monitor.periods import Rules, parse
from monitor.record import AgencyRow, Database, Recorder
from monitor.settings import Settings
from tests.measure.accounts_world import World
from tests.measure.closing_world import MARCH, Month, on
from tests.revalidate.scripted import Scene, undecided
from tests.support.database import Server
from tests.support.outcomes import document, filed, mail, valid, verdict
from tests.support.registers import entered, met

APRIL = parse("2026-04", Rules())


@pytest.fixture
async def month(database: Database, recorder: Recorder, tmp_path: Path) -> Month:
    made = await Month.made(database, recorder, tmp_path)
    await made.close()
    return made


async def changed(month: Month, made: Closing | None) -> Changes:
    assert made is not None
    async with month.database.connection() as connection:
        found = await closing.changes(connection, made.id)
    assert found is not None
    return found


# -- each cause ------------------------------------------------------------------------------------


async def test_a_late_document_is_named_by_agency_and_channel(
    month: Month, recorder: Recorder
) -> None:
    await recorder.write([filed(document("muộn", valid()), at=on(12), sent_at=on(12))])
    made = await month.restate()
    assert await month.causes(made) == {("so-mot", "docsys", "document", "late", 1)}
    found = await changed(month, made)
    assert (found.before.version, found.after.version) == (1, 2)
    of_one = {
        (each.after.indicator, each.after.scope.value): each for each in found.figures
        if each.after and each.after.channel == "docsys" and each.after.document_class == "formal"
        and each.after.base == ""
    }  # fmt: skip
    signed = of_one["document_signed", "agency"]
    assert signed.before is not None
    assert signed.after is not None
    assert (signed.before.numerator, signed.before.denominator) == (1, 2)
    assert (signed.after.numerator, signed.after.denominator) == (2, 3)


async def test_a_late_mail_its_document_and_its_correspondence_are_named(
    month: Month, recorder: Recorder
) -> None:
    await recorder.write([mail("muộn", [document("muộn", valid())], at=on(12))])
    assert await month.causes(await month.restate()) == {
        ("so-mot", "mail", "document", "late", 1),
        ("so-mot", "mail", "message", "late", 1),
        ("so-mot", "mail", "correspondence", "late", 1),
        ("so-hai", "mail", "correspondence", "late", 1),
    }


async def test_a_copy_of_what_was_counted_changes_nothing(month: Month, recorder: Recorder) -> None:
    await recorder.write([
        mail("thư một", [document("năm", valid())], at=on(9)),
        filed(document("một", valid()), at=on(20), sent_at=on(20)),
    ])  # fmt: skip
    assert await month.restate() is None


async def test_a_document_that_was_met_before_moves_to_its_day(
    month: Month, recorder: Recorder
) -> None:
    await recorder.write(
        [filed(document("bốn", valid()), agency="xa-mot", at=on(2), sent_at=on(2))]
    )
    assert await month.causes(await month.restate()) == {
        ("xa-mot", "docsys", "document", "late", 1)
    }


async def test_a_document_that_is_no_longer_there_was_withdrawn(month: Month) -> None:
    await month.execute("DELETE FROM document WHERE day = '2026-03-04'")
    await month.execute("INSERT INTO changed_day VALUES ('2026-03-04')")
    causes = await month.causes(await month.restate())
    assert ("so-mot", "docsys", "document", "withdrawn", 1) in causes


async def test_an_entry_that_the_register_corrects_is_named(month: Month) -> None:
    await month.execute("UPDATE register_entry SET paper = 'electronic' WHERE number = '2'")
    assert await month.causes(await month.restate()) == {
        ("so-mot", "docsys", "register", "register_changed", 1)
    }


async def test_an_entry_that_came_and_one_that_went_are_the_registers(month: Month) -> None:
    await entered(month.database, 3, on(10).date(), paper="parallel")
    await month.execute("UPDATE register_entry SET gone_run_id = 7 WHERE number = '2'")
    assert await month.causes(await month.restate()) == {
        ("so-mot", "docsys", "register", "register_changed", 2)
    }


async def test_an_entry_whose_file_came_later_is_late(month: Month, recorder: Recorder) -> None:
    entry = await entered(month.database, 3, on(12).date(), paper="paper")
    assert await month.restate() is not None
    await recorder.write([filed(document("muộn", valid()), at=on(12), sent_at=on(12))])
    await met(month.database, entry, "muộn")
    assert await month.causes(await month.restate()) == {
        ("so-mot", "docsys", "register", "late", 1),
        ("so-mot", "docsys", "document", "late", 1),
    }


async def test_officials_who_came_or_left_are_the_rosters(month: Month) -> None:
    await month.world.works("mới", "so-hai")
    causes = await month.causes(await month.restate())
    assert causes == {("so-hai", "mail", "roster", "roster_changed", 1)}


async def test_activity_that_came_late_is_of_accounts(month: Month) -> None:
    await month.world.active("thu", on(2).date())
    assert await month.causes(await month.restate()) == {("so-mot", "mail", "account", "late", 1)}


async def test_a_setting_that_counts_otherwise_is_a_cause(month: Month) -> None:
    month.change("accounts", habitual_days=11)
    assert await month.causes(await month.restate()) == {
        ("", "", "setting", "settings_changed", 1),
        ("so-mot", "mail", "account", "settings_changed", 1),
    }


async def test_the_rule_of_dispatch_is_a_cause_of_documents_in_time(
    month: Month, recorder: Recorder
) -> None:
    late = datetime(2026, 3, 3, 3, 0, tzinfo=UTC)
    await recorder.write([filed(document("chậm", valid()), at=late, sent_at=late)])
    assert await month.restate() is not None
    month.change("measure", dispatch_until=time(9, 30))
    causes = await month.causes(await month.restate())
    assert ("", "", "setting", "settings_changed", 1) in causes
    assert ("so-mot", "docsys", "document", "settings_changed", 1) in causes


async def test_another_definition_is_a_cause(
    month: Month, recorder: Recorder, monkeypatch: pytest.MonkeyPatch
) -> None:
    before = closing_basis.definitions()
    raised = before | {"document_signed": {"version": 2, "sha256": "ab"}}
    monkeypatch.setattr(closing_basis, "definitions", lambda: raised)
    await recorder.write([filed(document("muộn", valid()), at=on(12), sent_at=on(12))])
    causes = await month.causes(await month.restate())
    assert ("", "", "definition", "definition_changed", 1) in causes


async def test_another_plan_is_a_cause(month: Month) -> None:
    target = Target(
        id="ky-so", name="Ký số", indicator=Indicator.DOCUMENT_SIGNED, scope="province",
        value="90%", due=date(2026, 12, 31), channel="docsys",
    )  # fmt: skip
    month.plan = Plan("Kế hoạch", (target,))
    assert await month.causes(await month.restate()) == {("", "", "target", "settings_changed", 1)}


async def test_an_agency_that_is_called_otherwise_is_a_cause(month: Month) -> None:
    await month.execute("UPDATE agency_period SET name = 'Sở Mới' WHERE name = 'Sở Hai'")
    assert await month.causes(await month.restate()) == {
        ("so-hai", "", "agency", "registry_changed", 1)
    }


async def test_the_period_before_that_changed_is_only_compared_with(
    month: Month, recorder: Recorder
) -> None:
    month.at = datetime(2026, 5, 10, 3, 0, tzinfo=UTC)
    in_april = datetime(2026, 4, 7, 2, 0, tzinfo=UTC)
    await recorder.write([filed(document("tư", valid()), at=in_april, sent_at=in_april)])
    await month.close(APRIL)
    await recorder.write([filed(document("muộn", valid()), at=on(12), sent_at=on(12))])
    assert not (await month.check(APRIL)).differs  # March is closed: what it said stands
    assert (await month.restate(MARCH)) is not None
    assert await month.restate(APRIL) is None  # and what April was compared with, too
    await recorder.write([filed(document("năm", valid()), at=in_april, sent_at=in_april)])
    causes = (await changed(month, await month.restate(APRIL))).causes
    assert {(cause.what, cause.why) for cause in causes} == {
        ("document", "late"), ("comparison", "recomputed")
    }  # fmt: skip


async def test_a_verdict_that_is_judged_again_is_a_cause(
    database: Database, recorder: Recorder, postgres_server: Server, tmp_path: Path
) -> None:
    """Through re-validation, by the revocation list that came after the closing."""
    await database.sync_agencies([AgencyRow("so-mot", "Sở Một", "department", "tinh")])
    scene = Scene(database, recorder, postgres_server)
    await scene.lists("monday")
    await scene.write(mail("1", [document("a", undecided())]))
    month = Month(database, recorder, Settings(state_dir=tmp_path), World(database))
    await month.close()
    await scene.lists("tuesday")
    assert (await scene.revalidate()).changed == 1
    assert await month.causes(await month.restate()) == {
        ("so-mot", "mail", "document", "verdict_changed", 1),
        ("so-mot", "mail", "message", "verdict_changed", 1),
    }


async def test_a_signer_who_turns_out_to_be_anothers_is_attribution(month: Month) -> None:
    await month.execute(
        "UPDATE document SET signed_by_issuer = false WHERE day = '2026-03-03';"
        " INSERT INTO changed_day VALUES ('2026-03-03')"
    )
    assert await month.causes(await month.restate()) == {
        ("so-mot", "docsys", "document", "attribution_changed", 1)
    }


# -- all of them -----------------------------------------------------------------------------------


@dataclass
class Trouble:
    """Random changes of what was recorded, and how many facts each kind moved."""

    month: Month
    random: random.Random
    number: int = 0

    async def late_document(self) -> None:
        self.number += 1
        when = on(self.random.randint(2, 31))
        made = document(
            f"muộn {self.number}", self.random.choice([valid(), verdict(), undecided()]),
            self.random.choice([DocumentClass.FORMAL, DocumentClass.EDITABLE]),
        )  # fmt: skip
        channel = self.random.choice([Channel.DOCSYS, Channel.AXIS, Channel.PORTAL])
        agency = self.random.choice(["so-mot", "so-hai", "xa-mot", None])
        await self.month.recorder.write(
            [filed(made, agency=agency, at=when, sent_at=when, channel=channel)]
        )

    async def late_mail(self) -> None:
        self.number += 1
        made = [document(f"kèm {self.number}", self.random.choice([valid(), verdict()]))]
        await self.month.recorder.write(
            [mail(f"muộn {self.number}", made, at=on(self.random.randint(2, 31)))]
        )

    async def judged_again(self) -> None:
        overall = self.random.choice(["invalid", "valid", "unsigned"])
        await self.one_document(f"overall = '{overall}', cause = NULL, signed_by_issuer = true")

    async def attributed_again(self) -> None:
        await self.one_document("relayed = NOT relayed")

    async def withdrawn(self) -> None:
        found = await self.month.fetch(
            "DELETE FROM document WHERE document_uid = (SELECT document_uid FROM document"
            " WHERE counted ORDER BY document_uid OFFSET $1 LIMIT 1) RETURNING day",
            self.random.randint(0, 4),
        )
        for row in found:
            await self.month.execute("INSERT INTO changed_day VALUES ($1)", row["day"])

    async def corrected_register(self) -> None:
        paper = self.random.choice(["electronic", "parallel", "paper", None])
        number = str(self.random.randint(1, 2))
        await self.month.execute(
            "UPDATE register_entry SET paper = $1 WHERE number = $2", paper, number
        )

    async def new_entry(self) -> None:
        self.number += 1
        day = on(self.random.randint(2, 31)).date()
        await entered(self.month.database, 100 + self.number, day, paper="electronic")

    async def new_official(self) -> None:
        self.number += 1
        agency = self.random.choice(["so-mot", "so-hai", "xa-mot"])
        async with self.month.database.connection() as connection:
            await connection.execute(
                "WITH made AS (INSERT INTO person (pseudonym, source) VALUES ($1, 'test')"
                " RETURNING person_id) INSERT INTO employment SELECT person_id, '-infinity',"
                " 'infinity', agency_id, 'staff' FROM made, agency WHERE code = $2",
                1000 + self.number, agency,
            )  # fmt: skip

    async def one_document(self, change: str) -> None:
        found = await self.month.fetch(
            f"UPDATE document SET {change} WHERE document_uid = (SELECT document_uid FROM document"
            " WHERE counted ORDER BY document_uid OFFSET $1 LIMIT 1) RETURNING day",
            self.random.randint(0, 4),
        )
        for row in found:
            await self.month.execute("INSERT INTO changed_day VALUES ($1)", row["day"])

    async def some(self) -> None:
        kinds: Sequence[Callable[[], Awaitable[None]]] = (
            self.late_document, self.late_mail, self.judged_again, self.attributed_again,
            self.withdrawn, self.corrected_register, self.new_entry, self.new_official,
        )  # fmt: skip
        for kind in self.random.sample(kinds, self.random.randint(1, 4)):
            await kind()


def explains(cause: Cause, change: FigureChange) -> bool:
    """Whether a cause is of what a figure counts, said apart from the statement that stores it."""
    figure = change.after or change.before
    assert figure is not None
    if {each.state for each in (change.before, change.after) if each} == {State.NO_DATA}:
        return True  # the channel came into use elsewhere
    kinds = {
        Facts.ROSTERS: {"roster", "account"}, Facts.REGISTERS: {"register"},
        Facts.CAPTURE: {"document", "message", "correspondence"}, Facts.NAMES: set[str](),
    }[CATALOGUE[figure.indicator].facts]  # fmt: skip
    if change.before and change.after and counts(change.before) == counts(change.after):
        kinds = {"register", "coverage"}
    whose = figure.scope is not Scope.AGENCY or cause.code == figure.code
    return whose and cause.channel == figure.channel and cause.what in kinds


def counts(figure: Figure) -> tuple[int, int, int]:
    return figure.numerator, figure.denominator, figure.undecided


@pytest.mark.parametrize("seed", range(4))
async def test_every_figure_that_changed_is_explained_by_facts(month: Month, seed: int) -> None:
    trouble = Trouble(month, random.Random(seed))
    restated = 0
    for _ in range(4):
        await trouble.some()
        made = await month.restate()
        if made is None:
            continue
        restated += 1
        found = await changed(month, made)
        assert found.causes
        assert not [each for each in found.causes if each.what == "figure"]
        for each in found.figures:
            if each.about != "period" or each.panel:
                continue
            assert any(explains(cause, each) for cause in found.causes), (each, found.causes)
    assert restated > 1


async def test_what_is_said_to_differ_is_exactly_what_was_changed(
    month: Month, recorder: Recorder
) -> None:
    await recorder.write([
        *(filed(document(f"m{n}", valid()), at=on(12), sent_at=on(12)) for n in range(7)),
        *(mail(f"t{n}", [document(f"t{n}", verdict())], at=on(13)) for n in range(5)),
    ])  # fmt: skip
    await month.execute(
        "UPDATE document SET overall = 'invalid' WHERE day IN ('2026-03-03', '2026-03-06');"
        " INSERT INTO changed_day VALUES ('2026-03-03'), ('2026-03-06')"
    )
    assert await month.causes(await month.restate()) == {
        ("so-mot", "docsys", "document", "late", 7),
        ("so-mot", "mail", "document", "late", 5),
        ("so-mot", "mail", "message", "late", 5),
        ("so-mot", "mail", "correspondence", "late", 5),
        ("so-hai", "mail", "correspondence", "late", 5),
        ("so-mot", "docsys", "document", "verdict_changed", 1),
        ("xa-mot", "docsys", "document", "verdict_changed", 1),
    }


async def test_a_figure_that_no_fact_explains_is_said_to_be_counted_otherwise(
    month: Month,
) -> None:
    await month.execute("UPDATE day_fact SET numerator = 0 WHERE indicator = 'document_signed'")
    causes = await month.causes(await month.restate())
    assert ("so-mot", "docsys", "figure", "recomputed") in {cause[:4] for cause in causes}
