"""Panels of adoption figures that several dashboards show."""

from dataclasses import replace

from grafana_foundation_sdk.models import dashboard as model

from grafana import columns, look, words
from grafana.page import choice
from grafana.panels import (
    DATE,
    DOCUMENTS,
    PEOPLE,
    SHARE,
    Column,
    Look,
    Words,
    bars,
    count_of,
    lines,
    number,
    rows,
    stacks,
    units_of,
)
from grafana.queries import IN_RANGE, TIME, Sql

DOCUMENT_CHANNEL = choice("channel", "Kênh văn bản", dict(words.channels()), "docsys")
WHOLE_PROVINCE = "scope = 'province'"
STEPS = (
    "(VALUES "
    + ", ".join(
        f"({number}, '{step}', '{text}')"
        for number, (step, text) in enumerate(words.STEPS.items(), start=1)
    )
    + ") AS s (number, step, text)"
)
"""Of the funnel, in their order."""
ONE_AGENCY = "scope = 'agency' AND code = '$agency'"


def headline(
    indicator: str, channel: str, window: str, whose: str, *, role: str = "", title: str = ""
) -> model.Panel:
    """One share with its state, coverage and undecided share beside it; of people of a `role`."""
    query = (
        'SELECT ratio AS "Tỷ lệ", state AS "Trạng thái", denominator AS "Trên",'
        ' coverage AS "Độ bao phủ",'
        ' undecided_share AS "Chưa kết luận" FROM grafana.figure'
        f" WHERE indicator = '{indicator}' AND channel = '{channel}'"
        f" AND window_name = '{window}' AND {whose} AND role = '{role}'"
        " AND document_class IN ('formal', '') AND base = ''"
    )
    return number(
        Words(
            title or words.INDICATORS[indicator],
            f"{words.definition(indicator)} Bên dưới: số liệu có dùng được không, tính trên bao"
            " nhiêu, phần thực tế được hệ thống ghi nhận, và phần chưa kết luận được.",
            (indicator,),
        ),
        Sql(query),
        how=Look(
            unit=SHARE, decimals=1,
            columns=(
                Column("Tỷ lệ", colour=look.BLUE, nothing=columns.DASH),
                Column("Trạng thái", mappings=columns.STATE.mappings, unit="string"),
                Column(
                    "Trên", colour=look.GREY, unit=units_of(indicator), decimals=0,
                    nothing=columns.DASH,
                ),
                Column("Độ bao phủ", colour=look.GREY, nothing=columns.DASH),
                Column("Chưa kết luận", colour=look.GREY, nothing=columns.DASH),
            ),
        ),
        every_field=True,
    )  # fmt: skip


def trend(
    indicator: str, channel: str, whose: str, title: str | None = None, highest: float | None = 1
) -> model.Panel:
    """The last five working days as they stood each day, with the interval of the habit.

    `highest` is the end of the axis; None where shares are small.
    """
    query = (
        f'SELECT {TIME} AS "time",'
        f" max(high) FILTER (WHERE window_name = 'wd5') AS \"{columns.INTERVAL}\","
        " max(low) FILTER (WHERE window_name = 'wd5') AS \"Cận dưới\","
        " max(ratio) FILTER (WHERE window_name = 'wd20_prior') AS \"20 ngày trước đó\","
        " max(ratio) FILTER (WHERE window_name = 'wd5') AS \"5 ngày làm việc\""
        f" FROM grafana.rolling WHERE indicator = '{indicator}' AND channel = '{channel}'"
        f" AND {whose} AND {IN_RANGE} GROUP BY day ORDER BY 1"
    )
    return lines(
        Words(
            title or f"{words.INDICATORS[indicator]}: xu hướng",
            f"{words.definition(indicator)} Mỗi điểm là 5 ngày làm việc tính đến hôm đó. Dải màu là"
            " khoảng tin cậy 95% của thói quen, đã kể dao động từng ngày: đường 20 ngày trước còn"
            " nằm trong dải thì chưa nói được là có thay đổi. Ngày không có gì để tính thì để"
            " trống, không phải 0%.",
            (indicator,),
        ),
        Sql(query, over_time=True),
        how=Look(
            unit=SHARE, decimals=1, lowest=0, highest=highest, colour=look.PALETTE,
            columns=columns.BAND,
        ),
        connect_days=14,
    )  # fmt: skip


def verdicts_by_day(whose: str, title: str) -> model.Panel:
    """How many documents of each verdict were issued, a day."""
    query = (
        f'SELECT {TIME} AS "time", verdict AS metric, sum(documents)::bigint AS "value"'
        " FROM grafana.verdict_day WHERE document_class = 'formal' AND NOT relayed"
        f" AND {whose} AND {IN_RANGE}"
        " GROUP BY 1, 2 ORDER BY 1"
    )
    return stacks(
        Words(
            title,
            "Số văn bản chính thức theo ngày phát hành đầu tiên (giờ Việt Nam) và theo kết luận"
            " kiểm tra chữ ký số. Không tính văn bản chuyển tiếp.",
            ("document_signed",),
        ),
        Sql(query, over_time=True),
        how=Look(
            unit=DOCUMENTS, decimals=0, colour=look.PALETTE,
            columns=[
                Column(verdict, title=text, colour=words.VERDICT_COLOURS[verdict])
                for verdict, text in words.verdicts().items()
            ],
        ),
    )  # fmt: skip


def group_lines(indicator: str, channel: str, title: str) -> model.Panel:
    """The last five working days of each level as they stood each day."""
    query = (
        f'SELECT {TIME} AS "time", {columns.GROUP_CODE} AS metric, ratio AS "value"'
        f" FROM grafana.rolling WHERE indicator = '{indicator}' AND channel = '{channel}'"
        f" AND window_name = 'wd5' AND {columns.GROUPS_IN_FORCE} AND {IN_RANGE} ORDER BY 1"
    )
    return lines(
        Words(
            title,
            f"{words.definition(indicator)} Mỗi điểm là 5 ngày làm việc tính đến hôm đó, của từng"
            " cấp và toàn tỉnh.",
            (indicator,),
        ),
        Sql(query, over_time=True),
        how=Look(
            unit=SHARE, decimals=1, lowest=0, highest=1, colour=look.PALETTE,
            columns=columns.coloured(words.GROUPS),
        ),
        connect_days=14,
    )  # fmt: skip


def group_bars(indicator: str, role: str, title: str) -> model.Panel:
    """A share of people of each level, of the chosen window."""
    query = (
        f'SELECT {columns.GROUP_CODE} AS "Phạm vi", ratio AS "Tỷ lệ" FROM grafana.figure'
        f" WHERE indicator = '{indicator}' AND role = '{role}' AND base = ''"
        f" AND window_name = '$window' AND {columns.GROUPS_IN_FORCE}"
        f" ORDER BY scope DESC, {columns.LEVEL_ORDER}"
    )
    return bars(
        Words(
            title,
            f"{words.definition(indicator)} Của từng cấp và toàn tỉnh, trong kỳ đã chọn.",
            (indicator,),
        ),
        Sql(query),
        how=Look(
            unit=SHARE, decimals=1, lowest=0, highest=1,
            columns=(Column("Phạm vi", mappings=look.mapped(words.GROUPS)),),
        ),
        each_row=True,
    )  # fmt: skip


def funnel(whose: str, role: str, said: Words) -> model.Panel:
    """From the roster to valid signatures; a step that nothing is known of says so."""
    query = (
        'SELECT s.text AS "Bước", f.people AS "Số người"'
        f" FROM {STEPS} LEFT JOIN grafana.funnel f"
        f" ON f.step = s.step AND f.role = '{role}' AND {whose} ORDER BY s.number"
    )
    return bars(said, Sql(query), how=Look(unit=PEOPLE, decimals=0, lowest=0), each_row=True)


def targets(whose: str) -> model.Panel:
    """What the plan asks for, and how far it is."""
    query = (
        "SELECT title AS \"Chỉ tiêu kế hoạch\", CASE WHEN scope = 'agency' THEN name"
        f" ELSE {columns.GROUP_CODE} END"
        ' AS "Phạm vi", ratio AS "Đã đạt", value AS "Mục tiêu",'
        ' units_short AS "Còn thiếu (đơn vị)", path AS "Tiến độ cần có", due AS "Hạn",'
        ' days_left AS "Còn lại", assessment AS "Đánh giá", state AS "Trạng thái"'
        f" FROM grafana.target WHERE {whose} ORDER BY ordinal, code"
    )
    return rows(
        Words(
            "Chỉ tiêu kế hoạch: đã đạt và còn thiếu",
            "Chỉ tiêu theo tệp kế hoạch của tỉnh. “Còn thiếu” tính bằng người, thư hay"
            " văn bản, là 0 khi đã đạt; “Tiến độ cần có” là mức trên đường thẳng từ lúc"
            " bắt đầu đến hạn. Ô trống: số liệu chưa đủ để nói.",
            page="targets",
        ),
        Sql(query),
        how=Look(
            no_value="không có chỉ tiêu",
            columns=(
                Column("Phạm vi", mappings=look.mapped(words.GROUPS), width=240),
                Column(
                    "Đã đạt", unit=SHARE, decimals=1, gauge=True, colour=look.BLUE, width=125,
                    nothing=columns.DASH,
                ),
                Column("Mục tiêu", unit=SHARE, decimals=1, width=80),
                Column("Còn thiếu (đơn vị)", decimals=0, width=145, nothing=columns.DASH),
                Column(
                    "Tiến độ cần có", unit=SHARE, decimals=1, width=120, nothing=columns.DASH
                ),
                Column("Hạn", unit=DATE, width=100),
                Column("Còn lại", unit=count_of("ngày"), decimals=0, width=85),
                Column(
                    "Đánh giá",
                    mappings=look.mapped(words.ASSESSMENTS, words.ASSESSMENT_COLOURS),
                    coloured=True, width=170,
                ),
                replace(columns.STATE, width=115),
            ),
        ),
    )  # fmt: skip
