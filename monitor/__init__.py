"""congvu: sees, proves and reports how far agencies use official e-mail and digital signatures."""

__version__ = "0.1.0"
