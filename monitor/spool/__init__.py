"""The durable spool between intake and verification, and its quarantine."""

from monitor.spool.files import Files, OsFiles
from monitor.spool.quarantine import Quarantine, QuarantinedItem, QuarantineEntry
from monitor.spool.reader import ReadBounds, Spooled
from monitor.spool.spool import Spool, SpoolStats

__all__ = [
    "Files",
    "OsFiles",
    "Quarantine",
    "QuarantineEntry",
    "QuarantinedItem",
    "ReadBounds",
    "Spool",
    "SpoolStats",
    "Spooled",
]
