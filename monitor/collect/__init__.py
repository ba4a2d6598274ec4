"""Intake: accept, make durable, answer; nothing is parsed deeper here than it must be."""

from monitor.collect.axis import AxisIntake
from monitor.collect.folder import FolderIntake
from monitor.collect.sink import Sink
from monitor.collect.smtp import MailIntake

__all__ = ["AxisIntake", "FolderIntake", "MailIntake", "Sink"]
