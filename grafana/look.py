"""Colours and thresholds: safe for the colour-blind, and never the only carrier of a meaning.

The palette is that of Okabe and Ito (https://jfly.uni-koeln.de/color/). Wherever a colour says
something, a word or a number says it too.
"""

from collections.abc import Mapping

from grafana_foundation_sdk.models import dashboard as model

BLUE = "#0072B2"
ORANGE = "#E69F00"
GREEN = "#009E73"
SKY = "#56B4E9"
RED = "#D55E00"
PURPLE = "#CC79A7"
YELLOW = "#F0E442"
GREY = "#8E8E8E"


def fixed(colour: str) -> model.FieldColor:
    return model.FieldColor(mode=model.FieldColorModeId.FIXED, fixed_color=colour)


PALETTE = model.FieldColor(mode=model.FieldColorModeId.PALETTE_CLASSIC_BY_NAME)
"""A series keeps its colour whatever stands beside it."""
BY_THRESHOLD = model.FieldColor(mode=model.FieldColorModeId.THRESHOLDS)


def thresholds(first: str, *steps: tuple[float, str]) -> model.ThresholdsConfig:
    """`first` below all steps; each step is the value it begins at, and its colour."""
    return model.ThresholdsConfig(
        mode=model.ThresholdsMode.ABSOLUTE,
        steps=[
            model.Threshold(value=None, color=first),
            *(model.Threshold(value=value, color=colour) for value, colour in steps),
        ],
    )


PLAIN = thresholds(BLUE)
"""A share is neither good nor bad by itself: targets say what it should be."""


def alarming(at: float, worse: float | None = None) -> model.ThresholdsConfig:
    """Fine below `at`; a warning from there; bad from `worse`."""
    steps = [(at, ORANGE)] if worse is not None else [(at, RED)]
    return thresholds(BLUE, *steps, *([(worse, RED)] if worse is not None else []))


def nothing(text: str, colour: str) -> model.ValueMapping:
    """Words, calm ones, in place of a value that is not there."""
    return model.SpecialValueMap(
        options=model.DashboardSpecialValueMapOptions(
            match=model.SpecialValueMatch.NULL_AND_NAN,
            result=model.ValueMappingResult(text=text, color=colour),
        )
    )


def mapped(
    texts: Mapping[str, str], colours: Mapping[str, str] | None = None
) -> list[model.ValueMapping]:
    """Words in place of raw values."""
    colours = colours or {}
    return [
        model.ValueMap(
            options={
                value: model.ValueMappingResult(text=text, color=colours.get(value), index=index)
                for index, (value, text) in enumerate(texts.items())
            }
        )
    ]
