"""Reports as PDF, typeset by typst."""

from monitor.report.pdf.writing import compiled, write

__all__ = [
    "compiled",
    "write",
]
