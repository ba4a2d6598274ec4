"""Lists of agencies into the registry file: read, recognised, compared, checked, written."""

from monitor.agencies.importing.difference import Added, Changed, Difference, Ended
from monitor.agencies.importing.listed import AgencyList, read_list
from monitor.agencies.importing.plan import Plan, Wish, plan
from monitor.agencies.importing.registry_file import RegistryFile

__all__ = [
    "Added",
    "AgencyList",
    "Changed",
    "Difference",
    "Ended",
    "Plan",
    "RegistryFile",
    "Wish",
    "plan",
    "read_list",
]
