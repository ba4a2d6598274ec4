"""Where the corpus of real signed files is, if it is at hand.

`CONGVU_CORPUS` names its folder; else `../shared/corpus` beside the checkout is taken. Corpus
files belong to their owners: they are read in place and never copied into this repository.
"""

import os
from pathlib import Path

import pytest


def _locate() -> Path | None:
    named = os.environ.get("CONGVU_CORPUS")
    beside = Path(__file__).resolve().parents[3] / "shared" / "corpus"
    folder = Path(named) if named else beside
    return folder if (folder / "manifest.tsv").is_file() else None


CORPUS: Path | None = _locate()
"""Folder with `manifest.tsv`, or None."""

with_corpus = pytest.mark.skipif(
    CORPUS is None, reason="the corpus is not at hand: set CONGVU_CORPUS to its folder"
)
"""Mark of a test that reads the corpus."""


def corpus() -> Path:
    """The corpus folder; for use inside a test marked `with_corpus`."""
    if CORPUS is None:
        pytest.skip("the corpus is not at hand: set CONGVU_CORPUS to its folder")
    return CORPUS
