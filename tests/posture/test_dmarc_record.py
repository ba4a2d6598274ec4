"""What receivers make of a DMARC record, and what was wrong in it."""

import pytest

from monitor.posture.dmarc.record import Fault, Policy, Record, is_nearly, is_record, read_record
from monitor.posture.dmarc.uris import read_uri, read_uris


def faults(text: str) -> set[tuple[Fault, str]]:
    return {(flaw.fault, flaw.tag) for flaw in read_record(text).flaws}


def test_what_rfc_7489_lets_be_a_list_is_one() -> None:
    removed = (Fault.REMOVED_TAG, "rf")
    assert faults("v=DMARC1; p=reject; rf=afrf") == {removed}
    assert faults("v=DMARC1; p=reject; rf=afrf : iodef:x-own") == {removed}
    assert faults("v=DMARC1; p=reject; rf=afrf,iodef") == {removed, (Fault.VALUE, "rf")}


def test_all_tags_are_read() -> None:
    record = read_record(
        "v=DMARC1; p=reject; sp=quarantine; np=none; adkim=s; aspf=s; fo=1:d:s; t=y; psd=n;"
        "pct=50; rf=afrf; ri=3600; rua=mailto:a@x.vn!10m,mailto:b@y.vn; ruf=mailto:c@x.vn"
    )
    assert (record.p, record.sp, record.np) == tuple(map(Policy, ("reject", "quarantine", "none")))
    assert (record.adkim, record.aspf, record.fo) == ("s", "s", "1:d:s")
    assert (record.t, record.psd, record.pct) == (True, "n", 50)
    assert [(uri.host, uri.size) for uri in record.rua] == [("x.vn", "10m"), ("y.vn", None)]
    assert [uri.host for uri in record.ruf] == ["x.vn"]
    assert record.broken is None


def test_what_is_left_out_has_the_defaults_of_the_standard() -> None:
    record = read_record("v=DMARC1;p=none")
    assert record == Record(p=Policy.NONE)
    assert (record.own, record.below, record.missing) == (Policy.NONE,) * 3


@pytest.mark.parametrize(
    ("text", "below", "missing"),
    [
        ("p=reject", "reject", "reject"),
        ("p=reject; sp=none", "none", "none"),
        ("p=none; sp=reject", "reject", "reject"),
        ("p=reject; np=none", "reject", "none"),
        ("p=none; sp=quarantine; np=reject", "quarantine", "reject"),
    ],
)
def test_policies_below_go_by_sp_and_np_else_by_p(text: str, below: str, missing: str) -> None:
    record = read_record(f"v=DMARC1; {text}")
    assert (record.below, record.missing) == (below, missing)


@pytest.mark.parametrize(
    "text",
    ["v=DMARC1", "v=DMARC1;", "v = DMARC1 ; p=none", "V=DMARC1;p=none", "v=DMARC1\t;p=none"],
)
def test_a_record_is_known_by_its_version(text: str) -> None:
    assert is_record(text)
    assert not is_nearly(text)


@pytest.mark.parametrize(
    "text",
    [
        " v=DMARC1; p=none",
        "v=dmarc1; p=none",
        '"v=DMARC1; p=none"',
        "v=DMARC2; p=none",
        "v=DMARC1 p=none",
    ],
)
def test_what_only_looks_like_a_record_is_none(text: str) -> None:
    assert not is_record(text)
    assert is_nearly(text)


@pytest.mark.parametrize("text", ["", "p=none; v=DMARC1", "v=spf1 -all", "dmarc", "\0" * 99])
def test_other_texts_are_no_records_at_all(text: str) -> None:
    assert not is_record(text)
    assert not is_nearly(text)


@pytest.mark.parametrize(
    ("text", "fault", "tag"),
    [
        ("p=rejekt", Fault.VALUE, "p"),
        ("p=reject; sp=", Fault.VALUE, "sp"),
        ("p=reject; p=none", Fault.TWICE, "p"),
        ("p=reject; v=DMARC1", Fault.TWICE, "v"),
        ("p=reject; rua", Fault.NO_EQUALS, "rua"),
        ("p=reject; rua=a@x.vn", Fault.VALUE, "rua"),
        ("p=reject; rua=mailto:a@x.vn;mailto:b@x.vn", Fault.NO_EQUALS, "?"),
        ("p=reject; rua=mailto:a@x.vn, mailto:", Fault.VALUE, "rua"),
        ("p=reject; pct=101", Fault.VALUE, "pct"),
        ("p=reject; pct=\xb2", Fault.VALUE, "pct"),
        ("p=reject; adkim=relaxed", Fault.VALUE, "adkim"),
        ("p=reject; fo=x", Fault.VALUE, "fo"),
        ("p=reject; t=1", Fault.VALUE, "t"),
        ("p=reject; psd=yes", Fault.VALUE, "psd"),
        ("p=reject; ri=day", Fault.VALUE, "ri"),
        ("p=reject; x=\x1b[2J", Fault.CHARACTERS, "x"),
        ("p=reje\x00ct", Fault.VALUE, "p"),
        ("rua=mailto:a@x.vn", Fault.NO_POLICY, "p"),
    ],
)
def test_each_fault_has_its_word_and_its_tag(text: str, fault: Fault, tag: str) -> None:
    record = read_record(f"v=DMARC1; {text}")
    assert (fault, tag) in faults(f"v=DMARC1; {text}")
    assert record.broken is not None


@pytest.mark.parametrize(
    ("text", "fault", "tag"),
    [
        ("p=reject; xyz=1", Fault.UNKNOWN_TAG, "xyz"),
        ("p=reject; pct=100", Fault.REMOVED_TAG, "pct"),
        ("rua=mailto:a@x.vn; p=reject", Fault.ORDER, "p"),
    ],
)
def test_what_harms_nobody_is_remarked_alone(text: str, fault: Fault, tag: str) -> None:
    record = read_record(f"v=DMARC1; {text}")
    assert faults(f"v=DMARC1; {text}") == {(fault, tag)}
    assert record.broken is None
    assert record.own is Policy.REJECT


def test_empty_parts_and_case_and_blanks_are_nothing() -> None:
    assert read_record("v=DMARC1;; P = Reject ;\tADKIM=S; ;").flaws == ()


def test_a_policy_that_cannot_be_read_is_no_policy() -> None:
    for text in ("p=rejekt", "p=reject; sp=rejekt", "p=reject; np=x"):
        record = read_record(f"v=DMARC1; {text}")
        assert record.void
        assert record.own is record.below is record.missing is Policy.NONE


def test_a_value_that_cannot_be_read_leaves_the_default() -> None:
    record = read_record("v=DMARC1; p=reject; pct=all; fo=2; adkim=x; psd=x; t=x")
    assert (record.pct, record.fo, record.adkim, record.psd, record.t) == (
        100,
        "0",
        "r",
        "u",
        False,
    )
    assert read_record("v=DMARC1; p=reject; ruf=mailto:a@x.vn; fo=0:1:d:s").broken is None


def test_the_first_of_two_equal_tags_holds() -> None:
    assert read_record("v=DMARC1; p=none; p=reject").own is Policy.NONE


@pytest.mark.parametrize(
    ("text", "host", "size"),
    [
        ("mailto:a@X.vn", "x.vn", None),
        ("MAILTO:a@x.vn!5G", "x.vn", "5g"),
        ("mailto:a%2Bb@x.vn?subject=1", "x.vn", None),
        ("https://x.vn/r", None, None),
    ],
)
def test_destinations_are_uris(text: str, host: str | None, size: str | None) -> None:
    uri = read_uri(text)
    assert uri is not None
    assert (uri.host, uri.size) == (host, size)


@pytest.mark.parametrize(
    "text",
    ["", "a@x.vn", "mailto:", "mailto:@x.vn", "mailto:a@", "mailto:a@x", "mailto:a@x..vn",
     "mailto:a b@x.vn", "mailto:a@x.vn!10x", "mailto:a%0d%0aRCPT@x.vn", "mailto:a@x.vn\x00",
     "mailto:a@[192.0.2.1]", "mailto:a@-x.vn", "mailto:a@%E2%84%AA.vn",
     "1mailto:a@x.vn", "mailto:a@" + "x" * 300 + ".vn"],
)  # fmt: skip
def test_what_is_no_destination_is_none(text: str) -> None:
    assert read_uri(text) is None


def test_destinations_beyond_a_bound_are_not_read() -> None:
    found, whole = read_uris(",".join(["mailto:a@x.vn"] * 5000))
    assert len(found) == 20
    assert whole
