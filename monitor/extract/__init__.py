"""Extracting: bytes of mails and archives to facts and documents; runs inside the children."""
