"""Documents that an agency publishes on its web portal, found as a polite visitor finds them.

A round is done by a process that can reach the portal's hosts and little else (`child`); it reads
robots.txt, sitemaps, feeds and pages and hands over each document whole. The daemon's side
(`crawler`) checks what it is told, remembers it between rounds and gives new documents to the
spool. Why it is built so: docs/decisions/0019-portals.md.
"""
