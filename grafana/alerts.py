"""Alerts as panels, with the way to their runbooks."""

from grafana_foundation_sdk.models import dashboard as model

from grafana import columns, look, words
from grafana.panels import Column, Look, Words, joined, rows
from grafana.queries import Prom


def firing(severities: str, whose: str = "") -> model.Panel:
    """What fires now; a name leads to what to do. `whose` narrows it, in PromQL."""
    return rows(
        Words(
            "Cảnh báo đang phát",
            "Cảnh báo Prometheus đang phát. Bấm tên cảnh báo để mở hướng dẫn xử lý. Trống là không"
            " có cảnh báo nào; CongvuOffHours chỉ báo là ngoài giờ làm việc nên không kể.",
            page="alerts",
        ),
        Prom(
            "max by (alertname, severity, agency, group, indicator, channel)"
            ' (ALERTS{alertname=~"Congvu.+",alertname!="CongvuOffHours",alertstate="firing",'
            f'severity=~"{severities}"{whose}}})',
            as_table=True,
        ),
        how=Look(
            no_value="không có cảnh báo",
            columns=(
                Column(
                    "Cảnh báo",
                    link=("Cách xử lý", '${docs}/runbooks/${__data.fields["Cảnh báo"]}'),
                ),
                Column(
                    "Mức",
                    mappings=look.mapped(
                        words.SEVERITIES,
                        {"page": look.RED, "ticket": look.ORANGE, "info": look.BLUE},
                    ),
                    coloured=True,
                    width=110,
                ),
                columns.GROUP,
                columns.INDICATOR,
                columns.CHANNEL,
            ),
        ),
        transformations=joined(
            {
                "alertname": "Cảnh báo", "severity": "Mức", "agency": "Mã", "group": "Phạm vi",
                "indicator": "Chỉ tiêu", "channel": "Kênh",
            },
            ("Time", "Value"),
        ),
    )  # fmt: skip
