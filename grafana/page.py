"""A dashboard: sections of panels on the 24-column grid, its variables, links to the others."""

import json
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from grafana_foundation_sdk.cog.encoder import JSONEncoder
from grafana_foundation_sdk.models import dashboard as model

from grafana.queries import POSTGRES, PROMETHEUS

COLUMNS = 24
DOCS = "http://127.0.0.1:9465/docs"
"""The daemon serves its own documentation; docs/grafana.md says how to replace the address."""
TITLES = {
    "congvu-overview": "Toàn tỉnh",
    "congvu-agency": "Cơ quan",
    "congvu-signatures": "Chất lượng chữ ký số",
    "congvu-mail": "Sử dụng thư công vụ",
    "congvu-domains": "Tên miền thư",
    "congvu-pipeline": "Vận hành hệ thống",
}


@dataclass(frozen=True)
class Band:
    """Panels side by side, with their widths."""

    height: int
    panels: Sequence[tuple[int, model.Panel]]


@dataclass(frozen=True)
class Section:
    """Bands under one heading."""

    title: str
    bands: Sequence[Band]


def band(height: int, *panels: tuple[int, model.Panel]) -> Band:
    """Raises ValueError where the widths are not those of the grid."""
    if sum(width for width, _ in panels) > COLUMNS:
        raise ValueError(f"panels of a band are wider than {COLUMNS} columns")
    return Band(height, panels)


def placed(sections: Sequence[Section]) -> Iterator[model.Panel | model.RowPanel]:
    """Every panel with its place and number."""
    y = number = 0
    for section in sections:
        number += 1
        yield model.RowPanel(
            title=section.title, id_val=number, grid_pos=model.GridPos(h=1, w=COLUMNS, x=0, y=y)
        )
        y += 1
        for each in section.bands:
            x = 0
            for width, panel in each.panels:
                number += 1
                panel.id_val = number
                panel.grid_pos = model.GridPos(h=each.height, w=width, x=x, y=y)
                x += width
                yield panel
            y += each.height


def constant(name: str, value: str) -> model.VariableModel:
    chosen = model.VariableOption(selected=True, text=value, value=value)
    return model.VariableModel(
        type_val=model.VariableType.CONSTANT, name=name, query=value, current=chosen,
        options=[chosen], hide=model.VariableHide.HIDE_VARIABLE, skip_url_sync=True,
    )  # fmt: skip


def choice(name: str, label: str, options: dict[str, str], chosen: str) -> model.VariableModel:
    """One of a few words; `options` is text by value."""
    listed = [
        model.VariableOption(selected=value == chosen, text=text, value=value)
        for value, text in options.items()
    ]
    [current] = [each for each in listed if each.selected]
    return model.VariableModel(
        type_val=model.VariableType.CUSTOM, name=name, label=label, options=listed, current=current,
        query=",".join(f"{text} : {value}" for value, text in options.items()),
        allow_custom_value=False,
    )  # fmt: skip


AGENCY = model.VariableModel(
    type_val=model.VariableType.QUERY, name="agency", label="Cơ quan", datasource=POSTGRES,
    query="SELECT name || ' (' || code || ')' AS __text, code AS __value "
    "FROM grafana.agency WHERE in_force ORDER BY name",
    refresh=model.VariableRefresh.ON_DASHBOARD_LOAD, sort=model.VariableSort.DISABLED,
    allow_custom_value=False,
)  # fmt: skip


def _alert_marks() -> model.AnnotationQuery:
    return model.AnnotationQuery(
        name="Cảnh báo", datasource=PROMETHEUS, enable=False, icon_color="#D55E00",
        expr='ALERTS{alertname=~"Congvu.+",alertstate="firing",severity="page"}',
    )  # fmt: skip


def page(
    uid: str,
    description: str,
    sections: Sequence[Section],
    variables: Sequence[model.VariableModel] = (),
    since: str = "now-90d",
    refresh: str = "5m",
) -> model.Dashboard:
    """A whole dashboard; its days are Vietnam days, its weeks begin on Monday."""
    return model.Dashboard(
        uid=uid,
        title=f"Công vụ số – {TITLES[uid]}",
        description=description,
        tags=["congvu"],
        timezone="Asia/Ho_Chi_Minh",
        week_start="monday",
        editable=True,
        graph_tooltip=model.DashboardCursorSync.CROSSHAIR,
        time=model.DashboardDashboardTime(from_val=since, to="now"),
        timepicker=model.TimePickerConfig(),
        refresh=refresh,
        version=1,
        panels=list(placed(sections)),
        templating=model.DashboardDashboardTemplating(
            list_val=[constant("docs", DOCS), *variables]
        ),
        annotations=model.AnnotationContainer(list_val=[_alert_marks()]),
        links=[
            model.DashboardLink(
                title=title, type_val=model.DashboardLinkType.LINK, url=f"/d/{other}",
                icon="dashboard", keep_time=False, tooltip=f"Mở trang {title}",
            )
            for other, title in TITLES.items()
            if other != uid
        ],
    )  # fmt: skip


def as_json(dashboard: model.Dashboard) -> str:
    """Text as it is committed."""
    return json.dumps(dashboard, cls=JSONEncoder, indent=2, ensure_ascii=False) + "\n"
