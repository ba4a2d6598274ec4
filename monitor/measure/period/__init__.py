"""Everything that a report of a period says, collected from the facts."""
