"""Figures as gauges: what is given out, of whom, and what is never said."""

from datetime import date

import pytest

from monitor.expose.adoption import Shown, families, rendered
from monitor.measure import AccountCount, Figure, Scope, State
from monitor.measure.drops import Drop, Share
from monitor.measure.indicators import CATALOGUE
from tests.expose.figure_making import figure

DAY = date(2026, 11, 20)


def drop(
    code: str = "so-mot", scope: Scope = Scope.AGENCY, days: int = 0, silent: int = 0,
    decline: int = 0,
) -> Drop:  # fmt: skip
    share = Share(date(2026, 10, 20), date(2026, 11, 13), 180, 200)
    return Drop(
        indicator="document_signed", scope=scope, code=code, channel="mail", baseline=share,
        baseline_low=0.85, recent=share, drop_days=days, drop_began=DAY if days else None,
        silent_days=silent, silent_since=None,
        decline_days=decline, month=None, last_day=DAY, acknowledged=None,
    )  # fmt: skip


def samples(*figures: Figure, drops: tuple[Drop, ...] = (), most: int = 500) -> dict[str, float]:
    """By the line without its number; a line twice is an error."""
    text = rendered(Shown(figures, drops=drops, most_agencies=most)).text.decode()
    lines = [line.rsplit(" ", 1) for line in text.splitlines() if line[0] != "#"]
    found = {name: float(value) for name, value in lines}
    assert len(found) == len(lines)
    return found


def named(found: dict[str, float], name: str) -> dict[str, float]:
    return {key: value for key, value in found.items() if key.partition("{")[0] == name}


def state(found: dict[str, float], indicator: str = "document_signed") -> float:
    return found[f'congvu_adoption_state{{agency="so-mot",indicator="{indicator}"}}']


def test_no_data_is_an_absent_series_and_a_state_never_zero() -> None:
    empty = figure(numerator=0, denominator=0, ratio=None, state=State.NO_DATA)
    found = samples(empty)
    assert not named(found, "congvu_adoption_ratio")
    assert state(found) == 2


def test_a_stale_channel_is_not_hidden_by_a_good_one() -> None:
    assert state(samples(figure(), figure(channel="docsys", state=State.STALE))) == 3
    assert state(samples(figure(), figure(channel="docsys", state=State.NO_DATA))) == 0


def test_totals_are_families_of_their_own_and_editable_documents_stay_out() -> None:
    province = figure(scope=Scope.PROVINCE, code="province")
    found = samples(figure(), province, figure(document_class="editable", ratio=1.0))
    assert list(named(found, "congvu_adoption_ratio").values()) == [0.25]
    assert list(named(found, "congvu_adoption_group_ratio").values()) == [0.25]


def test_the_whole_province_and_the_level_of_that_name_are_two_series() -> None:
    province = figure(scope=Scope.PROVINCE, code="province", ratio=0.5)
    level = figure(scope=Scope.LEVEL, code="province", ratio=0.75)
    found = named(samples(province, level), "congvu_adoption_group_ratio")
    assert [v for name, v in found.items() if 'group="province_level"' in name] == [0.75]
    assert len(found) == 2


def test_the_process_interval_stands_beside_the_ratio_where_there_is_one() -> None:
    bounds = {"process_low": 0.2, "process_high": 0.4}
    found = samples(
        figure(window="wd5", **bounds), figure(window="wd20_prior", **bounds),
        figure(indicator="accounts_active", document_class="", window="wd5"),
    )  # fmt: skip
    labels = 'agency="so-mot",channel="mail",indicator="document_signed",window="wd5"'
    assert named(found, "congvu_adoption_ratio_low") == {
        f"congvu_adoption_ratio_low{{{labels}}}": 0.2
    }
    assert list(named(found, "congvu_adoption_ratio_high").values()) == [0.4]


def test_a_level_has_bounds_in_every_window_that_is_held_against_another() -> None:
    level = [
        figure(scope=Scope.LEVEL, code="commune", window=window, process_low=0.2, process_high=0.4)
        for window in ("wd5", "wd20_prior", "30d", "last_month")
    ]
    assert len(named(samples(*level), "congvu_adoption_group_ratio_low")) == 4


def test_sample_bounds_are_not_taken_for_those_of_the_habit() -> None:
    found = samples(figure(window="wd5", low=0.1, high=0.9))
    assert not named(found, "congvu_adoption_ratio_low")


def test_what_captured_files_alone_prove_is_no_series_beside_the_figure() -> None:
    which = {"indicator": "document_electronic", "channel": "docsys", "window": "last_month"}
    found = samples(figure(**which, ratio=0.75), figure(**which, base="observed", ratio=0.5))
    assert list(named(found, "congvu_adoption_ratio").values()) == [0.75]


def test_the_state_of_a_register_is_that_of_the_last_month() -> None:
    month = figure(indicator="document_electronic", channel="docsys", window="last_month")
    now = figure(indicator="document_electronic", channel="docsys", ratio=None, state=State.NO_DATA)
    assert state(samples(now, month), "document_electronic") == 0


def test_on_the_first_day_the_running_month_has_the_state_and_the_ratio() -> None:
    yesterday = figure(numerator=0, denominator=0, ratio=None, state=State.NO_DATA)
    found = samples(yesterday, figure(window="period", ratio=0.5))
    assert state(found) == 0
    assert list(named(found, "congvu_adoption_ratio").values()) == [0.5]


def test_an_undecided_document_of_today_makes_no_month_of_good_days_stale() -> None:
    assert state(samples(figure(), figure(window="period", state=State.STALE))) == 0


def test_coverage_of_a_register_is_that_of_the_last_month() -> None:
    by_register = [
        figure(indicator=name, channel="docsys", window=window, coverage=coverage)
        for name, window, coverage in (
            ("document_electronic", "last_month", 0.9), ("document_electronic", "wd5", 0.1),
            ("document_signed", "30d", 0.2),
        )
    ]  # fmt: skip
    mail = figure(indicator="mail_signed", window="wd5", coverage=0.8)
    name = 'congvu_adoption_coverage_ratio{{agency="so-mot",channel="{}"}}'
    assert named(samples(*by_register, mail), "congvu_adoption_coverage_ratio") == {
        name.format("docsys"): 0.9, name.format("mail"): 0.8,
    }  # fmt: skip


def test_leaders_have_families_of_their_own_and_are_not_taken_for_everybody() -> None:
    leaders = figure(indicator="accounts_active", document_class="", role="leader", window="wd5")
    level = figure(
        indicator="accounts_active", document_class="", role="leader", window="wd5",
        scope=Scope.LEVEL, code="commune", ratio=0.5,
    )  # fmt: skip
    found = samples(figure(ratio=None), leaders, level)
    assert not named(found, "congvu_adoption_ratio")
    assert not named(found, "congvu_adoption_group_ratio")
    of_agency = 'congvu_leaders_active_ratio{agency="so-mot",window="wd5"}'
    of_level = 'congvu_leaders_group_active_ratio{group="commune",window="wd5"}'
    assert (found[of_agency], found[of_level]) == (0.25, 0.5)
    assert found[of_agency.replace("_ratio", "_denominator")] == 4


def test_accounts_are_told_by_agency_and_summed_up_for_the_province() -> None:
    counts = [
        AccountCount("so-mot", "leader", "dormant", 2),
        AccountCount("so-hai", "leader", "dormant", 3),
    ]
    page = rendered(Shown((figure(), figure(code="so-hai")), counts)).text.decode()
    assert 'congvu_accounts{agency="so-mot",role="leader",state="dormant"} 2.0' in page
    assert 'congvu_accounts_group{group="province",role="leader",state="dormant"} 5.0' in page


def test_a_drop_tells_its_baseline_and_how_long_it_holds() -> None:
    found = samples(figure(), drops=(drop(days=2), drop("commune", Scope.LEVEL)))
    labels = 'agency="so-mot",channel="mail",indicator="document_signed"'
    assert found[f"congvu_adoption_baseline_ratio{{{labels}}}"] == 0.9
    assert found[f"congvu_adoption_baseline_ratio_low{{{labels}}}"] == 0.85
    assert found[f"congvu_adoption_drop_days{{{labels}}}"] == 2
    of_level = 'channel="mail",group="commune",indicator="document_signed"'
    assert found[f"congvu_adoption_group_drop_days{{{of_level}}}"] == 0
    assert found[f"congvu_adoption_group_baseline_denominator{{{of_level}}}"] == 200
    assert not named(found, "congvu_adoption_silent_days")


def test_a_silence_and_a_decline_are_shown_while_they_hold() -> None:
    found = samples(figure(), drops=(drop(silent=3, decline=4),))
    assert list(named(found, "congvu_adoption_silent_days").values()) == [3]
    assert list(named(found, "congvu_adoption_decline_days").values()) == [4]


# -- many agencies ---------------------------------------------------------------------------------


def agencies(found: dict[str, float]) -> set[str]:
    return {
        key.split('agency="')[1].split('"')[0] for key in found if "{" in key and 'agency="' in key
    }


def test_up_to_the_limit_every_agency_is_given_out() -> None:
    assert agencies(samples(figure(), figure(code="so-hai"), most=2)) == {"so-mot", "so-hai"}


def test_above_the_limit_agencies_that_are_well_are_in_the_totals_alone() -> None:
    figures = [figure(code=f"xa-{n}") for n in range(5)]
    stale = figure(code="xa-5", state=State.STALE)
    level = figure(scope=Scope.LEVEL, code="commune")
    found = samples(*figures, stale, level, drops=(drop("xa-1"),), most=3)
    assert agencies(found) == {"xa-5"}
    assert len(named(found, "congvu_adoption_group_ratio")) == 1


@pytest.mark.parametrize(
    "held", [drop("xa-9", days=1), drop("xa-9", silent=1), drop("xa-9", decline=1)]
)
def test_above_the_limit_an_agency_that_an_alert_is_about_goes_before_all_others(
    held: Drop,
) -> None:
    stale = [figure(code=f"xa-{n}", state=State.STALE) for n in range(5)]
    assert "xa-9" in agencies(samples(*stale, figure(code="xa-9"), drops=(held,), most=2))


def test_above_the_limit_poor_coverage_is_shown_and_never_more_agencies_than_are_allowed() -> None:
    poor = [
        figure(code=f"xa-{n}", indicator="mail_signed", window="wd5", coverage=0.5)
        for n in range(5)
    ]  # fmt: skip
    well = [figure(code=f"xa-{n}", indicator="mail_signed") for n in range(5)]
    shown = agencies(samples(*poor, *well, figure(code="xa-0", state=State.STALE), most=3))
    assert len(shown) == 3
    assert "xa-0" in shown


def test_every_indicator_of_the_catalogue_is_shown_of_a_group_once_it_has_figures() -> None:
    for each in CATALOGUE.values():
        [name] = named(
            samples(
                figure(
                    indicator=each.id, channel=each.channels[0], window=each.given_out[0],
                    scope=Scope.PROVINCE, code="province",
                )
            ),
            "congvu_adoption_group_ratio",
        )  # fmt: skip
        assert each.id in name


def test_families_stand_on_the_page_before_there_is_a_figure() -> None:
    text = rendered(Shown()).text.decode()
    assert text.count("# TYPE ") == len(list(families(Shown())))
