"""What the nightly upkeep says about itself."""

from dataclasses import dataclass

from monitor.observe import Event


@dataclass(frozen=True)
class RetentionApplied(Event):
    """What was older than a privacy setting allows is removed; figures stay as they were."""

    what: str
    before: str
    rows: int


@dataclass(frozen=True)
class PeopleErased(Event):
    """People who left long enough ago, and the addresses that were theirs alone, have no names."""

    people: int
    addresses: int
    still_open: int
    """Addresses that stay until their account is closed."""
