"""Whose things are, what is counted and how long it is kept."""

from datetime import date, time
from pathlib import Path
from typing import Annotated

from pydantic import Field, model_validator

from monitor.model import ActivityKind
from monitor.settings.kinds import Seconds, Section


class AgencySettings(Section):
    registry: Path | None = None
    """TOML file of agencies (docs/agencies.md)."""


class MeasureSettings(Section):
    interval_seconds: Seconds = 30
    accounts_interval_seconds: Seconds = 600
    """Between two looks at all accounts and their activity."""
    agency_series: Annotated[int, Field(ge=1)] = 500
    """Agencies up to which metrics give out all; above it groups, and agencies that are not ok."""
    targets: Path | None = None
    """TOML file of a plan's targets (docs/targets.md)."""
    dispatch_until: time = time(12)
    """Vietnam time of the next working day by which a signed document is to be sent: Quyết định
    28/2018 says "in the morning"."""
    receive_within_days: Annotated[int, Field(ge=1, le=60)] = 3
    """Working days after which a document that its receiver has not taken up is late."""


class AccountSettings(Section):
    """Who counts as active (docs/accounts.md). No decree defines it: each is printed in reports."""

    human: tuple[ActivityKind, ...] = (ActivityKind.SENT, ActivityKind.LOGIN)
    """Kinds that a person's own doing shows."""
    habitual_days: Annotated[int, Field(ge=1, le=31)] = 10
    """Working days of the window with human activity that make use habitual."""
    dormant_after_days: Annotated[int, Field(ge=1)] = 45
    never_logged_in_after_days: Annotated[int, Field(ge=1)] = 90
    """After its creation, an account without any login is to be locked."""
    system: tuple[str, ...] = (
        "postmaster@*", "mailer-daemon@*", "root@*", "abuse@*", "noreply@*", "no-reply@*",
        "galsync*@*", "spam.*@*", "ham.*@*", "virus-quarantine.*@*", "zimbra@*",
        "healthmailbox*@*", "systemmailbox*@*", "discoverysearchmailbox*@*", "migration.*@*",
    )  # fmt: skip
    """Patterns of addresses that nobody reads: in no figure."""
    leader_words: tuple[str, ...] = (
        "chủ tịch", "phó chủ tịch", "giám đốc", "phó giám đốc", "bí thư", "phó bí thư",
        "chánh văn phòng", "phó chánh văn phòng", "chánh thanh tra", "cục trưởng", "phó cục trưởng",
        "chi cục trưởng", "phó chi cục trưởng", "trưởng ban", "phó trưởng ban", "hiệu trưởng",
        "trưởng phòng", "phó trưởng phòng",
    )  # fmt: skip
    """What the post of a leader begins with, where a roster gives posts and no roles."""


class PrivacySettings(Section):
    """What is kept of people, and how long (docs/privacy.md). None keeps it."""

    keep_names: bool = False
    """Names of rosters, sealed; without it a person is a pseudonym."""
    activity_months: Annotated[int, Field(ge=6)] | None = 24
    gateway_months: Annotated[int, Field(ge=1)] | None = 6
    evidence_months: Annotated[int, Field(ge=6)] | None = None
    """Messages, documents and their evidence."""
    report_months: Annotated[int, Field(ge=1)] | None = None
    """Of closed periods: which documents failed, and which facts their figures were made of."""
    erase_after_days: Annotated[int, Field(ge=0)] | None = 90
    """After a person's employment ended."""


class CalendarSettings(Section):
    """Days off and working days beside the public holidays that come with the product."""

    free: tuple[date, ...] = ()
    worked: tuple[date, ...] = ()
    """Saturdays and Sundays worked in exchange."""
    hours: tuple[tuple[time, time], ...] = Field(
        ((time(7, 30), time(11, 30)), (time(13, 30), time(17))), min_length=1
    )
    """Stretches of a working day in which people are at work: alerts that can wait for them do."""

    @model_validator(mode="after")
    def _hours_in_order(self) -> "CalendarSettings":
        times = [each for stretch in self.hours for each in stretch]
        if times != sorted(set(times)):
            raise ValueError(
                "hours: each stretch is [from, to], and the next begins after it: "
                "[[07:30:00, 11:30:00], [13:30:00, 17:00:00]]"
            )
        return self

    @model_validator(mode="after")
    def _free_or_worked(self) -> "CalendarSettings":
        if both := sorted({*self.free} & {*self.worked}):
            raise ValueError(f"{both[0]} is both free and worked: leave it in one of them")
        return self
