"""Examining: what a child does with one item, from bytes to verdicts."""

from monitor.examine.examiner import Examiner

__all__ = ["Examiner"]
