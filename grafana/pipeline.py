"""Pipeline health: what operators look at when a figure looks wrong."""

from grafana_foundation_sdk.models import dashboard as model

from grafana import alerts, look, signatures
from grafana.columns import DASH
from grafana.page import Section, band, page
from grafana.panels import (
    BYTES,
    DURATION,
    SECONDS,
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
    states,
)
from grafana.queries import Prom, Sql

ITEMS = count_of("mục")
PER_SECOND = count_of("mục/giây")
JOBS = {
    "congvu_measure_last_success_timestamp_seconds": "Tính chỉ tiêu",
    "congvu_accounts_last_success_timestamp_seconds": "Tài khoản",
    "congvu_revalidation_last_success_timestamp_seconds": "Kiểm tra lại chữ ký",
    "congvu_privacy_last_success_timestamp_seconds": "Xóa dữ liệu cũ",
}

REPORT_STEPS = {"close": "Chốt kỳ", "write": "Ghi tệp", "mail": "Gửi thư"}


def _up() -> model.Panel:
    return number(
        Words(
            "Dịch vụ",
            "Prometheus có đọc được số liệu của congvu không.",
            page="operating",
        ),
        Prom('up{job="congvu"}', legend="congvu", instant=True),
        how=Look(
            mappings=look.mapped({"1": "đang chạy", "0": "không trả lời"}),
            thresholds=look.thresholds(look.RED, (1, look.GREEN)),
        ),
    )


def _version() -> model.Panel:
    return rows(
        Words("Phiên bản", "Phiên bản đang chạy, và đã chạy bao lâu.", page="metrics"),
        Prom("max by (instance, version) (congvu_build_info)", as_table=True),
        Prom("time() - max by (instance) (congvu_start_timestamp_seconds)", as_table=True),
        how=Look(no_value="không rõ", columns=(Column("Đã chạy", unit=DURATION),)),
        transformations=joined(
            {"version": "Phiên bản", "Value #B": "Đã chạy"},
            ("Time", "instance", "Value #A"),
        ),
    )


def _number(title: str, said: str, expr: str, how: Look, page: str = "metrics") -> model.Panel:
    return number(Words(title, said, page=page), Prom(expr, legend=title), how=how, spark=True)


def _spool() -> tuple[model.Panel, ...]:
    return (
        _number(
            "Hàng đợi", "Số mục đã nhận mà chưa ghi xong.", "congvu_spool_items",
            Look(unit=ITEMS, decimals=0, thresholds=look.alarming(1000, 10000)),
        ),
        _number(
            "Mục cũ nhất đang đợi", "Mục cũ nhất chưa ghi xong đã đợi bao lâu.",
            "congvu_spool_oldest_age_seconds",
            Look(unit=DURATION, thresholds=look.alarming(300, 3600)),
        ),
        _number(
            "Để riêng", "Số mục bị để riêng vì xử lý lỗi; xem: congvu quarantine list.",
            "congvu_quarantine_items",
            Look(unit=ITEMS, decimals=0, thresholds=look.alarming(1, 50)),
        ),
        _number(
            "Độ trễ ghi", "Tuổi của mục gần nhất khi được ghi vào cơ sở dữ liệu.",
            "congvu_record_lag_seconds",
            Look(unit=SECONDS, decimals=1, thresholds=look.alarming(60, 600)),
        ),
    )  # fmt: skip


def _disk() -> model.Panel:
    return lines(
        Words(
            "Hàng đợi và ổ đĩa: còn cách lúc từ chối nhận bao xa",
            "Hàng đợi trên mức tối đa cho phép, và mức dự trữ trên chỗ trống của ổ đĩa: đến 100%"
            " thì từ chối nhận, nơi gửi giữ lại và gửi sau.",
            page="operating",
        ),
        Prom("congvu_spool_bytes / congvu_spool_capacity_bytes", legend="Hàng đợi"),
        Prom("congvu_spool_reserve_bytes / congvu_spool_free_bytes", legend="Ổ đĩa"),
        how=Look(
            unit=SHARE, decimals=1, lowest=0, highest=1, colour=look.PALETTE,
            columns=(Column("Hàng đợi", colour=look.BLUE), Column("Ổ đĩa", colour=look.ORANGE)),
        ),
    )  # fmt: skip


SOURCE = {
    "source": "Nguồn",
    "Value #A": "Mục cuối cách đây",
    "Value #B": "Im lặng (giờ làm)",
    "Value #C": "Bất thường từ",
    "Value #D": "Trả lời cách đây",
    "Value #E": "Chưa đọc",
}


def _sources() -> model.Panel:
    return rows(
        Words(
            "Các nguồn: im lặng đã bao lâu",
            "Từ lần cuối nguồn chuyển tới một mục; trong đó giờ làm việc; bao nhiêu thì bất thường;"
            " từ lần cuối nguồn được hỏi có trả lời; số byte nhật ký chưa đọc. Thời gian ghi"
            " giờ:phút:giây.",
            page="operating",
        ),
        Prom(
            "time() - max by (source) (congvu_source_last_event_timestamp_seconds > 0)",
            as_table=True,
        ),
        Prom("max by (source) (congvu_source_silent_working_seconds)", as_table=True),
        Prom("max by (source) (congvu_source_silent_after_seconds)", as_table=True),
        Prom("max by (source) (congvu_source_unanswered_seconds)", as_table=True),
        Prom("max by (source) (congvu_log_lag_bytes)", as_table=True),
        how=Look(
            columns=(
                *(
                    Column(name, unit=DURATION, nothing=DASH)
                    for name in SOURCE.values()
                    if name not in {"Nguồn", "Chưa đọc"}
                ),
                Column("Chưa đọc", unit=BYTES, decimals=0, nothing=DASH, width=90),
            ),
        ),
        transformations=joined(SOURCE, ("Time",)),
    )


def _parts() -> model.Panel:
    return rows(
        Words(
            "Các bộ phận",
            "Từng bộ phận có làm việc không, như /readyz.",
            page="operating",
        ),
        Prom("congvu_part_ready", as_table=True),
        how=Look(
            columns=(
                Column(
                    "Bộ phận",
                    mappings=look.mapped(
                        {
                            "database": "Cơ sở dữ liệu", "spool": "Hàng đợi",
                            "children": "Tiến trình kiểm tra", "intake": "Tiếp nhận",
                            "measure": "Tính chỉ tiêu",
                        }
                    ),
                ),
                Column(
                    "Tình trạng",
                    mappings=look.mapped(
                        {"1": "làm việc", "0": "không làm việc"}, {"1": look.GREEN, "0": look.RED}
                    ),
                    coloured=True,
                ),
            )
        ),
        transformations=joined(
            {"part": "Bộ phận", "Value": "Tình trạng"}, ("Time", "__name__", "instance", "job")
        ),
    )  # fmt: skip


def _throughput() -> model.Panel:
    return lines(
        Words(
            "Mục được kiểm tra mỗi giây, theo loại tệp",
            "Tốc độ kiểm tra chữ ký, trung bình 5 phút.",
            page="metrics",
        ),
        Prom("sum by (kind) (rate(congvu_verify_duration_seconds_count[5m]))", legend="{{kind}}"),
        how=Look(unit=PER_SECOND, decimals=2, lowest=0, colour=look.PALETTE),
    )


def _durations() -> model.Panel:
    buckets = "sum by (le) (rate(congvu_verify_duration_seconds_bucket[5m]))"
    return lines(
        Words(
            "Thời gian kiểm tra một mục",
            "Một nửa, 95% và 99% số mục kiểm tra xong trong thời gian này. Không có mục nào thì để"
            " trống.",
            page="metrics",
        ),
        *(
            Prom(
                f"histogram_quantile({quantile}, {buckets})"
                " and on () (sum(rate(congvu_verify_duration_seconds_count[5m])) > 0)",
                legend=text,
            )
            for quantile, text in ((0.5, "Một nửa"), (0.95, "95%"), (0.99, "99%"))
        ),
        how=Look(
            unit=SECONDS,
            lowest=0,
            colour=look.PALETTE,
            columns=[
                Column(text, colour=colour)
                for text, colour in (
                    ("Một nửa", look.BLUE),
                    ("95%", look.ORANGE),
                    ("99%", look.RED),
                )
            ],
        ),
    )


def _jobs() -> model.Panel:
    return bars(
        Words(
            "Công việc định kỳ: lần thành công cuối cách đây",
            "Tính chỉ tiêu, tài khoản và độ bao phủ, kiểm tra lại, xóa theo thời hạn lưu. “Không có"
            " dữ liệu” là chưa chạy xong lần nào từ khi khởi động.",
            page="operating",
        ),
        *(Prom(f"time() - ({name} > 0)", legend=text, instant=True) for name, text in JOBS.items()),
        how=Look(unit=DURATION, lowest=0),
    )


def _revalidation() -> model.Panel:
    return lines(
        Words(
            "Kiểm tra lại",
            "Số kết luận đến lượt kiểm tra lại, còn có thể đổi, và kiểm tra mãi không được.",
            page="decisions/0011-revalidation",
        ),
        Prom("congvu_revalidation_waiting", legend="Đến lượt"),
        Prom("congvu_revalidation_open", legend="Còn có thể đổi"),
        Prom("congvu_revalidation_stuck", legend="Không kiểm tra được"),
        how=Look(
            unit=count_of("kết luận"),
            decimals=0,
            lowest=0,
            colour=look.PALETTE,
            columns=(
                Column("Đến lượt", colour=look.ORANGE),
                Column("Còn có thể đổi", colour=look.BLUE),
                Column("Không kiểm tra được", colour=look.RED),
            ),
        ),
    )


def _per_hour(
    title: str,
    said: str,
    expr: str,
    legend: str,
    page: str = "metrics",
    nothing: str = "không có lần nào",
) -> model.Panel:
    return lines(
        Words(title, said, page=page),
        Prom(expr, legend=legend),
        how=Look(
            unit=count_of("lần"), decimals=0, lowest=0, colour=look.PALETTE, no_value=nothing
        ),
    )  # fmt: skip


def _sampling() -> model.Panel:
    return lines(
        Words(
            "Tỷ lệ mẫu được kiểm tra",
            "Bình thường kiểm tra tất cả (100%); khi quá tải tỷ lệ giảm từng bậc. Mọi thư và văn"
            " bản vẫn được đếm đủ.",
            page="sampling",
        ),
        Prom("congvu_sampling_rate", legend="Tỷ lệ mẫu"),
        how=Look(unit=SHARE, decimals=0, lowest=0, highest=1, colour=look.fixed(look.BLUE)),
    )


def _rates() -> model.Panel:
    query = (
        'SELECT from_at AS "Từ lúc", rate AS "Tỷ lệ mẫu" FROM grafana.sampling_rate'
        " WHERE from_at > '-infinity' ORDER BY from_at DESC LIMIT 100"
    )
    return rows(
        Words(
            "Các lần đổi tỷ lệ mẫu",
            "Khi nào tỷ lệ kiểm tra đã đổi, mới nhất ở trên. Trống: luôn kiểm tra tất cả.",
            page="sampling",
        ),
        Sql(query),
        how=Look(
            no_value="chưa đổi lần nào",
            columns=(
                Column("Từ lúc", unit="time:DD/MM/YYYY HH:mm"),
                Column("Tỷ lệ mẫu", unit=SHARE, decimals=0),
            ),
        ),
    )


def _working() -> model.Panel:
    return states(
        Words(
            "Giờ làm việc",
            "Lúc nào hệ thống coi là giờ làm việc của ngày làm việc; ngoài giờ, nhiều cảnh báo được"
            " hoãn.",
            page="metrics",
        ),
        Prom("congvu_working_hours", legend="Giờ làm việc"),
        how=Look(
            mappings=look.mapped(
                {"1": "trong giờ", "0": "ngoài giờ"}, {"1": look.BLUE, "0": look.GREY}
            )
        ),
    )


def _reports() -> model.Panel:
    return lines(
        Words(
            "Báo cáo định kỳ đến hạn mà chưa xong",
            "Kỳ chưa chốt, báo cáo chưa ghi, thư chưa gửi được (kể cả bị từ chối). 0 là đã xong.",
            page="report-delivery",
        ),
        *(
            Prom(f'max(congvu_report_due{{stage="{stage}"}})', legend=text)
            for stage, text in REPORT_STEPS.items()
        ),
        how=Look(
            unit=count_of("việc"), decimals=0, lowest=0, colour=look.PALETTE,
            columns=tuple(
                Column(text, colour=colour)
                for text, colour in zip(
                    REPORT_STEPS.values(), (look.BLUE, look.ORANGE, look.RED), strict=True
                )
            ),
        ),
    )  # fmt: skip


def _dropped() -> model.Panel:
    return _per_hour(
        "Bị từ chối, bỏ qua hoặc để riêng",
        "Số lần theo công đoạn và lý do, từ lúc khởi động.",
        "sum by (stage, reason) (congvu_dropped_total)",
        "{{stage}} · {{reason}}",
    )


def _events() -> model.Panel:
    return _per_hour(
        "Sự kiện, mỗi giờ, 10 loại nhiều nhất",
        "Số sự kiện mà chương trình ghi ra nhật ký.",
        "topk(10, sum by (event) (increase(congvu_events_total[1h])) > 0)",
        "{{event}}",
        page="events",
    )


def _not_drawn() -> model.Panel:
    return _per_hour(
        "Không được chọn vào mẫu, mỗi giờ",
        "Số văn bản không được kiểm tra vì không rơi vào mẫu.",
        "sum by (channel) (increase(congvu_documents_not_sampled_total[1h]))",
        "{{channel}}",
        page="sampling",
        nothing="mọi văn bản đều được kiểm tra",
    )


def _fetches() -> model.Panel:
    return _per_hour(
        "Tải dữ liệu thu hồi, mỗi giờ",
        "Số lần hỏi theo máy chủ và kết quả.",
        "sum by (host, outcome) (increase(congvu_trust_fetches_total[1h])) > 0",
        "{{host}} · {{outcome}}",
        page="trust",
        nothing="chưa hỏi nơi nào",
    )


def _log_lines() -> model.Panel:
    return _per_hour(
        "Dòng nhật ký đọc được, mỗi giờ",
        "Số dòng theo nguồn và kết quả: đọc, chưa hiểu, đăng nhập hỏng, quá dài.",
        "sum by (source, outcome) (increase(congvu_log_lines_total[1h]))",
        "{{source}} · {{outcome}}",
        page="activity",
    )


def _portal_pages() -> model.Panel:
    return _per_hour(
        "Trang của cổng thông tin, mỗi giờ",
        "Số địa chỉ đã hỏi theo nguồn và kết quả.",
        "sum by (source, outcome) (increase(congvu_portal_pages_total[1h])) > 0",
        "{{source}} · {{outcome}}",
        page="portals",
        nothing="chưa nối cổng nào",
    )


def build() -> model.Dashboard:
    spool = _spool()
    return page(
        "congvu-pipeline",
        "Hệ thống có nhận, kiểm tra và ghi đủ không; dữ liệu tin cậy; công việc định kỳ.",
        [
            Section("Hiện nay", [
                band(4, (4, _up()), *((4, each) for each in spool), (4, signatures.anchors())),
                band(7, (12, alerts.firing("page|ticket|info")), (6, _parts()), (6, _version())),
            ]),
            Section("Nhận và lưu tạm", [
                band(9, (14, _sources()), (10, _disk())),
                band(8, (12, _dropped()), (12, _events())),
            ]),
            Section("Kiểm tra chữ ký", [
                band(8, (12, _throughput()), (12, _durations())),
                band(8, (8, _sampling()), (8, _rates()), (8, _not_drawn())),
            ]),
            Section("Dữ liệu tin cậy", [
                band(7, (8, signatures.trust_age()), (8, signatures.trust_left()), (8, _fetches())),
            ]),
            Section("Công việc định kỳ", [
                band(8, (8, _jobs()), (8, _revalidation()), (8, _working())),
                band(8, (8, _reports()), (8, _log_lines()), (8, _portal_pages())),
            ]),
        ],
        since="now-24h",
        refresh="30s",
    )  # fmt: skip
