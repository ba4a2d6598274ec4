"""The names that the rules of this room are tested with."""

from monitor.posture.names import Found, Kind, Mx, Why
from tests.posture.zones import Zone


async def test_a_record_is_found_and_the_type_beside_it_is_not() -> None:
    zone = Zone({"tinh.gov.vn": {"MX": ["20 b.vn", "10 A.vn."]}})
    answer = await zone.ask("TINH.gov.vn.", Kind.MX)
    assert (answer.name, answer.found) == ("tinh.gov.vn", Found.FOUND)
    assert answer.exchanges == (Mx(10, "a.vn"), Mx(20, "b.vn"))
    assert (await zone.ask("tinh.gov.vn", Kind.TXT)).found is Found.NO_DATA
    assert zone.questions == 2


async def test_the_null_mx_has_an_empty_host() -> None:
    zone = Zone({"x.vn": {"MX": ["0 ."]}})
    assert (await zone.ask("x.vn", Kind.MX)).exchanges == (Mx(0, ""),)


async def test_a_name_with_names_below_it_is_there_without_data() -> None:
    zone = Zone({"_dmarc.x.vn": {"TXT": ["v=DMARC1"]}})
    assert (await zone.ask("x.vn", Kind.TXT)).found is Found.NO_DATA
    assert (await zone.ask("y.vn", Kind.TXT)).found is Found.NO_NAME


async def test_a_wildcard_stands_for_names_that_are_not_there() -> None:
    zone = Zone({"*.x.vn": {"A": ["192.0.2.1"]}, "b.a.x.vn": {}})
    assert (await zone.ask("k.l.x.vn", Kind.A)).found is Found.FOUND
    assert (await zone.ask("a.x.vn", Kind.A)).found is Found.NO_DATA
    assert (await zone.ask("c.a.x.vn", Kind.A)).found is Found.NO_NAME


async def test_aliases_are_followed_to_what_is_there_or_not() -> None:
    zone = Zone(
        {
            "a.vn": {"CNAME": ["b.vn."]},
            "b.vn": {"CNAME": ["c.vn"]},
            "c.vn": {"A": ["192.0.2.1"]},
            "gone.vn": {"CNAME": ["nowhere.vn"]},
            "l.vn": {"CNAME": ["m.vn"]},
            "m.vn": {"CNAME": ["l.vn"]},
        },
        secure={"a.vn", "b.vn"},
    )
    answer = await zone.ask("a.vn", Kind.A)
    assert (answer.records, answer.aliases) == (("192.0.2.1",), ("b.vn", "c.vn"))
    assert not answer.secure
    dangling = await zone.ask("gone.vn", Kind.A)
    assert (dangling.found, dangling.aliases) == (Found.NO_NAME, ("nowhere.vn",))
    assert (await zone.ask("l.vn", Kind.A)).why is Why.LOOP
    assert (await zone.ask("a.vn", Kind.CNAME)).records == ("b.vn",)


async def test_what_is_not_answered_says_why() -> None:
    zone = Zone(
        {"a.vn": {"CNAME": ["b.vn"]}, "x.vn": {"A": ["192.0.2.1"]}},
        unknown={"b.vn": Why.SERVFAIL, ("x.vn", "MX"): Why.TIMEOUT},
    )
    assert (await zone.ask("a.vn", Kind.A)).why is Why.SERVFAIL
    assert (await zone.ask("x.vn", Kind.MX)).why is Why.TIMEOUT
    assert (await zone.ask("x.vn", Kind.A)).found is Found.FOUND
    assert (await zone.ask("x..vn", Kind.A)).why is Why.BAD_NAME
