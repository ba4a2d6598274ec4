"""One thing that `congvu doctor` looked at."""

from dataclasses import dataclass
from typing import Literal

Mark = Literal["ok", "look", "bad"]


@dataclass(frozen=True, slots=True)
class Observation:
    """One thing looked at; `advice` says what to do unless the mark is `ok`."""

    what: str
    mark: Mark
    seen: str
    advice: str = ""
