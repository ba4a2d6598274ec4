"""Dashboards as code: `python -m grafana` writes the JSON that Grafana provisions.

What a panel asks for stands in docs/indicators.md and docs/metrics.md; words are Vietnamese.
"""
