"""Free mail in figures: by hand, and against a plain model with copies in any order."""

import random
from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime

import pytest

from monitor.clock import vietnam_day
from monitor.measure import Figure, Measure, State
from monitor.model import (
    Direction,
    DocumentClass,
    Drawing,
    FreemailUse,
    FreemailWay,
    Origin,
    Outcome,
)
from monitor.record import AgencyRow, Database, Recorder
from tests.support.outcomes import document, mail

TODAY = datetime(2026, 3, 18, 3, 0, tzinfo=UTC)
CODES = ("so-mot", "so-hai", "xa-mot")
AGENCIES = [AgencyRow(code, code, "department", "tinh") for code in CODES]
TO, FROM = FreemailWay.TO, FreemailWay.FROM
FORWARDED, ACCOUNT = FreemailWay.FORWARDED, FreemailWay.ACCOUNT


def on(day: int, hour: int = 2) -> datetime:
    return datetime(2026, 3, day, hour, 0, tzinfo=UTC)


MONDAY = on(16)


@pytest.fixture(autouse=True)
async def _agencies(database: Database) -> None:
    await database.sync_agencies(AGENCIES)


@dataclass(frozen=True)
class Copy:
    """One copy of a message, as it was attributed."""

    name: str
    sender: str | None = "so-mot"
    to: tuple[str, ...] = ("so-hai",)
    documents: int = 1
    automatic: bool = False
    uses: tuple[tuple[str | None, FreemailWay], ...] = ()
    origin: Origin = Origin.INTERNAL
    at: datetime = MONDAY
    internal: bool = False

    def outcome(self) -> Outcome:
        kinds = (DocumentClass.FORMAL, DocumentClass.EDITABLE, DocumentClass.ARCHIVE)
        made = mail(
            self.name,
            [
                document(f"{self.name} {number}", document_class=kinds[number % 3])
                for number in range(self.documents)
            ],
            sender_agency=self.sender,
            to=self.to,
            direction=Direction.INTERNAL if self.internal else None,
            at=self.at,
            facts={"automatic": self.automatic},
        )
        said = {
            "freemail": tuple(FreemailUse(agency=agency, way=way) for agency, way in self.uses),
            "origin": self.origin,
        }
        attribution = made.attribution.model_copy(update=said)
        return made.model_copy(update={"attribution": attribution})


async def freemail(database: Database, code: str = "so-mot", window: str = "wd5") -> Figure:
    figures = await Measure(database, lambda: TODAY).refresh()
    (found,) = [
        each
        for each in figures
        if (each.indicator, each.code, each.window) == ("freemail", code, window)
    ]
    return found


async def two(database: Database, code: str = "so-mot") -> tuple[int, int]:
    found = await freemail(database, code)
    return found.numerator, found.denominator


async def facts(database: Database) -> dict[tuple[str, date], tuple[int, int]]:
    async with database.connection() as connection:
        rows = await connection.fetch(
            "SELECT code, day, numerator, denominator FROM day_fact JOIN agency USING (agency_id)"
            " WHERE indicator = 'freemail'"
        )
    return {(row["code"], row["day"]): (row["numerator"], row["denominator"]) for row in rows}


async def write(recorder: Recorder, *copies: Copy) -> None:
    await recorder.write([each.outcome() for each in copies])


async def test_mail_with_documents_is_counted_for_who_sent_and_for_who_got_it(
    database: Database, recorder: Recorder
) -> None:
    await write(
        recorder,
        Copy("1", uses=(("so-mot", TO),)),
        Copy("2"),
        Copy("3", documents=0),
        Copy("4", automatic=True),
        Copy("5", to=(), internal=True),
        Copy("6", sender=None, to=("so-mot",), uses=(("so-mot", FROM),)),
    )
    assert await two(database) == (2, 3)
    assert await two(database, "so-hai") == (0, 2)


async def test_forwarded_mail_and_a_free_account_count_without_documents(
    database: Database, recorder: Recorder
) -> None:
    await write(
        recorder,
        Copy("1", sender=None, to=("so-mot",), documents=0, uses=(("so-mot", FORWARDED),)),
        Copy("2", sender=None, to=("so-hai",), documents=0, uses=(("so-mot", ACCOUNT),)),
        Copy("3", automatic=True, to=("so-hai",), uses=(("so-mot", FORWARDED),)),
    )
    assert await two(database) == (3, 3)


async def test_a_sample_of_what_is_verified_is_no_sample_of_free_mail(
    database: Database, recorder: Recorder
) -> None:
    rare = Drawing(rate=0.05, drawn=False)
    copies = [Copy(str(number), uses=(("so-mot", TO),) * (number < 3)) for number in range(12)]
    await recorder.write([each.outcome().model_copy(update={"drawing": rare}) for each in copies])
    found = await freemail(database)
    assert (found.numerator, found.denominator, found.undecided) == (3, 12, 0)
    assert (found.sample_fraction, found.state) == (1, State.OK)


async def test_one_message_that_goes_several_ways_is_one(
    database: Database, recorder: Recorder
) -> None:
    await write(recorder, Copy("1", uses=(("so-mot", TO), ("so-mot", FORWARDED))))
    assert await two(database) == (1, 1)


async def test_an_account_that_the_origin_refutes_later_was_not_used(
    database: Database, recorder: Recorder
) -> None:
    claimed = Copy(
        "1", sender=None, documents=0, uses=(("so-mot", ACCOUNT),), origin=Origin.UNKNOWN
    )
    await write(recorder, claimed)
    assert await two(database) == (1, 1)
    async with database.connection() as connection:
        await connection.execute(
            "WITH late AS (UPDATE message SET origin = 'unaligned' RETURNING day)"
            " INSERT INTO changed_day SELECT day FROM late"
        )
    found = await freemail(database)
    assert (found.denominator, found.state) == (0, State.NO_DATA)


async def test_what_left_without_a_name_is_of_the_only_agency_that_a_copy_reached(
    database: Database, recorder: Recorder
) -> None:
    delivered = Copy("1", sender=None, to=("so-hai",), documents=0)
    leaving = Copy("1", sender=None, to=(), documents=0, uses=((None, FORWARDED),))
    await write(recorder, leaving)
    assert await facts(database) == {}
    await write(recorder, delivered)
    assert await two(database, "so-hai") == (1, 1)
    await write(recorder, Copy("1", sender=None, to=("xa-mot",), documents=0))
    assert (await freemail(database, "so-hai")).state is State.NO_DATA


async def test_a_copy_of_an_earlier_day_takes_its_uses_along(
    database: Database, recorder: Recorder
) -> None:
    await write(recorder, Copy("1", uses=(("so-mot", TO),), at=on(17)))
    await write(recorder, Copy("1", at=on(12)))
    await Measure(database, lambda: TODAY).refresh()
    assert (await facts(database))["so-mot", date(2026, 3, 12)] == (1, 1)
    assert ("so-mot", date(2026, 3, 17)) not in await facts(database)


async def test_days_recorded_before_documents_were_counted_have_no_data(
    database: Database, recorder: Recorder
) -> None:
    await write(recorder, Copy("1", uses=(("so-mot", TO),)))
    async with database.connection() as connection:
        await connection.execute("UPDATE message SET attached = NULL")
    await write(recorder, Copy("1", uses=(("so-mot", FORWARDED),)))  # a copy that comes now
    found = await freemail(database)
    assert (found.ratio, found.state) == (None, State.NO_DATA)
    assert await facts(database) == {}


async def test_it_carries_a_process_interval(database: Database, recorder: Recorder) -> None:
    copies = [
        Copy(f"{day} {number}", uses=(("so-mot", TO),) if number < 3 else (), at=on(day))
        for day in (11, 12, 13, 16, 17)
        for number in range(10)
    ]
    await write(recorder, *copies)
    found = await freemail(database)
    assert found.ratio == pytest.approx(0.3)
    assert found.process_low is not None
    assert found.process_high is not None
    assert 0.1 < found.process_low < 0.3 < found.process_high < 0.5


# -- against a model -------------------------------------------------------------------------------


def modelled(copies: Iterable[Copy]) -> dict[tuple[str, date], tuple[int, int]]:
    """The same figures counted one message after the other."""
    messages: dict[str, list[Copy]] = defaultdict(list)
    for each in copies:
        messages[each.name].append(each)
    units: dict[tuple[str, date], list[bool]] = defaultdict(list)
    for found in messages.values():
        day = min(vietnam_day(each.at) for each in found)
        using = used(found)
        counted = set(using)
        if any(each.documents for each in found) and not all(each.automatic for each in found):
            counted |= {agency for each in found for agency in each.to}
            counted |= {each.sender for each in found if each.sender}
        for agency in counted:
            units[agency, day].append(agency in using)
    return {key: (sum(values), len(values)) for key, values in units.items()}


def used(copies: Sequence[Copy]) -> set[str]:
    unaligned = all(each.origin is Origin.UNALIGNED for each in copies)
    reached = {agency for each in copies for agency in each.to}
    using = set()
    for agency, way in {use for each in copies for use in each.uses}:
        if agency is None:
            using |= reached if len(reached) == 1 else set()
        elif not (way is ACCOUNT and unaligned):
            using.add(agency)
    return using


def some_copies(chance: random.Random) -> list[Copy]:
    copies = []
    for number in range(40):
        sender = chance.choice((*CODES, None, None))
        others = [code for code in CODES if code != sender]
        for _ in range(chance.randint(1, 4)):
            seen = sender if chance.random() < 0.7 else None  # a copy from the recipient's side
            uses = [
                (chance.choice((*CODES, None)), FORWARDED),
                (chance.choice(CODES), chance.choice((TO, FROM, ACCOUNT))),
            ]
            copies.append(
                Copy(
                    str(number),
                    seen,
                    tuple(chance.sample(others, chance.randint(0, len(others)))),
                    chance.choice((0, 0, 1, 3)),
                    chance.random() < 0.2,
                    tuple(chance.sample(uses, chance.choice((0, 0, 1, 2)))),
                    Origin.INTERNAL if seen else chance.choice(list(Origin)[1:]),
                    on(chance.choice((11, 12, 16, 17))),
                )
            )
    return copies


@pytest.mark.parametrize("seed", range(6))
async def test_figures_are_those_of_a_plain_model_whatever_order_copies_come_in(
    database: Database, recorder: Recorder, seed: int
) -> None:
    chance = random.Random(seed)
    copies = some_copies(chance)
    chance.shuffle(copies)
    again = chance.sample(copies, 20)
    outcomes = [each.outcome() for each in copies]
    for start in range(0, len(outcomes), 7):
        await recorder.write(outcomes[start : start + 7])
        if start % 3 == 0:
            await Measure(database, lambda: TODAY).refresh()
    await recorder.write([each.outcome() for each in again])  # further copies, nothing new
    await recorder.write(outcomes)  # the very items
    await Measure(database, lambda: TODAY).refresh()
    assert await facts(database) == modelled(copies)
