"""People and official accounts: lists that are imported, and what they leave open."""
