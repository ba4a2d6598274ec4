"""Mail domains: posture, the gateway, forged senders, official mail by free mail."""

from dataclasses import replace

from grafana_foundation_sdk.models import dashboard as model

from grafana import columns, figures, look, posture_sql, words
from grafana.page import Section, band, choice, page
from grafana.panels import (
    DATE,
    MAILS,
    Column,
    Look,
    Words,
    count_of,
    lines,
    number,
    rows,
    stacks,
    states,
)
from grafana.queries import IN_RANGE, TIME, Prom, Sql
from monitor.model import Check, FreemailWay, Origin

WINDOW = choice(
    "window", "Kỳ", {name: words.WINDOWS[name] for name in ("wd5", "30d", "period")}, "30d"
)
WHOLE = figures.WHOLE_PROVINCE
AT = "time:DD/MM/YYYY HH:mm"
CHECKS = count_of("phép kiểm tra")
INTERVAL = columns.FIGURE_SQL.replace("  low AS", "  process_low AS").replace(
    " high AS", " process_high AS"
)
"""All mail is counted, so the interval is that of the habit."""
STATUS = look.mapped(words.CHECK_STATUSES, words.CHECK_COLOURS)
CHECK = Column("Phép kiểm tra", mappings=look.mapped(words.checks_in_short()), width=125)
DOMAIN = Column("Tên miền", width=225)
WHY = Column("Lý do", least_width=260)
AGENCY = replace(columns.AGENCY, width=215, least_width=None)


# -- posture -----------------------------------------------


def _heat() -> model.Panel:
    shown = words.CHECK_HEADINGS
    query = (
        'SELECT code AS "Mã", name AS "Cơ quan", domain AS "Tên miền", '
        + ", ".join(
            f"max(decided) FILTER (WHERE check_name = '{check}') AS \"{text}\""
            for check, text in shown.items()
        )
        + ", count(*) FILTER (WHERE last_status = 'unknown' AND decided <> 'unknown')::bigint"
        ' AS "Chưa hỏi lại" FROM grafana.posture'
        " GROUP BY 1, 2, 3 ORDER BY count(*) FILTER (WHERE decided = 'fail') DESC, 2, 3"
    )
    return rows(
        Words(
            "Tên miền và phép kiểm tra",
            "Kết quả còn giữ của từng phép kiểm tra; nhiều phép không đạt ở trên. “?” là chưa lần"
            " nào được trả lời: không phải là không đạt. “Chưa hỏi lại” là số phép mà lần"
            " kiểm tra cuối không có trả lời. Lý do và cần công bố gì: congvu posture TÊN_MIỀN.",
            ("domain_posture",),
            page="posture",
        ),
        Sql(query),
        how=Look(
            no_value="?",
            columns=(
                columns.CODE, replace(columns.AGENCY, least_width=120), DOMAIN,
                *(
                    Column(
                        text,
                        mappings=look.mapped(words.CHECK_SIGNS, words.CHECK_COLOURS),
                        coloured=True, width=max(70, 9 * len(text) + 20),
                    )
                    for text in shown.values()
                ),
                Column("Chưa hỏi lại", decimals=0, width=95),
            ),
        ),
    )  # fmt: skip


def failing(whose: str, title: str) -> model.Panel:
    """Checks that fail, with why; `whose` narrows it, in SQL."""
    query = (
        f'{posture_sql.TEXTS} SELECT code AS "Mã", name AS "Cơ quan", domain AS "Tên miền",'
        ' check_name AS "Phép kiểm tra", since AS "Từ lúc",'
        " CASE WHEN fallen THEN 'mới' ELSE '–' END AS \"Mới đổi\","
        f' {posture_sql.sentence("p")} AS "Lý do", decided_at AS "Có kết quả lúc"'
        f" FROM grafana.posture p WHERE decided = 'fail' AND {whose}"
        " ORDER BY fallen DESC, since DESC, 2, 3 LIMIT 500"
    )
    return rows(
        Words(
            title,
            "Phép kiểm tra có kết quả không đạt, từ lúc nào, vì sao. “Mới” là trong 7 ngày qua còn"
            " đạt. Một lần không đạt còn chờ lần kiểm tra sau xác nhận; không được trả lời thì giữ"
            " kết quả cũ.",
            page="posture",
        ),
        Sql(query),
        how=Look(
            no_value="không có phép nào không đạt",
            columns=(
                columns.CODE, AGENCY, DOMAIN, CHECK,
                Column("Từ lúc", unit=AT, width=135),
                Column(
                    "Mới đổi", mappings=look.mapped({"mới": "mới"}, {"mới": look.RED}),
                    coloured=True, width=75,
                ),
                WHY, Column("Có kết quả lúc", unit=AT, width=135),
            ),
        ),
    )  # fmt: skip


def _changes() -> model.Panel:
    query = (
        f'{posture_sql.TEXTS} SELECT at AS "Lúc", code AS "Mã", name AS "Cơ quan",'
        ' domain AS "Tên miền", check_name AS "Phép kiểm tra", before AS "Trước",'
        f' after AS "Sau", {posture_sql.sentence("p")} AS "Lý do" FROM grafana.posture_change p'
        " WHERE $__timeFilter(at) ORDER BY at DESC LIMIT 200"
    )
    return rows(
        Words(
            "Thay đổi: không còn đạt, đạt trở lại",
            "Mỗi lần kết quả của một phép kiểm tra đổi trong khoảng thời gian đang xem.",
            page="posture",
        ),
        Sql(query),
        how=Look(
            no_value="không có thay đổi nào",
            columns=(
                Column("Lúc", unit=AT, width=135), columns.CODE, AGENCY, DOMAIN, CHECK,
                Column("Trước", mappings=STATUS, coloured=True, width=130),
                Column("Sau", mappings=STATUS, coloured=True, width=130),
                WHY,
            ),
        ),
    )  # fmt: skip


def _by_check() -> model.Panel:
    numbered = ", ".join(f"({n}, '{check}')" for n, check in enumerate(Check))
    query = (
        'SELECT c.check_name AS "Phép kiểm tra", '
        + ", ".join(
            f"count(DISTINCT p.domain) FILTER (WHERE p.decided = '{status}')::bigint AS \"{text}\""
            for status, text in words.CHECK_STATUSES.items()
        )
        + f" FROM (VALUES {numbered}) AS c (n, check_name)"
        " LEFT JOIN grafana.posture p USING (check_name) GROUP BY c.n, 1 ORDER BY c.n"
    )
    return rows(
        Words(
            "Toàn tỉnh theo phép kiểm tra",
            "Số tên miền của toàn tỉnh theo kết quả còn giữ của từng phép kiểm tra.",
            ("domain_posture",),
            page="posture",
        ),
        Sql(query),
        how=Look(
            decimals=0,
            columns=(
                Column("Phép kiểm tra", mappings=look.mapped(words.checks())),
                *(
                    Column(text, colour=words.CHECK_COLOURS[status], width=8 * len(text) + 30)
                    for status, text in words.CHECK_STATUSES.items()
                ),
            ),
        ),
    )  # fmt: skip


def _by_day() -> model.Panel:
    named = {"passed": "đạt", "failed": "không đạt", "unknown": "chưa kiểm tra được"}
    query = (
        f'SELECT {TIME} AS "time", '
        + ", ".join(f'sum({name})::bigint AS "{text}"' for name, text in named.items())
        + f" FROM grafana.posture_day WHERE {IN_RANGE} GROUP BY day ORDER BY 1"
    )
    colours = (look.BLUE, look.RED, look.GREY)
    return stacks(
        Words(
            "Kết quả kiểm tra mỗi ngày",
            "Mỗi phép kiểm tra của mỗi tên miền và cơ quan tính một lần một ngày; chỉ là “chưa kiểm"
            " tra được” khi cả ngày không lần nào được trả lời.",
            ("domain_posture",),
        ),
        Sql(query, over_time=True),
        how=Look(
            unit=CHECKS, decimals=0, colour=look.PALETTE,
            columns=[
                Column(text, colour=colour)
                for text, colour in zip(named.values(), colours, strict=True)
            ],
        ),
    )  # fmt: skip


def _of_a_day(panel: model.Panel) -> model.Panel:
    """Whatever the page shows: what is asked every minute says nothing in steps of hours."""
    panel.time_from, panel.hide_time_override = "1d", True
    return panel


# -- the gateway -----------------------------------------------


def _gateways() -> model.Panel:
    query = (
        f'{posture_sql.TEXTS} SELECT gateway AS "Cổng thư", status AS "Kết quả", since AS "Từ lúc",'
        ' days_left AS "Chứng thư còn", certificate_not_after AS "Hết hạn",'
        f' {posture_sql.sentence("p", about="gateway")} AS "Lý do",'
        ' checked_at AS "Kiểm tra lần cuối"'
        " FROM grafana.gateway p ORDER BY gateway"
    )
    return rows(
        Words(
            "Cổng thư chính thức",
            "Lần kiểm tra cuối của từng máy khai báo ở [[gateways]]: nhận kết nối, chào, STARTTLS,"
            " chứng thư. Không gửi thư nào.",
            page="posture",
        ),
        Sql(query),
        how=Look(
            no_value="chưa khai báo cổng thư nào",
            columns=(
                Column("Cổng thư", width=140),
                Column("Kết quả", mappings=STATUS, coloured=True, width=150),
                Column("Từ lúc", unit=AT, width=140),
                Column(
                    "Chứng thư còn", unit=count_of("ngày"), decimals=0, coloured=True, width=130,
                    nothing=columns.DASH,
                    thresholds=look.thresholds(look.RED, (3, look.ORANGE), (21, look.BLUE)),
                ),
                Column("Hết hạn", unit=DATE, width=100, nothing=columns.DASH),
                WHY, Column("Kiểm tra lần cuối", unit=AT, width=140),
            ),
        ),
    )  # fmt: skip


def _gateway_times() -> model.Panel:
    return states(
        Words(
            "Cổng thư, 24 giờ qua",
            "Máy của cổng thư có nhận kết nối và chào không, có STARTTLS không, tại mỗi thời điểm."
            " Trống là không biết.",
            page="posture",
        ),
        Prom("max by (gateway) (congvu_gateway_up)", legend="{{gateway}}"),
        Prom("max by (gateway) (congvu_gateway_starttls)", legend="{{gateway}}, STARTTLS"),
        how=Look(mappings=look.mapped({"1": "có", "0": "không"}, {"1": look.BLUE, "0": look.RED})),
    )


# -- where mail comes from -----------------------------------------------


def _origin_by_day() -> model.Panel:
    query = (
        f'SELECT {TIME} AS "time", origin AS metric, sum(messages)::bigint AS "value"'
        f" FROM grafana.mail_origin_day WHERE {IN_RANGE} GROUP BY 1, 2 ORDER BY 1"
    )
    return stacks(
        Words(
            "Thư từ ngoài mang tên cơ quan, mỗi ngày",
            "Thư từ bên ngoài có From là tên miền hoặc địa chỉ của một cơ quan: DKIM hoặc SPF chứng"
            " minh được, không chứng minh được (giả danh), hay chưa kiểm tra được.",
            page="posture",
        ),
        Sql(query, over_time=True),
        how=Look(
            unit=MAILS, decimals=0, colour=look.PALETTE,
            columns=[
                Column(origin, title=text, colour=words.ORIGIN_COLOURS[origin])
                for origin, text in words.ORIGINS.items()
            ],
        ),
    )  # fmt: skip


def _origin_of_all() -> model.Panel:
    return lines(
        Words(
            "Nguồn gốc của mọi thư, mỗi giờ, 24 giờ qua",
            "Số thư ghi nhận được theo nguồn gốc: gửi từ bên trong, từ ngoài có chứng minh, từ"
            " ngoài không có gì chứng minh, chưa kiểm tra được.",
            page="posture",
        ),
        *(
            Prom(f'sum(increase(congvu_mail_origin_total{{origin="{origin}"}}[1h]))', legend=text)
            for origin, text in words.ORIGINS.items()
        ),
        how=Look(
            unit=MAILS, decimals=0, colour=look.PALETTE, lowest=0,
            columns=[
                Column(text, colour=words.ORIGIN_COLOURS[origin])
                for origin, text in words.ORIGINS.items()
            ],
        ),
    )  # fmt: skip


def _spoofed() -> model.Panel:
    def of(origin: Origin) -> str:
        return f"coalesce(sum(messages) FILTER (WHERE origin = '{origin}'), 0)::bigint"

    query = (
        f'SELECT code AS "Mã", name AS "Cơ quan", {of(Origin.UNALIGNED)} AS "Giả danh",'
        f' {of(Origin.UNKNOWN)} AS "Chưa kiểm tra được", {of(Origin.ALIGNED)} AS "Đã chứng minh",'
        " max(day) FILTER (WHERE origin = 'unaligned') AS \"Gần nhất\""
        f" FROM grafana.mail_origin_day WHERE {IN_RANGE} GROUP BY 1, 2"
        " HAVING sum(messages) FILTER (WHERE origin IN ('unaligned', 'unknown')) > 0"
        ' ORDER BY "Giả danh" DESC, 2'
    )
    return rows(
        Words(
            "Cơ quan bị giả danh",
            "Thư từ ngoài mang tên cơ quan trong khoảng thời gian đang xem. Giả danh: cả DKIM và"
            " SPF đều không chứng minh được. Danh sách thư và chuyển tiếp cũng có thể ở trong này.",
            page="posture",
        ),
        Sql(query),
        how=Look(
            no_value="không có thư giả danh", decimals=0,
            columns=(
                columns.CODE, columns.AGENCY,
                Column(
                    "Giả danh", coloured=True, width=80, thresholds=look.alarming(1, 20),
                ),
                Column("Chưa kiểm tra được", width=155),
                Column("Đã chứng minh", width=122),
                Column("Gần nhất", unit=DATE, width=100, nothing=columns.DASH),
            ),
        ),
    )  # fmt: skip


# -- free mail -----------------------------------------------


def _freemail_agencies() -> model.Panel:
    query = (
        f'SELECT code AS "Mã", name AS "Cơ quan", {INTERVAL},'
        ' first_day AS "Từ ngày", last_day AS "Đến ngày" FROM grafana.figure'
        " WHERE scope = 'agency' AND indicator = 'freemail' AND window_name = '$window'"
        f" AND {columns.COUNTED} ORDER BY ratio DESC NULLS LAST, name"
    )
    return rows(
        Words(
            "Thư công vụ qua thư miễn phí, từng cơ quan",
            "Phần thư công vụ có văn bản đính kèm đi qua thư miễn phí trong kỳ đã chọn, với khoảng"
            " tin cậy. Cao nhất ở trên. Từng thư của một con số: congvu freemail list --agency MÃ"
            " --from NĂM-THÁNG-NGÀY --to NĂM-THÁNG-NGÀY.",
            ("freemail",),
            page="freemail",
        ),
        Sql(query),
        how=Look(
            columns=(
                *columns.shared(query),
                Column("Từ ngày", unit=DATE, width=100),
                Column("Đến ngày", unit=DATE, width=100),
            )
        ),
    )


def _ways() -> model.Panel:
    query = (
        f'SELECT {TIME} AS "time", way AS metric, sum(messages)::bigint AS "value"'
        f" FROM grafana.freemail_day WHERE {IN_RANGE} GROUP BY 1, 2 ORDER BY 1"
    )
    return stacks(
        Words(
            "Đi qua thư miễn phí theo cách nào",
            "Số thư mỗi ngày theo cách đi; một thư có thể đi theo nhiều cách.",
            ("freemail",),
            page="freemail",
        ),
        Sql(query, over_time=True),
        how=Look(
            unit=MAILS, decimals=0, colour=look.PALETTE,
            columns=columns.coloured({way: words.FREEMAIL_WAYS[way] for way in FreemailWay}),
        ),
    )  # fmt: skip


# -- asking -----------------------------------------------


def _undecided() -> model.Panel:
    return number(
        Words(
            "Lần kiểm tra cuối không được trả lời",
            "Số phép kiểm tra mà lần kiểm tra cuối không có trả lời (kết quả cũ còn giữ), và lần"
            " cuối có phép nào được trả lời cách đây bao lâu.",
            page="posture",
        ),
        Prom("max(congvu_posture_undecided)", legend="Chưa trả lời", instant=True),
        Prom(
            "(time() - max(congvu_posture_last_success_timestamp_seconds)) / 3600",
            legend="Trả lời gần nhất (giờ trước)", instant=True,
        ),
        how=Look(
            decimals=0, unit="none",
            columns=(Column("Trả lời gần nhất (giờ trước)", decimals=1),),
        ),
    )  # fmt: skip


def _questions() -> model.Panel:
    return lines(
        Words(
            "Câu hỏi DNS mỗi phút theo kết quả, 24 giờ qua",
            "Câu hỏi gửi đến các máy chủ DNS khai báo ở dns.resolvers; trả lời lấy từ bộ nhớ đệm"
            " không tính. Lỗi, từ chối, không trả lời tăng lên cùng lúc là lỗi của máy chủ DNS.",
            page="posture",
        ),
        Prom(
            "60 * sum by (outcome) (rate(congvu_dns_questions_total[5m])) > 0",
            legend="{{outcome}}",
        ),
        how=Look(
            unit=count_of("câu hỏi"), decimals=0, lowest=0, colour=look.PALETTE,
            columns=[Column(name, title=text) for name, text in words.dns_outcomes().items()],
        ),
    )  # fmt: skip


def build() -> model.Dashboard:
    return page(
        "congvu-domains",
        "Tên miền thư công vụ: cấu hình an toàn, cổng thư, thư giả danh, thư miễn phí.",
        [
            Section("Hiện nay", [
                band(6,
                     (8, figures.headline("domain_posture", "mail", "period", WHOLE,
                                          title="Cấu hình an toàn của tên miền, tháng này")),
                     (8, figures.headline("freemail", "mail", "$window", WHOLE)),
                     (8, _undecided())),
                band(6, (24, _gateways())),
            ]),
            Section("Tên miền của cơ quan", [
                band(12, (24, _heat())),
                band(11, (24, failing("true", "Phép kiểm tra không đạt"))),
                band(8, (24, _changes())),
                band(15, (12, _by_check()), (12, _by_day())),
            ]),
            Section("Thư mang tên cơ quan đến từ đâu", [
                band(8, (14, _origin_by_day()), (10, _spoofed())),
                band(8, (14, _of_a_day(_origin_of_all())), (10, _of_a_day(_gateway_times()))),
            ]),
            Section("Thư công vụ qua thư miễn phí", [
                band(8,
                     (12, figures.trend("freemail", "mail", WHOLE, highest=None)),
                     (12, _ways())),
                band(10, (24, _freemail_agencies())),
            ]),
            Section("Hỏi DNS", [band(8, (24, _of_a_day(_questions())))]),
        ],
        [WINDOW],
        since="now-30d",
    )  # fmt: skip
