"""A report as PDF: A4 in the form of Nghị định 30/2020/NĐ-CP, Phụ lục I, archived as PDF/A-2u.

Laid out by typst from `typst/report.typ` with the font that is part of typst: the same report is
the same bytes wherever it is made (docs/decisions/0025-report-files.md).
"""

import functools
import json
from typing import BinaryIO, Final

import typst

from monitor.report.model import Report
from monitor.report.pdf.data import TEMPLATES, document, tagged

STANDARD: Final = "a-2u"
"""ISO 19005-2 at level U: B, and every letter can be searched and copied."""

KEPT: Final = 10
"""Compilations after which typst forgets what it has not used again."""


def write(report: Report, out: BinaryIO) -> None:
    """Write a report; blocking, so call it in a thread."""
    data = json.dumps(document(report), ensure_ascii=False)
    at = int(report.head.at.timestamp())
    out.write(compiled("report.typ", report=data, made_at=at, tagged=tagged(report)))


def compiled(template: str, *, made_at: int, tagged: bool, **inputs: str) -> bytes:
    """PDF/A of a template of ours; `made_at` is in Unix seconds."""
    made = typst.compile(
        TEMPLATES / template,
        root=TEMPLATES,
        font_paths=_fonts(),
        ignore_system_fonts=True,
        format="pdf",
        sys_inputs=inputs,
        pdf_standards=STANDARD,
        timestamp=made_at,
        pdf_tags=tagged,
    )
    if not isinstance(made, bytes):
        raise TypeError(f"typst gave {type(made).__name__} for {template}, not one file")
    _forget()
    return made


def _forget() -> None:
    """Let typst give up what it keeps of the last `KEPT` documents: 200 sheets took 1.3 GB."""
    for _ in range(KEPT + 1):
        typst.compile(b"", font_paths=_fonts(), ignore_system_fonts=True, format="pdf")


@functools.cache
def _fonts() -> typst.Fonts:
    return typst.Fonts(include_system_fonts=False, include_embedded_fonts=True, font_paths=[])
