"""Why a check came to its result: a closed list, by check.

Each has a sentence and an advice in monitor/posture/language/{vi,en}.toml, for the domain's owner.
It grows with the checks; nothing in it is renamed once it was released.
"""

from enum import StrEnum


class Reason(StrEnum):
    """`UNANSWERED` and the other general ones may stand at any check."""

    FINE = "fine"
    UNANSWERED = "unanswered"
    """A question that decides it was not answered; the fact `why` says what became of it."""
    NOT_CONFIGURED = "not_configured"
    """The settings do not say what is official."""
    NO_MAIL = "no_mail"
    """The domain says that it takes and sends no mail."""
    NO_DOMAIN = "no_domain"
    """The domain is not there."""
    FAULT = "fault"
    """The check itself failed: a fault of the product, to be reported; facts `error` and `at`."""
