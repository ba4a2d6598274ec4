"""A closed month made by hand: agencies of three levels, all that a closing can hold of them."""

import json
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from datetime import UTC, date, datetime
from uuid import UUID

from monitor.periods import Period, Rules, parse, previous, year_before
from monitor.record.connection import Connection

RULES = Rules()
BASIS = {
    "program": "0.7.0",
    "definitions": {"document_paired": {"version": 2, "sha256": "ab"}},
    "settings": {
        "accounts.human": ["sent", "login"], "accounts.habitual_days": 10,
        "report.few_documents": 10,
    },
    "calendar_days": {"2026-10-30": False},
    "sampling": [{"stratum": "all", "rate": 1.0, "since": None}],
    "unknown_senders": 12,
    "silent_days": {"axis": ["2026-10-06"]},
    "waited_days": 5,
    "early": False,
}  # fmt: skip


@dataclass
class Agency:
    """An agency's month: what it counts; None is not known."""

    code: str
    name: str
    level: str | None = "commune"
    officials: int | None = 50
    provisioned: int = 48
    habitual: int | None = 40
    leaders: int = 4
    docsys: tuple[int, int] | None = (95, 100)
    """Paired, documents."""
    axis: tuple[int, int] | None = None
    mail: tuple[int, int] | None = None
    register: tuple[int, int, int] | None = None
    """Parallel paper, electronic, documents."""
    undecided: int = 0
    coverage: float | None = None
    before: tuple[int, int] | None = (90, 100)
    """Paired, documents of the period before."""
    target: str | None = None
    """How the target of 95% paired stands for it."""
    first: date = date(2026, 10, 1)
    last: date = date(2026, 10, 31)
    successors: Sequence[str] = field(default=())


AGENCIES = (
    Agency("so-y-te", "Sở Y tế", "department", 120, 120, 110, 8, (480, 500), (19, 20), (3, 9),
           (40, 490, 520), target="met"),
    Agency("so-tu-phap", "Sở Tư pháp", "department", 60, 57, 30, 5, (150, 200), None, None,
           (0, 190, 200), before=(198, 200), target="behind"),
    Agency("xa-an-binh", "UBND xã An Bình", target="met", docsys=(96, 100)),
    Agency("xa-it", "UBND xã Ít Việc", officials=12, provisioned=12, habitual=3, docsys=(2, 4),
           before=None, target="behind"),
    Agency("xa-khong", "UBND xã Không Nối", officials=None, docsys=None, before=None,
           target="unassessable"),
    Agency("xa-thu", "UBND xã Chỉ Gửi Thư", docsys=None, mail=(20, 25), before=None,
           target="unassessable"),
    Agency("xa-cu", "UBND xã Cũ", docsys=(10, 20), last=date(2026, 10, 14),
           successors=("xa-an-binh",), before=(15, 20)),
    Agency("xa-cho", "UBND xã Chờ Danh Sách", docsys=(30, 40), undecided=10, before=(36, 40),
           target="unassessable", coverage=0.62),
)  # fmt: skip


async def closed(
    connection: Connection, agencies: Sequence[Agency] = AGENCIES, period: str = "2026-10",
    version: int = 1, reason: str = "",
) -> int:  # fmt: skip
    """Insert a closing and its rows; gives its id."""
    whole = parse(period, RULES)
    closing: int = await connection.fetchval(
        "INSERT INTO closing (period, version, first_day, last_day, closed_at, actor, reason,"
        " basis, facts) VALUES ($1, $2, $3, $4, $5, 'test', $6, $7, $8) RETURNING closing_id",
        whole.id, version, whole.first, whole.last, datetime(2026, 11, 6, 1, 30, tzinfo=UTC),
        reason, json.dumps(BASIS), bytes([version]) * 32,
    )  # fmt: skip
    made = _Maker(connection, closing, agencies, whole)
    await made.agencies()
    await made.figures()
    await made.rest()
    return closing


class _Maker:
    """Fills the rows of one closing."""

    def __init__(
        self, connection: Connection, closing: int, agencies: Sequence[Agency], period: Period
    ) -> None:
        self._connection, self._closing = connection, closing
        self._agencies, self._period = agencies, period
        self._sums: dict[tuple[str, ...], list[int]] = {}

    async def agencies(self) -> None:
        await self._insert("closed_agency", (
            "code", "agency_id", "ordinal", "name", "name_en", "level", "parent", "first_day",
            "last_day", "successors"), [
            (each.code, n, n, each.name, None, each.level, None, each.first, each.last,
             list(each.successors))
            for n, each in enumerate(self._agencies, 1)
        ])  # fmt: skip

    async def figures(self) -> None:
        for each in self._agencies:
            for about, indicator, channel, role, counts in _counted(each):
                for scope, code in (
                    ("agency", each.code), ("level", each.level), ("province", "province"),
                ):  # fmt: skip
                    if code is None:
                        continue
                    key = about, indicator, scope, code, channel, role
                    sums = self._sums.setdefault(key, [0, 0, 0])
                    for place, value in enumerate(counts):
                        sums[place] += value
        await self._insert("closed_figure", FIGURE, [self._figure(*each) for each in self._sums])

    def _figure(
        self, about: str, indicator: str, scope: str, code: str, channel: str, role: str
    ) -> tuple[object, ...]:
        y, x, undecided = self._sums[about, indicator, scope, code, channel, role]
        accounts = indicator.startswith("accounts_")
        ratio = y / x if x else None
        share = undecided / (x + undecided) if x + undecided else None
        state = "no_data" if not x else "stale" if share and share > 0.05 else "ok"
        end = None if accounts else ratio
        covered = next((a.coverage for a in self._agencies if a.code == code), None)
        others = {"previous": previous, "year_before": year_before}
        span = others[about](self._period, RULES) if about in others else None
        span = span or self._period
        return (
            about, "", indicator, scope, code, channel, "" if accounts else "formal", role, "",
            span.first, span.last, y, x, undecided, None if accounts else x, ratio, end, end, None,
            None, 1.0, None if accounts else covered, share, state,
        )  # fmt: skip

    async def rest(self) -> None:
        known = [each for each in self._agencies if each.officials]
        await self._insert("closed_funnel", (
            "code", "role", "first_day", "last_day", "sends", "signs", "validates"), [
            (each.code, role, self._period.first, self._period.last,
             *(n // part for n in (9, 7, 6)))
            for each in known for role, part in (("staff", 1), ("leader", 3))
        ])  # fmt: skip
        issued = [each for each in self._agencies if each.docsys]
        await self._insert("closed_verdict", (
            "code", "channel", "document_class", "relayed", "sampled", "overall", "cause",
            "documents"), [row for each in issued for row in _verdicts(each)])  # fmt: skip
        await self._insert("closed_reason", (
            "code", "channel", "overall", "cause", "kind", "reason", "documents"), [
            (each.code, "docsys", "invalid", None, "finding", "changed_after_signing", 2)
            for each in issued] + [
            (each.code, "docsys", "indeterminate", "signer", "sub_indication",
             "NO_CERTIFICATE_CHAIN_FOUND", 1) for each in issued
        ])  # fmt: skip
        await self._insert("closed_signature", (
            "code", "channel", "document_class", "format", "level", "indication", "sub_indication",
            "trust_class", "time_source", "signer_kind", "signatures"), [
            (each.code, "docsys", "formal", "PAdES", "B-T", "TOTAL-PASSED", None, *kind, many)
            for each in issued for *kind, many in (
                ("cong_vu", "timestamp", "person", 50), ("cong_vu", "receipt", "organisation", 40),
                ("cong_cong", "claimed", "person", 3))
        ])  # fmt: skip
        await self._insert("closed_certificate", (
            "code", "signer_kind", "trust_class", "ends_on", "last_used", "certificates",
            "signatures"), [
            ("so-y-te", "person", "cong_vu", date(2026, 11, 20), date(2026, 10, 29), 2, 31),
            ("so-y-te", "organisation", "cong_vu", date(2027, 1, 3), date(2026, 10, 30), 1, 480),
            ("xa-an-binh", "person", "cong_cong", date(2026, 11, 5), date(2026, 10, 30), 1, 12),
        ] if len(self._agencies) > 2 else [])  # fmt: skip
        await self._targets()
        await self._documents(issued)

    async def _targets(self) -> None:
        rows: list[tuple[object, ...]] = []
        for n, each in enumerate(self._agencies):
            if each.target is None:
                continue
            y, x = each.docsys or (0, 0)
            usable = each.target != "unassessable"
            ratio = y / x if x and usable else None
            state = "ok" if usable else "no_data" if not x else "stale"
            rows.append((
                "ky-so", each.code, n, "95% văn bản được ký số đủ", "document_paired", "agency",
                "docsys", 0.95, date(2026, 12, 31), y, x, state, ratio,
                max(0.0, 0.95 - ratio) if ratio is not None else None, 0.9,
                max(0, round(0.95 * x) - y) if ratio is not None else None, each.target,
            ))  # fmt: skip
        if rows:
            y, x, _ = self._sums["period", "accounts_habitual", "province", "province", "mail", ""]
            rows.append((
                "thuong-xuyen", "province", 99, "80% CBCCVC sử dụng thường xuyên",
                "accounts_habitual", "province", "mail", 0.8, date(2026, 12, 31), y, x, "ok", y / x,
                max(0.0, 0.8 - y / x), None, 5, "met" if y / x >= 0.8 else "behind"))  # fmt: skip
        await self._insert("closed_target", (
            "target", "code", "ordinal", "title", "indicator", "scope", "channel", "value", "due",
            "numerator", "denominator", "state", "ratio", "gap", "path", "units_short",
            "assessment"), rows)  # fmt: skip

    async def _documents(self, issued: Sequence[Agency]) -> None:
        rows = []
        for place, each in enumerate(issued):
            for n, (overall, cause, reasons) in enumerate(FAILING):
                uid = UUID(int=place * 100 + n + 1)
                rows.append((
                    each.code, uid, "docsys", date(2026, 10, 2 + n),
                    datetime(2026, 10, 2 + n, 3, tzinfo=UTC), f"{place}{n}", f"/{each.code}-VP",
                    date(2026, 10, 1 + n), f"{each.code} {n}.pdf", uid.bytes, overall, cause,
                    list(reasons)))  # fmt: skip
        await self._insert("closed_document", (
            "code", "document_uid", "channel", "day", "first_at", "number", "notation", "issued_on",
            "file_name", "content_hash", "overall", "cause", "reasons"), rows)  # fmt: skip

    async def _insert(
        self, table: str, columns: Sequence[str], rows: Sequence[tuple[object, ...]]
    ) -> None:
        await self._connection.copy_records_to_table(
            table, records=[(self._closing, *row) for row in rows],
            columns=["closing_id", *columns],
        )  # fmt: skip


FIGURE = (
    "about", "panel", "indicator", "scope", "code", "channel", "document_class", "role", "base",
    "first_day", "last_day", "numerator", "denominator", "undecided", "checked", "ratio", "low",
    "high", "process_low", "process_high", "sample_fraction", "coverage", "undecided_share",
    "state",
)  # fmt: skip
FAILING = (
    ("unsigned", None, ("reason:unsigned",)),
    ("invalid", None, ("reason:changed_after_signing", "finding:not_timestamped")),
    ("indeterminate", "signer", ("reason:untrusted",)),
    ("indeterminate", "ours", ("reason:revocation_missing",)),
    ("unreadable", None, ("reason:encrypted",)),
)
"""Verdict, cause and reasons of documents that do not count as signed."""


Counted = tuple[str, str, str, str, tuple[int, int, int]]


def _counted(agency: Agency) -> Iterator[Counted]:
    """About, indicator, channel, role, and numerator, denominator, undecided."""
    yield from _accounts(agency, "period", 0)
    yield from _accounts(agency, "previous", 2)
    for channel, counts in (("docsys", agency.docsys), ("axis", agency.axis)):
        y, x = counts or (0, 0)
        undecided = agency.undecided if channel == "docsys" else 0
        yield "period", "document_paired", channel, "", (y, x, undecided)
        yield "period", "document_signed", channel, "", (min(x, y + 2), x, undecided)
    if agency.before:
        yield "previous", "document_paired", "docsys", "", (*agency.before, 0)
        y, x = agency.before
        yield "year_before", "document_paired", "docsys", "", (y // 2, x, 0)
    mail = agency.mail or (0, 0)
    yield "period", "document_signed", "mail", "", (*mail, 0)
    yield "period", "mail_signed", "mail", "", (*mail, 0)
    paper, electronic, documents = agency.register or (0, 0, 0)
    yield "period", "document_parallel_paper", "docsys", "", (paper, documents, 0)
    yield "period", "document_electronic", "docsys", "", (electronic, documents, 0)


def _accounts(agency: Agency, about: str, fewer: int) -> Iterator[Counted]:
    officials = agency.officials or 0
    known = bool(officials)
    habitual = max(0, (agency.habitual or 0) - fewer) if known else 0
    yield about, "accounts_provisioned", "mail", "", (agency.provisioned * known, officials, 0)
    yield about, "accounts_active", "mail", "", (min(officials, habitual + 2), officials, 0)
    yield about, "accounts_habitual", "mail", "", (habitual, officials, 0)
    leaders = agency.leaders if known else 0
    yield about, "accounts_provisioned", "mail", "leader", (leaders, leaders, 0)
    yield about, "accounts_active", "mail", "leader", (leaders, leaders, 0)
    yield about, "accounts_habitual", "mail", "leader", (max(0, leaders - 1), leaders, 0)


def _verdicts(agency: Agency) -> Iterator[tuple[object, ...]]:
    y, x = agency.docsys or (0, 0)
    rest = x - y
    for overall, cause, documents in (
        ("valid", None, y), ("unsigned", None, rest - rest // 3), ("invalid", None, rest // 3),
        ("indeterminate", "ours", agency.undecided),
    ):  # fmt: skip
        if documents:
            yield agency.code, "docsys", "formal", False, True, overall, cause, documents
