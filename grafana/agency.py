"""One agency's page: everything that it would ask about itself."""

from grafana_foundation_sdk.models import dashboard as model

from grafana import alerts, columns, figures, look, words
from grafana.page import AGENCY, Section, band, choice, page
from grafana.panels import (
    DATE,
    DOCUMENTS,
    MAILS,
    PEOPLE,
    SHARE,
    Column,
    Look,
    Words,
    bars,
    count_of,
    joined,
    lines,
    number,
    rows,
    stacks,
)
from grafana.queries import IN_RANGE, TIME, Prom, Sql

WINDOW = choice(
    "window", "Kỳ", {name: words.WINDOWS[name] for name in ("wd5", "30d", "period")}, "30d"
)
OWN = figures.ONE_AGENCY
REASONS = "reason NOT IN (" + ", ".join(f"'{each}'" for each in words.NOTES) + ")"
"""Notes explain nothing: a certificate chain that had to be completed is no fault."""


def _name() -> model.Panel:
    query = (
        'SELECT name AS "Cơ quan", level AS "Cấp", parent AS "Trực thuộc"'
        " FROM grafana.agency WHERE code = '$agency'"
    )
    return rows(
        Words(
            "Tên, cấp và cơ quan cấp trên",
            "Tên, cấp và cơ quan cấp trên theo danh mục đang dùng.",
            page="agencies",
        ),
        Sql(query),
        how=Look(no_value="không có", columns=(Column("Cấp", mappings=columns.LEVEL.mappings),)),
    )


def _place() -> model.Panel:
    query = (
        "SELECT CASE WHEN place_group IS NULL THEN 'chưa xếp hạng được' WHEN place_worst >"
        " place_best THEN 'hạng ' || place_best || '–' || place_worst || ' / ' || ranked"
        " ELSE 'hạng ' || place_best || ' / ' || ranked END AS \"Vị trí\""
        " FROM grafana.ranking WHERE indicator = 'document_signed' AND channel = 'docsys'"
        f" AND window_name = '$window' AND code = '$agency' AND {columns.COUNTED}"
        " AND among LIKE 'level:%'"
    )
    return number(
        Words(
            "Vị trí trong cùng cấp",
            "Vị trí về ký số văn bản trong các cơ quan cùng cấp đủ dữ liệu. Là một khoảng khi"
            " chưa phân được hơn kém.",
            ("document_signed",),
        ),
        Sql(query),
        how=Look(unit="string"),
        every_field=True,
    )


def _all_figures() -> model.Panel:
    query = (
        f'SELECT indicator AS "Chỉ tiêu", channel AS "Kênh", {columns.FIGURE_SQL}'
        f" FROM grafana.figure WHERE {OWN} AND window_name ="
        f" {columns.OWN_WINDOW.format(window='$window')} AND {columns.COUNTED}"
        f" ORDER BY {columns.IN_ORDER}, channel"
    )
    return rows(
        Words(
            "Mọi chỉ tiêu của cơ quan",
            "Từng chỉ tiêu theo kênh trong kỳ đã chọn, với tử số, mẫu số, khoảng tin cậy,"
            " trạng thái, độ bao phủ và phần chưa kết luận. Chỉ tiêu từ sổ văn bản tính theo tháng"
            " trước.",
            page="indicators",
        ),
        Sql(query),
        how=Look(columns=columns.shared(query)),
    )


def _reasons() -> model.Panel:
    query = (
        'SELECT verdict AS "Kết luận", cause AS "Nguyên nhân", reason AS "Lý do",'
        ' channel AS "Kênh", sum(documents)::bigint AS "Văn bản", max(day) AS "Gần nhất"'
        f" FROM grafana.reason_day WHERE code = '$agency' AND {REASONS}"
        f" AND {IN_RANGE}"
        " GROUP BY 1, 2, 3, 4 ORDER BY 5 DESC LIMIT 200"
    )
    return rows(
        Words(
            "Vì sao văn bản chưa được công nhận ký số",
            "Lý do ghi nhận ở văn bản chưa hợp lệ trong khoảng thời gian đang xem. Một văn bản có"
            " thể có nhiều lý do nên các số không cộng lại với nhau. Từng văn bản: congvu documents"
            " list.",
            ("document_signed",),
            page="verify",
        ),
        Sql(query),
        how=Look(no_value="không có", columns=reason_columns()),
    )


def reason_columns() -> tuple[Column, ...]:
    """Of tables of reasons."""
    return (
        columns.VERDICT, columns.CAUSE, columns.CHANNEL,
        Column("Lý do", mappings=look.mapped(words.reasons())),
        Column("Văn bản", decimals=0, width=100),
        Column("Gần nhất", unit=DATE, width=110),
    )  # fmt: skip


def _verdict_counts() -> model.Panel:
    query = (
        'SELECT channel AS "Kênh", sum(documents)::bigint AS "Tổng",'
        + ",".join(
            f" coalesce(sum(documents) FILTER (WHERE verdict = '{verdict}'), 0)::bigint"
            f' AS "{text}"'
            for verdict, text in words.verdicts().items()
        )
        + ', max(day) AS "Gần nhất" FROM grafana.verdict_day'
        " WHERE code = '$agency' AND document_class = 'formal' AND NOT relayed"
        f" AND {IN_RANGE} GROUP BY 1 ORDER BY 2 DESC"
    )
    return rows(
        Words(
            "Văn bản theo kênh và kết luận",
            "Số văn bản chính thức phát hành trong khoảng thời gian đang xem, và ngày gần nhất có"
            " văn bản.",
            ("document_signed",),
        ),
        Sql(query),
        how=Look(
            no_value="không có văn bản", decimals=0,
            columns=(columns.CHANNEL, Column("Gần nhất", unit=DATE)),
        ),
    )  # fmt: skip


def _drop_days() -> model.Panel:
    return rows(
        Words(
            "Có đang sụt giảm không",
            "Số ngày làm việc liên tiếp: 5 ngày gần nhất thấp rõ rệt so với mức quen thuộc (sụt"
            " giảm; 0 là không), không có gì được ký (ngừng hẳn), 10 ngày gần nhất thấp hơn tháng"
            " trước (giảm dần). Chỉ tiêu không có ở đây là chưa nói được.",
            ("document_signed", "mail_signed", "accounts_active"),
            page="alerts",
        ),
        *(
            Prom(
                f'max by (indicator, channel) (congvu_adoption_{what}_days{{agency="$agency"}})',
                as_table=True,
            )
            for what in ("drop", "silent", "decline")
        ),
        how=Look(
            columns=(
                columns.INDICATOR, columns.CHANNEL,
                *(
                    Column(
                        name, unit=count_of("ngày"), decimals=0, nothing=columns.DASH, width=90,
                        coloured=True, thresholds=look.alarming(1, 2),
                    )
                    for name in ("Sụt giảm", "Ngừng hẳn", "Giảm dần")
                ),
            )
        ),
        transformations=joined(
            {
                "indicator": "Chỉ tiêu", "channel": "Kênh", "Value #A": "Sụt giảm",
                "Value #B": "Ngừng hẳn", "Value #C": "Giảm dần",
            },
            ("Time",),
        ),
    )  # fmt: skip


def _acknowledged() -> model.Panel:
    query = (
        'SELECT day AS "Mức của ngày", indicator AS "Chỉ tiêu", channel AS "Kênh",'
        ' at AS "Ghi nhận lúc" FROM grafana.drop_acknowledged'
        f" WHERE {OWN} ORDER BY at DESC LIMIT 50"
    )
    return rows(
        Words(
            "Sụt giảm đã được ghi nhận",
            "Mức sụt giảm đã có người ghi nhận (congvu alerts acknowledge): mức của 5 ngày làm việc"
            " đến ngày ấy thành mức so sánh mới.",
            page="alerts",
        ),
        Sql(query),
        how=Look(
            no_value="chưa có",
            columns=(
                Column("Mức của ngày", unit=DATE, width=120),
                columns.INDICATOR, columns.CHANNEL,
                Column("Ghi nhận lúc", unit="time:DD/MM/YYYY HH:mm", width=150),
            ),
        ),
    )  # fmt: skip


def _against_baseline(indicator: str, channel: str, title: str) -> model.Panel:
    chosen = f'{{indicator="{indicator}",agency="$agency",channel="{channel}"'
    return lines(
        Words(
            title,
            f"{words.definition(indicator)} Tỷ lệ 5 ngày làm việc gần nhất và cận trên của nó, so"
            " với mức quen thuộc và cận dưới của mức ấy. Cận trên nằm dưới cận dưới là sụt giảm."
            " Mức quen thuộc đứng yên trong lúc sụt giảm.",
            (indicator,),
            page="alerts",
        ),
        Prom(f'congvu_adoption_ratio{chosen},window="wd5"}}', legend="5 ngày làm việc"),
        Prom(f'congvu_adoption_ratio_high{chosen},window="wd5"}}', legend="Cận trên 5 ngày"),
        Prom(f"congvu_adoption_baseline_ratio{chosen}}}", legend="Mức quen thuộc"),
        Prom(f"congvu_adoption_baseline_ratio_low{chosen}}}", legend="Cận dưới mức quen thuộc"),
        how=Look(
            unit=SHARE, decimals=1, lowest=0, highest=1, colour=look.PALETTE,
            columns=(
                Column("5 ngày làm việc", colour=look.BLUE, line_width=3),
                Column("Cận trên 5 ngày", colour=look.SKY, dashed=True),
                Column("Mức quen thuộc", colour=look.ORANGE, line_width=2),
                Column("Cận dưới mức quen thuộc", colour=look.RED, dashed=True),
            ),
        ),
    )  # fmt: skip


def _coverage() -> model.Panel:
    query = (
        f'SELECT {TIME} AS "time", sum(captured)::bigint AS "Ghi nhận được",'
        ' sum(sent)::bigint AS "Cổng thư đã gửi" FROM grafana.coverage_day'
        f" WHERE code = '$agency' AND {IN_RANGE} GROUP BY day ORDER BY 1"
    )
    return lines(
        Words(
            "Độ bao phủ: thư ghi nhận được và thư đã gửi",
            "Số thư hệ thống ghi nhận so với số thư mà nhật ký cổng thư cho biết đã gửi, mỗi ngày."
            " Không có nhật ký thì không có dữ liệu để so.",
            page="metrics",
        ),
        Sql(query, over_time=True),
        how=Look(unit=MAILS, decimals=0, colour=look.PALETTE, lowest=0),
        connect_days=4,
    )


def _funnel() -> model.Panel:
    query = (
        'SELECT s.text AS "Bước",'
        " max(f.people) FILTER (WHERE f.role = '') AS \"Mọi người\","
        " max(f.people) FILTER (WHERE f.role = 'leader') AS \"Lãnh đạo\""
        f" FROM {figures.STEPS} LEFT JOIN grafana.funnel f ON f.step = s.step AND {OWN}"
        " GROUP BY s.number, s.text ORDER BY s.number"
    )
    return rows(
        Words(
            "Phễu sử dụng của cơ quan, 30 ngày",
            "Số cán bộ, và trong đó số lãnh đạo, ở từng bước từ danh sách đến ký số hợp lệ.",
            ("accounts_provisioned", "accounts_active", "accounts_habitual"),
        ),
        Sql(query),
        how=Look(
            decimals=0,
            columns=(Column("Mọi người", unit=PEOPLE), Column("Lãnh đạo", unit=PEOPLE)),
        ),
    )


def _accounts() -> model.Panel:
    query = (
        'SELECT role AS "Loại", '
        + ", ".join(
            f"coalesce(sum(accounts) FILTER (WHERE state = '{state}'), 0)::bigint AS \"{text}\""
            for state, text in words.ACCOUNT_STATES.items()
        )
        + " FROM grafana.account WHERE code = '$agency' GROUP BY role ORDER BY sum(accounts) DESC"
    )
    return rows(
        Words(
            "Tài khoản thư công vụ",
            "Số tài khoản theo loại và tình trạng hôm nay; mỗi tài khoản ở đúng một tình trạng.",
            ("accounts_provisioned",),
            page="accounts",
        ),
        Sql(query),
        how=Look(decimals=0, columns=(Column("Loại", mappings=look.mapped(words.ROLES)),)),
    )


def _leaders() -> model.Panel:
    return number(
        Words(
            "Lãnh đạo sử dụng thư, 5 ngày làm việc",
            "Tỷ lệ lãnh đạo trong danh sách có sử dụng thư công vụ trong 5 ngày làm việc gần nhất,"
            " và số lãnh đạo trong danh sách.",
            ("accounts_active",),
        ),
        Prom('congvu_leaders_active_ratio{agency="$agency",window="wd5"}', legend="Tỷ lệ"),
        Prom('congvu_leaders_active_denominator{agency="$agency",window="wd5"}', legend="Lãnh đạo"),
        how=Look(
            columns=(
                Column("Tỷ lệ", unit=SHARE, decimals=0, colour=look.BLUE),
                Column("Lãnh đạo", unit=PEOPLE, decimals=0, colour=look.GREY),
            )
        ),
    )


def certificates(whose: str) -> model.Panel:
    """Certificates in use that end soon."""
    query = (
        'SELECT code AS "Mã", name AS "Cơ quan", signer_kind AS "Của",'
        ' trust_class AS "Loại chứng thư", ends_on AS "Hết hạn", days_left AS "Còn lại",'
        ' certificates AS "Chứng thư", signatures AS "Chữ ký 90 ngày", last_used AS "Dùng gần nhất"'
        f" FROM grafana.certificate WHERE {whose} ORDER BY ends_on, code LIMIT 500"
    )
    return rows(
        Words(
            "Chứng thư sắp hết hạn",
            "Chứng thư đang dùng để ký, hết hạn trong 90 ngày tới, và người ký chưa có chứng thư"
            " mới. Không ghi tên người ký; cơ quan tra bằng congvu documents explain.",
            page="trust",
        ),
        Sql(query),
        how=Look(
            no_value="không có chứng thư nào",
            columns=(
                columns.CODE, columns.AGENCY,
                Column("Của", mappings=look.mapped(words.signer_kinds()), width=150),
                Column("Loại chứng thư", mappings=look.mapped(words.trust_classes()), width=170),
                Column("Hết hạn", unit=DATE, width=110),
                Column(
                    "Còn lại", unit=count_of("ngày"), decimals=0, coloured=True, width=90,
                    thresholds=look.thresholds(look.RED, (7, look.ORANGE), (30, look.BLUE)),
                ),
                Column("Chứng thư", decimals=0, width=100),
                Column("Chữ ký 90 ngày", decimals=0, width=130),
                Column("Dùng gần nhất", unit=DATE, width=130),
            ),
        ),
    )  # fmt: skip


def _registers() -> model.Panel:
    query = (
        'SELECT month AS "Tháng", documents AS "Văn bản trong sổ", electronic AS "Gửi điện tử",'
        ' parallel AS "Kèm bản giấy", paperless AS "Chỉ điện tử", undecided AS "Chưa rõ"'
        " FROM grafana.register_month WHERE code = '$agency' ORDER BY month DESC LIMIT 24"
    )
    return rows(
        Words(
            "Sổ văn bản đi: điện tử, kèm giấy, chỉ điện tử",
            "Theo sổ văn bản của cơ quan (tự khai), đã đối chiếu với văn bản ghi nhận được, mỗi"
            " tháng. Chưa nối sổ thì không có dữ liệu.",
            ("document_electronic", "document_parallel_paper", "document_paperless"),
            page="registers",
        ),
        Sql(query),
        how=Look(decimals=0, columns=(Column("Tháng", unit="time:MM/YYYY"),)),
    )


def _on_time() -> model.Panel:
    query = (
        f'SELECT {TIME} AS "time", sum(numerator) AS "Đúng hạn",'
        ' sum(denominator - numerator) AS "Trễ hạn" FROM grafana.day'
        f" WHERE indicator = 'dispatched_on_time' AND {OWN} AND document_class = 'formal'"
        f" AND base = '' AND {IN_RANGE} GROUP BY day ORDER BY 1"
    )
    return stacks(
        Words(
            "Văn bản gửi đúng hạn và trễ hạn sau khi ký",
            words.definition("dispatched_on_time"),
            ("dispatched_on_time",),
        ),
        Sql(query, over_time=True),
        how=Look(
            unit=DOCUMENTS, decimals=0, colour=look.PALETTE,
            columns=(
                Column("Đúng hạn", colour=look.BLUE), Column("Trễ hạn", colour=look.ORANGE),
            ),
        ),
    )  # fmt: skip


def _axis() -> model.Panel:
    return bars(
        Words(
            "Văn bản qua trục liên thông, 30 ngày",
            "Số lượt gửi của cơ quan (gửi đi) và gửi đến cơ quan (gửi đến), mỗi nơi nhận một lượt,"
            " theo tình trạng. “Quá hạn chưa tiếp nhận”: chưa được tiếp nhận trong thời hạn.",
            page="axis",
        ),
        Prom(
            'sum by (direction, state) (congvu_axis_deliveries{agency="$agency"})',
            legend="{{direction}} {{state}}",
            instant=True,
        ),
        how=Look(
            unit=count_of("lượt"), decimals=0, lowest=0,
            columns=[
                Column(f"{direction} {state}", title=f"{text}: {words.AXIS_STATES[state]}")
                for direction, text in words.directions().items()
                if direction != "internal"
                for state in words.AXIS_STATES
            ],
        ),
    )  # fmt: skip


def mail_by_day(whose: str, title: str) -> model.Panel:
    """Messages of people, by direction, a day."""
    query = (
        f'SELECT {TIME} AS "time", direction AS metric, sum(messages)::bigint AS "value"'
        f" FROM grafana.mail_day WHERE NOT automatic AND {whose} AND {IN_RANGE}"
        " GROUP BY 1, 2 ORDER BY 1"
    )
    colours = {"out": look.BLUE, "in": look.SKY, "internal": look.GREY}
    return stacks(
        Words(
            title,
            "Số thư do người gửi (không tính thư tự động) mỗi ngày: gửi đi, gửi đến và nội bộ cơ"
            " quan. Một thư gửi đến nhiều cơ quan tính cho từng cơ quan nhận.",
            ("accounts_active",),
        ),
        Sql(query, over_time=True),
        how=Look(
            unit=MAILS, decimals=0, colour=look.PALETTE,
            columns=[
                Column(direction, title=text, colour=colours[direction])
                for direction, text in words.directions().items()
            ],
        ),
    )  # fmt: skip


def build() -> model.Dashboard:
    return page(
        "congvu-agency",
        "Một cơ quan: chỉ tiêu, ký số, thư công vụ, sổ văn bản và trục liên thông.",
        [
            Section("Cơ quan", [
                band(4, (14, _name()), (10, _place())),
                band(6,
                     (8, figures.headline("document_signed", "docsys", "$window", OWN)),
                     (8, figures.headline("mail_signed", "mail", "$window", OWN)),
                     (8, figures.headline("accounts_active", "mail", "$window", OWN))),
                band(14, (24, _all_figures())),
            ]),
            Section("Ký số", [
                band(8,
                     (8, figures.trend("document_signed", "docsys", OWN,
                                       "Văn bản được ký số: xu hướng · quản lý văn bản")),
                     (8, figures.trend("document_signed", "axis", OWN,
                                       "Văn bản được ký số: xu hướng · trục liên thông")),
                     (8, figures.trend("mail_signed", "mail", OWN))),
                band(8, (12, figures.verdicts_by_day(
                    "code = '$agency'", "Văn bản theo kết luận, mỗi ngày")),
                    (12, _verdict_counts())),
                band(10, (24, _reasons())),
            ]),
            Section("Có sụt giảm không", [
                band(8, (8, _drop_days()),
                     (8, _against_baseline("document_signed", "docsys",
                                           "Ký số văn bản so với mức quen thuộc")),
                     (8, _against_baseline("mail_signed", "mail",
                                           "Ký số thư so với mức quen thuộc"))),
                band(7, (14, alerts.firing("page|ticket|info", ',agency="$agency"')),
                     (10, _acknowledged())),
            ]),
            Section("Chỉ tiêu kế hoạch", [band(7, (24, figures.targets(OWN)))]),
            Section("Thư công vụ và con người", [
                band(9, (9, _funnel()), (15, mail_by_day("code = '$agency'", "Thư mỗi ngày"))),
                band(8, (12, _accounts()), (4, _leaders()), (8, _coverage())),
            ]),
            Section("Chứng thư, sổ văn bản, trục liên thông", [
                band(8, (14, certificates("code = '$agency'")), (10, _on_time())),
                band(9, (12, _registers()), (12, _axis())),
            ]),
        ],
        [AGENCY, WINDOW],
    )  # fmt: skip
