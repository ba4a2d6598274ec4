"""Registers of document systems: reading their exports, and meeting the files they speak of."""
