"""What reading a list costs: CSV of millions of rows, a workbook, beside csv and openpyxl alone.

    python -m bench.tables [--rows 2000000] [--workbook-rows 100000]

Eight columns, Vietnamese names, all mapped. Processor time of one core, and the most memory that a
process of its own took.
"""

import argparse
import csv
import multiprocessing
import resource
import tempfile
import time
from collections.abc import Callable, Iterable
from pathlib import Path

from openpyxl import Workbook, load_workbook

from monitor.tables import Field, read

HEADINGS = (
    "STT", "Mã cán bộ", "Họ và tên", "Cơ quan", "Thư điện tử", "Từ ngày", "Đến ngày", "Chức vụ",
)  # fmt: skip
FIELDS = tuple(
    Field(f"field_{n}", (heading,), required=heading == "Cơ quan", code=heading == "Mã cán bộ")
    for n, heading in enumerate(HEADINGS)
)


def _row(number: int) -> tuple[str, ...]:
    return (
        str(number), f"{number:08}", f"Nguyễn Văn Đức {number}", f"000.{number % 2000:04}.H53",
        f"u{number}@so{number % 2000}.tinh.gov.vn", "01/02/2020", "", "Chuyên viên",
    )  # fmt: skip


def _ours(path: Path) -> int:
    table = read(path, FIELDS)
    rows = sum(1 for _ in table.rows)
    if table.problems:
        raise SystemExit(str(table.problems[0]))
    return rows


def _csv_alone(path: Path) -> int:
    with path.open(encoding="utf-8", newline="") as file:
        return sum(1 for _ in csv.reader(file)) - 1


def _openpyxl_alone(path: Path) -> int:
    book = load_workbook(path, read_only=True)
    return sum(1 for _ in book.worksheets[0].iter_rows(values_only=True)) - 1


def _measured(reader: Callable[[Path], int], path: Path, rows: int) -> tuple[float, float]:
    """Seconds and MiB, in a process of its own."""
    context = multiprocessing.get_context("spawn")
    with context.Pool(1) as pool:
        seconds, mebibytes, found = pool.apply(_timed, (reader, path))
    if found != rows:
        raise SystemExit(f"{path.name}: {found} rows were read, {rows} are there")
    return seconds, mebibytes


def _timed(reader: Callable[[Path], int], path: Path) -> tuple[float, float, int]:
    began = time.process_time()
    found = reader(path)
    seconds = time.process_time() - began
    return seconds, resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024, found


def _write_csv(path: Path, rows: Iterable[tuple[str, ...]]) -> None:
    with path.open("w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file)
        writer.writerow(HEADINGS)
        writer.writerows(rows)


def _write_workbook(path: Path, rows: Iterable[tuple[str, ...]]) -> None:
    book = Workbook(write_only=True)
    sheet = book.create_sheet("Danh sách")
    sheet.append(HEADINGS)
    for row in rows:
        sheet.append(row)
    book.save(path)


def main() -> None:
    """Print one line a reader."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rows", type=int, default=2_000_000)
    parser.add_argument("--workbook-rows", type=int, default=100_000)
    given = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        text, book = Path(folder, "list.csv"), Path(folder, "list.xlsx")
        _write_csv(text, map(_row, range(given.rows)))
        _write_workbook(book, map(_row, range(given.workbook_rows)))
        for what, reader, path, rows in (
            ("CSV, mapped", _ours, text, given.rows),
            ("CSV, csv module alone", _csv_alone, text, given.rows),
            ("workbook, mapped", _ours, book, given.workbook_rows),
            ("workbook, openpyxl read-only alone", _openpyxl_alone, book, given.workbook_rows),
        ):
            seconds, mebibytes = _measured(reader, path, rows)
            print(
                f"{what:36} {rows:>9,} rows {seconds:6.1f} s {rows / seconds:>9,.0f} rows/s "
                f"{mebibytes:4.0f} MiB"
            )


if __name__ == "__main__":
    main()
