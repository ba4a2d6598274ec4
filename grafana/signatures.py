"""Signature quality: why signatures fail, whose certificates, time-stamps, the data to judge by."""

from grafana_foundation_sdk.models import dashboard as model

from grafana import columns, figures, look, words
from grafana.agency import REASONS, certificates, reason_columns
from grafana.page import Section, band, choice, page
from grafana.panels import (
    DATE,
    SHARE,
    SIGNATURES,
    Column,
    Look,
    Words,
    bars,
    count_of,
    number,
    rows,
    stacks,
)
from grafana.queries import IN_RANGE, TIME, Prom, Sql

CHANNEL = choice("channel", "Kênh", dict(words.channels()), "docsys")
WHOLE = figures.WHOLE_PROVINCE


def _reasons() -> model.Panel:
    query = (
        'SELECT verdict AS "Kết luận", cause AS "Nguyên nhân", reason AS "Lý do",'
        ' sum(documents)::bigint AS "Văn bản", count(DISTINCT code) AS "Số cơ quan",'
        ' max(day) AS "Gần nhất" FROM grafana.reason_day'
        f" WHERE channel = '$channel' AND {REASONS} AND {IN_RANGE}"
        " GROUP BY 1, 2, 3 ORDER BY 4 DESC LIMIT 100"
    )
    return rows(
        Words(
            "Vì sao chữ ký chưa được công nhận",
            "Lý do ghi nhận ở văn bản chưa hợp lệ, của mọi cơ quan, trong khoảng thời gian đang"
            " xem. Một văn bản có thể có nhiều lý do nên các số không cộng lại với nhau.",
            ("document_signed",),
            page="verify",
        ),
        Sql(query),
        how=Look(
            no_value="không có",
            columns=(*reason_columns(), Column("Số cơ quan", decimals=0, width=95)),
        ),
    )


def _worst() -> model.Panel:
    query = (
        'SELECT code AS "Mã", name AS "Cơ quan",'
        " coalesce(sum(documents) FILTER (WHERE verdict = 'invalid'), 0)::bigint"
        ' AS "Không hợp lệ",'
        " coalesce(sum(documents) FILTER (WHERE verdict = 'indeterminate'"
        " AND cause = 'signer'), 0)::bigint AS \"Chưa công nhận\","
        " coalesce(sum(documents) FILTER (WHERE verdict = 'unsigned'), 0)::bigint AS \"Chưa ký\","
        ' sum(documents)::bigint AS "Tổng" FROM grafana.verdict_day'
        " WHERE document_class = 'formal' AND NOT relayed AND channel = '$channel'"
        f" AND {IN_RANGE} GROUP BY 1, 2 ORDER BY 3 DESC, 4 DESC LIMIT 200"
    )
    return rows(
        Words(
            "Cơ quan có chữ ký lỗi",
            "Số văn bản có chữ ký không hợp lệ, chưa công nhận được vì chứng thư hoặc cách ký, và"
            " chưa ký, trên tổng số văn bản phát hành.",
            ("document_signed",),
        ),
        Sql(query),
        how=Look(
            decimals=0,
            columns=(
                columns.CODE, columns.AGENCY,
                Column("Không hợp lệ", coloured=True, thresholds=look.alarming(1), width=110),
                Column("Chưa công nhận", width=135), Column("Chưa ký", width=75),
                Column("Tổng", width=60),
            ),
        ),
    )  # fmt: skip


def _by_day(what: str, title: str, said: str, texts: dict[str, str], indicator: str) -> model.Panel:
    query = (
        f"SELECT {TIME} AS \"time\", coalesce({what}, 'none') AS metric,"
        ' sum(signatures)::bigint AS "value" FROM grafana.signature_day'
        f" WHERE channel = '$channel' AND document_class = 'formal' AND {IN_RANGE}"
        " GROUP BY 1, 2 ORDER BY 1"
    )
    return stacks(
        Words(title, said, (indicator,)),
        Sql(query, over_time=True),
        how=Look(
            unit=SIGNATURES, decimals=0, colour=look.PALETTE,
            columns=columns.coloured(texts),
        ),
    )  # fmt: skip


def _trust_classes() -> model.Panel:
    return _by_day(
        "trust_class",
        "Chữ ký theo loại chứng thư",
        "Chữ ký trên văn bản mỗi ngày theo loại chứng thư; “ngoài danh sách tin cậy” là chứng thư"
        " không nối được tới nơi cấp đã nạp.",
        {**words.trust_classes(), "none": "ngoài danh sách tin cậy"},
        "signature_public_service_ca",
    )


def _time_sources() -> model.Panel:
    return _by_day(
        "time_source",
        "Chữ ký theo căn cứ thời gian",
        "Thời điểm ký lấy từ dấu thời gian, từ lần tiếp nhận đầu tiên, hay chỉ do người ký khai.",
        {**words.time_sources(), "none": "chưa xác định"},
        "signature_timestamped",
    )


def _formats() -> model.Panel:
    query = (
        "SELECT format || coalesce(' ' || format_level, '') AS \"Định dạng\","
        ' sum(signatures)::bigint AS "Chữ ký" FROM grafana.signature_day'
        f" WHERE channel = '$channel' AND document_class = 'formal' AND {IN_RANGE}"
        " GROUP BY 1 ORDER BY 2 DESC"
    )
    return bars(
        Words(
            "Định dạng chữ ký",
            "Số chữ ký theo định dạng và mức (B-B: cơ bản, B-T: có dấu thời gian, B-LT, B-LTA: có"
            " dữ liệu kiểm tra lâu dài).",
            ("signature_timestamped",),
            page="verify",
        ),
        Sql(query),
        how=Look(unit=SIGNATURES, decimals=0, lowest=0),
        each_row=True,
    )


def _indications() -> model.Panel:
    query = (
        'SELECT indication AS "Kết quả", sub_indication AS "Chi tiết",'
        ' sum(signatures)::bigint AS "Chữ ký" FROM grafana.signature_day'
        f" WHERE channel = '$channel' AND document_class = 'formal' AND {IN_RANGE}"
        " GROUP BY 1, 2 ORDER BY 3 DESC"
    )
    return rows(
        Words(
            "Kết quả của từng chữ ký",
            "Theo ETSI EN 319 102-1: đạt, không đạt, chưa kết luận, và chi tiết.",
            ("document_signed",),
            page="verify",
        ),
        Sql(query),
        how=Look(
            no_value="không có",
            columns=(
                Column(
                    "Kết quả",
                    mappings=look.mapped(words.INDICATIONS, words.INDICATION_COLOURS),
                    coloured=True, width=150,
                ),
                Column("Chi tiết", mappings=look.mapped(words.reasons()), nothing=columns.DASH),
                Column("Chữ ký", decimals=0, width=100),
            ),
        ),
    )  # fmt: skip


def _findings() -> model.Panel:
    query = (
        'SELECT finding AS "Nhận xét", sum(documents)::bigint AS "Văn bản",'
        ' count(DISTINCT code) AS "Số cơ quan", max(day) AS "Gần nhất" FROM grafana.finding_day'
        f" WHERE channel = '$channel' AND {IN_RANGE} GROUP BY 1 ORDER BY 2 DESC"
    )
    return rows(
        Words(
            "Nhận xét ở mọi văn bản",
            "Mọi nhận xét khi kiểm tra, kể cả ở văn bản hợp lệ, ví dụ chữ ký không gắn dấu thời"
            " gian. Mỗi văn bản tính một lần cho mỗi nhận xét.",
            page="verify",
        ),
        Sql(query),
        how=Look(
            no_value="không có",
            columns=(
                Column("Nhận xét", mappings=look.mapped(words.findings())),
                Column("Văn bản", decimals=0, width=100),
                Column("Số cơ quan", decimals=0, width=110),
                Column("Gần nhất", unit=DATE, width=110),
            ),
        ),
    )


def _undecided() -> model.Panel:
    query = (
        'SELECT name AS "Cơ quan", undecided_share AS "Phần chưa kết luận" FROM grafana.figure'
        " WHERE scope = 'agency' AND indicator = 'document_signed' AND channel = '$channel'"
        f" AND window_name = '30d' AND {columns.COUNTED} AND undecided_share IS NOT NULL"
        " ORDER BY 2 DESC, 1 LIMIT 5"
    )
    return bars(
        Words(
            "Phần chưa kết luận vì hệ thống thiếu dữ liệu",
            "Tỷ lệ văn bản 30 ngày qua chưa kết luận được do thiếu dữ liệu tin cậy của hệ thống, 5"
            " cơ quan cao nhất. Trên 5% thì số liệu của cơ quan được coi là dữ liệu cũ.",
            ("document_signed",),
        ),
        Sql(query),
        how=Look(
            unit=SHARE, decimals=1, lowest=0, highest=1, thresholds=look.alarming(0.05),
        ),
        each_row=True,
    )  # fmt: skip


def _changed() -> model.Panel:
    query = (
        'SELECT day AS "Ngày", owner AS "Của", old_overall AS "Trước", new_overall AS "Sau",'
        ' reason AS "Vì", changes AS "Số lần" FROM grafana.change_day'
        f" WHERE {IN_RANGE} ORDER BY day DESC, changes DESC LIMIT 500"
    )
    verdict = look.mapped(words.verdicts(), words.VERDICT_COLOURS)
    return rows(
        Words(
            "Kết luận đã thay đổi khi kiểm tra lại",
            "Kết luận đã ghi được đổi khi có dữ liệu mới, mỗi ngày, và vì sao.",
            page="decisions/0011-revalidation",
        ),
        Sql(query),
        how=Look(
            no_value="không có thay đổi",
            columns=(
                Column("Ngày", unit=DATE, width=110),
                Column("Của", mappings=look.mapped({"document": "văn bản", "message": "thư"})),
                Column("Trước", mappings=verdict, coloured=True),
                Column("Sau", mappings=verdict, coloured=True),
                Column("Vì", mappings=look.mapped(words.changes())),
                Column("Số lần", decimals=0, width=90),
            ),
        ),
    )


def _expiring() -> model.Panel:
    query = (
        'SELECT t.text AS "Hạn", coalesce(sum(c.certificates), 0)::bigint AS "Chứng thư"'
        " FROM (VALUES (7, 'trong 7 ngày'), (30, 'trong 30 ngày'), (90, 'trong 90 ngày'))"
        " AS t (days, text) LEFT JOIN grafana.certificate c ON c.days_left <= t.days"
        " GROUP BY t.days, t.text ORDER BY t.days"
    )
    return bars(
        Words(
            "Chứng thư sắp hết hạn, cộng dồn",
            "Số chứng thư đang dùng của mọi cơ quan hết hạn trong 7, 30 và 90 ngày tới.",
            page="trust",
        ),
        Sql(query),
        how=Look(unit=count_of("chứng thư"), decimals=0, lowest=0),
        each_row=True,
    )


def trust_age() -> model.Panel:
    """How old the data to judge by is."""
    return bars(
        Words(
            "Tuổi danh sách thu hồi, 10 cũ nhất",
            "Thời gian từ lúc phát hành của danh sách chứng thư bị thu hồi đang dùng, theo tên tệp."
            " Quá hạn thì chữ ký không kết luận được. Thanh đầy là 30 ngày.",
            page="trust",
        ),
        Prom("topk(10, congvu_trust_data_age_seconds) / 86400", legend="{{ca}}", instant=True),
        how=Look(unit=count_of("ngày"), decimals=1, lowest=0, highest=30),
    )


def trust_left() -> model.Panel:
    """How long the data to judge by is still good for."""
    return bars(
        Words(
            "Danh sách thu hồi còn hạn, 10 ngắn nhất",
            "Thời gian còn lại đến khi danh sách chứng thư bị thu hồi hết hạn cập nhật."
            " Thanh đầy là 90 ngày.",
            page="trust",
        ),
        Prom(
            "bottomk(10, congvu_trust_data_expires_timestamp_seconds - time()) / 86400",
            legend="{{ca}}",
            instant=True,
        ),
        how=Look(
            unit=count_of("ngày"), decimals=1, lowest=0, highest=90,
            thresholds=look.thresholds(look.RED, (0, look.ORANGE), (1, look.BLUE)),
        ),
    )  # fmt: skip


def anchors() -> model.Panel:
    """Whether there is anything to judge by."""
    return number(
        Words(
            "Kho tin cậy",
            "Số chứng thư gốc đã nạp (0: không kết luận được gì) và số tệp không dùng được.",
            page="trust",
        ),
        Prom("congvu_trust_anchors", legend="Chứng thư gốc", instant=True),
        Prom("congvu_trust_files_left_out", legend="Tệp không dùng được", instant=True),
        how=Look(
            decimals=0, unit="none",
            columns=(
                Column("Chứng thư gốc", thresholds=look.thresholds(look.RED, (1, look.BLUE))),
                Column("Tệp không dùng được", thresholds=look.alarming(1)),
            ),
        ),
    )  # fmt: skip


def build() -> model.Dashboard:
    return page(
        "congvu-signatures",
        "Chữ ký số có đạt không, vì sao không, chứng thư và dấu thời gian nào.",
        [
            Section("Hiện nay, 30 ngày", [
                band(6,
                     (8, figures.headline("document_signed", "$channel", "30d", WHOLE)),
                     (8, figures.headline("signature_timestamped", "$channel", "30d", WHOLE)),
                     (8, figures.headline("signature_public_service_ca", "$channel", "30d",
                                          WHOLE))),
            ]),
            Section("Vì sao chữ ký chưa đạt", [
                band(8, (24, _reasons())),
                band(8, (13, figures.verdicts_by_day(
                    "channel = '$channel'", "Văn bản theo kết luận, mỗi ngày")),
                    (11, _worst())),
                band(8, (12, _indications()), (12, _findings())),
            ]),
            Section("Chứng thư, dấu thời gian, định dạng", [
                band(8, (12, _trust_classes()), (12, _time_sources())),
                band(6, (12, _formats()), (12, _expiring())),
                band(5, (24, certificates("true"))),
            ]),
            Section("Dữ liệu tin cậy và kết luận đã đổi", [
                band(6, (4, anchors()), (10, trust_age()), (10, trust_left())),
                band(6, (10, _undecided()), (14, _changed())),
            ]),
        ],
        [CHANNEL],
    )  # fmt: skip
