"""DMARC of a domain: what passes, what fails and for which reason."""

import pytest

from monitor.model import Check, CheckStatus
from monitor.posture.checks.dmarc import dmarc_policy, dmarc_reports, dmarc_valid
from monitor.posture.model import CheckResult, Official
from monitor.posture.names import Why
from monitor.posture.words import Reason
from tests.posture.zones import Zone

PASS, FAIL = CheckStatus.PASS, CheckStatus.FAIL
NOT_APPLICABLE, UNKNOWN = CheckStatus.NOT_APPLICABLE, CheckStatus.UNKNOWN
DOMAIN = "so.tinh.vn"
NONE = Official()


def zone(*own: str, **more: dict[str, list[str]]) -> Zone:
    """`own` records without the version; others by name, dots underlined, `_dmarc_` as it is."""
    data: dict[str, dict[str, list[str]]] = {DOMAIN: {"MX": [f"10 mx.{DOMAIN}"]}}
    data[f"mx.{DOMAIN}"] = {"A": ["192.0.2.1"]}
    if own:
        data[f"_dmarc.{DOMAIN}"] = {"TXT": [f"v=DMARC1; {one}" for one in own]}
    return Zone(data | {name.replace("__", "."): kinds for name, kinds in more.items()})


def said(result: CheckResult) -> tuple[CheckStatus, Reason]:
    return result.status, result.reason


# -- valid ----------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("asked", "status", "reason"),
    [
        (zone("p=none"), PASS, Reason.FINE),
        (zone("p=reject; pct=100; xyz=1"), PASS, Reason.FINE),
        (zone(_dmarc__tinh__vn={"TXT": ["v=DMARC1; p=reject"]}), PASS, Reason.DMARC_INHERITED),
        (zone(), FAIL, Reason.DMARC_MISSING),
        (zone("p=none", "p=reject"), FAIL, Reason.DMARC_SEVERAL),
        (
            zone("p=none", "p=none", _dmarc__tinh__vn={"TXT": ["v=DMARC1; p=reject"]}),
            FAIL, Reason.DMARC_SEVERAL,
        ),
        (
            Zone({f"_dmarc.{DOMAIN}": {"TXT": ["v=dmarc1; p=reject"]}}),
            FAIL, Reason.DMARC_UNRECOGNISED,
        ),
        (zone("p=rejekt"), FAIL, Reason.DMARC_VALUE),
        (zone("rua=mailto:a@x.vn"), FAIL, Reason.DMARC_NO_POLICY),
        (zone("p=none; p=reject"), FAIL, Reason.DMARC_SYNTAX),
        (Zone({f"_dmarc.{DOMAIN}": {"TXT": ["v=spf1 -all"]}}), FAIL, Reason.DMARC_MISSING),
        (Zone(unknown={f"_dmarc.{DOMAIN}": Why.SERVFAIL}), UNKNOWN, Reason.UNANSWERED),
        (Zone(unknown={"_dmarc.vn": Why.TIMEOUT}), UNKNOWN, Reason.UNANSWERED),
    ],
)  # fmt: skip
async def test_a_record_that_holds_and_loses_nothing(
    asked: Zone, status: CheckStatus, reason: Reason
) -> None:
    result = await dmarc_valid(asked, DOMAIN, NONE)
    assert result.check is Check.DMARC_VALID
    assert said(result) == (status, reason)


async def test_what_was_seen_is_shown() -> None:
    result = await dmarc_valid(zone("p=rejekt"), DOMAIN, NONE)
    assert result.facts["tag"] == "p"
    assert result.facts["name"] == f"_dmarc.{DOMAIN}"
    assert result.evidence == (f"_dmarc.{DOMAIN} TXT v=DMARC1; p=rejekt",)
    assert (await dmarc_valid(zone("p=none", "p=none"), DOMAIN, NONE)).facts["count"] == "2"


# -- policy ---------------------------------------------------------------------------------------


PARENT = {"_dmarc__tinh__vn": {"TXT": ["v=DMARC1; p=none; sp=quarantine"]}}


@pytest.mark.parametrize(
    ("asked", "status", "reason"),
    [
        (zone("p=reject"), PASS, Reason.FINE),
        (zone("p=quarantine; sp=reject; np=reject; t=n; pct=100"), PASS, Reason.FINE),
        (zone("p=none"), FAIL, Reason.DMARC_POLICY_NONE),
        (zone("p=none; sp=reject"), FAIL, Reason.DMARC_POLICY_NONE),
        (zone("rua=mailto:a@x.vn"), FAIL, Reason.DMARC_POLICY_NONE),
        (zone("p=reject; t=y"), FAIL, Reason.DMARC_TESTING),
        (zone("p=reject; pct=99"), FAIL, Reason.DMARC_PARTIAL),
        (zone("p=reject; pct=0"), FAIL, Reason.DMARC_PARTIAL),
        (zone("p=reject; sp=none"), FAIL, Reason.DMARC_BELOW_NONE),
        (zone("p=reject; np=none"), FAIL, Reason.DMARC_BELOW_NONE),
        (zone("p=rejekt; rua=mailto:a@x.vn"), FAIL, Reason.DMARC_VALUE),
        (zone("p=reject; sp=x"), FAIL, Reason.DMARC_VALUE),
        (zone(), FAIL, Reason.DMARC_UNUSABLE),
        (zone("p=reject", "p=reject"), FAIL, Reason.DMARC_UNUSABLE),
        (zone("p=reject", "p=reject", **PARENT), FAIL, Reason.DMARC_SEVERAL),
        (zone(**PARENT), PASS, Reason.FINE),
        (zone(_dmarc__tinh__vn={"TXT": ["v=DMARC1; p=reject; sp=none"]}), FAIL,
         Reason.DMARC_POLICY_NONE),
        (zone(_dmarc__tinh__vn={"TXT": ["v=DMARC1; p=reject"]}), PASS, Reason.FINE),
        (Zone(unknown={f"_dmarc.{DOMAIN}": Why.BOGUS}), UNKNOWN, Reason.UNANSWERED),
    ],
)  # fmt: skip
async def test_a_policy_that_protects_in_full(
    asked: Zone, status: CheckStatus, reason: Reason
) -> None:
    assert said(await dmarc_policy(asked, DOMAIN, NONE)) == (status, reason)


async def test_the_policy_of_a_name_that_is_not_there_is_np() -> None:
    parent = {"_dmarc.tinh.vn": {"TXT": ["v=DMARC1; p=reject; sp=reject; np=none"]}}
    result = await dmarc_policy(Zone(parent), DOMAIN, NONE)
    assert said(result) == (FAIL, Reason.DMARC_POLICY_NONE)
    assert result.facts["tag"] == "np"
    there = Zone(parent | {DOMAIN: {"MX": ["0 ."]}})
    assert said(await dmarc_policy(there, DOMAIN, NONE)) == (PASS, Reason.FINE)


@pytest.mark.parametrize(("sp", "tag"), [("; sp=quarantine", "sp"), ("", "p")])
async def test_the_tag_that_holds_is_named(sp: str, tag: str) -> None:
    above = {"TXT": [f"v=DMARC1; p=reject{sp}"]}
    facts = (await dmarc_policy(zone(_dmarc__tinh__vn=above), DOMAIN, NONE)).facts
    assert (facts["tag"], facts["at"]) == (tag, "tinh.vn")


async def test_whether_a_key_is_the_domains_own_may_be_unknown() -> None:
    asked = Zone(
        {f"_dmarc.{DOMAIN}": {"TXT": ["v=DMARC1; p=reject"]}},
        unknown={f"gw._domainkey.{DOMAIN}": Why.TIMEOUT},
    )
    for official in (Official(selectors=("gw",)), NONE):
        assert (await dmarc_policy(asked, DOMAIN, official)).facts["aligned_key"] == "?"


async def test_whether_it_is_there_decides_only_where_it_is_answered() -> None:
    asked = Zone(
        {"_dmarc.tinh.vn": {"TXT": ["v=DMARC1; p=reject; np=none"]}}, unknown={DOMAIN: Why.TIMEOUT}
    )
    assert said(await dmarc_policy(asked, DOMAIN, NONE)) == (UNKNOWN, Reason.UNANSWERED)


async def test_sp_of_a_record_that_is_not_the_organisations_is_not_heeded() -> None:
    asked = zone("p=reject; sp=none", _dmarc__tinh__vn={"TXT": ["v=DMARC1; p=reject"]})
    assert said(await dmarc_policy(asked, DOMAIN, NONE)) == (PASS, Reason.FINE)
    silent = Zone(
        {f"_dmarc.{DOMAIN}": {"TXT": ["v=DMARC1; p=reject; sp=none"]}},
        unknown={"_dmarc.tinh.vn": Why.TIMEOUT},
    )
    assert said(await dmarc_policy(silent, DOMAIN, NONE)) == (UNKNOWN, Reason.UNANSWERED)


KEY = (
    "MIGfMA0GCSqGSIb3DQEBAQUAA4GNADCBiQKBgQDwIRP/UC3SBsEmGqZ9ZJW3/DkMoGeLnQg1fWn7/zYtIxN2SnFC"
    "jxOCKG9v3b4jYfcTNh5ijSsq631uBItLa7od+v/RtdC2UzJ1lWT947qR+Rcac2gbto/NMqJ0fzfVjH4OuKhitdY9tf6"
    "mcwGjaNBcWToIMmPSPDdQPNUYckcQ2QIDAQAB"
)
"""The example of RFC 8463 A.2."""


@pytest.mark.parametrize(
    ("record", "aligned"), [("v=DKIM1; p=" + KEY, "gw"), ("v=DKIM1; p=", "-"), (None, "-")]
)
async def test_how_domains_are_to_match_is_a_fact(record: str | None, aligned: str) -> None:
    key = {"gw._domainkey.so.tinh.vn": {"TXT": [record]}} if record else {}
    asked = Zone({f"_dmarc.{DOMAIN}": {"TXT": ["v=DMARC1; p=reject; adkim=s"]}} | key)
    facts = (await dmarc_policy(asked, DOMAIN, Official(selectors=("gw",)))).facts
    assert (facts["adkim"], facts["aspf"]) == ("strict", "relaxed")
    assert facts["aligned_key"] == aligned


# -- reports --------------------------------------------------------------------------------------


def to(*uris: str, **more: dict[str, list[str]]) -> Zone:
    return zone(f"p=none; rua={','.join(uris)}", **more)


THEIRS = "mailto:a@bao.cao.vn"
MAIL = {"MX": ["10 mx.so.tinh.vn"]}
PERMIT = {"so.tinh.vn._report._dmarc.bao.cao.vn": {"TXT": ["v=DMARC1"]}}
WILD = {"*._report._dmarc.bao.cao.vn": {"TXT": ["v=DMARC1;"]}}


@pytest.mark.parametrize(
    ("asked", "status", "reason"),
    [
        (to(f"mailto:a@{DOMAIN}"), PASS, Reason.FINE),
        (to(f"mailto:a@{DOMAIN}!10m"), PASS, Reason.FINE),
        (to(THEIRS, bao__cao__vn=MAIL, **PERMIT), PASS, Reason.FINE),
        (to(THEIRS, bao__cao__vn={"A": ["192.0.2.1"]}, **WILD), PASS, Reason.FINE),
        (to(THEIRS, bao__cao__vn=MAIL), FAIL, Reason.DMARC_REPORTS_UNAUTHORISED),
        (
            to(f"mailto:a@{DOMAIN}", THEIRS, bao__cao__vn=MAIL),
            FAIL, Reason.DMARC_REPORTS_UNAUTHORISED,
        ),
        (to(THEIRS, **PERMIT), FAIL, Reason.DMARC_REPORTS_HOST),
        (to(THEIRS, bao__cao__vn={"MX": ["0 ."]}, **PERMIT), FAIL, Reason.DMARC_REPORTS_HOST),
        (to(THEIRS, bao__cao__vn={"MX": ["1 gone.vn"]}, **PERMIT), FAIL, Reason.DMARC_REPORTS_HOST),
        (to("https://x.vn/"), FAIL, Reason.DMARC_REPORTS_SCHEME),
        (to("a@x.vn"), FAIL, Reason.DMARC_VALUE),
        (zone("p=none"), FAIL, Reason.DMARC_REPORTS_NONE),
        (zone(), FAIL, Reason.DMARC_UNUSABLE),
        (zone("p=reject", so__tinh__vn={"MX": ["0 ."], "TXT": ["v=spf1 -all"]}), NOT_APPLICABLE,
         Reason.NO_MAIL),
        (zone("p=reject", so__tinh__vn={"MX": ["0 ."]}), FAIL, Reason.DMARC_REPORTS_NONE),
        (Zone(unknown={f"_dmarc.{DOMAIN}": Why.REFUSED}), UNKNOWN, Reason.UNANSWERED),
    ],
)  # fmt: skip
async def test_reports_that_arrive(asked: Zone, status: CheckStatus, reason: Reason) -> None:
    assert said(await dmarc_reports(asked, DOMAIN, NONE)) == (status, reason)


async def test_a_mailbox_of_the_same_organisation_needs_no_permit() -> None:
    asked = to(
        "mailto:a@thu.tinh.vn", thu__tinh__vn=MAIL, _dmarc__tinh__vn={"TXT": ["v=DMARC1; p=none"]}
    )
    assert said(await dmarc_reports(asked, DOMAIN, NONE)) == (PASS, Reason.FINE)


async def test_reports_of_an_inherited_record_are_permitted_to_its_owner() -> None:
    asked = zone(
        _dmarc__tinh__vn={"TXT": [f"v=DMARC1; p=none; rua={THEIRS}"]},
        bao__cao__vn=MAIL,
        **{"tinh.vn._report._dmarc.bao.cao.vn": {"TXT": ["v=DMARC1"]}},
    )
    result = await dmarc_reports(asked, DOMAIN, NONE)
    assert said(result) == (PASS, Reason.FINE)
    assert result.facts["at"] == "tinh.vn"


async def test_who_is_to_publish_what_is_said() -> None:
    result = await dmarc_reports(to(THEIRS, bao__cao__vn=MAIL), DOMAIN, NONE)
    assert result.facts["permit"] == "so.tinh.vn._report._dmarc.bao.cao.vn"
    assert result.facts["hosts"] == "bao.cao.vn"


async def test_a_host_whose_address_is_not_answered_is_unknown() -> None:
    asked = Zone(
        {
            f"_dmarc.{DOMAIN}": {"TXT": [f"v=DMARC1; p=none; rua=mailto:a@{DOMAIN}"]},
            DOMAIN: {"MX": ["10 mx.vn"]},
            "mx.vn": {"TXT": ["-"]},
        },
        unknown={("mx.vn", "AAAA"): Why.TIMEOUT},
    )
    assert said(await dmarc_reports(asked, DOMAIN, NONE)) == (UNKNOWN, Reason.UNANSWERED)


@pytest.mark.parametrize(
    "silent",
    ["so.tinh.vn._report._dmarc.bao.cao.vn", "_dmarc.bao.cao.vn", "_dmarc.tinh.vn"],
)
async def test_a_permit_that_is_not_answered_is_unknown(silent: str) -> None:
    asked = Zone(
        {
            f"_dmarc.{DOMAIN}": {"TXT": [f"v=DMARC1; p=none; rua={THEIRS}"]},
            "bao.cao.vn": {"A": ["192.0.2.1"]},
        },
        unknown={silent: Why.TIMEOUT},
    )
    assert said(await dmarc_reports(asked, DOMAIN, NONE)) == (UNKNOWN, Reason.UNANSWERED)


async def test_a_host_that_takes_no_mail_decides_though_the_permit_is_not_answered() -> None:
    asked = Zone(
        {f"_dmarc.{DOMAIN}": {"TXT": [f"v=DMARC1; p=none; rua={THEIRS}"]}},
        unknown={"so.tinh.vn._report._dmarc.bao.cao.vn": Why.TIMEOUT},
    )
    assert said(await dmarc_reports(asked, DOMAIN, NONE)) == (FAIL, Reason.DMARC_REPORTS_HOST)
