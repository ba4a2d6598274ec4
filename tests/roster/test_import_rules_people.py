"""Any sequence of lists of people leaves what the rules in plain Python leave, and no overlap."""

from copy import deepcopy
from datetime import date, timedelta

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from monitor.record.roster_rows import Terms
from monitor.roster.agencies import Agencies
from monitor.roster.importing import Imported, import_people
from monitor.roster.listed import ListedPerson, Listing
from monitor.tables.model import Place
from tests.roster.rostering import REGISTRY, SEALER, SETTINGS, Office
from tests.roster.rules import People, Person, Problem

START = date(2025, 8, 1)
ADDRESSES = tuple(f"{name}@soyt.tinh.gov.vn" for name in "abcde")


@st.composite
def persons(draw: st.DrawFn, number: str) -> Person:
    day = st.none() | st.integers(0, 40).map(lambda n: START + timedelta(days=n))
    first = draw(day)
    last = draw(st.none() | day)
    if first and last and last < first:
        first, last = last, first
    return Person(
        number,
        draw(st.sampled_from(("so-yt", "so-ct"))), draw(st.sampled_from(("staff", "leader"))),
        tuple(draw(st.lists(st.sampled_from(ADDRESSES), unique=True, max_size=2))), first, last,
    )  # fmt: skip


@st.composite
def imports(draw: st.DrawFn) -> tuple[int, list[Person], bool]:
    """Days since the import before, the list, whole or partial."""
    numbers = draw(st.lists(st.sampled_from("1234"), unique=True))
    rows = [draw(persons(number)) for number in numbers]
    return draw(st.integers(0, 12)), rows, draw(st.booleans())


async def handed_in(office: Office, rows: list[Person], day: date, *, whole: bool) -> Imported:
    entries = (
        ListedPerson(
            row, each.number, None, each.agency, each.role == "leader", each.addresses,
            each.first, each.last,
        )
        for row, each in enumerate(rows, 2)
    )  # fmt: skip
    listing = Listing(None, iter(entries), [], lambda row, field: Place("list", row, field))
    terms = Terms("hr", day, whole=whole, actor="tester", apply=True)
    agencies = Agencies(REGISTRY, day)
    return await import_people(
        listing, agencies, terms, SETTINGS, office.database, SEALER, lambda _: None
    )


async def recorded(office: Office) -> tuple[set[object], set[object]]:
    jobs = await office.rows(
        "SELECT p.sealed_key, a.code, e.role, e.first_day, e.last_day FROM employment e "
        "JOIN person p USING (person_id) JOIN agency a USING (agency_id)"
    )
    mail = await office.rows(
        "SELECT p.sealed_key, a.sealed_address, o.first_day, o.last_day FROM person_address o "
        "JOIN person p USING (person_id) JOIN address a USING (address_id)"
    )
    return (
        {(_number(row[0]), *row[1:]) for row in jobs},
        {(_number(row[0]), SEALER.open(row[1], "address"), *row[2:]) for row in mail},
    )


def _number(sealed: bytes) -> str:
    return (SEALER.open(sealed, "person") or "").rpartition("\n")[2]


def expected(people: People) -> tuple[set[object], set[object]]:
    return (
        {
            (number, *s.what, s.first, s.last)
            for number, spans in people.jobs.items()
            for s in spans
        },
        {(number, address, span.first, span.last) for number, address, span in people.mail},
    )


OVERLAPS = """
    SELECT count(*) FROM employment a JOIN employment b ON a.person_id = b.person_id
        AND a.first_day < b.first_day AND a.last_day >= b.first_day
    UNION ALL
    SELECT count(*) FROM person_address a JOIN person_address b ON a.address_id = b.address_id
        AND (a.first_day, a.person_id) < (b.first_day, b.person_id) AND a.last_day >= b.first_day
        WHERE a.person_id = b.person_id
"""


@settings(
    max_examples=30, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(lists=st.lists(imports(), min_size=2, max_size=5))
async def test_any_sequence_of_lists_leaves_what_the_rules_say(
    office: Office, lists: list[tuple[int, list[Person], bool]]
) -> None:
    await office.emptied()
    people, day = People(), START
    for later, rows, whole in lists:
        day += timedelta(days=later)
        wanted = deepcopy(people)
        refused = False
        try:
            wanted.apply(deepcopy(rows), day, whole=whole)
        except Problem:
            refused = True
        done = await handed_in(office, rows, day, whole=whole)
        assert bool(done.problems) == refused, done.problems
        assert done.outcome.applied != refused
        if not refused:
            people = wanted
        assert await recorded(office) == expected(people)
        assert await office.rows(OVERLAPS) == [(0,), (0,)]
        if not refused:
            again = await handed_in(office, rows, day, whole=whole)
            changes = [again.outcome.total(word) for word in ("added", "changed", "ended")]
            assert changes == [0, 0, 0], "the same list again changes nothing"
            assert await recorded(office) == expected(people)
