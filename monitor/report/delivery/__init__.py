"""Reports that are handed on: what is due, the folder, mail by the office's relay."""

from monitor.report.delivery.delivering import Delivery, Export, Mailing, folder_of

__all__ = [
    "Delivery",
    "Export",
    "Mailing",
    "folder_of",
]
