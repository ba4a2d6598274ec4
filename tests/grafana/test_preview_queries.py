"""What the preview asks data sources for, out of a dashboard's panels and variables."""

import json
from datetime import UTC, datetime
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from grafana.preview.frames import Column, number, wide
from grafana.preview.macros import sql_macros
from grafana.preview.query import postgres_sql, prometheus_asks
from grafana.preview.sizes import height
from grafana.preview.times import TimeRange, instant, step, time_range
from grafana.preview.variables import Option, Scope, Variable, chosen, listed

PREVIEW = Path(__file__).parents[2] / "grafana" / "preview"
VIETNAM = ZoneInfo("Asia/Ho_Chi_Minh")
NOW = datetime(2026, 3, 31, 10, 20, 30, tzinfo=VIETNAM)
MARCH = TimeRange(
    datetime(2026, 3, 1, tzinfo=UTC), datetime(2026, 3, 31, tzinfo=UTC), ("now-30d", "now")
)
AGENCY = Variable("agency", ("hs-stc",), ("Sở Tài chính",), label="Cơ quan")
SEVERAL = Variable("agency", ("hs.a", "o'b"), several=True)
SCRAPE = 30.0


def scope(*variables: Variable) -> Scope:
    return Scope({one.name: one for one in variables})


@pytest.mark.parametrize(
    ("word", "expected"),
    [
        ("now", "2026-03-31T10:20:30+07:00"),
        ("now-30d", "2026-03-01T10:20:30+07:00"),
        ("now/d", "2026-03-31T00:00:00+07:00"),
        ("now-1d/d", "2026-03-30T00:00:00+07:00"),
        ("now/w", "2026-03-30T00:00:00+07:00"),
        ("now-1M/M", "2026-02-01T00:00:00+07:00"),
        ("now-1M", "2026-02-28T10:20:30+07:00"),
        ("2026-03-02", "2026-03-02T00:00:00+07:00"),
        ("1772323200000", "2026-03-01T07:00:00+07:00"),
    ],
)
def test_times_are_read_as_grafana_reads_them(word: str, expected: str) -> None:
    assert instant(word, NOW, VIETNAM).isoformat() == expected


def test_an_end_that_is_rounded_is_the_last_moment_of_its_day() -> None:
    span = time_range(("now/d", "now/d"), NOW, VIETNAM)
    assert span.end.isoformat() == "2026-03-31T23:59:59.999000+07:00"


def test_a_time_that_ends_before_it_begins_is_refused() -> None:
    with pytest.raises(ValueError, match="ends before it begins"):
        time_range(("now", "now-1h"), NOW, VIETNAM)


def test_steps_are_round_and_never_below_the_least() -> None:
    assert step(86_400, 800, 30) == 120
    assert step(3600, 800, 30) == 30
    assert step(90 * 86_400, 24, 30) == 86_400


def test_one_value_stands_in_promql_as_it_is_and_several_as_alternatives() -> None:
    query = 'up{agency=~"$agency"}'
    assert scope(AGENCY).expand(query, "promql") == 'up{agency=~"hs-stc"}'
    assert scope(SEVERAL).expand(query, "promql") == 'up{agency=~"(hs\\\\.a|o\'b)"}'


def test_values_are_quoted_in_sql_where_there_may_be_several() -> None:
    assert scope(SEVERAL).expand("IN ($agency)", "sql") == "IN ('hs.a','o''b')"
    assert scope(AGENCY).expand("= '$agency'", "sql") == "= 'hs-stc'"


def test_a_named_format_wins() -> None:
    hostile = scope(Variable("agency", ("x' OR '1'='1",)))
    assert hostile.expand("= ${agency:sqlstring}", "sql") == "= 'x'' OR ''1''=''1'"
    assert scope(AGENCY).expand("${agency:text}") == "Sở Tài chính"
    with pytest.raises(ValueError, match="does not know that format"):
        scope(AGENCY).expand("${agency:lucene}")


def test_names_that_nobody_defined_stay_as_they_are() -> None:
    assert scope(AGENCY).expand("$nobody ${nor:csv} costs $5") == "$nobody ${nor:csv} costs $5"


def test_macros_are_written_out_as_grafana_writes_them() -> None:
    sql = (
        "SELECT $__timeGroupAlias(day, '1d'), $__timeFrom(), $__unixEpochFilter(at) "
        "WHERE $__timeFilter(day)"
    )
    assert sql_macros(sql, MARCH) == (
        'SELECT floor(extract(epoch from day)/86400)*86400 AS "time", '
        "'2026-03-01T00:00:00.000Z', at >= 1772323200 AND at <= 1774915200 "
        "WHERE day BETWEEN '2026-03-01T00:00:00.000Z' AND '2026-03-31T00:00:00.000Z'"
    )


def test_a_macro_that_grafana_does_not_have_is_refused() -> None:
    with pytest.raises(ValueError, match=r"unknown macro \$__timeSpan"):
        sql_macros("SELECT $__timeSpan(day)", MARCH)


def test_a_query_over_time_has_its_step_and_intervals() -> None:
    panel = {"gridPos": {"w": 12}, "targets": [{"refId": "A"}]}
    target = {"refId": "A", "expr": "rate(x[$__rate_interval]) + $__interval_ms + $__range_s"}
    [ask] = prometheus_asks(panel, target, MARCH, Scope(), SCRAPE)
    assert ask.step == 3600
    assert ask.expression == "rate(x[3630s]) + 3600000 + 2592000"
    assert not ask.instant


def test_a_target_may_want_a_range_and_an_instant() -> None:
    target = {"refId": "A", "expr": "x", "range": True, "instant": True}
    asks = prometheus_asks({"targets": [target]}, target, MARCH, Scope(), SCRAPE)
    assert [ask.instant for ask in asks] == [False, True]


def test_values_of_one_table_among_several_bear_its_letter() -> None:
    targets: list[dict[str, Any]] = [{"refId": "A"}, {"refId": "B"}, {"refId": "C", "hide": True}]
    [ask] = prometheus_asks({"targets": targets}, targets[1], MARCH, Scope(), SCRAPE)
    assert ask.value_name == "Value #B"
    [alone] = prometheus_asks({"targets": targets[1:]}, targets[1], MARCH, Scope(), SCRAPE)
    assert alone.value_name == "Value"


def test_sql_of_a_panel_has_variables_and_macros() -> None:
    target = {"rawSql": "SELECT 1 WHERE code = ${agency:sqlstring} AND $__timeFilter(day)"}
    sql = postgres_sql({}, target, MARCH, scope(AGENCY), SCRAPE)
    assert sql.startswith("SELECT 1 WHERE code = 'hs-stc' AND day BETWEEN '2026-03-01T00")


def test_a_choice_has_texts_and_values() -> None:
    definition = {"type": "custom", "query": "30 ngày : 30d,Tháng này : period"}
    assert listed(definition) == [Option("30d", "30 ngày"), Option("period", "Tháng này")]


def test_a_variable_is_what_was_asked_for_else_saved_else_first() -> None:
    saved = {"name": "window", "current": {"value": "period"}}
    options = [Option("30d", "30 ngày"), Option("period", "Tháng này")]
    assert chosen(saved, options, ("30d",)).values == ("30d",)
    assert chosen(saved, options, ()).text == "Tháng này"
    assert chosen({"name": "window"}, options, ()).values == ("30d",)
    with pytest.raises(ValueError, match="--var window="):
        chosen({"name": "window"}, [], ())


def test_all_is_every_option_or_what_the_dashboard_says() -> None:
    options = [Option("a", "A"), Option("b", "B")]
    everything = chosen({"name": "x", "includeAll": True}, options, ("$__all",))
    assert scope(everything).expand("$x", "promql") == "(a|b)"
    told = chosen({"name": "x", "includeAll": True, "allValue": ".*"}, options, ("$__all",))
    assert scope(told).expand("$x", "promql") == ".*"


def test_rows_become_a_series_for_each_combination_of_words() -> None:
    frame = wide(
        Column("time", "time", [1000, 1000, 2000]),
        [Column("channel", "string", ["mail", "axis", "mail"])],
        [Column("share", "number", [0.5, 0.25, 0.75])],
    )
    assert [column.values for column in frame.columns] == [[1000, 2000], [0.5, 0.75], [0.25, None]]
    assert [column.labels for column in frame.columns[1:]] == [
        {"channel": "mail"},
        {"channel": "axis"},
    ]


def test_a_column_named_metric_names_the_series() -> None:
    frame = wide(
        Column("time", "time", [1000]),
        [Column("metric", "string", ["hợp lệ"])],
        [Column("value", "number", [3])],
    )
    assert (frame.columns[1].name, frame.columns[1].labels) == ("hợp lệ", None)


def test_what_json_cannot_hold_travels_as_a_word() -> None:
    assert [number(text) for text in ("0.5", "NaN", "+Inf")] == [0.5, "NaN", "Infinity"]


def test_packages_are_pinned_to_the_grafana_of_the_dashboards_and_name_no_registry() -> None:
    packages = json.loads((PREVIEW / "package.json").read_text("utf-8"))
    pinned = packages["dependencies"] | packages["devDependencies"]
    assert all(version[0].isdigit() for version in pinned.values())
    assert {pinned[f"@grafana/{name}"].rpartition(".")[0] for name in ("data", "schema", "ui")} == {
        "11.6"
    }
    assert '"resolved"' not in (PREVIEW / "package-lock.json").read_text("utf-8")


def test_a_picture_is_as_tall_as_its_lowest_panel() -> None:
    low, high = {"gridPos": {"y": 10, "h": 5}}, {"gridPos": {"y": 0, "h": 4}}
    assert height({"panels": [low, high]}) - height({"panels": []}) == 15 * 38
