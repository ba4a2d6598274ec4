"""Who is who: the effective-dated registry of agencies, and whose an item is."""

from monitor.agencies.agency import Agency
from monitor.agencies.attribution import attribute, reverse_path
from monitor.agencies.registry import Registry
from monitor.agencies.view import View

__all__ = ["Agency", "Registry", "View", "attribute", "reverse_path"]
