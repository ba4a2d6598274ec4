"""One agency's page: everything that it would ask about itself."""

from dataclasses import replace

from grafana_foundation_sdk.models import dashboard as model

from grafana import alerts, columns, domains, figures, look, words
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
        'SELECT a.name AS "Cơ quan", a.code AS "Mã cơ quan", a.level AS "Cấp",'
        ' p.name AS "Trực thuộc", CASE'
        " WHEN r.place_worst > r.place_best THEN 'hạng ' || r.place_best || '–' || r.place_worst"
        " || ' trên ' || r.ranked || ' cơ quan' WHEN r.place_group IS NOT NULL"
        " THEN 'hạng ' || r.place_best || ' trên ' || r.ranked || ' cơ quan'"
        " ELSE 'chưa xếp hạng được' END AS \"Ký số văn bản, trong cùng cấp\""
        " FROM grafana.agency a LEFT JOIN grafana.agency p ON p.code = a.parent"
        " LEFT JOIN grafana.ranking r ON r.code = a.code AND r.indicator = 'document_signed'"
        " AND r.channel = '$channel' AND r.window_name = '$window' AND r.role = ''"
        " AND r.base = '' AND r.document_class = 'formal' AND r.among LIKE 'level:%'"
        " WHERE a.code = '$agency'"
    )
    return rows(
        Words(
            "Tên, cấp, cơ quan cấp trên và vị trí",
            "Theo danh mục đang dùng. Vị trí về ký số văn bản trong các cơ quan cùng cấp đủ dữ"
            " liệu là một khoảng khi chưa phân được hơn kém.",
            ("document_signed",),
            page="agencies",
        ),
        Sql(query),
        how=Look(
            no_value="không có",
            columns=(
                Column("Mã cơ quan", width=150),
                Column("Cấp", mappings=columns.LEVEL.mappings, width=170),
                Column("Trực thuộc", nothing=columns.DASH),
                Column("Ký số văn bản, trong cùng cấp", width=260),
            ),
        ),
    )


def _all_figures() -> model.Panel:
    query = (
        f'SELECT indicator AS "Chỉ tiêu", channel AS "Kênh", {columns.FIGURE_SQL}'
        f" FROM grafana.figure WHERE {OWN} AND window_name ="
        f" {columns.OWN_WINDOW.format(window='$window')} AND {columns.COUNTED}"
        f" ORDER BY state = 'no_data', {columns.IN_ORDER}, channel"
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
        replace(columns.VERDICT, width=140), columns.CAUSE, columns.CHANNEL,
        Column("Lý do", mappings=look.mapped(words.reasons())),
        Column("Văn bản", decimals=0, width=80),
        Column("Gần nhất", unit=DATE, width=100),
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
            columns=(
                Column("Kênh", mappings=columns.CHANNEL.mappings),
                Column("Tổng", width=55),
                *(Column(text, width=7 * len(text) + 30) for text in words.verdicts().values()),
                Column("Gần nhất", unit=DATE, width=95),
            ),
        ),
    )  # fmt: skip


HELD = {
    "Value #A": "5 ngày làm việc",
    "Value #B": "Cận trên",
    "Value #C": "Mức quen thuộc",
    "Value #D": "Cận dưới mức quen thuộc",
}
COUNTED_DAYS = {"Value #E": "Sụt giảm", "Value #F": "Ngừng hẳn", "Value #G": "Giảm dần"}


def _drop_days() -> model.Panel:
    whose = 'agency="$agency"'
    recent = f'{{{whose},window="wd5",indicator=~"document_signed|mail_signed|accounts_active"}}'
    asked = (
        f"congvu_adoption_ratio{recent}",
        f"congvu_adoption_ratio_high{recent}",
        f"congvu_adoption_baseline_ratio{{{whose}}}",
        f"congvu_adoption_baseline_ratio_low{{{whose}}}",
        f"congvu_adoption_drop_days{{{whose}}}",
        f"congvu_adoption_silent_days{{{whose}}}",
        f"congvu_adoption_decline_days{{{whose}}}",
    )
    return rows(
        Words(
            "5 ngày gần nhất so với mức quen thuộc",
            "Cận trên của 5 ngày làm việc gần nhất nằm dưới cận dưới của mức quen thuộc là sụt"
            " giảm; mức quen thuộc đứng yên trong lúc sụt giảm. Số ngày làm việc liên tiếp: sụt"
            " giảm (0 là không), không có gì được ký (ngừng hẳn), 10 ngày gần nhất thấp hơn tháng"
            " trước (giảm dần). “–” là không, hay chưa nói được.",
            ("document_signed", "mail_signed", "accounts_active"),
            page="alerts",
        ),
        *(Prom(f"max by (indicator, channel) ({each})", as_table=True) for each in asked),
        how=Look(
            columns=(
                columns.INDICATOR, columns.CHANNEL,
                *(
                    Column(
                        name, unit=SHARE, decimals=1, nothing=columns.DASH,
                        width=7 * len(name) + 34,
                    )
                    for name in HELD.values()
                ),
                *(
                    Column(
                        name, unit=count_of("ngày"), decimals=0, nothing=columns.DASH, width=100,
                        coloured=True, thresholds=look.alarming(1, 2),
                    )
                    for name in COUNTED_DAYS.values()
                ),
            )
        ),
        transformations=joined(
            {"indicator": "Chỉ tiêu", "channel": "Kênh", **HELD, **COUNTED_DAYS}, ("Time",)
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
        how=Look(
            no_value="không có tài khoản", decimals=0,
            columns=(Column("Loại", mappings=look.mapped(words.ROLES)), *account_columns()),
        ),
    )  # fmt: skip


def account_columns() -> list[Column]:
    """States of accounts, each as wide as its name."""
    return [Column(text, width=7 * len(text) + 34) for text in words.ACCOUNT_STATES.values()]


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
        how=Look(
            no_value="chưa nối sổ văn bản", decimals=0,
            columns=(
                Column("Tháng", unit="time:MM/YYYY"),
                Column("Văn bản trong sổ", width=140), Column("Gửi điện tử", width=110),
                Column("Kèm bản giấy", width=115), Column("Chỉ điện tử", width=110),
                Column("Chưa rõ", width=85),
            ),
        ),
    )  # fmt: skip


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
    listed = ", ".join(
        f"({number}, '{state}', '{text}')"
        for number, (state, text) in enumerate(words.AXIS_STATES.items())
    )
    query = (
        'SELECT coalesce(s.text, d.state) AS "Tình trạng",'
        " coalesce(sum(deliveries) FILTER (WHERE direction = 'out'), 0)::bigint AS \"Gửi đi\","
        " coalesce(sum(deliveries) FILTER (WHERE direction = 'in'), 0)::bigint AS \"Gửi đến\""
        f" FROM grafana.axis_day d LEFT JOIN (VALUES {listed}) AS s (number, state, text)"
        f" ON s.state = d.state WHERE code = '$agency' AND {IN_RANGE}"
        " GROUP BY s.number, 1 ORDER BY s.number"
    )
    return rows(
        Words(
            "Văn bản qua trục liên thông",
            "Số lượt gửi của cơ quan (gửi đi) và gửi đến cơ quan (gửi đến) trong khoảng thời gian"
            " đang xem, mỗi nơi nhận một lượt, theo tình trạng hiện nay.",
            page="axis",
        ),
        Sql(query),
        how=Look(
            no_value="không có lượt gửi nào", decimals=0,
            columns=(Column("Gửi đi", width=90), Column("Gửi đến", width=90)),
        ),
    )  # fmt: skip


def _axis_late() -> model.Panel:
    chosen = 'congvu_axis_deliveries{{agency="$agency",state="late",direction="{}"}}'
    return number(
        Words(
            "Quá hạn tiếp nhận",
            "Số lượt trong 30 ngày qua chưa được nơi nhận tiếp nhận trong thời hạn: của văn bản cơ"
            " quan gửi đi, và gửi đến cơ quan. “–” là không có.",
            page="axis",
        ),
        Prom(chosen.format("out"), legend="Gửi đi", instant=True),
        Prom(chosen.format("in"), legend="Gửi đến", instant=True),
        how=Look(
            unit=count_of("lượt"), decimals=0, thresholds=look.alarming(1),
            no_value=columns.DASH,
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
                band(4, (24, _name())),
                band(6,
                     (6, figures.headline("document_signed", "$channel", "$window", OWN)),
                     (6, figures.headline("mail_signed", "mail", "$window", OWN)),
                     (6, figures.headline("accounts_active", "mail", "$window", OWN)),
                     (6, figures.headline("accounts_active", "mail", "$window", OWN,
                                          role="leader", title="Lãnh đạo có sử dụng thư"))),
            ]),
            Section("Ký số", [
                band(8,
                     (12, figures.trend("document_signed", "$channel", OWN)),
                     (12, figures.trend("mail_signed", "mail", OWN))),
                band(8, (11, figures.verdicts_by_day(
                    "code = '$agency'", "Văn bản theo kết luận, mỗi ngày")),
                    (13, _verdict_counts())),
                band(8, (24, _reasons())),
            ]),
            Section("Có sụt giảm không", [
                band(6, (24, _drop_days())),
                band(5, (14, alerts.firing("page|ticket|info", ',agency="$agency"')),
                     (10, _acknowledged())),
            ]),
            Section("Chỉ tiêu kế hoạch", [band(5, (24, figures.targets(OWN)))]),
            Section("Thư công vụ và con người", [
                band(9, (9, _funnel()), (15, mail_by_day("code = '$agency'", "Thư mỗi ngày"))),
                band(7, (12, _accounts()), (12, _coverage())),
            ]),
            Section("Tên miền thư", [
                band(8, (24, domains.failing("code = '$agency'", "Tên miền thư: chưa đạt"))),
            ]),
            Section("Chứng thư, sổ văn bản, trục liên thông", [
                band(7, (12, _on_time()), (8, _axis()), (4, _axis_late())),
                band(5, (12, _registers()), (12, certificates("code = '$agency'"))),
            ]),
            Section("Số liệu", [band(22, (24, _all_figures()))]),
        ],
        [AGENCY, figures.DOCUMENT_CHANNEL, WINDOW],
    )  # fmt: skip
