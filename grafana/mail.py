"""Use of official mail: who has a mailbox, who uses it, leaders, levels, agencies' mailboxes."""

from grafana_foundation_sdk.models import dashboard as model

from grafana import columns, figures, look, words
from grafana.agency import account_columns, mail_by_day
from grafana.page import Section, band, choice, page
from grafana.panels import (
    ACCOUNTS,
    MAILS,
    SHARE,
    Column,
    Look,
    Words,
    bars,
    rows,
    stacks,
)
from grafana.queries import IN_RANGE, TIME, Prom, Sql

WINDOW = choice("window", "Kỳ", {name: words.WINDOWS[name] for name in ("30d", "period")}, "30d")
WHOLE = figures.WHOLE_PROVINCE


def _accounts_by_state(role: str, title: str) -> model.Panel:
    return bars(
        Words(
            title,
            "Số tài khoản của toàn tỉnh theo tình trạng hôm nay; mỗi tài khoản ở đúng một tình"
            " trạng.",
            ("accounts_provisioned",),
            page="accounts",
        ),
        Prom(
            f'sort_desc(sum by (state) (congvu_accounts_group{{group="province",role=~"{role}"}}))',
            legend="{{state}}",
            instant=True,
        ),
        how=Look(
            unit=ACCOUNTS, decimals=0, lowest=0,
            columns=[Column(state, title=text) for state, text in words.ACCOUNT_STATES.items()],
        ),
    )  # fmt: skip


def _funnel(role: str, title: str) -> model.Panel:
    return figures.funnel(
        WHOLE,
        role,
        Words(
            title,
            "Số người của toàn tỉnh trong 30 ngày qua ở từng bước từ danh sách đến ký số hợp lệ."
            " Bước chưa có nguồn số liệu thì ghi “không có dữ liệu”.",
            ("accounts_provisioned", "accounts_active", "accounts_habitual"),
        ),
    )


SHARES = {
    "accounts_provisioned": "Được cấp",
    "accounts_active": "Có dùng",
    "accounts_habitual": "Thường xuyên",
}
SHARES_SQL = (
    " max(denominator) FILTER (WHERE indicator = 'accounts_provisioned') AS \"Cán bộ\", "
    + ", ".join(
        f"max(ratio) FILTER (WHERE indicator = '{indicator}') AS \"{text}\""
        for indicator, text in SHARES.items()
    )
    + ", max(state) FILTER (WHERE indicator = 'accounts_active') AS \"Trạng thái\""
    " FROM grafana.figure"
)


def _shares(width: int) -> list[Column]:
    return [
        Column("Cán bộ", decimals=0, width=75),
        *(
            Column(
                text, unit=SHARE, decimals=1, gauge=True, colour=look.BLUE, width=width,
                nothing=columns.DASH,
            )
            for text in SHARES.values()
        ),
        columns.STATE,
    ]  # fmt: skip


def _levels() -> model.Panel:
    query = (
        f'SELECT {columns.GROUP_CODE} AS "Phạm vi", role AS "Của ai",{SHARES_SQL}'
        f" WHERE {columns.GROUPS_IN_FORCE} AND window_name = '$window' AND base = ''"
        " AND indicator LIKE 'accounts\\_%' AND role IN ('', 'leader') GROUP BY scope, code, role"
        f" ORDER BY role, scope DESC, {columns.LEVEL_ORDER}"
    )
    return rows(
        Words(
            "Sử dụng thư theo cấp, mọi người và lãnh đạo",
            "Số cán bộ trong danh sách và tỷ lệ được cấp hộp thư, có sử dụng, dùng thường xuyên.",
            tuple(SHARES),
        ),
        Sql(query),
        how=Look(
            columns=(
                Column("Phạm vi", mappings=look.mapped(words.GROUPS)),
                Column("Của ai", mappings=look.mapped({**words.ROLES, "": "Mọi người"}), width=160),
                *_shares(260),
            )
        ),
    )


def _agencies() -> model.Panel:
    query = (
        f'SELECT code AS "Mã", name AS "Cơ quan",{SHARES_SQL}'
        " WHERE scope = 'agency' AND window_name = '$window'"
        " AND role = '' AND base = '' AND indicator LIKE 'accounts\\_%'"
        ' GROUP BY 1, 2 ORDER BY "Có dùng" NULLS LAST, "Cơ quan"'
    )
    return rows(
        Words(
            "Từng cơ quan",
            "Số cán bộ trong danh sách và tỷ lệ được cấp hộp thư, có sử dụng, dùng thường xuyên,"
            " của mỗi cơ quan. Ít sử dụng nhất ở trên.",
            tuple(SHARES),
        ),
        Sql(query),
        how=Look(columns=(columns.CODE, columns.AGENCY, *_shares(118))),
    )


def _idle_leaders() -> model.Panel:
    query = (
        'SELECT f.code AS "Mã", f.name AS "Cơ quan", f.ratio AS "Tỷ lệ",'
        ' f.numerator AS "Tử số", f.denominator AS "Mẫu số", f.state AS "Trạng thái"'
        " FROM grafana.figure f WHERE f.scope = 'agency' AND f.indicator = 'accounts_active'"
        " AND f.role = 'leader' AND f.base = '' AND f.window_name = '$window'"
        " ORDER BY f.ratio NULLS LAST, f.name"
    )
    return rows(
        Words(
            "Lãnh đạo sử dụng thư, từng cơ quan",
            "Số lãnh đạo có sử dụng thư trên số lãnh đạo trong danh sách. Ít sử dụng nhất ở trên.",
            ("accounts_active",),
        ),
        Sql(query),
        how=Look(columns=columns.shared(query)),
    )


def _own_mailboxes() -> model.Panel:
    query = (
        'SELECT code AS "Mã", name AS "Cơ quan", sum(accounts)::bigint AS "Hộp thư", '
        + ", ".join(
            f"coalesce(sum(accounts) FILTER (WHERE state = '{state}'), 0)::bigint AS \"{text}\""
            for state, text in words.ACCOUNT_STATES.items()
        )
        + " FROM grafana.account WHERE role IN ('mailbox', 'shared') GROUP BY 1, 2 ORDER BY 2"
    )
    return rows(
        Words(
            "Hộp thư của cơ quan và hộp thư chung",
            "Số hộp thư không của riêng ai (văn thư, đường dây nóng…) theo tình trạng hôm nay.",
            page="mailboxes",
        ),
        Sql(query),
        how=Look(
            no_value="không có", decimals=0,
            columns=(
                columns.CODE, columns.AGENCY, Column("Hộp thư", width=90), *account_columns()
            ),
        ),
    )  # fmt: skip


def _unused() -> model.Panel:
    query = (
        'SELECT code AS "Mã", name AS "Cơ quan",'
        ' sum(accounts)::bigint AS "Tài khoản",'
        " coalesce(sum(accounts) FILTER (WHERE state = 'dormant'), 0)::bigint AS \"Bỏ không\","
        " coalesce(sum(accounts) FILTER (WHERE state = 'never_logged_in'), 0)::bigint"
        ' AS "Chưa đăng nhập",'
        " coalesce(sum(accounts) FILTER (WHERE state IN ('dormant', 'never_logged_in')), 0)::float8"
        " / nullif(sum(accounts) FILTER (WHERE state <> 'closed'), 0) AS \"Phần bỏ không\""
        " FROM grafana.account WHERE role IN ('leader', 'staff') GROUP BY 1, 2"
        ' ORDER BY "Phần bỏ không" DESC NULLS LAST, 2'
    )
    return rows(
        Words(
            "Tài khoản bỏ không",
            "Tài khoản đã cấp mà lâu không dùng hoặc chưa từng đăng nhập, trên số tài khoản chưa"
            " đóng. Danh sách từng tài khoản: congvu accounts.",
            page="accounts",
        ),
        Sql(query),
        how=Look(
            decimals=0,
            columns=(
                columns.CODE, columns.AGENCY,
                Column(
                    "Phần bỏ không", unit=SHARE, decimals=1, gauge=True, colour=look.ORANGE,
                    width=130,
                ),
                Column("Tài khoản", width=85),
                Column("Bỏ không", width=80),
                Column("Chưa đăng nhập", width=140),
            ),
        ),
    )  # fmt: skip


def _automatic() -> model.Panel:
    query = (
        f'SELECT {TIME} AS "time", sum(messages)::bigint AS "Thư tự động"'
        f" FROM grafana.mail_day WHERE automatic AND {IN_RANGE} GROUP BY day ORDER BY 1"
    )
    return stacks(
        Words(
            "Thư tự động mỗi ngày",
            "Trả lời tự động, thư báo lỗi, thư theo danh sách: không tính vào chỉ tiêu nào.",
            page="metrics",
        ),
        Sql(query, over_time=True),
        how=Look(unit=MAILS, decimals=0, colour=look.PALETTE),
    )


def _coverage() -> model.Panel:
    return bars(
        Words(
            "Độ bao phủ thư theo cấp, 5 ngày làm việc",
            "Phần thư mà hệ thống ghi nhận được trên số thư nhật ký cổng thư cho biết đã gửi.",
            ("mail_signed",),
        ),
        Prom(
            'congvu_adoption_group_coverage_ratio{channel="mail"}', legend="{{group}}", instant=True
        ),
        how=Look(
            unit=SHARE, decimals=1, lowest=0, highest=1,
            columns=columns.coloured(words.GROUPS),
        ),
    )  # fmt: skip


def _freemail() -> model.Panel:
    return figures.headline("freemail", "mail", "$window", WHOLE)


def build() -> model.Dashboard:
    return page(
        "congvu-mail",
        "Hộp thư công vụ: được cấp, có dùng, dùng thường xuyên, bỏ không; lãnh đạo; lượng thư.",
        [
            Section("Hiện nay", [
                band(6,
                     (8, figures.headline("accounts_provisioned", "mail", "$window", WHOLE)),
                     (8, figures.headline("accounts_active", "mail", "$window", WHOLE)),
                     (8, figures.headline("accounts_habitual", "mail", "$window", WHOLE))),
            ]),
            Section("Từ danh sách đến dùng thường xuyên", [
                band(9, (8, _funnel("", "Phễu của mọi cán bộ")),
                     (8, _funnel("leader", "Phễu của lãnh đạo")),
                     (8, _accounts_by_state("leader|staff", "Tài khoản của cán bộ"))),
                band(10, (24, _levels())),
            ]),
            Section("Lãnh đạo", [
                band(9, (10, figures.group_bars("accounts_active", "leader",
                                                "Lãnh đạo có sử dụng thư theo cấp")),
                     (14, _idle_leaders())),
            ]),
            Section("Cơ quan nào ít dùng", [
                band(10, (13, _agencies()), (11, _unused())),
                band(9, (24, _own_mailboxes())),
            ]),
            Section("Lượng thư", [
                band(8, (12, mail_by_day("true", "Thư mỗi ngày, toàn tỉnh")),
                     (12, figures.trend("mail_signed", "mail", WHOLE))),
                band(6, (8, _automatic()), (8, _coverage()), (8, _freemail())),
            ]),
        ],
        [WINDOW],
    )  # fmt: skip
