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
        self._remarks: dict[str, str] = {}

    def ready(self, part: str) -> None:
        self._reasons[part] = None

    def waiting(self, part: str, reason: str) -> None:
        """Not ready, and why, in words for an operator (no personal data)."""
        self._reasons[part] = reason

    def remark(self, part: str, remark: str | None) -> None:
        """Something that an operator should mend and that keeps nothing else from working; None
        when it is mended.
        """
        self._remarks.pop(part, None)
        if remark:
            self._remarks[part] = remark

    @property
    def is_ready(self) -> bool:
        return not any(self._reasons.values())

    def parts(self) -> dict[str, bool]:
        """Which parts work."""
        return {part: reason is None for part, reason in self._reasons.items()}

    def states(self) -> tuple[PartState, ...]:
        states = {**self._reasons, **self._remarks}
        return tuple(PartState(part=p, reason=r) for p, r in states.items())
