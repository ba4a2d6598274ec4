"""Coverage-guided fuzzing of every format, with oracles for what a verdict may say.

`python -m tests.fuzz --help` tells how to run it, docs/evidence-of-correctness.md what it found.
"""
