"""The province at a glance: targets, funnel, trend, levels, ranking, what needs a look."""

from grafana_foundation_sdk.models import dashboard as model

from grafana import alerts, columns, figures, look, words
from grafana.page import Section, band, choice, page
from grafana.panels import SHARE, Column, Look, Words, count_of, joined, rows
from grafana.queries import Prom, Sql

WINDOW = choice(
    "window", "Kỳ", {name: words.WINDOWS[name] for name in ("wd5", "30d", "period")}, "30d"
)
IN_FORCE = "code IN (SELECT code FROM grafana.agency WHERE in_force)"
"""Without agencies that have ended."""


def _state_board() -> model.Panel:
    query = (
        f'SELECT indicator AS "Chỉ tiêu", channel AS "Kênh", {columns.FIGURE_SQL}'
        " FROM grafana.figure WHERE scope = 'province' AND window_name = "
        f"{columns.OWN_WINDOW.format(window='$window')} AND {columns.COUNTED}"
        f" ORDER BY state = 'no_data', {columns.IN_ORDER}, channel"
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
        f" FROM grafana.figure WHERE {columns.GROUPS_IN_FORCE} AND window_name = '$window'"
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
        'SELECT code AS "Mã", name AS "Cơ quan", state AS "Trạng thái"'
        " FROM grafana.ranking"
        " WHERE among = 'province' AND indicator = 'document_signed' AND channel = '$channel'"
        f" AND window_name = '$window' AND {columns.COUNTED} AND place_group IS NULL"
        f" AND {IN_FORCE}"
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
    listed = ", ".join(f"({n}, '{state}')" for n, state in enumerate(words.STATES))
    query = (
        'SELECT s.state AS "Trạng thái", count(f.code) AS "Số cơ quan"'
        f" FROM (VALUES {listed}) AS s (number, state) LEFT JOIN grafana.figure f"
        " ON f.state = s.state AND scope = 'agency' AND indicator = 'document_signed'"
        f" AND channel = '$channel' AND window_name = '$window' AND {columns.COUNTED}"
        f" AND {IN_FORCE} GROUP BY s.number, s.state ORDER BY s.number"
    )
    return rows(
        Words(
            "Bao nhiêu cơ quan có số liệu ký số",
            "Số cơ quan theo trạng thái của chỉ tiêu văn bản được ký số, kênh và kỳ đã chọn.",
            ("document_signed",),
        ),
        Sql(query),
        how=Look(columns=(*columns.shared(query), Column("Số cơ quan", decimals=0))),
    )


def _same_agencies() -> model.Panel:
    query = (
        'SELECT indicator AS "Chỉ tiêu", month AS "Tháng", against_month AS "So với tháng",'
        ' same_agencies AS "Số cơ quan", same_against_ratio AS "Trước", same_ratio AS "Sau",'
        ' same_ratio - same_against_ratio AS "Thay đổi" FROM grafana.same_agencies'
        " WHERE scope = 'province' AND ((indicator = 'document_signed' AND channel = '$channel')"
        " OR indicator IN ('mail_signed', 'document_paperless'))"
        " AND same_ratio IS NOT NULL AND same_against_ratio IS NOT NULL"
        f" ORDER BY month DESC, {columns.IN_ORDER}, against LIMIT 60"
    )
    return rows(
        Words(
            "So với tháng trước và cùng kỳ, trên cùng các cơ quan",
            "Tháng đã đóng so với tháng liền trước và cùng tháng năm trước. Chỉ tính các cơ quan có"
            " suốt hai tháng, nên khác biệt không phải do danh sách cơ quan đổi.",
            ("document_signed", "mail_signed", "document_paperless"),
        ),
        Sql(query),
        how=Look(
            no_value="chưa có hai tháng đã đóng để so",
            columns=(
                columns.INDICATOR,
                Column("Tháng", unit="time:MM/YYYY", width=90),
                Column("So với tháng", unit="time:MM/YYYY", width=110),
                Column("Số cơ quan", decimals=0, width=100),
                *(
                    Column(name, unit=SHARE, decimals=1, width=100)
                    for name in ("Trước", "Sau", "Thay đổi")
                ),
            ),
        ),
    )


DROPPED = {
    "Value #A": "Sụt giảm",
    "Value #B": "Ngừng hẳn",
    "Value #C": "Giảm dần",
}
DAYS = count_of("ngày")


def _drops() -> model.Panel:
    def where(what: str, condition: str = "") -> Prom:
        """Agencies under their names; levels and the province under theirs."""
        group = f"max by (indicator, group, channel) (congvu_adoption_group_{what}{condition})"
        return Prom(
            f"max by (indicator, channel, agency, name) ((congvu_adoption_{what}{condition})"
            " * on (agency) group_left (name) congvu_agency_info)"
            f' or label_replace({group}, "name", "$1", "group", "(.+)")',
            as_table=True,
        )

    return rows(
        Words(
            "Đang sụt giảm, ngừng ký, giảm dần",
            "Số ngày làm việc liên tiếp, của cơ quan, cấp và toàn tỉnh: 5 ngày gần nhất thấp rõ rệt"
            " so với mức quen thuộc (sụt giảm), không có một văn bản hay thư ký số nào (ngừng hẳn),"
            " 10 ngày gần nhất thấp hơn tháng trước (giảm dần). Trống là không nơi nào.",
            page="alerts",
        ),
        where("drop_days", " > 0"),
        where("silent_days"),
        where("decline_days"),
        how=Look(
            no_value="không nơi nào",
            columns=(
                Column("Nơi", mappings=look.mapped(words.GROUPS), least_width=190),
                Column(
                    "Mã", width=110, nothing=columns.DASH,
                    link=("Mở trang cơ quan", "/d/congvu-agency?var-agency=${__value.raw}"),
                ),
                Column("Chỉ tiêu", mappings=look.mapped(words.INDICATORS), width=170),
                columns.CHANNEL,
                *_days(),
            ),
        ),
        transformations=joined(
            {
                "name": "Nơi", "agency": "Mã", "indicator": "Chỉ tiêu", "channel": "Kênh",
                **DROPPED,
            },
            ("Time", "group"),
        ),
    )  # fmt: skip


def _days() -> list[Column]:
    return [
        Column(name, unit=DAYS, decimals=0, nothing=columns.DASH, width=85)
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
            Section("Chỉ tiêu kế hoạch", [band(8, (24, figures.targets("true")))]),
            Section("Cần chú ý", [
                band(6, (10, alerts.firing("page|ticket")), (14, _drops())),
            ]),
            Section("Phễu và xu hướng", [
                band(9, (8, _funnel()),
                     (8, figures.trend("document_signed", "$channel", whole)),
                     (8, figures.trend("mail_signed", "mail", whole))),
                band(8, (24, figures.verdicts_by_day(
                    "channel = '$channel'", "Văn bản theo kết luận, mỗi ngày"))),
                band(6, (16, _same_agencies()), (8, _states())),
            ]),
            Section("Các cấp", [
                band(14, (24, _levels())),
                band(8,
                     (8, figures.group_lines("document_signed", "$channel",
                                             "Văn bản được ký số của từng cấp")),
                     (8, figures.group_lines("mail_signed", "mail",
                                             "Thư công vụ được ký số của từng cấp")),
                     (8, figures.group_bars("accounts_active", "",
                                            "Cán bộ có sử dụng thư của từng cấp"))),
            ]),
            Section("Xếp hạng", [band(8, (17, _ranking()), (7, _unranked()))]),
            Section("Số liệu", [band(27, (24, _state_board()))]),
        ],
        [figures.DOCUMENT_CHANNEL, WINDOW],
    )  # fmt: skip
