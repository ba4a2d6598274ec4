"""Pictures of the dashboards: `python -m grafana.preview` (see README.md). For developers alone.

Queries run here, in Python; the page that Chromium shows gets their results in one file and asks
the network for nothing.
"""
