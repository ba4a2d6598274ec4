"""Everything that a closing holds about a report's agencies, read in one go and cleaned.

Whose report it is decides what is read at all: an agency's never meets another's code, name or
figure. Raises what asyncpg raises.
"""

from collections.abc import Callable, Hashable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any, TypeVar
from uuid import UUID

import asyncpg

from monitor.agencies.agency import DEFAULT_LEVELS
from monitor.measure.figures import Figure, Scope, State
from monitor.measure.indicators import CATALOGUE
from monitor.model import Language, Overall
from monitor.periods import Period
from monitor.record.connection import Connection
from monitor.report.text import clean

PERIOD, PREVIOUS, YEAR_BEFORE = "period", "previous", "year_before"
COMPARED = (PREVIOUS, YEAR_BEFORE)
PROVINCE = "province"
HASH_SHOWN = 16
T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class AgencyRow:
    """An agency as it was on its last day in the period."""

    code: str
    names: Mapping[Language, str]
    level: str | None
    first: date
    last: date
    successors: tuple[str, ...]

    def name(self, language: Language) -> str:
        return self.names[language]


@dataclass(frozen=True, slots=True)
class Of:
    """Whose figures are wanted: the province's, a level's or one agency's."""

    scope: Scope
    code: str

    @property
    def one(self) -> bool:
        """Of one agency alone."""
        return self.scope is Scope.AGENCY


Key = tuple[str, str, str, str, str, str, str, str, str]


class Figures:
    """Figures by what they are of."""

    def __init__(self, rows: Iterable[tuple[str, str, Figure]]) -> None:
        """`rows`: about, panel, figure."""
        self._by_key = {_key(about, panel, figure): figure for about, panel, figure in rows}
        self._made: dict[Hashable, Any] = {}
        self._used = {
            (figure.indicator, figure.channel)
            for about, _, figure in self
            if about == PERIOD and figure.denominator + figure.undecided > 0
        }

    def once(self, key: Hashable, make: Callable[[], T]) -> T:
        """What `make` gives, made the first time that this key is asked for."""
        if key not in self._made:
            self._made[key] = make()
        made: T = self._made[key]
        return made

    def __iter__(self) -> Iterator[tuple[str, str, Figure]]:
        return ((key[0], key[1], figure) for key, figure in self._by_key.items())

    def get(
        self, indicator: str, of: Of, channel: str = "mail", *, about: str = PERIOD,
        panel: str = "", role: str = "", base: str = "",
    ) -> Figure | None:  # fmt: skip
        """The series of formal documents; of accounts the channel is always mail."""
        kind = "" if indicator.startswith("accounts_") else "formal"
        return self._by_key.get(
            (about, panel, indicator, of.scope, of.code, channel, kind, role, base)
        )

    def channels(self, indicator: str) -> list[str]:
        """Those with data in the period, in the catalogue's order."""
        return [each for each in CATALOGUE[indicator].channels if (indicator, each) in self._used]


@dataclass(frozen=True, slots=True)
class FunnelRow:
    """Officials of an agency and a role whose mail carried formal, signed, valid documents."""

    code: str
    role: str
    sends: int
    signs: int
    validates: int


@dataclass(frozen=True, slots=True)
class VerdictRow:
    code: str
    channel: str
    document_class: str
    relayed: bool
    sampled: bool
    overall: str
    cause: str | None
    documents: int


@dataclass(frozen=True, slots=True)
class ReasonRow:
    code: str
    channel: str
    overall: str
    cause: str | None
    kind: str
    reason: str
    documents: int


@dataclass(frozen=True, slots=True)
class SignatureRow:
    code: str
    document_class: str
    indication: str
    trust_class: str | None
    time_source: str | None
    signatures: int


@dataclass(frozen=True, slots=True)
class CertificateRow:
    code: str
    signer_kind: str | None
    trust_class: str | None
    ends_on: date
    last_used: date
    certificates: int
    signatures: int


@dataclass(frozen=True, slots=True)
class TargetRow:
    """How a target stands for an agency, a level or the province."""

    target: str
    code: str
    title: str
    indicator: str
    scope: str
    channel: str
    value: float
    due: date
    numerator: int
    denominator: int
    state: State
    ratio: float | None
    gap: float | None
    path: float | None
    units_short: int | None
    assessment: str


@dataclass(frozen=True, slots=True)
class WhyRow:
    """How many documents do not count for one reason, the one that decides first."""

    overall: str
    cause: str | None
    reason: str | None
    """A word of the catalogue with its vocabulary: "reason:unsigned"."""
    documents: int


@dataclass(frozen=True, slots=True)
class DocumentRow:
    """A document that does not count as signed; names of people are never in it."""

    uid: UUID
    channel: str
    first_at: datetime
    number: str
    notation: str
    issued_on: date | None
    file_name: str
    hash: str
    """The first letters of its SHA-256, by which congvu documents explain finds it."""
    overall: str
    cause: str | None
    reasons: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Facts:
    """What a closing holds for a report."""

    of: Of
    first: date
    """Of the period."""
    last: date
    agencies: Sequence[AgencyRow]
    """By level, then in the registry's order."""
    levels: Sequence[str]
    """Of these agencies, the highest first."""
    figures: Figures
    funnel: Mapping[tuple[str, str], FunnelRow]
    verdicts: Sequence[VerdictRow]
    reasons: Sequence[ReasonRow]
    signatures: Sequence[SignatureRow]
    certificates: Sequence[CertificateRow]
    targets: Sequence[TargetRow]
    why: Sequence[WhyRow]
    documents: Sequence[DocumentRow] = field(default=())
    """Of one agency's report alone."""

    @property
    def forgotten(self) -> bool:
        """Retention has removed the documents that did not count (privacy.report_months)."""
        return not self.why and any(
            each.overall != Overall.VALID and each.document_class == "formal" and each.sampled
            and each.code and not each.relayed and each.documents
            for each in self.verdicts
        )  # fmt: skip

    @property
    def not_drawn(self) -> int:
        """Formal documents of these agencies that were not drawn for verification."""
        return sum(
            each.documents for each in self.verdicts
            if each.document_class == "formal" and not each.sampled and each.code
            and not each.relayed
        )  # fmt: skip


STATEMENTS: Mapping[type, str] = {
    FunnelRow: "SELECT code, role, sends, signs, validates FROM closed_funnel"
    " WHERE closing_id = $1 AND code = ANY ($2) ORDER BY 1, 2",
    VerdictRow: "SELECT code, channel, document_class, relayed, sampled, overall, cause, documents"
    " FROM closed_verdict WHERE closing_id = $1 AND code = ANY ($2) ORDER BY 1, 2, 3, 4, 5, 6, 7",
    ReasonRow: "SELECT code, channel, overall, cause, kind, reason, documents FROM closed_reason"
    " WHERE closing_id = $1 AND code = ANY ($2) ORDER BY 1, 2, 3, 4, 5, 6, 7",
    SignatureRow: "SELECT code, document_class, indication, trust_class, time_source,"
    " sum(signatures)::bigint FROM closed_signature WHERE closing_id = $1 AND code = ANY ($2)"
    " GROUP BY 1, 2, 3, 4, 5 ORDER BY 1, 2, 3, 4, 5",
    WhyRow: "SELECT overall, cause, reasons[1], count(*) FROM closed_document"
    " WHERE closing_id = $1 AND code = ANY ($2) GROUP BY 1, 2, 3 ORDER BY 1, 2, 3",
    CertificateRow: "SELECT code, signer_kind, trust_class, ends_on, last_used, certificates,"
    " signatures FROM closed_certificate WHERE closing_id = $1 AND code = ANY ($2)"
    " ORDER BY ends_on, code, signer_kind, trust_class, last_used, certificates, signatures",
}
"""Columns in the order of the fields."""


async def read_facts(connection: Connection, closing_id: int, of: Of, period: Period) -> Facts:
    """What a closing holds about the province, a level or an agency."""
    codes = await _codes(connection, closing_id, of)
    if of.scope is Scope.PROVINCE:
        codes.append("")  # documents of no known agency
    agencies = await _agencies(connection, closing_id, codes)
    seen = {each.level for each in agencies if each.level is not None}
    levels = [each for each in DEFAULT_LEVELS if each in seen]
    levels += sorted(seen.difference(levels))
    place = {level: number for number, level in enumerate(levels)}
    ordered = sorted(agencies, key=lambda each: place.get(each.level or "", len(place)))
    return Facts(
        of=of, first=period.first, last=period.last, agencies=ordered, levels=levels,
        figures=Figures(await _figures(connection, closing_id, of, codes)),
        funnel={(row.code, row.role): row for row in await _rows(
            connection, FunnelRow, closing_id, codes)},
        verdicts=await _rows(connection, VerdictRow, closing_id, codes),
        reasons=await _rows(connection, ReasonRow, closing_id, codes),
        signatures=await _rows(connection, SignatureRow, closing_id, codes),
        certificates=await _rows(
            connection, CertificateRow, closing_id, codes),
        targets=await read_targets(connection, closing_id, of, codes, levels),
        why=await _rows(connection, WhyRow, closing_id, codes),
        documents=await _documents(connection, closing_id, of.code) if of.one else (),
    )  # fmt: skip


async def _codes(connection: Connection, closing_id: int, of: Of) -> list[str]:
    rows = await connection.fetch(
        "SELECT code FROM closed_agency WHERE closing_id = $1"
        " AND ($2 <> 'agency' OR code = $3) AND ($2 <> 'level' OR level = $3) ORDER BY code",
        closing_id, of.scope.value, of.code,
    )  # fmt: skip
    return [row["code"] for row in rows]


async def _agencies(
    connection: Connection, closing_id: int, codes: Sequence[str]
) -> list[AgencyRow]:
    rows = await connection.fetch(
        "SELECT * FROM closed_agency WHERE closing_id = $1 AND code = ANY ($2)"
        " ORDER BY ordinal, code",
        closing_id, codes,
    )  # fmt: skip
    return [
        AgencyRow(
            code=row["code"],
            names={
                Language.VI: clean(row["name"]) or row["code"],
                Language.EN: clean(row["name_en"] or row["name"]) or row["code"],
            },
            level=row["level"], first=row["first_day"], last=row["last_day"],
            successors=tuple(row["successors"]),
        )
        for row in rows
    ]  # fmt: skip


async def _figures(
    connection: Connection, closing_id: int, of: Of, codes: Sequence[str]
) -> list[tuple[str, str, Figure]]:
    rows = await connection.fetch(
        "SELECT * FROM closed_figure WHERE closing_id = $1"
        " AND (scope = 'agency' AND code = ANY ($2) OR scope = $3 AND code = $4"
        "      OR $3 = 'province' AND scope <> 'agency')"
        " ORDER BY indicator, scope, code, channel, document_class, role, base, about, panel",
        closing_id, codes, of.scope.value, of.code,
    )  # fmt: skip
    return [(row["about"], row["panel"], figure_of(row)) for row in rows]


def figure_of(row: asyncpg.Record) -> Figure:
    """A row of closed_figure."""
    return Figure(
        indicator=row["indicator"], scope=Scope(row["scope"]), code=row["code"],
        channel=row["channel"], document_class=row["document_class"], window="period",
        first_day=row["first_day"], last_day=row["last_day"], numerator=row["numerator"],
        denominator=row["denominator"], undecided=row["undecided"], ratio=row["ratio"],
        state=State(row["state"]), undecided_share=row["undecided_share"],
        sample_fraction=row["sample_fraction"], low=row["low"], high=row["high"],
        process_low=row["process_low"], process_high=row["process_high"],
        checked=row["checked"], coverage=row["coverage"], role=row["role"], base=row["base"],
    )  # fmt: skip


async def _rows(
    connection: Connection, kind: type[T], closing_id: int, codes: Sequence[str]
) -> list[T]:
    """Rows of the table of a kind, in a fixed order."""
    return [kind(*row) for row in await connection.fetch(STATEMENTS[kind], closing_id, codes)]


async def read_targets(
    connection: Connection,
    closing_id: int,
    of: Of,
    codes: Sequence[str],
    levels: Sequence[str],
) -> list[TargetRow]:
    """Targets of these agencies, of their levels and, in its own report, of the province."""
    rows = await connection.fetch(
        "SELECT target, code, title, indicator, scope, channel, value, due, numerator, denominator,"
        " state, ratio, gap, path, units_short, assessment FROM closed_target WHERE closing_id = $1"
        " AND (scope = 'agency' AND code = ANY ($2) OR scope = 'level' AND code = ANY ($3)"
        "      OR scope = 'province' AND $4) ORDER BY ordinal, code",
        closing_id, codes, [] if of.one else levels, of.scope is Scope.PROVINCE,
    )  # fmt: skip
    found = (dict(row) for row in rows)
    return [
        TargetRow(**each | {"title": clean(each["title"]), "state": State(each["state"])})
        for each in found
    ]


async def _documents(connection: Connection, closing_id: int, code: str) -> list[DocumentRow]:
    rows = await connection.fetch(
        "SELECT * FROM closed_document WHERE closing_id = $1 AND code = $2"
        " ORDER BY coalesce(issued_on, day), number, notation, first_at, document_uid",
        closing_id, code,
    )  # fmt: skip
    return [
        DocumentRow(
            uid=row["document_uid"], channel=row["channel"], first_at=row["first_at"],
            number=clean(row["number"] or ""), notation=clean(row["notation"] or ""),
            issued_on=row["issued_on"], file_name=clean(row["file_name"] or ""),
            hash=row["content_hash"].hex()[:HASH_SHOWN],
            overall=row["overall"], cause=row["cause"], reasons=tuple(row["reasons"]),
        )
        for row in rows
    ]  # fmt: skip


def _key(about: str, panel: str, figure: Figure) -> Key:
    return (
        about, panel, figure.indicator, figure.scope, figure.code, figure.channel,
        figure.document_class, figure.role, figure.base,
    )  # fmt: skip
