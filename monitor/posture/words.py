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

    # mx_gateway, mx_resolves
    MX_ELSEWHERE = "mx_elsewhere"
    MX_IMPLICIT = "mx_implicit"
    """No MX, and the address that the mail goes to for that is not the gateway's."""
    MX_NONE = "mx_none"
    """Neither MX nor address, and no null MX that would say that this is meant."""
    MX_NULL_AMONG = "mx_null_among"
    MX_TOO_MANY = "mx_too_many"
    MX_LITERAL = "mx_literal"
    MX_DANGLING = "mx_dangling"
    MX_ALIAS = "mx_alias"
    MX_UNREACHABLE = "mx_unreachable"

    # dnssec
    NOT_VALIDATING = "not_validating"
    DNSSEC_BOGUS = "dnssec_bogus"
    DNSSEC_UNSIGNED = "dnssec_unsigned"
    DNSSEC_NO_DS = "dnssec_no_ds"
    DNSSEC_PARENT_UNSIGNED = "dnssec_parent_unsigned"
    DNSSEC_NOT_FOLLOWED = "dnssec_not_followed"
    """A DS is there, and still the resolver does not vouch for the zone (RFC 4035 5.2)."""

    # names_resolve
    ALIAS_DANGLING = "alias_dangling"
    ALIAS_LOOP = "alias_loop"
