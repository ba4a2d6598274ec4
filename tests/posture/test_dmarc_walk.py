"""Whose record holds, and of which organisation a domain is (RFC 9989 4.10)."""

import pytest

from monitor.posture.dmarc import Unknown, discover, organisational_domain
from monitor.posture.dmarc.walk import steps
from monitor.posture.names import Kind, Why
from tests.posture.zones import Zone


def records(**by_domain: str | list[str]) -> Zone:
    """`a__tinh_vn="p=none"`: dots are underlined, the version is put before."""
    data = {}
    for name, said in by_domain.items():
        texts = [said] if isinstance(said, str) else said
        data[f"_dmarc.{name.replace('_', '.')}"] = {"TXT": [f"v=DMARC1; {one}" for one in texts]}
    return Zone(data)


async def holds(zone: Zone, domain: str) -> str | None:
    found = await discover(zone, domain)
    assert not isinstance(found, Unknown)
    return found.at


def test_a_walk_goes_up_one_label_at_a_time_to_the_top() -> None:
    assert steps("a.mail.example.com") == (
        "a.mail.example.com", "mail.example.com", "example.com", "com",
    )  # fmt: skip
    assert steps("com") == ("com",)


@pytest.mark.parametrize("labels", [8, 9, 30, 120])
def test_of_a_long_name_the_middle_is_left_out(labels: int) -> None:
    domain = ".".join(["x"] * (labels - 2) + ["example", "com"])
    walked = steps(domain)
    assert len(walked) == 8
    assert walked[0] == domain
    assert walked[1] == "x.x.x.x.x.example.com"
    assert walked[-1] == "com"


async def test_the_example_of_the_standard() -> None:
    zone = records(mail_example_com="p=none", example_com="p=none")
    assert await organisational_domain(zone, "a.mail.example.com") == "example.com"
    assert [name for name, _ in zone.asked] == [
        "_dmarc.a.mail.example.com", "_dmarc.mail.example.com", "_dmarc.example.com", "_dmarc.com",
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("zone", "expected"),
    [
        (records(), "a.mail.example.com"),
        (records(mail_example_com="psd=n", example_com="p=none"), "mail.example.com"),
        (records(com="psd=y"), "example.com"),
        (records(com="psd=y", mail_example_com="p=none"), "example.com"),
        (records(com="p=none"), "com"),
        (records(example_com=["p=none", "p=none"], mail_example_com="p=none"), "mail.example.com"),
        (records(a_mail_example_com="psd=y", example_com="p=none"), "a.mail.example.com"),
        (records(example_com="p=wrong"), "example.com"),
    ],
)
async def test_the_organisation_of_a_domain(zone: Zone, expected: str) -> None:
    assert await organisational_domain(zone, "a.mail.example.com") == expected


async def test_a_suffix_stops_the_walk() -> None:
    zone = records(example_com="psd=y", com="psd=n")
    assert await organisational_domain(zone, "a.mail.example.com") == "mail.example.com"
    assert ("_dmarc.com", Kind.TXT) not in zone.asked


async def test_the_own_record_holds_and_nothing_above_is_asked() -> None:
    zone = records(so_tinh_vn="p=none", tinh_vn="p=reject")
    assert await holds(zone, "so.tinh.vn") == "so.tinh.vn"
    assert zone.questions == 1


@pytest.mark.parametrize(
    ("zone", "expected"),
    [
        (records(tinh_vn="p=reject"), "tinh.vn"),
        (records(tinh_vn="p=none", so_tinh_vn="p=reject"), "tinh.vn"),
        (records(so_tinh_vn="psd=n", tinh_vn="p=reject"), "so.tinh.vn"),
        (records(vn="psd=y"), "vn"),
        (records(vn="psd=y", so_tinh_vn="p=reject"), "vn"),
        (records(a_so_tinh_vn=["p=none", "p=none"], tinh_vn="p=reject"), "tinh.vn"),
        (records(), None),
    ],
)
async def test_without_one_that_of_the_organisation_holds_then_the_suffix(
    zone: Zone, expected: str | None
) -> None:
    assert await holds(zone, "a.so.tinh.vn") == expected


@pytest.mark.parametrize("silent", ["a.so.tinh.vn", "so.tinh.vn", "vn"])
async def test_a_silent_name_on_the_way_makes_it_unknown(silent: str) -> None:
    zone = Zone(
        {"_dmarc.tinh.vn": {"TXT": ["v=DMARC1; p=reject"]}},
        unknown={f"_dmarc.{silent}": Why.TIMEOUT},
    )
    for asked in (organisational_domain(zone, "a.so.tinh.vn"), discover(zone, "a.so.tinh.vn")):
        found = await asked
        assert isinstance(found, Unknown)
        assert found.answer.why is Why.TIMEOUT


async def test_a_name_too_long_to_bear_a_record_bears_none() -> None:
    long = ".".join(["x" * 60] * 3 + ["x" * 59, "example", "vn"])
    assert len(long) < 254 < len(f"_dmarc.{long}")
    zone = records(example_vn="p=none")
    assert await organisational_domain(zone, long) == "example.vn"


async def test_an_alias_is_followed() -> None:
    zone = Zone(
        {
            "_dmarc.so.vn": {"CNAME": ["_dmarc.tinh.vn"]},
            "_dmarc.tinh.vn": {"TXT": ["v=DMARC1; p=reject"]},
            "_dmarc.loop.vn": {"CNAME": ["_dmarc.loop.vn"]},
        }
    )
    assert await holds(zone, "so.vn") == "so.vn"
    assert await holds(zone, "loop.vn") is None
