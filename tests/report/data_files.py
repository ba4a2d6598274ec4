"""The files of a report that are data, in memory."""

import io
from collections.abc import Callable
from functools import partial
from typing import BinaryIO

from monitor.report.data import csv_file, json_file
from monitor.report.model import Report

FILES: dict[str, Callable[[Report, BinaryIO], None]] = {
    "long.csv": partial(csv_file.write_long, bom=True),
    "wide.csv": partial(csv_file.write_wide, bom=True),
    "wide-semicolon.csv": partial(
        csv_file.write_wide, bom=True, dialect=csv_file.Dialect.SEMICOLON
    ),
    "report.json": json_file.write,
}


def data_files(report: Report) -> dict[str, bytes]:
    """By the end of their names."""
    made = {}
    for name, write in FILES.items():
        out = io.BytesIO()
        write(report, out)
        made[name] = out.getvalue()
    return made
