"""Sampled verification: which items are verified, at which rate, and who changes the rate.

Capture, extraction and counting run for every item, so denominators are exact (DESIGN "Census and
sample"; docs/sampling.md).
"""

from monitor.sampling.sampling import Sampling

__all__ = ["Sampling"]
