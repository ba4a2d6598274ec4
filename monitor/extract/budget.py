"""What may be unpacked from one item, and what comes out; names are labels, never paths."""

from dataclasses import dataclass, field

from monitor.model import Finding, Limits

_FREE_BYTES = 1024 * 1024
"""A small archive may compress as well as it likes."""


@dataclass(slots=True)
class Budget:
    """What may still be unpacked from one item."""

    limits: Limits
    entries: int = 0
    bytes: int = 0
    findings: set[Finding] = field(default_factory=set)

    def stop(self, finding: Finding) -> None:
        self.findings.add(finding)

    @property
    def bytes_left(self) -> int:
        return max(0, self.limits.archive_bytes - self.bytes)

    def bytes_of(self, size: int) -> int:
        """What an archive of this size may hold in all."""
        return max(_FREE_BYTES, size * self.limits.archive_ratio)

    def may_open(self) -> bool:
        """Whether one more file may be read, which is counted; if not, that is a finding."""
        if self.entries >= self.limits.archive_entries or self.bytes_left == 0:
            self.stop(Finding.ARCHIVE_LIMIT)
            return False
        self.entries += 1
        return True


@dataclass(frozen=True, slots=True)
class File:
    """One file of an archive, unpacked."""

    name: str
    data: bytes
