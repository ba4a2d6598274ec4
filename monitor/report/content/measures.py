"""Figures as reports show them: both channels of the pair as one, few documents marked, changes.

Sums of closed figures of two channels are the only figures that a report makes by itself
(docs/decisions/0024-closed-periods.md); everything else is shown as it was closed.
"""

import math
from collections.abc import Sequence
from dataclasses import dataclass, replace

from monitor.measure.figures import STALE_ABOVE, WIDEST, Figure, State
from monitor.measure.indicators import CATALOGUE, PAIRED, Unit
from monitor.report.content.facts import PERIOD, Figures, Of
from monitor.report.model import Share

PAIR = "document_paired"
COUNTED_IN_DOCUMENTS = (Unit.DOCUMENTS, Unit.MESSAGES, Unit.SIGNATURES)
"""Units of which a few say nothing about a habit; officials of a roster are all there are."""


@dataclass(frozen=True, slots=True)
class Measured:
    """Numerator over denominator, of one channel or of several that were put together."""

    numerator: int
    denominator: int
    undecided: int
    ratio: float | None
    state: State
    low: float | None = None
    high: float | None = None
    process_low: float | None = None
    process_high: float | None = None
    checked: int | None = None
    sample_fraction: float = 1.0
    coverage: float | None = None

    @property
    def undecided_share(self) -> float | None:
        units = self.denominator + self.undecided
        return self.undecided / units if units else None

    @property
    def usable(self) -> bool:
        """It may be compared, ranked and assessed."""
        return self.state is State.OK and self.ratio is not None


NOTHING = Measured(0, 0, 0, None, State.NO_DATA)


def unseen(indicator: str, state: State) -> bool:
    """Whether a habit could not have been seen: the days, or those that were watched, are fewer
    than it takes. That nobody is found to have it then is no 0%.
    """
    return indicator == "accounts_habitual" and state is State.INSUFFICIENT


def measured(figure: Figure | None) -> Measured:
    if figure is None or unseen(figure.indicator, figure.state):
        return NOTHING
    return Measured(
        figure.numerator, figure.denominator, figure.undecided, figure.ratio, figure.state,
        figure.low, figure.high, figure.process_low, figure.process_high, figure.checked,
        figure.sample_fraction, figure.coverage,
    )  # fmt: skip


def paired(figures: Figures, of: Of, few: int, *, about: str = PERIOD, panel: str = "") -> Measured:
    """Complete pairs of the document system and the exchange axis together."""

    def make() -> Measured:
        found = (figures.get(PAIR, of, channel, about=about, panel=panel) for channel in PAIRED)
        return of_few(together([measured(each) for each in found]), PAIR, few)

    return figures.once((PAIR, of, few, about, panel), make)


def comparable(
    figures: Figures, of: Of, few: int, about: str, *, same_agencies: bool = False
) -> tuple[Measured, Measured]:
    """Complete pairs now and then, of the channels that have figures in both periods: one that was
    connected in between is no rise.
    """
    now, then = PERIOD, about
    panel = about if same_agencies else ""
    parts = [
        tuple(
            measured(figures.get(PAIR, of, channel, about=when, panel=panel))
            for when in (now, then)
        )
        for channel in PAIRED
    ]
    both = [pair for pair in parts if all(each.state is not State.NO_DATA for each in pair)]
    return (
        of_few(together([pair[0] for pair in both]), PAIR, few),
        of_few(together([pair[1] for pair in both]), PAIR, few),
    )


def single(
    figures: Figures, indicator: str, of: Of, few: int, channel: str = "mail", *,
    about: str = PERIOD, panel: str = "", role: str = "", base: str = "",
) -> Measured:  # fmt: skip
    """The figure of one channel."""
    figure = figures.get(indicator, of, channel, about=about, panel=panel, role=role, base=base)
    return of_few(measured(figure), indicator, few)


def of_few(given: Measured, indicator: str, few: int) -> Measured:
    """The same, marked `insufficient` where it counts fewer documents than the settings ask for."""
    counts = CATALOGUE[indicator].unit in COUNTED_IN_DOCUMENTS
    if counts and given.state is State.OK and given.denominator < few:
        return replace(given, state=State.INSUFFICIENT)
    return given


def together(parts: Sequence[Measured]) -> Measured:
    """Several channels as one. Intervals are of independent draws: distances add as squares."""
    known = [each for each in parts if each.state is not State.NO_DATA]
    if not known:
        return NOTHING
    if len(known) == 1:
        return known[0]
    weighed = [each for each in known if each.denominator and each.ratio is not None]
    units = sum(each.denominator for each in weighed)
    weights = [each.denominator / units for each in weighed]
    ratio = math.fsum(w * _or(each.ratio) for w, each in zip(weights, weighed, strict=True))
    low, high = _ends(
        ratio, [(w, _or(e.ratio), e.low, e.high) for w, e in _pairs(weights, weighed)]
    )
    wide = [(w, _or(e.ratio), e.process_low, e.process_high) for w, e in _pairs(weights, weighed)]
    process = _ends(ratio, wide)
    whole = Measured(
        sum(each.numerator for each in known), sum(each.denominator for each in known),
        sum(each.undecided for each in known), min(1.0, ratio) if weighed else None, State.OK,
        low, high, *process,
        checked=_sum([each.checked for each in known]),
        sample_fraction=_mean(known), coverage=_least([each.coverage for each in known]),
    )  # fmt: skip
    return replace(whole, state=_state(whole, known))


def change(now: Measured, before: Measured) -> float | None:
    """How much higher the share is, -1 to 1; None where one of them may not be used."""
    if now.ratio is None or before.ratio is None or not (now.usable and before.usable):
        return None
    return now.ratio - before.ratio


def share(given: Measured) -> Share:
    return Share(given.ratio, given.state, given.low, given.high)


def count(given: Measured, value: int) -> int | None:
    """A count of what has data; None, not 0, where nothing is known."""
    return None if given.state is State.NO_DATA else value


# -- putting together ------------------------------------------------------------------------------


def _pairs(weights: Sequence[float], weighed: Sequence[Measured]) -> list[tuple[float, Measured]]:
    return list(zip(weights, weighed, strict=True))


def _or(value: float | None) -> float:
    return 0.0 if value is None else value


Part = tuple[float, float, float | None, float | None]


def _ends(ratio: float, parts: Sequence[Part]) -> tuple[float | None, float | None]:
    """Of weight, share, low and high each; None where one has no interval."""
    if not parts or any(low is None or high is None for _, _, low, high in parts):
        return None, None
    below = math.fsum((w * (share - _or(low))) ** 2 for w, share, low, _ in parts)
    above = math.fsum((w * (_or(high) - share)) ** 2 for w, share, _, high in parts)
    return max(0.0, ratio - math.sqrt(below)), min(1.0, ratio + math.sqrt(above))


def _state(whole: Measured, parts: Sequence[Measured]) -> State:
    if all(each.state is parts[0].state for each in parts):
        return parts[0].state
    if whole.undecided_share is not None and whole.undecided_share > STALE_ABOVE:
        return State.STALE
    sampled = whole.low is not None and whole.high is not None and whole.low < whole.high
    if whole.ratio is None or (sampled and _or(whole.high) - _or(whole.low) > WIDEST):
        return State.INSUFFICIENT
    return State.OK


def _sum(values: Sequence[int | None]) -> int | None:
    known = [each for each in values if each is not None]
    return sum(known) if known else None


def _least(values: Sequence[float | None]) -> float | None:
    return min((each for each in values if each is not None), default=None)


def _mean(parts: Sequence[Measured]) -> float:
    """Share of the units that were verified, over all parts."""
    units = sum(each.denominator + each.undecided for each in parts)
    if not units:
        return 1.0
    return math.fsum(
        each.sample_fraction * (each.denominator + each.undecided) for each in parts
    ) / units  # fmt: skip
