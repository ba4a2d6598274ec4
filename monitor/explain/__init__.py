"""What a verdict means, in words: one sentence for a clerk, a report for who has to act on it.

The texts are data (`language/vi.toml`, `language/en.toml`); a translator needs no Python.

    sentence(verdict, Language.VI)   # "Hợp lệ: tệp PDF có chữ ký số của cơ quan «…» …"
    report(verdict, Language.VI)     # what is signed, by whom, when, what is wrong, what to do
"""

from monitor.explain.catalogue import Catalogue, catalogue, day, instant
from monitor.explain.page import Line, Page, Tone
from monitor.explain.report import explained, lines, report, to_do
from monitor.explain.sentence import sentence
from monitor.explain.untrusted import safe

__all__ = [
    "Catalogue",
    "Line",
    "Page",
    "Tone",
    "catalogue",
    "day",
    "explained",
    "instant",
    "lines",
    "report",
    "safe",
    "sentence",
    "to_do",
]
