"""Who is who: the effective-dated registry of agencies, and whose an item is."""

from monitor.agencies.agency import Agency
from monitor.agencies.attribution import attribute
from monitor.agencies.registry import Registry
from monitor.agencies.view import View

__all__ = ["Agency", "Registry", "View", "attribute"]
