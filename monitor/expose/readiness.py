"""Which parts of the daemon are ready, and what the others wait for."""

from monitor.model import Value


class PartState(Value):
    """One supervised part; `reason` is None when it is ready."""

    part: str
    reason: str | None = None


class Readiness:
    """The state of every part; a part that was never reported is not ready."""

    def __init__(self, parts: tuple[str, ...]) -> None:
        self._reasons: dict[str, str | None] = dict.fromkeys(parts, "starting")

    def ready(self, part: str) -> None:
        self._reasons[part] = None

    def waiting(self, part: str, reason: str) -> None:
        """Not ready, and why, in words for an operator (no personal data)."""
        self._reasons[part] = reason

    @property
    def is_ready(self) -> bool:
        return not any(self._reasons.values())

    def states(self) -> tuple[PartState, ...]:
        return tuple(PartState(part=p, reason=r) for p, r in self._reasons.items())
