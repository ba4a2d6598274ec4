"""Lists that others keep: CSV and Excel files, their columns mapped to fields."""
