"""What the product says about itself: typed events, each a log line and a counter."""

from monitor.observe.events import Drop, Event, Level, Observer
from monitor.observe.log import configure_logging

__all__ = ["Drop", "Event", "Level", "Observer", "configure_logging"]
