"""The demo's register of documents sent reads without a problem, with live documents too."""

import csv
from datetime import UTC, date, datetime
from pathlib import Path

from monitor.agencies import Registry
from monitor.demo.agencies import BY_CODE, FOLDER_AGENCIES
from monitor.demo.axis import Dispatch
from monitor.demo.documents import DemoDocument, DocumentKind
from monitor.demo.province import registry_toml
from monitor.demo.register import DOUBLE, LOST, RegisterExport
from monitor.demo.sendings import ClaimedFile
from monitor.model import DocumentClass, PaperFlag
from monitor.record.register_rows import EntryRow
from monitor.register.profile import Profile
from monitor.register.reading import Listing, Understanding

TODAY = date(2026, 11, 22)
NOW = datetime(2026, 11, 22, 3, 0, tzinfo=UTC)
FINANCE = BY_CODE["hs-stc"]


def export_in(folder: Path) -> RegisterExport:
    (folder / "lists").mkdir(exist_ok=True)
    return RegisterExport(folder, 1, TODAY)


def entries(export: RegisterExport, folder: Path) -> list[EntryRow]:
    export.write()
    (folder / "agencies.toml").write_text(registry_toml(), encoding="utf-8")
    registry = Registry.load(folder / "agencies.toml")
    listing = Listing([export.path], registry, Understanding("out", Profile(confirmed=True), TODAY))
    found = list(listing.entries())
    assert listing.problems == []
    return found


def letter(number: int) -> DemoDocument:
    return DemoDocument(
        DocumentKind.PAIR, FINANCE, f"{number}.pdf", b"%PDF", number, FINANCE.notation,
        DocumentClass.FORMAL,
    )  # fmt: skip


def test_the_weeks_before_are_read_without_a_problem(tmp_path: Path) -> None:
    found = entries(export_in(tmp_path), tmp_path)
    assert {entry.agency for entry in found} == set(FOLDER_AGENCIES)
    assert {entry.paper for entry in found} == {"electronic", "parallel", "paper", None}
    assert max(entry.day for entry in found) < TODAY


def test_a_number_is_missing_and_one_is_double(tmp_path: Path) -> None:
    export = export_in(tmp_path)
    export.write()
    with export.path.open(encoding="utf-8-sig", newline="") as file:
        codes = [
            row["Số, ký hiệu"]
            for row in csv.DictReader(file, delimiter=";")
            if row["Mã định danh"] == FINANCE.organ_codes[1]
        ]
    numbers = [int(code.partition("/")[0]) for code in codes]
    whole = set(range(min(numbers), max(numbers) + 1))
    assert {n % 100 for n in whole - set(numbers)} == {LOST, DOUBLE}
    assert {n % 100 for n in numbers if numbers.count(n) > 1} == {DOUBLE - 1}


def test_what_is_sent_live_is_in_the_next_export(tmp_path: Path) -> None:
    export = export_in(tmp_path)
    before = entries(export, tmp_path)
    export.filed(ClaimedFile(letter(301), FINANCE.code, NOW, PaperFlag.PARALLEL), "301.pdf")
    export.filed(ClaimedFile(letter(302), "hs-skhcn", NOW, PaperFlag.ELECTRONIC), "302.pdf")
    export.dispatched(Dispatch(letter(303), FINANCE, (BY_CODE["hs-vpub"],), NOW))
    live = entries(export, tmp_path)[len(before) :]
    assert [(each.agency, each.number_value, each.paper) for each in live] == [
        (FINANCE.code, 301, "parallel"),
        (FINANCE.code, 303, "electronic"),
    ]
    assert live[0].file_hashes == (bytes.fromhex(letter(301).content_hash),)
