"""What the outside reads: `/metrics`, `/healthz`, `/readyz`. Nothing here writes a fact."""

from monitor.expose.http import HttpSurface
from monitor.expose.metrics import Metrics
from monitor.expose.readiness import Readiness

__all__ = ["HttpSurface", "Metrics", "Readiness"]
