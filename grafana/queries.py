"""What panels ask: Prometheus for what stands now, PostgreSQL for tables and history."""

from collections.abc import Sequence
from dataclasses import dataclass

from grafana_foundation_sdk.cog.variants import Dataquery
from grafana_foundation_sdk.models import dashboard as model
from grafana_foundation_sdk.models import prometheus

PROMETHEUS = model.DataSourceRef(type_val="prometheus", uid="congvu-prometheus")
POSTGRES = model.DataSourceRef(type_val="grafana-postgresql-datasource", uid="congvu-postgres")
TIME = "(day::timestamp AT TIME ZONE 'Asia/Ho_Chi_Minh')"
"""The beginning of a Vietnam day: columns of views are dates, which Grafana would take for UTC."""
IN_RANGE = f"$__timeFilter({TIME.strip('()')})"
"""Without brackets of its own: arguments of a macro end at the first closing one."""


@dataclass(frozen=True)
class Sql(Dataquery):
    """A query of the views of schema `grafana`; the SDK has no class for PostgreSQL."""

    text: str
    over_time: bool = False
    """Whether the column `time` is an axis, and `metric` names a series."""
    ref_id: str = ""

    def to_json(self) -> dict[str, object]:
        return {
            "datasource": POSTGRES,
            "editorMode": "code",
            "format": "time_series" if self.over_time else "table",
            "rawQuery": True,
            "rawSql": self.text,
            "refId": self.ref_id,
        }


@dataclass(frozen=True)
class Prom(Dataquery):
    """A PromQL expression: over the time range, or only as it stands at its end."""

    expr: str
    legend: str = ""
    instant: bool = False
    as_table: bool = False
    ref_id: str = ""

    def to_json(self) -> dict[str, object]:
        query = prometheus.Dataquery(
            expr=self.expr,
            instant=self.instant or self.as_table,
            range_val=not (self.instant or self.as_table),
            editor_mode=prometheus.QueryEditorMode.CODE,
            format_val=prometheus.PromQueryFormat.TABLE
            if self.as_table
            else prometheus.PromQueryFormat.TIME_SERIES,
            legend_format=self.legend,
            ref_id=self.ref_id,
            datasource=PROMETHEUS,
        )
        return query.to_json()


Query = Sql | Prom


def lettered(queries: Sequence[Query]) -> list[Dataquery]:
    """The queries under `A`, `B`, …: without a refId Grafana shows only one of them."""
    return [
        Sql(query.text, query.over_time, letter)
        if isinstance(query, Sql)
        else Prom(query.expr, query.legend, query.instant, query.as_table, letter)
        for letter, query in zip("ABCDEFGHIJKLMNOP", queries, strict=False)
    ]


def source_of(queries: Sequence[Query]) -> model.DataSourceRef:
    """The one source that all queries of a panel ask."""
    [kind] = {type(query) for query in queries}
    return POSTGRES if kind is Sql else PROMETHEUS
