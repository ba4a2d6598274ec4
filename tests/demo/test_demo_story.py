"""The story around Tết: in the past, with what it promises; rules keep their meaning."""

import re
from datetime import date

import pytest

from monitor.demo.documents import DocumentKind
from monitor.demo.monitors import OF_THE_MACHINE, RULES, hastened
from monitor.demo.story import BASELINE_DAYS, BURST, FORGER, STOPPED, Event, StoryDay, story

TODAY = date(2026, 11, 22)


@pytest.fixture(scope="module")
def days() -> list[StoryDay]:
    return story(1, TODAY)


def on(days: list[StoryDay], event: Event) -> StoryDay:
    return next(day for day in days if event in day.events)


def test_it_is_of_the_last_tet_that_is_wholly_past(days: list[StoryDay]) -> None:
    assert days[-1].day < TODAY
    tet = [day.day for day in days if not day.working and day.day.month == 2]
    assert date(2026, 2, 17) in tet, "mùng một Tết Bính Ngọ"
    assert [day.day.year for day in story(1, date(2026, 2, 20))][-1] == 2025


def test_nobody_sends_anything_on_free_days(days: list[StoryDay]) -> None:
    assert all(not day.letters for day in days if not day.working)
    assert all(day.letters for day in days if day.working)


def test_a_habit_comes_before_anything_happens(days: list[StoryDay]) -> None:
    before = [day for day in days if day.day < on(days, Event.STOPS).day and day.working]
    assert len(before) == BASELINE_DAYS
    assert {day.quick for day in before[:20]} == {True}
    assert not on(days, Event.STOPS).quick


def test_the_department_goes_on_sending_while_it_does_not_sign(days: list[StoryDay]) -> None:
    begins, ends = on(days, Event.STOPS).day, on(days, Event.SIGNS_AGAIN).day
    for day in (d for d in days if d.working):
        kinds = [
            letter.kind
            for letter in day.letters
            if letter.agency.code == STOPPED and letter.by_mail
        ]
        assert len(kinds) == 10
        stopped = begins <= day.day < ends
        assert (DocumentKind.PERSON in kinds) is not stopped


def test_the_document_system_is_silent_for_two_working_days(days: list[StoryDay]) -> None:
    silent = [
        day.day for day in days if day.working and all(letter.by_mail for letter in day.letters)
    ]
    assert silent == [
        d.day for d in days
        if d.working and on(days, Event.SOURCE_DIES).day <= d.day < on(days, Event.SOURCE_BACK).day
    ]  # fmt: skip
    assert len(silent) == 2


def test_forged_documents_come_at_once(days: list[StoryDay]) -> None:
    burst = [
        letter for letter in on(days, Event.BURST).letters
        if letter.kind is DocumentKind.TAMPERED and letter.agency.code == FORGER
    ]  # fmt: skip
    assert len(burst) == BURST
    assert len({letter.at for letter in burst}) == 1


def test_only_how_long_a_condition_must_hold_and_how_often_one_looks_are_shortened() -> None:
    pause = re.compile(r"^\s+(for|interval):.*$\n", re.MULTILINE)
    told = []
    for file in RULES.glob("*.yml"):
        text = file.read_text("utf-8")
        story = hastened(text)
        assert "interval:" not in story, f"{file.name}: seen a minute late, the day is over"
        assert set(pause.sub("", story).splitlines()) <= set(pause.sub("", text).splitlines())
        told += re.findall(r"- alert: (\w+)\n\s+expr: .", story)
        groups, kept = re.findall(r"- name: ", text), re.findall(r"- name: ", story)
        assert groups == kept
    every = {
        name for f in RULES.glob("*.yml") for name in re.findall(r"alert: (\w+)", f.read_text())
    }
    assert set(told) == every - set(OF_THE_MACHINE)
    assert set(OF_THE_MACHINE) < every
    assert hastened("  - alert: A\n    for: 10m\n") == "  - alert: A\n    for: 3s\n"
    assert hastened("  - alert: A\n    for: 2h\n") == "  - alert: A\n    for: 12s\n"
    machine = "  - alert: CongvuPrivacyLate\n    expr: |\n      a > 1\n    for: 5m\n"
    assert hastened(f"{machine}\n  - alert: A\n") == "  - alert: A\n"
