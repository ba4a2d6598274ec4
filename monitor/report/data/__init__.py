"""Reports as data: CSV and JSON."""
