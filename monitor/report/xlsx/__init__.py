"""Reports as Excel workbooks."""

from monitor.report.xlsx.writing import write

__all__ = [
    "write",
]
