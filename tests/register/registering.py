"""A small province, its registers as text, and what an import of them records."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any

from monitor.agencies.agency import Agency
from monitor.agencies.registry import Registry
from monitor.record import Database, Sealer
from monitor.record.register_rows import Terms
from monitor.register.importing import Imported, import_listing
from monitor.register.profile import Profile
from monitor.register.reading import Listing, Understanding

REGISTRY = Registry([
    Agency(
        code="ubnd", name="Ủy ban nhân dân tỉnh", level="province", organ_codes=("H53",),
    ),
    Agency(
        code="so-yt", name="Sở Y tế", level="department", parent="ubnd",
        organ_codes=("H53.10",), system_names=("syt",),
    ),
    Agency(
        code="so-ct", name="Sở Công Thương", level="department", parent="ubnd",
        valid_to=date(2026, 6, 30), successors=("so-ktct",),
    ),
    Agency(
        code="so-ktct", name="Sở Kinh tế - Công Thương", level="department", parent="ubnd",
        valid_from=date(2026, 7, 1),
    ),
])  # fmt: skip
SEALER = Sealer(b"g" * 32)
AS_OF = date(2026, 10, 31)
HEAD = (
    "Số ký hiệu,Ngày ban hành,Loại văn bản,Trích yếu,Cơ quan ban hành,Người ký,Nơi nhận,"
    "Hình thức gửi"
)


def line(
    number: str,
    day: str = "05/03/2026",
    *,
    kind: str = "Công văn",
    subject: str | None = None,
    agency: str = "Sở Y tế",
    signer: str = "Nguyễn Văn An",
    to: str = "Sở Tài chính; UBND các xã",
    form: str = "Điện tử",
) -> str:
    """One row below `HEAD`."""
    cells = (number, day, kind, subject or f"V/v {number}", agency, signer, to, form)
    return ",".join(f'"{cell}"' if "," in cell else cell for cell in cells)


@dataclass
class Desk:
    """Hands registers in, and looks at what is recorded."""

    database: Database
    folder: Path

    def file(self, *lines: str, name: str = "so.csv", encoding: str = "utf-8") -> Path:
        path = self.folder / name
        path.write_text("\n".join(lines) + "\n", encoding=encoding)
        return path

    async def imported(
        self,
        *lines: str,
        files: Sequence[Path] | None = None,
        profile: Profile | None = None,
        agency: str | None = None,
        sealer: Sealer = SEALER,
        **terms: Any,
    ) -> Imported:
        """Import a register that is given line by line, headings first, or as files."""
        wanted = Terms(**{
            "source": "ioffice", "direction": "out", "as_of": AS_OF, "actor": "test",
            "apply": True, **terms,
        })  # fmt: skip
        how = Understanding(
            wanted.direction, profile or Profile(confirmed=True), wanted.as_of, agency,
            wanted.first, wanted.last,
        )  # fmt: skip
        listing = Listing(files or [self.file(*lines)], REGISTRY, how)
        return await import_listing(
            listing, REGISTRY.codes(), wanted, self.database, sealer, lambda _: None
        )

    async def rows(self, query: str, *values: Any) -> list[tuple[Any, ...]]:
        async with self.database.connection() as connection:
            return [tuple(row) for row in await connection.fetch(query, *values)]

    async def entries(self) -> list[tuple[Any, ...]]:
        """Agency, number key, ordinal, day, way of sending, subject, gone: of every entry."""
        found = await self.rows(
            "SELECT a.code, number_key, ordinal, day, paper, sealed_subject, gone_run_id "
            "FROM register_entry JOIN agency a USING (agency_id) "
            "ORDER BY a.code, direction, year, number_key, ordinal"
        )
        return [(*row[:5], SEALER.open(row[5], "subject"), row[6] is not None) for row in found]

    async def clear_marks(self) -> None:
        """Forget what is due, as if it had been done."""
        async with self.database.connection() as connection:
            await connection.execute("TRUNCATE changed_day, register_match_due")


def counts(imported: Imported) -> tuple[int, int, int, int]:
    """Added, changed, gone, unchanged."""
    outcome = imported.outcome
    return (
        outcome.total("added"), outcome.total("changed"), outcome.total("gone"),
        outcome.total("unchanged"),
    )  # fmt: skip
