"""Whatever stands in TXT, policy checks end with a result that is printable and bounded."""

from collections.abc import Sequence

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from monitor.posture.checks import Rule
from monitor.posture.checks.dkim_key import dkim_key
from monitor.posture.checks.dmarc import dmarc_policy, dmarc_reports, dmarc_valid
from monitor.posture.checks.mta_sts import mta_sts
from monitor.posture.checks.tls_rpt import tls_rpt
from monitor.posture.dmarc.record import Policy, read_record
from monitor.posture.dmarc.uris import read_uris
from monitor.posture.dmarc.walk import steps
from monitor.posture.model import Official
from monitor.posture.names import Answer, Found, Kind, Names, Why
from tests.posture.zones import Zone

RULES = (dmarc_valid, dmarc_policy, dmarc_reports, dkim_key, mta_sts, tls_rpt)
OFFICIAL = Official(selectors=("gw", "alt"))

octets = st.binary(max_size=200).map(lambda data: data.decode("latin-1"))
pieces = st.sampled_from(
    ["v=DMARC1", "v=DKIM1", "v=STSv1", "v=TLSRPTv1", "p=reject", "p=", "p=none", "sp=none", "np=x",
     "rua=mailto:a@b.vn", "rua=mailto:a@%00.vn,,!", "pct=99", "t=y", "psd=y", "psd=n", "id=1",
     "k=rsa", "k=ed25519", "=", ";", " ", "\t", "!10m", ",", "\x00", "\x1b[2J", "\xff", "\\"]
)  # fmt: skip
records = st.one_of(
    octets, st.lists(pieces, max_size=12).map(";".join), st.lists(pieces).map("".join)
)


class Hostile(Names):
    """One list of texts at every name, or no answer at all."""

    def __init__(self, texts: Sequence[str], silent: int) -> None:
        self._texts = tuple(texts)
        self._silent = silent
        self.asked = 0

    async def ask(self, name: str, kind: Kind) -> Answer:
        self.asked += 1
        if self._silent and self.asked % self._silent == 0:
            return Answer(name, kind, Found.UNKNOWN, why=Why.MALFORMED)
        if kind is Kind.TXT and self._texts:
            return Answer(name, kind, Found.FOUND, self._texts)
        return Answer(name, kind, Found.NO_DATA)


@pytest.mark.parametrize("rule", RULES)
@given(texts=st.lists(records, max_size=4), silent=st.integers(0, 5))
@settings(max_examples=60, deadline=None)
async def test_hostile_texts_give_a_bounded_result(
    rule: Rule, texts: list[str], silent: int
) -> None:
    names = Hostile(texts, silent)
    result = await rule(names, "so.tinh.vn", OFFICIAL)
    assert names.asked < 300
    for shown in (*result.facts.values(), *result.evidence):
        assert shown.isascii()
        assert shown.isprintable()
    assert all(len(fact) <= 300 for fact in result.facts.values())


@pytest.mark.parametrize("rule", RULES)
@pytest.mark.parametrize(
    "text",
    [
        "v=DMARC1;" + "p=reject;" * 8000,
        "v=DMARC1; p=reject; rua=" + ",".join([f"mailto:a@b{i}.vn" for i in range(4000)]),
        "v=DMARC1; " + "x" * 65000,
        "v=DKIM1; p=" + "A" * 65000,
        "v=STSv1; id=" + "1" * 65000,
        "v=TLSRPTv1; rua=" + "mailto:" * 9000,
        ";" * 65000,
        " " * 65000,
        '"' * 65000,
        "v=" + " " * 65000 + "dmarc",
    ],
)
async def test_a_text_of_64_kilobytes_is_as_good_as_any(rule: Rule, text: str) -> None:
    zone = Zone({f"{at}.x.vn": {"TXT": [text] * 5} for at in
                 ("_dmarc", "gw._domainkey", "_mta-sts", "_smtp._tls")})  # fmt: skip
    await rule(zone, "x.vn", OFFICIAL)
    one = Zone({f"{at}.x.vn": {"TXT": [text]} for at in
                ("_dmarc", "gw._domainkey", "_mta-sts", "_smtp._tls")})  # fmt: skip
    await rule(one, "x.vn", OFFICIAL)
    assert one.questions < 120


@given(octets)
def test_any_octets_are_read_as_a_record(text: str) -> None:
    record = read_record("v=DMARC1;" + text)
    assert isinstance(record.own, Policy)
    assert 0 <= record.pct <= 100
    for flaw in record.flaws:
        assert flaw.tag.isprintable()
        assert len(flaw.tag) <= 20


@given(octets)
def test_hosts_of_destinations_are_names(text: str) -> None:
    for uri in read_uris(text)[0]:
        assert uri.host is None or (uri.host.isascii() and " " not in uri.host)


@given(st.lists(st.text("abc", min_size=1, max_size=3), min_size=1, max_size=130))
def test_a_walk_never_asks_more_than_eight_names(labels: list[str]) -> None:
    domain = ".".join(labels)
    walked = steps(domain)
    assert walked[0] == domain
    assert len(walked) == min(len(labels), 8)
    assert all(domain.endswith(name) for name in walked)
