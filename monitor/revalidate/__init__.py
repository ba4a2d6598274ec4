"""Re-validation: recorded verdicts are made again when what they rest on has changed.

Why and by which rules: docs/decisions/0011-revalidation.md.
"""

from monitor.revalidate.fingerprint import Fingerprints, fingerprints
from monitor.revalidate.revalidation import Progress, Revalidation

__all__ = ["Fingerprints", "Progress", "Revalidation", "fingerprints"]
