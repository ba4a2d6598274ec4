"""Where a spool is and what it works with: the same for all its parts."""

from dataclasses import dataclass
from pathlib import Path

from monitor.clock import Clock
from monitor.observe import Observer
from monitor.settings import SpoolSettings
from monitor.spool.files import Files


@dataclass(frozen=True, slots=True)
class Site:
    """One spool's directory, bounds and means."""

    directory: Path
    settings: SpoolSettings
    observer: Observer
    files: Files
    clock: Clock

    @property
    def segments(self) -> Path:
        """Folder of the segment files and their side files."""
        return self.directory / "segments"

    @property
    def quarantine(self) -> Path:
        """Folder of what was set aside."""
        return self.directory / "quarantine"

    @property
    def requeue(self) -> Path:
        """Folder from which the running spool takes items back."""
        return self.directory / "requeue"
