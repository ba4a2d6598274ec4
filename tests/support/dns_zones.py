"""Mail domains as they are met: in order, broken, hostile; and what each check makes of them.

    with World(RECORDS, AUTHORITIES) as world: ...

Every domain starts as a good one and differs where its case says so, in its records and in what is
expected of the checks. The gateway is of `cong.example`.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field

from monitor.model import Check, CheckStatus
from monitor.posture.model import Official
from monitor.posture.words import Reason
from tests.support.dns_world import Authority, Records, Served, Signing

OFFICIAL = Official(
    gateway_hosts=("mx1.cong.example", "mx2.cong.example"),
    gateway_networks=("203.0.113.0/28", "2001:db8:c::/48"),
    selectors=("cong",),
    validating=True,
)
RSA_2048 = (
    "MIIBIjANBgkqhkiG9w0BAQEFAAOCAQ8AMIIBCgKCAQEAq+ewUyWpfGZNJieNsDA+p7joaRu1ymT3/tYG+bUyGlP7UG+bPpig"
    "xejq9Lha2FvrxVea76gH1e/zZhWk7gXaJKLyPCF5FDvNA0o9qOlugz7h+0CVGWQ3qxQXd7HFafbmSbdGyalVhShpyQ3E8dYx"
    "OaTTS4BOVO6txB71hNTG8HyAAj07OsYG/CvjkYNF7/xtz/9kiwl7RTWef62yXjRP8uxA0j7e5J6Nb82B4T2KddMQcym4SmZc"
    "91ATyDtEgCfpXMLA1jZiGLdsLr0/ZGV20uHWw1SoGXgZlFkk69BgLxT3mrlMR2RJhbBYETI0jWUZvvGc6szA3ZefGlQeT+Zl"
    "zwIDAQAB"
)
RSA_1024 = (
    "MIGfMA0GCSqGSIb3DQEBAQUAA4GNADCBiQKBgQCxfqitkZlcboqrDqS5wE4AO4OfBkCiTQ7TAdqUZKmi1dFvq8crvCD6ZoXd"
    "csHLhX1vTWmVMEKD+SBzGOJdq+PNbuusBEgslZxwxm7zmbPJhD7ePvA9er9OUWztR1r+psJme0y1lbfZm8WKBHQGKBQkcXzj"
    "Eh0s+G4WXNs9IewbyQIDAQAB"
)
RSA_512 = (
    "MFwwDQYJKoZIhvcNAQEBBQADSwAwSAJBAMTpBrW4HhWruMMaEnSEQOou+PdNke6mHD99VsVVQfOUv/CbjUA4RZsw3mKfc86N"
    "EZTWaKZdIBIu/7OVcb8Aui8CAwEAAQ=="
)
ED25519 = "kiv3hpDQG5lpMBCA6jA1Gq5GUoLETMPVucbbYt1LG90="

P, F, N, U = CheckStatus.PASS, CheckStatus.FAIL, CheckStatus.NOT_APPLICABLE, CheckStatus.UNKNOWN
Outcome = tuple[CheckStatus, Reason]
Expected = Mapping[Check, Outcome]
Changes = Mapping[str, Mapping[str, Sequence[str]] | None]
"""By label below the domain, "" for itself; None takes a name of the good domain away."""

GOOD: Expected = {
    **dict.fromkeys(Check, (P, Reason.FINE)),
    Check.SPF_VALID: (P, Reason.SPF_WITHIN_LIMITS),
    Check.SPF_CLOSED: (P, Reason.SPF_REFUSES),
    Check.SPF_GATEWAY: (P, Reason.SPF_GATEWAY_PASSES),
    Check.MTA_STS: (P, Reason.MTA_STS_RECORD),
}


@dataclass(frozen=True)
class Case:
    """A domain and in what its checks differ from those of a good one."""

    name: str
    changes: Changes = field(default_factory=dict)
    expected: Expected = field(default_factory=dict)
    signing: Signing = Signing.GOOD
    served: Served = Served.WELL
    own_zone: bool = True

    @property
    def domain(self) -> str:
        return f"{self.name}.gov.example"

    @property
    def outcomes(self) -> dict[Check, Outcome]:
        """What is expected of every check."""
        return {check: self.expected.get(check, GOOD[check]) for check in Check}

    @property
    def records(self) -> dict[str, Mapping[str, Sequence[str]]]:
        """By absolute name."""
        whole = {**good(self.domain), **self.changes}
        return {
            f"{label}.{self.domain}" if label else self.domain: kinds
            for label, kinds in whole.items()
            if kinds is not None
        }


def good(domain: str) -> dict[str, Mapping[str, Sequence[str]]]:
    """What a domain with everything in order publishes, by label."""
    return {
        "": {
            "MX": ["10 mx1.cong.example.", "20 mx2.cong.example."],
            "TXT": ["v=spf1 include:_spf.cong.example -all"],
        },
        "cong._domainkey": {"TXT": [f"v=DKIM1; k=rsa; p={RSA_2048}"]},
        "_dmarc": {"TXT": [f"v=DMARC1; p=reject; rua=mailto:dmarc@{domain}"]},
        "_mta-sts": {"TXT": ["v=STSv1; id=20260101T000000"]},
        "mta-sts": {"A": ["203.0.113.9"]},
        "_smtp._tls": {"TXT": ["v=TLSRPTv1; rua=mailto:tls@cong.example"]},
        "www": {"CNAME": ["web.cong.example."]},
    }


def unknown(*decided: Check) -> dict[Check, Outcome]:
    """Nothing could be asked, except for these."""
    return {check: (U, Reason.UNANSWERED) for check in Check if check not in decided}


def _mail(*exchanges: str, spf: str = "v=spf1 include:_spf.cong.example -all") -> Changes:
    return {"": {"MX": exchanges, "TXT": [spf]}}


def _spf(*texts: str) -> Changes:
    return {"": {"MX": ["10 mx1.cong.example."], "TXT": texts}}


def _spf_outcomes(reason: Reason) -> dict[Check, Outcome]:
    """No record that receivers go by: the first check says why."""
    return {
        Check.SPF_VALID: (F, reason),
        Check.SPF_CLOSED: (F, Reason.SPF_UNUSABLE),
        Check.SPF_GATEWAY: (F, Reason.SPF_UNUSABLE),
    }


_SPF_UNKNOWN = dict.fromkeys(
    (Check.SPF_VALID, Check.SPF_CLOSED, Check.SPF_GATEWAY), (U, Reason.UNANSWERED)
)


def _key(text: str) -> Changes:
    return {"cong._domainkey": {"TXT": [text]}}


def _dmarc(*texts: str) -> Changes:
    return {"_dmarc": {"TXT": texts}}


_NO_REPORTS = (F, Reason.DMARC_REPORTS_HOST)
"""They go to the domain itself, which takes no mail."""
_BOGUS = {**unknown(), Check.DNSSEC: (F, Reason.DNSSEC_BOGUS)}

CASES: tuple[Case, ...] = (
    Case("tot"),
    # DNSSEC
    Case("unsigned", {}, {Check.DNSSEC: (F, Reason.DNSSEC_UNSIGNED)}, Signing.NONE),
    Case("no-ds", {}, {Check.DNSSEC: (F, Reason.DNSSEC_NO_DS)}, Signing.NO_DS),
    Case("signed.unsigned", {}, {Check.DNSSEC: (F, Reason.DNSSEC_PARENT_UNSIGNED)}, Signing.NO_DS),
    Case(
        "algorithm",
        {},
        {Check.DNSSEC: (F, Reason.DNSSEC_NOT_FOLLOWED)},
        Signing.UNKNOWN_ALGORITHM,
    ),
    Case("wrong-ds", {}, _BOGUS, Signing.WRONG_DS),
    Case("expired", {}, _BOGUS, Signing.EXPIRED),
    Case(
        "broken",
        {},
        {**_BOGUS, **{check: GOOD[check] for check in (Check.MX_GATEWAY, Check.MX_RESOLVES)}},
        Signing.BROKEN,
    ),
    Case("xa.tot", own_zone=False),
    Case("xa.unsigned", {}, {Check.DNSSEC: (F, Reason.DNSSEC_UNSIGNED)}, own_zone=False),
    # nobody answers
    Case("lame", {}, unknown(), Signing.NONE, Served.LAME),
    Case("servfail", {}, unknown(), Signing.NONE, Served.SERVFAIL),
    Case("silent", {}, unknown(), Signing.NONE, Served.SILENT),
    Case("referring", {}, unknown(), Signing.NONE, Served.REFERRING),
    # where mail goes
    Case(
        "elsewhere",
        _mail("10 mx1.cong.example.", "20 mx.hosting.example."),
        {Check.MX_GATEWAY: (F, Reason.MX_ELSEWHERE)},
    ),
    Case("by-address", _mail("10 another.cong.example.")),
    Case(
        "homograph",
        _mail("10 xn--mx1-5cd.cong.example."),
        {Check.MX_GATEWAY: (F, Reason.MX_ELSEWHERE)},
    ),
    Case("xn--tnh-dma3m.homograph"),
    Case(
        "implicit",
        {"": {"A": ["198.51.100.80"], "TXT": ["v=spf1 include:_spf.cong.example -all"]}},
        {Check.MX_GATEWAY: (F, Reason.MX_IMPLICIT)},
    ),
    Case(
        "no-mx",
        {"": {"TXT": ["v=spf1 include:_spf.cong.example -all"]}},
        {
            Check.MX_GATEWAY: (F, Reason.MX_NONE),
            Check.MX_RESOLVES: (F, Reason.MX_NONE),
            Check.DMARC_REPORTS: _NO_REPORTS,
        },
    ),
    Case(
        "many",
        _mail(*(f"10 x{n}.hosting.example." for n in range(200))),
        {
            Check.MX_GATEWAY: (F, Reason.MX_ELSEWHERE),
            Check.MX_RESOLVES: (F, Reason.MX_DANGLING),
            Check.DMARC_REPORTS: _NO_REPORTS,
        },
    ),
    Case(
        "many-gateways",
        _mail(*(f"10 g{n}.gateways.cong.example." for n in range(200))),
        dict.fromkeys((Check.MX_GATEWAY, Check.MX_RESOLVES), (F, Reason.MX_TOO_MANY)),
    ),
    Case(
        "mx-alias",
        _mail("10 mx1.cong.example.", "20 alias.cong.example."),
        {Check.MX_RESOLVES: (F, Reason.MX_ALIAS)},
    ),
    Case(
        "mx-gone",
        _mail("10 mx1.cong.example.", "20 gone.cong.example."),
        {Check.MX_GATEWAY: (F, Reason.MX_ELSEWHERE), Check.MX_RESOLVES: (F, Reason.MX_DANGLING)},
    ),
    Case(
        "mx-literal",
        _mail("10 203.0.113.5."),
        {
            Check.MX_GATEWAY: (F, Reason.MX_ELSEWHERE),
            Check.MX_RESOLVES: (F, Reason.MX_LITERAL),
            Check.DMARC_REPORTS: _NO_REPORTS,
        },
    ),
    Case(
        "mx-inside",
        _mail("10 mx1.cong.example.", "20 inside.hosting.example."),
        {Check.MX_GATEWAY: (F, Reason.MX_ELSEWHERE), Check.MX_RESOLVES: (F, Reason.MX_UNREACHABLE)},
    ),
    Case(
        "mx-silent",
        _mail("10 mx1.cong.example.", "20 mx.silent.gov.example."),
        {
            Check.MX_GATEWAY: (U, Reason.UNANSWERED),
            Check.MX_RESOLVES: (U, Reason.UNANSWERED),
        },
    ),
    Case(
        "null-mx",
        {
            "": {"MX": ["0 ."], "TXT": ["v=spf1 -all"]},
            "cong._domainkey": None,
            "_dmarc": {"TXT": ["v=DMARC1; p=reject"]},
        },
        {
            Check.MX_GATEWAY: (N, Reason.NO_MAIL),
            Check.MX_RESOLVES: (N, Reason.NO_MAIL),
            Check.SPF_GATEWAY: (N, Reason.NO_MAIL),
            Check.DKIM_KEY: (N, Reason.NO_MAIL),
            Check.DMARC_REPORTS: (N, Reason.NO_MAIL),
            Check.MTA_STS: (N, Reason.NO_MAIL),
            Check.TLS_RPT: (N, Reason.NO_MAIL),
        },
    ),
    # SPF
    Case("spf-none", _spf(), _spf_outcomes(Reason.SPF_MISSING)),
    Case(
        "spf-two",
        _spf("v=spf1 include:_spf.cong.example -all", "v=spf1 ~all"),
        _spf_outcomes(Reason.SPF_SEVERAL),
    ),
    Case(
        "spf-eleven",
        _spf("v=spf1 include:ten.hosting.example include:_spf.cong.example -all"),
        _spf_outcomes(Reason.SPF_LOOKUPS),
    ),
    Case(
        "spf-voids",
        _spf("v=spf1 a:v1.gone.example a:v2.gone.example a:v3.gone.example -all"),
        _spf_outcomes(Reason.SPF_VOIDS),
    ),
    Case(
        "spf-circle",
        _spf("v=spf1 include:spf-circle.gov.example -all"),
        _spf_outcomes(Reason.SPF_LOOP),
    ),
    Case("spf-all", _spf("v=spf1 +all"), {Check.SPF_CLOSED: (F, Reason.SPF_OPEN)}),
    Case(
        "spf-soft",
        _spf("v=spf1 include:_spf.cong.example ~all"),
        {Check.SPF_CLOSED: (P, Reason.SPF_SOFT)},
    ),
    Case(
        "spf-neutral",
        _spf("v=spf1 include:_spf.cong.example ?all"),
        {Check.SPF_CLOSED: (F, Reason.SPF_NEUTRAL)},
    ),
    Case(
        "spf-refused",
        _spf("v=spf1 ip4:198.51.100.0/24 -all"),
        {Check.SPF_GATEWAY: (F, Reason.SPF_GATEWAY_REFUSED)},
    ),
    Case("spf-syntax", _spf("v=spf1 ip4:203.0.113.0/33 -all"), _spf_outcomes(Reason.SPF_SYNTAX)),
    Case("spf-silent", _spf("v=spf1 include:spf.silent.gov.example -all"), _SPF_UNKNOWN),
    Case("spf-64k", _spf("v=spf1 include:_spf.cong.example -all", "x" * 64_000), {}),
    # keys
    Case("key-1024", _key(f"v=DKIM1; p={RSA_1024}"), {Check.DKIM_KEY: (P, Reason.DKIM_WEAK)}),
    Case("key-512", _key(f"v=DKIM1; p={RSA_512}"), {Check.DKIM_KEY: (F, Reason.DKIM_SHORT)}),
    Case("key-revoked", _key("v=DKIM1; p="), {Check.DKIM_KEY: (F, Reason.DKIM_REVOKED)}),
    Case(
        "key-test",
        _key(f"v=DKIM1; t=y; p={RSA_2048}"),
        {Check.DKIM_KEY: (F, Reason.DKIM_TESTING)},
    ),
    Case(
        "key-ed25519",
        _key(f"v=DKIM1; k=ed25519; p={ED25519}"),
        {Check.DKIM_KEY: (P, Reason.DKIM_ED25519_ONLY)},
    ),
    Case("key-missing", {"cong._domainkey": None}, {Check.DKIM_KEY: (F, Reason.DKIM_MISSING)}),
    Case(
        "key-alias-gone",
        {"cong._domainkey": {"CNAME": ["cong._domainkey.gone.example."]}},
        {
            Check.DKIM_KEY: (F, Reason.DKIM_MISSING),
            Check.NAMES_RESOLVE: (F, Reason.ALIAS_DANGLING),
        },
    ),
    Case("key-alias", {"cong._domainkey": {"CNAME": ["cong._domainkey.cong.example."]}}),
    # DMARC
    Case(
        "dmarc-none",
        _dmarc("v=DMARC1; p=none; rua=mailto:x@dmarc-none.gov.example"),
        {Check.DMARC_POLICY: (F, Reason.DMARC_POLICY_NONE)},
    ),
    Case(
        "dmarc-below",
        _dmarc("v=DMARC1; p=reject; sp=none; rua=mailto:x@dmarc-below.gov.example"),
        {Check.DMARC_POLICY: (F, Reason.DMARC_BELOW_NONE)},
    ),
    Case(
        "dmarc-two",
        _dmarc("v=DMARC1; p=reject", "v=DMARC1; p=none"),
        {
            Check.DMARC_VALID: (F, Reason.DMARC_SEVERAL),
            Check.DMARC_POLICY: (F, Reason.DMARC_SEVERAL),
            Check.DMARC_REPORTS: (F, Reason.DMARC_REPORTS_NONE),
        },
    ),
    Case("phong.tot", {"_dmarc": None}, {Check.DMARC_VALID: (P, Reason.DMARC_INHERITED)}),
    Case("dmarc-outside", _dmarc("v=DMARC1; p=reject; rua=mailto:x@cong.example")),
    Case(
        "dmarc-unasked",
        _dmarc("v=DMARC1; p=reject; rua=mailto:x@hosting.example"),
        {Check.DMARC_REPORTS: (F, Reason.DMARC_REPORTS_UNAUTHORISED)},
    ),
    # TLS
    Case("sts-missing", {"_mta-sts": None}, {Check.MTA_STS: (F, Reason.MTA_STS_MISSING)}),
    Case(
        "sts-syntax",
        {"_mta-sts": {"TXT": ["v=STSv1; id=?"]}},
        {Check.MTA_STS: (F, Reason.MTA_STS_SYNTAX)},
    ),
    Case("sts-host", {"mta-sts": None}, {Check.MTA_STS: (F, Reason.MTA_STS_HOST)}),
    Case("tls-missing", {"_smtp._tls": None}, {Check.TLS_RPT: (F, Reason.TLS_RPT_MISSING)}),
    Case(
        "tls-syntax",
        {"_smtp._tls": {"TXT": ["v=TLSRPTv1; rua=none"]}},
        {Check.TLS_RPT: (F, Reason.TLS_RPT_SYNTAX)},
    ),
    # aliases
    Case(
        "alias-gone",
        {"www": {"CNAME": ["site.cloud.gone.example."]}},
        {Check.NAMES_RESOLVE: (F, Reason.ALIAS_DANGLING)},
    ),
    Case(
        "alias-circle",
        {
            "www": {"CNAME": ["a.alias-circle.gov.example."]},
            "a": {"CNAME": ["www.alias-circle.gov.example."]},
        },
        {Check.NAMES_RESOLVE: (F, Reason.ALIAS_LOOP)},
    ),
    # signs that a terminal or a page would take for its own
    Case(
        "hostile",
        {
            "": {
                "MX": ["10 mx1.cong.example.", "20 \\027c.hosting.example."],
                "TXT": ["v=spf1 include:_spf.cong.example \x1b]0;x\x07 -all", "\xff\xfe" * 100],
            },
            "_dmarc": {"TXT": ["v=DMARC1; p=reject; rua=mailto:a\x1b[31m@cong.example"]},
            "www": {"CNAME": ["\\027c.gone.example."]},
        },
        {
            Check.MX_GATEWAY: (F, Reason.MX_ELSEWHERE),
            Check.MX_RESOLVES: (F, Reason.MX_DANGLING),
            **_spf_outcomes(Reason.SPF_SYNTAX),
            Check.DMARC_VALID: (F, Reason.DMARC_VALUE),
            Check.DMARC_REPORTS: (F, Reason.DMARC_VALUE),
            Check.NAMES_RESOLVE: (F, Reason.ALIAS_DANGLING),
        },
    ),
)

ABSENT = "nowhere.gov.example"
"""A domain that is not there."""

SURROUNDINGS: Records = {
    "mx1.cong.example": {"A": ["203.0.113.5"], "AAAA": ["2001:db8:c::5"]},
    "mx2.cong.example": {"A": ["203.0.113.6"]},
    "another.cong.example": {"A": ["203.0.113.7"]},
    "alias.cong.example": {"CNAME": ["mx1.cong.example."]},
    "*.gateways.cong.example": {"A": ["203.0.113.10"]},
    "web.cong.example": {"A": ["203.0.113.8"]},
    "_spf.cong.example": {"TXT": ["v=spf1 ip4:203.0.113.0/28 ip6:2001:db8:c::/48 -all"]},
    "cong.example": {"MX": ["10 mx1.cong.example."]},
    "*._report._dmarc.cong.example": {"TXT": ["v=DMARC1"]},
    "cong._domainkey.cong.example": {"TXT": [f"v=DKIM1; p={RSA_2048}"]},
    "xn--mx1-5cd.cong.example": {"A": ["198.51.100.66"]},
    "hosting.example": {"MX": ["10 mx.hosting.example."]},
    "ten.hosting.example": {
        "TXT": ["v=spf1 " + "".join(f"a:h{n}.hosting.example " for n in range(10)) + "-all"]
    },
    "mx.hosting.example": {"A": ["198.51.100.7"]},
    **{f"h{n}.hosting.example": {"A": [f"198.51.100.{n}"]} for n in range(10)},
    "inside.hosting.example": {"A": ["10.1.2.3"]},
    "_dmarc.gov.example": {"TXT": ["v=DMARC1; p=reject; psd=y"]},
}


def _records() -> Iterator[tuple[str, Mapping[str, Sequence[str]]]]:
    yield from SURROUNDINGS.items()
    for case in CASES:
        if case.served is Served.WELL:
            yield from case.records.items()


RECORDS: Records = dict(_records())
AUTHORITIES = (
    *map(Authority, ("example", "gov.example", "cong.example", "hosting.example")),
    *(Authority(case.domain, case.signing, case.served) for case in CASES if case.own_zone),
)
