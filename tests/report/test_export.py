"""Reports as files: the same bytes whatever came since, signed once, each whole."""

from collections.abc import Sequence
from pathlib import Path
from typing import Any
from uuid import uuid4

import pytest

from monitor.demo.pki import Pki
from monitor.errors import UserError
from monitor.measure import closing
from monitor.model import Language
from monitor.record import Database, Recorder
from monitor.report.apart import export_apart
from monitor.report.data import json_file
from monitor.report.export import export, exported
from monitor.report.order import SHEETS, Order, Written
from monitor.settings import DatabaseSettings, Settings
from tests.measure.closing_world import MARCH, TEN_DAYS_LATER, Month, on
from tests.support.database import Server
from tests.support.outcomes import document, filed, valid

DATA = Order(("csv", "json"))
ALL = Order(("xlsx", "pdf", "csv", "json"), (Language.VI, Language.EN))
LATE = filed(document("muộn", valid()), at=on(12), sent_at=on(12))


@pytest.fixture
async def month(database: Database, recorder: Recorder, tmp_path: Path) -> Month:
    return await Month.made(database, recorder, tmp_path)


async def written(month: Month, closing_id: int, order: Order, folder: Path) -> dict[str, bytes]:
    files = await export(month.database, month.settings, closing_id, order, folder)
    return {str(each.path.relative_to(folder)): each.path.read_bytes() for each in files}


def sign_with(month: Month, folder: Path) -> None:
    key = folder / "key.p12"
    key.write_bytes(Pki.create(7, TEN_DAYS_LATER).organisation().pkcs12())
    month.change("report_signing", key_file=key)


async def test_what_was_closed_is_the_same_bytes_whatever_came_since(
    month: Month, recorder: Recorder, tmp_path: Path
) -> None:
    month.change("report", issuer="TRUNG TÂM CNTT", place="Hòa Bình")
    made = await month.close()
    first = await written(month, made.id, ALL, tmp_path / "a")
    assert sorted(first) == [
        f"congvu-2026-03-v1-{language}{tail}"
        for language in ("en", "vi")
        for tail in ("-long.csv", "-wide.csv", ".json", ".pdf", ".xlsx")
    ]
    month.change("report", issuer="KHÁC", few_documents=1)
    month.change("accounts", habitual_days=3)
    await recorder.write([LATE])
    restated = await month.restate()
    assert restated is not None
    assert await written(month, made.id, ALL, tmp_path / "b") == first
    second = await written(month, restated.id, DATA, tmp_path / "c")
    assert second["congvu-2026-03-v2-vi-long.csv"] != first["congvu-2026-03-v1-vi-long.csv"]


async def test_what_was_handed_out_differently_is_told(
    month: Month, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    made = await month.close()
    files = await export(month.database, month.settings, made.id, DATA, tmp_path)
    assert [each.differs for each in files] == ["", "", ""]
    monkeypatch.setattr(json_file, "write", lambda _report, out: out.write(b"another layout"))
    files = await export(month.database, month.settings, made.id, DATA, tmp_path)
    assert [bool(each.differs) for each in files] == [False, False, True]


async def test_a_report_is_signed_once(month: Month, tmp_path: Path) -> None:
    sign_with(month, tmp_path)
    made = await month.close()
    pdf = Order(("pdf",))
    first = await written(month, made.id, pdf, tmp_path / "a")
    assert list(first) == ["congvu-2026-03-v1-vi-signed.pdf"]
    assert b"/ETSI.CAdES.detached" in first["congvu-2026-03-v1-vi-signed.pdf"]
    assert await written(month, made.id, pdf, tmp_path / "b") == first
    month.change("report_signing", key_file=None)
    unsigned = await written(month, made.id, pdf, tmp_path / "c")
    assert list(unsigned) == ["congvu-2026-03-v1-vi.pdf"]


async def test_what_is_provisional_is_marked_unsigned_and_not_remembered(
    month: Month, tmp_path: Path
) -> None:
    sign_with(month, tmp_path)
    pdf = Order(("pdf",))
    async with (
        month.database.connection() as connection,
        closing.provisional(connection, month.settings, month.plan, MARCH, month.clock) as number,
    ):
        files: Sequence[Written] = [
            each async for each in exported(connection, month.settings, number, pdf, tmp_path / "a")
        ]
    assert [each.path.name for each in files] == ["congvu-2026-03-provisional-vi.pdf"]
    assert await rows(month, "report_file") == 0
    assert await rows(month, "closing") == 0


async def rows(month: Month, table: str) -> Any:
    async with month.database.connection() as connection:
        return await connection.fetchval(f"SELECT count(*) FROM {table}")


async def test_each_agency_has_a_sheet_with_nothing_of_another(
    month: Month, tmp_path: Path
) -> None:
    made = await month.close()
    order = Order(("json",), sheets=True)
    files = await written(month, made.id, order, tmp_path)
    assert sorted(files) == [
        f"{SHEETS}/congvu-2026-03-v1-so-hai-vi.json",
        f"{SHEETS}/congvu-2026-03-v1-so-mot-vi.json",
        f"{SHEETS}/congvu-2026-03-v1-xa-mot-vi.json",
        "congvu-2026-03-v1-vi.json",
    ]
    own = files[f"{SHEETS}/congvu-2026-03-v1-so-mot-vi.json"].decode()
    assert "Sở Một" in own
    for other in ("Sở Hai", "so-hai", "Xã Một", "xa-mot"):
        assert other not in own


async def test_names_of_people_go_into_a_file_of_their_own_that_nobody_remembers(
    month: Month, tmp_path: Path
) -> None:
    made = await month.close()
    order = Order(("csv",), agency="so-mot", names={uuid4(): ("ai@tinh.gov.vn", "Về việc")})
    files = await written(month, made.id, order, tmp_path)
    assert sorted(files) == [
        "congvu-2026-03-v1-so-mot-vi-names-long.csv",
        "congvu-2026-03-v1-so-mot-vi-names-wide.csv",
    ]
    assert await rows(month, "report_file") == 0


async def test_an_agency_that_was_not_there_has_no_report(month: Month, tmp_path: Path) -> None:
    made = await month.close()
    with pytest.raises(UserError, match="2026-03: no agency so-ba was in force in it"):
        await export(
            month.database, month.settings, made.id, Order(("json",), agency="so-ba"), tmp_path
        )
    assert not list(tmp_path.glob("*.json"))


async def test_a_fault_leaves_what_is_there_and_no_half_of_anything(
    month: Month, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    made = await month.close()

    def broken(_report: object, out: Any) -> None:
        out.write(b"half")
        raise MemoryError

    monkeypatch.setattr(json_file, "write", broken)
    with pytest.raises(MemoryError):
        await export(month.database, month.settings, made.id, DATA, tmp_path / "a")
    assert sorted(each.name for each in (tmp_path / "a").iterdir()) == [
        "congvu-2026-03-v1-vi-long.csv", "congvu-2026-03-v1-vi-wide.csv",
    ]  # fmt: skip


async def reachable(month: Month, server: Server) -> Settings:
    """Its settings, as another process finds its database by."""
    async with month.database.connection() as connection:
        name = await connection.fetchval("SELECT current_database()")
    dsn = DatabaseSettings.model_validate({"dsn": server.dsn(name)})
    return month.settings.model_copy(update={"database": dsn})


async def test_what_a_daemon_has_written_is_signed_and_signed_once(
    month: Month, postgres_server: Server, tmp_path: Path
) -> None:
    sign_with(month, tmp_path)
    made = await month.close()
    settings = await reachable(month, postgres_server)
    (apart,) = await export_apart(settings, made.id, Order(("pdf",)), tmp_path / "a")
    assert apart.path.name == "congvu-2026-03-v1-vi-signed.pdf"
    octets = apart.path.read_bytes()
    assert b"/ETSI.CAdES.detached" in octets
    assert list((await written(month, made.id, Order(("pdf",)), tmp_path / "b")).values()) == [
        octets
    ]


async def test_a_daemon_has_them_written_by_a_process_of_its_own(
    month: Month, postgres_server: Server, tmp_path: Path
) -> None:
    made = await month.close()
    settings = await reachable(month, postgres_server)
    apart = await export_apart(settings, made.id, DATA, tmp_path / "a")
    here = await export(month.database, month.settings, made.id, DATA, tmp_path / "b")
    assert [(each.path.name, each.sha256, each.differs) for each in apart] == [
        (each.path.name, each.sha256, "") for each in here
    ]
    with pytest.raises(UserError, match="no agency so-ba"):
        await export_apart(settings, made.id, Order(("json",), agency="so-ba"), tmp_path)
