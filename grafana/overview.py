"""The province at a glance: targets, funnel, trend, levels, ranking, what needs a look."""

from grafana_foundation_sdk.models import dashboard as model

from grafana import alerts, columns, figures, words
from grafana.page import Section, band, choice, page
from grafana.panels import AGENCIES, SHARE, Column, Look, Words, bars, count_of, joined, rows
from grafana.queries import Prom, Sql

DOCUMENT_CHANNEL = choice("channel", "Kênh văn bản", dict(words.channels()), "docsys")
WINDOW = choice(
    "window", "Kỳ", {name: words.WINDOWS[name] for name in ("wd5", "30d", "period")}, "30d"
)


def _state_board() -> model.Panel:
    query = (
        f'SELECT indicator AS "Chỉ tiêu", channel AS "Kênh", {columns.FIGURE_SQL}'
        " FROM grafana.figure WHERE scope = 'province' AND window_name = "
        f"{columns.OWN_WINDOW.format(window='$window')} AND {columns.COUNTED}"
        f" ORDER BY {columns.IN_ORDER}, channel"
    )
    return rows(
        Words(
            "Bảng trạng thái số liệu toàn tỉnh",
            "Mọi chỉ tiêu theo kênh: tử số trên mẫu số, khoảng tin cậy, trạng thái, độ bao phủ,"
            " phần chưa kết luận và tỷ lệ mẫu đã kiểm tra. Chỉ tiêu từ sổ văn bản tính theo tháng"
            " trước. Không có dữ liệu thì ghi rõ, không hiện 0%.",
            page="indicators",
        ),
        Sql(query),
        how=Look(columns=columns.shared(query)),
    )


def _funnel() -> model.Panel:
    return figures.funnel(
        figures.WHOLE_PROVINCE,
        "",
        Words(
            "Phễu sử dụng: từ danh sách đến ký số hợp lệ",
            "Số cán bộ của toàn tỉnh trong 30 ngày qua ở từng bước. Bước chưa có nguồn số liệu thì"
            " ghi “không có dữ liệu”.",
            ("accounts_provisioned", "accounts_active", "accounts_habitual"),
        ),
    )


def _levels() -> model.Panel:
    query = (
        f'SELECT {columns.GROUP_CODE} AS "Phạm vi", indicator AS "Chỉ tiêu", {columns.FIGURE_SQL}'
        " FROM grafana.figure WHERE scope IN ('level', 'province') AND window_name = '$window'"
        " AND ((indicator = 'document_signed' AND channel = '$channel')"
        " OR indicator IN ('mail_signed', 'accounts_active'))"
        f" AND {columns.COUNTED} ORDER BY {columns.IN_ORDER}, scope DESC, {columns.LEVEL_ORDER}"
    )
    return rows(
        Words(
            "Các cấp cạnh nhau",
            "Văn bản được ký số (kênh đã chọn), thư được ký số, cán bộ có sử dụng thư, của từng"
            " cấp và toàn tỉnh trong kỳ đã chọn. Khoảng tin cậy chồng nhau thì chưa nói được cấp"
            " nào hơn.",
            ("document_signed", "mail_signed", "accounts_active"),
        ),
        Sql(query),
        how=Look(columns=columns.shared(query)),
    )


def _ranking() -> model.Panel:
    query = (
        'SELECT place_group AS "Nhóm hạng", place_best || CASE WHEN place_worst > place_best'
        ' THEN \'–\' || place_worst ELSE \'\' END AS "Hạng", code AS "Mã", name AS "Cơ quan",'
        ' ratio AS "Tỷ lệ", low AS "Cận dưới", high AS "Cận trên",'
        ' numerator AS "Tử số", denominator AS "Mẫu số", coverage AS "Độ bao phủ",'
        ' undecided_share AS "Chưa kết luận"'
        " FROM grafana.ranking WHERE among = 'province' AND indicator = 'document_signed'"
        " AND channel = '$channel'"
        f" AND window_name = '$window' AND {columns.COUNTED} AND place_group IS NOT NULL"
        " ORDER BY place_group, ratio DESC, name"
    )
    return rows(
        Words(
            "Xếp hạng cơ quan về ký số văn bản",
            "Cùng nhóm hạng là chưa phân được hơn kém: khoảng tin cậy chồng nhau. “Hạng” là"
            " khoảng vị trí có thể có. Chỉ xếp cơ quan đủ dữ liệu; các cơ quan khác ở bảng bên.",
            ("document_signed",),
        ),
        Sql(query),
        how=Look(
            columns=(
                Column("Nhóm hạng", width=95, decimals=0),
                Column("Hạng", width=60),
                *columns.shared(query),
            )
        ),
    )


def _unranked() -> model.Panel:
    query = (
        'SELECT code AS "Mã", name AS "Cơ quan", state AS "Trạng thái", denominator AS "Mẫu số",'
        ' undecided_share AS "Chưa kết luận" FROM grafana.ranking'
        " WHERE among = 'province' AND indicator = 'document_signed' AND channel = '$channel'"
        f" AND window_name = '$window' AND {columns.COUNTED} AND place_group IS NULL"
        " ORDER BY state, name"
    )
    return rows(
        Words(
            "Chưa xếp hạng được",
            "Cơ quan chưa có đủ văn bản, không có dữ liệu hoặc dữ liệu đã cũ trong kỳ này. Không"
            " phải là xếp cuối.",
            ("document_signed",),
        ),
        Sql(query),
        how=Look(no_value="không có", columns=columns.shared(query)),
    )


def _states() -> model.Panel:
    query = (
        "SELECT CASE state "
        + " ".join(f"WHEN '{state}' THEN '{text}'" for state, text in words.STATES.items())
        + ' END AS "Trạng thái", count(*) AS "Số cơ quan" FROM grafana.figure'
        " WHERE scope = 'agency' AND indicator = 'document_signed' AND channel = '$channel'"
        f" AND window_name = '$window' AND {columns.COUNTED} GROUP BY state ORDER BY 2 DESC"
    )
    return bars(
        Words(
            "Bao nhiêu cơ quan có số liệu ký số dùng được",
            "Số cơ quan theo trạng thái của chỉ tiêu văn bản được ký số, kênh và kỳ đã chọn.",
            ("document_signed",),
        ),
        Sql(query),
        how=Look(unit=AGENCIES, decimals=0, lowest=0),
        each_row=True,
    )


def _same_agencies() -> model.Panel:
    query = (
        'SELECT month AS "Tháng", against_month AS "So với tháng", indicator AS "Chỉ tiêu",'
        ' same_agencies AS "Số cơ quan", same_against_ratio AS "Trước (cùng cơ quan)",'
        ' same_ratio AS "Sau (cùng cơ quan)", against_ratio AS "Trước (mọi cơ quan)",'
        ' ratio AS "Sau (mọi cơ quan)" FROM grafana.same_agencies'
        " WHERE scope = 'province' AND ((indicator = 'document_signed' AND channel = '$channel')"
        " OR indicator IN ('mail_signed', 'document_paperless'))"
        " AND (against = 'month_before' OR against_denominator > 0)"
        f" ORDER BY month DESC, {columns.IN_ORDER}, against LIMIT 60"
    )
    shares = [f"{when} ({whose} cơ quan)" for whose in ("cùng", "mọi") for when in ("Trước", "Sau")]
    return rows(
        Words(
            "So với tháng trước và cùng kỳ, trên cùng các cơ quan",
            "Tháng đã đóng so với tháng liền trước và cùng tháng năm trước. “Cùng cơ quan” chỉ tính"
            " các cơ quan có suốt hai tháng, nên khác biệt là thật; “mọi cơ quan” có thể đổi vì"
            " danh sách cơ quan đổi.",
            ("document_signed", "mail_signed", "document_paperless"),
        ),
        Sql(query),
        how=Look(
            columns=(
                columns.INDICATOR,
                Column("Tháng", unit="time:MM/YYYY", width=90),
                Column("So với tháng", unit="time:MM/YYYY", width=110),
                Column("Số cơ quan", decimals=0, width=100),
                *(
                    Column(name, unit=SHARE, decimals=1, nothing=columns.DASH, width=170)
                    for name in shares
                ),
            )
        ),
    )


DROPPED = {
    "Value #A": "Sụt giảm",
    "Value #B": "Ngừng hẳn",
    "Value #C": "Giảm dần",
}
DAYS = count_of("ngày")


def _drops() -> model.Panel:
    named = " * on (agency) group_left (name) congvu_agency_info"
    return rows(
        Words(
            "Cơ quan đang sụt giảm, ngừng ký, giảm dần",
            "Số ngày làm việc liên tiếp: 5 ngày gần nhất thấp rõ rệt so với mức quen thuộc (sụt"
            " giảm), không có một văn bản hay thư ký số nào (ngừng hẳn), 10 ngày gần nhất thấp hơn"
            " tháng trước (giảm dần). Trống là không nơi nào.",
            page="alerts",
        ),
        Prom(f"(congvu_adoption_drop_days > 0){named}", as_table=True),
        Prom(f"congvu_adoption_silent_days{named}", as_table=True),
        Prom(f"congvu_adoption_decline_days{named}", as_table=True),
        how=Look(
            no_value="không nơi nào",
            columns=(columns.INDICATOR, columns.CHANNEL, columns.CODE, columns.AGENCY, *_days()),
        ),
        transformations=joined(
            {
                "agency": "Mã", "name": "Cơ quan", "indicator": "Chỉ tiêu", "channel": "Kênh",
                **DROPPED,
            },
            ("Time", "__name__", "instance", "job"),
        ),
    )  # fmt: skip


def _group_drops() -> model.Panel:
    return rows(
        Words(
            "Cấp và toàn tỉnh đang sụt giảm",
            "Như bảng bên, tính cho từng cấp và toàn tỉnh.",
            page="alerts",
        ),
        Prom(
            "max by (indicator, group, channel) (congvu_adoption_group_drop_days > 0)",
            as_table=True,
        ),
        Prom(
            "max by (indicator, group, channel) (congvu_adoption_group_silent_days)", as_table=True
        ),
        Prom(
            "max by (indicator, group, channel) (congvu_adoption_group_decline_days)", as_table=True
        ),
        how=Look(
            no_value="không nơi nào",
            columns=(columns.INDICATOR, columns.CHANNEL, columns.GROUP, *_days()),
        ),
        transformations=joined(
            {"group": "Phạm vi", "indicator": "Chỉ tiêu", "channel": "Kênh", **DROPPED},
            ("Time",),
        ),
    )


def _days() -> list[Column]:
    return [
        Column(name, unit=DAYS, decimals=0, nothing=columns.DASH, width=100)
        for name in DROPPED.values()
    ]


def build() -> model.Dashboard:
    whole = figures.WHOLE_PROVINCE
    return page(
        "congvu-overview",
        "Mức độ sử dụng thư điện tử công vụ và chữ ký số của toàn tỉnh.",
        [
            Section("Hiện nay", [
                band(6,
                     (8, figures.headline("document_signed", "$channel", "$window", whole)),
                     (8, figures.headline("mail_signed", "mail", "$window", whole)),
                     (8, figures.headline("accounts_active", "mail", "$window", whole))),
                band(6,
                     (8, figures.headline("document_paired", "docsys", "$window", whole)),
                     (8, figures.headline("document_paperless", "docsys", "last_month", whole)),
                     (8, figures.headline("dispatched_on_time", "docsys", "$window", whole))),
            ]),
            Section("Chỉ tiêu kế hoạch và cảnh báo", [
                band(9, (24, figures.targets("true"))),
                band(6, (24, alerts.firing("page|ticket"))),
            ]),
            Section("Phễu và xu hướng", [
                band(9, (8, _funnel()),
                     (8, figures.trend("document_signed", "$channel", whole)),
                     (8, figures.trend("mail_signed", "mail", whole))),
                band(8, (24, _same_agencies())),
                band(8, (16, figures.verdicts_by_day(
                    "channel = '$channel'", "Văn bản theo kết luận, mỗi ngày")),
                    (8, _states())),
            ]),
            Section("Các cấp", [
                band(10, (24, _levels())),
                band(8,
                     (12, figures.group_lines("document_signed", "$channel",
                                              "Văn bản được ký số của từng cấp, 5 ngày làm việc")),
                     (12, figures.group_lines("accounts_active", "mail",
                                              "Cán bộ có sử dụng thư của từng cấp"))),
            ]),
            Section("Xếp hạng", [band(12, (16, _ranking()), (8, _unranked()))]),
            Section("Cần chú ý", [band(8, (14, _drops()), (10, _group_drops()))]),
            Section("Số liệu", [band(14, (24, _state_board()))]),
        ],
        [DOCUMENT_CHANNEL, WINDOW],
    )  # fmt: skip
