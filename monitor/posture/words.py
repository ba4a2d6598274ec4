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

    # spf_valid, spf_closed, spf_gateway
    SPF_WITHIN_LIMITS = "spf_within_limits"
    """It passes; the fact `lookups` says how many of ten are used."""
    SPF_MISSING = "spf_missing"
    SPF_SEVERAL = "spf_several"
    SPF_SYNTAX = "spf_syntax"
    """The fact `where` says in whose record, of this and the five that follow."""
    SPF_NO_TARGET = "spf_no_target"
    SPF_LOOP = "spf_loop"
    SPF_MX_HOSTS = "spf_mx_hosts"
    SPF_LOOKUPS = "spf_lookups"
    """The fact `heaviest` is the include that costs the most."""
    SPF_LOOKUPS_OWN = "spf_lookups_own"
    """None costs more than one: the domain's own record has too many terms."""
    SPF_VOIDS = "spf_voids"
    SPF_TOO_LONG = "spf_too_long"
    SPF_REFUSES = "spf_refuses"
    """It passes: `-all`."""
    SPF_SOFT = "spf_soft"
    """It passes: `~all`."""
    SPF_OPEN = "spf_open"
    """A term lets everybody pass."""
    SPF_WIDE = "spf_wide"
    SPF_NEUTRAL = "spf_neutral"
    SPF_UNENDED = "spf_unended"
    SPF_GATEWAY_PASSES = "spf_gateway_passes"
    SPF_GATEWAY_SAMPLED = "spf_gateway_sampled"
    """It passes, as far as some addresses of each network were tried."""
    SPF_GATEWAY_REFUSED = "spf_gateway_refused"

    # dkim_key
    DKIM_NONE = "dkim_none"
    """No selector is known, and nothing at all is published below `_domainkey`."""
    DKIM_MISSING = "dkim_missing"
    DKIM_REVOKED = "dkim_revoked"
    DKIM_BROKEN = "dkim_broken"
    """The fact `fault` is a word of `keys.KeyFault`, or `several`."""
    DKIM_SHORT = "dkim_short"
    DKIM_TESTING = "dkim_testing"
    DKIM_WEAK = "dkim_weak"
    """It passes: RSA of 1,024 bits and more, less than 2,048."""
    DKIM_ED25519_ONLY = "dkim_ed25519_only"
    """It passes, though many receivers know RSA alone."""

    # dmarc_valid, dmarc_policy, dmarc_reports
    DMARC_MISSING = "dmarc_missing"
    DMARC_INHERITED = "dmarc_inherited"
    """It passes by the record of its organisation."""
    DMARC_SEVERAL = "dmarc_several"
    DMARC_UNRECOGNISED = "dmarc_unrecognised"
    """What is there was meant for DMARC, and no receiver takes it for that."""
    DMARC_SYNTAX = "dmarc_syntax"
    DMARC_VALUE = "dmarc_value"
    DMARC_NO_POLICY = "dmarc_no_policy"
    DMARC_POLICY_NONE = "dmarc_policy_none"
    DMARC_TESTING = "dmarc_testing"
    DMARC_PARTIAL = "dmarc_partial"
    DMARC_BELOW_NONE = "dmarc_below_none"
    DMARC_REPORTS_NONE = "dmarc_reports_none"
    DMARC_REPORTS_SCHEME = "dmarc_reports_scheme"
    DMARC_REPORTS_UNAUTHORISED = "dmarc_reports_unauthorised"
    DMARC_REPORTS_HOST = "dmarc_reports_host"

    # mta_sts
    MTA_STS_RECORD = "mta_sts_record"
    """It passes; the policy on the web was not looked at."""
    MTA_STS_MISSING = "mta_sts_missing"
    MTA_STS_SEVERAL = "mta_sts_several"
    MTA_STS_SYNTAX = "mta_sts_syntax"
    MTA_STS_HOST = "mta_sts_host"

    # tls_rpt
    TLS_RPT_MISSING = "tls_rpt_missing"
    TLS_RPT_SEVERAL = "tls_rpt_several"
    TLS_RPT_SYNTAX = "tls_rpt_syntax"

    # gateways
    GATEWAY_NO_ADDRESS = "gateway_no_address"
    GATEWAY_UNREACHABLE = "gateway_unreachable"
    GATEWAY_SILENT = "gateway_silent"
    """It takes a connection and says nothing, or not all in time."""
    GATEWAY_REFUSED = "gateway_refused"
    GATEWAY_GARBLED = "gateway_garbled"
    """What it says is no SMTP."""
    GATEWAY_NO_STARTTLS = "gateway_no_starttls"
    GATEWAY_HANDSHAKE = "gateway_handshake"
    GATEWAY_INJECTED = "gateway_injected"
    """Plain text came after its agreement to TLS."""
    GATEWAY_EXPIRED = "gateway_expired"
    GATEWAY_NOT_YET_VALID = "gateway_not_yet_valid"
    GATEWAY_UNTRUSTED = "gateway_untrusted"
    GATEWAY_OTHER_NAME = "gateway_other_name"
    GATEWAY_ENDS_SOON = "gateway_ends_soon"
    """It passes: the certificate holds for some days yet."""
