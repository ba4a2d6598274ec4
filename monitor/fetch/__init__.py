"""Revocation data over HTTP, where this machine may: fetched by a process that can do little else.

Off by default (`[fetch]`). What comes back enters the watched folder only if a CA of the local
store signed it, and never in place of something newer (docs/decisions/0013-trust-store.md).
"""
