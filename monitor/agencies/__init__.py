"""Who is who: the effective-dated registry of agencies, and whose an item is."""

from monitor.agencies.agency import Agency
from monitor.agencies.attribution import attribute, mail_day, reverse_path
from monitor.agencies.freemail import freemail_uses, with_freemail
from monitor.agencies.freemail_list import FreemailList
from monitor.agencies.registry import Registry
from monitor.agencies.view import View

__all__ = [
    "Agency",
    "FreemailList",
    "Registry",
    "View",
    "attribute",
    "freemail_uses",
    "mail_day",
    "reverse_path",
    "with_freemail",
]
