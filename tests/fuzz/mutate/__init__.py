"""Changes that keep a file's structure readable enough for the code behind the parser."""

import random
from collections.abc import Callable, Sequence

Mutator = Callable[[bytes, random.Random, Sequence[bytes]], bytes]
"""`mutate(data, chance, others)`: a changed file; `others` are files to borrow pieces from."""
MAX_SIZE = 400_000
"""Bytes; a longer mutant is cut."""


def composed(data: bytes, chance: random.Random, others: Sequence[bytes], *ways: Mutator) -> bytes:
    """One to four changes, mostly one or two, each in a way drawn from `ways`."""
    for _ in range(chance.choice((1, 1, 1, 2, 2, 3, 4))):
        data = chance.choice(ways)(data, chance, others)[:MAX_SIZE]
    return data
