"""What the daemon says of reports that it makes by itself."""

from dataclasses import dataclass
from typing import ClassVar

from monitor.observe import Event, Level


@dataclass(frozen=True)
class ReportClosed(Event):
    """A period is closed by the schedule (report.close): its figures stay as they are now."""

    period: str


@dataclass(frozen=True)
class ReportWritten(Event):
    """All files of a report are in the folder."""

    period: str
    version: int
    report: str
    """`province`, or `agency:` and its code."""
    files: int


@dataclass(frozen=True)
class ReportSent(Event):
    """The relay has taken over the mail with a report to one address."""

    period: str
    version: int
    report: str


@dataclass(frozen=True)
class ReportFailed(Event):
    """A report was not closed, written, signed or sent; it is tried again unless it is refused."""

    level: ClassVar[Level] = "error"
    stage: str
    period: str
    report: str
    why: str


@dataclass(frozen=True)
class ReportDiffers(Event):
    """A file is not what was handed out under its name by that version of congvu."""

    level: ClassVar[Level] = "warning"
    file: str
    program: str
