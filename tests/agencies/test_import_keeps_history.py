"""Whatever a list says, the past stays, nothing is lost, and saying it again changes nothing."""

from datetime import date, timedelta
from itertools import zip_longest
from pathlib import Path

import pytest
from hypothesis import event, given, settings
from hypothesis import strategies as st

from monitor.agencies import Agency, Registry
from monitor.agencies.exporting import as_toml
from monitor.agencies.importing import Plan, RegistryFile, Wish, plan, read_list
from monitor.agencies.reading import parse

FIRST = date(2025, 1, 1)
DAYS = 12
LEVELS = ["commune"]
CODES = st.sampled_from(["a", "b", "c", "d"])
OFTEN = st.sampled_from([True] * 9 + [False])
WORDS = st.sampled_from(["Một", "Hai", "Ba"])


def day(number: int) -> date:
    return FIRST + timedelta(days=number)


@st.composite
def registries(draw: st.DrawFn) -> list[Agency]:
    """Agencies with periods that may have gaps, and may be open on either side."""
    agencies = []
    for code in "abc":
        cuts = sorted(draw(st.sets(st.integers(0, DAYS), max_size=2)))
        starts = [None, *cuts] if draw(OFTEN) else (cuts or [0])
        if starts and not draw(OFTEN):
            starts.append((starts[-1] or 0) + 3)
            last = starts.pop()
        else:
            last = None
        for start, after in zip_longest(starts, starts[1:], fillvalue=last):
            agency = Agency(
                code=code,
                name=draw(WORDS),
                level="commune",
                valid_from=None if start is None else day(start),
                valid_to=None if after is None else day(after - 1),
            )
            agencies.append(agency)
    return agencies


@st.composite
def lists(draw: st.DrawFn) -> str:
    """Rows of names; some lists end agencies."""
    ending = draw(st.booleans())
    rows = ["code,name,level" + ",successors" * ending]
    for code in draw(st.lists(CODES, unique=True, min_size=1, max_size=4)):
        if ending and not draw(OFTEN):
            rows.append(f"{code},,,{draw(CODES)}")
        else:
            rows.append(f"{code},{draw(WORDS)},Xã" + "," * ending)
    return "\n".join(rows) + "\n"


def laid_over(path: Path, text: str, wish: Wish) -> tuple[RegistryFile, Plan]:
    given_list = path.with_name("list.csv")
    given_list.write_text(text, encoding="utf-8")
    registry = RegistryFile(path)
    return registry, plan(registry.content, read_list(given_list), wish)


def content_on(agencies: list[Agency], on: date) -> dict[str, tuple[str, str]]:
    return {c: (a.name, a.level) for c, a in Registry(agencies).at(on).agencies.items()}


@settings(max_examples=150, deadline=None)
@given(registries(), lists(), st.integers(0, DAYS + 5), st.booleans())
def test_the_past_stays_and_a_second_import_says_nothing_new(
    tmp_path_factory: pytest.TempPathFactory,
    agencies: list[Agency],
    text: str,
    number: int,
    whole: bool,
) -> None:
    folder = tmp_path_factory.mktemp("import")
    path = folder / "agencies.toml"
    path.write_bytes(as_toml(agencies, LEVELS))
    wish = Wish(day(number), whole)
    registry, planned = laid_over(path, text, wish)
    event("refused" if planned.problems else "taken")
    if planned.problems:
        assert planned.agencies == ()
        return
    path.write_bytes(registry.edited(planned))
    after = list(parse(path.read_bytes()).agencies)
    for before in range(-2, number):
        assert content_on(after, day(before)) == content_on(agencies, day(before))
    kept = {(agency.code, agency.valid_from) for agency in after}
    assert {(agency.code, agency.valid_from) for agency in agencies} <= kept
    named = {
        code: name for code, name, *_ in (row.split(",") for row in text.splitlines()[1:]) if name
    }
    on_the_day = content_on(after, wish.since)
    assert {code: on_the_day[code][0] for code in named} == named
    if whole:
        assert on_the_day.keys() == named.keys()
    _, again = laid_over(path, text, wish)
    assert again.problems == ()
    assert not again.difference


CELLS: dict[str, list[str]] = {
    "code": ["a", "b", "c", "e", ""],
    "name": ["Một", "Hai", "Ba", ""],
    "parent": ["", "a", "Hai"],
    "domains": ["", "a.vn", "b.vn; x.vn"],
    "organ_codes": ["", "H1.1", "H1.2"],
    "valid_from": ["", "", str(day(3)), str(day(8))],
    "valid_to": ["", "", str(day(5)), str(day(10))],
    "successors": ["", "", "b", "Ba"],
}


@st.composite
def any_lists(draw: st.DrawFn) -> str:
    """Rows of any columns; some have no codes, some are contradictory."""
    columns = draw(st.sets(st.sampled_from(list(CELLS)), min_size=1))
    columns |= draw(st.sampled_from([{"code"}, {"name"}, {"code", "name"}]))
    header = ["level", *sorted(columns)]
    rows = [
        ",".join(["Xã", *(draw(st.sampled_from(CELLS[column])) for column in header[1:])])
        for _ in range(draw(st.integers(1, 3)))
    ]
    return "\n".join([",".join(header), *rows]) + "\n"


@settings(max_examples=200, deadline=None)
@given(registries(), any_lists(), st.integers(0, DAYS + 5))
def test_any_list_is_refused_or_says_nothing_new_the_second_time(
    tmp_path_factory: pytest.TempPathFactory, agencies: list[Agency], text: str, number: int
) -> None:
    path = tmp_path_factory.mktemp("import") / "agencies.toml"
    path.write_bytes(as_toml(agencies, LEVELS))
    wish = Wish(day(number))
    registry, planned = laid_over(path, text, wish)
    event("refused" if planned.problems else "taken")
    if planned.problems:
        return
    path.write_bytes(registry.edited(planned))
    assert parse(path.read_bytes()).agencies == planned.agencies
    _, again = laid_over(path, text, wish)
    assert again.problems == ()
    assert not again.difference
