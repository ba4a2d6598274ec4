"""The command line: what there is to call. What each command does is in `monitor/commands/`."""

from monitor.cli.top import app, main

__all__ = ["app", "main"]
