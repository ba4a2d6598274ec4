"""Reports of a closing as files in a folder: each whole or not there, the same every time.

What was handed out is remembered by its SHA-256 (`report_file`): a file that would differ from what
was handed out under its name is a fault, or the work of another version of congvu, and is told.
What was signed is kept and handed out again, for a signature is made once.
"""

import asyncio
import hashlib
import io
import json
from collections.abc import AsyncIterator
from dataclasses import dataclass
from pathlib import Path

import monitor
from monitor import clock
from monitor.errors import UserError
from monitor.record import Database
from monitor.record.connection import Connection
from monitor.report import content, pdf, signing, xlsx
from monitor.report.content import Wanted
from monitor.report.data import csv_file, json_file
from monitor.report.data.csv_file import Dialect
from monitor.report.forms import CSV, Form, file_name, forms_of
from monitor.report.model import Report, Standing
from monitor.report.order import SHEETS, NotSigned, Order, Written
from monitor.settings import ReportSettings, Settings
from monitor.whole_file import make_folder, whole_file

MODE = 0o640
"""A group of the account may read reports: who hands them in is not who runs the daemon."""


async def export(
    database: Database, settings: Settings, closing_id: int, order: Order, folder: Path
) -> list[Written]:
    """Write all files of an order. Raises UserError, DatabaseUnavailable; those written stay."""
    async with database.connection() as connection:
        return [each async for each in exported(connection, settings, closing_id, order, folder)]


async def exported(
    connection: Connection, settings: Settings, closing_id: int, order: Order, folder: Path
) -> AsyncIterator[Written]:
    """The files as they are written. Raises what `export` raises."""
    head, standing = await _as_closed(connection, settings.report, closing_id)
    shared = content.Shared()
    for agency, level in await _scopes(connection, closing_id, order):
        place = folder / SHEETS if agency and order.sheets else folder
        make_folder(place)
        for language in order.languages:
            wanted = Wanted(head, standing, language, agency, level, order.names)
            report = await content.read(connection, closing_id, wanted, shared)
            for form in forms_of(order.formats):
                yield await _File(connection, settings, report, form, order).write(place)


async def _as_closed(
    connection: Connection, settings: ReportSettings, closing_id: int
) -> tuple[ReportSettings, Standing]:
    """What was set when it was closed: a report is the same whatever was set since."""
    row = await connection.fetchrow(
        "SELECT version, basis FROM closing WHERE closing_id = $1", closing_id
    )
    if row is None:
        raise LookupError(f"no closing {closing_id}")
    basis = json.loads(row["basis"])
    few = {"few_documents": basis["settings"]["report.few_documents"]}
    standings = {0: Standing.PROVISIONAL, 1: Standing.CLOSED}
    then = settings.model_copy(update=basis["head"] | few)
    return then, standings.get(row["version"], Standing.RESTATED)


async def _scopes(
    connection: Connection, closing_id: int, order: Order
) -> list[tuple[str | None, str | None]]:
    """Agency and level of each report."""
    if not order.sheets:
        return [(order.agency, order.level)]
    rows = await connection.fetch(
        "SELECT code FROM closed_agency WHERE closing_id = $1"
        " AND ($2::text IS NULL OR level = $2) ORDER BY ordinal",
        closing_id,
        order.level,
    )
    return [(order.agency, order.level), *((row["code"], None) for row in rows)]


@dataclass(frozen=True, slots=True)
class _File:
    """One file of one report."""

    connection: Connection
    settings: Settings
    report: Report
    form: Form
    order: Order

    async def write(self, folder: Path) -> Written:
        path = folder / self.name
        known = await self._known()
        octets = known.content if known and known.content else await self._made()
        digest = hashlib.sha256(octets)
        if self.remembered and known is None:
            known = await self._remember(octets, digest.digest())
            octets = known.content or octets
            digest = hashlib.sha256(octets)
        with whole_file(path, MODE) as file:
            file.write(octets)
        same = known is None or known.sha256 == digest.digest()
        return Written(
            path, len(octets), digest.hexdigest(), "" if same or not known else known.program
        )

    @property
    def name(self) -> str:
        named = self.order.names is not None
        return file_name(
            self.report.head, self.form, signed=self.signed, with_names=named,
            semicolon=self.order.semicolon,
        )  # fmt: skip

    @property
    def signed(self) -> bool:
        """A figure that still changes is signed by nobody."""
        if self.report.head.standing is Standing.PROVISIONAL:
            return False
        return self.form is Form.PDF and self.settings.report_signing.key_file is not None

    @property
    def dialect(self) -> Dialect:
        return Dialect.SEMICOLON if self.order.semicolon else Dialect.COMMA

    @property
    def remembered(self) -> bool:
        """Whether the same must be handed out again: of a closing, without names of people, and no
        CSV without its mark, which has the name of the one with it.
        """
        usual = self.form not in CSV or self.order.bom
        closed = self.report.head.standing is not Standing.PROVISIONAL
        return usual and closed and self.order.names is None

    async def _made(self) -> bytes:
        octets = await asyncio.to_thread(self._laid_out)
        if not self.signed:
            return octets
        key = self.settings.report_signing
        try:
            return await asyncio.to_thread(
                signing.sign, octets, key, clock.now(), self.report.head.place
            )
        except UserError as error:
            raise NotSigned(str(error)) from None

    def _laid_out(self) -> bytes:
        out = io.BytesIO()
        match self.form:
            case Form.XLSX:
                xlsx.write(self.report, out)
            case Form.PDF:
                pdf.write(self.report, out)
            case Form.JSON:
                json_file.write(self.report, out)
            case Form.CSV_LONG:
                csv_file.write_long(self.report, out, bom=self.order.bom, dialect=self.dialect)
            case Form.CSV_WIDE:
                csv_file.write_wide(self.report, out, bom=self.order.bom, dialect=self.dialect)
        return out.getvalue()

    # -- what was handed out ---------------------------------------------------------------------

    async def _known(self) -> "_Known | None":
        if not self.remembered:
            return None
        row = await self.connection.fetchrow(
            "SELECT sha256, program, content FROM report_file WHERE closing_id = $1 AND name = $2",
            self.report.head.closing_id, self.name,
        )  # fmt: skip
        return _Known(row["sha256"], row["program"], row["content"]) if row else None

    async def _remember(self, octets: bytes, sha256: bytes) -> "_Known":
        """The row of this file: another's, where another was quicker."""
        await self.connection.execute(
            "INSERT INTO report_file (closing_id, name, sha256, bytes, program, written_at,"
            " content) VALUES ($1, $2, $3, $4, $5, $6, $7) ON CONFLICT DO NOTHING",
            self.report.head.closing_id, self.name, sha256, len(octets), monitor.__version__,
            clock.now(), octets if self.signed else None,
        )  # fmt: skip
        known = await self._known()
        return known or _Known(sha256, monitor.__version__, None)


@dataclass(frozen=True, slots=True)
class _Known:
    sha256: bytes
    program: str
    content: bytes | None
