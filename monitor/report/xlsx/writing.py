"""A report as an Excel workbook: real numbers, a sheet a table, no cell that can be a formula.

In order: the cover with the summary, a sheet a table, the charts beside their own figures, all
figures in long form, the method. Each row goes to a temporary file at once: memory stays flat.
"""

import shutil
import tempfile
from pathlib import Path
from typing import BinaryIO

from monitor.report.model import Report
from monitor.report.xlsx.book import Book
from monitor.report.xlsx.charts import write_charts
from monitor.report.xlsx.cover import write_cover, write_method
from monitor.report.xlsx.figures import write_figures
from monitor.report.xlsx.pack import settle
from monitor.report.xlsx.table import write_table


def write(report: Report, out: BinaryIO) -> None:
    """The same bytes for the same report. Raises OSError without room for temporary files."""
    with tempfile.TemporaryDirectory(prefix="congvu-xlsx-") as folder:
        path = Path(folder) / "report.xlsx"
        book = Book(path, report.head)
        _sheets(book, report)
        book.close()
        settle(path)
        with path.open("rb") as file:
            shutil.copyfileobj(file, out, 1 << 20)


def _sheets(book: Book, report: Report) -> None:
    write_cover(book, report)
    tables = [each for each in report.tables if each.printed]
    for table in tables:
        write_table(book, table)
    write_charts(book, tables)
    write_figures(book, report)
    write_method(book, report.method)
