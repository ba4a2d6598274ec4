"""The demo province: a generated PKI, fictional agencies, and what they send."""
