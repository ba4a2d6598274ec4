"""The rule of each check. A rule asks through `Names` and never raises for what it is told."""

from collections.abc import Awaitable, Callable, Mapping

from monitor.model import Check
from monitor.posture.model import CheckResult, Official
from monitor.posture.names import Names

Rule = Callable[[Names, str, Official], Awaitable[CheckResult]]
"""Given whom to ask, the domain (lower case A-labels) and what is official."""

CHECKS: Mapping[Check, Rule] = {}
"""In the order of `Check`."""
