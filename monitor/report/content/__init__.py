"""What a report says: a closing, read into tables, sentences and charts."""

from monitor.report.content.reading import Shared, Wanted, read

__all__ = [
    "Shared",
    "Wanted",
    "read",
]
